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
    /// `param NAME = DEFAULT in (LOW, HIGH]`.
    pub parameters: Vec<Parameter>,
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

impl Document {
    /// The first entry that is unknown, `?`.
    #[must_use]
    pub fn first_unknown(&self) -> Option<&Expression> {
        let stages = self.stages.iter().flat_map(|row| &row.entries);
        let mut entries = stages.chain(self.weights.iter().flat_map(|row| &row.entries));
        entries.find(|entry| entry.value == Term::Unknown)
    }
}

/// A free parameter, which makes the tableau a family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The name that entries use.
    pub name: Spanned<String>,
    /// The value at which the tableau is evaluated unless another is chosen.
    pub default: Option<Expression>,
    /// The values that it may have; all real numbers if none is written.
    pub interval: Option<Spanned<[Limit; 2]>>,
    /// The whole line.
    pub span: Span,
}

/// An end of an interval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The number; `None` for `inf` and `-inf`.
    pub value: Option<Expression>,
    /// True if the number belongs to the interval.
    pub closed: bool,
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
    /// `?`, an entry for which the claims are solved.
    Unknown,
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
