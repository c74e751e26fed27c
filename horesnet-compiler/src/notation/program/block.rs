//! Blocks and scopes: by indentation, by braces, and by `end`, so that what is inside in any way is.

use super::dialect::Dialect;
use super::effects::Effect;
use super::item::Item;
use super::lexer::TokenKind;
use super::parser::Parser;
use crate::language::diagnostic::{Diagnostic, Span};

/// Words that begin a block that may run any number of times.
const CONTROL: &str = "for while if elif elseif else try except catch with finally match case switch do loop unless \
                       foreach parfor when where select begin quote";

/// Words that go on with the block before.
const CONTINUES: &str = "elif elseif else except catch finally case when";

/// Words that begin a part with names of its own.
const SCOPE: &str = "class def function fn struct module subroutine impl namespace mod interface program macro trait \
                     enum type abstract union";

/// A block or scope around a statement.
#[derive(Clone, Copy)]
pub(super) struct Block<'a> {
    /// The word that decides whether it runs.
    control: Option<&'a str>,
    scope: usize,
    line: usize,
    column: usize,
    depth: usize,
    /// Its `end` is still to come.
    is_open: bool,
}

pub(super) fn among(words: &str, word: &str) -> bool {
    words.split(' ').any(|other| other == word)
}

impl<'a> Parser<'a> {
    /// Leaves the blocks that end before this statement.
    pub(super) fn leave_blocks(&mut self) {
        let (token, depth) = (self.token(), self.depth);
        let inside = |block: &mut Block| {
            let indented = token.line == block.line || token.column > block.column;
            indented || depth > block.depth || block.is_open
        };
        while self.blocks.pop_if(|block| !inside(block)).is_some() {}
        self.names.scope = self.blocks.last().map_or(0, |block| block.scope);
    }

    /// The word that decides whether this statement runs.
    pub(super) fn control(&self) -> Option<&'a str> {
        self.blocks.last().and_then(|block| block.control)
    }

    /// Begins the block of a statement that was read up to here.
    fn begin(&mut self, start: usize, control: Option<&'a str>, scope: usize) {
        let last = self.at.saturating_sub(1);
        // In Fortran, `if (x) y = 1` has no end.
        let fortran = self.dialect == Dialect::Fortran && control.is_some();
        let line_ends = self.kind() == &TokenKind::Newline || self.word(self.at) == "then";
        if self.dialect.is_like_c() && self.symbol(last) == ")" {
            self.skip_lines();
        }
        self.blocks.push(Block {
            control: control.or(self.control()),
            scope,
            line: self.token().line,
            column: self.token_at(start).column,
            depth: self.depth,
            is_open: self.dialect.has_end() && self.word(last) != "end" && (line_ends || !fortran),
        });
        self.depth += usize::from(self.eat("{"));
    }

    /// Ends the innermost block that `end` can end.
    pub(super) fn end_block(&mut self) {
        if let Some(block) = self.blocks.iter_mut().rev().find(|block| block.is_open) {
            block.is_open = false;
        }
    }

    /// Begins a block that may run any number of times, if such a word is next.
    pub(super) fn begins_control(&mut self) -> bool {
        let (start, word) = (self.at, self.word(self.at));
        if !among(CONTROL, word) || self.is_assigned() {
            return false;
        }
        if among(CONTINUES, word) {
            self.end_block();
        }
        self.at += 1;
        let ends = match self.dialect {
            Dialect::Matlab => ",",
            Dialect::Python | Dialect::Unknown => ":",
            _ => "{",
        };
        let in_parentheses = self.dialect.is_like_c() || self.dialect == Dialect::Fortran;
        if in_parentheses && self.is("(") {
            self.skip_brackets();
        } else {
            while !self.ends_statement() && !self.is("{") && !self.is(ends) {
                self.skip_brackets();
            }
        }
        let problem = conditional(word, self.token_at(start).span);
        if let Some(list) = self.effects(start + 1, self.at, Effect::Shares, &problem) {
            self.share_targets(start + 1, list, &problem);
        }
        self.at += usize::from(self.is(":"));
        self.begin(start, Some(word), self.names.scope);
        true
    }

    /// The variables of a loop over a list may stand for its rows.
    fn share_targets(&mut self, from: usize, list: usize, problem: &Diagnostic) {
        let ends = |at: &usize| among("in of", self.word(*at)) || among("= ∈ :", self.symbol(*at));
        let end = (from..self.at).find(ends).unwrap_or(from);
        for name in self.names_between(from, end) {
            self.shared.join(&[list, self.items.len()]);
            let span = self.token_at(from).span;
            self.add(Item::new(name.to_owned(), span, Err(problem.clone())));
        }
    }

    /// Begins a function, class or module, if such a word is next: its names are its own.
    pub(super) fn begins_scope(&mut self) -> bool {
        let (start, word) = (self.at, self.word(self.at));
        let named = !self.word(start + 1).is_empty() || (word == "function" && self.is_at(1, "["));
        if !among(SCOPE, word) || !named {
            return false;
        }
        self.skip_statement(start);
        let is_function = among("def function fn subroutine macro", word);
        self.begin_scope(start, start + 1, is_function);
        true
    }

    /// Begins the scope that a statement opens, which has a name from a token on.
    fn begin_scope(&mut self, start: usize, name: usize, is_function: bool) {
        let open = self.find(name, self.at, "(");
        let mut names = self.names_between(name, open.unwrap_or(self.at));
        let name = if open.is_some() {
            names.last()
        } else {
            names.next()
        };
        let scope = self.names.add(name.unwrap_or_default());
        self.defined.extend(name.filter(|_| is_function));
        // Parameters hide names outside.
        let open = open.unwrap_or(start);
        for parameter in self.names_between(open + 1, self.token_at(open).close) {
            self.names.set(scope, parameter, None);
        }
        self.begin(start, None, scope);
    }

    /// Begins the block that a statement opens which is not understood; returns true for a function of C.
    pub(super) fn begins_block(&mut self, start: usize) -> bool {
        let mut names = self.names_between(start, self.at);
        let control = names.find(|word| among("if match switch try do begin", word));
        let is_function = self.is("{") && control.is_none();
        if is_function {
            self.begin_scope(start, start, true);
        } else if self.is("{") || (self.dialect.has_end() && control.is_some()) {
            self.begin(start, control, self.names.scope);
        }
        is_function
    }
}

/// The problem of an assignment that may run any number of times.
pub(super) fn conditional(word: &str, span: Span) -> Diagnostic {
    let headline = format!("`{word}` is not supported: it decides whether this assignment runs");
    let problem = Diagnostic::at(span, headline);
    problem.help("programs are not run: write the values of `A`, `b` and `c` out")
}
