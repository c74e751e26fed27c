//! Numbers, names, calls and what follows them: constants, conversions, roots, powers, arrays, transposes, entries.

use super::Parsed;
use super::block::among;
use super::dialect::Dialect;
use super::functions::check_types;
use super::layout::transposed;
use super::lexer::TokenKind;
use super::parser::Parser;
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{Spanned, Term};
use crate::language::limits;
use crate::notation::value::{ListKind, Value};

/// Names of no value.
pub(super) const NOTHING: &str = "None nothing null nan NaN";

/// Longer paths of names are no names of constants.
const PATH: usize = 200;

impl<'a> Parser<'a> {
    /// Parses a number, a name, a call or brackets, and what follows.
    pub(super) fn postfix(&mut self) -> Parsed {
        let mut value = self.atom()?;
        loop {
            let glued = !self.token().spaced;
            let name = self.word(self.at + 1);
            if glued && (self.is("'") || self.is(".'")) {
                self.at += 1;
                value = transposed(value)?;
            } else if self.word(self.at) == "as" && !name.is_empty() {
                self.at += 2;
                value = Self::cast(value, name)?;
            } else if glued && value.is_list() && (self.is("[") || self.is("(")) {
                value = self.entry_of(value)?;
            } else if glued && self.is(".") && !name.is_empty() {
                value = self.method(value, name)?;
            } else {
                return Ok(value);
            }
        }
    }

    fn atom(&mut self) -> Parsed {
        let span = self.token().span;
        match self.kind() {
            TokenKind::Number(digits, suffix) => self.literal(digits, suffix),
            TokenKind::Text(text) => {
                self.at += 1;
                Ok(Value::Text(Spanned::new(text.clone(), span)))
            }
            TokenKind::Name(name) => self.named(name),
            TokenKind::Symbol("[" | "{" | "(/") => {
                // `[][]float64{…}` of Go
                let start = self.at;
                self.skip_empty_brackets();
                let typed = self.at > start && !self.word(self.at).is_empty() && self.is_at(1, "{");
                self.at = if typed { self.at + 1 } else { start };
                self.list()
            }
            TokenKind::Symbol("(") => self.parenthesized(),
            // `&[…]` of Rust, `@SMatrix […]` of Julia
            TokenKind::Symbol("&") => {
                self.at += 1;
                self.atom()
            }
            TokenKind::Symbol("@") if !self.word(self.at + 1).is_empty() => {
                self.at += 2;
                Ok(self.postfix()?.with_kind(ListKind::Array))
            }
            TokenKind::Symbol("√") if !self.is_at(1, "√") => {
                self.at += 1;
                let argument = Box::new(self.atom()?.into_number()?);
                let span = span.to(argument.span);
                Ok(Value::term(Term::Sqrt(argument), span))
            }
            _ => Err(self.expected("a number or a list")),
        }
    }

    /// Parses what a name begins: a constant, a variable, a call or a typed list.
    fn named(&mut self, first: &'a str) -> Parsed {
        let start = self.token().span;
        self.at += 1;
        match (first, self.kind()) {
            (nothing, _) if among(NOTHING, nothing) => return Ok(Value::Null(start)),
            ("new", TokenKind::Name(_)) => return self.postfix(),
            // `big"…"` of Julia, `r"…"` of Python
            ("big" | "r", TokenKind::Text(_)) if !self.token().spaced => return self.atom(),
            _ => {}
        }
        let (mut name, mut path) = (first, first.to_owned());
        while (self.is(".") || self.is("::")) && !self.token().spaced && path.len() < PATH {
            let is_list = self.item_of(&path).is_some_and(|item| self.is_list(item));
            if is_list || self.word(self.at + 1).is_empty() {
                break;
            }
            name = self.word(self.at + 1);
            self.at += 2;
            path = if is_self(&path) {
                name.to_owned()
            } else {
                format!("{path}.{name}")
            };
        }
        self.type_parameters()?;
        // `T.(…)` calls for each entry.
        self.at += usize::from(self.is(".") && self.is_at(1, "("));
        let glued = !self.token().spaced;
        let calls = glued && (self.is("(") || (name.ends_with('!') && self.is("[")));
        match self.item_of(&path) {
            // In R, `c(…)` is a call, whatever `c` is.
            Some(item) if !calls || (self.is_list(item) && self.dialect != Dialect::R) => {
                self.lookup(&path, start)
            }
            _ if calls => self.call(name, &path, start),
            // A list with the type of its entries: `Float64[…]`, `double[] {…}`, `std::array<double, 4> {…}`.
            _ if self.is("[") && glued => {
                self.skip_empty_brackets();
                check_types([name], start)?;
                Ok(self.list()?.with_kind(ListKind::Array))
            }
            _ if self.is("{") => self.list(),
            _ => self.lookup(&path, start),
        }
    }

    /// Moves past brackets with nothing or commas in them, which belong to a type: `double[,]`.
    fn skip_empty_brackets(&mut self) {
        while self.is("[") && (self.at + 1..self.close()).all(|at| self.symbol(at) == ",") {
            self.skip_brackets();
        }
    }

    /// Moves past the parameters of a type: `Rational{Int}`, `static_cast<double>`, `Vec::<f64>`.
    fn type_parameters(&mut self) -> Parsed<()> {
        let start = self.at;
        let behind = self.symbol(self.close() + 1);
        if self.is("{") && !self.token().spaced && among("( [ .", behind) {
            self.skip_brackets();
            return Ok(());
        }
        let mut end = start + usize::from(self.is("::")) + 1;
        let part = |at| {
            let word = matches!(
                self.token_at(at).kind,
                TokenKind::Name(_) | TokenKind::Number(..)
            );
            word || among(", :: : & *", self.symbol(at))
        };
        while part(end) {
            end += 1;
        }
        let opens = self.is("<") || (self.is("::") && self.is_at(1, "<"));
        if opens && self.symbol(end) == ">" {
            self.at = end + 1;
            if self.is("(") {
                check_types(self.names_between(start, end), self.last_span())?;
            }
            self.at += if self.is("::") { 2 } else { 0 };
        }
        Ok(())
    }

    /// Reads a literal of these digits.
    pub(super) fn literal(&mut self, digits: &str, suffix: &str) -> Parsed {
        let span = self.token().span;
        self.at += 1;
        let problem = |message: String| Diagnostic::at(span, message);
        if digits == "0" && suffix.starts_with(['x', 'X', 'o', 'O', 'b', 'B']) {
            return Err(problem("only decimal numbers are supported".to_owned()));
        }
        // `1_000`, a break of Fortran's, `1d-3`, `1f0`
        let plain = digits.replace(['_', '&', ' ', '\t', '\r', '\n'], "");
        let plain = plain.replace(['d', 'D', 'f'], "e");
        let value = Spanned::new(limits::decimal(&plain).map_err(problem)?, span);
        // `17.`, `1e3` and `1f64` are no integers.
        let whole = plain.bytes().all(|b| b.is_ascii_digit()) && !suffix.contains(['f', 'F']);
        let value = Value::Number(value);
        Ok(if whole { value } else { value.into_fraction() })
    }

    /// Reads the exponent of a base: an integer, or a half of one.
    pub(super) fn exponent(&mut self, base: Value, start: Span) -> Parsed {
        let place = self.token().span;
        let minus = self.eat("-");
        let exponent = self.postfix()?.into_number()?;
        let mut base = Box::new(base.into_number()?);
        let span = start.to(self.last_span());
        let mut power = match twice(&exponent.value) {
            Some(twice) if minus => -twice,
            Some(twice) => twice,
            None => {
                let problem = Diagnostic::at(place, "expected an integer exponent");
                return Err(problem.help("write a square root as `sqrt(…)`"));
            }
        };
        if power % 2 == 0 {
            power /= 2;
        } else {
            base = Box::new(Spanned::new(Term::Sqrt(base), span));
        }
        if power == 1 {
            return Ok(Value::Number(*base));
        }
        let power = limits::exponent(&power.to_string());
        let power = power.map_err(|message| Diagnostic::at(place, message))?;
        Ok(Value::term(Term::Power(base, power), span))
    }
}

/// Returns true for names of the object that a method belongs to.
pub(super) fn is_self(name: &str) -> bool {
    matches!(name, "self" | "this" | "Self" | "cls")
}

/// Twice an integer, or twice a half: `3`, `-2`, `0.5`, `1/2`.
fn twice(exponent: &Term) -> Option<i64> {
    match exponent {
        Term::Decimal {
            digits,
            exponent: 0,
        } => digits.parse::<i64>().ok()?.checked_mul(2),
        Term::Decimal {
            digits,
            exponent: -1,
        } => {
            let tenths: i64 = digits.parse().ok()?;
            (tenths % 5 == 0).then_some(tenths / 5)
        }
        Term::Sum(terms) => match terms.as_slice() {
            [(minus, one)] => twice(&one.value).map(|twice| if *minus { -twice } else { twice }),
            _ => None,
        },
        Term::Product(ratio) => match ratio.as_slice() {
            [(false, one), (true, two)] if two.value.integer() == Some("2") => {
                one.value.integer()?.parse().ok()
            }
            _ => None,
        },
        _ => None,
    }
}
