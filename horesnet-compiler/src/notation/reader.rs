//! What is left to read of a program.
//!
//! Lists are copied where their names are used. The copies are counted, so that no program makes them grow without end.

use super::parts::{Value, brief};
use super::scope::Scope;
use super::script::Language;
use super::tokens::{Kind, Token};
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{Expression, Term};

/// Entries that copying lists may make in one file.
const COPIES: usize = 1 << 16;

/// A reader of values in a list of tokens.
pub(super) struct Reader<'a> {
    tokens: &'a [Token<'a>],
    at: usize,
    pub(super) language: Language,
    /// In a row of Julia's, where white space separates entries.
    pub(super) row: bool,
    pub(super) scope: Scope<'a>,
    copies: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(tokens: &'a [Token<'a>], language: Language) -> Self {
        Self {
            tokens,
            at: 0,
            language,
            row: false,
            scope: Scope::default(),
            copies: 0,
        }
    }

    /// The token to be read next; the end does not pass.
    pub(super) fn token(&self) -> &'a Token<'a> {
        self.peek(0)
    }

    fn peek(&self, ahead: usize) -> &'a Token<'a> {
        const END: &Token = &Token {
            kind: Kind::End,
            span: Span { start: 0, end: 0 },
            spaced: true,
        };
        self.tokens
            .get(self.at + ahead)
            .or(self.tokens.last())
            .unwrap_or(END)
    }

    pub(super) fn kind(&self) -> &'a Kind<'a> {
        &self.token().kind
    }

    pub(super) fn next_kind(&self) -> &'a Kind<'a> {
        &self.peek(1).kind
    }

    pub(super) fn next_is_spaced(&self) -> bool {
        self.peek(1).spaced
    }

    /// The place of the token read last.
    pub(super) fn tokens_before(&self) -> Span {
        let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        before.map_or(self.token().span, |token| token.span)
    }

    /// Whether brackets that are not of a type occur in the argument that begins here.
    pub(super) fn argument_calls(&self) -> bool {
        let mut ahead = 0;
        loop {
            match self.peek(ahead).kind {
                Kind::Symbol("," | ")") | Kind::End => return false,
                Kind::Symbol("(" | "[") => return true,
                _ => ahead += 1,
            }
        }
    }

    /// Moves behind an argument of a call.
    pub(super) fn skip_argument(&mut self) {
        let mut depth = 0_usize;
        loop {
            match self.kind() {
                Kind::Symbol("," | ")" | ";") if depth == 0 => return,
                Kind::Symbol("(" | "[" | "{") => depth += 1,
                Kind::Symbol(")" | "]" | "}") => depth = depth.saturating_sub(1),
                Kind::End => return,
                _ => {}
            }
            self.at += 1;
        }
    }

    pub(super) fn position(&self) -> usize {
        self.at
    }

    pub(super) fn advance(&mut self) {
        self.at += 1;
    }

    pub(super) fn is(&self, symbol: &str) -> bool {
        matches!(self.kind(), Kind::Symbol(found) if *found == symbol)
    }

    /// Passes over a symbol if it is there.
    pub(super) fn eat(&mut self, symbol: &str) -> bool {
        let found = self.is(symbol);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, symbol: &str) -> Result<(), Diagnostic> {
        if self.eat(symbol) {
            Ok(())
        } else {
            Err(self.expected(&format!("`{symbol}`")))
        }
    }

    pub(super) fn expected(&self, what: &str) -> Diagnostic {
        let token = self.token();
        let found = match &token.kind {
            Kind::Number(text) | Kind::Name(text) | Kind::Symbol(text) => {
                format!("`{}`", brief(text))
            }
            Kind::Text(_) => "a text".to_owned(),
            Kind::Newline => "the end of the line".to_owned(),
            Kind::End => "the end".to_owned(),
        };
        Diagnostic::at(token.span, format!("expected {what}, found {found}"))
    }

    pub(super) fn is_end_of_statement(&self) -> bool {
        matches!(self.kind(), Kind::Newline | Kind::End) || self.is(";")
    }

    pub(super) fn end_of_statement(&self) -> Result<(), Diagnostic> {
        if self.is_end_of_statement() {
            Ok(())
        } else {
            Err(self.expected("the end of the value"))
        }
    }

    /// Moves behind the statement that starts at a token.
    pub(super) fn skip_statement(&mut self, start: usize) {
        (self.at, self.row) = (start, false);
        let mut depth = 0_usize;
        loop {
            match self.kind() {
                Kind::Symbol("(" | "[" | "{") => depth += 1,
                Kind::Symbol(")" | "]" | "}") => depth = depth.saturating_sub(1),
                Kind::End => return,
                _ if depth == 0 && self.is_end_of_statement() => return,
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Moves to the `=` behind the type of a name, or to the end of the statement.
    pub(super) fn skip_to_value(&mut self) {
        let mut depth = 0_usize;
        while !(depth == 0 && (self.is("=") || self.is_end_of_statement())) {
            match self.kind() {
                Kind::Symbol("(" | "[" | "{") => depth += 1,
                Kind::Symbol(")" | "]" | "}") => depth = depth.saturating_sub(1),
                Kind::End => return,
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Learns the other names of functions from the statement from `start` up to here, if it imports them: `sqrt as root`.
    pub(super) fn import(&mut self, start: usize) {
        let tokens = self.tokens.get(start..self.at).unwrap_or_default();
        let [
            Token {
                kind: Kind::Name("from" | "import"),
                ..
            },
            rest @ ..,
        ] = tokens
        else {
            return;
        };
        for three in rest.windows(3) {
            let kinds: Vec<_> = three.iter().map(|token| &token.kind).collect();
            if let [Kind::Name(function), Kind::Name("as"), Kind::Name(name)] = kinds.as_slice() {
                self.scope.rename(function, name);
            }
        }
    }

    /// Where the statement from `start` up to here assigns for a second time.
    pub(super) fn second_assignment(&self, start: usize) -> Option<Span> {
        let mut depth = 0_usize;
        let mut assignments = self.tokens.get(start..self.at)?.iter().filter(|token| {
            match token.kind {
                Kind::Symbol("(" | "[" | "{") => depth += 1,
                Kind::Symbol(")" | "]" | "}") => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && token.kind == Kind::Symbol("=")
        });
        assignments.nth(1).map(|token| token.span)
    }

    /// Where the statement from `start` up to here could change something: an assignment outside brackets, or a call `f!(…)`.
    pub(super) fn change(&self, start: usize) -> Option<Span> {
        let mut depth = 0_usize;
        for token in self.tokens.get(start..self.at)? {
            match token.kind {
                Kind::Symbol("(" | "[" | "{") => depth += 1,
                Kind::Symbol(")" | "]" | "}") => depth = depth.saturating_sub(1),
                Kind::Symbol("=" | "+=" | "-=" | "*=" | "/=" | "//=" | "**=" | "^=" | ".=")
                    if depth == 0 =>
                {
                    return Some(token.span);
                }
                Kind::Name(name) if name.ends_with('!') => return Some(token.span),
                Kind::Symbol(":=") => return Some(token.span),
                _ => {}
            }
        }
        None
    }

    /// The names that occur from a token on up to here.
    pub(super) fn names(&self, from: usize) -> impl Iterator<Item = &'a str> + use<'a> {
        let tokens = self.tokens.get(from..self.at).unwrap_or_default();
        tokens.iter().filter_map(|token| match token.kind {
            Kind::Name(name) => Some(name),
            _ => None,
        })
    }

    /// The last name or text from a token on up to here.
    pub(super) fn last_word(&self, from: usize) -> Option<&'a str> {
        let tokens = self.tokens.get(from..self.at).unwrap_or_default();
        let mut words = tokens.iter().filter_map(|token| match &token.kind {
            Kind::Name(name) => Some(*name),
            Kind::Text(text) => Some(text.as_str()),
            _ => None,
        });
        words.next_back()
    }

    /// The name that all of the statement from here on consists of, or the last of names with points between them.
    pub(super) fn only_name(&self) -> Option<&'a str> {
        let mut ahead = 0;
        loop {
            let Kind::Name(name) = self.peek(ahead).kind else {
                return None;
            };
            match self.peek(ahead + 1).kind {
                Kind::Symbol(".") => ahead += 2,
                Kind::Newline | Kind::End | Kind::Symbol(";") => return Some(name),
                _ => return None,
            }
        }
    }

    /// Whether a name occurs from a token on up to here.
    pub(super) fn mentioned(&self, from: usize, name: &str) -> bool {
        self.names(from).any(|found| found == name)
    }

    /// Where the statement from `start` up to here is a call, and no other than of a list, which it could change: nobody
    /// calls a function for nothing, and those that only look are called for what they are.
    pub(super) fn call_with_list(&self, start: usize) -> Option<Span> {
        const LOOKS: &[&str] = &[
            "print", "pprint", "display", "show", "plot", "assert", "check", "test", "return",
            "yield", "super",
        ];
        let tokens = self.tokens.get(start..self.at)?;
        let path = |pair: &&[Token]| {
            matches!(
                pair,
                [
                    Token {
                        kind: Kind::Symbol("."),
                        ..
                    },
                    Token {
                        kind: Kind::Name(_),
                        ..
                    }
                ]
            )
        };
        let (first, rest) = tokens.split_first()?;
        let attributes = rest.chunks(2).take_while(path).count();
        let callee = tokens.get(2 * attributes)?;
        let (Kind::Name(name), Kind::Symbol("(")) =
            (&callee.kind, &tokens.get(2 * attributes + 1)?.kind)
        else {
            return None;
        };
        let looks = LOOKS.iter().any(|word| name.starts_with(word));
        let list = self.scope.list_in(self.names(start));
        (!looks && list.is_some()).then_some(first.span)
    }

    pub(super) fn knows(&self, name: &str) -> bool {
        self.scope.knows(name)
    }

    /// The value of a name, at the place where it is used.
    pub(super) fn lookup(&mut self, name: &'a str, span: Span) -> Result<Value, Diagnostic> {
        let value = self.scope.lookup(name, span)?;
        self.spend(&value, span)?;
        Ok(value)
    }

    /// Counts the entries of a copy.
    pub(super) fn spend(&mut self, value: &Value, span: Span) -> Result<(), Diagnostic> {
        self.spend_entries(size_of(value), span)
    }

    pub(super) fn spend_entries(&mut self, count: usize, span: Span) -> Result<(), Diagnostic> {
        self.copies = self.copies.saturating_add(count);
        if self.copies <= COPIES {
            return Ok(());
        }
        Err(Diagnostic::at(
            span,
            "this file makes more lists than any tableau needs",
        ))
    }
}

/// How large a copy of a value is.
fn size_of(value: &Value) -> usize {
    match value {
        Value::List(values, ..) => 1 + values.iter().map(size_of).sum::<usize>(),
        Value::Number(number) => weight(number),
        Value::Text(text) => 1 + text.value.len() / 100,
        Value::Nothing(_) => 1,
    }
}

/// How large a copy of an expression is, in parts and hundreds of digits.
pub(super) fn weight(expression: &Expression) -> usize {
    match &expression.value {
        Term::Decimal { digits, .. } => 1 + digits.len() / 100,
        Term::Name(_) => 1,
        Term::Sum(parts) | Term::Product(parts) => {
            1 + parts.iter().map(|(_, part)| weight(part)).sum::<usize>()
        }
        Term::Power(part, _) | Term::Sqrt(part) => 1 + weight(part),
    }
}
