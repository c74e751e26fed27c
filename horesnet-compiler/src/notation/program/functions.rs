//! The functions that are understood, of all languages, as calls and as methods.

use super::block::among;
use super::{Parsed, brief, unsupported};
use crate::language::diagnostic::Span;

/// The result of a function or method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Root,
    /// A fraction of two integers.
    Ratio,
    Zeros,
    Ones,
    /// A value, and how often; the other way round for `Full`.
    Fill,
    Full,
    Reshape,
    Transpose,
    /// Drops fractions.
    Whole,
    /// The last argument, converted by the first.
    Convert,
    /// An array of its argument.
    Array,
    /// A list of Python's.
    Sequence,
    /// The argument itself.
    Same,
    /// Changes the number in a way that is not computed here.
    Other,
    Unknown,
}

const RATIOS: &str = "rational fraction mpq frac ratio rat big_rational r q f qq fr new";

const WHOLE_NUMBERS: &str = "int integer int64 int32 long i64 i32";

const ARRAYS: &str = "array asarray matrix tensor as_tensor vec vector arr1 arr2 from from_vec \
    collect big float64 longdouble sympify nsimplify rbind listof arrayof doublearrayof c";

const SAME: &str = "astype to double float copy clone to_vec into to_owned contiguous \
    requires_grad_ numpy";

const OTHERS: &str = "abs acos asin atan cbrt ceil cos cosh cumsum diag diagm diff exp eye flip \
    floor im inv len length ln log log10 log2 max mean min mod neg norm numel prod rand randn range \
    roots root rot90 round sign sin sinh size sum tan tanh tril triu trunc linspace arange dot \
    matmul cross kron solve identity input open read pow power zero one square ndims negative \
    reciprocal conj factorial binomial gamma expm1 log1p exp2 halve not_";

impl Function {
    /// The function of a name.
    pub(super) fn of(name: &str) -> Self {
        let functions = [
            ("sqrt", Self::Root),
            (RATIOS, Self::Ratio),
            ("zeros", Self::Zeros),
            ("ones", Self::Ones),
            ("fill rep", Self::Fill),
            ("full", Self::Full),
            ("reshape view", Self::Reshape),
            ("transpose permutedims", Self::Transpose),
            (WHOLE_NUMBERS, Self::Whole),
            ("convert parse map", Self::Convert),
            (ARRAYS, Self::Array),
            ("list tuple tolist", Self::Sequence),
            (SAME, Self::Same),
            (OTHERS, Self::Other),
        ];
        let name = name.to_lowercase();
        let found = functions.iter().find(|(names, _)| among(names, &name));
        found.map_or(Self::Unknown, |(_, function)| *function)
    }
}

/// Returns true for types that hold integers only.
pub(super) fn is_whole(name: &str) -> bool {
    const WHOLE: &str = "int uint long short bool byte char i u usize isize integer unsigned size";
    let name = name.to_lowercase();
    let digit = |c: char| c.is_ascii_digit();
    among(WHOLE, name.trim_end_matches("_t").trim_end_matches(digit))
}

/// Refuses types that cannot hold fractions.
pub(super) fn check_types<'a>(types: impl IntoIterator<Item = &'a str>, span: Span) -> Parsed<()> {
    match types.into_iter().find(|name| is_whole(name)) {
        Some(name) => Err(unsupported(span, format!("number type `{}`", brief(name)))),
        None => Ok(()),
    }
}
