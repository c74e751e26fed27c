//! Calls: conversions, roots, fractions, arrays of one value, constructors.

use super::brief;
use super::dialect::Dialect;
use super::item::Item;
use super::lexer::TokenKind;
use super::list::filled;
use super::parser::Parser;
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::Term;
use crate::language::limits;
use crate::notation::value::{ListKind, Value, integer};

/// Functions that change the number, and are not known here.
const OTHER_FUNCTIONS: &[&str] = &[
    "abs", "acos", "asin", "atan", "cbrt", "ceil", "cos", "cosh", "cumsum", "diag", "diagm",
    "diff", "exp", "eye", "flip", "floor", "im", "inv", "len", "length", "ln", "log", "log10",
    "log2", "max", "mean", "min", "mod", "neg", "norm", "numel", "prod", "rand", "randn", "range",
    "roots", "root", "rot90", "round", "sign", "sin", "sinh", "size", "sum", "tan", "tanh", "tril",
    "triu", "trunc", "linspace", "arange", "dot", "matmul", "cross", "kron", "solve", "identity",
    "input", "open", "read",
];

/// Functions of which the result is an integer.
const INTEGERS: &[&str] = &[
    "int", "Integer", "Int", "Int64", "int64", "int32", "long", "i64", "i32",
];

/// Functions that make an array of a list.
const ARRAYS: &[&str] = &[
    "array",
    "asarray",
    "matrix",
    "Matrix",
    "Array",
    "tensor",
    "as_tensor",
    "vec",
    "arr1",
    "arr2",
    "vector",
];

impl<'a> Parser<'a> {
    pub(super) fn call(
        &mut self,
        name: &'a str,
        path: &str,
        start: Span,
    ) -> Result<Value, Diagnostic> {
        let name = self.function(name).trim_end_matches('!');
        let members = self.items.len();
        let (mut arguments, typed) = self.arguments(name)?;
        let span = start.to(self.last_span());
        let unsupported = |name: &str| {
            Diagnostic::at(span, format!("unsupported call of `{}`", brief(name)))
                .help("supported are roots, fractions, arrays, and conversions of one number; write other values out")
        };
        let sizes = |arguments: &[Value]| -> Option<Vec<usize>> {
            match arguments {
                [Value::List(sizes, ..)] => sizes.iter().map(Value::as_size).collect(),
                sizes => sizes.iter().map(Value::as_size).collect(),
            }
        };
        let filler = match (name, arguments.as_slice()) {
            ("zeros", sized) => Some((Value::Number(integer("0", span)), sizes(sized))),
            ("ones", sized) => Some((Value::Number(integer("1", span)), sizes(sized))),
            ("fill" | "full", [value, sized @ ..]) => Some((value.clone(), sizes(sized))),
            _ => None,
        };
        if let Some((value, sizes)) = filler {
            // `zeros(4)` is square in MATLAB.
            let square = |sizes: Vec<usize>| match (self.dialect, sizes.as_slice()) {
                (Dialect::Matlab, [size]) => vec![*size; 2],
                _ => sizes,
            };
            let sizes = sizes
                .map(square)
                .filter(|sizes| (1..=2).contains(&sizes.len()));
            let sizes = sizes.ok_or_else(|| {
                let headline = format!("expected one or two sizes up to {}", limits::STAGES);
                Diagnostic::at(span, headline)
            })?;
            self.count_copies(sizes.iter().product(), span)?;
            return Ok(filled(&value, &sizes, span));
        }
        match (name, arguments.len()) {
            ("sqrt", 1) => {
                let argument = arguments.swap_remove(0).into_number()?;
                Ok(Value::term(Term::Sqrt(Box::new(argument)), span))
            }
            ("transpose" | "permutedims", 1) => {
                let value = arguments.swap_remove(0);
                Self::transposed(value)
            }
            ("reshape" | "RESHAPE", 2..) => {
                let value = arguments.remove(0);
                let sizes = sizes(&arguments).ok_or_else(|| unsupported(name))?;
                self.reshaped(value, &sizes, span)
            }
            // In Julia, MATLAB and C, a power may be a call.
            ("pow" | "power", 2) => Err(unsupported(name).help("write a square root as `sqrt(…)`")),
            (_, 2) if is_ratio(name) && !arguments.iter().any(Value::is_list) => {
                let divisor = arguments.swap_remove(1).into_number()?;
                let dividend = arguments.swap_remove(0).into_number()?;
                let ratio = Term::Product(vec![(false, dividend), (true, divisor)]);
                Ok(Value::term(ratio, span))
            }
            (_, 1) if INTEGERS.contains(&name) && !arguments[0].is_integer() => {
                let headline = format!("`{name}` drops fractions");
                Err(Diagnostic::at(span, headline).help("write the number itself"))
            }
            ("convert" | "parse" | "map", 1 | 2) => {
                Ok(arguments.pop().unwrap_or(Value::Null(span)))
            }
            // A definition in the text makes it more than a conversion.
            (_, 1)
                if !OTHER_FUNCTIONS.contains(&name.to_lowercase().as_str())
                    && self.item_of(path).is_none()
                    && !self.is_defined(name) =>
            {
                self.conversions.insert(name);
                let value = arguments.swap_remove(0);
                Ok(self.converted(name, value, typed))
            }
            (_, 2..)
                if ARRAYS.contains(&name)
                    || ["Vector", "Matrix", "ArrayOf", "arrayOf", "listOf"]
                        .iter()
                        .any(|word| name.contains(word)) =>
            {
                Ok(Value::List(arguments, span, ListKind::Array))
            }
            // The arrays of a constructor are looked at one by one.
            (_, 2..) if arguments.iter().any(Value::is_list) => {
                for (at, value) in arguments.into_iter().enumerate() {
                    let mut item =
                        Item::new(format!("argument {}", at + 1), value.span(), Ok(value));
                    item.scope = self.scope;
                    if item.is_list()
                        && !self
                            .recent
                            .iter()
                            .any(|other| self.has_span(*other, item.span))
                    {
                        self.assign(item);
                    }
                }
                Ok(Value::Null(span))
            }
            // A constructor whose arguments have names.
            (_, 0) if self.items.len() > members => Ok(Value::Null(span)),
            _ => Err(unsupported(name)),
        }
    }

    /// Converts a list to the kind that the function returns. Numbers stay as they are.
    fn converted(&self, name: &str, value: Value, typed: bool) -> Value {
        let integers = matches!(self.dialect, Dialect::Python | Dialect::Unknown);
        match value {
            // Without a type, integers make an array of integers.
            value
                if value.is_list()
                    && ARRAYS.contains(&name)
                    && integers
                    && !typed
                    && value.is_integer() =>
            {
                value.with_kind(ListKind::IntegerArray)
            }
            Value::List(values, span, _) if matches!(name, "list" | "tuple") => {
                Value::List(values, span, ListKind::Sequence)
            }
            value if value.is_list() => value.with_kind(ListKind::Array),
            number => number.into_fraction(),
        }
    }

    /// Parses the arguments of a call. Types are dropped; returns true if there was one.
    fn arguments(&mut self, function: &str) -> Result<(Vec<Value>, bool), Diagnostic> {
        let close = self.close();
        if self.is("[") {
            return Ok((vec![self.list()?], false));
        }
        self.advance();
        let outer = std::mem::replace(&mut self.in_row, false);
        let (mut arguments, mut typed) = (Vec::new(), false);
        self.skip_lines();
        while self.at < close {
            let start = self.at;
            let option = matches!(
                self.kind(),
                TokenKind::Name("dtype" | "device" | "copy" | "order" | "T")
            ) && self.is_at(1, "=");
            if option || self.is_type(close) {
                while self.at < close && !self.is(",") && !self.is(";") {
                    self.skip_brackets();
                }
                typed |= self.check_type(start, function)?;
            } else if !self.member() {
                arguments.push(self.value()?);
            }
            self.skip_lines();
            if !self.eat(",") && !self.eat(";") {
                break;
            }
            self.skip_lines();
        }
        self.expect(")")?;
        self.in_row = outer;
        Ok((arguments, typed))
    }

    /// Returns true if the argument that begins here is a type: a name alone, but for its module and parameters.
    fn is_type(&self, close: usize) -> bool {
        let TokenKind::Name(name) = self.kind() else {
            return false;
        };
        let mut at = self.at;
        while at < close && !matches!(self.token_at(at).kind, TokenKind::Symbol("," | ";")) {
            let part = matches!(
                self.token_at(at).kind,
                TokenKind::Name(_) | TokenKind::Symbol("." | "::" | "{")
            );
            if !part {
                return false;
            }
            at = self.token_at(at).close.max(at) + 1;
        }
        let known = self.item_of(name).is_some()
            || matches!(*name, "None" | "nothing" | "null" | "nan" | "NaN");
        !known
            && self
                .names_between(self.at, at)
                .all(|part| self.item_of(part).is_none())
    }

    /// Refuses a type of Python's that cannot hold fractions, written from a token up to here; returns true for a type.
    fn check_type(&self, from: usize, function: &str) -> Result<bool, Diagnostic> {
        const WHOLE: &[&str] = &["int", "uint", "long", "short", "bool", "i32", "i64", "Int"];
        let name = self
            .names_between(from, self.at)
            .last()
            .map(|name| self.function(name));
        let text = match &self.token_at(self.at.saturating_sub(1)).kind {
            TokenKind::Text(text) => Some(text.as_str()),
            _ => name,
        };
        let Some(name) = text.filter(|_| function != "map") else {
            return Ok(false);
        };
        if WHOLE.iter().any(|whole| name.starts_with(whole)) {
            let headline = format!("unsupported number type `{}`", brief(name));
            return Err(Diagnostic::at(self.last_span(), headline)
                .help("types that hold fractions are `object` and `float`"));
        }
        Ok(name != "device" && name != "copy")
    }
}

/// Returns true for the names of functions that make a fraction of two integers.
fn is_ratio(name: &str) -> bool {
    let name = name.to_lowercase();
    [
        "rational",
        "fraction",
        "mpq",
        "frac",
        "ratio",
        "rat",
        "big_rational",
        "r",
        "q",
        "f",
        "qq",
        "fr",
        "new",
    ]
    .contains(&name.as_str())
}
