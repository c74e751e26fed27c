//! The left side of an assignment, in any language: `A`, `tbl.A`, `A, b`, `A[1, 0]`, `static const double A[4][4]`,
//! `pub const A: [[f64; 4]; 4]`, `real(dp), parameter :: a(4, 4)`.

use super::atom::is_self;
use super::block::among;
use super::dialect::Dialect;
use super::functions::is_whole;
use super::lexer::TokenKind;
use super::parser::Parser;
use crate::language::diagnostic::Span;

/// Operators that change a variable.
const UPDATES: &str = "+= -= *= /= //= **= ^= .= <<";

/// What a statement assigns to.
#[derive(Debug)]
pub(super) struct Target<'a> {
    pub(super) names: Vec<(String, Span)>,
    /// The token of the first index.
    pub(super) indices: Option<usize>,
    /// `=`, or what changes the variable.
    pub(super) operator: &'a str,
    /// The token of the value.
    pub(super) value: usize,
    /// The type holds integers only.
    pub(super) is_whole: bool,
    /// The value is the target of one more assignment.
    pub(super) is_chained: bool,
}

/// The operator of an assignment, if a symbol is one.
pub(super) fn operator(symbol: &str) -> Option<&str> {
    match symbol {
        "=" | ":=" | "<-" => Some("="),
        update => Some(update).filter(|update| among(UPDATES, update)),
    }
}

impl<'a> Target<'a> {
    /// Finds what the statement from a token on assigns to.
    pub(super) fn find(parser: &Parser<'a>, start: usize) -> Option<Self> {
        let (mut at, mut from, mut colon, mut has_commas) = (start, start, None, false);
        let operator = loop {
            let token = parser.token_at(at);
            let symbol = parser.symbol(at);
            if let Some(operator) = operator(symbol) {
                break operator;
            }
            let ends = matches!(token.kind, TokenKind::Newline | TokenKind::End);
            match symbol {
                _ if ends || among("; { }", symbol) => {
                    // `A: [[0]]` of YAML
                    at = colon.filter(|colon| parser.symbol(colon + 1) == "[")?;
                    break "=";
                }
                "::" if parser.dialect == Dialect::Fortran => (from, has_commas) = (at + 1, false),
                "::" if parser.dialect == Dialect::Braces => {}
                ":" | "::" => colon = colon.or(Some(at)),
                "," => has_commas = true,
                _ => {}
            }
            at = token.close + 1;
        };
        let mut target = Self {
            names: Vec::new(),
            indices: None,
            operator,
            value: at + 1,
            is_whole: from > start && is_whole(parser.word(start)),
            is_chained: false,
        };
        let end = colon.unwrap_or(at);
        if !has_commas || !target.several(parser, from, end) {
            target.named(parser, from, end)?;
        }
        target.indices = target.indices.filter(|_| from == start);
        Some(target)
    }

    /// Finds the target that is the value: `y` in `x = y = 1/2`.
    pub(super) fn chained(&mut self, parser: &Parser<'a>) -> Option<Self> {
        let mut at = self.value;
        while !parser.word(at).is_empty() {
            at += 1;
            while parser.symbol(at) == "[" {
                at = parser.token_at(at).close + 1;
            }
            at += usize::from(parser.symbol(at) == ".");
            if parser.symbol(at - 1) != "." {
                break;
            }
        }
        let assigns = |at: usize| operator(parser.symbol(at)) == Some("=");
        let assigned = at > self.value && self.operator == "=" && assigns(at);
        let next = assigned.then(|| Self::find(parser, self.value)).flatten();
        self.is_chained = next.is_some();
        next
    }

    /// Finds the last path of names between two tokens, with its indices.
    fn named(&mut self, parser: &Parser<'a>, from: usize, to: usize) -> Option<()> {
        let (mut path, mut joined, mut is_declared) = (Vec::<&str>::new(), false, false);
        let (mut at, mut span) = (from, parser.token_at(from).span);
        while at < to {
            let token = parser.token_at(at);
            match token.kind {
                TokenKind::Name(name) => {
                    if !joined {
                        self.is_whole |= path.last().is_some_and(|word| is_whole(word));
                        is_declared |= !path.is_empty();
                        (path, self.indices, span) = (Vec::new(), None, token.span);
                    }
                    path.push(name);
                    (span, joined) = (span.to(token.span), false);
                }
                TokenKind::Symbol("." | "->" | "::") => joined = true,
                TokenKind::Symbol("[" | "(") => match &parser.token_at(at + 1).kind {
                    TokenKind::Text(key) if token.close == at + 2 => path.push(key),
                    _ => self.indices = self.indices.or(Some(at)),
                },
                // The parameters of a type: `std::array<double, 2>`.
                TokenKind::Number(..) => {}
                TokenKind::Symbol(symbol) if among("{ * & < > >> @ ,", symbol) => {}
                _ => return None,
            }
            at = token.close + 1;
        }
        if path.len() > 1 && is_self(path[0]) {
            path.remove(0);
        }
        // Indices of a declaration are sizes.
        self.indices = self.indices.filter(|_| !is_declared);
        self.names = vec![(path.join("."), span)];
        (!path.is_empty()).then_some(())
    }

    /// Finds names with commas between them; returns false if there is anything else.
    fn several(&mut self, parser: &Parser, from: usize, to: usize) -> bool {
        for at in from..to {
            match parser.word(at) {
                "" if among(", ( )", parser.symbol(at)) => {}
                word if among("const local global let var double static", word) => {}
                word if !word.is_empty() => {
                    self.names.push((word.to_owned(), parser.token_at(at).span));
                }
                _ => return false,
            }
        }
        !self.names.is_empty()
    }
}
