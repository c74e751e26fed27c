//! Program text in any language, taken apart into assignments of numbers and lists; nothing is run.
//! Lexer, values and statements serve all languages; `dialect.rs` has what differs.
//! Must not know which list plays which role.

mod arithmetic;
mod assign;
mod atom;
mod call;
mod dialect;
mod effects;
mod index;
mod item;
mod lexer;
mod list;
mod parser;
mod rows;
mod statement;
mod target;

use std::collections::BTreeSet;

pub(super) use item::Item;

use super::value::{Value, brief};
use crate::language::diagnostic::Diagnostic;
use crate::language::document::{Expression, Spanned};
use dialect::Dialect;
use item::Index;

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

/// Reads a program.
pub(super) fn read(text: &str) -> Result<Program, Diagnostic> {
    let dialect = Dialect::of(text);
    let tokens = lexer::tokenize(text, dialect)?;
    let mut parser = parser::Parser::new(&tokens, dialect);
    statement::Statements::new(&mut parser, text).read();
    let conversions = parser.conversions.iter().map(|name| (*name).to_owned());
    let mut program = Program {
        head: statement::head(text),
        conversions: conversions.collect(),
        scopes: parser.scopes,
        bindings: parser.bindings,
        items: parser.items,
    };
    assemble(&mut program.items, dialect)?;
    Ok(program)
}

/// Puts lists together whose entries were assigned one by one.
fn assemble(items: &mut [Item], dialect: Dialect) -> Result<(), Diagnostic> {
    let entries = || items.iter().flat_map(|item| &item.entries);
    let zeros = |entry: &&item::Entry| {
        entry
            .indices
            .iter()
            .any(|index| matches!(index, Index::At(0) | Index::Range(Some(0), _)))
    };
    let from_zero = entries().find(zeros);
    if let Some(entry) = from_zero.filter(|entry| entry.from_one) {
        return Err(Diagnostic::at(
            entry.span,
            "an index in parentheses counts from 1",
        ));
    }
    let lengths: BTreeSet<usize> = { items.iter() }
        .filter_map(|item| match &item.value {
            Ok(Value::List(values, ..)) => Some(values.len()),
            _ => None,
        })
        .collect();
    let most = entries()
        .flat_map(|entry| &entry.indices)
        .filter_map(|index| match index {
            Index::At(at) => Some(*at),
            _ => None,
        });
    let most = most.max().unwrap_or(0);
    let base = match (from_zero, dialect) {
        (Some(_), _) | (None, Dialect::Python | Dialect::Braces) => 0,
        (None, Dialect::Julia | Dialect::Matlab | Dialect::Fortran) => 1,
        _ if entries().any(|entry| entry.from_one) || lengths.last() == Some(&most) => 1,
        _ => 0,
    };
    for item in items {
        if !item.entries.is_empty() {
            let entries = std::mem::take(&mut item.entries);
            item.value = item
                .value
                .clone()
                .and_then(|value| index::assembled(Some(value), entries, base));
        }
    }
    Ok(())
}
