//! Options that were given, as values of settings: what was not given changes nothing.

use std::fmt::Display;

use toml::Value;

/// The name of an option, the setting it is, and its value if it was given.
pub(crate) type Given = (&'static str, &'static str, Option<Value>);

/// What is written as text.
pub(crate) fn text(value: Option<&impl Display>) -> Option<Value> {
    value.map(|text| Value::from(text.to_string()))
}

/// A number with a fraction.
pub(crate) fn number(value: Option<f64>) -> Option<Value> {
    value.map(Value::from)
}

/// A number without.
pub(crate) fn count(value: Option<usize>) -> Option<Value> {
    // What is too large for TOML is too large for any setting.
    value.map(|count| Value::from(i64::try_from(count).unwrap_or(i64::MAX)))
}

/// Several of them.
pub(crate) fn counts(values: Option<&Vec<usize>>) -> Option<Value> {
    let values = values?.iter();
    Some(Value::Array(
        values.filter_map(|value| count(Some(*value))).collect(),
    ))
}

/// An option without a value, which turns something on.
pub(crate) fn flag(on: bool) -> Option<Value> {
    on.then_some(Value::from(true))
}
