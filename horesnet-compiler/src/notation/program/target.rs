//! The left side of an assignment, in any language: `A`, `tbl.A`, `A, b`, `A[1, 0]`, `static const double A[4][4]`,
//! `pub const A: [[f64; 4]; 4]`, `real(dp), parameter :: a(4, 4)`.

use super::dialect::Dialect;
use super::lexer::TokenKind;
use super::parser::Parser;
use super::statement::UPDATES;
use crate::language::diagnostic::Span;

/// What a statement assigns to.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) names: Vec<(String, Span)>,
    /// The token of the first index.
    pub(super) indices: Option<usize>,
    /// The operator, other than `=`.
    pub(super) update: Option<&'static str>,
    /// The token of the value.
    pub(super) value: usize,
    /// The type holds integers only.
    pub(super) whole: bool,
}

/// Types that hold integers only.
const WHOLE: &[&str] = &[
    "int", "long", "short", "unsigned", "integer", "i32", "i64", "u32", "usize", "Int", "Int64",
];

impl Target {
    /// Finds what the statement from a token on assigns to.
    pub(super) fn find(parser: &Parser, start: usize) -> Option<Self> {
        let mut at = start;
        let (mut colon, mut from, mut commas) = (None, start, 0);
        let update = loop {
            let token = parser.token_at(at);
            match token.kind {
                TokenKind::Symbol("=") => break None,
                TokenKind::Symbol(symbol) if UPDATES.contains(&symbol) => {
                    break UPDATES.iter().find(|update| **update == symbol).copied();
                }
                TokenKind::Newline | TokenKind::End | TokenKind::Symbol(";" | "{" | "}")
                    if at > start =>
                {
                    // `A: [[0]]` of YAML
                    let listed = colon.filter(|colon| {
                        matches!(parser.token_at(colon + 1).kind, TokenKind::Symbol("["))
                    });
                    let value = listed? + 1;
                    return Self::named(parser, start, value - 1, value, None);
                }
                TokenKind::Symbol(":") => colon = colon.or(Some(at)),
                TokenKind::Symbol("::") if parser.dialect == Dialect::Fortran => from = at + 1,
                TokenKind::Symbol("::") if parser.dialect != Dialect::Braces => {
                    colon = colon.or(Some(at));
                }
                // The parameters of a type: `std::array<std::array<double, 2>, 2> A`.
                TokenKind::Symbol("<") if parser.dialect == Dialect::Braces => {
                    at = type_end(parser, at).unwrap_or(at);
                }
                TokenKind::Symbol(",") => commas += 1,
                _ => {}
            }
            at = token.close.max(at) + 1;
        };
        let fortran = from > start;
        let end = colon.unwrap_or(at);
        if commas > 0 && !fortran {
            let names = (from..end).map(|at| match &parser.token_at(at).kind {
                TokenKind::Name(
                    "const" | "local" | "global" | "let" | "var" | "double" | "static",
                )
                | TokenKind::Symbol("," | "(" | ")") => Some(None),
                TokenKind::Name(name) => Some(Some(((*name).to_owned(), parser.token_at(at).span))),
                _ => None,
            });
            let names: Option<Vec<_>> = names.collect();
            let names = names?.into_iter().flatten().collect();
            return Some(Self {
                names,
                indices: None,
                update,
                value: at + 1,
                whole: false,
            });
        }
        let mut target = Self::named(parser, from, end, at + 1, update)?;
        if fortran {
            target.indices = None;
            let whole = matches!(parser.token_at(start).kind, TokenKind::Name(word) if word.eq_ignore_ascii_case("integer"));
            target.whole = whole;
        }
        Some(target)
    }

    /// The last path of names between two tokens, with its indices.
    fn named(
        parser: &Parser,
        from: usize,
        to: usize,
        value: usize,
        update: Option<&'static str>,
    ) -> Option<Self> {
        let mut path: Vec<String> = Vec::new();
        let (mut indices, mut declared, mut joined, mut whole) = (None, false, false, false);
        let mut span = parser.token_at(from).span;
        let mut at = from;
        while at < to {
            let token = parser.token_at(at);
            match &token.kind {
                TokenKind::Name(name) => {
                    if joined {
                        path.push((*name).to_owned());
                    } else {
                        whole |= path
                            .last()
                            .is_some_and(|word| WHOLE.contains(&word.as_str()));
                        declared |= !path.is_empty();
                        path = vec![(*name).to_owned()];
                        indices = None;
                        span = token.span;
                    }
                    joined = false;
                    span = span.to(token.span);
                }
                TokenKind::Symbol("." | "->" | "::") => joined = true,
                TokenKind::Symbol("[" | "(") => {
                    match &parser.token_at(at + 1).kind {
                        TokenKind::Text(key) if token.close == at + 2 => path.push(key.clone()),
                        _ => indices = indices.or(Some(at)),
                    }
                    at = token.close;
                }
                TokenKind::Symbol("{") => at = token.close,
                TokenKind::Symbol("<") => at = type_end(parser, at).unwrap_or(to),
                TokenKind::Symbol("*" | "&" | ">" | "@") => {}
                _ => return None,
            }
            at += 1;
        }
        if path.len() > 1 && matches!(path.first().map(String::as_str), Some("self" | "this")) {
            path.remove(0);
        }
        if declared
            && matches!(
                parser.dialect,
                Dialect::Braces | Dialect::Fortran | Dialect::Unknown
            )
        {
            indices = None;
        }
        let names = vec![(path.join("."), span)];
        (!path.is_empty()).then_some(Self {
            names,
            indices,
            update,
            value,
            whole,
        })
    }
}

/// The token that ends the parameters of a type.
fn type_end(parser: &Parser, start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for at in start..start + 64 {
        match parser.token_at(at).kind {
            TokenKind::Symbol("<") => depth += 1,
            TokenKind::Symbol(">") => depth -= 1,
            TokenKind::Symbol(">>") => depth = depth.saturating_sub(2),
            TokenKind::Symbol(";" | "=" | "{" | "}") | TokenKind::End => return None,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}
