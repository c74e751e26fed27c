//! Interprets programs of Julia and Python that assign literals; nothing is run.
//!
//! Imports, the heads of functions and calls that change nothing are skipped. Unsupported values are errors only where a
//! field of the tableau needs them; statements that could change a field unseen are errors at once.

use std::collections::BTreeMap;

use super::call::is_function;
use super::lexer::{Language, Token, TokenKind, tokenize};
use super::parser::{Parser, UPDATES};
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{Document, Spanned, Term};
use crate::notation::builder::{DocumentBuilder, comment_head};
use crate::notation::field::{FALLBACKS, Field};
use crate::notation::value::Value;

/// Decimals of up to this many digits are copied to where their variable is used, so that they stay decimals.
const COPIED: usize = 100;

/// Reads a program.
pub(super) fn read(text: &str, language: Language) -> Result<Document, Diagnostic> {
    let tokens = tokenize(text, language)?;
    let mut interpreter = Interpreter {
        parser: Parser::new(&tokens, language),
        builder: DocumentBuilder::new(comment_head(text, '#')),
        bindings: 0,
        fields: BTreeMap::new(),
    };
    while interpreter.parser.kind() != &TokenKind::End {
        if interpreter.parser.is_end_of_statement() {
            interpreter.parser.advance();
        } else if !interpreter.statement()? {
            break;
        }
    }
    interpreter.document()
}

struct Interpreter<'a> {
    parser: Parser<'a>,
    builder: DocumentBuilder,
    /// The number of constants bound so far.
    bindings: usize,
    /// The fields assigned so far, by variable.
    fields: BTreeMap<&'a str, Field>,
}

impl<'a> Interpreter<'a> {
    /// Interprets a statement; `false` at the end of what belongs to the tableau.
    fn statement(&mut self) -> Result<bool, Diagnostic> {
        const CONTROL: &[&str] = &[
            "for", "while", "if", "elif", "elseif", "else", "try", "except", "catch", "with",
            "finally", "match", "case", "begin", "let", "do",
        ];
        const DECLARATION: &[&str] = &["const", "local", "global"];
        if matches!(self.parser.kind(), TokenKind::Name(name) if DECLARATION.contains(name)) {
            self.parser.advance();
        }
        let start = self.parser.position();
        let Token { kind, span, .. } = self.parser.token();
        let (TokenKind::Name(name), span) = (kind, *span) else {
            return self.skip(start);
        };
        let next = self.parser.next_kind();
        if *name == "if" && next == &TokenKind::Name("__name__") {
            return Ok(false);
        }
        if CONTROL.contains(name) {
            let problem = Diagnostic::at(span, format!("`{name}` is not supported"));
            return Err(
                problem.help("programs are not run: write the values of `A`, `b` and `c` out")
            );
        }
        let known = self.parser.environment.contains(name);
        match next {
            TokenKind::Symbol("=" | ":" | "::" | ",") => self.assignment(start),
            TokenKind::Symbol("[") if self.parser.environment.is_shared(name) => {
                let headline = format!("`{name}` may share its list with another name");
                Err(Diagnostic::at(span, headline).help(
                    "assign the entries before the list gets another name, or write them out",
                ))
            }
            TokenKind::Symbol("[") if known => {
                self.parser.environment.begin();
                let assigned = self.parser.assign_entry(name);
                match assigned.and_then(|()| self.parser.end_of_statement()) {
                    Ok(()) => self.parser.environment.end(),
                    Err(problem) => self.fail(&[(*name, span)], &problem, start)?,
                }
                Ok(true)
            }
            TokenKind::Symbol(symbol) if known && (*symbol == "." || UPDATES.contains(symbol)) => {
                let problem = Diagnostic::at(span, format!("unsupported change of `{name}`"));
                Err(problem.help("write the values out"))
            }
            _ => self.skip(start),
        }
    }

    /// Interprets `NAME = VALUE`, `NAME: TYPE = VALUE`, `NAME, NAME = VALUE, VALUE`.
    fn assignment(&mut self, start: usize) -> Result<bool, Diagnostic> {
        let mut names = Vec::new();
        while let TokenKind::Name(name) = self.parser.kind() {
            names.push((*name, self.parser.token().span));
            self.parser.advance();
            if !self.parser.eat(",") {
                break;
            }
        }
        if names.len() == 1 && (self.parser.is(":") || self.parser.is("::")) {
            self.parser.skip_type();
        }
        if !self.parser.eat("=") {
            return self.skip(start);
        }
        let from = self.parser.position();
        if let ([(name, _)], Some(function)) = (names.as_slice(), self.parser.only_name())
            && is_function(self.parser.environment.function(function))
            && Field::named(name).is_none()
            && !self.parser.environment.contains(function)
        {
            self.parser.environment.rename(function, name);
            self.parser.skip_statement(from);
            return Ok(true);
        }
        self.parser.environment.begin();
        match self.values(names.len()) {
            Ok(values) => {
                let mut assigned = Vec::new();
                for ((name, span), value) in names.into_iter().zip(values) {
                    self.record_field(name, span, from)?;
                    assigned.push((name, self.bound(value, name, span)));
                }
                self.parser.environment.assign_all(assigned);
            }
            Err(problem) => {
                self.fail(&names, &problem, start)?;
                for (name, span) in names {
                    self.record_field(name, span, from)?;
                }
            }
        }
        Ok(true)
    }

    /// Reads `count` values up to the end of the statement.
    fn values(&mut self, count: usize) -> Result<Vec<Value>, Diagnostic> {
        let mut values = vec![self.parser.value()?];
        while count > 1 && self.parser.eat(",") {
            values.push(self.parser.value()?);
        }
        self.parser.end_of_statement()?;
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

    /// Binds a computed number to a name of its own, and replaces it with that name.
    fn bound(&mut self, value: Value, name: &str, span: Span) -> Value {
        match value {
            Value::Number(number) if !is_literal(&number.value) => {
                // The program may assign another value to `name` later.
                let unique = format!("{name}'{}", self.bindings);
                self.bindings += 1;
                let place = number.span;
                self.builder
                    .bind(Spanned::new(unique.clone(), span), number);
                Value::term(Term::Name(unique), place)
            }
            other => other,
        }
    }

    /// Records that a statement, with values from a token on, assigns a field.
    fn record_field(&mut self, name: &'a str, span: Span, from: usize) -> Result<(), Diagnostic> {
        let Some(field) = Field::named(name) else {
            return Ok(());
        };
        // `A = map(T, A)` converts the same values; a second table is another tableau.
        let converts = self.parser.names(from).any(|mentioned| mentioned == name);
        if self.fields.insert(name, field).is_some() && !converts {
            let problem = Diagnostic::at(span, format!("`{name}` is given twice"));
            return Err(problem.help("a file holds one tableau: split this one"));
        }
        Ok(())
    }

    /// Marks names as unreadable, and skips the statement.
    fn fail(
        &mut self,
        names: &[(&'a str, Span)],
        problem: &Diagnostic,
        start: usize,
    ) -> Result<(), Diagnostic> {
        self.parser.skip_statement(start);
        let mentioned = self.parser.names(start);
        let names = names.iter().map(|(name, _)| *name);
        self.parser.environment.fail(names, problem, mentioned);
        // `A = B = …` assigns to more than the first name.
        refuse(self.parser.second_assignment(start))
    }

    /// Skips a statement that assigns nothing.
    fn skip(&mut self, start: usize) -> Result<bool, Diagnostic> {
        self.parser.skip_statement(start);
        self.parser.import(start);
        let change = self.parser.change(start);
        refuse(change.or_else(|| self.parser.call_with_list(start)))?;
        Ok(true)
    }

    fn document(mut self) -> Result<Document, Diagnostic> {
        for (name, field) in FALLBACKS {
            let list = self.parser.environment.list_in([*name]);
            if let Some(name) = list.filter(|_| !self.fields.values().any(|given| given == field)) {
                self.fields.insert(name, *field);
            }
        }
        self.refuse_second_matrix()?;
        self.refuse_unused_weights()?;
        for (name, field) in self.fields {
            match (self.parser.environment.take(name), field) {
                (Some(Ok(value)), _) => self.builder.set(field, value)?,
                // Programs call many things `name` and `cite`.
                (Some(Err(_)), Field::Name | Field::Documentation | Field::Citations)
                | (None, _) => {}
                (Some(Err(problem)), _) => return Err(problem),
            }
        }
        self.builder.build()
    }

    /// Refuses an unused list of rows beside the matrix: the program holds more than one tableau, or a method of another theory.
    fn refuse_second_matrix(&self) -> Result<(), Diagnostic> {
        let environment = &self.parser.environment;
        let mut matrices = self.fields.iter();
        let Some((first, _)) = matrices.find(|(_, field)| **field == Field::Matrix) else {
            return Ok(());
        };
        // Tables of dense output have the stages too, but as many columns as a degree.
        let shape = |value: &Value| -> Option<Vec<usize>> {
            let Value::List(rows, ..) = value else {
                return None;
            };
            let length = |row: &Value| match row {
                Value::List(entries, ..) => Some(entries.len()),
                _ => None,
            };
            rows.iter().map(length).collect()
        };
        let stages = environment.get(first).and_then(shape).unwrap_or_default();
        let is_second = |other: Vec<usize>| {
            let square = other.iter().all(|columns| *columns == other.len());
            let triangle = other.iter().zip(1..).all(|(columns, row)| *columns == row);
            other == stages || other.len() == stages.len() && (square || triangle)
        };
        let mut unused = environment.unused().filter(|(name, value)| {
            let other = !self.fields.contains_key(name) && !environment.is_shared(name);
            other && shape(value).is_some_and(is_second)
        });
        let Some((name, value)) = unused.next() else {
            return Ok(());
        };
        let headline = format!("`{name}` is a second matrix beside `{first}`");
        Err(Diagnostic::at(value.span(), headline)
            .note("an additive (IMEX) pair is two schemes; a Nyström method for x″ = f has two matrices")
            .help("put each scheme of a pair in a file of its own, or remove the matrix that is none"))
    }

    /// Refuses unused lists that are as long as a row of weights: dropping weights would go unnoticed.
    fn refuse_unused_weights(&self) -> Result<(), Diagnostic> {
        let environment = &self.parser.environment;
        let weights = self.fields.iter();
        let mut weights = weights.filter(|(_, field)| **field == Field::Weights(0));
        let Some(stages) = weights.find_map(|(name, _)| environment.number_count(name)) else {
            return Ok(());
        };
        let mut unused = environment.unused().filter(|(name, value)| {
            // Weights of errors have one more where the next step's first stage counts.
            let count = value.number_count();
            let like_weights = count.is_some_and(|count| count == stages || count == stages + 1);
            like_weights && !self.fields.contains_key(name)
        });
        let Some((name, value)) = unused.next() else {
            return Ok(());
        };
        let headline = format!("unused list `{name}` could be a row of weights");
        Err(Diagnostic::at(value.span(), headline)
            .help("call a second row of weights `bhat`; remove lists that are no weights, such as a difference of two rows"))
    }
}

/// Refuses a statement at this span, if there is one.
fn refuse(span: Option<Span>) -> Result<(), Diagnostic> {
    let Some(span) = span else {
        return Ok(());
    };
    let problem = Diagnostic::at(span, "unsupported statement");
    Err(problem.help("only assignments are read: `NAME = VALUE`, `A[i, j] = VALUE`"))
}

/// Returns true for a short decimal with or without a sign, and for a name.
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
