//! Numbers, names, calls and what follows them: constants, conversions, roots, arrays, transposes, entries.

use super::functions::is_whole;
use super::layout::transposed;
use super::lexer::TokenKind;
use super::parser::Parser;
use super::{brief, unsupported};
use crate::language::diagnostic::Diagnostic;
use crate::language::document::{Spanned, Term};
use crate::notation::value::{ListKind, Value};

/// Longer paths of names are no names of constants.
const PATH: usize = 200;

impl<'a> Parser<'a> {
    /// Parses a number, a name, a call or brackets, and what follows.
    pub(super) fn postfix(&mut self) -> Result<Value, Diagnostic> {
        let mut value = self.atom()?;
        loop {
            let glued = !self.token().spaced;
            if glued && (self.is("'") || self.is(".'")) {
                self.at += 1;
                value = transposed(value)?;
            } else if let (TokenKind::Name("as"), TokenKind::Name(to)) =
                (self.kind(), self.kind_at(1))
            {
                self.at += 2;
                value = self.cast(value, to)?;
            } else if glued && value.is_list() && (self.is("[") || self.is("(")) {
                value = self.entry_of(value)?;
            } else if glued && self.is(".") && matches!(self.kind_at(1), TokenKind::Name(_)) {
                value = self.method(value)?;
            } else {
                return Ok(value);
            }
        }
    }

    fn atom(&mut self) -> Result<Value, Diagnostic> {
        let span = self.token().span;
        match self.kind() {
            TokenKind::Number(digits, suffix) => self.literal(digits, suffix),
            TokenKind::Text(text) => {
                self.at += 1;
                Ok(Value::Text(Spanned::new(text.clone(), span)))
            }
            TokenKind::Name(name) => self.named(name),
            TokenKind::Symbol("[") => {
                // `[][]float64{…}` of Go
                let start = self.at;
                while self.is("[") && self.close() == self.at + 1 {
                    self.at += 2;
                }
                if self.at > start
                    && matches!(self.kind(), TokenKind::Name(_))
                    && self.is_at(1, "{")
                {
                    self.at += 1;
                } else {
                    self.at = start;
                }
                self.list()
            }
            TokenKind::Symbol("{" | "(/") => self.list(),
            TokenKind::Symbol("(") => self.parenthesized(),
            // `&[…]` of Rust, `@SMatrix […]` of Julia
            TokenKind::Symbol("&") => {
                self.at += 1;
                self.atom()
            }
            TokenKind::Symbol("@") if matches!(self.kind_at(1), TokenKind::Name(_)) => {
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
    fn named(&mut self, first: &'a str) -> Result<Value, Diagnostic> {
        let start = self.token().span;
        self.at += 1;
        match (first, self.kind()) {
            ("None" | "nothing" | "null" | "nan" | "NaN", _) => return Ok(Value::Null(start)),
            ("new", TokenKind::Name(_)) => return self.postfix(),
            // `big"…"` of Julia, `r"…"` of Python
            ("big" | "r", TokenKind::Text(_)) if !self.token().spaced => return self.atom(),
            _ => {}
        }
        let (mut name, mut path) = (first, first.to_owned());
        while (self.is(".") || self.is("::")) && !self.token().spaced && path.len() < PATH {
            let TokenKind::Name(attribute) = self.kind_at(1) else {
                break;
            };
            if self.item_of(&path).is_some_and(|item| self.is_list(item)) {
                break;
            }
            self.at += 2;
            name = attribute;
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
            Some(item) if self.is_list(item) || !calls => self.lookup(&path, start),
            _ if calls => self.call(name, &path, start),
            // A list with the type of its entries: `Float64[…]`, `double[] {…}`, `std::array<double, 4> {…}`.
            _ if self.is("[") && glued => {
                let comma = |at| self.token_at(at).kind == TokenKind::Symbol(",");
                if (self.at + 1..self.close()).all(comma) {
                    self.skip_brackets();
                }
                if is_whole(name) {
                    return Err(unsupported(start, format!("number type `{}`", brief(name))));
                }
                Ok(self.typed_list()?.with_kind(ListKind::Array))
            }
            _ if self.is("{") => self.list(),
            _ => self.lookup(&path, start),
        }
    }

    /// Parses a list behind the brackets of its type: `double[][] {…}`.
    fn typed_list(&mut self) -> Result<Value, Diagnostic> {
        while self.is("[") && self.close() == self.at + 1 {
            self.at += 2;
        }
        self.list()
    }

    /// Moves past the parameters of a type: `Rational{Int}`, `static_cast<double>`, `Vec::<f64>`.
    fn type_parameters(&mut self) -> Result<(), Diagnostic> {
        let start = self.at;
        let behind = &self.token_at(self.close() + 1).kind;
        if self.is("{")
            && !self.token().spaced
            && matches!(behind, TokenKind::Symbol("(" | "[" | "."))
        {
            self.skip_brackets();
            return Ok(());
        }
        self.at += usize::from(self.is("::"));
        if self.eat("<") {
            while matches!(
                self.kind(),
                TokenKind::Name(_)
                    | TokenKind::Number(..)
                    | TokenKind::Symbol("," | "::" | ":" | "&" | "*")
            ) {
                self.at += 1;
            }
            if self.eat(">") {
                let mut names = self.names_between(start, self.at);
                if let Some(whole) = names.find(|name| is_whole(name) && self.is("(")) {
                    return Err(unsupported(
                        self.last_span(),
                        format!("number type `{}`", brief(whole)),
                    ));
                }
                self.at += if self.is("::") { 2 } else { 0 };
                return Ok(());
            }
        }
        self.at = start;
        Ok(())
    }
}

/// Returns true for names of the object that a method belongs to.
pub(super) fn is_self(name: &str) -> bool {
    matches!(name, "self" | "this" | "Self" | "cls")
}
