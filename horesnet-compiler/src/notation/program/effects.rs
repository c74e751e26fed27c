//! What a statement may do to the lists that it mentions. A list that may have changed is unreadable from there on.

use super::block::among;
use super::parser::Parser;
use super::target::operator;
use crate::language::diagnostic::Diagnostic;
use crate::notation::field::role;

/// What a statement may do to what it mentions.
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

/// The most brackets and members behind a name that is assigned to.
const PATH: usize = 8;

impl Parser<'_> {
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

    /// Applies an effect to what is mentioned between two tokens; returns an item of the lists that it shares, if any.
    pub(super) fn effects(
        &mut self,
        from: usize,
        to: usize,
        effect: Effect,
        problem: &Diagnostic,
    ) -> Option<usize> {
        let mut shared = Vec::new();
        // Where the brackets, the call and the comprehension end that a token is in.
        let (mut brackets, mut call, mut comprehension) = (from, from, from);
        for at in from..to {
            let close = self.token_at(at).close;
            match self.symbol(at) {
                "(" => (brackets, call) = (brackets.max(close), call.max(close)),
                "[" | "{" => brackets = brackets.max(close),
                _ if self.word(at) == "for" && at < brackets => comprehension = brackets,
                _ => {}
            }
            // The variables of a comprehension are its own.
            let is_target = at >= comprehension && self.is_loop_variable(at);
            let is_target = is_target || self.is_assigned_at(at, at < call);
            let changes = effect == Effect::Changes || is_target;
            for item in self.names.all(self.word(at)) {
                if changes {
                    self.spoil(item, problem);
                } else if effect == Effect::Shares
                    && (self.is_list(item) || self.shared.contains(item))
                {
                    shared.push(item);
                }
            }
        }
        self.shared.join(&shared);
        shared.pop()
    }

    /// Returns true if a loop assigns to the name at a token.
    fn is_loop_variable(&self, at: usize) -> bool {
        let next = self.behind_path(at);
        among("in of", self.word(next)) || self.symbol(next) == "∈"
    }

    /// Returns true if the name at a token is assigned to there.
    fn is_assigned_at(&self, at: usize, in_call: bool) -> bool {
        let next = self.behind_path(at);
        let before = at.saturating_sub(1);
        // `f(b=b)` names an argument.
        let named =
            in_call && next == at + 1 && self.symbol(next) == "=" && !self.dialect.is_like_c();
        let argument = named && among("( ,", self.symbol(before));
        let assigned = operator(self.symbol(next)).is_some() || self.word(before) == "as";
        assigned && !argument
    }

    /// The token behind a name, its indices and members.
    fn behind_path(&self, at: usize) -> usize {
        let mut next = at + 1;
        for _ in 0..PATH {
            next = match self.symbol(next) {
                "[" | "(" => self.token_at(next).close + 1,
                "." => next + 2,
                _ => break,
            };
        }
        next
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
