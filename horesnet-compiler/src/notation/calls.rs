//! Names of Julia and Python: variables, types, and the functions that make or convert numbers.

use super::list::{filled, size};
use super::parts::{Value, brief, number};
use super::reader::Reader;
use super::script::Language;
use super::tokens::Kind;
use crate::diagnostic::{Diagnostic, Span};
use crate::document::{Spanned, Term};
use crate::limits;

impl<'a> Reader<'a> {
    /// A name, which may be a word of the language, a variable, a function or a type.
    pub(super) fn named(&mut self, first: &'a str) -> Result<Value, Diagnostic> {
        let start = self.token().span;
        self.advance();
        match (first, self.kind()) {
            ("None" | "nothing", _) => return Ok(Value::Nothing(start)),
            // `big"…"` of Julia, `r"…"` of Python
            ("big" | "r", Kind::Text(value)) if !self.token().spaced => {
                let span = self.token().span;
                self.advance();
                return Ok(Value::Text(Spanned {
                    value: value.clone(),
                    span,
                }));
            }
            _ => {}
        }
        let mut name = first;
        while self.is(".") {
            let Kind::Name(attribute) = self.next_kind() else {
                break;
            };
            self.advance();
            self.advance();
            name = attribute;
        }
        let path = name != first;
        if self.is("{") {
            while !self.eat("}") {
                if matches!(self.kind(), Kind::End | Kind::Newline) {
                    return Err(self.expected("`}`"));
                }
                self.advance();
            }
        }
        // `T.(…)` calls for each entry.
        if self.is(".") && self.next_kind() == &Kind::Symbol("(") {
            self.advance();
        }
        let glued = !self.token().spaced;
        if self.is("(") && glued {
            return self.call(name, start);
        }
        // A list with the type of its entries: `Float64[…]`.
        if self.is("[") && glued && self.language == Language::Julia && !self.knows(name) {
            return self.list();
        }
        if path {
            return Err(Diagnostic::at(
                start,
                format!("`{}.{}` is not read", brief(first), brief(name)),
            ));
        }
        self.lookup(name, start)
    }

    fn call(&mut self, name: &str, start: Span) -> Result<Value, Diagnostic> {
        let mut arguments = self.arguments()?;
        let span = start.to(self.tokens_before());
        let sizes = |arguments: &[Value]| -> Option<Vec<usize>> {
            match arguments {
                [Value::List(sizes, _)] => sizes.iter().map(size).collect(),
                sizes => sizes.iter().map(size).collect(),
            }
        };
        let integer = |digits: &str| Spanned {
            value: Term::Decimal {
                digits: digits.to_owned(),
                exponent: 0,
            },
            span,
        };
        let (fill, lengths) = match (name, arguments.as_slice()) {
            ("zeros", lengths) => (integer("0"), sizes(lengths)),
            ("ones", lengths) => (integer("1"), sizes(lengths)),
            ("fill", [value, lengths @ ..]) => (number(value.clone())?, sizes(lengths)),
            ("sqrt", [_]) => {
                let argument = Box::new(number(arguments.swap_remove(0))?);
                return Ok(Value::Number(Spanned {
                    value: Term::Sqrt(argument),
                    span,
                }));
            }
            ("Rational" | "Fraction" | "mpq", [_, _]) => {
                let divisor = number(arguments.swap_remove(1))?;
                let factors = vec![(false, number(arguments.swap_remove(0))?), (true, divisor)];
                return Ok(Value::Number(Spanned {
                    value: Term::Product(factors),
                    span,
                }));
            }
            (name, [_]) if is_conversion(name) => return Ok(arguments.swap_remove(0)),
            _ => {
                return Err(Diagnostic::at(span, format!("this call of `{}` is not read", brief(name)))
                    .help("what is read are `sqrt`, `Rational`, `Fraction`, `big`, `array`, `zeros`, `fill` and conversions"));
            }
        };
        let lengths = lengths.filter(|lengths| (1..=2).contains(&lengths.len()));
        let lengths = lengths.ok_or_else(|| {
            Diagnostic::at(
                span,
                format!("expected one or two sizes up to {}", limits::STAGES),
            )
        })?;
        self.spend_entries(lengths.iter().product(), span)?;
        Ok(filled(&fill, &lengths, span))
    }

    /// The arguments of a call, without types and what is given by name.
    fn arguments(&mut self) -> Result<Vec<Value>, Diagnostic> {
        self.advance();
        let outer = std::mem::replace(&mut self.row, false);
        let mut arguments = Vec::new();
        while !self.is(")") {
            match self.kind() {
                Kind::Name(_) if self.next_kind() == &Kind::Symbol("=") => self.skip_argument(),
                Kind::Name(name) if !self.knows(name) && self.is_type() => self.skip_argument(),
                _ => arguments.push(self.value()?),
            }
            if !self.eat(",") && !self.eat(";") {
                break;
            }
        }
        self.expect(")")?;
        self.row = outer;
        Ok(arguments)
    }

    /// A name that is all of its argument, but for parameters and the module it is from.
    fn is_type(&self) -> bool {
        !matches!(self.kind(), Kind::Name("None" | "nothing"))
            && matches!(self.next_kind(), Kind::Symbol("," | ")" | "{" | "."))
            && !self.argument_calls()
    }
}

/// Functions that change how a number is held, and not which it is.
fn is_conversion(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "array",
        "asarray",
        "Array",
        "matrix",
        "Matrix",
        "list",
        "tuple",
        "vec",
        "collect",
        "big",
        "BigInt",
        "BigFloat",
        "Float64",
        "float",
        "int",
        "Integer",
        "S",
        "sympify",
        "Rational",
        "Fraction",
        "Decimal",
        "mpf",
        "mpq",
        "convert",
        "parse",
        "map",
        "float64",
        "longdouble",
    ];
    let parameter = name.starts_with('T') && name.len() <= 2;
    NAMES.contains(&name) || parameter
}
