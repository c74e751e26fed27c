//! The left side of an assignment, in any language: `A`, `tbl.A`, `A, b`, `A[1, 0]`, `static const double A[4][4]`,
//! `pub const A: [[f64; 4]; 4]`, `real(dp), parameter :: a(4, 4)`.

use super::atom::is_self;
use super::dialect::Dialect;
use super::functions::is_whole;
use super::lexer::TokenKind;
use super::parser::Parser;
use crate::language::diagnostic::Span;

/// The most names of one statement.
const NAMES: usize = 64;

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
}

/// The operator of an assignment.
pub(super) fn operator<'a>(kind: &TokenKind<'a>) -> Option<&'a str> {
    match kind {
        TokenKind::Symbol("=" | ":=" | "<-") => Some("="),
        TokenKind::Symbol(update) => {
            Some(*update).filter(|update| UPDATES.split(' ').any(|other| other == *update))
        }
        _ => None,
    }
}

impl<'a> Target<'a> {
    /// Finds what the statement from a token on assigns to.
    pub(super) fn find(parser: &Parser<'a>, start: usize) -> Option<Self> {
        let (mut at, mut from) = (start, start);
        let (mut colon, mut has_commas) = (None, false);
        let operator = loop {
            let token = parser.token_at(at);
            if let Some(operator) = operator(&token.kind) {
                break operator;
            }
            match token.kind {
                // `A: [[0]]` of YAML
                TokenKind::Newline | TokenKind::End | TokenKind::Symbol(";" | "{" | "}")
                    if at > start =>
                {
                    at = colon.filter(|colon| {
                        parser.token_at(colon + 1).kind == TokenKind::Symbol("[")
                    })?;
                    break "=";
                }
                TokenKind::Symbol("::") if parser.dialect == Dialect::Fortran => {
                    (from, has_commas) = (at + 1, false);
                }
                TokenKind::Symbol("::") if parser.dialect == Dialect::Braces => {}
                TokenKind::Symbol(":" | "::") => colon = colon.or(Some(at)),
                TokenKind::Symbol(",") => has_commas = true,
                _ => {}
            }
            at = token.close.max(at) + 1;
        };
        let end = colon.unwrap_or(at);
        let several = if has_commas {
            several(parser, from, end)
        } else {
            None
        };
        let mut target = match several {
            Some(names) => Self {
                names,
                indices: None,
                operator,
                value: at + 1,
                is_whole: false,
            },
            None => Self::named(parser, from, end)?,
        };
        if from > start {
            target.indices = None;
            target.is_whole |= parser
                .names_between(start, from)
                .next()
                .is_some_and(is_whole);
        }
        Some(Self {
            operator,
            value: at + 1,
            ..target
        })
    }

    /// The last path of names between two tokens, with its indices.
    fn named(parser: &Parser<'a>, from: usize, to: usize) -> Option<Self> {
        let mut path: Vec<&str> = Vec::new();
        let (mut indices, mut joined, mut is_declared, mut whole) = (None, false, false, false);
        let mut span = parser.token_at(from).span;
        let mut at = from;
        while at < to {
            let token = parser.token_at(at);
            match token.kind {
                TokenKind::Name(name) if joined => {
                    path.push(name);
                    (span, joined) = (span.to(token.span), false);
                }
                TokenKind::Name(name) => {
                    whole |= path.last().is_some_and(|word| is_whole(word));
                    is_declared |= !path.is_empty();
                    (path, indices, span) = (vec![name], None, token.span);
                }
                TokenKind::Symbol("." | "->" | "::") => joined = true,
                TokenKind::Symbol("[" | "(") => match &parser.token_at(at + 1).kind {
                    TokenKind::Text(key) if token.close == at + 2 => path.push(key),
                    _ => indices = indices.or(Some(at)),
                },
                // The parameters of a type: `std::array<double, 2>`.
                TokenKind::Symbol("{" | "*" | "&" | "<" | ">" | ">>" | "@" | ",")
                | TokenKind::Number(..) => {}
                _ => return None,
            }
            at = token.close.max(at) + 1;
        }
        if path.len() > 1 && is_self(path[0]) {
            path.remove(0);
        }
        (!path.is_empty()).then(|| Self {
            names: vec![(path.join("."), span)],
            // Those of a declaration are sizes.
            indices: indices.filter(|_| !is_declared),
            operator: "=",
            value: to,
            is_whole: whole,
        })
    }
}

/// Names with commas between them.
fn several(parser: &Parser, from: usize, to: usize) -> Option<Vec<(String, Span)>> {
    let mut names = Vec::new();
    for at in from..to {
        match parser.token_at(at).kind {
            TokenKind::Name("const" | "local" | "global" | "let" | "var" | "double" | "static")
            | TokenKind::Symbol("," | "(" | ")") => {}
            TokenKind::Name(name) if names.len() < NAMES => {
                names.push((name.to_owned(), parser.token_at(at).span));
            }
            _ => return None,
        }
    }
    Some(names)
}
