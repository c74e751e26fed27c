//! Calls and methods: conversions, roots, fractions, arrays of one value, constructors.

use std::slice::from_ref;

use super::atom::NOTHING;
use super::block::among;
use super::dialect::Dialect;
use super::functions::{Function, check_types, is_whole};
use super::item::Item;
use super::layout::{filled, transposed};
use super::list::{Contents, Style};
use super::parser::Parser;
use super::{Parsed, brief, unsupported};
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::Term;
use crate::notation::value::{ListKind, Value, integer};

impl<'a> Parser<'a> {
    /// Parses the arguments of a function, and calls it.
    pub(super) fn call(&mut self, name: &'a str, path: &str, start: Span) -> Parsed {
        let from = self.at;
        // `vec![0.5, 0]` of Rust
        let is_macro = self.is("[");
        let name = self.function(if is_macro {
            name.trim_end_matches('!')
        } else {
            name
        });
        let arguments = if is_macro {
            Contents::of(self.list()?)
        } else {
            self.arguments()?
        };
        let span = start.to(self.last_span());
        check_types(arguments.types.iter().copied(), span)?;
        if self.dialect == Dialect::R && name == "matrix" {
            return self.matrix_of_r(from, arguments.entries(), span);
        }
        // A definition in the text makes it more than a conversion.
        let is_defined = (self.item_of(path).is_some() && self.dialect != Dialect::R)
            || self.defined.contains(name);
        let function = if is_defined {
            Function::Other
        } else {
            Function::of(name)
        };
        let value = match function {
            Function::Unknown => self.other_call(name, arguments, span)?,
            _ if arguments.has_members => None,
            _ => self.apply(function, name, arguments, span)?,
        };
        value.ok_or_else(|| unsupported(span, format!("call of `{}`", brief(name))))
    }

    fn arguments(&mut self) -> Parsed<Contents<'a>> {
        let close = self.close();
        self.at += 1;
        let arguments = self.contents(close, Style::Call)?;
        self.at = close + 1;
        Ok(arguments)
    }

    /// Parses `.NAME` or `.NAME(…)` behind a value.
    pub(super) fn method(&mut self, value: Value, name: &'a str) -> Parsed {
        use Function::{Other, Reshape, Root, Same, Sequence, Transpose};
        let span = self.token().span;
        self.at += 2;
        let function = match (name, self.is("(")) {
            ("T", false) | ("t", true) => Transpose,
            (_, true) => Function::of(name),
            _ => Other,
        };
        let mut arguments = Contents::of(value);
        match function {
            Same | Sequence => {
                check_types(self.names_between(self.at, self.close()), span)?;
                self.skip_brackets();
            }
            Root | Transpose | Reshape if self.is("(") => {
                let others = self.arguments()?;
                arguments.has_members = others.has_members;
                arguments.rows.extend(others.rows);
            }
            _ => {}
        }
        let value = match function {
            Root | Transpose | Reshape | Same | Sequence if !arguments.has_members => {
                self.apply(function, name, arguments, span)?
            }
            _ => None,
        };
        value.ok_or_else(|| unsupported(span, format!("method `{}`", brief(name))))
    }

    /// Computes a function; `None` if it does not take these arguments.
    fn apply(
        &mut self,
        function: Function,
        name: &'a str,
        arguments: Contents,
        span: Span,
    ) -> Parsed<Option<Value>> {
        let typed = !arguments.types.is_empty();
        let mut arguments = arguments.entries();
        let number = |digits| Value::Number(integer(digits, span));
        let value = match (function, arguments.as_slice()) {
            (Function::Zeros, sizes) => self.filled(&number("0"), sizes, span)?,
            (Function::Ones, sizes) => self.filled(&number("1"), sizes, span)?,
            (Function::Fill, [value, sizes @ ..]) => self.filled(value, sizes, span)?,
            (Function::Full, [sizes, value]) => self.filled(value, from_ref(sizes), span)?,
            (Function::Reshape, [value, sizes @ ..]) => match as_sizes(sizes) {
                Some(sizes) => Some(self.reshaped(value.clone(), &sizes, span)?),
                None => None,
            },
            (Function::Root, [value]) => {
                let argument = Box::new(value.clone().into_number()?);
                Some(Value::term(Term::Sqrt(argument), span))
            }
            (Function::Transpose, [value]) => Some(transposed(value.clone())?),
            (Function::Whole, [value]) if !value.is_integer() => {
                let problem = Diagnostic::at(span, format!("`{}` drops fractions", brief(name)));
                return Err(problem.help("write the number itself"));
            }
            (Function::Convert, [value] | [_, value]) => Some(value.clone()),
            (Function::Ratio, [n, d]) if !n.is_list() && !d.is_list() => {
                let (n, d) = (n.clone().into_number()?, d.clone().into_number()?);
                Some(Value::term(
                    Term::Product(vec![(false, n), (true, d)]),
                    span,
                ))
            }
            (Function::Array, [_, _, ..]) => {
                // Numbers fill matrices in an order of their own.
                let rows = arguments.iter().all(Value::is_list);
                let flat = !name.to_lowercase().contains("matrix");
                let entries = flat && !arguments.iter().any(Value::is_list);
                (rows || entries).then(|| Value::array(arguments, span))
            }
            (_, [_]) if function != Function::Other => {
                Some(self.converted(function, name, arguments.swap_remove(0), typed))
            }
            _ => None,
        };
        Ok(value)
    }

    /// A list of one value.
    fn filled(&mut self, value: &Value, sizes: &[Value], span: Span) -> Parsed<Option<Value>> {
        let Some(mut sizes) = as_sizes(sizes).filter(|_| !value.is_list()) else {
            return Ok(None);
        };
        // `zeros(4)` is square in MATLAB.
        if let (Dialect::Matlab, [size]) = (self.dialect, sizes.as_slice()) {
            sizes.push(*size);
        }
        self.count_copies(sizes.iter().product(), span)?;
        Ok(matches!(sizes.len(), 1 | 2).then(|| filled(value, &sizes, span)))
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
    fn other_call(
        &mut self,
        name: &'a str,
        arguments: Contents,
        span: Span,
    ) -> Parsed<Option<Value>> {
        let values: Vec<&Value> = arguments.rows.iter().flatten().collect();
        let is_type = name.starts_with(char::is_uppercase);
        let lists = ["Vector", "Matrix", "ArrayOf", "arrayOf", "listOf"];
        match values.as_slice() {
            [] => Ok(arguments.has_members.then_some(Value::Null(span))),
            // Functions of lists may do anything.
            [value] if arguments.has_members || (value.is_list() && !is_type) => Ok(None),
            [_] => self.apply(Function::Unknown, name, arguments, span),
            _ if lists.iter().any(|word| name.contains(word)) => {
                self.apply(Function::Array, name, arguments, span)
            }
            values if values.iter().any(|value| value.is_list()) => {
                self.construct(arguments.entries());
                Ok(Some(Value::Null(span)))
            }
            _ => Ok(None),
        }
    }

    /// The arrays that a constructor takes are looked at one by one, unless they have names.
    fn construct(&mut self, arguments: Vec<Value>) {
        let recent = self.recent.iter().map(|item| &self.items[*item].value);
        let named: Vec<_> = recent.flatten().map(Value::span).collect();
        for (at, value) in arguments.into_iter().enumerate() {
            let span = value.span();
            if value.is_list() && !named.contains(&span) {
                self.add(Item::new(format!("argument {}", at + 1), span, Ok(value)));
            }
        }
    }

    /// Converts a number to a type, of which fractions may be dropped.
    pub(super) fn cast(value: Value, to: &str) -> Parsed {
        if value.is_integer() && is_whole(to) {
            return Ok(value);
        }
        check_types([to], value.span())?;
        Ok(value.into_fraction())
    }

    /// Moves past a type among the arguments, or an option that gives one, and returns where it begins.
    pub(super) fn type_argument(&mut self, close: usize) -> Option<usize> {
        let (start, name) = (self.at, self.word(self.at));
        let option = among("dtype device copy", name) && self.is_at(1, "=");
        let mut end = start;
        while end < close && !among(", ;", self.symbol(end)) {
            let part = !self.word(end).is_empty() || among(". :: {", self.symbol(end));
            if !option && !part {
                return None;
            }
            end = self.token_at(end).close + 1;
        }
        let known = |part| among(NOTHING, part) || self.item_of(part).is_some();
        if name.is_empty() || (!option && self.names_between(start, end).any(known)) {
            return None;
        }
        self.at = end;
        Some(if among("device copy", name) {
            end
        } else {
            start
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
