//! A tableau file as written: expressions are not evaluated, and every part has its span.

use crate::language::diagnostic::Span;

/// A value and its span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its span in the text.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// `value`, written at `span`.
    pub const fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// The parts of a file, before evaluation and checks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The head comment, line by line, without `#`.
    pub head: Vec<String>,
    /// `name "…"`.
    pub name: Option<Spanned<String>>,
    /// `alias "…" "…"`, repeatable.
    pub aliases: Vec<String>,
    /// `cite "…"`, repeatable.
    pub citations: Vec<String>,
    /// `let NAME = VALUE`.
    pub bindings: Vec<(Spanned<String>, Expression)>,
    /// `rounded EPS`.
    pub rounded: Option<Expression>,
    /// `NODE | ENTRY …`.
    pub stages: Vec<StageRow>,
    /// The line between stages and weights.
    pub separator: Span,
    /// `order N | ENTRY …`.
    pub weights: Vec<WeightsRow>,
}

/// One row of `c` and `A`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageRow {
    /// The node; `None` for `*`, the sum of the row.
    pub node: Option<Expression>,
    /// The row of the matrix.
    pub entries: Vec<Expression>,
    /// The whole row.
    pub span: Span,
}

/// One row of weights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightsRow {
    /// The claimed order.
    pub claim: Option<Spanned<usize>>,
    /// The weights.
    pub entries: Vec<Expression>,
    /// The whole row.
    pub span: Span,
}

/// An expression and its span.
pub type Expression = Spanned<Term>;

/// The forms of an expression. Sums and products are flat, so their length costs no depth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// A decimal literal.
    Decimal {
        /// The digits of the mantissa, without the point.
        digits: String,
        /// The power of ten.
        exponent: i32,
    },
    /// A name bound by `let`.
    Name(String),
    /// Terms with their signs; `true` is minus.
    Sum(Vec<(bool, Expression)>),
    /// Factors; `true` divides.
    Product(Vec<(bool, Expression)>),
    /// An integer power.
    Power(Box<Expression>, i32),
    /// A square root.
    Sqrt(Box<Expression>),
}

impl Term {
    /// The digits of an integer literal.
    pub(crate) fn integer(&self) -> Option<&str> {
        match self {
            Self::Decimal {
                digits,
                exponent: 0,
            } => Some(digits),
            _ => None,
        }
    }
}
