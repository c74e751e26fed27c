//! Names of Julia and Python: variables, types, and the functions that make or convert numbers.

use super::entries::{holding, is_integer};
use super::list::{filled, size};
use super::parts::{Holds, Value, brief, number};
use super::reader::Reader;
use super::script::Language;
use super::tokens::Kind;
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{Spanned, Term};
use crate::language::limits;

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
        let mut value = self.lookup(name, start)?;
        while self.is("[") && !self.token().spaced && matches!(value, Value::List(..)) {
            value = self.entry_of(value)?;
        }
        Ok(value)
    }

    fn call(&mut self, name: &'a str, start: Span) -> Result<Value, Diagnostic> {
        let name = self.scope.function(name);
        let (mut arguments, typed) = self.arguments()?;
        let span = start.to(self.tokens_before());
        let sizes = |arguments: &[Value]| -> Option<Vec<usize>> {
            match arguments {
                [Value::List(sizes, ..)] => sizes.iter().map(size).collect(),
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
            ("int" | "Integer", [value]) if !is_integer(value) => {
                return Err(Diagnostic::at(span, format!("`{name}` drops fractions"))
                    .help("write the number itself"));
            }
            (name, [_]) if is_conversion(name) => {
                let value = arguments.swap_remove(0);
                return Ok(self.converted(name, value, typed));
            }
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

    /// A list as the function makes it; numbers stay what they are.
    fn converted(&self, name: &str, value: Value, typed: bool) -> Value {
        const ARRAYS: &[&str] = &["array", "asarray", "matrix", "Matrix", "Array"];
        if self.language == Language::Julia {
            return value;
        }
        match name {
            // Without a type, integers make an array of integers.
            "array" | "asarray" | "matrix" if !typed && is_integer(&value) => {
                holding(value, Holds::Integers)
            }
            name if ARRAYS.contains(&name) => holding(value, Holds::Numbers),
            _ => match value {
                Value::List(values, span, _) => Value::List(values, span, Holds::Items),
                other => other,
            },
        }
    }

    /// The arguments of a call, without types and what is given by name, and whether there was a type.
    fn arguments(&mut self) -> Result<(Vec<Value>, bool), Diagnostic> {
        self.advance();
        let outer = std::mem::replace(&mut self.row, false);
        let (mut arguments, mut typed) = (Vec::new(), false);
        while !self.is(")") {
            match self.kind() {
                Kind::Name(name) if self.next_kind() == &Kind::Symbol("=") => {
                    let start = self.position();
                    self.skip_argument();
                    if *name == "dtype" {
                        self.exact_type(start + 2)?;
                        typed = true;
                    }
                }
                Kind::Name(name) if !self.knows(name) && self.is_type() => {
                    let start = self.position();
                    self.skip_argument();
                    self.exact_type(start)?;
                    typed = true;
                }
                _ => arguments.push(self.value()?),
            }
            if !self.eat(",") && !self.eat(";") {
                break;
            }
        }
        self.expect(")")?;
        self.row = outer;
        Ok((arguments, typed))
    }

    /// Refuses a type of Python's that cannot hold fractions, written from a token on up to here.
    fn exact_type(&self, from: usize) -> Result<(), Diagnostic> {
        const EXACT: &[&str] = &[
            "float",
            "longdouble",
            "double",
            "object",
            "Fraction",
            "Rational",
            "Decimal",
            "mp",
        ];
        let whole = |name: &str| !EXACT.iter().any(|exact| name.starts_with(exact));
        let name = self.last_word(from).map(|name| self.scope.function(name));
        match name.filter(|name| self.language == Language::Python && whole(name)) {
            Some(name) => Err(Diagnostic::at(
                self.tokens_before(),
                format!("numbers of the type `{}` are not read", brief(name)),
            )
            .help("types that hold fractions are `object` and `float`")),
            None => Ok(()),
        }
    }

    /// A name that is all of its argument, but for parameters and the module it is from.
    fn is_type(&self) -> bool {
        !matches!(self.kind(), Kind::Name("None" | "nothing"))
            && matches!(self.next_kind(), Kind::Symbol("," | ")" | "{" | "."))
            && !self.argument_calls()
    }
}

/// Whether a program may call it by another name.
pub(super) fn is_function(name: &str) -> bool {
    const OTHERS: &[&str] = &["sqrt", "zeros", "ones", "fill"];
    OTHERS.contains(&name) || (is_conversion(name) && !name.starts_with('T'))
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
