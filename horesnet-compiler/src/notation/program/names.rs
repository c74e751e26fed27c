//! Items by name, in the scopes of functions and classes.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::language::limits;

/// A function, class or module, or what is outside of them.
#[derive(Debug, Default)]
struct Scope {
    name: String,
    parent: usize,
    depth: usize,
    /// The items of its names; parameters have none.
    names: BTreeMap<String, Option<usize>>,
}

/// The scopes of a program; that outside of all has the number 0.
#[derive(Debug)]
pub(super) struct Names {
    scopes: Vec<Scope>,
    /// The scope of the statement that is read.
    pub(super) scope: usize,
}

impl Default for Names {
    fn default() -> Self {
        let scopes = vec![Scope::default()];
        Self { scopes, scope: 0 }
    }
}

impl Names {
    /// Adds a scope inside the present one, and returns its number.
    pub(super) fn add(&mut self, name: &str) -> usize {
        // Deep ones see less: a search must end soon.
        let deep = self.scopes[self.scope].depth >= limits::NESTING;
        let parent = if deep { 0 } else { self.scope };
        self.scopes.push(Scope {
            name: name.to_owned(),
            parent,
            depth: self.scopes[parent].depth + 1,
            names: BTreeMap::new(),
        });
        self.scopes.len() - 1
    }

    /// The names of the scopes, but that of the outermost.
    pub(super) fn scopes(self) -> Vec<String> {
        let named = self.scopes.into_iter().skip(1);
        named.map(|scope| scope.name).collect()
    }

    /// Lets a name stand for an item, or for none.
    pub(super) fn set(&mut self, scope: usize, name: &str, item: Option<usize>) {
        self.scopes[scope].names.insert(name.to_owned(), item);
    }

    /// The visible scopes, innermost first.
    fn visible(&self) -> impl Iterator<Item = &Scope> {
        let parent = |scope: &&Scope| (scope.depth > 0).then(|| &self.scopes[scope.parent]);
        std::iter::successors(Some(&self.scopes[self.scope]), parent)
    }

    /// The item that a name stands for.
    pub(super) fn get(&self, name: &str) -> Option<usize> {
        let found = self.visible().find_map(|scope| scope.names.get(name));
        found.copied().flatten()
    }

    /// The items of a name and of its members: `A`, `A.b`.
    pub(super) fn all(&self, name: &str) -> Vec<usize> {
        let members = format!("{name}.");
        let from = (Bound::Included(members.as_str()), Bound::Unbounded);
        let found = self.visible().map(|Scope { names, .. }| {
            let others = names.range::<str, _>(from);
            let members = others.take_while(|(other, _)| other.starts_with(&members));
            let own = names.get_key_value(name).into_iter();
            own.chain(members)
                .map(|(_, item)| *item)
                .collect::<Vec<_>>()
        });
        let found = found.into_iter().find(|found| !found.is_empty());
        found.into_iter().flatten().flatten().collect()
    }
}
