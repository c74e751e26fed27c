//! The environment of a program: the values of its names so far.
//!
//! Two names may stand for one list, which a change through either changes for both. Values are copied here, so lists
//! that were used under another name are remembered, and assigning to their entries is refused.

use std::collections::{BTreeMap, BTreeSet};

use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::Spanned;
use crate::notation::value::{Value, brief};

/// Values and functions by name.
#[derive(Default)]
pub(super) struct Environment<'a> {
    /// A name whose value could not be read has the reason.
    values: BTreeMap<&'a str, Result<Value, Diagnostic>>,
    /// Functions by the names that the program gives them.
    functions: BTreeMap<&'a str, &'a str>,
    /// Lists that may have another name.
    shared: BTreeSet<&'a str>,
    /// Names that values of other names depend on.
    used: BTreeSet<&'a str>,
    /// Names that the value being read depends on.
    recent: BTreeSet<&'a str>,
}

impl<'a> Environment<'a> {
    pub(super) fn contains(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    fn is_list(&self, name: &str) -> bool {
        matches!(self.values.get(name), Some(Ok(Value::List(..))))
    }

    /// The first of these names that stands for a list.
    pub(super) fn list_in(&self, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        names.into_iter().find(|name| self.is_list(name))
    }

    /// Starts reading a value.
    pub(super) fn begin(&mut self) {
        self.recent.clear();
    }

    /// Ends reading a value: the names it depends on are used.
    pub(super) fn end(&mut self) {
        self.used.append(&mut self.recent);
    }

    /// Ends reading values, and assigns them to names.
    pub(super) fn assign_all(&mut self, values: impl IntoIterator<Item = (&'a str, Value)>) {
        let mut lists = self.recent.clone();
        lists.retain(|name| self.is_list(name));
        self.end();
        let mut shares = false;
        for (name, value) in values {
            self.shared.remove(name);
            if value.is_list() && !lists.is_empty() {
                shares = true;
                self.shared.insert(name);
            }
            self.functions.remove(name);
            self.values.insert(name, Ok(value));
        }
        if shares {
            self.shared.extend(lists);
        }
    }

    /// Marks names as unreadable for this reason. They may stand for any of the lists mentioned.
    pub(super) fn fail(
        &mut self,
        names: impl Iterator<Item = &'a str> + Clone,
        problem: &Diagnostic,
        mentioned: impl IntoIterator<Item = &'a str>,
    ) {
        let failed: BTreeSet<_> = names.clone().collect();
        let lists = mentioned.into_iter();
        let lists = lists.filter(|name| !failed.contains(name) && self.is_list(name));
        let lists: Vec<_> = lists.collect();
        if !lists.is_empty() {
            self.shared.extend(lists);
            self.shared.extend(names.clone());
        }
        let failed = names.map(|name| (name, Err(problem.clone())));
        self.values.extend(failed);
    }

    /// Looks up the value of a name; numbers get the span of their use.
    pub(super) fn lookup(&mut self, name: &'a str, span: Span) -> Result<Value, Diagnostic> {
        let mut value = self.value_mut(name, span)?.clone();
        self.recent.insert(name);
        if let Value::Number(Spanned { span: place, .. }) = &mut value {
            *place = span;
        }
        Ok(value)
    }

    /// The value of a name, to change it.
    pub(super) fn value_mut(&mut self, name: &str, span: Span) -> Result<&mut Value, Diagnostic> {
        match self.values.get_mut(name) {
            Some(Ok(value)) => Ok(value),
            Some(Err(problem)) => Err(problem.clone()),
            None => {
                let headline = format!("`{}` is not defined", brief(name));
                Err(Diagnostic::at(span, headline)
                    .help("a value is a number, `sqrt(…)`, a list, or a name assigned before"))
            }
        }
    }

    /// The value of a name that could be read.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)?.as_ref().ok()
    }

    /// The length of a list of numbers.
    pub(super) fn number_count(&self, name: &str) -> Option<usize> {
        self.get(name)?.number_count()
    }

    /// Removes the value of a name.
    pub(super) fn take(&mut self, name: &str) -> Option<Result<Value, Diagnostic>> {
        self.values.remove(name)
    }

    /// Returns true if another name may stand for the same list.
    pub(super) fn is_shared(&self, name: &str) -> bool {
        self.shared.contains(name)
    }

    /// Lists that no other value depends on.
    pub(super) fn unused(&self) -> impl Iterator<Item = (&'a str, &Value)> {
        let values = self.values.iter();
        let lists = values.filter_map(|(name, value)| Some((*name, value.as_ref().ok()?)));
        lists.filter(|(name, value)| value.is_list() && !self.used.contains(name))
    }

    /// Gives a function another name.
    pub(super) fn rename(&mut self, function: &'a str, name: &'a str) {
        let function = self.function(function);
        self.functions.insert(name, function);
    }

    /// The original name of a function.
    pub(super) fn function(&self, name: &'a str) -> &'a str {
        self.functions.get(name).copied().unwrap_or(name)
    }
}
