//! Calls and methods: conversions, roots, fractions, arrays of one value, constructors.

use super::dialect::Dialect;
use super::functions::{Function, is_whole};
use super::item::Item;
use super::layout::{filled, transposed};
use super::lexer::TokenKind;
use super::list::{Contents, Style};
use super::parser::Parser;
use super::{brief, unsupported};
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::Term;
use crate::notation::value::{ListKind, Value, integer};

impl<'a> Parser<'a> {
    /// Parses the arguments of a function, and calls it.
    pub(super) fn call(
        &mut self,
        name: &'a str,
        path: &str,
        start: Span,
    ) -> Result<Value, Diagnostic> {
        let name = self.function(name);
        let (arguments, name) = if self.is("[") {
            // `vec![0.5, 0]` of Rust
            (
                Contents {
                    rows: vec![vec![self.list()?]],
                    ..Contents::default()
                },
                name.trim_end_matches('!'),
            )
        } else {
            let close = self.close();
            self.at += 1;
            let arguments = self.contents(close, Style::Call)?;
            self.at = close + 1;
            (arguments, name)
        };
        let span = start.to(self.last_span());
        let refused = || unsupported(span, format!("call of `{}`", brief(name)));
        let mut function = Function::of(name);
        // A definition in the text makes it more than a conversion.
        if self.item_of(path).is_some() || self.defined.contains(name) {
            function = Function::Other;
        }
        check_types(&arguments.types, span)?;
        if function == Function::Unknown {
            return self.other_call(name, arguments, span).ok_or_else(refused);
        }
        if arguments.has_members {
            return Err(refused());
        }
        let typed = !arguments.types.is_empty();
        let arguments = arguments.entries();
        self.apply(function, name, arguments, span, typed)
            .and_then(|value| value.ok_or_else(refused))
    }

    /// Parses `.NAME` or `.NAME(…)` behind a value.
    pub(super) fn method(&mut self, value: Value) -> Result<Value, Diagnostic> {
        let span = self.token().span;
        let TokenKind::Name(name) = self.kind_at(1) else {
            return Err(self.expected("a name"));
        };
        self.at += 2;
        let refused = || unsupported(span, format!("method `{}`", brief(name)));
        if !self.is("(") {
            return if *name == "T" {
                transposed(value)
            } else {
                Err(refused())
            };
        }
        let (from, close) = (self.at, self.close());
        let function = if *name == "t" {
            Function::Transpose
        } else {
            Function::of(name)
        };
        let mut arguments = vec![value];
        match function {
            Function::Same | Function::Sequence => {
                let types: Vec<_> = self.names_between(from, close).collect();
                check_types(&types, span)?;
                self.at = close;
            }
            Function::Root | Function::Transpose | Function::Reshape => {
                self.at += 1;
                let contents = self.contents(close, Style::Call)?;
                if contents.has_members {
                    return Err(refused());
                }
                arguments.extend(contents.entries());
            }
            _ => return Err(refused()),
        }
        self.at = close + 1;
        self.apply(function, name, arguments, span, false)?
            .ok_or_else(refused)
    }

    /// Computes a function; `None` if it does not take these arguments.
    fn apply(
        &mut self,
        function: Function,
        name: &'a str,
        mut arguments: Vec<Value>,
        span: Span,
        typed: bool,
    ) -> Result<Option<Value>, Diagnostic> {
        let number = |digits| Value::Number(integer(digits, span));
        let (value, sizes) = match (function, arguments.as_slice()) {
            (Function::Zeros, sizes) => (number("0"), sizes),
            (Function::Ones, sizes) => (number("1"), sizes),
            (Function::Fill, [value, sizes @ ..]) => (value.clone(), sizes),
            (Function::Full, [sizes, value]) => (value.clone(), std::slice::from_ref(sizes)),
            (Function::Reshape, [value, sizes @ ..]) => {
                let Some(sizes) = as_sizes(sizes) else {
                    return Ok(None);
                };
                return self.reshaped(value.clone(), &sizes, span).map(Some);
            }
            (Function::Whole, [value]) if !value.is_integer() => {
                let problem = Diagnostic::at(span, format!("`{}` drops fractions", brief(name)));
                return Err(problem.help("write the number itself"));
            }
            (Function::Convert, [value] | [_, value]) => return Ok(Some(value.clone())),
            (Function::Ratio, [n, d]) if !n.is_list() && !d.is_list() => {
                let ratio = vec![
                    (false, n.clone().into_number()?),
                    (true, d.clone().into_number()?),
                ];
                return Ok(Some(Value::term(Term::Product(ratio), span)));
            }
            (Function::Array | Function::Unknown, [_, _, ..]) => {
                // Numbers fill matrices in an order of their own.
                let rows = arguments.iter().all(Value::is_list);
                let matrix = name.to_lowercase().contains("matrix");
                let entries = !matrix && !arguments.iter().any(Value::is_list);
                return Ok((rows || entries).then(|| Value::array(arguments, span)));
            }
            (Function::Other, _) => return Ok(None),
            (_, [_]) => {
                let value = arguments.swap_remove(0);
                return match function {
                    Function::Root => Ok(Some(Value::term(
                        Term::Sqrt(Box::new(value.into_number()?)),
                        span,
                    ))),
                    Function::Transpose => transposed(value).map(Some),
                    _ => Ok(Some(self.converted(function, name, value, typed))),
                };
            }
            _ => return Ok(None),
        };
        let sizes = match (as_sizes(sizes), self.dialect) {
            // `zeros(4)` is square in MATLAB.
            (Some(sizes), Dialect::Matlab) if sizes.len() == 1 => vec![sizes[0]; 2],
            (Some(sizes), _) if matches!(sizes.len(), 1 | 2) && !value.is_list() => sizes,
            _ => return Ok(None),
        };
        self.count_copies(sizes.iter().product(), span)?;
        Ok(Some(filled(&value, &sizes, span)))
    }

    /// Converts a list to the kind that the function returns. Numbers stay as they are.
    fn converted(&mut self, function: Function, name: &'a str, value: Value, typed: bool) -> Value {
        self.conversions.insert(name);
        // Without a type, integers make an array of integers.
        let integers = function == Function::Array
            && !typed
            && self.dialect.repeats_lists()
            && value.is_integer();
        match (function, value) {
            (Function::Same | Function::Whole, value @ Value::List(..)) => value,
            (Function::Sequence, Value::List(values, span, _)) => {
                Value::List(values, span, ListKind::Sequence)
            }
            (_, list @ Value::List(..)) if integers => list.with_kind(ListKind::IntegerArray),
            (_, list @ Value::List(..)) => list.with_kind(ListKind::Array),
            (_, number) => number.into_fraction(),
        }
    }

    /// A function that is not known: a conversion of one value, a type of arrays, or a constructor, which has no value.
    fn other_call(&mut self, name: &'a str, arguments: Contents, span: Span) -> Option<Value> {
        let has_members = arguments.has_members;
        let arguments = arguments.entries();
        let is_type = name.starts_with(char::is_uppercase);
        let is_array = ["Vector", "Matrix", "ArrayOf", "arrayOf", "listOf"]
            .iter()
            .any(|word| name.contains(word));
        match arguments.as_slice() {
            [] => has_members.then_some(Value::Null(span)),
            // Functions of lists may do anything.
            [value] if has_members || (value.is_list() && !is_type) => None,
            [_] => Some(self.converted(
                Function::Unknown,
                name,
                arguments.into_iter().next()?,
                false,
            )),
            _ if is_array => self
                .apply(Function::Array, name, arguments, span, true)
                .ok()?,
            _ if arguments.iter().any(Value::is_list) => {
                self.construct(arguments);
                Some(Value::Null(span))
            }
            _ => None,
        }
    }

    /// The arrays that a constructor takes are looked at one by one.
    fn construct(&mut self, arguments: Vec<Value>) {
        let is_named = |parser: &Self, value: &Value| {
            let mut known = parser
                .recent
                .iter()
                .filter_map(|item| parser.items[*item].value.as_ref().ok());
            known.any(|known| known.span() == value.span())
        };
        for (at, value) in arguments.into_iter().enumerate() {
            if value.is_list() && !is_named(self, &value) {
                self.add(Item::new(
                    format!("argument {}", at + 1),
                    value.span(),
                    Ok(value),
                ));
            }
        }
    }

    /// Converts a number to a type, of which fractions may be dropped.
    pub(super) fn cast(&mut self, value: Value, to: &str) -> Result<Value, Diagnostic> {
        match is_whole(to) {
            true if value.is_integer() => Ok(value),
            true => Err(unsupported(
                value.span(),
                format!("number type `{}`", brief(to)),
            )),
            false => Ok(value.into_fraction()),
        }
    }

    /// Moves past a type among the arguments, or an option that gives one, and returns where it begins.
    pub(super) fn type_argument(&mut self, close: usize) -> Option<usize> {
        let start = self.at;
        let TokenKind::Name(name) = self.kind() else {
            return None;
        };
        let option = matches!(*name, "dtype" | "device" | "copy") && self.is_at(1, "=");
        let mut at = start + if option { 2 } else { 0 };
        while at < close && !matches!(self.token_at(at).kind, TokenKind::Symbol("," | ";")) {
            let part = matches!(
                self.token_at(at).kind,
                TokenKind::Name(_) | TokenKind::Symbol("." | "::" | "{")
            );
            if !part && !option {
                return None;
            }
            at = self.token_at(at).close.max(at) + 1;
        }
        let missing = matches!(*name, "None" | "nothing" | "null" | "nan" | "NaN");
        let known = missing
            || self
                .names_between(start, at)
                .any(|part| self.item_of(part).is_some());
        if known && !option {
            return None;
        }
        self.at = at;
        Some(if *name == "dtype" || !option {
            start
        } else {
            at
        })
    }
}

/// One or more sizes, or a list of them.
fn as_sizes(sizes: &[Value]) -> Option<Vec<usize>> {
    match sizes {
        [Value::List(sizes, ..)] => sizes.iter().map(Value::as_size).collect(),
        sizes => sizes.iter().map(Value::as_size).collect(),
    }
}

/// Refuses types that cannot hold fractions.
fn check_types(types: &[&str], span: Span) -> Result<(), Diagnostic> {
    match types.iter().find(|name| is_whole(name)) {
        Some(name) => Err(unsupported(span, format!("number type `{}`", brief(name)))),
        None => Ok(()),
    }
}
