//! Parses the arithmetic of Julia and Python into unevaluated expressions.
//!
//! Recursion is as deep as brackets, which the lexer bounds; sums and products are flat.

use super::lexer::{Language, TokenKind};
use super::parser::{Parser, expression_size};
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{Expression, Spanned, Term};
use crate::language::limits;
use crate::notation::value::{ListKind, Value};

/// Operators and operands; `true` subtracts or divides.
type Operands<T> = Vec<(bool, T)>;

/// Makes a sum or product.
type MakeTerm = fn(Operands<Expression>) -> Term;

impl Parser<'_> {
    /// Parses a number, a string or a list.
    pub(super) fn value(&mut self) -> Result<Value, Diagnostic> {
        let operator = |parser: &Self| match parser.kind() {
            // `[1 -2]` has two entries, `[1 - 2]` and `[1-2]` one.
            _ if parser.in_row && parser.token().spaced && !parser.peek(1).spaced => None,
            TokenKind::Symbol("+" | ".+") => Some(false),
            TokenKind::Symbol("-" | ".-") => Some(true),
            _ => None,
        };
        self.chain(Self::product, operator, Term::Sum)
    }

    fn product(&mut self) -> Result<Value, Diagnostic> {
        let operator = |parser: &Self| match parser.kind() {
            TokenKind::Symbol("*" | ".*") => Some(false),
            TokenKind::Symbol("/" | "./") => Some(true),
            _ => None,
        };
        self.chain(Self::ratio, operator, Term::Product)
    }

    /// Julia's `//`, which binds more tightly than `*` and `/`.
    fn ratio(&mut self) -> Result<Value, Diagnostic> {
        let is_ratio = |parser: &Self| parser.is("//") || parser.is(".//");
        let operator = |parser: &Self| {
            (parser.language == Language::Julia && is_ratio(parser)).then_some(true)
        };
        let value = self.chain(Self::signed, operator, Term::Product)?;
        if is_ratio(self) {
            return Err(
                Diagnostic::at(self.token().span, "`//` rounds down in Python")
                    .help("write `Rational(1, 2)` or `Fraction(1, 2)`"),
            );
        }
        Ok(value)
    }

    /// Parses operands with operators between them; `operator` returns true for one that subtracts or divides.
    fn chain(
        &mut self,
        operand: fn(&mut Self) -> Result<Value, Diagnostic>,
        operator: impl Fn(&Self) -> Option<bool>,
        term: MakeTerm,
    ) -> Result<Value, Diagnostic> {
        let start = self.token().span;
        let mut operands = vec![(false, operand(self)?)];
        while let Some(inverse) = operator(self) {
            self.advance();
            operands.push((inverse, operand(self)?));
        }
        self.combine(operands, start, term)
    }

    fn signed(&mut self) -> Result<Value, Diagnostic> {
        let (start, mut minus) = (self.token().span, false);
        while let TokenKind::Symbol(sign @ ("+" | "-")) = self.kind() {
            minus ^= *sign == "-";
            self.advance();
        }
        let value = self.power()?;
        self.combine(vec![(minus, value)], start, Term::Sum)
    }

    fn power(&mut self) -> Result<Value, Diagnostic> {
        let start = self.token().span;
        let literal = matches!(self.kind(), TokenKind::Number(_));
        let base = self.atom()?;
        let next = self.token();
        let factor = matches!(next.kind, TokenKind::Name(_) | TokenKind::Symbol("(" | "√"));
        if self.language == Language::Julia && literal && factor && !next.spaced {
            // `2sqrt(6)`: only the power binds more tightly than this product.
            let root = self.power()?;
            return self.combine(vec![(false, base), (false, root)], start, Term::Product);
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
        let token = self.token();
        let TokenKind::Number(digits) = token.kind else {
            let problem = self.expected("an integer exponent");
            return Err(problem.help("write a square root as `sqrt(…)`"));
        };
        let exponent =
            limits::exponent(digits).map_err(|message| Diagnostic::at(token.span, message))?;
        self.advance();
        if brackets {
            self.expect(")")?;
        }
        let base = Box::new(base.into_number()?);
        let exponent = if minus { -exponent } else { exponent };
        let power = Term::Power(base, exponent);
        Ok(Value::term(power, start.to(token.span)))
    }

    fn atom(&mut self) -> Result<Value, Diagnostic> {
        let span = self.token().span;
        match self.kind() {
            TokenKind::Number(text) => {
                self.advance();
                let value =
                    limits::decimal(text).map_err(|message| Diagnostic::at(span, message))?;
                Ok(Value::term(value, span))
            }
            TokenKind::Text(text) => {
                self.advance();
                Ok(Value::Text(Spanned::new(text.clone(), span)))
            }
            TokenKind::Name(name) => self.named(name),
            TokenKind::Symbol("[") => self.list(),
            TokenKind::Symbol("(") => self.parenthesized(),
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

    /// Parses parentheses around a value, or a tuple.
    fn parenthesized(&mut self) -> Result<Value, Diagnostic> {
        let start = self.token().span;
        self.advance();
        let outer = std::mem::replace(&mut self.in_row, false);
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
        self.in_row = outer;
        if tuple {
            return Ok(Value::List(values, span, self.literal_kind()));
        }
        Ok(values.swap_remove(0))
    }

    /// Combines operands: numbers to a sum or product, a list times numbers entry by entry.
    fn combine(
        &mut self,
        mut operands: Operands<Value>,
        start: Span,
        term: MakeTerm,
    ) -> Result<Value, Diagnostic> {
        if let [(false, _)] = operands.as_slice() {
            return Ok(operands.swap_remove(0).1);
        }
        let span = start.to(self.last_span());
        let lists = operands.iter().enumerate();
        let lists = lists.filter(|(_, (_, value))| value.is_list());
        let lists: Vec<_> = lists.map(|(at, (inverse, _))| (at, *inverse)).collect();
        let scales = matches!(term(Vec::new()), Term::Product(_));
        let list = match lists.as_slice() {
            [] => None,
            [(at, false)] if scales => Some(operands.remove(*at).1),
            _ => {
                let problem = Diagnostic::at(span, "unsupported arithmetic with lists");
                return Err(problem.help("write the values out"));
            }
        };
        if let Some(Value::List(_, place, ListKind::Sequence)) = list {
            let headline = "a factor repeats this list; it scales only arrays";
            return Err(Diagnostic::at(place, headline).help("write `np.array(…)` around it"));
        }
        let numbers = operands.into_iter();
        let numbers = numbers.map(|(inverse, value)| Ok((inverse, value.into_number()?)));
        let numbers: Operands<_> = numbers.collect::<Result<_, Diagnostic>>()?;
        let Some(list) = list else {
            return Ok(Value::term(term(numbers), span));
        };
        // Each entry gets a copy of all the factors.
        let size = numbers
            .iter()
            .map(|(_, factor)| expression_size(factor))
            .sum();
        self.count_copies(size, span)?;
        self.scaled(list, &numbers, size)
    }

    fn scaled(
        &mut self,
        value: Value,
        factors: &[(bool, Expression)],
        size: usize,
    ) -> Result<Value, Diagnostic> {
        if let Value::List(values, span, kind) = value {
            let values = values.into_iter();
            let values = values.map(|value| self.scaled(value, factors, size));
            // Integers times integers are integers, in NumPy and in Julia.
            let integers = |(inverse, factor): &(bool, Expression)| {
                !inverse && Value::Number(factor.clone()).is_integer()
            };
            let kind = match kind {
                ListKind::IntegerArray if factors.iter().all(integers) => kind,
                _ => ListKind::Array,
            };
            return Ok(Value::List(values.collect::<Result<_, _>>()?, span, kind));
        }
        let number = value.into_number()?;
        let span = number.span;
        self.count_copies(size, span)?;
        let mut product = vec![(false, number)];
        product.extend_from_slice(factors);
        Ok(Value::term(Term::Product(product), span))
    }
}
