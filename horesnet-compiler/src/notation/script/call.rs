//! Names of Julia and Python: variables, types, and the functions that make or convert numbers.

use super::lexer::{Language, TokenKind};
use super::list::filled;
use super::parser::Parser;
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{Spanned, Term};
use crate::language::limits;
use crate::notation::value::{ListKind, Value, brief, integer};

impl<'a> Parser<'a> {
    /// Parses what a name begins: a constant, a variable, a call or a typed list.
    pub(super) fn named(&mut self, first: &'a str) -> Result<Value, Diagnostic> {
        let start = self.token().span;
        self.advance();
        match (first, self.kind()) {
            ("None" | "nothing", _) => return Ok(Value::Null(start)),
            // `big"…"` of Julia, `r"…"` of Python
            ("big" | "r", TokenKind::Text(text)) if !self.token().spaced => {
                let span = self.token().span;
                self.advance();
                return Ok(Value::Text(Spanned::new(text.clone(), span)));
            }
            _ => {}
        }
        let mut name = first;
        while self.is(".") {
            let TokenKind::Name(attribute) = self.next_kind() else {
                break;
            };
            self.advance();
            self.advance();
            name = attribute;
        }
        if self.is("{") {
            while !self.eat("}") {
                if matches!(self.kind(), TokenKind::End | TokenKind::Newline) {
                    return Err(self.expected("`}`"));
                }
                self.advance();
            }
        }
        // `T.(…)` calls for each entry.
        if self.is(".") && self.next_kind() == &TokenKind::Symbol("(") {
            self.advance();
        }
        let glued = !self.token().spaced;
        if self.is("(") && glued {
            return self.call(name, start);
        }
        // A list with the type of its entries: `Float64[…]`.
        let julia = self.language == Language::Julia;
        if self.is("[") && glued && julia && !self.environment.contains(name) {
            return self.list();
        }
        if name != first {
            let headline = format!("unsupported attribute `{}.{}`", brief(first), brief(name));
            return Err(Diagnostic::at(start, headline));
        }
        let mut value = self.lookup(name, start)?;
        while self.is("[") && !self.token().spaced && value.is_list() {
            value = self.entry_of(value)?;
        }
        Ok(value)
    }

    fn call(&mut self, name: &'a str, start: Span) -> Result<Value, Diagnostic> {
        let name = self.environment.function(name);
        let (mut arguments, typed) = self.arguments()?;
        let span = start.to(self.last_span());
        let sizes = |arguments: &[Value]| -> Option<Vec<usize>> {
            match arguments {
                [Value::List(sizes, ..)] => sizes.iter().map(Value::as_size).collect(),
                sizes => sizes.iter().map(Value::as_size).collect(),
            }
        };
        let (fill, sizes) = match (name, arguments.as_slice()) {
            ("zeros", arguments) => (integer("0", span), sizes(arguments)),
            ("ones", arguments) => (integer("1", span), sizes(arguments)),
            ("fill", [value, arguments @ ..]) => (value.clone().into_number()?, sizes(arguments)),
            ("sqrt", [_]) => {
                let argument = arguments.swap_remove(0).into_number()?;
                return Ok(Value::term(Term::Sqrt(Box::new(argument)), span));
            }
            ("Rational" | "Fraction" | "mpq", [_, _]) => {
                let divisor = arguments.swap_remove(1).into_number()?;
                let dividend = arguments.swap_remove(0).into_number()?;
                let ratio = Term::Product(vec![(false, dividend), (true, divisor)]);
                return Ok(Value::term(ratio, span));
            }
            ("int" | "Integer", [value]) if !value.is_integer() => {
                let headline = format!("`{name}` drops fractions");
                return Err(Diagnostic::at(span, headline).help("write the number itself"));
            }
            (name, [_]) if is_conversion(name) => {
                return Ok(self.converted(name, arguments.swap_remove(0), typed));
            }
            _ => {
                let headline = format!("unsupported call of `{}`", brief(name));
                return Err(Diagnostic::at(span, headline)
                    .help("supported are `sqrt`, `Rational`, `Fraction`, `big`, `array`, `zeros`, `fill` and conversions"));
            }
        };
        let sizes = sizes.filter(|sizes| (1..=2).contains(&sizes.len()));
        let sizes = sizes.ok_or_else(|| {
            let headline = format!("expected one or two sizes up to {}", limits::STAGES);
            Diagnostic::at(span, headline)
        })?;
        self.count_copies(sizes.iter().product(), span)?;
        Ok(filled(&fill, &sizes, span))
    }

    /// Converts a list to the kind that the function returns. Numbers stay as they are.
    fn converted(&self, name: &str, value: Value, typed: bool) -> Value {
        if self.language == Language::Julia {
            return value;
        }
        match (name, value) {
            // Without a type, integers make an array of integers.
            ("array" | "asarray" | "matrix", value) if !typed && value.is_integer() => {
                value.with_kind(ListKind::IntegerArray)
            }
            ("array" | "asarray" | "matrix" | "Matrix" | "Array", value) => {
                value.with_kind(ListKind::Array)
            }
            (_, Value::List(values, span, _)) => Value::List(values, span, ListKind::Sequence),
            (_, other) => other,
        }
    }

    /// Parses the arguments of a call. Types and keyword arguments are dropped; returns true if there was a type.
    fn arguments(&mut self) -> Result<(Vec<Value>, bool), Diagnostic> {
        self.advance();
        let outer = std::mem::replace(&mut self.in_row, false);
        let (mut arguments, mut typed) = (Vec::new(), false);
        while !self.is(")") {
            let start = self.position();
            match self.kind() {
                TokenKind::Name(name) if self.next_kind() == &TokenKind::Symbol("=") => {
                    self.skip_argument();
                    if *name == "dtype" {
                        self.check_type(start + 2)?;
                        typed = true;
                    }
                }
                TokenKind::Name(name) if !self.environment.contains(name) && self.is_type() => {
                    self.skip_argument();
                    self.check_type(start)?;
                    typed = true;
                }
                _ => arguments.push(self.value()?),
            }
            if !self.eat(",") && !self.eat(";") {
                break;
            }
        }
        self.expect(")")?;
        self.in_row = outer;
        Ok((arguments, typed))
    }

    /// Refuses a type of Python's that cannot hold fractions, written from a token up to here.
    fn check_type(&self, from: usize) -> Result<(), Diagnostic> {
        const FRACTIONAL: &[&str] = &[
            "float",
            "longdouble",
            "double",
            "object",
            "Fraction",
            "Rational",
            "Decimal",
            "mp",
        ];
        let fractional = |name: &str| FRACTIONAL.iter().any(|known| name.starts_with(known));
        let name = self
            .last_word(from)
            .map(|name| self.environment.function(name));
        match name.filter(|name| self.language == Language::Python && !fractional(name)) {
            Some(name) => {
                let headline = format!("unsupported number type `{}`", brief(name));
                Err(Diagnostic::at(self.last_span(), headline)
                    .help("types that hold fractions are `object` and `float`"))
            }
            None => Ok(()),
        }
    }

    /// Returns true if the argument that begins here is a type: a name alone, but for its module and parameters.
    fn is_type(&self) -> bool {
        !matches!(self.kind(), TokenKind::Name("None" | "nothing"))
            && matches!(self.next_kind(), TokenKind::Symbol("," | ")" | "{" | "."))
            && !self.argument_calls()
    }
}

/// Returns true for a supported function, which a program may rename.
pub(super) fn is_function(name: &str) -> bool {
    const OTHERS: &[&str] = &["sqrt", "zeros", "ones", "fill"];
    OTHERS.contains(&name) || (is_conversion(name) && !name.starts_with('T'))
}

/// Returns true for functions that change how a number is stored, but not its value.
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
