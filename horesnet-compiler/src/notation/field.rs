//! Names of the parts of a tableau, in programs and JSON.
//!
//! `A`, `b`, `c`; `order` is the claim of `b`; `bhat` and `embedded_order` are the second row of weights, `bhat2` and
//! `embedded_order2` the third. Other names are hints: the mathematics decides what they leave open.

/// The role of an array, as its name tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Matrix,
    Nodes,
    Weights,
    /// A row of embedded weights, counted from 1.
    Embedded(usize),
    /// Embedded weights, or their difference from the weights: their sum tells.
    Second,
}

/// Text and numbers that describe a tableau.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Name,
    Documentation,
    Citations,
    /// The relative error of the coefficients.
    Rounded,
    /// The order claimed of a row of weights.
    Order(usize),
}

const MATRICES: &[&str] = &[
    "A",
    "a",
    "matrix",
    "alower",
    "aij",
    "rka",
    "butchera",
    "rkmatrix",
    "coefficients",
    "coeffs",
    "aa",
    "amatrix",
    "amat",
    "stagecoefficients",
    "betaij",
    "couplings",
];

const NODES: &[&str] = &[
    "c",
    "C",
    "nodes",
    "rkc",
    "ci",
    "butcherc",
    "abscissae",
    "abscissas",
    "times",
    "cnodes",
    "cc",
    "cvec",
];

const WEIGHTS: &[&str] = &[
    "b",
    "B",
    "weights",
    "bsol",
    "csol",
    "rkb",
    "bi",
    "butcherb",
    "bb",
    "w",
    "quadrature",
    "bhigh",
    "bvec",
    "weight",
];

const EMBEDDED: &[&str] = &["bhat", "b̂", "bh", "bstar", "bembedded", "bembed", "bemb"];

const SECOND: &[&str] = &[
    "bt",
    "btilde",
    "blow",
    "berror",
    "cerror",
    "E",
    "e",
    "err",
    "berr",
    "d",
    "btilda",
    "embedded",
    "error",
    "errorweights",
    "b2",
    "bs",
    "embeddedweights",
    "weightshat",
    "what",
    "be",
    "weightsembedded",
    "dtilde",
    "eest",
    "errorestimate",
];

/// Returns the last part of a name: `A` of `tableau.A`.
pub(super) fn short(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// Returns the role that a name tells; only its last part counts.
pub(super) fn role(name: &str) -> Option<Role> {
    let name = short(name);
    let plain = name.replace('_', "");
    let folded = plain.to_lowercase();
    let among = |names: &[&str]| {
        names.contains(&plain.as_str()) || (plain.len() > 1 && names.contains(&folded.as_str()))
    };
    if let Some(row) = numbered(name, "bhat") {
        return Some(Role::Embedded(row));
    }
    // SciML's names.
    match name {
        "α" => return Some(Role::Weights),
        "αEEst" => return Some(Role::Embedded(1)),
        _ => {}
    }
    let tables = [
        (MATRICES, Role::Matrix),
        (NODES, Role::Nodes),
        (WEIGHTS, Role::Weights),
        (EMBEDDED, Role::Embedded(1)),
        (SECOND, Role::Second),
    ];
    tables
        .into_iter()
        .find(|(names, _)| among(names))
        .map(|(_, role)| role)
}

/// The description that a name stands for.
pub(super) fn field(name: &str) -> Option<Field> {
    Some(match short(name) {
        "name" => Field::Name,
        "documentation" => Field::Documentation,
        "citations" | "cite" => Field::Citations,
        "rounded" => Field::Rounded,
        "order" => Field::Order(0),
        "embedded_order" => Field::Order(1),
        name => Field::Order(numbered(name, "embedded_order")?),
    })
}

/// The number behind a stem, from 2.
fn numbered(name: &str, stem: &str) -> Option<usize> {
    let digits = name.strip_prefix(stem)?;
    let plain =
        digits.len() <= 2 && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    digits.parse().ok().filter(|n| plain && *n >= 2)
}

/// The names of a row of weights and of its claim.
pub(super) fn weights_names(row: usize) -> (String, String) {
    match row {
        0 => ("b".to_owned(), "order".to_owned()),
        1 => ("bhat".to_owned(), "embedded_order".to_owned()),
        _ => (format!("bhat{row}"), format!("embedded_order{row}")),
    }
}
