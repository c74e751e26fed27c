//! Evaluates a [`Document`] to a [`Tableau`], checks its shape, and reports all problems at once.

use nalgebra::{DMatrix, DVector};
use num_traits::Zero;

use crate::language::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::language::document::{Document, Expression};
use crate::language::evaluate::{Evaluator, decimal};
use crate::language::header;
use crate::language::limits;
use crate::number::Number;
use crate::number::magnitude::Magnitude;
use crate::number::radical::Group;

/// A Butcher tableau in exact numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Tableau {
    /// The name of the scheme.
    pub name: Option<String>,
    /// The head comment, line by line.
    pub documentation: Vec<String>,
    /// The names that other programs give to the scheme.
    pub aliases: Vec<String>,
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
    /// Evaluates a document; a family, at the defaults of its parameters.
    ///
    /// # Errors
    /// Every entry that has no value and every row of the wrong length.
    pub fn new(document: &Document) -> Result<Self, Diagnostics> {
        Self::with_values(document, None)
    }

    /// Evaluates a document with these values of its parameters, or with their defaults.
    pub(crate) fn with_values(
        document: &Document,
        values: Option<&[Number]>,
    ) -> Result<Self, Diagnostics> {
        let mut problems = Vec::new();
        let mut evaluator = Evaluator::default();
        let parameters = header::bind(document, values, &mut evaluator, &mut problems);
        if problems.len() > PROBLEMS {
            return Err(shown(problems));
        }
        let rounded = document.rounded.as_ref();
        let rounded = rounded.and_then(|eps| {
            let tolerance = tolerance(&mut evaluator, eps);
            tolerance.map_err(|problem| problems.push(problem)).ok()
        });

        let misshapen = shape(document);
        if !misshapen.is_empty() {
            problems.extend(misshapen);
            return Err(shown(problems));
        }
        let mut value = |expression: &Expression| {
            evaluator.value(expression).unwrap_or_else(|problem| {
                problems.push(header::explained(problem, &parameters));
                Number::zero()
            })
        };
        let (mut rows, mut nodes): (Vec<Vec<_>>, Vec<_>) = (Vec::new(), Vec::new());
        for row in &document.stages {
            nodes.push(row.node.as_ref().map(&mut value));
            rows.push(row.entries.iter().map(&mut value).collect());
        }
        let weights = document.weights.iter();
        let weights = weights.map(|row| row.entries.iter().map(&mut value).collect());
        let weights: Vec<_> = weights.collect();
        for ((row, node), entries) in document.stages.iter().zip(&mut nodes).zip(&rows) {
            match evaluator.sum(entries, row.span) {
                Ok(sum) => *node = Some(node.take().unwrap_or(sum)),
                Err(problem) => problems.push(problem),
            }
        }
        if !problems.is_empty() {
            return Err(shown(problems));
        }

        let nodes = nodes.into_iter().flatten().collect();
        let mut tableau = Self {
            name: document.name.as_ref().map(|name| name.value.clone()),
            documentation: document.head.clone(),
            aliases: document.aliases.clone(),
            citations: document.citations.clone(),
            rounded,
            ..Self::of_numbers(nodes, &rows, weights)
        };
        for (row, weights) in tableau.weights.iter_mut().zip(&document.weights) {
            row.claim = weights.claim.as_ref().map(|claim| claim.value);
        }
        Ok(tableau)
    }

    /// A tableau of these nodes, rows of the matrix and rows of weights, without a name or claims.
    pub(crate) fn of_numbers(
        nodes: Vec<Number>,
        rows: &[Vec<Number>],
        weights: Vec<Vec<Number>>,
    ) -> Self {
        let entry = |i: usize, j: usize| rows[i].get(j).cloned().unwrap_or_else(Number::zero);
        let weights = weights.into_iter().map(|row| Weights {
            claim: None,
            values: DVector::from_vec(row),
        });
        let mut tableau = Self {
            name: None,
            documentation: Vec::new(),
            aliases: Vec::new(),
            citations: Vec::new(),
            nodes: DVector::from_vec(nodes),
            matrix: DMatrix::from_fn(rows.len(), rows.len(), entry),
            weights: weights.collect(),
            rounded: None,
            field: Group::default(),
        };
        let mut field = Group::default();
        for (radicand, _) in tableau.numbers().flat_map(Number::terms) {
            // The evaluator has refused files with more roots than fit.
            let _ = field.insert(*radicand);
        }
        tableau.field = field;
        tableau
    }

    /// Iterates over the nodes, the matrix and the weights.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = &Number> + Clone {
        let weights = self.weights.iter().flat_map(|row| row.values.iter());
        { self.nodes.iter() }
            .chain(self.matrix.iter())
            .chain(weights)
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

    /// Returns true if the last row of the matrix is the propagated weights. In an explicit scheme of several stages, the
    /// last stage is then the first of the next step: first same as last (Hairer, Nørsett, Wanner 1993, §II.5).
    pub(crate) fn is_stiffly_accurate(&self) -> bool {
        let last = |values: &DVector<Number>| self.matrix.row(values.len() - 1).iter().eq(values);
        self.weights.first().is_some_and(|row| last(&row.values))
    }

    /// Returns the field of the coefficients: `Q`, `Q(sqrt(6))`.
    #[must_use]
    pub fn field_name(&self) -> String {
        let roots = self.field.generators().map(|r| format!("sqrt({r})"));
        match roots.collect::<Vec<_>>().as_slice() {
            [] => "Q".to_owned(),
            roots => format!("Q({})", roots.join(", ")),
        }
    }
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
    let magnitude = Magnitude::of(&value);
    let least = Magnitude::of(&decimal("1", -limits::ROUNDED));
    let within = least <= magnitude && value.to_f64() <= 0.1;
    if value.is_rational() && value.sign().is_gt() && within {
        return Ok(value);
    }
    let (found, least) = (value.brief(), limits::ROUNDED);
    let headline =
        format!("`rounded` needs a relative error between 1e-{least} and 0.1, not {found}");
    let problem = Diagnostic::at(eps.span, headline);
    Err(problem.help("coefficients given to 16 digits: `rounded 5e-16`"))
}

/// Reports rows of the wrong length, and too few or too many rows.
fn shape(document: &Document) -> Diagnostics {
    let (stages, most) = (document.stages.len(), limits::STAGES);
    if stages == 0 {
        let problem = Diagnostic::at(document.separator, "there is no stage above this line");
        let help = "a stage row is `NODE | ENTRY …`; the first of an explicit scheme is `0 |`";
        return vec![problem.help(help)];
    }
    for (what, rows) in [
        ("stages", stages),
        ("rows of weights", document.weights.len()),
    ] {
        if rows > most {
            let headline = format!("{rows} {what}; a tableau has at most {most}");
            return vec![Diagnostic::whole_file(headline)];
        }
    }
    if is_pair(document) {
        let headline =
            "these rows are of two matrices, as an implicit-explicit (IMEX) pair has them";
        let help = "write each matrix, with its weights, to a file of its own; the order conditions that couple the two \
                    are not checked";
        return vec![Diagnostic::at(document.stages[0].span, headline).help(help)];
    }
    // A tableau is full if more rows fit a square one than an explicit one.
    let lengths = || document.stages.iter().map(|row| row.entries.len());
    let explicit = lengths().enumerate().filter(|(i, found)| found == i);
    let full = lengths().filter(|&found| found == stages).count() > explicit.count();
    let mut problems = Vec::new();
    for (row, number) in document.stages.iter().zip(1..) {
        let expected = if full { stages } else { number - 1 };
        let what = format!("stage row {number}");
        problems.extend(
            misfit(&what, &row.entries, row.span, expected).map(|problem| {
                let expected = entries(expected);
                problem.help(if full {
                    format!("every row of a full tableau has {expected}")
                } else {
                    format!("row {number} of an explicit scheme has {expected}")
                })
            }),
        );
    }
    for (row, number) in document.weights.iter().zip(1..) {
        let what = format!("weights row {number}");
        let problem = misfit(&what, &row.entries, row.span, stages);
        let help = format!("there is one weight for each of the {stages} stages");
        problems.extend(problem.map(|problem| problem.help(help)));
    }
    problems
}

/// Returns true if rows have the entries of two matrices, side by side or one below the other.
fn is_pair(document: &Document) -> bool {
    let (rows, stages) = (&document.stages, document.stages.len());
    let fits = |length: fn(usize, usize) -> usize| {
        let mut rows = rows.iter().zip(1..);
        stages > 1 && rows.all(|(row, at)| row.entries.len() == length(at, stages))
    };
    let weights = document.weights.iter().map(|row| row.entries.len());
    let below = weights.clone().all(|weights| 2 * weights == stages)
        && rows.iter().all(|row| 2 * row.entries.len() <= stages)
        && stages > 2;
    fits(|_, stages| 2 * stages)
        || fits(|row, _| 2 * row - 1)
        || fits(|row, stages| row - 1 + stages)
        || below
}

/// Points at the surplus entries, or at a row that is too short.
fn misfit(what: &str, row: &[Expression], span: Span, expected: usize) -> Option<Diagnostic> {
    let span = match (row.get(expected), row.last()) {
        (Some(first), Some(last)) => first.span.to(last.span),
        _ => span,
    };
    let headline = format!("{what} has {}, expected {expected}", entries(row.len()));
    (row.len() != expected).then(|| Diagnostic::at(span, headline))
}

fn entries(count: usize) -> String {
    match count {
        0 => "no entries".to_owned(),
        1 => "1 entry".to_owned(),
        _ => format!("{count} entries"),
    }
}
