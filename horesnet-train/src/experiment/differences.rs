//! The settings in which two configurations differ.

use std::collections::BTreeMap;

use serde_json::Value;

/// Returns the first setting, in the order of paths such as `network.scheme`, with different values, and these values as
/// JSON, `nothing` where it is absent. Of texts of several lines, such as tableaux, it returns the first line that differs.
pub(crate) fn first_difference(before: &Value, after: &Value) -> Option<[String; 3]> {
    let (before, after) = (flatten(before), flatten(after));
    let setting = before
        .keys()
        .chain(after.keys())
        .filter(|setting| before.get(*setting) != after.get(*setting))
        .min()?;
    let [before, after] = [&before, &after].map(|settings| settings.get(setting).copied());
    if let Some((line, [before, after])) = before.zip(after).and_then(different_line) {
        return Some([format!("{setting}, line {line},"), before, after]);
    }
    let text = |value: Option<&Value>| value.map_or("nothing".to_owned(), ToString::to_string);
    Some([setting.clone(), text(before), text(after)])
}

/// The first line in which two texts differ, if one of them has several; its number counts from 1.
fn different_line((before, after): (&Value, &Value)) -> Option<(usize, [String; 2])> {
    let (before, after) = before.as_str().zip(after.as_str())?;
    if !(before.contains('\n') || after.contains('\n')) {
        return None;
    }
    let line = |text: &str, index| text.split('\n').nth(index).map(str::to_owned);
    let differs = |index: &usize| line(before, *index) != line(after, *index);
    let index = (0..=before.len().max(after.len())).find(differs)?;
    let shown = |text| line(text, index).map_or("nothing".to_owned(), |line| format!("`{line}`"));
    Some((index + 1, [shown(before), shown(after)]))
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
