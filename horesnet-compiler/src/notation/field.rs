//! Field names of JSON, Julia and Python.
//!
//! `A`, `b`, `c`; `order` is the claim of `b`; `bhat` and `embedded_order` are the second row of weights, `bhat2` and
//! `embedded_order2` the third.

/// A field of a tableau.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Name,
    Documentation,
    Citations,
    /// The relative error of the coefficients.
    Rounded,
    Nodes,
    Matrix,
    /// A row of weights, counted from 0.
    Weights(usize),
    /// The order claimed of a row of weights.
    Order(usize),
}

impl Field {
    /// The field that has this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        let numbered = |stem: &str| {
            let digits = name.strip_prefix(stem)?;
            let plain = digits.len() <= 2 && digits.bytes().all(|b| b.is_ascii_digit());
            let number = digits.parse::<usize>().ok().filter(|n| *n >= 2);
            number.filter(|_| plain && !digits.starts_with('0'))
        };
        Some(match name {
            "name" => Self::Name,
            "documentation" => Self::Documentation,
            "citations" | "cite" => Self::Citations,
            "rounded" => Self::Rounded,
            "c" => Self::Nodes,
            "A" => Self::Matrix,
            // α and αEEst are SciML's names.
            "b" | "α" => Self::Weights(0),
            "bhat" | "b_hat" | "b̂" | "αEEst" | "b_star" | "bstar" | "bh" | "b_embedded" => {
                Self::Weights(1)
            }
            "order" => Self::Order(0),
            "embedded_order" => Self::Order(1),
            _ => match numbered("bhat") {
                Some(row) => Self::Weights(row),
                None => Self::Order(numbered("embedded_order")?),
            },
        })
    }
}

/// Names that count where no other name of the field has a value; `SciPy` has the last two.
pub(super) const FALLBACKS: &[(&str, Field)] = &[
    ("a", Field::Matrix),
    ("B", Field::Weights(0)),
    ("C", Field::Nodes),
];

/// The name of a field that differs from `name` only in case.
pub(super) fn in_case(name: &str) -> Option<&'static str> {
    const NAMES: &[&str] = &["A", "b", "c", "bhat", "citations", "documentation"];
    let mut names = NAMES.iter().copied();
    names.find(|field| field.eq_ignore_ascii_case(name))
}

/// The names of a row of weights and of its claim.
pub(super) fn weights_names(row: usize) -> (String, String) {
    match row {
        0 => ("b".to_owned(), "order".to_owned()),
        1 => ("bhat".to_owned(), "embedded_order".to_owned()),
        _ => (format!("bhat{row}"), format!("embedded_order{row}")),
    }
}
