//! Numbers, names, calls and what follows them: constants, conversions, roots, arrays, transposes, entries.

use super::brief;
use super::lexer::TokenKind;
use super::parser::Parser;
use crate::language::diagnostic::{Diagnostic, Span};
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
                self.advance();
                value = Self::transposed(value)?;
            } else if self.kind() == &TokenKind::Name("as")
                && matches!(self.kind_at(1), TokenKind::Name(_))
            {
                self.at += 2;
                value = value.into_fraction();
            } else if glued && self.is("[") && value.is_list() {
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
            TokenKind::Number(text) => self.literal(text),
            TokenKind::Text(text) => {
                self.advance();
                Ok(Value::Text(Spanned::new(text.clone(), span)))
            }
            TokenKind::Name(name) => self.named(name),
            // `[][]float64{…}` of Go
            TokenKind::Symbol("[") if self.is_type_of_list() => {
                while self.is("[") {
                    self.skip_brackets();
                }
                self.atom()
            }
            TokenKind::Symbol("[" | "{" | "(/") => self.list(),
            TokenKind::Symbol("(") => self.parenthesized(),
            // `&[…]` of Rust, `@SMatrix […]` of Julia
            TokenKind::Symbol("&") => {
                self.advance();
                self.atom()
            }
            TokenKind::Symbol("@") if matches!(self.kind_at(1), TokenKind::Name(_)) => {
                self.at += 2;
                Ok(self.postfix()?.with_kind(ListKind::Array))
            }
            TokenKind::Symbol("√") => {
                self.advance();
                if self.is("√") {
                    return Err(self.expected("a number"));
                }
                let argument = Box::new(self.atom()?.into_number()?);
                let span = span.to(argument.span);
                Ok(Value::term(Term::Sqrt(argument), span))
            }
            _ => Err(self.expected("a number or a list")),
        }
    }

    /// Returns true for brackets without entries before the type of a list.
    fn is_type_of_list(&self) -> bool {
        let mut at = self.at;
        while matches!(self.token_at(at).kind, TokenKind::Symbol("["))
            && self.token_at(at).close <= at + 2
        {
            at = self.token_at(at).close + 1;
        }
        let named = matches!(self.token_at(at).kind, TokenKind::Name(_));
        at > self.at && named && matches!(self.token_at(at + 1).kind, TokenKind::Symbol("{"))
    }

    /// Parses what a name begins: a constant, a variable, a call or a typed list.
    fn named(&mut self, first: &'a str) -> Result<Value, Diagnostic> {
        let start = self.token().span;
        self.advance();
        match (first, self.kind()) {
            ("None" | "nothing" | "null" | "nan" | "NaN", _) => return Ok(Value::Null(start)),
            ("new", TokenKind::Name(_)) => return self.postfix(),
            // `big"…"` of Julia, `r"…"` of Python
            ("big" | "r", TokenKind::Text(text)) if !self.token().spaced => {
                let span = self.token().span;
                self.advance();
                return Ok(Value::Text(Spanned::new(text.clone(), span)));
            }
            _ => {}
        }
        let mut name = first;
        let mut path = first.to_owned();
        while (self.is(".") || self.is("::")) && !self.token().spaced && path.len() < PATH {
            let TokenKind::Name(attribute) = self.kind_at(1) else {
                break;
            };
            if self.item_of(&path).is_some_and(|item| self.is_list(item)) {
                break;
            }
            self.at += 2;
            name = attribute;
            path = format!("{path}.{attribute}");
        }
        // Parameters of a type: `Rational{Int}`, `static_cast<double>`, `Vec::<f64>`.
        self.type_parameters();
        // `T.(…)` calls for each entry.
        if self.is(".") && self.is_at(1, "(") {
            self.advance();
        }
        let glued = !self.token().spaced;
        let variable = self.item_of(&path).or_else(|| {
            if name == first {
                None
            } else {
                self.item_of(name)
            }
        });
        match variable {
            Some(item) if !(self.is("(") && glued && !self.is_list(item)) => {
                let known = self
                    .items
                    .get(item)
                    .map_or_else(String::new, |item| item.name.clone());
                let mut value = self.lookup_item(item, &known, start)?;
                while self.is("(") && !self.token().spaced && value.is_list() {
                    value = self.entry_of(value)?;
                }
                Ok(value)
            }
            _ if (self.is("(") || name.ends_with('!') && self.is("[")) && glued => {
                self.call(name, &path, start)
            }
            // A list with the type of its entries: `Float64[…]`, `double[] {…}`, `std::array<double, 4> {…}`.
            _ if self.is("[") && glued => {
                while self.is("[")
                    && (self.at + 1..self.close())
                        .all(|at| self.token_at(at).kind == TokenKind::Symbol(","))
                {
                    self.skip_brackets();
                }
                Ok(self.list()?.with_kind(ListKind::Array))
            }
            _ if self.is("{") => self.list(),
            _ if name == first => self.lookup(name, start),
            _ => {
                let headline = format!("unsupported attribute `{}.{}`", brief(first), brief(name));
                Err(Diagnostic::at(start, headline))
            }
        }
    }

    fn lookup_item(&mut self, item: usize, name: &str, span: Span) -> Result<Value, Diagnostic> {
        // The name may have been given to another item of another class.
        match self.item_of(name) {
            Some(found) if found == item => self.lookup(name, span),
            _ => Err(Diagnostic::at(
                span,
                format!("`{}` is not defined", brief(name)),
            )),
        }
    }

    /// Moves past the parameters of a type.
    fn type_parameters(&mut self) {
        let typed = |kind: &TokenKind| {
            matches!(
                kind,
                TokenKind::Name(_)
                    | TokenKind::Number(_)
                    | TokenKind::Symbol("," | "::" | ":" | "&" | "*")
            )
        };
        if self.is("{")
            && !self.token().spaced
            && matches!(
                self.token_at(self.close() + 1).kind,
                TokenKind::Symbol("(" | "[" | ".")
            )
        {
            self.skip_brackets();
        } else if self.is("<") || (self.is("::") && self.is_at(1, "<")) {
            let mut ahead = if self.is("<") { 1 } else { 2 };
            while typed(self.kind_at(ahead)) {
                ahead += 1;
            }
            if self.is_at(ahead, ">") {
                self.at += ahead + 1;
                if self.is("::") && matches!(self.kind_at(1), TokenKind::Name(_)) {
                    self.at += 2;
                }
            }
        }
    }
}
