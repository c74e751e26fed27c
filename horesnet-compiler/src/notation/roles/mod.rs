//! Finds the roles of the arrays of a program: names are hints, shapes are constraints, and the mathematics decides.
//! A reading says what was read as what; where two are consistent, both are listed and none is chosen.
//! Must not know languages or layouts of text.

mod array;
mod choice;
mod describe;
mod form;
mod group;
mod layout;
mod numbered;
mod pair;
mod part;
mod problem;
mod reading;
mod row;
mod scalar;
mod search;

use super::field::{Role, role, short};
use super::program::Program;
use crate::language::diagnostic::Diagnostic;
use crate::language::document::{Document, Spanned};
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
        let is_plain = |note: &String| {
            let Some((name, what)) = note.split_once(" (line ") else {
                return note == reading::ROW_SUMS;
            };
            let what = what.split_once("): ").map_or("", |(_, what)| what);
            match name {
                "A" => what == "matrix",
                "b" => what == "weights",
                "c" => what == "nodes",
                name => name.starts_with("bhat") && what == "embedded weights",
            }
        };
        if self.notes.iter().all(is_plain) {
            return &[];
        }
        &self.notes
    }

    /// A scheme whose notation leaves nothing open.
    pub(super) fn of(document: Document) -> Self {
        let notes = Vec::new();
        Self { document, notes }
    }
}

/// Finds the schemes of a program: one, or those of a pair.
pub(super) fn schemes(
    mut program: Program,
    text: &str,
    choice: &Choice,
) -> Result<Vec<Scheme>, Diagnostic> {
    let is_ignored = |name: &str| {
        let mut ignored = choice.ignored.iter();
        ignored.any(|ignored| ignored == name || ignored == short(name))
    };
    program.items.retain(|item| !is_ignored(&item.name));
    let last = numbered::join(&mut program.items);
    let (scalars, left_out) = scalar::arrays(&program.items, last)?;
    program.items.extend(scalars);
    let mut arrays = arrays(&program, text)?;
    arrays.retain(|array| !is_ignored(&array.name));
    let groups = group::groups(&program, &arrays)?;
    let several = groups.len() > 1;
    let budget = &mut Budget::new(reading::STEPS);
    let mut readings: Vec<Reading> = Vec::new();
    for group in groups {
        let arrays: Vec<&Array> = group.arrays.iter().collect();
        let (found, is_pair) = choice::readings(&arrays, budget)?;
        if found.len() > 1 && !is_pair && (several || choice.number.is_none()) {
            return Err(problem::ambiguous(&found));
        }
        for mut reading in found {
            reading.label = reading.label.or_else(|| group.label.clone());
            readings.push(reading);
        }
    }
    if let (Some(number), count @ 2..) = (choice.number, readings.len()) {
        if !(1..=count).contains(&number) {
            let headline = format!("there is no scheme {number}: the text has {count}");
            return Err(Diagnostic::whole_file(headline));
        }
        readings = vec![readings.swap_remove(number - 1)];
    }
    let scheme = |reading: Reading| {
        let mut document = reading.document();
        document.head.clone_from(&program.head);
        document.bindings.clone_from(&program.bindings);
        describe::describe(&mut document, &program, several)?;
        let label = reading
            .label
            .map(|label| Spanned::new(label, document.separator));
        document.name = document.name.or(label);
        let mut notes = reading.notes;
        notes.extend(left_out.clone());
        notes.extend(describe::conversions(&program.conversions));
        Ok(Scheme { document, notes })
    };
    readings.into_iter().map(scheme).collect()
}

/// The arrays of a program; of those of which others were made, only those with the name of a part.
fn arrays(program: &Program, text: &str) -> Result<Vec<Array>, Diagnostic> {
    let mut evaluator = Evaluator::default();
    for (name, value) in &program.bindings {
        evaluator.bind(name, value)?;
    }
    let matrices = program
        .items
        .iter()
        .filter(|item| role(&item.name) == Some(Role::Matrix));
    let matrices: Vec<_> = matrices.collect();
    let unread = matrices.iter().find_map(|item| item.value.as_ref().err());
    if let (Some(problem), false) = (unread, matrices.iter().any(|item| item.is_list())) {
        return Err(problem.clone());
    }
    let mut arrays: Vec<Array> = Vec::new();
    let items = program.items.iter();
    for item in items.filter(|item| !item.is_used || role(&item.name).is_some()) {
        for array in Array::of(item, text, &mut evaluator)? {
            // A name given twice with the same numbers counts once, and so does one more name of a list.
            let is_same = |other: &Array| {
                let is_again = other.name == array.name && other.scope == array.scope;
                let is_alias = array.hint.is_none() && other.span == array.span;
                (is_again && other.equals(&array)) || is_alias
            };
            if array.name.is_empty() || !arrays.iter().any(is_same) {
                arrays.push(array);
            }
        }
        if arrays.len() > ARRAYS {
            let headline = format!("found more than {ARRAYS} arrays, expected those of one scheme");
            let help = "copy the arrays of one scheme to a file of its own";
            return Err(Diagnostic::at(item.span, headline).help(help));
        }
    }
    Ok(arrays)
}
