//! Builds a document from the fields of JSON, Julia and Python.

use std::collections::BTreeMap;

use super::field::{Field, weights_names};
use super::value::{Value, integer};
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{Document, Expression, Spanned, StageRow, Term, WeightsRow};
use crate::language::limits;

/// The fields set so far.
#[derive(Debug, Default)]
pub(super) struct DocumentBuilder {
    document: Document,
    nodes: Option<Value>,
    matrix: Option<Value>,
    weights: BTreeMap<usize, Value>,
    claims: BTreeMap<usize, Spanned<usize>>,
}

impl DocumentBuilder {
    /// Starts with the comment lines at the head of a text.
    pub(super) fn new<'a>(head: impl Iterator<Item = &'a str>) -> Self {
        let mut builder = Self::default();
        builder.document.head = head.map(|line| line.trim().to_owned()).collect();
        builder
    }

    /// Binds a name for the values that follow.
    pub(super) fn bind(&mut self, name: Spanned<String>, value: Expression) {
        self.document.bindings.push((name, value));
    }

    /// Sets a field. `null` leaves it unset.
    pub(super) fn set(&mut self, field: Field, value: Value) -> Result<(), Diagnostic> {
        if matches!(value, Value::Null(_)) {
            return Ok(());
        }
        match field {
            Field::Name => self.document.name = Some(value.into_text()?),
            Field::Documentation => {
                for text in value.into_texts()? {
                    // A comment line has no line ends and no surrounding white space.
                    let lines = text.split(['\n', '\r']).map(|line| line.trim().to_owned());
                    self.document.head.extend(lines);
                }
            }
            Field::Citations => self.document.citations = value.into_texts()?,
            Field::Rounded => self.document.rounded = Some(value.into_number()?),
            Field::Nodes => self.nodes = Some(value),
            Field::Matrix => self.matrix = Some(value),
            Field::Weights(row) => {
                let span = value.span();
                if self.weights.insert(row, value).is_some() {
                    let headline =
                        format!("the weights `{}` are given twice", weights_names(row).0);
                    return Err(Diagnostic::at(span, headline));
                }
            }
            Field::Order(row) => {
                self.claims.insert(row, order(value)?);
            }
        }
        Ok(())
    }

    /// Builds the document.
    pub(super) fn build(mut self) -> Result<Document, Diagnostic> {
        const SHAPE: &str = "a tableau has a matrix `A` and weights `b`; `c`, `order`, `bhat` and `embedded_order` are optional";
        let missing = |what: &str| Diagnostic::whole_file(format!("missing `{what}`")).help(SHAPE);
        let without = |span: Span, name: &str, needed: &str| {
            Diagnostic::at(span, format!("`{name}` is given without `{needed}`"))
        };
        let matrix = self.matrix.ok_or_else(|| missing("A"))?;
        for (expected, (row, value)) in self.weights.iter().enumerate() {
            if *row != expected {
                let (name, needed) = (weights_names(*row).0, weights_names(expected).0);
                return Err(without(value.span(), &name, &needed));
            }
        }
        for (row, value) in self.weights {
            self.document.weights.push(WeightsRow {
                claim: self.claims.remove(&row),
                span: value.span(),
                entries: value.into_numbers()?,
            });
        }
        let weights = self.document.weights.first().ok_or_else(|| missing("b"))?;
        if let Some((row, claim)) = self.claims.first_key_value() {
            let (needed, name) = weights_names(*row);
            return Err(without(claim.span, &name, &needed));
        }
        self.document.separator = matrix.span();
        self.document.stages = stage_rows(matrix, weights.entries.len())?;
        if let Some(nodes) = self.nodes {
            let (span, nodes) = (nodes.span(), nodes.into_numbers()?);
            let (found, expected) = (nodes.len(), self.document.stages.len());
            if found != expected {
                let headline =
                    format!("expected as many nodes `c` as rows of `A`: {expected}, found {found}");
                return Err(Diagnostic::at(span, headline));
            }
            for (row, node) in self.document.stages.iter_mut().zip(nodes) {
                row.node = Some(node);
            }
        }
        Ok(self.document)
    }
}

/// Reads the rows of `A`: square, or of an explicit scheme without its zeros, where the empty first row may be missing.
fn stage_rows(matrix: Value, stages: usize) -> Result<Vec<StageRow>, Diagnostic> {
    let span = matrix.span();
    let Value::List(mut values, ..) = matrix else {
        return Err(Diagnostic::at(span, "expected a list of rows for `A`"));
    };
    // The 1×1 matrix is often written as a vector.
    if stages == 1 && matches!(values.as_slice(), [one] if !one.is_list()) {
        values = vec![Value::array(values, span)];
    }
    let rows = values.into_iter().map(|row| {
        let span = row.span();
        if !row.is_list() {
            return Err(Diagnostic::at(span, "expected a list for each row of `A`"));
        }
        Ok(StageRow {
            node: None,
            entries: row.into_numbers()?,
            span,
        })
    });
    let mut rows: Vec<_> = rows.collect::<Result<_, _>>()?;
    // SciPy omits the last column of an explicit scheme, which is zero.
    let short = |row: &StageRow| row.entries.len() + 1 == stages;
    if rows.len() == stages && rows.iter().all(short) && is_explicit(&rows) {
        for row in &mut rows {
            row.entries.push(integer("0", row.span));
        }
    }
    let lengths = rows.iter().map(|row| row.entries.len());
    if rows.len() + 1 == stages && lengths.eq(1..stages) {
        let row = StageRow {
            node: None,
            entries: Vec::new(),
            span: Span::new(span.start, span.start + 1),
        };
        rows.insert(0, row);
    }
    if rows.len() > limits::STAGES {
        let (most, found) = (limits::STAGES, rows.len());
        let headline = format!("expected at most {most} stages, found {found}");
        return Err(Diagnostic::at(span, headline));
    }
    Ok(rows)
}

/// Returns true if the entries on and above the diagonal are zero.
pub(super) fn is_explicit(rows: &[StageRow]) -> bool {
    let is_zero = |entry: &Expression| matches!(&entry.value, Term::Decimal { digits, .. } if digits.bytes().all(|b| b == b'0'));
    let rows = rows.iter().enumerate();
    rows.flat_map(|(i, row)| row.entries.iter().skip(i))
        .all(is_zero)
}

fn order(value: Value) -> Result<Spanned<usize>, Diagnostic> {
    let Spanned { value, span } = value.into_number()?;
    claim(value.integer().unwrap_or_default(), span)
}

/// Reads the order of a claim.
pub(super) fn claim(digits: &str, span: Span) -> Result<Spanned<usize>, Diagnostic> {
    let order = limits::order(digits).ok_or_else(|| {
        let headline = format!("expected an order: an integer from 1 to {}", limits::ORDER);
        Diagnostic::at(span, headline)
    });
    Ok(Spanned::new(order?, span))
}

/// The comment lines at the head of a text, without their mark.
pub(super) fn comment_head(text: &str, mark: char) -> impl Iterator<Item = &str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // `#=` begins a block comment of Julia.
    let lines = text.lines().take_while(|line| !line.starts_with("#="));
    lines.map_while(move |line| line.strip_prefix(mark))
}
