//! Values of JSON, Julia and Python: unevaluated numbers, strings and lists, each with its span.

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

    /// Returns true for integer literals, and for lists of nothing else.
    pub(super) fn is_integer(&self) -> bool {
        match self {
            Self::Number(number) => match &number.value {
                Term::Sum(terms) => {
                    matches!(terms.as_slice(), [(true, one)] if one.value.integer().is_some())
                }
                term => term.integer().is_some(),
            },
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

    /// Reads the value as a list of numbers; a matrix of one row or one column counts as one.
    pub(super) fn into_numbers(self) -> Result<Vec<Expression>, Diagnostic> {
        let span = self.span();
        let Self::List(values, ..) = self else {
            return Err(Diagnostic::at(span, "expected a list of numbers"));
        };
        let single = values.len() == 1;
        let is_vector = |value: &Self| matches!(value, Self::List(row, ..) if (single || row.len() == 1) && !row.iter().any(Self::is_list));
        let flatten = values.iter().all(is_vector);
        let entries = values.into_iter().flat_map(|value| match value {
            Self::List(row, ..) if flatten => row,
            value => vec![value],
        });
        entries.map(Self::into_number).collect()
    }

    /// The length of a list of numbers; `None` for everything else.
    pub(super) fn number_count(&self) -> Option<usize> {
        if matches!(self, Self::List(values, ..) if values.len() > 2 * limits::STAGES) {
            return None;
        }
        // Strings parse as numbers, but a list of words holds no weights. Names with a quotation mark are computed numbers.
        let word =
            |number: &Expression| matches!(&number.value, Term::Name(name) if !name.contains('\''));
        let numbers = self.clone().into_numbers().ok()?;
        (!numbers.iter().any(word)).then_some(numbers.len())
    }

    pub(super) fn into_text(self) -> Result<Spanned<String>, Diagnostic> {
        match self {
            Self::Text(text) => Ok(text),
            other => Err(Diagnostic::at(other.span(), "expected a string in quotes")),
        }
    }

    /// Reads the value as a list of strings; one string counts as a list.
    pub(super) fn into_texts(self) -> Result<Vec<String>, Diagnostic> {
        let values = match self {
            Self::List(values, ..) => values,
            one => vec![one],
        };
        let texts = values.into_iter().map(|text| Ok(text.into_text()?.value));
        texts.collect()
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
