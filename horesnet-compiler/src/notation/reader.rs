//! What is left to read of a program, and what its names stand for so far.
//!
//! Lists are copied where their names are used. The copies are counted, so that no program makes them grow without end.

use std::collections::BTreeMap;

use super::parts::{Value, brief};
use super::script::Language;
use super::tokens::{Kind, Token};
use crate::diagnostic::{Diagnostic, Span};
use crate::document::{Expression, Spanned, Term};

/// Entries that copying lists may make in one file.
const COPIES: usize = 1 << 16;

/// A reader of values in a list of tokens.
pub(super) struct Reader<'a> {
    tokens: &'a [Token<'a>],
    at: usize,
    pub(super) language: Language,
    /// In a row of Julia's, where white space separates entries.
    pub(super) row: bool,
    scope: BTreeMap<&'a str, Result<Value, Diagnostic>>,
    copies: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(tokens: &'a [Token<'a>], language: Language) -> Self {
        Self {
            tokens,
            at: 0,
            language,
            row: false,
            scope: BTreeMap::new(),
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
                _ => {}
            }
        }
        None
    }

    /// Whether a name occurs from a token on up to here.
    pub(super) fn mentioned(&self, from: usize, name: &str) -> bool {
        let tokens = self.tokens.get(from..self.at).unwrap_or_default();
        tokens.iter().any(|token| token.kind == Kind::Name(name))
    }

    pub(super) fn knows(&self, name: &str) -> bool {
        self.scope.contains_key(name)
    }

    pub(super) fn assign(&mut self, name: &'a str, value: Result<Value, Diagnostic>) {
        self.scope.insert(name, value);
    }

    pub(super) fn take(&mut self, name: &str) -> Option<Result<Value, Diagnostic>> {
        self.scope.remove(name)
    }

    /// The value of a name, at the place where it is used.
    pub(super) fn lookup(&mut self, name: &str, span: Span) -> Result<Value, Diagnostic> {
        match self.scope.get(name).cloned() {
            Some(Ok(value)) => {
                self.spend(&value, span)?;
                Ok(match value {
                    Value::Number(number) => Value::Number(Spanned {
                        value: number.value,
                        span,
                    }),
                    other => other,
                })
            }
            Some(Err(problem)) => Err(problem),
            None => Err(
                Diagnostic::at(span, format!("`{}` has no value here", brief(name)))
                    .help("what is read are numbers, `sqrt(…)`, lists, and names assigned before"),
            ),
        }
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

    /// `A[i, j] = VALUE` or `c[i] = VALUE`, from the name on.
    pub(super) fn assign_entry(&mut self, name: &'a str) -> Result<(), Diagnostic> {
        let start = self.token().span;
        self.advance();
        let mut path = Vec::new();
        while self.eat("[") {
            loop {
                path.push(self.index()?);
                if !self.eat(",") {
                    break;
                }
            }
            self.expect("]")?;
        }
        let place = start.to(self.peek(0).span);
        self.expect("=")?;
        let value = self.value()?;
        let mut entry = match self.scope.get_mut(name) {
            Some(Ok(value)) => value,
            Some(Err(problem)) => return Err(problem.clone()),
            None => {
                return Err(Diagnostic::at(
                    start,
                    format!("`{}` has no value here", brief(name)),
                ));
            }
        };
        for index in path {
            let Value::List(values, _) = entry else {
                return Err(Diagnostic::at(
                    place,
                    "this is more indices than the list has",
                ));
            };
            let length = values.len();
            entry = values.get_mut(index).ok_or_else(|| {
                Diagnostic::at(
                    place,
                    format!("this is outside the list, which has {length} entries"),
                )
            })?;
        }
        if matches!(entry, Value::List(..)) || matches!(value, Value::List(..)) {
            return Err(Diagnostic::at(place, "an entry is assigned one number"));
        }
        *entry = value;
        Ok(())
    }

    /// An index, counted from 0.
    fn index(&mut self) -> Result<usize, Diagnostic> {
        let first = usize::from(self.language == Language::Julia);
        let index = match self.kind() {
            Kind::Number(digits) => digits.parse::<usize>().ok(),
            _ => None,
        };
        let index = index.and_then(|index| index.checked_sub(first));
        let index = index.ok_or_else(|| self.expected("an index"))?;
        self.advance();
        Ok(index)
    }
}

/// How large a copy of a value is.
fn size_of(value: &Value) -> usize {
    match value {
        Value::List(values, _) => 1 + values.iter().map(size_of).sum::<usize>(),
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
