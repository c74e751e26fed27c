//! Statements that assign nothing to a name of their own: imports, calls, and what they could change.

use super::lexer::{Token, TokenKind};
use super::statement::{Statements, UPDATES, unsupported};
use crate::language::diagnostic::Diagnostic;

impl Statements<'_, '_> {
    pub(super) fn use_recent(&mut self) {
        for item in std::mem::take(&mut self.parser.recent) {
            self.parser.items[item].is_used = true;
        }
    }

    /// The names of a statement that could not be read may stand for the lists that it mentions.
    pub(super) fn share(&mut self, from: usize, to: usize) {
        let names: Vec<_> = self.parser.names_between(from, to).collect();
        for name in names {
            if let Some(item) = self
                .parser
                .item_of(name)
                .filter(|item| self.parser.is_list(*item))
            {
                self.parser.items[item].is_shared = true;
            }
        }
    }

    /// Makes what is assigned between two tokens unreadable.
    pub(super) fn changes(&mut self, from: usize, to: usize, problem: &Diagnostic) {
        for at in from..to {
            let Token {
                kind: TokenKind::Name(name),
                ..
            } = self.parser.token_at(at)
            else {
                continue;
            };
            let next = &self.parser.token_at(at + 1).kind;
            let changes = matches!(next, TokenKind::Symbol(symbol) if *symbol == "=" || UPDATES.contains(symbol));
            if let Some(item) = self.parser.item_of(name).filter(|_| changes) {
                self.parser.items[item].value = Err(problem.clone());
            }
        }
    }

    /// A statement that assigns nothing: an import, a call, a declaration.
    pub(super) fn other_statement(&mut self, start: usize) {
        let first = self.parser.at;
        let kind = self.parser.kind();
        if let TokenKind::Name(name) = kind
            && let Some(at) = self.begins_rows(name)
        {
            let name = (*name, self.parser.token().span);
            self.parser.at = first + at;
            return self.rows(Some(name));
        }
        if matches!(kind, TokenKind::Name("return" | "yield")) {
            self.parser.advance();
            let at = self.parser.at;
            if self.bare(at).is_ok() {
                return;
            }
        } else if matches!(kind, TokenKind::Name(_)) && self.parser.is_at(1, "(") {
            let constructs =
                matches!(kind, TokenKind::Name(name) if name.starts_with(char::is_uppercase));
            if constructs && self.bare(first).is_ok() {
                return;
            }
        }
        self.parser.skip_statement(start);
        let end = self.parser.at;
        if self.parser.is("{")
            && matches!(
                self.parser.token_at(end.saturating_sub(1)).kind,
                TokenKind::Symbol(")" | ">") | TokenKind::Name(_)
            )
        {
            // A function of C, with its body.
            let open = (start..end)
                .find(|at| matches!(self.parser.token_at(*at).kind, TokenKind::Symbol("(")));
            let name = self.parser.names_between(start, open.unwrap_or(end)).last();
            self.parser.defined.extend(name);
            self.new_scope(&TokenKind::Name(name.unwrap_or_default()));
            self.begin("function", self.scopes);
            return self.open_brace();
        }
        self.imports(first, end);
        self.changes(first, end, &unsupported(self.parser.token_at(first).span));
        self.calls(first, end);
    }

    /// Learns the other names of imported functions: `sqrt as root`.
    pub(super) fn imports(&mut self, from: usize, to: usize) {
        if !matches!(
            self.parser.token_at(from).kind,
            TokenKind::Name("from" | "import" | "use" | "using")
        ) {
            return;
        }
        for at in from + 1..to.saturating_sub(2) {
            let three = [at, at + 1, at + 2].map(|at| &self.parser.token_at(at).kind);
            if let [
                TokenKind::Name(function),
                TokenKind::Name("as"),
                TokenKind::Name(name),
            ] = three
            {
                self.parser.rename(function, name);
            }
        }
    }

    /// A call may change the lists that it mentions, unless it only looks.
    pub(super) fn calls(&mut self, from: usize, to: usize) {
        const READ_ONLY: &[&str] = &[
            "print", "pprint", "display", "show", "plot", "assert", "check", "test", "return",
            "yield", "super", "disp", "save",
        ];
        let open =
            (from..to).find(|at| matches!(self.parser.token_at(*at).kind, TokenKind::Symbol("(")));
        let Some(open) = open else {
            return;
        };
        let names: Vec<_> = self.parser.names_between(from, open).collect();
        let callee = names.last().copied().unwrap_or_default();
        let looks = |word: &str| {
            callee.starts_with(word) || names.first().is_some_and(|first| *first == word)
        };
        if READ_ONLY.iter().any(|word| looks(word)) || callee.starts_with(char::is_uppercase) {
            return;
        }
        let span = self.parser.token_at(from).span;
        let mentioned: Vec<_> = self.parser.names_between(from, to).collect();
        for name in mentioned {
            if let Some(item) = self
                .parser
                .item_of(name)
                .filter(|item| self.parser.is_list(*item))
            {
                self.parser.items[item].value = Err(unsupported(span));
            }
        }
    }
}
