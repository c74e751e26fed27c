//! Parses arithmetic into unevaluated expressions.
//!
//! Recursion is as deep as brackets, which the lexer bounds; sums and products are flat.

use super::block::among;
use super::dialect::Dialect;
use super::lexer::TokenKind;
use super::parser::Parser;
use super::{Parsed, unsupported};
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{Expression, Term};
use crate::notation::value::{ListKind, Value, expression_size};

/// Operators and operands; `true` subtracts or divides.
type Operands<T> = Vec<(bool, T)>;

/// Makes a sum or product.
type MakeTerm = fn(Operands<Expression>) -> Term;

impl Parser<'_> {
    /// Parses a number, a string or a list.
    pub(super) fn value(&mut self) -> Parsed {
        let operator = |parser: &Self| {
            // `[1 -2]` has two entries, `[1 - 2]` and `[1-2]` one.
            let begins = parser.token().spaced && !parser.token_at(parser.at + 1).spaced;
            let operator = parser.operator("+ .+", "- .-");
            operator.filter(|_| !(parser.in_row && begins))
        };
        self.chain(Self::product, operator, Term::Sum)
    }

    /// Parses a value up to the end of the statement, or to one of these symbols.
    pub(super) fn whole_value(&mut self, ends: &str) -> Parsed {
        let value = self.value()?;
        if self.ends_statement() || among(ends, self.symbol(self.at)) {
            return Ok(value);
        }
        Err(self.expected("the end of the value"))
    }

    fn product(&mut self) -> Parsed {
        let operator = |parser: &Self| parser.operator("* .*", "/ ./");
        let start = self.token().span;
        let value = self.chain(Self::ratio, operator, Term::Product)?;
        // 1/3 is 0 where integers are divided, and so is the product that begins with it.
        if self.dialect.divides_integers() && value.is_integer_quotient() {
            let place = start.to(self.last_span());
            return Err(
                Diagnostic::at(place, "this quotient of integers drops its fraction")
                    .help("write `1.0/3.0`: both are then floating-point numbers"),
            );
        }
        Ok(value)
    }

    /// Julia's `//`, which binds more tightly than `*` and `/`.
    fn ratio(&mut self) -> Parsed {
        let operator = |parser: &Self| {
            let operator = parser.operator("", "// .//");
            operator.filter(|_| parser.dialect != Dialect::Python)
        };
        let start = self.at;
        let value = self.chain(Self::signed, operator, Term::Product)?;
        if self.is("//") {
            return Err(
                Diagnostic::at(self.token().span, "`//` rounds down in Python")
                    .help("write `Rational(1, 2)` or `Fraction(1, 2)`"),
            );
        }
        let ratio = |at| self.token_at(at).kind == TokenKind::Symbol("//");
        if self.dialect == Dialect::Unknown && (start..self.at).any(ratio) {
            self.conversions.insert("//");
        }
        Ok(value)
    }

    /// The operator that is next, if it is one of these; true for those that invert.
    fn operator(&self, direct: &str, inverse: &str) -> Option<bool> {
        let symbol = self.symbol(self.at);
        let inverts = among(inverse, symbol);
        (!symbol.is_empty() && (inverts || among(direct, symbol))).then_some(inverts)
    }

    /// Parses operands with operators between them; `operator` returns true for one that subtracts or divides.
    fn chain(
        &mut self,
        operand: fn(&mut Self) -> Parsed,
        operator: impl Fn(&Self) -> Option<bool>,
        term: MakeTerm,
    ) -> Parsed {
        let start = self.token().span;
        let mut operands = vec![(false, operand(self)?)];
        while let Some(inverse) = operator(self) {
            self.at += 1;
            self.skip_lines();
            operands.push((inverse, operand(self)?));
        }
        self.combine(operands, start.to(self.last_span()), term)
    }

    /// Parses a number or a list with its signs.
    pub(super) fn signed(&mut self) -> Parsed {
        let (start, mut minus) = (self.token().span, false);
        while let TokenKind::Symbol(sign @ ("+" | "-")) = self.kind() {
            minus ^= *sign == "-";
            self.at += 1;
        }
        let value = self.power()?;
        self.combine(vec![(minus, value)], start.to(self.last_span()), Term::Sum)
    }

    fn power(&mut self) -> Parsed {
        let start = self.token().span;
        let literal = matches!(self.kind(), TokenKind::Number(..));
        let base = self.postfix()?;
        let factor = match self.kind() {
            TokenKind::Name(name) => *name != "as",
            TokenKind::Symbol("(" | "√") => true,
            _ => false,
        };
        if literal && factor && !self.token().spaced {
            // `2sqrt(6)`: only the power binds more tightly than this product.
            let root = self.power()?;
            let span = start.to(self.last_span());
            return self.combine(vec![(false, base), (false, root)], span, Term::Product);
        }
        if self.is("^") && (self.dialect.is_like_c() || self.dialect == Dialect::Python) {
            return Err(unsupported(
                self.token().span,
                "`^`: it is no power in this language",
            ));
        }
        if self.eat("^") || self.eat(".^") || self.eat("**") {
            return self.exponent(base, start);
        }
        Ok(base)
    }

    /// Combines operands: numbers to a sum or product, a list times numbers entry by entry, lists of one shape to their sum.
    fn combine(&mut self, mut operands: Operands<Value>, span: Span, term: MakeTerm) -> Parsed {
        if let [(false, _)] = operands.as_slice() {
            return Ok(operands.swap_remove(0).1);
        }
        let Some((_, list)) = operands.iter().find(|(_, value)| value.is_list()) else {
            return Ok(Value::term(term(numbers(operands)?), span));
        };
        let place = list.span();
        let sums = matches!(term(Vec::new()), Term::Sum(_));
        let divides = |(inverse, value): &(bool, Value)| *inverse || value.is_list();
        let scales = operands.iter().all(divides) && self.dialect != Dialect::Python;
        let sequence =
            |(_, value): &(bool, Value)| matches!(value, Value::List(.., ListKind::Sequence));
        if operands.iter().any(sequence) && (sums || !scales) {
            let does = if sums {
                "`+` joins"
            } else {
                "a factor repeats"
            };
            let problem = Diagnostic::at(place, format!("{does} this list: it is no array"));
            return Err(problem.help("write `np.array(…)` around it"));
        }
        // An entry stands before its factors.
        operands.sort_by_key(|(_, value)| !value.is_list());
        self.entrywise(operands, sums, span, term)
    }

    /// Combines the entries of lists with each other, or with the numbers.
    fn entrywise(
        &mut self,
        operands: Operands<Value>,
        sums: bool,
        span: Span,
        term: MakeTerm,
    ) -> Parsed {
        let lists = operands.iter().filter_map(|(_, value)| value.len());
        let lengths: Vec<usize> = lists.collect();
        let Some(length) = lengths.first().copied() else {
            return Ok(Value::term(term(numbers(operands)?), span));
        };
        let count = if sums { operands.len() } else { 1 };
        let inverse = !sums && operands[0].0;
        if inverse || lengths != vec![length; count] {
            return Err(unsupported(span, "arithmetic with lists"));
        }
        // Integers times integers are integers, in NumPy and in Julia.
        let integers = |(inverse, value): &(bool, Value)| match value {
            Value::List(.., kind) => *kind == ListKind::IntegerArray,
            number => !inverse && number.is_integer(),
        };
        let integers = operands.iter().all(integers);
        // Each entry gets a copy of all the factors.
        let factors = operands.iter().filter_map(|(_, value)| match value {
            Value::Number(number) => Some(expression_size(number)),
            _ => None,
        });
        self.count_copies(factors.sum::<usize>() * length, span)?;
        let mut entries = vec![Operands::new(); length];
        for (inverse, value) in operands {
            let values = match value {
                Value::List(values, ..) => values,
                number => vec![number; length],
            };
            for (entry, value) in entries.iter_mut().zip(values) {
                entry.push((inverse, value));
            }
        }
        let entries = entries.into_iter().map(|entry| {
            let span = entry.first().map_or(span, |(_, value)| value.span());
            self.entrywise(entry, sums, span, term)
        });
        let entries = entries.collect::<Result<_, _>>()?;
        let list = Value::array(entries, span);
        Ok(if integers {
            list.with_kind(ListKind::IntegerArray)
        } else {
            list
        })
    }
}

fn numbers(operands: Operands<Value>) -> Parsed<Operands<Expression>> {
    let operands = operands.into_iter();
    let numbers = operands.map(|(inverse, value)| Ok((inverse, value.into_number()?)));
    numbers.collect()
}
