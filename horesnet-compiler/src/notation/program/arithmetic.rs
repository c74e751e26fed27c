//! Parses arithmetic into unevaluated expressions.
//!
//! Recursion is as deep as brackets, which the lexer bounds; sums and products are flat.

use super::dialect::Dialect;
use super::lexer::TokenKind;
use super::parser::Parser;
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{Expression, Spanned, Term};
use crate::language::limits;
use crate::notation::value::{ListKind, Value, expression_size};

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
    fn ratio(&mut self) -> Result<Value, Diagnostic> {
        let operator = |parser: &Self| {
            let is_ratio = parser.is("//") || parser.is(".//");
            (is_ratio && parser.dialect != Dialect::Python).then_some(true)
        };
        let value = self.chain(Self::signed, operator, Term::Product)?;
        if self.dialect == Dialect::Unknown
            && matches!(
                &self.token_at(self.at.saturating_sub(2)).kind,
                TokenKind::Symbol("//")
            )
        {
            self.conversions.insert("//");
        }
        if self.is("//") {
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
            self.skip_lines();
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
        let base = self.postfix()?;
        let next = self.token();
        let factor = match next.kind {
            TokenKind::Name(name) => name != "as",
            TokenKind::Symbol("(" | "√") => true,
            _ => false,
        };
        if literal && factor && !next.spaced {
            // `2sqrt(6)`: only the power binds more tightly than this product.
            let root = self.power()?;
            return self.combine(vec![(false, base), (false, root)], start, Term::Product);
        }
        let caret = matches!(self.dialect, Dialect::Python | Dialect::Braces) && self.is("^");
        if caret {
            let headline = "`^` is no power in this language";
            return Err(Diagnostic::at(self.token().span, headline).help("write the value out"));
        }
        if !(self.eat("^") || self.eat(".^") || self.eat("**")) {
            return Ok(base);
        }
        self.exponent(base, start)
    }

    /// Parses an exponent: an integer, or one half for a root.
    fn exponent(&mut self, base: Value, start: Span) -> Result<Value, Diagnostic> {
        let place = self.token().span;
        let minus = self.eat("-");
        let exponent = self.postfix()?.into_number()?;
        let base = Box::new(base.into_number()?);
        let span = start.to(self.last_span());
        let half = match &exponent.value {
            Term::Decimal {
                digits,
                exponent: -1,
            } => digits.trim_start_matches('0') == "5",
            Term::Product(ratio) => {
                let digits =
                    |part: &(bool, Expression)| Some((part.0, part.1.value.integer()?.to_owned()));
                let ratio: Vec<_> = ratio.iter().map(digits).collect();
                ratio == [Some((false, "1".to_owned())), Some((true, "2".to_owned()))]
            }
            _ => false,
        };
        if half {
            let root = Value::term(Term::Sqrt(base), span);
            let one = Value::Number(crate::notation::value::integer("1", span));
            return if minus {
                self.combine(vec![(false, one), (true, root)], start, Term::Product)
            } else {
                Ok(root)
            };
        }
        // `(-2)` is the negative of a literal.
        let (negative, term) = match &exponent.value {
            Term::Sum(terms) => match terms.as_slice() {
                [(true, one)] => (true, &one.value),
                _ => (false, &exponent.value),
            },
            term => (false, term),
        };
        let digits = term.integer().map(str::to_owned).ok_or_else(|| {
            Diagnostic::at(place, "expected an integer exponent")
                .help("write a square root as `sqrt(…)`")
        })?;
        let power = limits::exponent(&digits).map_err(|message| Diagnostic::at(place, message))?;
        let power = if minus ^ negative { -power } else { power };
        Ok(Value::term(Term::Power(base, power), span))
    }

    /// Combines operands: numbers to a sum or product, a list times numbers entry by entry, lists of one shape to their sum.
    pub(super) fn combine(
        &mut self,
        mut operands: Operands<Value>,
        start: Span,
        term: MakeTerm,
    ) -> Result<Value, Diagnostic> {
        if let [(false, _)] = operands.as_slice() {
            return Ok(operands.swap_remove(0).1);
        }
        let span = start.to(self.last_span());
        let lists = operands
            .iter()
            .enumerate()
            .filter(|(_, (_, value))| value.is_list());
        let lists: Vec<_> = lists.map(|(at, (inverse, _))| (at, *inverse)).collect();
        let sums = matches!(term(Vec::new()), Term::Sum(_));
        if sums && lists.len() == operands.len() {
            return Self::added(operands, span);
        }
        let list = match lists.as_slice() {
            [] => None,
            [(at, false)] if !sums => Some(operands.remove(*at).1),
            _ => {
                let problem = Diagnostic::at(span, "unsupported arithmetic with lists");
                return Err(problem.help("write the values out"));
            }
        };
        let divides = |(inverse, _): &(bool, Value)| *inverse;
        if let Some(Value::List(_, place, ListKind::Sequence)) = list
            && !(operands.iter().all(divides) && self.dialect != Dialect::Python)
        {
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

    /// Adds lists entry by entry.
    fn added(operands: Operands<Value>, span: Span) -> Result<Value, Diagnostic> {
        let unequal = || {
            Diagnostic::at(span, "these lists have different lengths").help("write the values out")
        };
        let mut columns: Vec<Operands<Value>> = Vec::new();
        for (at, (minus, value)) in operands.into_iter().enumerate() {
            let Value::List(values, _, kind) = value else {
                return Err(unequal());
            };
            // Lists of Python's are joined by `+`.
            if kind == ListKind::Sequence {
                let headline = "`+` joins these lists; it adds only arrays";
                return Err(Diagnostic::at(span, headline).help("write `np.array(…)` around them"));
            }
            if at == 0 {
                columns.resize_with(values.len(), Vec::new);
            }
            if columns.len() != values.len() {
                return Err(unequal());
            }
            for (column, value) in columns.iter_mut().zip(values) {
                column.push((minus, value));
            }
        }
        let sums = columns.into_iter().map(|column| {
            if column.iter().all(|(_, value)| value.is_list()) {
                Self::added(column, span)
            } else {
                let numbers = column
                    .into_iter()
                    .map(|(minus, value)| Ok((minus, value.into_number()?)));
                Ok(Value::term(
                    Term::Sum(numbers.collect::<Result<_, Diagnostic>>()?),
                    span,
                ))
            }
        });
        Ok(Value::array(sums.collect::<Result<_, _>>()?, span))
    }

    /// A literal.
    pub(super) fn literal(&mut self, text: &str) -> Result<Value, Diagnostic> {
        let span = self.token().span;
        self.advance();
        let problem = |message: String| Diagnostic::at(span, message);
        if text.len() > 1
            && text.starts_with('0')
            && text[1..].starts_with(['x', 'X', 'o', 'O', 'b', 'B'])
        {
            return Err(problem("only decimal numbers are supported".to_owned()));
        }
        let digits = |c: char| c.is_ascii_digit() || matches!(c, '.' | '+' | '-' | 'e' | 'E' | '_');
        let plain = text.replace(['&', ' ', '\t', '\r', '\n'], "");
        let plain = plain.replace(['d', 'D'], "e");
        let plain = plain
            .strip_suffix("f64")
            .or(plain.strip_suffix("f32"))
            .unwrap_or(&plain);
        // Julia's exponents of single precision.
        let plain = match plain.split_once('f') {
            Some((mantissa, exponent)) if !exponent.is_empty() => format!("{mantissa}e{exponent}"),
            _ => plain.to_owned(),
        };
        let end = plain.find(|c| !digits(c)).unwrap_or(plain.len());
        // `_dp` follows the digits; `1_000` has them between.
        let suffix = plain
            .find('_')
            .filter(|at| !plain[at + 1..].starts_with(|c: char| c.is_ascii_digit()));
        let number = plain[..suffix.unwrap_or(end).min(end)].replace('_', "");
        let value = limits::decimal(&number).map_err(problem)?;
        let value = Value::Number(Spanned::new(value, span));
        // `17.` and `1e3` are no integers.
        let whole = number.bytes().all(|b| b.is_ascii_digit()) && suffix.is_none();
        Ok(if whole { value } else { value.into_fraction() })
    }
}
