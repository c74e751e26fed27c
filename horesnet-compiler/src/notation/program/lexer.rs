//! Splits a program into tokens. Comments are dropped; line ends are tokens, since some languages end rows with them.

use super::dialect::Dialect;
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::limits;

#[derive(Clone, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: TokenKind<'a>,
    pub(super) span: Span,
    /// Follows white space, which separates the entries of some matrices.
    pub(super) spaced: bool,
    /// The bracket that closes this one, by the number of its token.
    pub(super) close: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TokenKind<'a> {
    /// Digits, point, exponent and suffix.
    Number(&'a str),
    Name(&'a str),
    /// A string, with its escapes resolved.
    Text(String),
    Symbol(&'a str),
    Newline,
    End,
}

/// Symbols of more than one character, longest first.
const LONG: &[&str] = &[
    ".//", "//=", "**=", "...", "**", "//", "==", "!=", "<=", ">=", "->", "=>", ":=", "+=", "-=",
    "*=", "/=", "^=", ".*", "./", ".+", ".-", ".=", ".^", ".'", "::", "<<", ">>", "&&", "||",
];

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    dialect: Dialect,
    tokens: Vec<Token<'a>>,
    /// The open brackets, by the numbers of their tokens.
    open: Vec<usize>,
}

/// Splits a text into tokens; the last is [`TokenKind::End`].
pub(super) fn tokenize(text: &str, dialect: Dialect) -> Result<Vec<Token<'_>>, Diagnostic> {
    let mut lexer = Lexer {
        text,
        at: text.len() - text.trim_start_matches('\u{feff}').len(),
        dialect,
        tokens: Vec::new(),
        open: Vec::new(),
    };
    let mut spaced = false;
    while let Some(c) = lexer.rest().chars().next() {
        let start = lexer.at;
        if matches!(c, ' ' | '\t' | '\r' | '\u{c}') {
            lexer.at += 1;
        } else if !lexer.continuation() && !lexer.comment()? {
            let kind = lexer.token(c)?;
            let span = Span::new(start, lexer.at);
            lexer.push(kind, span, spaced)?;
            spaced = false;
            continue;
        }
        spaced = true;
    }
    if let Some(open) = lexer.open.last().and_then(|open| lexer.tokens.get(*open)) {
        let bracket = &text[open.span.range()];
        return Err(Diagnostic::at(open.span, format!("unmatched `{bracket}`")));
    }
    lexer.push(TokenKind::End, Span::new(text.len(), text.len()), true)?;
    Ok(lexer.tokens)
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn problem(&self, length: usize, headline: impl Into<String>) -> Diagnostic {
        Diagnostic::at(Span::new(self.at, self.at + length), headline)
    }

    /// Adds a token, and matches brackets.
    fn push(&mut self, kind: TokenKind<'a>, span: Span, spaced: bool) -> Result<(), Diagnostic> {
        let number = self.tokens.len();
        match kind {
            TokenKind::Symbol("(" | "[" | "{" | "(/") => {
                self.open.push(number);
                if self.open.len() > limits::NESTING {
                    let headline =
                        format!("brackets are nested more than {} deep", limits::NESTING);
                    return Err(Diagnostic::at(span, headline));
                }
            }
            TokenKind::Symbol(close @ (")" | "]" | "}" | "/)")) => {
                let pair = |open: &Token| {
                    matches!(
                        (&open.kind, close),
                        (TokenKind::Symbol("("), ")")
                            | (TokenKind::Symbol("["), "]")
                            | (TokenKind::Symbol("{"), "}")
                            | (TokenKind::Symbol("(/"), "/)")
                    )
                };
                let open = self.open.pop().and_then(|open| self.tokens.get_mut(open));
                let open = open.filter(|open| pair(open));
                open.ok_or_else(|| Diagnostic::at(span, format!("unmatched `{close}`")))?
                    .close = number;
            }
            _ => {}
        }
        let close = number;
        self.tokens.push(Token {
            kind,
            span,
            spaced,
            close,
        });
        Ok(())
    }

    /// Moves past a mark that continues the line, and the line end after it.
    fn continuation(&mut self) -> bool {
        let rest = self.rest();
        let mark = match rest.as_bytes() {
            [b'\\' | b'&', ..] => 1,
            [b'.', b'.', b'.', ..] => 3,
            _ => return false,
        };
        let after = rest[mark..].trim_start_matches([' ', '\t', '\r']);
        let comments = (mark == 3 && self.dialect != Dialect::Python)
            || (self.dialect == Dialect::Fortran && after.starts_with('!'));
        let ends = after.is_empty() || after.starts_with('\n') || comments;
        // Fortran may begin the next line with `&`, too.
        let begins = rest.starts_with('&')
            && self.dialect == Dialect::Fortran
            && self.text[..self.at]
                .trim_end_matches([' ', '\t'])
                .ends_with('\n');
        if begins && !ends {
            self.at += 1;
            return true;
        }
        if ends {
            self.at += rest.find('\n').map_or(rest.len(), |at| at + 1);
            let next = self.rest();
            let indent = next.len() - next.trim_start_matches([' ', '\t']).len();
            if mark == 1 && rest.starts_with('&') && next[indent..].starts_with('&') {
                self.at += indent + 1;
            }
        }
        ends
    }

    /// Moves past a comment.
    fn comment(&mut self) -> Result<bool, Diagnostic> {
        let rest = self.rest();
        let Some(end) = self.dialect.comment(&self.text[..self.at], rest) else {
            return Ok(false);
        };
        let close = rest[1..].find(end).map(|at| at + 1);
        self.at += match (close, end) {
            (Some(at), "\n") => at,
            (Some(at), _) => at + end.len(),
            (None, "\n") => rest.len(),
            (None, _) => return Err(self.problem(2, "unterminated comment")),
        };
        Ok(true)
    }

    fn token(&mut self, c: char) -> Result<TokenKind<'a>, Diagnostic> {
        let rest = self.rest();
        let digit_after = rest[c.len_utf8()..].starts_with(|c: char| c.is_ascii_digit());
        Ok(match c {
            '\n' => {
                self.at += 1;
                TokenKind::Newline
            }
            '0'..='9' => self.number(),
            '.' if digit_after => self.number(),
            '"' => self.quoted("\"")?,
            '\'' if self.begins_text() => self.quoted("'")?,
            c if c.is_alphabetic() || c == '_' => self.name(),
            _ => self.symbol(c),
        })
    }

    /// Returns true if an apostrophe here begins a string: after a value it transposes, and Rust's lifetimes have no end.
    fn begins_text(&self) -> bool {
        let after_value = |token: &Token| {
            token.span.end == self.at
                && matches!(
                    token.kind,
                    TokenKind::Number(_)
                        | TokenKind::Name(_)
                        | TokenKind::Symbol(")" | "]" | "}" | "'")
                )
        };
        let prefixed = |token: &Token| {
            matches!(
                token.kind,
                TokenKind::Name("r" | "b" | "f" | "u" | "R" | "rb")
            )
        };
        let last = self.tokens.last();
        let next = self.rest()[1..]
            .bytes()
            .find(|b| matches!(b, b'\'' | b'\n'));
        let closes = next == Some(b'\'')
            || self.rest().starts_with("'''")
            || self.dialect == Dialect::Python;
        last.is_none_or(|last| !after_value(last) || prefixed(last)) && closes
    }

    /// Names may hold combining accents and end in `!`.
    fn name(&mut self) -> TokenKind<'a> {
        let rest = self.rest();
        let part =
            |c: char| c.is_alphanumeric() || c == '_' || ('\u{300}'..='\u{36f}').contains(&c);
        let mut end = rest.find(|c| !part(c)).unwrap_or(rest.len());
        let tail = &rest[end..];
        if tail.starts_with('!') && !tail.starts_with("!=") && self.dialect != Dialect::Fortran {
            end += 1;
        }
        self.at += end;
        TokenKind::Name(&rest[..end])
    }

    fn symbol(&mut self, c: char) -> TokenKind<'a> {
        let rest = self.rest();
        let fortran =
            self.dialect == Dialect::Fortran && (rest.starts_with("(/") || rest.starts_with("/)"));
        let long = LONG.iter().find(|long| rest.starts_with(**long));
        let length = match long {
            _ if fortran => 2,
            Some(long) => long.len(),
            None => c.len_utf8(),
        };
        self.at += length;
        TokenKind::Symbol(&rest[..length])
    }

    fn number(&mut self) -> TokenKind<'a> {
        let rest = self.rest();
        let fortran = self.dialect == Dialect::Fortran;
        let digits = |from: usize| {
            let mut end = from;
            loop {
                let digit = |b: &u8| b.is_ascii_digit() || *b == b'_';
                end += rest[end..].bytes().take_while(digit).count();
                match joined(&rest[end..]).filter(|_| fortran) {
                    Some(length) => end += length,
                    // `1_dp` has a kind behind its digits.
                    None => return rest[..end].trim_end_matches('_').len().max(from),
                }
            }
        };
        let mut end = digits(0);
        if let Some(after) = rest[end..].strip_prefix('.') {
            // `1./x` is a quotient, entry by entry, in Julia; the same as 1.0/x.
            let operator =
                after.starts_with(['*', '/', '^', '.', '\'']) && self.dialect != Dialect::Braces;
            let method = after.starts_with(|c: char| c.is_alphabetic())
                && !after.starts_with(['e', 'E', 'd', 'D', 'f', 'F', 'l', 'L']);
            if !operator && !method {
                end = digits(end + 1);
            }
        }
        // `1e-3`, `1d-3`, and `1f-3` of Julia.
        if rest[end..].starts_with(['e', 'E', 'd', 'D', 'f']) {
            let sign = usize::from(rest[end + 1..].starts_with(['+', '-']));
            let exponent = digits(end + 1 + sign);
            let rust = rest[end..].starts_with("f64") || rest[end..].starts_with("f32");
            if exponent > end + 1 + sign && !rust {
                end = exponent;
            }
        }
        // `f64`, `_f64`, `_dp`, `f`, `L`
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let suffix = rest[end..]
            .find(|c| !word(c))
            .map_or(&rest[end..], |length| &rest[end..end + length]);
        let typed = suffix.starts_with('_') || matches!(suffix, "f64" | "f32");
        let letter = matches!(suffix, "f" | "F" | "l" | "L" | "u" | "U" | "m" | "q" | "Q")
            && self.dialect == Dialect::Braces;
        let other_base =
            end == 1 && suffix.starts_with(['x', 'X', 'o', 'O', 'b', 'B']) && rest.starts_with('0');
        if typed || letter || other_base {
            end += suffix.len();
        }
        self.at += end;
        TokenKind::Number(&rest[..end])
    }

    fn quoted(&mut self, mark: &str) -> Result<TokenKind<'a>, Diagnostic> {
        let triple = mark.repeat(3);
        let is_triple = self.rest().starts_with(&triple);
        let mark = if is_triple { triple.as_str() } else { mark };
        let body = &self.rest()[mark.len()..];
        let (mut text, mut at) = (String::new(), 0);
        while let Some(c) = body[at..].chars().next() {
            if body[at..].starts_with(mark) {
                self.at += 2 * mark.len() + at;
                return Ok(TokenKind::Text(text));
            }
            if c == '\n' && !is_triple {
                break;
            }
            let (c, length) = match c {
                '\\' => unescape(&body[at..]),
                c => (c, c.len_utf8()),
            };
            text.push(c);
            at += length;
        }
        let line = super::brief(body.lines().next().unwrap_or(""));
        Err(self.problem(mark.len(), format!("unterminated string: `{line}`")))
    }
}

/// The length of a break inside a number of Fortran's: `&`, a line end, `&`.
fn joined(text: &str) -> Option<usize> {
    let after = text
        .strip_prefix('&')?
        .trim_start_matches([' ', '\t', '\r']);
    let next = after.strip_prefix('\n')?.trim_start_matches([' ', '\t']);
    let rest = next.strip_prefix('&')?;
    (rest.starts_with(|c: char| c.is_ascii_digit())).then_some(text.len() - rest.len())
}

/// Resolves the escape that `text` begins with, and returns its length. Unknown escapes are plain backslashes.
fn unescape(text: &str) -> (char, usize) {
    let code = |digits: usize| {
        let code = u32::from_str_radix(text.get(2..2 + digits)?, 16).ok()?;
        Some((char::from_u32(code)?, 2 + digits))
    };
    let escape = match text[1..].chars().next() {
        Some('n') => Some(('\n', 2)),
        Some('t') => Some(('\t', 2)),
        Some('r') => Some(('\r', 2)),
        Some('b') => Some(('\u{8}', 2)),
        Some('f') => Some(('\u{c}', 2)),
        Some('v') => Some(('\u{b}', 2)),
        Some('a') => Some(('\u{7}', 2)),
        Some(c @ ('\\' | '"' | '\'' | '$' | '/')) => Some((c, 2)),
        Some('x') => code(2),
        Some('u') => code(4),
        Some('U') => code(8),
        _ => None,
    };
    escape.unwrap_or(('\\', 1))
}
