//! Values by the names of JSON, Julia and Python, put together to a document.
//!
//! The places of the values go with them, so that what is wrong is shown where it stands.

use super::names::{Part, names};
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{Document, Expression, Spanned, StageRow, Term, WeightsRow};
use crate::language::limits;

/// A value that a part may have.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// A number, not yet evaluated.
    Number(Expression),
    /// A text.
    Text(Spanned<String>),
    /// A list, of lists or numbers.
    List(Vec<Value>, Span, Holds),
    /// `null`, `None`, `nothing`.
    Nothing(Span),
}

/// What a program does with a list that is calculated with or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// A list of Python's, which a factor makes longer.
    Items,
    /// An array, which a factor scales.
    Numbers,
    /// An array that drops the fraction of what is assigned to its entries.
    Integers,
}

impl Value {
    /// Where it stands.
    pub(super) fn span(&self) -> Span {
        match self {
            Self::Number(number) => number.span,
            Self::Text(text) => text.span,
            Self::List(_, span, _) | Self::Nothing(span) => *span,
        }
    }
}

/// The comment lines that a text opens with, without their mark.
pub(super) fn head(text: &str, mark: char) -> Vec<String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // `#=` begins a comment of Julia's that has an end of its own.
    let lines = text.lines().take_while(|line| !line.starts_with("#="));
    let lines = lines.map_while(|line| line.strip_prefix(mark));
    lines.map(|line| line.trim().to_owned()).collect()
}

/// The parts found so far.
#[derive(Debug, Default)]
pub(super) struct Parts {
    document: Document,
    nodes: Option<Value>,
    matrix: Option<Value>,
    weights: Vec<(usize, Value)>,
    claims: Vec<(usize, Spanned<usize>)>,
}

impl Parts {
    /// Those of a text with these comment lines before everything else.
    pub(super) fn new(head: Vec<String>) -> Self {
        let document = Document {
            head,
            ..Document::default()
        };
        Self {
            document,
            ..Self::default()
        }
    }

    /// A constant for the values that follow.
    pub(super) fn bind(&mut self, name: Spanned<String>, value: Expression) {
        self.document.bindings.push((name, value));
    }

    /// Gives a part its value. A value of nothing says that there is no such part.
    pub(super) fn set(&mut self, part: Part, value: Value) -> Result<(), Diagnostic> {
        if matches!(value, Value::Nothing(_)) {
            return Ok(());
        }
        match part {
            Part::Name => self.document.name = Some(text(value)?),
            Part::Documentation => {
                for line in texts(value)? {
                    // A line of a comment has no line ends, and no white space around it.
                    let lines = line
                        .value
                        .split(['\n', '\r'])
                        .map(|line| line.trim().to_owned());
                    self.document.head.extend(lines);
                }
            }
            Part::Citations => {
                let citations = texts(value)?.into_iter().map(|text| text.value);
                self.document.citations = citations.collect();
            }
            Part::Rounded => self.document.rounded = Some(number(value)?),
            Part::Nodes => self.nodes = Some(value),
            Part::Matrix => self.matrix = Some(value),
            Part::Weights(row) if self.weights.iter().any(|(known, _)| *known == row) => {
                let headline = format!("the weights `{}` are given twice", names(row).0);
                return Err(Diagnostic::at(value.span(), headline));
            }
            Part::Weights(row) => self.weights.push((row, value)),
            Part::Claim(row) => self.claims.push((row, order(value)?)),
        }
        Ok(())
    }

    /// The document.
    pub(super) fn document(mut self) -> Result<Document, Diagnostic> {
        const SHAPE: &str = "a tableau has a matrix `A` and weights `b`; `c`, `order`, `bhat` and `embedded_order` may be added";
        let missing =
            |what: &str| Diagnostic::whole_file(format!("there is no `{what}`")).help(SHAPE);
        let matrix = self.matrix.ok_or_else(|| missing("A"))?;
        self.weights.sort_by_key(|(row, _)| *row);
        for (expected, (row, value)) in self.weights.iter().enumerate() {
            if *row != expected {
                let (name, before) = (names(*row).0, names(expected).0);
                return Err(Diagnostic::at(
                    value.span(),
                    format!("there is `{name}`, but no `{before}`"),
                ));
            }
        }
        let (_, first) = self.weights.first().ok_or_else(|| missing("b"))?;
        let stages = flat(first.clone())?.len();
        for (row, value) in self.weights {
            let span = value.span();
            let claim = self.claims.iter().find(|(of, _)| *of == row);
            let claim = claim.map(|(_, claim)| claim.clone());
            let entries = flat(value)?;
            self.document.weights.push(WeightsRow {
                claim,
                entries,
                span,
            });
        }
        for (row, claim) in &self.claims {
            if *row >= self.document.weights.len() {
                let (weights, name) = names(*row);
                return Err(Diagnostic::at(
                    claim.span,
                    format!("there is `{name}`, but no `{weights}`"),
                ));
            }
        }
        self.document.separator = matrix.span();
        self.document.stages = rows(matrix, stages)?;
        if let Some(nodes) = self.nodes {
            let (span, nodes) = (nodes.span(), flat(nodes)?);
            if nodes.len() != self.document.stages.len() {
                let (found, expected) = (nodes.len(), self.document.stages.len());
                let headline = format!("{found} nodes `c` for {expected} rows of `A`");
                return Err(Diagnostic::at(span, headline));
            }
            for (row, node) in self.document.stages.iter_mut().zip(nodes) {
                row.node = Some(node);
            }
        }
        Ok(self.document)
    }
}

/// The rows of `A`: square, or of an explicit scheme without what is zero; there the first, empty row may be missing.
fn rows(matrix: Value, stages: usize) -> Result<Vec<StageRow>, Diagnostic> {
    let span = matrix.span();
    let Value::List(values, ..) = matrix else {
        return Err(Diagnostic::at(span, "`A` is not a list of rows"));
    };
    let single = |value: &Value| !matches!(value, Value::List(..));
    // The 1×1 matrix is often written as a vector.
    let values = if stages == 1 && values.len() == 1 && values.iter().all(single) {
        vec![Value::List(values, span, Holds::Numbers)]
    } else {
        values
    };
    let mut rows = Vec::new();
    for value in values {
        let span = value.span();
        if single(&value) {
            return Err(Diagnostic::at(span, "a row of `A` is a list"));
        }
        let entries = flat(value)?;
        rows.push(StageRow {
            node: None,
            entries,
            span,
        });
    }
    if rows.len() == stages
        && rows.iter().all(|row| row.entries.len() + 1 == stages)
        && explicit(&rows)
    {
        // The last column is zero in an explicit scheme, and SciPy leaves it out.
        for row in &mut rows {
            let span = row.span;
            row.entries.push(zero(span));
        }
    }
    if rows.len() + 1 == stages
        && rows
            .iter()
            .enumerate()
            .all(|(i, row)| row.entries.len() == i + 1)
    {
        let start = Span {
            start: span.start,
            end: span.start + 1,
        };
        rows.insert(
            0,
            StageRow {
                node: None,
                entries: Vec::new(),
                span: start,
            },
        );
    }
    if rows.len() > limits::STAGES {
        let headline = format!(
            "{} stages; a tableau has at most {}",
            rows.len(),
            limits::STAGES
        );
        return Err(Diagnostic::at(span, headline));
    }
    Ok(rows)
}

/// Whether what is written on and above the diagonal is zero.
pub(super) fn explicit(rows: &[StageRow]) -> bool {
    let is_zero = |entry: &Expression| matches!(&entry.value, Term::Decimal { digits, .. } if digits.bytes().all(|b| b == b'0'));
    let above = rows
        .iter()
        .enumerate()
        .flat_map(|(i, row)| row.entries.iter().skip(i));
    above.into_iter().all(is_zero)
}

/// The number zero, where nothing is written.
pub(super) fn zero(span: Span) -> Expression {
    Spanned {
        value: Term::Decimal {
            digits: "0".to_owned(),
            exponent: 0,
        },
        span,
    }
}

/// How many numbers a list has, if it is one of numbers.
pub(super) fn length(value: &Value) -> Option<usize> {
    if let Value::List(values, ..) = value
        && values.len() > 2 * limits::STAGES
    {
        return None;
    }
    // Texts are read as numbers where numbers are expected, but a list of words is none of weights. Numbers that were
    // calculated have names with a quotation mark.
    let word =
        |number: &Expression| matches!(&number.value, Term::Name(name) if !name.contains('\''));
    let numbers = flat(value.clone()).ok()?;
    (!numbers.iter().any(word)).then_some(numbers.len())
}

/// A list of numbers; a matrix of one row or one column serves as one.
fn flat(value: Value) -> Result<Vec<Expression>, Diagnostic> {
    let span = value.span();
    let Value::List(values, ..) = value else {
        return Err(Diagnostic::at(span, "expected a list of numbers"));
    };
    let is_list = |value: &Value| matches!(value, Value::List(..));
    let values = match values.as_slice() {
        [Value::List(row, ..)] if !row.iter().any(is_list) => row.clone(),
        column
            if !column.is_empty()
                && column
                    .iter()
                    .all(|row| matches!(row, Value::List(row, ..) if row.len() == 1)) =>
        {
            let cells = values.into_iter().filter_map(|row| match row {
                Value::List(mut row, ..) => row.pop(),
                _ => None,
            });
            cells.collect()
        }
        _ => values,
    };
    values.into_iter().map(number).collect()
}

/// A value as a number; texts are expressions.
pub(super) fn number(value: Value) -> Result<Expression, Diagnostic> {
    match value {
        Value::Number(number) => Ok(number),
        Value::Text(text) => crate::language::syntax::expression_in(&text.value, text.span)
            .map_err(|why| {
                let headline = format!("`{}` is not a number", brief(&text.value));
                Diagnostic::at(text.span, headline).note(why.headline())
            }),
        Value::List(_, span, _) => Err(Diagnostic::at(span, "expected a number, found a list")),
        Value::Nothing(span) => Err(Diagnostic::at(span, "expected a number, found nothing")),
    }
}

/// As much of a text as a headline can hold.
pub(super) fn brief(text: &str) -> String {
    const SHOWN: usize = 40;
    let plain = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut brief: String = text.chars().take(SHOWN).map(plain).collect();
    if text.chars().nth(SHOWN).is_some() {
        brief.push('…');
    }
    brief
}

fn text(value: Value) -> Result<Spanned<String>, Diagnostic> {
    match value {
        Value::Text(text) => Ok(text),
        other => Err(Diagnostic::at(other.span(), "expected a text in quotes")),
    }
}

fn texts(value: Value) -> Result<Vec<Spanned<String>>, Diagnostic> {
    match value {
        Value::List(values, ..) => values.into_iter().map(text).collect(),
        one => Ok(vec![text(one)?]),
    }
}

fn order(value: Value) -> Result<Spanned<usize>, Diagnostic> {
    let Spanned { value, span } = number(value)?;
    let order = match &value {
        Term::Decimal {
            digits,
            exponent: 0,
        } => digits.parse().ok(),
        _ => None,
    };
    let order = order.filter(|order| (1..=limits::ORDER).contains(order));
    let value = order.ok_or_else(|| {
        Diagnostic::at(span, "this is not an order").help(format!(
            "an order is an integer from 1 to {}",
            limits::ORDER
        ))
    })?;
    Ok(Spanned { value, span })
}
