//! Assignments: values, entries of lists, changes of what was read.

use super::block::{among, conditional};
use super::dialect::Dialect;
use super::effects::Effect;
use super::functions::Function;
use super::index::Index;
use super::item::Item;
use super::lexer::TokenKind;
use super::parser::Parser;
use super::target::Target;
use super::{Parsed, brief, unsupported};
use crate::language::diagnostic::{Diagnostic, Span};
use crate::notation::field::role;
use crate::notation::value::{ListKind, Value};

/// The most names of one statement.
const NAMES: usize = 64;

impl<'a> Parser<'a> {
    /// Reads an assignment that starts at a token: `x = y = 1/2` is `y = 1/2`, then `x = y`.
    pub(super) fn assignments(&mut self, target: Target<'a>, start: usize) {
        let mut chain = vec![(start, target)];
        while chain.len() < NAMES
            && let Some((_, target)) = chain.last_mut()
            && let Some(next) = target.chained(self)
        {
            let start = target.value;
            chain.push((start, next));
        }
        let mut end = 0;
        while let Some((start, target)) = chain.pop() {
            self.assignment(&target, start);
            end = end.max(self.at);
            self.at = end;
        }
    }

    /// Reads the value of an assignment that starts at a token.
    fn assignment(&mut self, target: &Target<'a>, start: usize) {
        self.recent.clear();
        (self.at, self.in_row) = (target.value, false);
        let (name, span) = &target.names[0];
        if target.names.len() > NAMES {
            let headline = format!("more than {NAMES} names are assigned at once");
            let problem = Diagnostic::at(*span, headline);
            self.skip_statement(start);
            self.effects(start, self.at, Effect::Changes, &problem);
            return self.assign(name.clone(), *span, Err(problem), self.at);
        }
        let read = match (self.control(), target.operator) {
            (Some(control), _) => Err(conditional(control, *span)),
            (_, "=") if target.indices.is_some() => self.entry(target, start),
            (_, "=") if self.renames(target, start) => Ok(()),
            (_, "=" | "<<") => self.variables(target, start),
            _ => Err(unsupported(*span, format!("change of `{}`", brief(name)))),
        };
        if let Err(problem) = read {
            self.unread(target, start, &problem);
        }
    }

    /// Assigns to variables: `A = [[0]]`.
    fn variables(&mut self, target: &Target<'a>, start: usize) -> Parsed<()> {
        let values = self.values(target)?;
        for ((name, span), mut value) in target.names.iter().zip(values) {
            if target.is_whole && value.has_fractions() {
                let headline = format!("the type of `{}` drops fractions", brief(name));
                return Err(Diagnostic::at(*span, headline));
            }
            if target.is_whole {
                value = value.with_kind(ListKind::IntegerArray);
            }
            self.assign(name.clone(), *span, Ok(value), start);
        }
        Ok(())
    }

    /// Makes what a statement assigns unreadable; its names may stand for the lists that it mentions.
    fn unread(&mut self, target: &Target<'a>, start: usize, problem: &Diagnostic) {
        self.skip_statement(start);
        let replaces = target.operator == "=" && target.indices.is_none();
        let known = |parser: &Self, name: &str| parser.item_of(name).filter(|_| !replaces);
        for (name, _) in &target.names {
            if let Some(item) = known(self, name) {
                self.spoil(item, problem);
            }
        }
        let effect = if self.mutates(target.value, self.at) {
            Effect::Changes
        } else if self.is_computed(target.value, self.at) {
            Effect::Looks
        } else {
            Effect::Shares
        };
        let unread = unsupported(self.token_at(start).span, "statement");
        // The next assignment of a chain has told its effects.
        let value = if target.is_chained {
            self.at
        } else {
            target.value
        };
        let shares = self.effects(value, self.at, effect, &unread);
        self.recent.clear();
        for (name, span) in target.names.iter().filter(|_| target.operator == "=") {
            let item = known(self, name).unwrap_or(self.items.len());
            if item == self.items.len() {
                self.assign(name.clone(), *span, Err(problem.clone()), start);
            }
            if let Some(list) = shares {
                self.shared.join(&[list, item]);
            }
        }
        self.begins_block(start);
    }

    /// Reads a value for each name, up to the end of the statement, or to the next declaration or statement behind a comma.
    fn values(&mut self, target: &Target) -> Parsed<Vec<Value>> {
        let (count, fills) = (target.names.len(), target.operator == "<<");
        self.skip_lines();
        let start = self.token().span;
        let mut values = vec![self.value()?];
        let joins = matches!(
            self.dialect,
            Dialect::Python | Dialect::Julia | Dialect::Unknown
        );
        while (joins || fills || count > 1) && !self.is_at(2, "=") && self.eat(",") {
            if fills {
                self.skip_lines();
            } else if self.ends_statement() {
                break;
            }
            values.push(self.value()?);
        }
        if !(self.ends_statement() || self.is(",") || target.is_chained) {
            return Err(self.expected("the end of the value"));
        }
        let span = start.to(self.last_span());
        match values.as_mut_slice() {
            [Value::List(items, ..)] if count > 1 => values = std::mem::take(items),
            [_, _, ..] if count == 1 => values = vec![Value::array(values, span)],
            _ => {}
        }
        if values.len() == count {
            return Ok(values);
        }
        let found = values.len();
        let headline = format!("expected {count} values for {count} names, found {found}");
        Err(Diagnostic::at(self.last_span(), headline))
    }

    /// Learns another name of a function, if the value is one: `R = sympy.Rational`.
    fn renames(&mut self, target: &Target<'a>, start: usize) -> bool {
        let mut end = self.at;
        while !self.word(end).is_empty() || self.symbol(end) == "." {
            end += 1;
        }
        let function = self.function(self.word(end - 1));
        let ends = self.token_at(end).kind == TokenKind::Newline || self.symbol(end) == ";";
        let named = self.item_of(function).is_none() && role(&target.names[0].0).is_none();
        let is_known = !matches!(Function::of(function), Function::Unknown | Function::Other);
        let renames = ends && named && is_known;
        if renames {
            self.rename(
                function,
                self.last_word(start, target.value).unwrap_or_default(),
            );
            self.at = end;
        }
        renames
    }

    /// Assigns to entries of a list: `A[1, 0] = 1/2`.
    fn entry(&mut self, target: &Target<'a>, start: usize) -> Parsed<()> {
        let (name, span) = &target.names[0];
        self.at = target.indices.unwrap_or(self.at);
        let defines = self.is("(");
        let indices = self.all_indices();
        self.at = target.value;
        let read = indices.and_then(|indices| Ok((indices, self.values(target)?.swap_remove(0))));
        let known = self.item_of(name);
        if read.is_err() && defines && known.is_none() {
            // `f(x) = x/2` defines a function.
            self.defined.insert(self.word(start));
            self.skip_statement(start);
            return Ok(());
        }
        let (indices, value) = read?;
        self.assign_entry(name, *span, &indices, value)
    }

    /// Assigns to an entry of a list, which may begin with it.
    pub(super) fn assign_entry(
        &mut self,
        name: &str,
        span: Span,
        indices: &[Index],
        value: Value,
    ) -> Parsed<()> {
        let place = span.to(self.last_span());
        let known = self.item_of(name);
        let item = known.unwrap_or(self.items.len());
        if known.is_none() {
            self.add(Item::new(name.to_owned(), span, Ok(Value::Null(span))));
        }
        if self.shared.contains(item) {
            let headline = format!("`{}` may share its list with another name", brief(name));
            return Err(Diagnostic::at(place, headline)
                .help("assign the entries before the list gets another name, or write them out"));
        }
        if self.items[item].scope != self.names.scope {
            return Err(unsupported(
                place,
                "change of a list outside of this function",
            ));
        }
        self.share_recent(item, &value);
        self.place(item, indices, value, place)
    }

    /// Marks what a value was made of.
    fn share_recent(&mut self, item: usize, value: &Value) {
        let recent = self.recent.clone();
        let lists = recent.iter().copied().filter(|other| self.is_list(*other));
        let mut lists: Vec<_> = lists.filter(|_| value.is_list()).collect();
        if !lists.is_empty() {
            lists.push(item);
            self.shared.join(&lists);
        }
        if !matches!(value, Value::Null(_)) {
            for used in recent {
                self.items[used].is_used = true;
            }
        }
    }

    /// Adds the item of a statement that starts at a token.
    pub(super) fn assign(&mut self, name: String, span: Span, value: Parsed, start: usize) {
        if let Ok(value) = &value {
            self.share_recent(self.items.len(), value);
        }
        let mut item = Item::new(name, span, value);
        let words: Vec<_> = self.names_between(start, self.at.max(start)).collect();
        // `A = map(T, A)` converts the same values.
        let own = words.iter().filter(|word| **word == item.short_name());
        let mentions = own.count() > 1;
        let sums = |word: &&str| among("sum ones dot", &word.to_lowercase());
        item.sums = words.iter().any(sums);
        if let Some(before) = self.item_of(&item.name).filter(|_| !item.name.is_empty()) {
            let same_scope = self.items[before].scope == self.names.scope;
            self.items[before].is_used |= mentions;
            // What could not be read hides what was read before.
            let hides = same_scope || self.dialect != Dialect::Python;
            if let Some(problem) = item.value.as_ref().err().filter(|_| hides) {
                self.spoil(before, problem);
                self.items[before].is_lost = false;
            }
        }
        self.add(item);
    }
}
