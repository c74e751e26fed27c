//! Evaluates expressions to exact numbers, within the limits on roots, digits and work.

use std::collections::BTreeMap;
use std::str::FromStr;

use num_bigint::BigInt;
use num_traits::{One, Zero};

use crate::language::angle;
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{Expression, Spanned, Term};
use crate::language::limits;
use crate::language::syntax::parse_expression;
use crate::number::Number;
use crate::number::budget::{Budget, TooLarge};
use crate::number::radical::{Group, MAX_RANK};

/// An expression of the tableau language, such as `(2 - sqrt(2))/6`.
impl FromStr for Number {
    type Err = Diagnostic;

    fn from_str(text: &str) -> Result<Self, Diagnostic> {
        Evaluator::default().value(&parse_expression(text)?)
    }
}

/// How often the sum of a row is formed: proofs and repairs do so again.
const SUMS: usize = 8;

/// Steps for each word of a number that is used by its name: tableaux are copied some times.
const COPY: u64 = 400;

/// The names bound so far, and the work left.
#[derive(Debug)]
pub(crate) struct Evaluator {
    names: BTreeMap<String, Number>,
    field: Group,
    budget: Budget,
}

impl Default for Evaluator {
    fn default() -> Self {
        Self {
            names: BTreeMap::new(),
            field: Group::default(),
            budget: Budget::new(limits::EFFORT),
        }
    }
}

impl Evaluator {
    /// `let NAME = VALUE`.
    pub(crate) fn bind(
        &mut self,
        name: &Spanned<String>,
        value: &Expression,
    ) -> Result<(), Diagnostic> {
        unreserved(name)?;
        let value = self.value(value).inspect_err(|_| self.bind_anyhow(name))?;
        self.bind_value(name, value)
    }

    /// Gives a name without a value some value: its error is reported once, not again wherever the name is used.
    pub(crate) fn bind_anyhow(&mut self, name: &Spanned<String>) {
        self.names.insert(name.value.clone(), Number::one());
    }

    /// Binds a name to a number.
    pub(crate) fn bind_value(
        &mut self,
        name: &Spanned<String>,
        value: Number,
    ) -> Result<(), Diagnostic> {
        match self.names.insert(name.value.clone(), value) {
            None => Ok(()),
            Some(_) => Err(
                Diagnostic::at(name.span, format!("`{}` is bound twice", name.value))
                    .help("constants keep their value; choose another name"),
            ),
        }
    }

    /// Sums a row, within the limits.
    pub(crate) fn sum(&mut self, row: &[Number], span: Span) -> Result<Number, Diagnostic> {
        let mut sum = Number::zero();
        for entry in row.iter().filter(|entry| !entry.is_zero()) {
            for _ in 0..SUMS {
                self.spend(&sum, entry, span)?;
            }
            sum = self.bounded(&sum + entry, span)?;
        }
        Ok(sum)
    }

    /// Evaluates an expression.
    pub(crate) fn value(&mut self, expression: &Expression) -> Result<Number, Diagnostic> {
        let span = expression.span;
        match &expression.value {
            Term::Decimal { digits, exponent } => {
                // Reading costs as the square of the length, powers of ten included.
                let words = 1 + (digits.len() as u64 + u64::from(exponent.unsigned_abs())) / 19;
                self.take(64 * words * words, span)?;
                self.bounded(decimal(digits, *exponent), span)
            }
            Term::Name(name) => {
                let value = self.names.get(name).cloned();
                let value = value.ok_or_else(|| self.unknown(name, span))?;
                self.take(COPY * value.terms().len() as u64 * value.bits() / 64, span)?;
                Ok(value)
            }
            Term::Sum(terms) => {
                let mut sum = Number::zero();
                for (minus, term) in terms {
                    let term = self.value(term)?;
                    self.spend(&sum, &term, span)?;
                    sum = self.bounded(if *minus { &sum - &term } else { &sum + &term }, span)?;
                }
                Ok(sum)
            }
            Term::Product(factors) => {
                let mut product = Number::one();
                for (divide, factor) in factors {
                    let at = factor.span;
                    let factor = self.value(factor)?;
                    self.spend(&product, &factor, span)?;
                    let result = if *divide {
                        self.spend_inverse(&factor, span)?;
                        let quotient = product.checked_div(&factor);
                        quotient.ok_or_else(|| Diagnostic::at(at, "division by zero"))?
                    } else {
                        &product * &factor
                    };
                    product = self.bounded(result, span)?;
                }
                Ok(product)
            }
            Term::Power(base, exponent) => {
                let mut base = self.value(base)?;
                if *exponent < 0 {
                    self.spend_inverse(&base, span)?;
                    // An inverse is longer than its base: it is what the power costs.
                    let inverse = base.checked_pow(-1);
                    base = inverse.ok_or_else(|| Diagnostic::at(span, "division by zero"))?;
                }
                let times = exponent.unsigned_abs();
                if base.bits() * u64::from(times) > 4 * bits_allowed() {
                    return Err(too_long(span));
                }
                let mut power = Number::one();
                for _ in 0..times {
                    self.spend(&power, &base, span)?;
                    power = &power * &base;
                }
                self.bounded(power, span)
            }
            Term::Sqrt(argument) => {
                let argument = self.value(argument)?;
                self.root(&argument, span)
            }
            Term::Unknown => Err(Diagnostic::at(span, "this entry is unknown")
                .help("`horesnet repair` solves the claims for entries that are written `?`")),
        }
    }

    fn root(&mut self, argument: &Number, span: Span) -> Result<Number, Diagnostic> {
        if !argument.is_rational() {
            return Err(Diagnostic::at(span, "`sqrt` of an irrational number")
                .help("`sqrt` takes a rational"));
        }
        if argument.sign().is_lt() {
            let headline = format!("`sqrt` of a negative number, {}", argument.brief());
            return Err(Diagnostic::at(span, headline));
        }
        // Trial division goes up to 2^16, or to the root of what is left, over all the digits.
        let bits = 2 * argument.bits();
        self.take((1 << (bits / 2).min(16)) * (1 + bits / 64) * 16, span)?;
        let root = argument.sqrt().ok_or_else(|| {
            Diagnostic::at(span, "the square-free part under this root is too large")
                .help("it may be up to 2^32")
        })?;
        self.bounded(root, span)
    }

    /// Checks a result against the limits on roots and digits.
    fn bounded(&mut self, number: Number, span: Span) -> Result<Number, Diagnostic> {
        if number.bits() > bits_allowed() {
            return Err(too_long(span));
        }
        for &(radicand, _) in number.terms() {
            if !self.field.insert(radicand) {
                let headline = format!("more than {MAX_RANK} independent square roots in one file");
                return Err(Diagnostic::at(span, headline));
            }
        }
        Ok(number)
    }

    /// Counts the cost of an operation: that of a binary greatest common divisor.
    fn spend(&mut self, a: &Number, b: &Number, span: Span) -> Result<(), Diagnostic> {
        let words = 1 + (a.bits() + b.bits()) / 64;
        let products = (1 + a.terms().len() as u64) * (1 + b.terms().len() as u64);
        self.take(products * 64 * words * words, span)
    }

    /// Counts the cost of an inverse: products with conjugates, over ever longer numbers.
    fn spend_inverse(&mut self, a: &Number, span: Span) -> Result<(), Diagnostic> {
        let terms = a.terms().len() as u64;
        let words = 1 + terms * a.bits() / 64;
        self.take(terms * terms * 64 * words * words, span)
    }

    fn take(&mut self, steps: u64, span: Span) -> Result<(), Diagnostic> {
        self.budget.spend(steps as f64).map_err(|TooLarge| {
            let headline = "this file needs more arithmetic than any tableau should";
            Diagnostic::at(span, headline).help("write shorter numbers, or fewer operations")
        })
    }

    fn unknown(&self, name: &str, span: Span) -> Diagnostic {
        const SHOWN: usize = 8;
        let problem = |headline: String| Diagnostic::at(span, headline);
        if name == "sqrt" {
            return problem("the root of a number is written `sqrt(…)`".to_owned());
        }
        if RESERVED.contains(&name) {
            return problem(format!("`{name}` is a word of the language, not a number"));
        }
        if name == "pi" {
            let help = angle::rounded("3.14159265358979323846264338328");
            return problem("`pi` is a number only in `cos(pi*p/q)` and `sin(pi*p/q)`".to_owned())
                .help(help);
        }
        let known = self.names.keys().take(SHOWN);
        let known: Vec<_> = known.map(|name| format!("`{name}`")).collect();
        let more = if self.names.len() > SHOWN {
            ", …"
        } else {
            ""
        };
        let radicand = name
            .strip_prefix("sqrt")
            .filter(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()));
        problem(format!("`{name}` has no value")).help(match (radicand, known.as_slice()) {
            (Some(radicand), _) => format!("the root is written `sqrt({radicand})`"),
            (None, []) => format!("bind it before the first row: `let {name} = …`"),
            (None, _) => format!("bound here: {}{more}", known.join(", ")),
        })
    }
}

/// Refuses words of the language as names.
pub(crate) fn unreserved(name: &Spanned<String>) -> Result<(), Diagnostic> {
    if RESERVED.contains(&name.value.as_str()) {
        let headline = format!("`{}` is a word of the language", name.value);
        return Err(Diagnostic::at(name.span, headline));
    }
    Ok(())
}

/// The words of the language.
const RESERVED: [&str; 6] = ["name", "cite", "let", "rounded", "order", "sqrt"];

pub(crate) fn decimal(digits: &str, exponent: i32) -> Number {
    let mantissa = digits.parse::<BigInt>().unwrap_or_default();
    let power = BigInt::from(10).pow(exponent.unsigned_abs());
    if exponent < 0 {
        Number::ratio(mantissa, power).unwrap_or_else(Number::zero)
    } else {
        Number::from(mantissa * power)
    }
}

/// The bits of a number with the most digits allowed, with a margin for powers of ten.
const fn bits_allowed() -> u64 {
    limits::DIGITS as u64 * 3322 / 1000 + 64
}

fn too_long(span: Span) -> Diagnostic {
    let headline = format!("this value needs more than {} digits", limits::DIGITS);
    Diagnostic::at(span, headline)
}
