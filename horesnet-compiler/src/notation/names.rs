//! What the parts of a tableau are called in JSON, Julia and Python.
//!
//! `A`, `b`, `c`; `order` is the claim of `b`; `bhat` and `embedded_order` are the second row of weights, `bhat2` and
//! `embedded_order2` the third.

/// What a name is the name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The scheme's name.
    Name,
    /// The comment of the file.
    Documentation,
    /// The sources.
    Citations,
    /// The relative error of the coefficients.
    Rounded,
    /// The nodes.
    Nodes,
    /// The matrix.
    Matrix,
    /// A row of weights, counted from 0.
    Weights(usize),
    /// The claim of a row.
    Claim(usize),
}

/// Which part of a tableau a name means, if any.
pub(super) fn part(name: &str) -> Option<Part> {
    Some(match name {
        "name" => Part::Name,
        "documentation" => Part::Documentation,
        "citations" | "cite" => Part::Citations,
        "rounded" => Part::Rounded,
        "c" => Part::Nodes,
        "A" => Part::Matrix,
        // α and αEEst are SciML's names.
        "b" | "α" => Part::Weights(0),
        "bhat" | "b_hat" | "b̂" | "αEEst" | "b_star" | "bstar" | "bh" | "b_embedded" => {
            Part::Weights(1)
        }
        "order" => Part::Claim(0),
        "embedded_order" => Part::Claim(1),
        _ => {
            let numbered = |stem: &str| {
                let digits = name.strip_prefix(stem)?;
                let plain = digits.len() <= 2 && digits.bytes().all(|b| b.is_ascii_digit());
                digits
                    .parse::<usize>()
                    .ok()
                    .filter(|n| plain && *n >= 2 && !digits.starts_with('0'))
            };
            match (numbered("bhat"), numbered("embedded_order")) {
                (Some(row), _) => Part::Weights(row),
                (_, Some(row)) => Part::Claim(row),
                _ => return None,
            }
        }
    })
}

/// Other names of parts that have no value under their own.
pub(super) const OTHER_CASE: &[(&str, Part)] = &[
    ("a", Part::Matrix),
    ("B", Part::Weights(0)),
    ("C", Part::Nodes),
];

/// The name of a part that differs from this one only in case.
pub(super) fn in_case(name: &str) -> Option<&'static str> {
    const NAMES: &[&str] = &["A", "b", "c", "bhat", "citations", "documentation"];
    let mut names = NAMES.iter().copied();
    names.find(|part| part.eq_ignore_ascii_case(name))
}

/// The name of a row of weights, and that of its claim.
pub(super) fn names(row: usize) -> (String, String) {
    match row {
        0 => ("b".to_owned(), "order".to_owned()),
        1 => ("bhat".to_owned(), "embedded_order".to_owned()),
        _ => (format!("bhat{row}"), format!("embedded_order{row}")),
    }
}
