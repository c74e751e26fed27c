//! Finds the assignments of a program; nothing is run.
//!
//! Statements that are not understood are skipped. What they could change becomes unreadable, with the reason.

use super::block::among;
use super::dialect::Dialect;
use super::lexer::TokenKind;
use super::parser::Parser;
use super::target::Target;
use super::{Parsed, unsupported};
use crate::language::diagnostic::Span;
use crate::notation::field::role;

/// Words before others that begin a statement.
const MODIFIERS: &str = "pub public private static async mutable export final inline pure";

/// Words that begin a statement without an assignment.
const OTHERS: &str = "from import use using include return yield export end";

impl Parser<'_> {
    /// Reads all statements.
    pub(super) fn statements(&mut self) {
        while self.kind() != &TokenKind::End {
            let start = self.at;
            match self.kind() {
                TokenKind::Newline | TokenKind::Symbol(";" | "," | ")" | "]") => self.at += 1,
                TokenKind::Symbol("}") => {
                    self.depth = self.depth.saturating_sub(1);
                    self.at += 1;
                }
                _ => {
                    self.leave_blocks();
                    self.statement();
                }
            }
            // No statement is read twice.
            self.at = self.at.max(start + 1);
        }
    }

    fn statement(&mut self) {
        while among(MODIFIERS, self.word(self.at)) && !self.word(self.at + 1).is_empty() {
            self.at += 1;
        }
        let start = self.at;
        let is_main = self.word(start) == "if" && self.word(start + 1) == "__name__";
        if self.begins_control() {
            if is_main {
                self.skip_block();
            }
            return;
        }
        if self.begins_scope() {
            return;
        }
        let span = self.token().span;
        match self.kind() {
            TokenKind::Name(word)
                if self.dialect == Dialect::Fortran
                    && word.eq_ignore_ascii_case("data")
                    && !self.is_assigned() =>
            {
                self.data();
            }
            TokenKind::Name(word) if !among(OTHERS, word) || self.is_assigned() => {
                if let Some(target) = Target::find(self, start) {
                    self.assignments(target, start);
                } else if let Some(ahead) = self.begins_lines(word) {
                    self.at += ahead;
                    self.number_lines(word, span);
                } else {
                    self.other_statement();
                }
            }
            TokenKind::Number(..) | TokenKind::Symbol("-" | "+") => self.number_lines("", span),
            // A block, or a list that stands alone.
            TokenKind::Symbol("{") if self.dialect != Dialect::Python => {
                if self.depth > 0 || self.bare().is_err() {
                    (self.at, self.depth) = (start + 1, self.depth + 1);
                }
            }
            TokenKind::Symbol(_) if self.bare().is_ok() => {}
            _ => self.other_statement(),
        }
    }

    /// Moves behind a block: what runs only as a program is no part of the tableau.
    fn skip_block(&mut self) {
        let blocks = self.blocks.len();
        while self.kind() != &TokenKind::End {
            if !matches!(
                self.kind(),
                TokenKind::Newline | TokenKind::Symbol(";" | ",")
            ) {
                self.leave_blocks();
                if self.blocks.len() < blocks {
                    return;
                }
            }
            self.skip_brackets();
        }
    }

    /// Returns true for a word that is assigned to, so is no keyword.
    pub(super) fn is_assigned(&self) -> bool {
        among("= [ . <-", self.symbol(self.at + 1))
    }

    /// Reads the value of a statement that assigns nothing: `return [[0]]`, `{"A": …}`.
    fn bare(&mut self) -> Parsed<()> {
        self.recent.clear();
        let (start, span, before) = (self.at, self.token().span, self.items.len());
        let value = self.whole_value(",").inspect_err(|_| self.at = start)?;
        // What a constructor takes is what is looked for.
        let plain = self.items.len() == before && self.recent.is_empty();
        if value.is_list() && plain && self.control().is_none() {
            self.assign(String::new(), span, Ok(value), start);
        }
        Ok(())
    }

    /// A statement that assigns nothing: an import, a call, a declaration.
    fn other_statement(&mut self) {
        let start = self.at;
        let word = self.word(start);
        let returns = among("return yield parameter PARAMETER", word);
        let constructs = word.starts_with(char::is_uppercase) && self.is_at(1, "(");
        self.at += usize::from(returns);
        if (returns || constructs) && self.bare().is_ok() {
            return;
        }
        self.skip_statement(start);
        let end = self.at;
        if among("from import use using", word) {
            // `sqrt as root`
            for at in start + 1..end {
                if self.word(at) == "as" {
                    self.rename(self.word(at - 1), self.word(at + 1));
                }
            }
        } else if word.to_lowercase().starts_with("end") {
            self.end_block();
        }
        if !self.begins_block(start) {
            let problem = unsupported(self.token_at(start).span, "statement");
            self.effects(start, end, self.effect_of(start, end), &problem);
        }
    }

    /// Reads lines of numbers, separated by white space or commas.
    fn number_lines(&mut self, name: &str, span: Span) {
        let (start, mut end) = (self.at, self.at);
        let begins = |at| {
            matches!(
                self.token_at(at).kind,
                TokenKind::Number(..) | TokenKind::Symbol("-" | "+" | ",")
            )
        };
        loop {
            let token = self.token_at(end);
            match token.kind {
                TokenKind::End | TokenKind::Symbol(";" | "}") => break,
                TokenKind::Newline if !begins(end + 1) => break,
                _ => end = token.close.max(end) + 1,
            }
        }
        self.recent.clear();
        match self.lines(end) {
            Ok(value) if self.recent.is_empty() => {
                self.assign(name.to_owned(), span, Ok(value), start);
            }
            // `++A[1][0]` and labels of Fortran begin like numbers.
            _ => {
                self.at = start;
                self.other_statement();
            }
        }
    }

    /// A name on a line of its own, or before numbers: the number of tokens up to the lines.
    fn begins_lines(&self, name: &str) -> Option<usize> {
        role(name)?;
        let colon = usize::from(among(": =", self.symbol(self.at + 1)));
        let line = usize::from(self.token_at(self.at + 1 + colon).kind == TokenKind::Newline);
        let ahead = 1 + colon + line;
        let digit = |ahead| matches!(self.token_at(self.at + ahead).kind, TokenKind::Number(..));
        let listed = line > 0 && self.is_at(ahead + 1, "[");
        let dashed = self.is_at(ahead, "-") && (digit(ahead + 1) || listed);
        (digit(ahead) || dashed).then_some(ahead)
    }
}
