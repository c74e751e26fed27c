//! Order barriers: the highest order that any scheme with this many stages can have.

use crate::language::tableau::Tableau;
use crate::proof::order::Verdict;

/// Explains a claim that no coefficients could make true, if a theorem excludes it.
pub(crate) fn of(tableau: &Tableau, verdict: &Verdict) -> Option<String> {
    let claims = verdict.weights.iter().filter_map(|row| {
        let claim = row.claimed?;
        (row.order < claim).then_some(claim)
    });
    impossible(tableau, claims.max()?)
}

/// Explains why no scheme with this many stages has the claimed order, if a theorem excludes it.
pub(crate) fn impossible(tableau: &Tableau, claim: usize) -> Option<String> {
    let stages = tableau.stages();
    let (kind, least, source) = if tableau.is_explicit() {
        let (least, source) = least_explicit(claim);
        ("an explicit scheme", least, source)
    } else {
        // The weights are a quadrature formula, and s nodes integrate polynomials of degree 2s − 1 at best.
        let source = "the order of a quadrature formula, Butcher 2016, §342";
        ("a scheme", claim.div_ceil(2), source)
    };
    let plural = if least == 1 { "stage" } else { "stages" };
    (stages < least).then(|| {
        format!(
            "no change of coefficients can help: {kind} of order {claim} needs at least {least} {plural}, \
             and this one has {stages}\n({source})"
        )
    })
}

/// Returns the fewest stages that an explicit scheme needs, and the theorem. Beyond order 8, a lower bound.
fn least_explicit(order: usize) -> (usize, &'static str) {
    match order {
        // b·A^(p−1)·e = 1/p!, and A is nilpotent of index s.
        0..=4 => (order, "Butcher 2016, §323"),
        5 | 6 => (
            order + 1,
            "J. C. Butcher, J. Austral. Math. Soc. 4 (1964) 179-194",
        ),
        7 => (9, "J. C. Butcher, Math. Comp. 19 (1965) 408-417"),
        _ => (order + 3, "J. C. Butcher, BIT 25 (1985) 521-540"),
    }
}
