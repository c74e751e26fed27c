//! Assignments of a program: a name and its value.

use super::Parsed;
use crate::language::diagnostic::Span;
use crate::notation::field::short;
use crate::notation::value::Value;

/// An assignment.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "independent marks")]
pub(in crate::notation) struct Item {
    /// The name with what it belongs to: `tableau.A`.
    pub(in crate::notation) name: String,
    pub(in crate::notation) span: Span,
    /// The function or class that it stands in, counted from 1; 0 outside.
    pub(in crate::notation) scope: usize,
    /// The value, or why it cannot be read.
    pub(in crate::notation) value: Parsed,
    /// It was a list until a statement changed it.
    pub(in crate::notation) is_lost: bool,
    /// Another value is made of it.
    pub(in crate::notation) is_used: bool,
    /// It was not declared with a length: entries that are assigned make it longer.
    pub(super) grows: bool,
    /// The unread value looks like a sum of rows.
    pub(in crate::notation) sums: bool,
}

impl Item {
    pub(in crate::notation) fn new(name: String, span: Span, value: Parsed) -> Self {
        Self {
            name,
            span,
            scope: 0,
            value,
            is_lost: false,
            is_used: false,
            grows: false,
            sums: false,
        }
    }

    pub(in crate::notation) fn is_list(&self) -> bool {
        self.value.as_ref().is_ok_and(Value::is_list)
    }

    /// The name without what it belongs to.
    pub(in crate::notation) fn short_name(&self) -> &str {
        short(&self.name)
    }
}
