//! Tableaux in programs of Julia and Python: assignments of literals are read, nothing is run.
//!
//! Imports, the heads of functions and calls that change nothing are passed over. What cannot be read is a problem
//! only where a part of the tableau needs it, and whatever could change a part unseen is one at once.

use std::collections::BTreeMap;

use super::calls;
use super::names;
use super::names::Part;
use super::parts;
use super::parts::{Parts, Value};
use super::reader::Reader;
use super::tokens::{Kind, Token, tokens};
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{Document, Spanned, Term};

/// The two languages, which differ in operators, comments and how a matrix is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Julia,
    Python,
}

/// Decimals of variables are copied to where they are used, so that they stay decimals, up to this many digits.
const COPIED: usize = 100;

/// Whether some line assigns to a name.
pub(super) fn assigns(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start().trim_start_matches("const ");
        let end = line
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(line.len());
        let rest = line[end..].trim_start();
        end > 0 && rest.starts_with('=') && !rest.starts_with("==")
    })
}

/// Reads a program.
pub(super) fn read(text: &str, language: Language) -> Result<Document, Diagnostic> {
    let tokens = tokens(text, language)?;
    let mut script = Script {
        reader: Reader::new(&tokens, language),
        parts: Parts::new(parts::head(text, '#')),
        bindings: 0,
        given: BTreeMap::new(),
    };
    while script.reader.kind() != &Kind::End {
        if script.reader.is_end_of_statement() {
            script.reader.advance();
        } else if !script.statement()? {
            break;
        }
    }
    script.document()
}

struct Script<'a> {
    reader: Reader<'a>,
    parts: Parts,
    /// How many constants were named so far.
    bindings: usize,
    /// Parts that have a value, by the name it was given under.
    given: BTreeMap<&'a str, Part>,
}

impl<'a> Script<'a> {
    /// Reads a statement; `false` at the end of what belongs to the tableau.
    fn statement(&mut self) -> Result<bool, Diagnostic> {
        const CONTROL: &[&str] = &[
            "for", "while", "if", "elif", "elseif", "else", "try", "except", "catch", "with",
            "finally", "match", "case", "begin", "let", "do",
        ];
        if matches!(self.reader.kind(), Kind::Name("const" | "local" | "global")) {
            self.reader.advance();
        }
        let start = self.reader.position();
        let Token {
            kind: Kind::Name(name),
            span,
            ..
        } = self.reader.token().clone()
        else {
            return self.pass_over(start);
        };
        if name == "if" && self.reader.next_kind() == &Kind::Name("__name__") {
            return Ok(false);
        }
        if CONTROL.contains(&name) {
            return Err(Diagnostic::at(span, format!("`{name}` is not read"))
                .help("nothing is run here: write out the values of `A`, `b` and `c`"));
        }
        match self.reader.next_kind() {
            Kind::Symbol("=" | ":" | "::" | ",") => self.assignment(start),
            Kind::Symbol("[") if self.reader.scope.is_shared(name) => {
                let headline = format!("`{name}` may be another list of this program too");
                Err(Diagnostic::at(span, headline).help(
                    "assign the entries of a list before it gets another name, or write them out",
                ))
            }
            Kind::Symbol("[") if self.reader.knows(name) => {
                self.reader.scope.begin();
                let assigned = self.reader.assign_entry(name);
                match assigned.and_then(|()| self.reader.end_of_statement()) {
                    Ok(()) => self.reader.scope.spent(),
                    Err(problem) => self.settle(name, problem, start)?,
                }
                Ok(true)
            }
            Kind::Symbol("+=" | "-=" | "*=" | "/=" | "//=" | "**=" | "^=" | ".=" | ".")
                if self.reader.knows(name) =>
            {
                Err(Diagnostic::at(
                    span,
                    format!("`{name}` is changed in a way that is not read"),
                )
                .help("write out the values"))
            }
            _ => self.pass_over(start),
        }
    }

    /// `NAME = VALUE`, `NAME: TYPE = VALUE`, `NAME, NAME = VALUE, VALUE`.
    fn assignment(&mut self, start: usize) -> Result<bool, Diagnostic> {
        let mut names = Vec::new();
        while let Kind::Name(name) = self.reader.kind() {
            names.push((*name, self.reader.token().span));
            self.reader.advance();
            if !self.reader.eat(",") {
                break;
            }
        }
        if names.len() == 1 && (self.reader.is(":") || self.reader.is("::")) {
            self.reader.skip_to_value();
        }
        if !self.reader.eat("=") {
            return self.pass_over(start);
        }
        let from = self.reader.position();
        if let ([(name, _)], Some(function)) = (names.as_slice(), self.reader.only_name())
            && calls::is_function(self.reader.scope.function(function))
            && names::part(name).is_none()
            && !self.reader.knows(function)
        {
            self.reader.scope.rename(function, name);
            self.reader.skip_statement(from);
            return Ok(true);
        }
        self.reader.scope.begin();
        match self.values(names.len()) {
            Ok(values) => {
                for (name, span) in &names {
                    self.given(name, *span, from)?;
                }
                let values: Vec<_> = names
                    .iter()
                    .zip(values)
                    .map(|((name, span), value)| self.bound(value, name, *span))
                    .collect();
                self.reader
                    .scope
                    .assign_all(names.iter().map(|(name, _)| *name).zip(values));
            }
            Err(problem) => {
                for (name, span) in &names {
                    self.settle(name, problem.clone(), start)?;
                    self.given(name, *span, from)?;
                }
            }
        }
        Ok(true)
    }

    /// So many values, to the end of the statement.
    fn values(&mut self, count: usize) -> Result<Vec<Value>, Diagnostic> {
        let mut values = vec![self.reader.value()?];
        while count > 1 && self.reader.eat(",") {
            values.push(self.reader.value()?);
        }
        self.reader.end_of_statement()?;
        let values = match values.pop() {
            Some(Value::List(items, ..)) if values.is_empty() && count > 1 => items,
            last => values.into_iter().chain(last).collect(),
        };
        if values.len() == count {
            return Ok(values);
        }
        let headline = format!("{} values for {count} names", values.len());
        Err(Diagnostic::at(self.reader.tokens_before(), headline))
    }

    /// A value as it is copied to where its name is used: numbers that were calculated, by a name of their own.
    fn bound(&mut self, value: Value, name: &str, span: Span) -> Value {
        match value {
            Value::Number(number) if !is_literal(&number.value) => {
                // Apart from what the program assigns to the same name later on.
                let unique = format!("{name}'{}", self.bindings);
                self.bindings += 1;
                let place = number.span;
                self.parts.bind(
                    Spanned {
                        value: unique.clone(),
                        span,
                    },
                    number,
                );
                Value::Number(Spanned {
                    value: Term::Name(unique),
                    span: place,
                })
            }
            other => other,
        }
    }

    /// Notes that a part has a value, in a statement with values from a token on.
    fn given(&mut self, name: &'a str, span: Span, from: usize) -> Result<(), Diagnostic> {
        let Some(part) = names::part(name) else {
            return Ok(());
        };
        // `A = map(T, A)` goes on with the same values; a second table is another tableau.
        let goes_on = self.reader.mentioned(from, name);
        if self.given.insert(name, part).is_some() && !goes_on {
            return Err(Diagnostic::at(span, format!("`{name}` is given twice"))
                .help("a file holds one tableau: split this one"));
        }
        Ok(())
    }

    /// After a failure the name has no value that can be used, and reading goes on behind the statement.
    fn settle(
        &mut self,
        name: &'a str,
        problem: Diagnostic,
        start: usize,
    ) -> Result<(), Diagnostic> {
        self.reader.skip_statement(start);
        let mentioned = self.reader.names(start);
        self.reader.scope.fail(name, problem, mentioned);
        // `A = B = …` gives more than the first name its value.
        match self.reader.second_assignment(start) {
            Some(span) => Err(unread(span)),
            None => Ok(()),
        }
    }

    /// Passes over a statement that assigns nothing.
    fn pass_over(&mut self, start: usize) -> Result<bool, Diagnostic> {
        self.reader.skip_statement(start);
        self.reader.import(start);
        let change = self.reader.change(start);
        match change.or_else(|| self.reader.call_with_list(start)) {
            Some(span) => Err(unread(span)),
            None => Ok(true),
        }
    }

    fn document(mut self) -> Result<Document, Diagnostic> {
        // The names that SciPy has, and others that differ only in case.
        for (name, part) in names::OTHER_CASE {
            let list = self.reader.scope.list_in([*name]);
            if let Some(name) = list.filter(|_| !self.given.values().any(|given| given == part)) {
                self.given.insert(name, *part);
            }
        }
        self.unread_weights()?;
        for (name, part) in self.given {
            let value = self.reader.scope.take(name);
            match (value, part) {
                (Some(Ok(value)), _) => self.parts.set(part, value)?,
                // Programs say `name` and `cite` of many things.
                (Some(Err(_)), Part::Name | Part::Documentation | Part::Citations) | (None, _) => {}
                (Some(Err(problem)), _) => return Err(problem),
            }
        }
        self.parts.document()
    }

    /// Refuses lists that are no part, but as long as one of weights: nobody would miss them.
    fn unread_weights(&mut self) -> Result<(), Diagnostic> {
        let weights = self.given.iter();
        let weights = weights.filter(|(_, part)| **part == Part::Weights(0));
        let length = |name: &&str| match self.reader.scope.value(name) {
            Some(Ok(value)) => parts::length(value),
            _ => None,
        };
        let Some(stages) = weights.map(|(name, _)| name).find_map(length) else {
            return Ok(());
        };
        let unused = self.reader.scope.unused();
        let mut unused = unused.filter(|(name, value)| {
            // Weights of errors have one more where the next step's first stage counts.
            let like_weights = parts::length(value).is_some_and(|n| n == stages || n == stages + 1);
            like_weights && !self.given.contains_key(name)
        });
        let Some((name, value)) = unused.next() else {
            return Ok(());
        };
        let headline = format!("`{name}` is not read, and could be weights");
        Err(Diagnostic::at(value.span(), headline)
            .help("a second row of weights is called `bhat`; what is no row of weights, such as a difference of two, take out"))
    }
}

fn unread(span: Span) -> Diagnostic {
    Diagnostic::at(span, "this statement is not read")
        .help("what is read are assignments: `NAME = VALUE`, `A[i, j] = VALUE`")
}

/// A short number as it is printed, with its sign.
fn is_literal(term: &Term) -> bool {
    match term {
        Term::Decimal { digits, .. } => digits.len() <= COPIED,
        Term::Sum(terms) => {
            matches!(terms.as_slice(), [(true, one)] if matches!(&one.value, Term::Decimal { digits, .. } if digits.len() <= COPIED))
        }
        Term::Name(_) => true,
        _ => false,
    }
}
