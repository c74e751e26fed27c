//! The settings in which two configurations differ.

use std::collections::BTreeMap;

use serde_json::Value;

/// Returns the first setting, in the order of paths such as `network.scheme`, with different values, and these values as
/// JSON, `nothing` where it is absent.
pub(crate) fn first_difference(before: &Value, after: &Value) -> Option<[String; 3]> {
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
    Some([setting.clone(), text(&before), text(&after)])
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
