//! Evaluates a [`Document`] to a [`Tableau`], checks its shape, and reports all problems at once.

use nalgebra::{DMatrix, DVector};
use num_traits::Zero;

use crate::language::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::language::document::{Document, Expression, StageRow};
use crate::language::evaluate::Evaluator;
use crate::language::limits;
use crate::number::Number;
use crate::number::radical::Group;

/// A Butcher tableau in exact numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Tableau {
    /// The name of the scheme.
    pub name: Option<String>,
    /// The head comment, line by line.
    pub documentation: Vec<String>,
    /// The cited sources.
    pub citations: Vec<String>,
    /// The nodes `c`.
    pub nodes: DVector<Number>,
    /// The matrix `A`, square.
    pub matrix: DMatrix<Number>,
    /// The rows of weights; the first is propagated.
    pub weights: Vec<Weights>,
    /// The relative error of every coefficient, in a `rounded` file.
    pub rounded: Option<Number>,
    /// The square roots in the coefficients.
    pub field: Group,
}

/// One row of weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// The claimed order.
    pub claim: Option<usize>,
    /// The weights.
    pub values: DVector<Number>,
}

impl Tableau {
    /// Evaluates a document.
    ///
    /// # Errors
    /// Every entry that has no value and every row of the wrong length.
    pub fn new(document: &Document) -> Result<Self, Diagnostics> {
        let mut problems = Vec::new();
        let mut evaluator = Evaluator::default();
        for (name, value) in &document.bindings {
            if let Err(problem) = evaluator.bind(name, value) {
                problems.push(problem);
            }
            if problems.len() > PROBLEMS {
                return Err(shown(problems));
            }
        }
        let rounded = document
            .rounded
            .as_ref()
            .map(|eps| tolerance(&mut evaluator, eps));
        let rounded = rounded.transpose().unwrap_or_else(|problem| {
            problems.push(problem);
            None
        });

        let misshapen = shape(document);
        if !misshapen.is_empty() {
            problems.extend(misshapen);
            return Err(shown(problems));
        }
        let mut value = |expression: &Expression| match evaluator.value(expression) {
            Ok(value) => value,
            Err(problem) => {
                problems.push(problem);
                Number::zero()
            }
        };
        let mut rows: Vec<Vec<_>> = Vec::new();
        let mut nodes = Vec::new();
        for row in &document.stages {
            nodes.push(row.node.as_ref().map(&mut value));
            rows.push(row.entries.iter().map(&mut value).collect());
        }
        let mut weights: Vec<Vec<_>> = Vec::new();
        for row in &document.weights {
            weights.push(row.entries.iter().map(&mut value).collect());
        }
        for ((row, node), entries) in document.stages.iter().zip(&mut nodes).zip(&rows) {
            match evaluator.sum(entries, row.span) {
                Ok(sum) => *node = Some(node.take().unwrap_or(sum)),
                Err(problem) => problems.push(problem),
            }
        }
        if !problems.is_empty() {
            return Err(shown(problems));
        }

        let stages = rows.len();
        let entry = |i: usize, j: usize| {
            let entry = rows.get(i).and_then(|row| row.get(j));
            entry.cloned().unwrap_or_else(Number::zero)
        };
        let matrix = DMatrix::from_fn(stages, stages, entry);
        let nodes = DVector::from_iterator(stages, nodes.into_iter().flatten());
        let weights = document
            .weights
            .iter()
            .zip(weights)
            .map(|(row, values)| Weights {
                claim: row.claim.as_ref().map(|claim| claim.value),
                values: DVector::from_vec(values),
            });
        let weights: Vec<_> = weights.collect();
        let values = weights.iter().flat_map(|row: &Weights| row.values.iter());
        let field = field(nodes.iter().chain(matrix.iter()).chain(values));
        Ok(Self {
            name: document.name.as_ref().map(|name| name.value.clone()),
            documentation: document.head.clone(),
            citations: document.citations.clone(),
            nodes,
            matrix,
            weights,
            rounded,
            field,
        })
    }

    /// Returns the number of stages.
    #[must_use]
    pub fn stages(&self) -> usize {
        self.nodes.len()
    }

    /// Returns the row sums `A·e`, which equal the nodes in most schemes.
    #[must_use]
    pub fn row_sums(&self) -> DVector<Number> {
        DVector::from_fn(self.stages(), |row, _| self.row_sum(row))
    }

    /// Returns one row sum.
    pub(crate) fn row_sum(&self, row: usize) -> Number {
        let entries = self.matrix.row(row);
        let entries = entries.iter().filter(|entry| !entry.is_zero());
        entries.fold(Number::zero(), |sum, entry| &sum + entry)
    }

    /// Returns true if each stage uses earlier stages only.
    #[must_use]
    pub fn is_explicit(&self) -> bool {
        let stages = self.stages();
        (0..stages).all(|i| (i..stages).all(|j| self.matrix[(i, j)].is_zero()))
    }

    /// Returns the field of the coefficients: `Q`, `Q(sqrt(6))`.
    #[must_use]
    pub fn field_name(&self) -> String {
        let roots: Vec<_> = self
            .field
            .generators()
            .map(|r| format!("sqrt({r})"))
            .collect();
        if roots.is_empty() {
            "Q".to_owned()
        } else {
            format!("Q({})", roots.join(", "))
        }
    }
}

/// Collects the square roots.
fn field<'a>(numbers: impl Iterator<Item = &'a Number>) -> Group {
    let mut field = Group::default();
    for (radicand, _) in numbers.flat_map(Number::terms) {
        // The evaluator has refused files with more roots than fit.
        let _ = field.insert(*radicand);
    }
    field
}

/// The most problems reported for one file.
const PROBLEMS: usize = 20;

/// Sorts the problems by position, and truncates the list.
fn shown(mut problems: Diagnostics) -> Diagnostics {
    problems.sort_by_key(Diagnostic::start);
    let more = problems.len().saturating_sub(PROBLEMS);
    problems.truncate(PROBLEMS);
    if more > 0 {
        problems.push(Diagnostic::whole_file(format!("and {more} more problems")));
    }
    problems
}

fn tolerance(evaluator: &mut Evaluator, eps: &Expression) -> Result<Number, Diagnostic> {
    let value = evaluator.value(eps)?;
    if value.is_rational() && (1e-300..=0.1).contains(&value.to_f64()) {
        return Ok(value);
    }
    Err(Diagnostic::at(
        eps.span,
        format!(
            "`rounded` needs a relative error between 1e-300 and 0.1, not {}",
            value.brief()
        ),
    )
    .help("coefficients given to 16 digits: `rounded 5e-16`"))
}

/// Reports rows of the wrong length, and too few or too many rows.
fn shape(document: &Document) -> Diagnostics {
    let (stages, mut problems) = (document.stages.len(), Vec::new());
    if stages == 0 {
        problems.push(
            Diagnostic::at(document.separator, "there is no stage above this line")
                .help("a stage row is `NODE | ENTRY …`; the first of an explicit scheme is `0 |`"),
        );
        return problems;
    }
    for (what, rows) in [
        ("stages", stages),
        ("rows of weights", document.weights.len()),
    ] {
        if rows > limits::STAGES {
            problems.push(Diagnostic::whole_file(format!(
                "{rows} {what}; a tableau has at most {}",
                limits::STAGES
            )));
            return problems;
        }
    }
    let full = is_full(&document.stages);
    for (i, row) in document.stages.iter().enumerate() {
        let expected = if full { stages } else { i };
        if row.entries.len() != expected {
            let expected_entries = entries(expected);
            let help = if full {
                format!("every row of a full tableau has {expected_entries}")
            } else {
                format!("row {} of an explicit scheme has {expected_entries}", i + 1)
            };
            problems.push(
                Diagnostic::at(
                    misfit(&row.entries, expected, row.span),
                    length("stage row", i + 1, row.entries.len(), expected),
                )
                .help(help),
            );
        }
    }
    for (i, row) in document.weights.iter().enumerate() {
        if row.entries.len() != stages {
            problems.push(
                Diagnostic::at(
                    misfit(&row.entries, stages, row.span),
                    length("weights row", i + 1, row.entries.len(), stages),
                )
                .help(format!(
                    "there is one weight for each of the {stages} stages"
                )),
            );
        }
    }
    problems
}

/// Returns true if more rows fit a square tableau than an explicit one.
fn is_full(rows: &[StageRow]) -> bool {
    let explicit = rows
        .iter()
        .enumerate()
        .filter(|(i, row)| row.entries.len() == *i)
        .count();
    let full = rows
        .iter()
        .filter(|row| row.entries.len() == rows.len())
        .count();
    full > explicit
}

/// The span of the surplus entries, or of a row that is too short.
fn misfit(entries: &[Expression], expected: usize, row: Span) -> Span {
    match (entries.get(expected), entries.last()) {
        (Some(first), Some(last)) => first.span.to(last.span),
        _ => row,
    }
}

fn length(what: &str, number: usize, found: usize, expected: usize) -> String {
    format!(
        "{what} {number} has {}, expected {expected}",
        entries(found)
    )
}

fn entries(count: usize) -> String {
    match count {
        0 => "no entries".to_owned(),
        1 => "1 entry".to_owned(),
        _ => format!("{count} entries"),
    }
}
