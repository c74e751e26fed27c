//! Effects of statements on the lists that they mention. A list that may have changed is unreadable from there on.

use std::ops::Range;

use super::block::among;
use super::parser::Parser;
use super::target::operator;
use crate::language::diagnostic::Diagnostic;
use crate::notation::field::role;

/// The effect of a statement on the lists that it mentions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Looks,
    /// Gives lists other names.
    Shares,
    Changes,
}

/// Functions and statements that only look.
const LOOKS: &str = "print pprint println printf display show plot assert check test return yield super disp save \
                     import from use using include export public private protected end";

/// Methods that change a list.
const MUTATES: &str = "append clear extend fill fill_diagonal insert pop push put remove resize reverse setdiag sort swap";

/// The most variables of comprehensions in one statement.
const VARIABLES: usize = 64;

/// The most brackets and members behind a name that is assigned to.
const PATH: usize = 8;

impl<'a> Parser<'a> {
    /// The effect of a statement that assigns nothing: a call may change what it mentions, unless it only looks.
    pub(super) fn effect_of(&self, from: usize, to: usize) -> Effect {
        let open = self.find(from, to, "(");
        let mut names = self.names_between(from, open.unwrap_or(to));
        let first = names.next().unwrap_or_default();
        let callee = names.last().unwrap_or(first);
        let looks = |word: &str| callee.starts_with(word) || first == word;
        let looks = LOOKS.split(' ').any(looks);
        let constructs = open.is_some() && callee.starts_with(char::is_uppercase);
        let looks = looks || constructs || to == from + 1;
        if looks && !self.mutates(from, to) {
            return Effect::Looks;
        }
        Effect::Changes
    }

    /// Returns true if a call between two tokens changes a list in place.
    pub(super) fn mutates(&self, from: usize, to: usize) -> bool {
        let mutates = |name: &str| name.ends_with('!') || among(MUTATES, name);
        self.names_between(from, to).any(mutates)
    }

    /// Returns true if a value between two tokens is the result of arithmetic, which is no list that has another name.
    pub(super) fn is_computed(&self, from: usize, to: usize) -> bool {
        let (mut at, mut operators) = (from + 1, 0);
        while at < to {
            let symbol = self.symbol(at);
            operators += usize::from(among("+ - * / ** @ .* ./ .+ .-", symbol));
            if among("? : , = ->", symbol) || among("if else or and lambda", self.word(at)) {
                return false;
            }
            at = self.token_at(at).close.max(at) + 1;
        }
        // In C, the sum of a pointer and a number points into the same array.
        operators > 0 && !self.dialect.is_like_c() && self.word(from) != "lambda"
    }

    /// Applies an effect to what is mentioned between two tokens; returns an item of the lists that it shares, if any.
    pub(super) fn effects(
        &mut self,
        from: usize,
        to: usize,
        effect: Effect,
        problem: &Diagnostic,
    ) -> Option<usize> {
        let mut shared = Vec::new();
        let own = self.comprehension_variables(from, to);
        let mut call = from;
        for at in from..to {
            if self.symbol(at) == "(" {
                call = call.max(self.token_at(at).close);
            }
            let word = self.word(at);
            if { own.iter() }.any(|(name, inside)| *name == word && inside.contains(&at)) {
                continue;
            }
            let changes = effect == Effect::Changes || self.is_target(at, at < call);
            for item in self.names.all(word) {
                if changes {
                    self.spoil(item, problem);
                } else if effect == Effect::Shares
                    && !self.is_compared(at)
                    && (self.is_list(item) || self.shared.contains(item))
                {
                    shared.push(item);
                }
            }
        }
        self.shared.join(&shared);
        shared.pop()
    }

    /// Returns true if a name is only compared with something.
    fn is_compared(&self, at: usize) -> bool {
        let compares = |at| among("== != < > <= >=", self.symbol(at));
        compares(at + 1) || compares(at.saturating_sub(1))
    }

    /// The variables of comprehensions between two tokens, each with the brackets that it belongs to.
    fn comprehension_variables(&self, from: usize, to: usize) -> Vec<(&'a str, Range<usize>)> {
        let (mut open, mut found) = (Vec::new(), Vec::new());
        for at in from..to {
            while open
                .pop_if(|open| self.token_at(*open).close <= at)
                .is_some()
            {}
            if among("( [ {", self.symbol(at)) {
                open.push(at);
            }
            let Some(bracket) = open.last().filter(|_| self.word(at) == "for") else {
                continue;
            };
            let ends = |at: &usize| self.word(*at) == "in" || among("= ∈", self.symbol(*at));
            let end = (at..to).find(ends).unwrap_or(at);
            let inside = *bracket..self.token_at(*bracket).close;
            let names = self.names_between(at + 1, end);
            found.extend(names.map(|name| (name, inside.clone())));
            if found.len() > VARIABLES {
                return Vec::new();
            }
        }
        found
    }

    /// Returns true if the name at a token is assigned to there.
    fn is_target(&self, at: usize, in_call: bool) -> bool {
        let mut next = at + 1;
        for _ in 0..PATH {
            next = match self.symbol(next) {
                "[" | "(" => self.token_at(next).close + 1,
                "." => next + 2,
                _ => break,
            };
        }
        let before = at.saturating_sub(1);
        // `f(b=b)` names an argument.
        let named =
            in_call && next == at + 1 && self.symbol(next) == "=" && !self.dialect.is_like_c();
        let argument = named && among("( ,", self.symbol(before));
        let loops = among("in of", self.word(next)) || self.symbol(next) == "∈";
        let assigned = operator(self.symbol(next)).is_some() || self.word(before) == "as";
        loops || (assigned && !argument)
    }

    /// Makes an item unreadable, and with it all lists that may be the same.
    pub(super) fn spoil(&mut self, item: usize, problem: &Diagnostic) {
        let mut items = vec![item];
        items.extend(self.shared.take(item));
        for item in items {
            let stem = self.items[item].short_name().split('_').next();
            // Solvers in the same text change lists of their own in loops.
            let counts = self.control().is_none() || stem.is_some_and(|stem| role(stem).is_some());
            self.items[item].is_lost |= counts && self.is_list(item);
            self.items[item].value = Err(problem.clone());
        }
    }
}
