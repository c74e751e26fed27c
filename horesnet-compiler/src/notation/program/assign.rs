//! Assignments: values, entries of lists, changes of what was read.

use super::brief;
use super::dialect::Dialect;
use super::item::{Entry, Item};
use super::lexer::TokenKind;
use super::statement::{Statements, conditional, unsupported};
use super::target::Target;
use crate::language::diagnostic::{Diagnostic, Span};
use crate::notation::field::role;
use crate::notation::value::Value;

/// The most names of one statement.
const NAMES: usize = 64;

impl<'a> Statements<'a, '_> {
    pub(super) fn assignment(&mut self, target: Target, start: usize) {
        if let Some(control) = self.control() {
            self.parser.skip_statement(start);
            for (name, span) in target.names {
                self.assign(name, span, Err(conditional(control, span)), start);
            }
            return;
        }
        self.parser.recent.clear();
        if target.names.len() > NAMES {
            self.parser.skip_statement(start);
            let headline = format!("more than {NAMES} names are assigned at once");
            for (name, span) in target.names {
                let problem = Diagnostic::at(span, headline.as_str());
                self.assign(name, span, Err(problem), self.parser.at);
            }
            return;
        }
        self.parser.at = target.value;
        self.parser.in_row = false;
        if let Some(update) = target.update {
            return self.update(target, update, start);
        }
        if target.indices.is_some() {
            return self.entry(target, start);
        }
        if let [(name, _)] = target.names.as_slice()
            && role(name).is_none()
            && let Some(function) = self.renamed(start)
        {
            self.parser.skip_statement(target.value);
            let short = self
                .parser
                .names_between(start, target.value)
                .last()
                .unwrap_or_default();
            self.parser.rename(function, short);
            return;
        }
        let values = self.values(target.names.len());
        match values {
            Ok(values) => {
                let constructed = values.iter().all(|value| matches!(value, Value::Null(_)));
                for ((name, span), value) in target.names.into_iter().zip(values) {
                    let value = if target.whole && value.has_fractions() {
                        Err(Diagnostic::at(
                            span,
                            format!("the type of `{}` drops fractions", brief(&name)),
                        ))
                    } else {
                        Ok(value)
                    };
                    self.assign(name, span, value, start);
                }
                if !constructed {
                    self.use_recent();
                }
            }
            Err(problem) => {
                self.parser.skip_statement(start);
                let end = self.parser.at;
                self.share(start, end);
                for (name, span) in target.names {
                    self.assign(name, span, Err(problem.clone()), start);
                }
                // `A = B = …` assigns to more than the first name.
                self.changes(
                    target.value,
                    end,
                    &unsupported(self.parser.token_at(start).span),
                );
            }
        }
    }

    /// Reads `count` values up to the end of the statement, or to the next declaration of C.
    pub(super) fn values(&mut self, count: usize) -> Result<Vec<Value>, Diagnostic> {
        if !self.parser.is("[") && self.parser.kind() == &TokenKind::Newline {
            self.parser.skip_lines();
        }
        let mut values = vec![self.parser.value()?];
        while count > 1 && self.parser.eat(",") {
            values.push(self.parser.value()?);
        }
        let declares = count == 1
            && self.parser.is(",")
            && matches!(self.parser.kind_at(1), TokenKind::Name(_));
        if !self.parser.ends_statement() && !declares {
            return Err(self.parser.expected("the end of the value"));
        }
        if let [Value::List(items, ..)] = values.as_mut_slice()
            && count > 1
        {
            values = std::mem::take(items);
        }
        if values.len() == count {
            return Ok(values);
        }
        let headline = format!(
            "expected {count} values for {count} names, found {}",
            values.len()
        );
        Err(Diagnostic::at(self.parser.last_span(), headline))
    }

    /// The function that the rest of the statement consists of.
    pub(super) fn renamed(&self, start: usize) -> Option<&'a str> {
        const KNOWN: &[&str] = &[
            "sqrt", "zeros", "ones", "fill", "array", "Rational", "Fraction", "mpq", "float",
            "big", "mpf",
        ];
        let mut ahead = 0;
        loop {
            let TokenKind::Name(name) = self.parser.kind_at(ahead) else {
                return None;
            };
            match self.parser.kind_at(ahead + 1) {
                TokenKind::Symbol(".") => ahead += 2,
                TokenKind::Newline | TokenKind::End | TokenKind::Symbol(";") => {
                    let function = self.parser.function(name);
                    return (KNOWN.contains(&function) && start < self.parser.at).then_some(name);
                }
                _ => return None,
            }
        }
    }

    /// `A *= 2` changes what was read; Eigen's `A << 1, 2;` fills it.
    pub(super) fn update(&mut self, target: Target, update: &str, start: usize) {
        let Some((name, span)) = target.names.into_iter().next() else {
            return;
        };
        let mut values = Vec::new();
        while update == "<<" && !self.parser.ends_statement() {
            match self.parser.value() {
                Ok(value) => values.push(value),
                Err(_) => break,
            }
            if !self.parser.eat(",") {
                break;
            }
            self.parser.skip_lines();
        }
        let value = match values.len() {
            0 | 1 => {
                let problem =
                    Diagnostic::at(span, format!("unsupported change of `{}`", brief(&name)));
                Err(problem.help("write the values out"))
            }
            _ => Ok(Value::array(values, span.to(self.parser.last_span()))),
        };
        let known = self.parser.item_of(&name).is_some();
        if known || update == "<<" || update == ":=" {
            self.assign(name, span, value, start);
            if let Some(item) = self.parser.items.last_mut() {
                item.again = false;
            }
        }
        self.parser.skip_statement(self.parser.at);
    }

    /// `A[1, 0] = 1/2`
    pub(super) fn entry(&mut self, target: Target, start: usize) {
        let (Some((name, span)), Some(brackets)) =
            (target.names.into_iter().next(), target.indices)
        else {
            return;
        };
        self.parser.at = brackets;
        let from_one = self.parser.is("(");
        let indices = self.parser.indices();
        self.parser.at = target.value;
        let value = self.parser.value().and_then(|value| {
            if self.parser.ends_statement() {
                Ok(value)
            } else {
                Err(self.parser.expected("the end of the value"))
            }
        });
        let entry = indices.and_then(|indices| Ok((indices, value?)));
        let item = self.parser.item_of(&name);
        if from_one && entry.is_err() && item.is_none() {
            // `f(x) = x/2` defines a function.
            let name = self
                .parser
                .names_between(start, brackets)
                .last()
                .unwrap_or_default();
            self.parser.defined.insert(name);
            return self.parser.skip_statement(start);
        }
        let item = item.unwrap_or_else(|| {
            let missing = Ok(Value::Null(span));
            self.parser.assign(Item::new(name.clone(), span, missing))
        });
        let scope = self.parser.scope;
        self.use_recent();
        let place = span.to(self.parser.last_span());
        let Some(item) = self.parser.items.get_mut(item) else {
            return;
        };
        if item.entries.is_empty()
            && item
                .value
                .as_ref()
                .is_ok_and(|value| matches!(value, Value::Null(_)))
        {
            item.scope = scope;
        }
        match entry {
            Ok(_) if item.is_shared => {
                let headline = format!("`{}` may share its list with another name", brief(&name));
                let help =
                    "assign the entries before the list gets another name, or write them out";
                let problem = Diagnostic::at(place, headline).help(help);
                for shared in self.parser.items.iter_mut().filter(|item| item.is_shared) {
                    shared.value = Err(problem.clone());
                }
            }
            Ok((indices, value)) => item.entries.push(Entry {
                indices,
                value,
                from_one,
                span: place,
            }),
            Err(problem) => {
                item.value = Err(problem);
                self.parser.skip_statement(start);
            }
        }
    }

    /// Adds an item. A name that is assigned twice in one scope is remembered as such.
    pub(super) fn assign(
        &mut self,
        name: String,
        span: Span,
        value: Result<Value, Diagnostic>,
        start: usize,
    ) {
        let mut item = Item::new(name, span, value);
        item.scope = self.parser.scope;
        let before = self
            .parser
            .item_of(&item.name)
            .filter(|_| !item.name.is_empty());
        let earlier = before.and_then(|before| Some((before, self.parser.items.get(before)?)));
        // `A = map(T, A)` converts the same values.
        let converts = before.is_some_and(|before| self.parser.recent.contains(&before));
        let mentions = self
            .parser
            .names_between(start, self.parser.at)
            .filter(|name| *name == item.short_name())
            .count()
            > 1;
        item.again = earlier.is_some_and(|(_, earlier)| earlier.scope == item.scope)
            && !converts
            && !mentions;
        let words: Vec<_> = self
            .parser
            .names_between(start, self.parser.at.max(start))
            .collect();
        item.sums = words.iter().any(|word| {
            word.to_lowercase().starts_with("sum") || *word == "ones" || *word == "dot"
        });
        let copies = !matches!(
            self.parser.dialect,
            Dialect::Braces | Dialect::Fortran | Dialect::Matlab
        );
        let lists = self
            .parser
            .recent
            .iter()
            .copied()
            .filter(|other| self.parser.is_list(*other));
        let lists: Vec<_> = lists.collect();
        item.is_shared = copies && item.is_list() && !lists.is_empty();
        if item.is_shared {
            for list in lists {
                self.parser.items[list].is_shared = true;
            }
        }
        // What could not be read hides what was read before.
        if let (Err(problem), Some(before)) = (&item.value, before) {
            self.parser.items[before].value = Err(problem.clone());
        }
        if (converts || mentions)
            && let Some(before) = before
        {
            self.parser.items[before].is_used = true;
        }
        self.parser.assign(item);
    }
}
