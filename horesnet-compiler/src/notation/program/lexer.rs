//! Splits a program into tokens. Comments are dropped; line ends are tokens, since some languages end rows with them.

use super::Parsed;
use super::block::among;
use super::dialect::Dialect;
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::limits;

#[derive(Clone, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: TokenKind<'a>,
    pub(super) span: Span,
    /// Follows white space, which separates the entries of some matrices.
    pub(super) spaced: bool,
    /// The number of the token that closes this bracket; of other tokens, their own number.
    pub(super) close: usize,
    pub(super) line: usize,
    /// The number of bytes before it in its line.
    pub(super) column: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TokenKind<'a> {
    /// Digits with point and exponent, and the suffix behind them.
    Number(&'a str, &'a str),
    Name(&'a str),
    /// A string, with its escapes resolved.
    Text(String),
    Symbol(&'a str),
    Newline,
    End,
}

impl<'a> Token<'a> {
    /// The name that it is, or nothing.
    pub(super) fn word(&self) -> &'a str {
        match self.kind {
            TokenKind::Name(word) => word,
            _ => "",
        }
    }
}

/// Symbols of more than one character, longest first.
const LONG: &str =
    ".// //= **= ... ** // == != <= >= -> => := += -= *= /= ^= .* ./ .+ .- .= .^ .' :: << >> && ||";

#[derive(Default)]
struct Lexer<'a> {
    text: &'a str,
    at: usize,
    dialect: Dialect,
    tokens: Vec<Token<'a>>,
    /// The open brackets, by the numbers of their tokens.
    open: Vec<usize>,
    line: usize,
    /// The start of the line.
    line_start: usize,
    /// The place up to which lines are counted.
    counted: usize,
}

/// Splits a text into tokens; the last is [`TokenKind::End`].
pub(super) fn tokenize(text: &str, dialect: Dialect) -> Parsed<Vec<Token<'_>>> {
    let mut lexer = Lexer {
        text,
        at: text.len() - text.trim_start_matches('\u{feff}').len(),
        dialect,
        ..Lexer::default()
    };
    let mut spaced = false;
    while let Some(c) = lexer.rest().chars().next() {
        let start = lexer.at;
        if matches!(c, ' ' | '\t' | '\r' | '\u{c}') {
            lexer.at += 1;
        } else if !lexer.continuation() && !lexer.definition()? && !lexer.comment()? {
            let kind = lexer.token(c)?;
            lexer.push(kind, Span::new(start, lexer.at), spaced)?;
            spaced = false;
            continue;
        }
        spaced = true;
    }
    if let Some(open) = lexer.open.last() {
        return Err(lexer.unmatched(lexer.tokens[*open].span));
    }
    lexer.push(TokenKind::End, Span::new(text.len(), text.len()), true)?;
    Ok(lexer.tokens)
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn unmatched(&self, span: Span) -> Diagnostic {
        Diagnostic::at(span, format!("unmatched `{}`", &self.text[span.range()]))
    }

    /// Adds a token, and matches brackets.
    fn push(&mut self, kind: TokenKind<'a>, span: Span, spaced: bool) -> Parsed<()> {
        let close = self.tokens.len();
        let symbol = &self.text[span.range()];
        if kind == TokenKind::Symbol(symbol) && among("( [ { (/", symbol) {
            self.open.push(close);
            if self.open.len() > limits::NESTING {
                let headline = format!("brackets are nested more than {} deep", limits::NESTING);
                return Err(Diagnostic::at(span, headline));
            }
        } else if kind == TokenKind::Symbol(symbol) && among(") ] } /)", symbol) {
            let open = self.open.pop().unwrap_or(close);
            let before = self.tokens.get(open).map(|open| open.span.range());
            let before = before.map_or("", |place| &self.text[place]);
            if !among("() [] {} (//)", &format!("{before}{symbol}")) {
                return Err(self.unmatched(span));
            }
            self.tokens[open].close = close;
        }
        let passed = &self.text[self.counted..span.start];
        self.line += passed.bytes().filter(|b| *b == b'\n').count();
        if let Some(end) = passed.rfind('\n') {
            self.line_start = self.counted + end + 1;
        }
        self.counted = span.start;
        self.tokens.push(Token {
            kind,
            span,
            spaced,
            close,
            line: self.line,
            column: span.start - self.line_start,
        });
        Ok(())
    }

    /// Moves past a mark that continues the line, and the line end after it.
    fn continuation(&mut self) -> bool {
        let rest = self.rest();
        let mark = match rest.as_bytes() {
            [b'\\', ..] => 1,
            [b'&', ..] if self.dialect == Dialect::Fortran => 1,
            [b'.', b'.', b'.', ..] if self.dialect == Dialect::Matlab => 3,
            [b'.', b'.', b'.', ..] if self.dialect == Dialect::Unknown => 3,
            _ => return false,
        };
        let after = rest[mark..].trim_start_matches([' ', '\t', '\r']);
        let comment = match self.dialect {
            Dialect::Fortran => after.starts_with('!'),
            dialect => dialect == Dialect::Matlab && mark == 3,
        };
        if after.is_empty() || after.starts_with('\n') || comment {
            self.at += rest.find('\n').map_or(rest.len(), |at| at + 1);
            return true;
        }
        // Fortran may begin the next line with `&`, too.
        let begins = rest.starts_with('&') && self.dialect == Dialect::Fortran;
        if begins {
            self.at += 1;
            self.tokens.pop_if(|last| last.kind == TokenKind::Newline);
        }
        begins
    }

    /// Reads the name of `#define NAME VALUE` of C as an assignment.
    fn definition(&mut self) -> Parsed<bool> {
        let rest = self.rest().strip_prefix("#define ").unwrap_or("");
        let name = rest.trim_start();
        let end = name.find(|c: char| !c.is_alphanumeric() && c != '_');
        let (name, value) = name.split_at(end.unwrap_or(0));
        let line = value.lines().next().unwrap_or("");
        // A macro with parameters, or without a value.
        if line.starts_with('(') || line.trim().is_empty() {
            return Ok(false);
        }
        let end = self.text.len() - value.len();
        let span = Span::new(end - name.len(), end);
        self.push(TokenKind::Name(name), span, true)?;
        self.push(TokenKind::Symbol("="), span, true)?;
        self.at = end;
        Ok(true)
    }

    /// Moves past a comment.
    fn comment(&mut self) -> Parsed<bool> {
        let rest = self.rest();
        let Some(end) = self.dialect.comment(&self.text[..self.at], rest) else {
            return Ok(false);
        };
        self.at += match (rest[1..].find(end), end) {
            (Some(at), "\n") => at + 1,
            (Some(at), _) => at + 1 + end.len(),
            (None, "\n") => rest.len(),
            (None, _) => {
                let place = Span::new(self.at, self.at + 2);
                return Err(Diagnostic::at(place, "unterminated comment"));
            }
        };
        Ok(true)
    }

    fn token(&mut self, c: char) -> Parsed<TokenKind<'a>> {
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
        let rest = self.rest();
        let last = self.tokens.last().filter(|last| last.span.end == self.at);
        let after_value = last.is_some_and(|last| match last.kind {
            TokenKind::Name(name) => !among("r b f u R rb", name),
            TokenKind::Symbol(symbol) => among(") ] } '", symbol),
            TokenKind::Number(..) => true,
            _ => false,
        });
        let mut ends = rest[1..].bytes().filter(|b| matches!(b, b'\'' | b'\n'));
        let closes = ends.next() == Some(b'\'') || rest.starts_with("'''");
        !after_value && (closes || self.dialect == Dialect::Python)
    }

    /// Names may hold combining accents and end in `!`.
    fn name(&mut self) -> TokenKind<'a> {
        let rest = self.rest();
        let part = |c| is_word(c) || ('\u{300}'..='\u{36f}').contains(&c);
        let mut end = rest.find(|c| !part(c)).unwrap_or(rest.len());
        let tail = &rest[end..];
        let mark = tail.starts_with('!') && !tail.starts_with("!=");
        end += usize::from(mark && self.dialect != Dialect::Fortran);
        self.at += end;
        TokenKind::Name(&rest[..end])
    }

    fn symbol(&mut self, c: char) -> TokenKind<'a> {
        let rest = self.rest();
        let own = match self.dialect {
            Dialect::Fortran => "(/ /)",
            Dialect::R => "<-",
            _ => LONG,
        };
        let mut long = own.split(' ').chain(LONG.split(' '));
        let long = long.find(|long| rest.starts_with(long));
        let length = long.map_or(c.len_utf8(), str::len);
        self.at += length;
        TokenKind::Symbol(&rest[..length])
    }

    fn number(&mut self) -> TokenKind<'a> {
        let rest = self.rest();
        let mut end = self.digits(0);
        if let Some(after) = rest[end..].strip_prefix('.') {
            // `1./x` is a quotient, entry by entry, in Julia; the same as 1.0/x.
            let operator = after.starts_with(['*', '/', '^', '.', '\'']);
            let method = after.starts_with(char::is_alphabetic)
                && !after.starts_with(EXPONENTS)
                && !after.starts_with(['F', 'l', 'L']);
            let operator = operator && self.dialect != Dialect::Braces;
            if !method && !operator {
                end = self.digits(end + 1);
            }
        }
        if rest[end..].starts_with(EXPONENTS) {
            let sign = usize::from(rest[end + 1..].starts_with(['+', '-']));
            let exponent = self.digits(end + 1 + sign);
            // `1f0` of Julia has an exponent, `1f64` of Rust a type.
            let typed = rest[end..].starts_with('f') && self.dialect.is_like_c();
            if exponent > end + 1 + sign && !typed {
                end = exponent;
            }
        }
        // `f64`, `_f64`, `_dp`, `L`; in other languages a name is a factor.
        let tail = &rest[end..];
        let suffix = &tail[..tail.find(|c| !is_word(c)).unwrap_or(tail.len())];
        let other_base = &rest[..end] == "0" && suffix.starts_with(['x', 'X', 'o', 'O', 'b', 'B']);
        let typed = suffix.starts_with('_') || self.dialect.is_like_c() || other_base;
        let suffix = if typed { suffix } else { "" };
        self.at += end + suffix.len();
        TokenKind::Number(&rest[..end], suffix)
    }

    /// The end of the digits that begin at a place, counted from here; they may have `_` between them.
    fn digits(&self, from: usize) -> usize {
        let (rest, mut end) = (self.rest(), from);
        loop {
            let digit = |b: &u8| b.is_ascii_digit() || *b == b'_';
            end += rest[end..].bytes().take_while(digit).count();
            match joined(&rest[end..]).filter(|_| self.dialect == Dialect::Fortran) {
                Some(length) => end += length,
                // `1_dp` has a kind behind its digits.
                None => return rest[..end].trim_end_matches('_').len().max(from),
            }
        }
    }

    fn quoted(&mut self, mark: &str) -> Parsed<TokenKind<'a>> {
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
            let escape = Some(&body[at..]).filter(|_| c == '\\').and_then(unescape);
            let (c, length) = escape.unwrap_or((c, c.len_utf8()));
            text.push(c);
            at += length;
        }
        let place = Span::new(self.at, self.at + mark.len());
        let line = super::brief(body.lines().next().unwrap_or(""));
        let headline = format!("unterminated string: `{line}`");
        Err(Diagnostic::at(place, headline))
    }
}

/// Letters that begin an exponent: `1e-3`, `1d-3`, and `1f-3` of Julia.
const EXPONENTS: [char; 5] = ['e', 'E', 'd', 'D', 'f'];

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of a break inside a number of Fortran's: `&`, a line end, `&`.
fn joined(text: &str) -> Option<usize> {
    let blank = [' ', '\t', '\r'];
    let after = text.strip_prefix('&')?.trim_start_matches(blank);
    let next = after.strip_prefix('\n')?.trim_start_matches(blank);
    let rest = next.strip_prefix('&')?;
    let digit = rest.starts_with(|c: char| c.is_ascii_digit());
    digit.then_some(text.len() - rest.len())
}

/// Resolves the escape that `text` begins with, and returns its length. Unknown escapes are plain backslashes.
fn unescape(text: &str) -> Option<(char, usize)> {
    Some(match text[1..].chars().next()? {
        'n' => ('\n', 2),
        't' => ('\t', 2),
        'r' => ('\r', 2),
        'b' => ('\u{8}', 2),
        'f' => ('\u{c}', 2),
        c @ ('\\' | '"' | '\'' | '$' | '/') => (c, 2),
        'u' => (
            char::from_u32(u32::from_str_radix(text.get(2..6)?, 16).ok()?)?,
            6,
        ),
        _ => return None,
    })
}
