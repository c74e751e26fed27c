//! A tableau that remembers its decimals.
//!
//! `0.50` and `1/2` are the same number. A table of decimals should stay one, so each number keeps its decimal digits
//! beside its exact value.

use crate::language::diagnostic::{Diagnostic, Diagnostics};
use crate::language::document::{Document, Term};
use crate::language::family;
use crate::language::tableau::Tableau;
use crate::number::Number;

/// A tableau with the decimals of its source.
#[derive(Clone, Debug, PartialEq)]
pub struct PrintedTableau {
    tableau: Tableau,
    /// The nodes.
    pub(crate) nodes: Vec<PrintedNumber>,
    /// The matrix, square.
    pub(crate) matrix: Vec<Vec<PrintedNumber>>,
    /// The rows of weights.
    pub(crate) weights: Vec<Vec<PrintedNumber>>,
    /// The relative error of the coefficients.
    pub(crate) rounded: Option<PrintedNumber>,
}

/// A number, with its digits if the source has a decimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrintedNumber {
    /// The exact value.
    pub(crate) value: Number,
    /// Sign, digits and exponent, such as `-0.50` or `1.5e-12`.
    pub(crate) decimal: Option<String>,
}

impl PrintedTableau {
    /// Evaluates a document; of a family, the member at the defaults, which the comment says.
    ///
    /// # Errors
    /// The errors of [`Tableau::new`], and a document without stages or weights.
    pub fn new(document: &Document) -> Result<Self, Diagnostics> {
        let (stages, weights) = (&document.stages, &document.weights);
        for (what, missing) in [
            ("stages", stages.is_empty()),
            ("weights", weights.is_empty()),
        ] {
            if missing {
                let headline = format!("expected {what}, found none");
                return Err(vec![Diagnostic::whole_file(headline)]);
            }
        }
        let mut printed = Self::from(Tableau::new(document)?);
        let parameters = family::parameters(document).into_iter();
        let values =
            parameters.map(|parameter| format!("{} = {}", parameter.name, parameter.default));
        let values = values.collect::<Vec<_>>().join(", ");
        if !values.is_empty() {
            printed.remark(&[format!("The member with {values}.")]);
        }
        let nodes = printed.nodes.iter_mut().zip(stages);
        let nodes = nodes.filter_map(|(number, row)| Some((number, row.node.as_ref()?)));
        let rows = stages.iter().map(|row| &row.entries);
        let rows = rows.chain(weights.iter().map(|row| &row.entries));
        let matrix = printed.matrix.iter_mut().take(stages.len());
        let entries = matrix.chain(&mut printed.weights).zip(rows);
        let entries = entries.flat_map(|(numbers, row)| numbers.iter_mut().zip(row));
        let rounded = printed.rounded.iter_mut().zip(&document.rounded);
        for (number, expression) in nodes.chain(entries).chain(rounded) {
            number.decimal = decimal(&expression.value);
        }
        Ok(printed)
    }

    /// The tableau.
    #[must_use]
    pub fn tableau(&self) -> &Tableau {
        &self.tableau
    }

    /// The relative error of the coefficients, if stated.
    #[must_use]
    pub fn rounded(&self) -> Option<&PrintedNumber> {
        self.rounded.as_ref()
    }

    /// Replaces the name, the citations and the comment. Control characters in lines of the comment become spaces.
    pub fn describe(
        &mut self,
        name: Option<String>,
        citations: Vec<String>,
        documentation: &[String],
    ) {
        self.tableau.name = name;
        self.tableau.citations = citations;
        self.tableau.documentation = comment_lines(documentation);
    }

    /// Adds lines to the comment.
    pub fn remark(&mut self, lines: &[String]) {
        self.tableau.documentation.extend(comment_lines(lines));
    }

    /// Sets the relative error of the coefficients.
    pub fn set_rounded(&mut self, eps: PrintedNumber) {
        self.tableau.rounded = Some(eps.value.clone());
        self.rounded = Some(eps);
    }

    /// Replaces the claim of each row of weights, for instance by its proven order.
    pub fn claim(&mut self, orders: impl IntoIterator<Item = usize>) {
        for (row, order) in self.tableau.weights.iter_mut().zip(orders) {
            row.claim = Some(order);
        }
    }

    /// Estimates the relative error of a table of decimals that states none, from its shortest decimal.
    ///
    /// Decimals of up to six digits count as exact.
    #[must_use]
    pub fn likely_rounding(&self) -> Option<String> {
        const EXACT: usize = 6;
        if self.rounded.is_some() {
            return None;
        }
        let rows = self.matrix.iter().chain(&self.weights);
        let numbers = rows.flatten().chain(&self.nodes);
        let decimals = numbers.filter_map(|number| number.decimal.as_deref());
        let digits = decimals.map(significant).filter(|&digits| digits > EXACT);
        digits.min().map(|digits| format!("1e-{}", digits - 1))
    }
}

/// The number of significant digits.
fn significant(decimal: &str) -> usize {
    let mantissa = decimal.split('e').next().unwrap_or(decimal);
    let digits = mantissa.trim_start_matches(['-', '0', '.']);
    digits.bytes().filter(u8::is_ascii_digit).count()
}

/// Comment lines that every notation can hold: a character that ends the line in one language only would let the rest
/// escape from the comment.
pub(super) fn comment_lines(lines: &[String]) -> Vec<String> {
    let ends = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let plain = |line: &String| line.replace(ends, " ").trim().to_owned();
    lines.iter().map(plain).collect()
}

impl From<Tableau> for PrintedTableau {
    fn from(mut tableau: Tableau) -> Self {
        tableau.documentation = comment_lines(&tableau.documentation);
        let rows = tableau.matrix.row_iter();
        let weights = tableau.weights.iter();
        Self {
            nodes: tableau.nodes.iter().map(exact).collect(),
            matrix: rows.map(|row| row.iter().map(exact).collect()).collect(),
            weights: weights
                .map(|row| row.values.iter().map(exact).collect())
                .collect(),
            rounded: tableau.rounded.as_ref().map(exact),
            tableau,
        }
    }
}

fn exact(value: &Number) -> PrintedNumber {
    PrintedNumber {
        value: value.clone(),
        decimal: None,
    }
}

impl PrintedNumber {
    /// Writes an expression of the tableau language, without white space.
    pub(crate) fn expression(&self) -> String {
        let decimal = self.decimal.clone();
        decimal.unwrap_or_else(|| self.value.to_string().replace(' ', ""))
    }
}

/// A literal with a decimal point or an exponent, or its negative.
fn decimal(term: &Term) -> Option<String> {
    match term {
        Term::Decimal {
            digits,
            exponent: exponent @ (..=-1 | 1..),
        } => Some(printed(digits, *exponent)),
        Term::Sum(terms) => match terms.as_slice() {
            [(true, term)] => decimal(&term.value).map(|decimal| match decimal.strip_prefix('-') {
                Some(positive) => positive.to_owned(),
                None => format!("-{decimal}"),
            }),
            _ => None,
        },
        _ => None,
    }
}

/// Prints a decimal with a point, or with an exponent where that saves zeros.
fn printed(digits: &str, exponent: i32) -> String {
    const ZEROS: usize = 4;
    let digits = match digits.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    let after = exponent.unsigned_abs() as usize;
    if exponent > 0 || after > digits.len() + ZEROS {
        let (first, rest) = digits.split_at(1);
        let exponent = exponent + rest.len() as i32;
        let point = if rest.is_empty() { "" } else { "." };
        return format!("{first}{point}{rest}e{exponent}");
    }
    let digits = format!("{digits:0>0$}", after + 1);
    let (whole, fraction) = digits.split_at(digits.len() - after);
    format!("{whole}.{fraction}")
}
