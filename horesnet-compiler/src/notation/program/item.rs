//! Assignments of a program: a name, its value, and the entries that were assigned one by one.

use crate::language::diagnostic::{Diagnostic, Span};
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
    pub(in crate::notation) value: Result<Value, Diagnostic>,
    /// Entries assigned later.
    pub(in crate::notation) entries: Vec<Entry>,
    /// Another value is made of it.
    pub(in crate::notation) is_used: bool,
    /// Another name may stand for the same list.
    pub(in crate::notation) is_shared: bool,
    /// Its name was assigned before, in the same scope.
    pub(in crate::notation) again: bool,
    /// The unread value looks like a sum of rows.
    pub(in crate::notation) sums: bool,
}

/// An assignment to entries of a list.
#[derive(Clone, Debug)]
pub(in crate::notation) struct Entry {
    pub(in crate::notation) indices: Vec<Index>,
    pub(in crate::notation) value: Value,
    /// Indices in parentheses, which count from 1.
    pub(in crate::notation) from_one: bool,
    pub(in crate::notation) span: Span,
}

/// An index, as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::notation) enum Index {
    At(usize),
    /// `-1`, `end`
    Last,
    /// `:`, `1:3`
    Range(Option<usize>, Option<usize>),
}

impl Item {
    pub(in crate::notation) fn new(
        name: String,
        span: Span,
        value: Result<Value, Diagnostic>,
    ) -> Self {
        Self {
            name,
            span,
            scope: 0,
            value,
            entries: Vec::new(),
            is_used: false,
            is_shared: false,
            again: false,
            sums: false,
        }
    }

    pub(in crate::notation) fn is_list(&self) -> bool {
        !self.entries.is_empty() || self.value.as_ref().is_ok_and(Value::is_list)
    }

    /// The name without what it belongs to.
    pub(in crate::notation) fn short_name(&self) -> &str {
        short(&self.name)
    }
}
