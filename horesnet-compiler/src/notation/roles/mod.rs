//! Finds the roles of the arrays of a program: names are hints, shapes are constraints, and the mathematics decides.
//! A reading says what was read as what; where two are consistent, both are listed and none is chosen.
//! Must not know languages or layouts of text.

mod array;
mod butcher;
mod choice;
mod fields;
mod found;
mod problems;
mod reading;
mod shape;
mod single;
mod theories;

use super::field::{Role, role, short};
use super::program::{Item, Program};
use crate::language::diagnostic::Diagnostic;
use crate::language::document::Document;
use crate::language::evaluate::Evaluator;
use crate::number::budget::Budget;
use array::Array;
use reading::Reading;

/// The most arrays of one program.
const ARRAYS: usize = 64;

/// A choice between readings, for texts that leave something open.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// The number of the reading or scheme to take, from 1.
    pub number: Option<usize>,
    /// Names of arrays that are no part of the tableau.
    pub ignored: Vec<String>,
}

/// A scheme that was read, and what was read as what.
#[derive(Clone, Debug)]
pub struct Scheme {
    /// The tableau, with spans in the text that was read.
    pub document: Document,
    /// The role of each array, line by line.
    pub notes: Vec<String>,
}

impl Scheme {
    /// Returns the notes, unless the names of the arrays say it all: `A`, `b`, `c`, `bhat`.
    #[must_use]
    pub fn remarks(&self) -> &[String] {
        let plain = |note: &String| {
            let (name, what) = note.split_once(" (line ").unwrap_or(("", note));
            let what = what.split_once("): ").map_or(what, |(_, what)| what);

            match what {
                "matrix" => name == "A",
                "weights" => name == "b",
                "nodes" => name == "c",
                "embedded weights" => name.starts_with("bhat"),
                what => what == "nodes: the row sums",
            }
        };
        if self.notes.iter().all(plain) {
            &[]
        } else {
            &self.notes
        }
    }

    /// A scheme whose notation leaves nothing open.
    pub(super) fn of(document: Document) -> Self {
        Self {
            document,
            notes: Vec::new(),
        }
    }
}

/// Finds the schemes of a program: one, or those of a pair.
pub(super) fn schemes(
    mut program: Program,
    text: &str,
    choice: &Choice,
) -> Result<Vec<Scheme>, Diagnostic> {
    let ignored = |name: &str| {
        choice
            .ignored
            .iter()
            .any(|ignored| ignored == name || short(name) == ignored)
    };
    program.items.retain(|item| !ignored(&item.name));
    let mut evaluator = Evaluator::default();
    for (name, value) in &program.bindings {
        evaluator.bind(name, value)?;
    }
    let matrices = || {
        program
            .items
            .iter()
            .filter(|item| role(&item.name) == Some(Role::Matrix))
    };
    if let (Some(problem), false) = (
        matrices().find_map(|item| item.value.as_ref().err()),
        matrices().any(Item::is_list),
    ) {
        return Err(problem.clone());
    }
    let mut arrays = Vec::new();
    // Arrays of which others were made are none of the tableau.
    for item in program
        .items
        .iter()
        .filter(|item| !item.is_used || role(&item.name).is_some())
    {
        arrays.extend(Array::of(item, &mut evaluator)?);
        if arrays.len() > ARRAYS {
            let headline = format!("found more than {ARRAYS} arrays, expected those of one scheme");
            return Err(Diagnostic::at(item.span, headline)
                .help("copy the arrays of one scheme to a file of its own"));
        }
    }
    let budget = &mut Budget::new(reading::STEPS);
    let parts = fields::split(&program, &arrays)?;
    let several = parts.len() > 1;
    let mut schemes: Vec<Reading> = Vec::new();
    for part in &parts {
        let mut found = choice::readings(part, text, choice.number.filter(|_| !several), budget)?;
        if several {
            for reading in &mut found {
                reading.label = reading.label.take().or(Some(part.label.clone()));
            }
        }
        schemes.extend(found);
    }
    if let Some(number) = choice.number.filter(|_| schemes.len() > 1) {
        let chosen = number.checked_sub(1).filter(|at| *at < schemes.len());
        let count = schemes.len();
        let chosen = chosen.ok_or_else(|| {
            Diagnostic::whole_file(format!("there is no scheme {number}: the text has {count}"))
        })?;
        schemes = vec![schemes.swap_remove(chosen)];
    }
    let conversions = &program.conversions;
    let schemes = schemes.into_iter().map(|reading| {
        let mut document = reading.document(&program.head, &program.bindings);
        fields::describe(&mut document, &program, several)?;
        if let (Some(label), None) = (&reading.label, &document.name) {
            document.name = Some(crate::language::document::Spanned::new(
                label.clone(),
                document.separator,
            ));
        }
        let mut notes = reading.notes;
        notes.extend(fields::unusual(conversions));
        Ok(Scheme { document, notes })
    });
    schemes.collect()
}
