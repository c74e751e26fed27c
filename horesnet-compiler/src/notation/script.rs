//! Tableaux in programs of Julia and Python: assignments of literals are read, nothing is run.
//!
//! Imports, the heads of functions and calls that change nothing are passed over. What cannot be read is a problem
//! only where a part of the tableau needs it, and whatever could change a part unseen is one at once.

use std::collections::BTreeMap;

use super::names::{self, Part};
use super::parts::{self, Parts, Value};
use super::reader::Reader;
use super::tokens::{Kind, Token, tokens};
use crate::diagnostic::{Diagnostic, Span};
use crate::document::{Document, Spanned, Term};

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
            "match", "case", "begin", "let", "do",
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
            Kind::Symbol("=") => {
                self.reader.advance();
                self.reader.advance();
                self.assignment(name, span, start)?;
                Ok(true)
            }
            Kind::Symbol("[") if self.reader.knows(name) => {
                let assigned = self.reader.assign_entry(name);
                self.settle(
                    name,
                    assigned.and_then(|()| self.reader.end_of_statement()),
                    start,
                );
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

    /// `NAME = VALUE`, from the value on.
    fn assignment(&mut self, name: &'a str, span: Span, start: usize) -> Result<(), Diagnostic> {
        let value = self.reader.value();
        let value = value.and_then(|value| self.reader.end_of_statement().map(|()| value));
        let value = match value {
            Ok(Value::Number(number)) if !is_literal(&number.value) => {
                // Named apart from what the program assigns to the same name later on.
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
                Ok(Value::Number(Spanned {
                    value: Term::Name(unique),
                    span: place,
                }))
            }
            other => other,
        };
        if let Some(part) = names::part(name) {
            // `A = map(T, A)` goes on with the same values; a second table is another tableau.
            let goes_on = self.reader.mentioned(start + 2, name);
            if self.given.insert(name, part).is_some() && !goes_on {
                return Err(Diagnostic::at(span, format!("`{name}` is given twice"))
                    .help("a file holds one tableau: split this one"));
            }
        }
        match value {
            Ok(value) => self.reader.assign(name, Ok(value)),
            Err(problem) => self.settle(name, Err(problem), start),
        }
        Ok(())
    }

    /// After a failure the name has no value that can be used, and reading goes on behind the statement.
    fn settle(&mut self, name: &'a str, outcome: Result<(), Diagnostic>, start: usize) {
        if let Err(problem) = outcome {
            self.reader.assign(name, Err(problem));
            self.reader.skip_statement(start);
        }
    }

    /// Passes over a statement that assigns nothing.
    fn pass_over(&mut self, start: usize) -> Result<bool, Diagnostic> {
        self.reader.skip_statement(start);
        match self.reader.change(start) {
            Some(span) => Err(Diagnostic::at(span, "this statement is not read")
                .help("what is read are assignments: `NAME = VALUE`, `A[i, j] = VALUE`")),
            None => Ok(true),
        }
    }

    fn document(mut self) -> Result<Document, Diagnostic> {
        for (name, part) in self.given {
            let value = self.reader.take(name);
            match (value, part) {
                (Some(Ok(value)), _) => self.parts.set(part, value)?,
                // Programs say `name` and `cite` of many things.
                (Some(Err(_)), Part::Name | Part::Documentation | Part::Citations) | (None, _) => {}
                (Some(Err(problem)), _) => return Err(problem),
            }
        }
        self.parts.document()
    }
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
