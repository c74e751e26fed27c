//! The parameters of a family and their special values.

use serde_json::{Value, json};

use super::list::List;
use crate::analysis::{Figure, SpecialValue, SpecialValues};
use crate::language::family::Family;
use crate::number::Bound;

/// Adds the section of a family to the figures of one of its members.
pub fn family(list: &mut List, family: &Family, special: &SpecialValues) {
    list.section("Family");
    let parameters = family.parameters.iter();
    let objects = parameters.clone().map(|parameter| {
        let end = |bound: &Option<Bound>| {
            let object = |bound: &Bound| json!({"value": bound.value.to_string(), "closed": bound.closed});
            bound.as_ref().map_or(Value::Null, object)
        };
        let (low, high) = (end(&parameter.interval.low), end(&parameter.interval.high));
        json!({"name": parameter.name, "default": parameter.default.to_string(), "low": low, "high": high})
    });
    list.put("parameters", objects.collect::<Vec<_>>());
    for parameter in parameters {
        let (name, default, interval) = (&parameter.name, &parameter.default, &parameter.interval);
        list.row("parameters", &format!("{name} = {default} in {interval}"));
    }
    for (key, found) in [
        ("special_orders", &special.order),
        ("special_weights", &special.weights),
        ("special_stages", &special.reducible),
    ] {
        kind(list, key, found);
    }
}

fn kind(list: &mut List, key: &'static str, found: &Figure<Vec<SpecialValue>>) {
    let object = |special: &SpecialValue| json!({"what": special.what, "values": special.values});
    let objects = |found: &Vec<SpecialValue>| found.iter().map(object).collect::<Vec<_>>();
    let text = |found: &Vec<SpecialValue>| {
        let lines = found
            .iter()
            .map(|special| format!("{} for {}", special.what, special.values));
        let lines = lines.collect::<Vec<_>>().join("; ");
        if lines.is_empty() {
            "none".to_owned()
        } else {
            lines
        }
    };
    list.figure_as(key, found, objects, text);
}
