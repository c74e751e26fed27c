//! Splits a text of Julia or Python into tokens.
//!
//! Unsupported operators become tokens too: they matter only where a field of the tableau needs them.

use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::limits;
use crate::notation::value::brief;

/// A language; the two differ in operators, comments and matrices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Julia,
    Python,
}

#[derive(Clone, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: TokenKind<'a>,
    pub(super) span: Span,
    /// Follows white space, which in Julia's matrices separates entries.
    pub(super) spaced: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TokenKind<'a> {
    Number(&'a str),
    Name(&'a str),
    /// A string, with its escapes resolved.
    Text(String),
    Symbol(&'a str),
    /// A line end that ends a statement or a row.
    Newline,
    End,
}

impl TokenKind<'_> {
    /// The depth of brackets after this token.
    pub(super) fn depth_after(&self, depth: usize) -> usize {
        match self {
            Self::Symbol("(" | "[" | "{") => depth + 1,
            Self::Symbol(")" | "]" | "}") => depth.saturating_sub(1),
            _ => depth,
        }
    }
}

/// Symbols of more than one character, longest first.
const LONG: &[&str] = &[
    ".//", "//=", "**=", "...", "**", "//", "==", "!=", "<=", ">=", "->", "=>", ":=", "+=", "-=",
    "*=", "/=", "^=", ".*", "./", ".+", ".-", ".=", ".^", "::",
];

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    language: Language,
    brackets: Vec<char>,
}

/// Splits a text into tokens; the last is [`TokenKind::End`].
pub(super) fn tokenize(text: &str, language: Language) -> Result<Vec<Token<'_>>, Diagnostic> {
    let mut lexer = Lexer {
        text,
        at: text.len() - text.trim_start_matches('\u{feff}').len(),
        language,
        brackets: Vec::new(),
    };
    let (mut tokens, mut spaced) = (Vec::new(), false);
    while let Some(c) = lexer.rest().chars().next() {
        let start = lexer.at;
        let continued = || lexer.rest()[1..].trim_start_matches(['\r', ' ']);
        match c {
            ' ' | '\t' | '\r' => lexer.at += 1,
            '\\' if continued().starts_with('\n') => {
                lexer.skip_to('\n');
                lexer.at += 1;
            }
            '#' => lexer.comment()?,
            _ => {
                if let Some(kind) = lexer.token(c)? {
                    let span = Span::new(start, lexer.at);
                    tokens.push(Token { kind, span, spaced });
                }
                spaced = false;
                continue;
            }
        }
        spaced = true;
    }
    tokens.push(Token {
        kind: TokenKind::End,
        span: Span::new(text.len(), text.len()),
        spaced: true,
    });
    Ok(tokens)
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn problem(&self, length: usize, headline: impl Into<String>) -> Diagnostic {
        Diagnostic::at(Span::new(self.at, self.at + length), headline)
    }

    /// Moves to the next `end`, or to the end of the text.
    fn skip_to(&mut self, end: char) {
        let rest = self.rest();
        self.at += rest.find(end).unwrap_or(rest.len());
    }

    fn comment(&mut self) -> Result<(), Diagnostic> {
        if self.language == Language::Python || !self.rest().starts_with("#=") {
            self.skip_to('\n');
            return Ok(());
        }
        let close = self.rest().find("=#");
        self.at += 2 + close.ok_or_else(|| self.problem(2, "unterminated comment"))?;
        Ok(())
    }

    fn token(&mut self, c: char) -> Result<Option<TokenKind<'a>>, Diagnostic> {
        let rest = self.rest();
        let digit_after = rest[c.len_utf8()..].starts_with(|c: char| c.is_ascii_digit());
        Ok(Some(match c {
            '\n' => {
                self.at += 1;
                let ends = match self.brackets.last() {
                    None => true,
                    Some(bracket) => self.language == Language::Julia && *bracket == '[',
                };
                return Ok(ends.then_some(TokenKind::Newline));
            }
            '0' if rest[1..].starts_with(['x', 'X', 'o', 'O', 'b', 'B']) => {
                return Err(self.problem(2, "only decimal numbers are supported"));
            }
            '0'..='9' => self.number(),
            '.' if digit_after => self.number(),
            '"' => self.quoted("\"")?,
            '\'' if self.language == Language::Python => self.quoted("'")?,
            c if c.is_alphabetic() || c == '_' => self.name(),
            _ => self.symbol(c)?,
        }))
    }

    /// Julia's names may hold combining accents and end in `!`.
    fn name(&mut self) -> TokenKind<'a> {
        let rest = self.rest();
        let part =
            |c: char| c.is_alphanumeric() || c == '_' || ('\u{300}'..='\u{36f}').contains(&c);
        let mut end = rest.find(|c| !part(c)).unwrap_or(rest.len());
        let tail = &rest[end..];
        if self.language == Language::Julia && tail.starts_with('!') && !tail.starts_with("!=") {
            end += 1;
        }
        self.at += end;
        TokenKind::Name(&rest[..end])
    }

    fn symbol(&mut self, c: char) -> Result<TokenKind<'a>, Diagnostic> {
        match c {
            '(' | '[' | '{' => self.brackets.push(c),
            ')' | ']' | '}' => {
                let open = self.brackets.pop();
                if !matches!(
                    (open, c),
                    (Some('('), ')') | (Some('['), ']') | (Some('{'), '}')
                ) {
                    return Err(self.problem(1, format!("unmatched `{c}`")));
                }
            }
            _ => {}
        }
        if self.brackets.len() > limits::NESTING {
            let headline = format!("brackets are nested more than {} deep", limits::NESTING);
            return Err(self.problem(1, headline));
        }
        let rest = self.rest();
        let long = LONG.iter().find(|long| rest.starts_with(**long));
        let length = long.map_or(c.len_utf8(), |long| long.len());
        self.at += length;
        Ok(TokenKind::Symbol(&rest[..length]))
    }

    fn number(&mut self) -> TokenKind<'a> {
        let rest = self.rest();
        let digits =
            |from: usize| from + rest[from..].bytes().take_while(u8::is_ascii_digit).count();
        let mut end = digits(0);
        if let Some(after) = rest[end..].strip_prefix('.') {
            // In Julia `1./x` is a quotient, entry by entry.
            if !after.starts_with(['*', '/', '^']) {
                end = digits(end + 1);
            }
        }
        if rest[end..].starts_with(['e', 'E']) {
            let sign = usize::from(rest[end + 1..].starts_with(['+', '-']));
            let exponent = digits(end + 1 + sign);
            if exponent > end + 1 + sign {
                end = exponent;
            }
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
        let line = brief(body.lines().next().unwrap_or(""));
        Err(self.problem(mark.len(), format!("unterminated string: `{line}`")))
    }
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
        Some(c @ ('\\' | '"' | '\'' | '$')) => Some((c, 2)),
        Some('x') => code(2),
        Some('u') => code(4),
        Some('U') => code(8),
        _ => None,
    };
    escape.unwrap_or(('\\', 1))
}
