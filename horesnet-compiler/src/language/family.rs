//! Families: tableaux whose entries are rational functions of parameters.

use num_traits::Zero;

use crate::language::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::language::document::{Document, Expression};
use crate::language::evaluate::Evaluator;
use crate::language::header::{self, Binding};
pub use crate::language::parameter::Parameter;
pub use crate::language::symbolic::Divisor;
use crate::language::symbolic::Symbolic;
use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::budget::{Budget, TooLarge};
use crate::number::radical::Group;
use crate::number::rational_function::RationalFunction;

/// A tableau with free parameters, as exact functions of these.
///
/// The variables of its polynomials are the parameters in the order of the file.
///
/// # Example
/// ```
/// let text = "param a = 2/3 in (0, 1]\n0 |\na | a\n---\norder 2 | 1-1/(2*a) 1/(2*a)\n";
/// let family = horesnet_compiler::check(text, None).unwrap().family.unwrap();
/// let midpoint = family.at(&["1/2".parse().unwrap()]).unwrap();
/// assert_eq!(midpoint.weights[0].values[1].to_string(), "1");
/// assert!(family.at(&["2".parse().unwrap()]).is_err());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    document: Document,
    /// The parameters, in the order of the file.
    pub parameters: Vec<Parameter>,
    /// The nodes.
    pub nodes: Vec<RationalFunction>,
    /// The rows of the matrix, square.
    pub matrix: Vec<Vec<RationalFunction>>,
    /// The rows of weights.
    pub weights: Vec<Vec<RationalFunction>>,
    /// What the entries divide by.
    pub(crate) divisors: Vec<Divisor>,
    /// Spans of the unknown entries, which are the variables after the parameters.
    pub(crate) unknowns: Vec<Span>,
}

impl Family {
    /// Reads the functions of a document, whose shape [`Tableau::new`] has checked.
    pub(crate) fn new(document: &Document, budget: &mut Budget) -> Result<Self, Diagnostics> {
        // Evaluating the tableau has reported the problems.
        let parameters = parameters(document);
        let mut symbolic = Symbolic::default();
        let one = |problem| vec![problem];
        let mut count = 0;
        for line in header::bindings(document) {
            match line {
                Binding::Constant(name, value) => {
                    symbolic.bind(name, value, budget).map_err(one)?;
                }
                Binding::Parameter(parameter) => {
                    let bound = symbolic.parameter(&parameter.name.value, count);
                    bound.map_err(|TooLarge| {
                        vec![Diagnostic::at(parameter.span, "too many parameters")]
                    })?;
                    count += 1;
                }
            }
        }
        let mut problems = Vec::new();
        let mut value = |place: String, expression: &Expression| {
            symbolic.place = place;
            let value = symbolic.value(expression, budget);
            value.unwrap_or_else(|problem| {
                problems.push(problem);
                Number::zero().into()
            })
        };
        let (mut nodes, mut matrix) = (Vec::new(), Vec::new());
        for (row, number) in document.stages.iter().zip(1..) {
            let node = row.node.as_ref();
            nodes.push(node.map(|node| value(format!("node {number}"), node)));
            let entries = row.entries.iter().zip(1..);
            let entries = entries
                .map(|(entry, column)| value(format!("entry {column} of row {number}"), entry));
            let mut entries: Vec<_> = entries.collect();
            entries.resize(document.stages.len(), Number::zero().into());
            matrix.push(entries);
        }
        let rows = document.weights.iter().zip(1..);
        let rows = rows.map(|(row, number)| {
            let place = |column: usize| match number {
                1 => format!("weight {column}"),
                number => format!("weight {column} of row {number}"),
            };
            let entries = row.entries.iter().zip(1..);
            entries
                .map(|(entry, column)| value(place(column), entry))
                .collect()
        });
        let weights: Vec<Vec<_>> = rows.collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        let large = |TooLarge| {
            vec![Diagnostic::whole_file(
                "the sums of the rows have too many terms",
            )]
        };
        let mut all = Vec::new();
        for (node, row) in nodes.into_iter().zip(&matrix) {
            all.push(match node {
                Some(node) => node,
                None => sum(row, budget).map_err(large)?,
            });
        }
        Ok(Self {
            document: document.clone(),
            parameters,
            nodes: all,
            matrix,
            weights,
            divisors: symbolic.divisors,
            unknowns: symbolic.unknowns,
        })
    }

    /// The names of the parameters.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let names = self
            .parameters
            .iter()
            .map(|parameter| parameter.name.clone());
        names.collect()
    }

    /// The values of the parameters at which commands use the family.
    #[must_use]
    pub fn defaults(&self) -> Vec<Number> {
        let defaults = self.parameters.iter();
        defaults
            .map(|parameter| parameter.default.clone())
            .collect()
    }

    /// The member with these values of the parameters, exactly. Its claims are those of the family, which are proven for
    /// every member.
    ///
    /// # Errors
    /// Too few or too many values, a value outside its interval, a pole.
    pub fn at(&self, values: &[Number]) -> Result<Tableau, Diagnostic> {
        let (found, expected) = (values.len(), self.parameters.len());
        if found != expected {
            let names = self.names().join(", ");
            let headline = format!("expected {expected} values, of {names}, found {found}");
            return Err(Diagnostic::whole_file(headline));
        }
        for (parameter, value) in self.parameters.iter().zip(values) {
            if !parameter.interval.contains(value) {
                let Parameter { name, interval, .. } = parameter;
                let headline = format!("{name} = {} is not in {interval}", value.brief());
                return Err(Diagnostic::at(parameter.span, headline));
            }
        }
        let first = |problems: Diagnostics| problems.into_iter().next().unwrap_or_default();
        Tableau::with_values(&self.document, Some(values)).map_err(|problems| {
            let problem = first(problems);
            let values = self.written(values);
            problem.help(format!("the values were {values}"))
        })
    }

    /// Writes values with the names of the parameters: `a = 1/2, b = 3`.
    #[must_use]
    pub fn written(&self, values: &[Number]) -> String {
        let pairs = self.parameters.iter().zip(values);
        let pairs: Vec<_> = pairs
            .map(|(parameter, value)| format!("{} = {value}", parameter.name))
            .collect();
        pairs.join(", ")
    }

    /// Iterates over all nodes, entries and weights.
    pub(crate) fn functions(&self) -> impl Iterator<Item = &RationalFunction> {
        let weights = self.weights.iter().flatten();
        self.nodes
            .iter()
            .chain(self.matrix.iter().flatten())
            .chain(weights)
    }

    /// The number of terms of all functions, which copies cost.
    pub(crate) fn terms(&self) -> usize {
        let functions = self.functions();
        functions.map(|f| f.numerator.terms().count()).sum()
    }

    /// The square roots in the coefficients; `None` if there are too many.
    pub(crate) fn field(&self) -> Option<Group> {
        let mut field = Group::default();
        let functions = self.functions();
        let polynomials = functions.flat_map(|f| {
            std::iter::once(&f.numerator).chain(f.factors.iter().map(|(factor, _)| factor))
        });
        let mut terms = polynomials.flat_map(|p| p.terms().flat_map(|(_, c)| c.terms()));
        terms
            .all(|(radicand, _)| field.insert(*radicand))
            .then_some(field)
    }

    /// The sum of a row.
    pub(crate) fn row_sum(
        &self,
        row: usize,
        budget: &mut Budget,
    ) -> Result<RationalFunction, TooLarge> {
        sum(&self.matrix[row], budget)
    }
}

fn sum(row: &[RationalFunction], budget: &mut Budget) -> Result<RationalFunction, TooLarge> {
    let zero = RationalFunction::from(Number::zero());
    row.iter()
        .try_fold(zero, |sum, entry| sum.plus(entry, budget))
}

/// The parameters of a document that [`Tableau::new`] accepts.
pub(crate) fn parameters(document: &Document) -> Vec<Parameter> {
    header::bind(document, None, &mut Evaluator::default(), &mut Vec::new())
}

/// The text of a tableau file with `let` in place of `param` for these parameters.
pub(crate) fn fix(
    text: &str,
    document: &Document,
    values: &[(String, String)],
) -> Result<String, Diagnostic> {
    let known = parameters(document);
    let mut lines: Vec<(Span, String)> = Vec::new();
    for (name, written) in values {
        let all = document.parameters.iter().zip(&known);
        let Some((line, parameter)) = all.into_iter().find(|(_, known)| known.name == *name) else {
            let names: Vec<_> = known
                .iter()
                .map(|known| format!("`{}`", known.name))
                .collect();
            let headline = match names.as_slice() {
                [] => format!("the tableau has no parameter `{name}`: it has none"),
                names => format!(
                    "the tableau has no parameter `{name}`, only {}",
                    names.join(", ")
                ),
            };
            return Err(Diagnostic::whole_file(headline));
        };
        let value: Number = written.parse().map_err(|problem: Diagnostic| {
            let headline = format!(
                "`{written}` is no value of `{name}`: {}",
                problem.headline()
            );
            Diagnostic::at(line.span, headline)
        })?;
        if !parameter.interval.contains(&value) {
            let headline = format!(
                "{name} = {} is not in {}",
                value.brief(),
                parameter.interval
            );
            return Err(Diagnostic::at(line.span, headline));
        }
        if lines.iter().any(|(span, _)| *span == line.span) {
            let headline = format!("`{name}` has two values");
            return Err(Diagnostic::at(line.span, headline));
        }
        lines.push((line.span, format!("let {name} = {written}")));
    }
    // From the end, so that spans stay valid.
    lines.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    let mut fixed = text.to_owned();
    for (span, line) in lines {
        fixed.replace_range(span.start..span.end, &line);
    }
    Ok(fixed)
}
