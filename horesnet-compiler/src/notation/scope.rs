//! What the names of a program stand for so far.
//!
//! Two names may stand for one list, which a change through either changes for both. Values are copied here, so that lists
//! whose names were used elsewhere are remembered, and no entry of them is assigned any more.

use std::collections::{BTreeMap, BTreeSet};

use super::parts::{Value, brief};
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::Spanned;

/// Values and functions by their names.
#[derive(Default)]
pub(super) struct Scope<'a> {
    values: BTreeMap<&'a str, Result<Value, Diagnostic>>,
    /// Functions by the names that the program gives them.
    functions: BTreeMap<&'a str, &'a str>,
    /// Lists that may have another name too.
    shared: BTreeSet<&'a str>,
    /// Names that went into the values of others.
    used: BTreeSet<&'a str>,
    /// Names that went into the value being read.
    recent: BTreeSet<&'a str>,
}

impl<'a> Scope<'a> {
    pub(super) fn knows(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    fn is_list(&self, name: &str) -> bool {
        matches!(self.values.get(name), Some(Ok(Value::List(..))))
    }

    /// The list among these names.
    pub(super) fn list_in(&self, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        names.into_iter().find(|name| self.is_list(name))
    }

    /// A value is about to be read.
    pub(super) fn begin(&mut self) {
        self.recent.clear();
    }

    /// Gives names the values that were read; the names that went into these are used.
    pub(super) fn assign_all(&mut self, values: impl IntoIterator<Item = (&'a str, Value)>) {
        let lists: Vec<_> = self
            .recent
            .iter()
            .copied()
            .filter(|name| self.is_list(name))
            .collect();
        self.spent();
        for (name, value) in values {
            let shares = matches!(value, Value::List(..)) && !lists.is_empty();
            self.shared.remove(name);
            if shares {
                self.shared.extend(lists.iter().copied());
                self.shared.insert(name);
            }
            self.functions.remove(name);
            self.values.insert(name, Ok(value));
        }
    }

    /// The names that went into the value that was read are used, though no name has it.
    pub(super) fn spent(&mut self) {
        self.used.append(&mut self.recent);
    }

    /// A name has no value that can be used, for this reason; it may stand for any of the lists that were mentioned.
    pub(super) fn fail(
        &mut self,
        name: &'a str,
        problem: Diagnostic,
        mentioned: impl IntoIterator<Item = &'a str>,
    ) {
        let lists: Vec<_> = mentioned
            .into_iter()
            .filter(|mentioned| *mentioned != name && self.is_list(mentioned))
            .collect();
        if !lists.is_empty() {
            self.shared.extend(lists);
            self.shared.insert(name);
        }
        self.values.insert(name, Err(problem));
    }

    /// The value of a name, at the place where it is used.
    pub(super) fn lookup(&mut self, name: &'a str, span: Span) -> Result<Value, Diagnostic> {
        match self.values.get(name) {
            Some(Ok(value)) => {
                self.recent.insert(name);
                Ok(match value {
                    Value::Number(number) => Value::Number(Spanned {
                        value: number.value.clone(),
                        span,
                    }),
                    other => other.clone(),
                })
            }
            Some(Err(problem)) => Err(problem.clone()),
            None => Err(
                Diagnostic::at(span, format!("`{}` has no value here", brief(name)))
                    .help("what is read are numbers, `sqrt(…)`, lists, and names assigned before"),
            ),
        }
    }

    /// The value of a name, wherever it is used.
    pub(super) fn value(&self, name: &str) -> Option<&Result<Value, Diagnostic>> {
        self.values.get(name)
    }

    /// The value of a name, to change it.
    pub(super) fn value_mut(&mut self, name: &str) -> Option<&mut Result<Value, Diagnostic>> {
        self.values.get_mut(name)
    }

    /// The value of a name, which has none from now on.
    pub(super) fn take(&mut self, name: &str) -> Option<Result<Value, Diagnostic>> {
        self.values.remove(name)
    }

    /// Whether a change of this list may be one of another.
    pub(super) fn is_shared(&self, name: &str) -> bool {
        self.shared.contains(name)
    }

    /// Lists that no other value was made of.
    pub(super) fn unused(&self) -> impl Iterator<Item = (&'a str, &Value)> {
        let values = self.values.iter();
        values.filter_map(|(name, value)| {
            let value = value.as_ref().ok()?;
            let idle = matches!(value, Value::List(..)) && !self.used.contains(name);
            idle.then_some((*name, value))
        })
    }

    /// Calls a function by another name.
    pub(super) fn rename(&mut self, function: &'a str, name: &'a str) {
        let function = self.function(function);
        self.functions.insert(name, function);
    }

    /// What a function is called where it comes from.
    pub(super) fn function(&self, name: &'a str) -> &'a str {
        self.functions.get(name).copied().unwrap_or(name)
    }
}
