//! Where two configurations differ, setting by setting.

use serde_json::Value;

/// A setting and its two values, as JSON; `nothing` where there is none.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Difference {
    /// The way to it: `network.scheme`.
    pub(crate) setting: String,
    pub(crate) before: String,
    pub(crate) after: String,
}

/// All settings of which the values differ, in the order of their names.
pub(crate) fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", Some(before), Some(after), &mut found);
    found
}

fn compare(path: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Difference>) {
    if before == after {
        return;
    }
    let (Some(Value::Object(before)), Some(Value::Object(after))) = (before, after) else {
        let text = |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
        found.push(Difference {
            setting: path.to_owned(),
            before: text(before),
            after: text(after),
        });
        return;
    };
    let mut keys: Vec<_> = before.keys().chain(after.keys()).collect();
    keys.sort();
    keys.dedup();
    for key in keys {
        let path = if path.is_empty() {
            key.clone()
        } else {
            format!("{path}.{key}")
        };
        compare(&path, before.get(key), after.get(key), found);
    }
}
