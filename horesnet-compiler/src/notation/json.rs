//! JSON: one object, numbers as exact texts; in reading also as JSON numbers, whose digits count as they are printed.

use std::collections::BTreeSet;
use std::fmt;

use serde_core::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::columns::aligned;
use super::parts;
use super::parts::{Holds, Parts, Value};
use super::{Coefficient, Notation, Sheet, names};
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{Document, Spanned};
use crate::language::syntax;

pub(super) const NOTATION: Notation = Notation {
    name: "json",
    extension: "json",
    resembles: |text| {
        text.trim_start_matches('\u{feff}')
            .trim_start()
            .starts_with('{')
    },
    read,
    write: |sheet| Ok(write(sheet)),
};

/// Lists within lists; a matrix has two.
const DEPTH: usize = 4;

/// The members of an object in their order, values as they are written.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object with `A` and `b`")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let (mut members, mut names) = (Vec::new(), BTreeSet::new());
                while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
                    if !names.insert(name.clone()) {
                        let name = parts::brief(&name);
                        return Err(M::Error::custom(format!("`{name}` is given twice")));
                    }
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

fn read(text: &str) -> Result<Document, Diagnostic> {
    let json = text.strip_prefix('\u{feff}').unwrap_or(text);
    let members: Members = serde_json::from_str(json).map_err(|error| problem(&error, text))?;
    let mut parts = Parts::new(Vec::new());
    for (name, raw) in members.0 {
        match names::part(&name) {
            Some(part) => parts.set(part, value(raw.get(), text, DEPTH)?)?,
            // It could be weights under a name that is not known here, and nobody would miss them.
            None if raw.get().starts_with('[') => {
                let headline = format!("`{}` is not read", parts::brief(&name));
                let problem = Diagnostic::at(span(raw.get(), text), headline);
                if let Some(near) = names::in_case(&name) {
                    return Err(problem.help(format!("did you mean `{near}`?")));
                }
                return Err(problem
                    .help("lists are `A`, `b`, `c`, `bhat`, `citations` and `documentation`; rename this one or take it out"));
            }
            None => {}
        }
    }
    parts.document()
}

fn value(raw: &str, text: &str, depth: usize) -> Result<Value, Diagnostic> {
    let span = span(raw, text);
    match raw.as_bytes().first() {
        Some(b'[') if depth == 0 => Err(Diagnostic::at(span, "lists are nested too deep")),
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(raw)
                .map_err(|_| Diagnostic::at(span, "this is not a list"))?;
            let items = items
                .into_iter()
                .map(|item| value(item.get(), text, depth - 1));
            let items = items.collect::<Result<_, _>>()?;
            Ok(Value::List(items, span, Holds::Numbers))
        }
        Some(b'"') => {
            let value: String = serde_json::from_str(raw)
                .map_err(|_| Diagnostic::at(span, "this is not a text"))?;
            // Without escapes the text stands in the file as it is, and problems can be shown in it.
            let inside = Span {
                start: span.start + 1,
                end: span.end.saturating_sub(1),
            };
            let plain = text.get(inside.start..inside.end) == Some(value.as_str());
            Ok(Value::Text(Spanned {
                value,
                span: if plain { inside } else { span },
            }))
        }
        Some(b'0'..=b'9' | b'-') => Ok(Value::Number(syntax::expression_in(raw, span)?)),
        Some(b'n') => Ok(Value::Nothing(span)),
        _ => Err(Diagnostic::at(span, "expected a number, a text or a list")),
    }
}

/// Where a borrowed part of a text stands in it.
fn span(part: &str, text: &str) -> Span {
    let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    Span {
        start,
        end: start + part.len(),
    }
}

/// An error of the parser, whose columns are bytes counted from 1.
fn problem(error: &serde_json::Error, text: &str) -> Diagnostic {
    let start = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum::<usize>();
    let at = (start + error.column().saturating_sub(1)).min(text.len());
    let message = error.to_string();
    let message = message
        .rsplit_once(" at line ")
        .map_or(message.as_str(), |(message, _)| message);
    Diagnostic::at(
        Span {
            start: at,
            end: at + 1,
        },
        format!("this is not JSON of a tableau: {message}"),
    )
}

fn write(sheet: &Sheet) -> String {
    let tableau = sheet.tableau();
    let mut members: Vec<(String, String)> = Vec::new();
    let mut member = |name: &str, value: String| members.push((name.to_owned(), value));
    if let Some(name) = &tableau.name {
        member("name", quoted(name));
    }
    for (name, lines) in [
        ("documentation", &tableau.documentation),
        ("citations", &tableau.citations),
    ] {
        if !lines.is_empty() {
            let lines: Vec<_> = lines
                .iter()
                .map(|line| format!("    {}", quoted(line)))
                .collect();
            member(name, format!("[\n{}\n  ]", lines.join(",\n")));
        }
    }
    if let Some(eps) = &sheet.rounded {
        member("rounded", number(eps));
    }
    member("c", list(&sheet.nodes));
    let cells = |row: &Vec<Coefficient>| row.iter().map(number).collect();
    let rows: Vec<Vec<String>> = sheet.matrix.iter().map(cells).collect();
    let rows: Vec<_> = aligned(&rows, ",", " ")
        .iter()
        .map(|row| format!("    [{row}]"))
        .collect();
    member("A", format!("[\n{}\n  ]", rows.join(",\n")));
    for (i, (row, weights)) in sheet.weights.iter().zip(&tableau.weights).enumerate() {
        let (name, claim) = names::names(i);
        member(&name, list(row));
        if let Some(order) = weights.claim {
            member(&claim, order.to_string());
        }
    }
    let members: Vec<_> = members
        .iter()
        .map(|(name, value)| format!("  \"{name}\": {value}"))
        .collect();
    format!("{{\n{}\n}}\n", members.join(",\n"))
}

fn list(row: &[Coefficient]) -> String {
    let cells: Vec<_> = row.iter().map(number).collect();
    format!("[{}]", cells.join(", "))
}

fn number(coefficient: &Coefficient) -> String {
    quoted(&coefficient.expression())
}

/// A text in quotes, as JSON, Python and Julia write it.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
