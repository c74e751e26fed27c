//! A list of figures in both of its forms: sections of aligned lines, and an object of JSON.
//!
//! In JSON, unknown figures are null, with the reason in `not_computed`; what is unbounded is the string `infinite`.

use horesnet_compiler::analysis::Figure;
use serde_json::{Map, Value, json};

use super::formula::wrapped;

#[derive(Default)]
pub(crate) struct List {
    text: String,
    object: Map<String, Value>,
    not_computed: Map<String, Value>,
}

impl List {
    pub(crate) fn section(&mut self, title: &str) {
        self.text += title;
        self.text.push('\n');
    }

    /// Adds a line to the table. A value without a meaning may be long, and is wrapped.
    pub(crate) fn row(&mut self, label: &str, value: impl AsRef<str>, meaning: &str) {
        let value = value.as_ref();
        let line = if meaning.is_empty() {
            format!("  {label:<22}{}", wrapped(value))
        } else {
            format!("  {label:<22}{value:<34}  {meaning}")
        };
        self.text += line.trim_end();
        self.text.push('\n');
    }

    /// Adds a value to the object.
    pub(crate) fn put(&mut self, key: &str, value: Value) {
        self.object.insert(key.to_owned(), value);
    }

    /// Adds a figure to both, or the reason why it is unknown. Without a label, the table leaves it out.
    pub(crate) fn figure_as<T>(
        &mut self,
        key: &str,
        (label, meaning): (&str, &str),
        figure: &Figure<T>,
        value: impl FnOnce(&T) -> Value,
        text: impl FnOnce(&T) -> String,
    ) {
        if !label.is_empty() {
            let text = figure.as_ref().map_or_else(ToString::to_string, text);
            self.row(label, text, meaning);
        }
        let value = figure.as_ref().map_or_else(
            |why| {
                self.not_computed
                    .insert(key.to_owned(), json!(why.to_string()));
                Value::Null
            },
            value,
        );
        self.put(key, value);
    }

    /// A figure whose text follows from its value.
    pub(crate) fn figure<T>(
        &mut self,
        key: &str,
        about: (&str, &str),
        figure: &Figure<T>,
        value: impl Fn(&T) -> Value,
    ) {
        let text = |figure: &T| match value(figure) {
            Value::Bool(is) => yes(is).to_owned(),
            Value::Number(number) if number.is_f64() => short(number.as_f64().unwrap_or(f64::NAN)),
            Value::String(text) => text,
            other => other.to_string(),
        };
        self.figure_as(key, about, figure, &value, text);
    }

    pub(crate) fn text(self) -> String {
        self.text
    }

    pub(crate) fn json(mut self) -> Value {
        let not_computed = std::mem::take(&mut self.not_computed);
        self.put("not_computed", Value::Object(not_computed));
        Value::Object(self.object)
    }
}

pub(super) fn yes(is: bool) -> &'static str {
    if is { "yes" } else { "no" }
}

pub(super) fn real(value: f64) -> Value {
    if value.is_infinite() {
        json!("infinite")
    } else {
        json!(value)
    }
}

/// To eight significant digits.
pub(super) fn short(value: f64) -> String {
    if value.is_infinite() {
        return "infinite".to_owned();
    }
    if value != 0.0 && !(1e-3..1e7).contains(&value.abs()) {
        return format!("{value:.7e}");
    }
    let places = 7 - value.abs().max(1e-3).log10().floor() as i32;
    let text = format!("{value:.*}", places.max(0) as usize);
    if text.contains('.') {
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    text
}
