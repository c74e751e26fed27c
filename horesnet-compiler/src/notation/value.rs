//! Values of programs and JSON: unevaluated numbers, strings and lists, each with its span.

use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{Expression, Spanned, Term};
use crate::language::{limits, syntax};

/// The value of a variable or field.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Number(Expression),
    Text(Spanned<String>),
    List(Vec<Value>, Span, ListKind),
    /// `null`, `None`, `nothing`.
    Null(Span),
}

/// How arithmetic and assignment treat a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListKind {
    /// A list of Python's, which a factor repeats.
    Sequence,
    /// An array, which a factor scales.
    Array,
    /// An array that truncates what is assigned to its entries.
    IntegerArray,
}

impl Value {
    /// A number that is this term.
    pub(super) fn term(term: Term, span: Span) -> Self {
        Self::Number(Spanned::new(term, span))
    }

    /// An array of these entries.
    pub(super) fn array(entries: Vec<Self>, span: Span) -> Self {
        Self::List(entries, span, ListKind::Array)
    }

    pub(super) fn span(&self) -> Span {
        match self {
            Self::Number(number) => number.span,
            Self::Text(text) => text.span,
            Self::List(_, span, _) | Self::Null(span) => *span,
        }
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self, Self::List(..))
    }

    /// The number of entries of a list.
    pub(super) fn len(&self) -> Option<usize> {
        match self {
            Self::List(values, ..) => Some(values.len()),
            _ => None,
        }
    }

    /// Returns true for integer literals, and for lists of nothing else.
    pub(super) fn is_integer(&self) -> bool {
        match self {
            Self::Number(number) => signed_integer(&number.value).is_some(),
            Self::Text(text) => {
                let digits = text.value.trim_start_matches('-');
                !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
            }
            Self::List(values, ..) => values.iter().all(Self::is_integer),
            Self::Null(_) => false,
        }
    }

    /// An integer literal up to the largest number of stages.
    pub(super) fn as_size(&self) -> Option<usize> {
        let Self::Number(number) = self else {
            return None;
        };
        let size = number.value.integer()?.parse().ok();
        size.filter(|size| *size <= limits::STAGES)
    }

    /// Changes the kind of a list and of the lists in it.
    pub(super) fn with_kind(self, kind: ListKind) -> Self {
        match self {
            Self::List(values, span, _) => {
                let values = values.into_iter().map(|value| value.with_kind(kind));
                Self::List(values.collect(), span, kind)
            }
            other => other,
        }
    }

    /// Reads the value as a number; strings are parsed as expressions.
    pub(super) fn into_number(self) -> Result<Expression, Diagnostic> {
        match self {
            Self::Number(number) => Ok(number),
            Self::Text(text) => syntax::expression_in(&text.value, text.span).map_err(|why| {
                let headline = format!("`{}` is not a number", brief(&text.value));
                Diagnostic::at(text.span, headline).note(why.headline())
            }),
            Self::List(_, span, _) => Err(Diagnostic::at(span, "expected a number, found a list")),
            Self::Null(span) => Err(Diagnostic::at(span, "expected a number, found nothing")),
        }
    }

    /// A list of lists.
    pub(super) fn is_matrix(&self) -> bool {
        matches!(self, Self::List(rows, ..) if rows.iter().any(Self::is_list))
    }

    /// Returns true if some number is no integer literal.
    pub(super) fn has_fractions(&self) -> bool {
        match self {
            Self::List(values, ..) => values.iter().any(Self::has_fractions),
            Self::Number(_) => !self.is_integer(),
            _ => false,
        }
    }

    /// A number of a type that holds fractions: its quotients are no quotients of integers.
    pub(super) fn into_fraction(self) -> Self {
        match self {
            Self::Number(number) if number.value.integer().is_some() => {
                let span = number.span;
                Self::term(Term::Sum(vec![(false, number)]), span)
            }
            other => other,
        }
    }

    /// Returns true for a product that begins with a quotient of two integer literals which has a remainder.
    pub(super) fn is_integer_quotient(&self) -> bool {
        let Self::Number(number) = self else {
            return false;
        };
        let Term::Product(factors) = &number.value else {
            return false;
        };
        let mut dividend = Some(1_i128);
        for (divides, factor) in factors {
            let Some(digits) = signed_integer(&factor.value) else {
                return false;
            };
            let integer = digits.parse::<i128>().ok();
            dividend = match (dividend, integer) {
                (Some(dividend), Some(integer))
                    if *divides && integer != 0 && dividend % integer == 0 =>
                {
                    Some(dividend / integer)
                }
                (Some(dividend), Some(integer)) if !divides => dividend.checked_mul(integer),
                _ => return *divides,
            };
        }
        false
    }

    /// The size of a copy, in entries.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::List(values, ..) => 1 + values.iter().map(Self::size).sum::<usize>(),
            Self::Number(number) => expression_size(number),
            Self::Text(text) => 1 + text.value.len() / 100,
            Self::Null(_) => 1,
        }
    }

    /// Reads the value as a list of strings; one string counts as a list.
    pub(super) fn into_texts(self) -> Result<Vec<String>, Diagnostic> {
        let values = match self {
            Self::List(values, ..) => values,
            one => vec![one],
        };
        let texts = values.into_iter().map(|value| match value {
            Self::Text(text) => Ok(text.value),
            other => Err(Diagnostic::at(other.span(), "expected a string in quotes")),
        });
        texts.collect()
    }
}

/// The digits of an integer literal, or of its negative.
fn signed_integer(term: &Term) -> Option<&str> {
    match term {
        Term::Sum(terms) => match terms.as_slice() {
            [(true, one)] => one.value.integer(),
            _ => None,
        },
        term => term.integer(),
    }
}

/// An integer literal.
pub(super) fn integer(digits: &str, span: Span) -> Expression {
    let (digits, exponent) = (digits.to_owned(), 0);
    Spanned::new(Term::Decimal { digits, exponent }, span)
}

/// Shortens a text to fit a headline.
pub(super) fn brief(text: &str) -> String {
    const SHOWN: usize = 40;
    let plain = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut brief: String = text.chars().take(SHOWN).map(plain).collect();
    if text.chars().nth(SHOWN).is_some() {
        brief.push('…');
    }
    brief
}

/// The size of a copy of an expression, in operands and hundreds of digits.
pub(super) fn expression_size(expression: &Expression) -> usize {
    match &expression.value {
        Term::Decimal { digits, .. } => 1 + digits.len() / 100,
        Term::Name(_) | Term::Unknown => 1,
        Term::Sum(operands) | Term::Product(operands) => {
            let sizes = operands.iter().map(|(_, operand)| expression_size(operand));
            1 + sizes.sum::<usize>()
        }
        Term::Power(base, _) | Term::Sqrt(base) => 1 + expression_size(base),
    }
}
