//! JSON: one object, with exact numbers as strings. Readers also accept JSON numbers, digit by digit.

use std::collections::BTreeSet;
use std::fmt;

use serde_core::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::field::{field, role};
use super::program::{Item, Program};
use super::roles::{self, Choice, Scheme};
use super::value::{Value, brief};
use super::write::{FieldWriter, aligned, quoted};
use super::{Notation, PrintedTableau};
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::Spanned;
use crate::language::syntax;

pub(super) const NOTATION: Notation = Notation {
    name: "json",
    extension: "json",
    form: "JSON",
    resembles: |text| {
        let text = text.trim_start_matches('\u{feff}');
        text.trim_start().starts_with('{')
    },
    read,
    write: |tableau| Ok(write(tableau)),
};

/// The deepest nesting of lists; a matrix has two levels.
const DEPTH: usize = 4;

/// The members of an object in source order, values as raw text.
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
                        let name = brief(&name);
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

fn read(text: &str, choice: &Choice) -> Result<Vec<Scheme>, Diagnostic> {
    let json = text.strip_prefix('\u{feff}').unwrap_or(text);
    let members: Members = serde_json::from_str(json).map_err(|error| problem(&error, text))?;
    let mut program = Program::default();
    for (name, raw) in members.0 {
        let of_tableau =
            role(&name).is_some() || field(&name).is_some() || raw.get().starts_with('[');
        if of_tableau {
            let value = value(raw.get(), text, DEPTH)?;
            program.items.push(Item::new(name, value.span(), Ok(value)));
        }
    }
    roles::schemes(program, text, choice)
}

fn value(raw: &str, text: &str, depth: usize) -> Result<Value, Diagnostic> {
    let span = span(raw, text);
    match raw.as_bytes().first() {
        Some(b'[') if depth == 0 => {
            let headline = format!("lists are nested more than {DEPTH} deep");
            Err(Diagnostic::at(span, headline))
        }
        Some(b'[') => {
            let items: Vec<&RawValue> =
                serde_json::from_str(raw).map_err(|_| Diagnostic::at(span, "invalid list"))?;
            let items = items.iter().map(|item| value(item.get(), text, depth - 1));
            Ok(Value::array(items.collect::<Result<_, _>>()?, span))
        }
        Some(b'"') => {
            let value: String =
                serde_json::from_str(raw).map_err(|_| Diagnostic::at(span, "invalid string"))?;
            // Without escapes, spans inside the string are spans of the file.
            let inside = Span::new(span.start + 1, span.end.saturating_sub(1));
            let plain = text.get(inside.range()) == Some(value.as_str());
            let span = if plain { inside } else { span };
            Ok(Value::Text(Spanned::new(value, span)))
        }
        Some(b'0'..=b'9' | b'-') => Ok(Value::Number(syntax::expression_in(raw, span)?)),
        Some(b'n') => Ok(Value::Null(span)),
        _ => Err(Diagnostic::at(
            span,
            "expected a number, a string or a list",
        )),
    }
}

/// The span of a slice of `text`.
fn span(part: &str, text: &str) -> Span {
    let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    Span::new(start, start + part.len())
}

/// Converts an error of `serde_json`, whose columns are bytes counted from 1.
fn problem(error: &serde_json::Error, text: &str) -> Diagnostic {
    let lines = text.split_inclusive('\n');
    let before = lines.take(error.line().saturating_sub(1));
    let start = before.map(str::len).sum::<usize>();
    let at = (start + error.column().saturating_sub(1)).min(text.len());
    let message = error.to_string();
    let message = message
        .rsplit_once(" at line ")
        .map_or(&*message, |(message, _)| message);
    let headline = format!("cannot read this JSON as a tableau: {message}");
    Diagnostic::at(Span::new(at, at + 1), headline)
}

const WRITER: FieldWriter = FieldWriter {
    text: quoted,
    texts: |texts| format!("[\n    {}\n  ]", texts.join(",\n    ")),
    number: |number| quoted(&number.expression()),
    vector: |cells| format!("[{}]", cells.join(", ")),
    matrix: |rows| {
        let rows = aligned(rows, ",", " ");
        format!("[\n    [{}]\n  ]", rows.join("],\n    ["))
    },
};

fn write(tableau: &PrintedTableau) -> String {
    let fields = WRITER.fields(tableau, &tableau.tableau().documentation);
    let members = fields.iter();
    let members = members.map(|(name, value)| format!("  \"{name}\": {value}"));
    format!("{{\n{}\n}}\n", members.collect::<Vec<_>>().join(",\n"))
}
