//! Names of the parts of a tableau, in programs and JSON.
//!
//! `A`, `b`, `c`; `order` is the claim of `b`; `bhat` and `embedded_order` are the second row of weights, `bhat2` and
//! `embedded_order2` the third. Other names are hints: the mathematics decides what they leave open.

use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::Spanned;
use crate::language::limits;

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

const MATRICES: &str = "A a matrix alower aij rka butchera rkmatrix coefficients coeffs aa amatrix amat stagecoefficients \
    betaij couplings";

const NODES: &str = "c C nodes rkc ci butcherc abscissae abscissas times cnodes cc cvec";

const WEIGHTS: &str = "b B weights bsol csol rkb bi butcherb bb w quadrature bhigh bvec weight α";

const EMBEDDED: &str = "bhat b̂ bh bstar bembedded bembed bemb αEEst";

const SECOND: &str = "bt btilde blow berror cerror E e err berr d btilda embedded error errorweights b2 bs embeddedweights \
    weightshat what be weightsembedded dtilde eest errorestimate";

/// Returns the last part of a name: `A` of `tableau.A`.
pub(super) fn short(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// Returns the role that a name tells; only its last part counts.
pub(super) fn role(name: &str) -> Option<Role> {
    let name = short(name);
    let plain = name.replace('_', "");
    let folded = plain.to_lowercase();
    let is_among = |names: &str| {
        let mut names = names.split(' ');
        names.any(|known| known == plain || (plain.len() > 1 && known == folded))
    };
    if let Some(row) = numbered(name, "bhat") {
        return Some(Role::Embedded(row));
    }
    let tables = [
        (MATRICES, Role::Matrix),
        (NODES, Role::Nodes),
        (WEIGHTS, Role::Weights),
        (EMBEDDED, Role::Embedded(1)),
        (SECOND, Role::Second),
    ];
    let mut tables = tables.into_iter().filter(|(names, _)| is_among(names));
    tables.next().map(|(_, role)| role)
}

/// The mark beside the word for a matrix in a name: `hat` of `A_hat`, nothing of `A`; `None` for entries of lists.
pub(super) fn mark(name: &str) -> Option<String> {
    let name = folded(name);
    let words = || MATRICES.split(' ');
    let tails = words().filter_map(|word| name.strip_prefix(word));
    let heads = words().filter_map(|word| name.strip_suffix(word));
    let mark = { tails.min_by_key(|mark| mark.len()) }.or(heads.min_by_key(|mark| mark.len()));
    let is_name = !name.is_empty() && !name.ends_with(']');
    is_name.then(|| mark.unwrap_or(&name).to_owned())
}

/// The role of a name without a mark before or behind it: `Weights` of `b_hat` and `hat`.
pub(super) fn marked(name: &str, mark: &str) -> Option<Role> {
    let name = folded(name);
    let tail = name.strip_suffix(mark).and_then(role);
    tail.or_else(|| name.strip_prefix(mark).and_then(role))
}

/// The last part of a name in lower case, without `_`.
pub(super) fn folded(name: &str) -> String {
    short(name).to_lowercase().replace('_', "")
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

/// Reads the order of a claim.
pub(super) fn claim(digits: &str, span: Span) -> Result<Spanned<usize>, Diagnostic> {
    let order = limits::order(digits).ok_or_else(|| {
        let headline = format!("expected an order: an integer from 1 to {}", limits::ORDER);
        Diagnostic::at(span, headline)
    });
    Ok(Spanned::new(order?, span))
}
