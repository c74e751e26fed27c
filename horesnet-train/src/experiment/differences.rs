//! The settings in which two configurations differ.

use std::collections::BTreeMap;

use serde_json::Value;

/// A setting and its two values, as JSON; `nothing` where it is absent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Difference {
    /// Its path: `network.scheme`.
    pub(crate) setting: String,
    pub(crate) before: String,
    pub(crate) after: String,
}

/// Returns the first setting, in the order of names, with different values.
pub(crate) fn first_difference(before: &Value, after: &Value) -> Option<Difference> {
    let (before, after) = (flatten(before), flatten(after));
    let setting = before
        .keys()
        .chain(after.keys())
        .filter(|setting| before.get(*setting) != after.get(*setting))
        .min()?;
    let text = |settings: &BTreeMap<String, &Value>| {
        let value = settings.get(setting);
        value.map_or("nothing".to_owned(), ToString::to_string)
    };
    Some(Difference {
        setting: setting.clone(),
        before: text(&before),
        after: text(&after),
    })
}

/// Returns every setting by its path.
pub(crate) fn flatten(value: &Value) -> BTreeMap<String, &Value> {
    fn visit<'a>(path: String, value: &'a Value, settings: &mut BTreeMap<String, &'a Value>) {
        match value {
            Value::Object(object) => {
                let dot = if path.is_empty() { "" } else { "." };
                for (key, value) in object {
                    visit(format!("{path}{dot}{key}"), value, settings);
                }
            }
            value => {
                settings.insert(path, value);
            }
        }
    }
    let mut settings = BTreeMap::new();
    visit(String::new(), value, &mut settings);
    settings
}
