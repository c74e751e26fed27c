//! Text of Julia or Python cut into tokens.
//!
//! What the languages have beyond literals, such as other operators, becomes tokens too: whether it matters is known only
//! when it is used.

use super::parts::brief;
use super::script::Language;
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::limits;

/// A token and its place.
#[derive(Clone, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) span: Span,
    /// White space stands before it, which in Julia's matrices separates entries.
    pub(super) spaced: bool,
}

/// The kinds of tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    Number(&'a str),
    Name(&'a str),
    /// A text in quotes, with its escapes resolved.
    Text(String),
    Symbol(&'a str),
    /// The end of a line that ends something.
    Newline,
    End,
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
    tokens: Vec<Token<'a>>,
}

/// The tokens of a text; the last is [`Kind::End`].
pub(super) fn tokens(text: &str, language: Language) -> Result<Vec<Token<'_>>, Diagnostic> {
    let at = text.len() - text.trim_start_matches('\u{feff}').len();
    let mut lexer = Lexer {
        text,
        at,
        language,
        brackets: Vec::new(),
        tokens: Vec::new(),
    };
    let mut spaced = false;
    while let Some(c) = lexer.rest().chars().next() {
        let start = lexer.at;
        match c {
            ' ' | '\t' | '\r' => lexer.at += 1,
            '\\' if lexer.rest()[1..]
                .trim_start_matches(['\r', ' '])
                .starts_with('\n') =>
            {
                lexer.skip_to('\n', true);
            }
            '#' => lexer.comment()?,
            _ => {
                let kind = lexer.token(c)?;
                if let Some(kind) = kind {
                    let span = Span {
                        start,
                        end: lexer.at,
                    };
                    lexer.tokens.push(Token { kind, span, spaced });
                }
                spaced = false;
                continue;
            }
        }
        spaced = true;
    }
    let span = Span {
        start: text.len(),
        end: text.len(),
    };
    lexer.tokens.push(Token {
        kind: Kind::End,
        span,
        spaced: true,
    });
    Ok(lexer.tokens)
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn problem(&self, length: usize, headline: impl Into<String>) -> Diagnostic {
        Diagnostic::at(
            Span {
                start: self.at,
                end: self.at + length,
            },
            headline,
        )
    }

    /// To the next such character, and past it or not.
    fn skip_to(&mut self, end: char, past: bool) {
        self.at = match self.rest().find(end) {
            Some(found) => self.at + found + usize::from(past),
            None => self.text.len(),
        };
    }

    fn comment(&mut self) -> Result<(), Diagnostic> {
        if self.language == Language::Python || !self.rest().starts_with("#=") {
            self.skip_to('\n', false);
            return Ok(());
        }
        let close = self.rest().find("=#");
        let close = close.ok_or_else(|| self.problem(2, "this comment is not closed"))?;
        self.at += close + 2;
        Ok(())
    }

    fn token(&mut self, c: char) -> Result<Option<Kind<'a>>, Diagnostic> {
        let rest = self.rest();
        let digit_after = rest[c.len_utf8()..].starts_with(|c: char| c.is_ascii_digit());
        match c {
            '\n' => {
                self.at += 1;
                let ends = match self.brackets.last() {
                    None => true,
                    Some(bracket) => self.language == Language::Julia && *bracket == '[',
                };
                Ok(ends.then_some(Kind::Newline))
            }
            '0'..='9' => Ok(Some(self.number())),
            '.' if digit_after => Ok(Some(self.number())),
            '"' => self.quoted("\"").map(Some),
            '\'' if self.language == Language::Python => self.quoted("'").map(Some),
            c if c.is_alphabetic() || c == '_' => {
                // Julia's names may carry accents as characters of their own, and end in `!`.
                let part = |c: char| {
                    c.is_alphanumeric() || c == '_' || ('\u{300}'..='\u{36f}').contains(&c)
                };
                let mut end = rest.find(|c| !part(c)).unwrap_or(rest.len());
                if self.language == Language::Julia
                    && rest[end..].starts_with('!')
                    && !rest[end..].starts_with("!=")
                {
                    end += 1;
                }
                self.at += end;
                Ok(Some(Kind::Name(&rest[..end])))
            }
            _ => self.symbol(c).map(Some),
        }
    }

    fn symbol(&mut self, c: char) -> Result<Kind<'a>, Diagnostic> {
        let rest = self.rest();
        match c {
            '(' | '[' | '{' => self.brackets.push(c),
            ')' | ']' | '}' => {
                let open = self.brackets.pop();
                if !matches!(
                    (open, c),
                    (Some('('), ')') | (Some('['), ']') | (Some('{'), '}')
                ) {
                    return Err(self.problem(1, format!("this `{c}` closes nothing")));
                }
            }
            _ => {}
        }
        if self.brackets.len() > limits::NESTING {
            return Err(self.problem(
                1,
                format!("brackets are nested more than {} deep", limits::NESTING),
            ));
        }
        let long = LONG.iter().find(|long| rest.starts_with(**long));
        let length = long.map_or(c.len_utf8(), |long| long.len());
        self.at += length;
        Ok(Kind::Symbol(&rest[..length]))
    }

    fn number(&mut self) -> Kind<'a> {
        let rest = self.rest();
        let digits =
            |from: usize| from + rest[from..].bytes().take_while(u8::is_ascii_digit).count();
        let mut end = digits(0);
        // In Julia `1./x` is a quotient, entry by entry.
        let operator = rest[end..].len() > 1
            && rest[end + usize::from(rest[end..].starts_with('.'))..].starts_with(['*', '/', '^']);
        if rest[end..].starts_with('.') && !operator {
            end = digits(end + 1);
        }
        if rest[end..].starts_with(['e', 'E']) {
            let sign = usize::from(rest[end + 1..].starts_with(['+', '-']));
            let exponent = digits(end + 1 + sign);
            if exponent > end + 1 + sign {
                end = exponent;
            }
        }
        self.at += end;
        Kind::Number(&rest[..end])
    }

    fn quoted(&mut self, mark: &str) -> Result<Kind<'a>, Diagnostic> {
        let triple = mark.repeat(3);
        let mark = if self.rest().starts_with(&triple) {
            triple.as_str()
        } else {
            mark
        };
        let body = &self.rest()[mark.len()..];
        let (mut text, mut at) = (String::new(), 0);
        while let Some(c) = body[at..].chars().next() {
            if body[at..].starts_with(mark) {
                self.at += 2 * mark.len() + at;
                return Ok(Kind::Text(text));
            }
            if c == '\n' && mark.len() == 1 {
                break;
            }
            at += if c == '\\' {
                escape(&body[at..], &mut text)
            } else {
                text.push(c);
                c.len_utf8()
            };
        }
        Err(self.problem(
            mark.len(),
            format!(
                "this text is not closed: `{}`",
                brief(body.lines().next().unwrap_or(""))
            ),
        ))
    }
}

/// Resolves the escape that `text` begins with, and returns its length; what is no escape stays as it is.
fn escape(text: &str, out: &mut String) -> usize {
    let mut chars = text.chars().skip(1);
    let Some(c) = chars.next() else {
        out.push('\\');
        return 1;
    };
    let simple = match c {
        'n' => Some('\n'),
        't' => Some('\t'),
        'r' => Some('\r'),
        'b' => Some('\u{8}'),
        'f' => Some('\u{c}'),
        'v' => Some('\u{b}'),
        'a' => Some('\u{7}'),
        '\\' | '"' | '\'' | '$' => Some(c),
        _ => None,
    };
    if let Some(simple) = simple {
        out.push(simple);
        return 2;
    }
    let digits = match c {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => 0,
    };
    let code = text
        .get(2..2 + digits)
        .and_then(|code| u32::from_str_radix(code, 16).ok());
    if let Some(c) = code.and_then(char::from_u32).filter(|_| digits > 0) {
        out.push(c);
        return 2 + digits;
    }
    out.push('\\');
    1
}
