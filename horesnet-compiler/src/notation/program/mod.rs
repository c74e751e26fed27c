//! Program text in any language, taken apart into assignments of numbers and lists; nothing is run.
//! Tokens, values and statements serve all languages; `dialect.rs` has what differs.
//! Must not know which list plays which role.

mod arithmetic;
mod assign;
mod atom;
mod block;
mod call;
mod data;
mod dialect;
mod effects;
mod fixed_form;
mod functions;
mod index;
mod item;
mod layout;
mod lexer;
mod list;
mod names;
mod parser;
mod shared;
mod statement;
mod target;

use std::fmt::Display;

pub(super) use item::Item;

use super::value::{Value, brief};
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{Expression, Spanned};
use dialect::Dialect;
use parser::Parser;

/// The assignments of a program.
#[derive(Debug, Default)]
pub(super) struct Program {
    /// The comment at its head, line by line.
    pub(super) head: Vec<String>,
    /// Constants, under names of their own.
    pub(super) bindings: Vec<(Spanned<String>, Expression)>,
    pub(super) items: Vec<Item>,
    /// The names of its functions and classes.
    pub(super) scopes: Vec<String>,
    /// Functions that were taken for conversions.
    pub(super) conversions: Vec<String>,
}

/// A result, or the problem that prevents it.
type Parsed<T = Value> = Result<T, Diagnostic>;

/// Reads a program.
pub(super) fn read(text: &str) -> Result<Program, Diagnostic> {
    let dialect = Dialect::of(text);
    let fixed = dialect == Dialect::Fortran;
    let code = if fixed {
        fixed_form::without_marks(text)
    } else {
        text.into()
    };
    let tokens = lexer::tokenize(&code, dialect)?;
    let mut parser = Parser::new(&tokens, dialect);
    parser.statements();
    Ok(Program {
        head: head(text),
        conversions: parser.conversions.iter().map(ToString::to_string).collect(),
        scopes: parser.names.scopes(),
        bindings: parser.bindings,
        items: parser.items,
    })
}

/// The comment lines at the head of a text, without their marks.
fn head(text: &str) -> Vec<String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let directive = |line: &str| {
        ["#=", "#include", "#["]
            .iter()
            .any(|mark| line.starts_with(mark))
    };
    let lines = text.lines().take_while(|line| !directive(line));
    let comment = |line: &str| {
        let mut marks = "/// //! // # % !".split(' ');
        let line = marks.find_map(|mark| line.strip_prefix(mark))?;
        Some(line.trim().to_owned())
    };
    lines.map_while(comment).collect()
}

/// The problem of what is understood only when it is run.
fn unsupported(span: Span, what: impl Display) -> Diagnostic {
    let problem = Diagnostic::at(span, format!("unsupported {what}"));
    problem.help("programs are not run: write the values of `A`, `b` and `c` out")
}
