//! Arithmetic of Julia and Python, to expressions that are not yet evaluated.
//!
//! Recursion is as deep as brackets, which the lexer bounds; sums and products are flat.

use super::parts::{Holds, Value, number};
use super::reader::{Reader, weight};
use super::script::Language;
use super::tokens::Kind;
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{Expression, Spanned, Term};
use crate::language::limits;

/// Operators and operands; `true` subtracts or divides.
type Operands = Vec<(bool, Value)>;

impl Reader<'_> {
    /// A number, a text or a list.
    pub(super) fn value(&mut self) -> Result<Value, Diagnostic> {
        let start = self.token().span;
        let mut terms = vec![(false, self.product()?)];
        loop {
            let minus = match self.kind() {
                Kind::Symbol("+" | ".+") => false,
                Kind::Symbol("-" | ".-") => true,
                _ => break,
            };
            // `[1 -2]` has two entries, `[1 - 2]` and `[1-2]` one.
            if self.row && self.token().spaced && !self.next_is_spaced() {
                break;
            }
            self.advance();
            terms.push((minus, self.product()?));
        }
        self.combined(terms, start, Term::Sum)
    }

    fn product(&mut self) -> Result<Value, Diagnostic> {
        let start = self.token().span;
        let mut factors = vec![(false, self.ratio()?)];
        loop {
            let divide = match self.kind() {
                Kind::Symbol("*" | ".*") => false,
                Kind::Symbol("/" | "./") => true,
                _ => break,
            };
            self.advance();
            factors.push((divide, self.ratio()?));
        }
        self.combined(factors, start, Term::Product)
    }

    /// Julia's `//`, which binds more than `*` and `/`.
    fn ratio(&mut self) -> Result<Value, Diagnostic> {
        let start = self.token().span;
        let mut factors = vec![(false, self.signed()?)];
        while self.is("//") || self.is(".//") {
            if self.language == Language::Python {
                return Err(
                    Diagnostic::at(self.token().span, "`//` rounds down in Python")
                        .help("write `Rational(1, 2)` or `Fraction(1, 2)`"),
                );
            }
            self.advance();
            factors.push((true, self.signed()?));
        }
        self.combined(factors, start, Term::Product)
    }

    fn signed(&mut self) -> Result<Value, Diagnostic> {
        let (start, mut minus) = (self.token().span, false);
        while let Kind::Symbol(sign @ ("+" | "-")) = self.kind() {
            minus ^= *sign == "-";
            self.advance();
        }
        let value = self.power()?;
        if minus {
            self.combined(vec![(true, value)], start, Term::Sum)
        } else {
            Ok(value)
        }
    }

    fn power(&mut self) -> Result<Value, Diagnostic> {
        let start = self.token().span;
        let literal = matches!(self.kind(), Kind::Number(_));
        let base = self.atom()?;
        let next = self.token();
        let glued =
            !next.spaced && (matches!(next.kind, Kind::Name(_)) || self.is("(") || self.is("√"));
        if self.language == Language::Julia && literal && glued {
            // `2sqrt(6)`: a product that binds more than any operator but the power.
            let root = self.power()?;
            return self.combined(vec![(false, base), (false, root)], start, Term::Product);
        }
        let power = match self.language {
            Language::Julia => self.eat("^") || self.eat(".^"),
            Language::Python => self.eat("**"),
        };
        if !power {
            return Ok(base);
        }
        let brackets = self.eat("(");
        let minus = self.eat("-");
        let digits = match self.kind() {
            Kind::Number(digits) => *digits,
            _ => {
                return Err(self
                    .expected("an integer exponent")
                    .help("a square root is written `sqrt(…)`"));
            }
        };
        let span = start.to(self.token().span);
        let exponent = limits::exponent(digits)
            .map_err(|message| Diagnostic::at(self.token().span, message))?;
        self.advance();
        if brackets {
            self.expect(")")?;
        }
        let base = Box::new(number(base)?);
        let exponent = if minus { -exponent } else { exponent };
        Ok(Value::Number(Spanned {
            value: Term::Power(base, exponent),
            span,
        }))
    }

    fn atom(&mut self) -> Result<Value, Diagnostic> {
        let token = self.token();
        let span = token.span;
        match &token.kind {
            Kind::Number(text) => {
                self.advance();
                let value =
                    limits::decimal(text).map_err(|message| Diagnostic::at(span, message))?;
                Ok(Value::Number(Spanned { value, span }))
            }
            Kind::Text(value) => {
                self.advance();
                Ok(Value::Text(Spanned {
                    value: value.clone(),
                    span,
                }))
            }
            Kind::Name(name) => self.named(name),
            Kind::Symbol("[") => self.list(),
            Kind::Symbol("(") => self.bracketed(),
            Kind::Symbol("√") => {
                self.advance();
                if self.is("√") {
                    return Err(self.expected("a number"));
                }
                let argument = Box::new(number(self.atom()?)?);
                let span = span.to(argument.span);
                Ok(Value::Number(Spanned {
                    value: Term::Sqrt(argument),
                    span,
                }))
            }
            _ => Err(self.expected("a number or a list")),
        }
    }

    /// Parentheses: around a value, or a tuple.
    fn bracketed(&mut self) -> Result<Value, Diagnostic> {
        let start = self.token().span;
        self.advance();
        let outer = std::mem::replace(&mut self.row, false);
        let (mut values, mut tuple) = (Vec::new(), self.is(")"));
        while !self.is(")") {
            values.push(self.value()?);
            if !self.eat(",") {
                break;
            }
            tuple = true;
        }
        let span = start.to(self.token().span);
        self.expect(")")?;
        self.row = outer;
        match values.pop() {
            Some(value) if !tuple => Ok(value),
            last => {
                values.extend(last);
                Ok(Value::List(values, span, self.items()))
            }
        }
    }
}

impl Reader<'_> {
    /// Operands made to one value: numbers to a sum or product, a list times numbers entry by entry.
    fn combined(
        &mut self,
        operands: Operands,
        start: Span,
        term: fn(Vec<(bool, Expression)>) -> Term,
    ) -> Result<Value, Diagnostic> {
        if let [(false, _)] = operands.as_slice() {
            return operands
                .into_iter()
                .next()
                .map(|(_, value)| value)
                .ok_or_else(|| self.expected("a number"));
        }
        let span = start.to(self.tokens_before());
        let lists = operands
            .iter()
            .filter(|(_, value)| matches!(value, Value::List(..)))
            .count();
        if lists == 0 {
            let operands = operands
                .into_iter()
                .map(|(inverse, value)| Ok((inverse, number(value)?)));
            let value = term(operands.collect::<Result<_, Diagnostic>>()?);
            return Ok(Value::Number(Spanned { value, span }));
        }
        let at = operands
            .iter()
            .position(|(inverse, value)| !inverse && matches!(value, Value::List(..)));
        let (mut operands, scales) = (operands, matches!(term(Vec::new()), Term::Product(_)));
        match at {
            Some(at) if lists == 1 && scales => {
                let (_, list) = operands.remove(at);
                if let Value::List(_, place, Holds::Items) = &list {
                    return Err(Diagnostic::at(
                        *place,
                        "a factor repeats this list, and scales only arrays",
                    )
                    .help("write `np.array(…)` around it"));
                }
                let factors = operands
                    .into_iter()
                    .map(|(inverse, value)| Ok((inverse, number(value)?)));
                let factors: Vec<_> = factors.collect::<Result<_, Diagnostic>>()?;
                // Each entry gets a copy of all the factors.
                self.spend_entries(factors.iter().map(|(_, factor)| weight(factor)).sum(), span)?;
                self.scaled(list, &factors)
            }
            _ => Err(
                Diagnostic::at(span, "this arithmetic with lists is not read")
                    .help("write out the values"),
            ),
        }
    }

    fn scaled(
        &mut self,
        value: Value,
        factors: &[(bool, Expression)],
    ) -> Result<Value, Diagnostic> {
        match value {
            Value::List(values, span, _) => {
                let values = values.into_iter().map(|value| self.scaled(value, factors));
                let values = values.collect::<Result<_, _>>()?;
                Ok(Value::List(values, span, Holds::Numbers))
            }
            other => {
                let number = number(other)?;
                let span = number.span;
                self.spend_entries(factors.iter().map(|(_, factor)| weight(factor)).sum(), span)?;
                let mut product = vec![(false, number)];
                product.extend_from_slice(factors);
                Ok(Value::Number(Spanned {
                    value: Term::Product(product),
                    span,
                }))
            }
        }
    }
}
