//! What writers write: a tableau, and its decimals as they were printed.
//!
//! `0.50` and `1/2` are the same number. A table of decimals should stay one, so each coefficient keeps its decimal
//! digits beside its exact value.

use crate::language::diagnostic::{Diagnostic, Diagnostics};
use crate::language::document::{Document, Expression, Term};
use crate::language::tableau::Tableau;
use crate::number::Number;

/// A tableau as it is to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    tableau: Tableau,
    /// The nodes.
    pub(crate) nodes: Vec<Coefficient>,
    /// The matrix, square.
    pub(crate) matrix: Vec<Vec<Coefficient>>,
    /// The rows of weights.
    pub(crate) weights: Vec<Vec<Coefficient>>,
    /// The relative error of the coefficients.
    pub(crate) rounded: Option<Coefficient>,
}

/// A number, and how it was printed if that was a decimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coefficient {
    /// The exact value.
    pub(crate) value: Number,
    /// Sign, digits and exponent, such as `-0.50` or `1.5e-12`.
    pub(crate) decimal: Option<String>,
}

impl Sheet {
    /// Evaluates a document.
    ///
    /// # Errors
    /// Those of [`Tableau::new`], and a document without stages or weights.
    pub fn new(document: &Document) -> Result<Self, Diagnostics> {
        for (what, missing) in [
            ("stages", document.stages.is_empty()),
            ("weights", document.weights.is_empty()),
        ] {
            if missing {
                return Err(vec![Diagnostic::whole_file(format!("there are no {what}"))]);
            }
        }
        let mut sheet = Self::from(Tableau::new(document)?);
        let print = |coefficient: Option<&mut Coefficient>, expression: &Expression| {
            if let Some(coefficient) = coefficient {
                coefficient.decimal = decimal(&expression.value);
            }
        };
        for (i, row) in document.stages.iter().enumerate() {
            if let Some(node) = &row.node {
                print(sheet.nodes.get_mut(i), node);
            }
            for (j, entry) in row.entries.iter().enumerate() {
                let row = sheet.matrix.get_mut(i);
                print(row.and_then(|row| row.get_mut(j)), entry);
            }
        }
        for (values, row) in sheet.weights.iter_mut().zip(&document.weights) {
            for (j, entry) in row.entries.iter().enumerate() {
                print(values.get_mut(j), entry);
            }
        }
        if let Some(eps) = &document.rounded {
            print(sheet.rounded.as_mut(), eps);
        }
        Ok(sheet)
    }

    /// The tableau.
    #[must_use]
    pub fn tableau(&self) -> &Tableau {
        &self.tableau
    }

    /// The relative error that is said of the coefficients.
    #[must_use]
    pub fn rounded(&self) -> Option<&Coefficient> {
        self.rounded.as_ref()
    }

    /// Names the scheme, its sources and its comment, in place of what was said before. Control characters in lines of the
    /// comment become spaces.
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

    /// Says that every coefficient is correct to a relative error, in place of what was said before.
    pub fn set_rounded(&mut self, eps: Coefficient) {
        self.tableau.rounded = Some(eps.value.clone());
        self.rounded = Some(eps);
    }

    /// For a table of decimals that does not say so: the relative error that its shortest one leaves open.
    ///
    /// Decimals of up to six digits are taken to be meant as they stand.
    #[must_use]
    pub fn likely_rounding(&self) -> Option<String> {
        const MEANT: usize = 6;
        if self.rounded.is_some() {
            return None;
        }
        let rows = self.matrix.iter().chain(&self.weights);
        let decimals = rows
            .flatten()
            .chain(&self.nodes)
            .filter_map(|c| c.decimal.as_deref());
        let digits = decimals.map(significant).filter(|&digits| digits > MEANT);
        digits.min().map(|digits| format!("1e-{}", digits - 1))
    }
}

/// How many digits of a decimal count.
fn significant(decimal: &str) -> usize {
    let mantissa = decimal
        .split_once('e')
        .map_or(decimal, |(mantissa, _)| mantissa);
    let digits = mantissa.trim_start_matches(['-', '0', '.']);
    digits.bytes().filter(u8::is_ascii_digit).count()
}

/// Lines as every notation can hold them. Where one sees only a character that another takes for the end of the line, what
/// follows would be no comment there, but a part of the program.
fn comment_lines(lines: &[String]) -> Vec<String> {
    let ends = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let plain = |line: &String| line.replace(ends, " ").trim().to_owned();
    lines.iter().map(plain).collect()
}

impl From<Tableau> for Sheet {
    fn from(mut tableau: Tableau) -> Self {
        tableau.documentation = comment_lines(&tableau.documentation);
        let rows = tableau.matrix.row_iter();
        Self {
            nodes: tableau.nodes.iter().map(exact).collect(),
            matrix: rows.map(|row| row.iter().map(exact).collect()).collect(),
            weights: tableau
                .weights
                .iter()
                .map(|row| row.values.iter().map(exact).collect())
                .collect(),
            rounded: tableau.rounded.as_ref().map(exact),
            tableau,
        }
    }
}

fn exact(value: &Number) -> Coefficient {
    Coefficient {
        value: value.clone(),
        decimal: None,
    }
}

impl Coefficient {
    /// As an expression of the tableau language, without white space.
    pub(crate) fn expression(&self) -> String {
        self.decimal
            .clone()
            .unwrap_or_else(|| self.value.to_string().replace(' ', ""))
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

/// With a point among the digits, unless that would take many zeros.
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
    let digits = format!(
        "{}{digits}",
        "0".repeat((after + 1).saturating_sub(digits.len()))
    );
    let (whole, fraction) = digits.split_at(digits.len() - after);
    format!("{whole}.{fraction}")
}
