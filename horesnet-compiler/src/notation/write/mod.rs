//! Shared by writers: aligned columns, exact numbers in the syntax of a language, one entry a field.
//! Each notation says how it writes a string, a number or a list; here is the order in which they appear.
//! Must not know readers.

mod columns;
mod fields;
mod number;

pub(super) use columns::{aligned, widths};
pub(super) use fields::{FieldWriter, commented, headers};
pub(super) use number::NumberFormat;

/// Quotes a string as JSON, Python and Julia do.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
