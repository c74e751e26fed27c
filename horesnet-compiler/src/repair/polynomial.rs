//! Polynomials in one unknown, over exact numbers or residues.

use num_traits::Zero;

use super::field::Field;
use crate::number::Number;

/// Coefficients from the lowest degree; the last is not zero, and zero has none.
pub(super) type Polynomial<F> = Vec<<F as Field>::Element>;

/// Drops leading zeros.
fn trimmed<F: Field>(field: &F, mut p: Polynomial<F>) -> Polynomial<F> {
    while p.last() == Some(&field.zero()) {
        p.pop();
    }
    p
}

/// A constant.
pub(super) fn constant<F: Field>(field: &F, value: F::Element) -> Polynomial<F> {
    trimmed(field, vec![value])
}

/// `Σ a·b` over the pairs.
pub(super) fn dot<'a, F: Field + 'a>(
    field: &F,
    pairs: impl Iterator<Item = (&'a Polynomial<F>, &'a Polynomial<F>)>,
) -> Polynomial<F> {
    let mut sum = Vec::new();
    for (a, b) in pairs {
        if a.is_empty() || b.is_empty() {
            continue;
        }
        let degree = a.len() + b.len() - 2;
        while sum.len() <= degree {
            sum.push(field.zero());
        }
        for (i, x) in a.iter().enumerate() {
            for (slot, y) in sum[i..].iter_mut().zip(b) {
                field.accumulate(slot, x, y);
            }
        }
    }
    trimmed(field, sum)
}

/// `a − b`.
pub(super) fn subtract<F: Field>(field: &F, a: &Polynomial<F>, b: &Polynomial<F>) -> Polynomial<F> {
    let zero = field.zero();
    let degrees = 0..a.len().max(b.len());
    let difference =
        degrees.map(|k| field.subtract(a.get(k).unwrap_or(&zero), b.get(k).unwrap_or(&zero)));
    trimmed(field, difference.collect())
}

/// The greatest common divisor, with leading coefficient 1.
pub(super) fn gcd<F: Field>(field: &F, a: Polynomial<F>, b: Polynomial<F>) -> Polynomial<F> {
    let (mut a, mut b) = (monic(field, a), monic(field, b));
    while !b.is_empty() {
        let rest = monic(field, remainder(field, a, &b));
        a = b;
        b = rest;
    }
    a
}

/// The remainder of `a` by `b`, whose leading coefficient is 1.
fn remainder<F: Field>(field: &F, mut a: Polynomial<F>, b: &Polynomial<F>) -> Polynomial<F> {
    while a.len() >= b.len() {
        let Some(leading) = a.pop() else { break };
        let shift = a.len() + 1 - b.len();
        for (slot, coefficient) in a[shift..].iter_mut().zip(b) {
            let product = field.multiply(&leading, coefficient);
            *slot = field.subtract(slot, &product);
        }
        a = trimmed(field, a);
    }
    a
}

/// The polynomial over its leading coefficient.
pub(super) fn monic<F: Field>(field: &F, mut p: Polynomial<F>) -> Polynomial<F> {
    if let Some(leading) = p.last() {
        let inverse = field.invert(leading);
        for coefficient in &mut p {
            *coefficient = field.multiply(coefficient, &inverse);
        }
    }
    p
}

/// The roots in Q(√d, …) of a monic polynomial, as far as they are found by square roots of rationals.
pub(super) fn roots(p: &[Number]) -> Vec<Number> {
    match p {
        [c, _] => vec![-c.clone()],
        // x² + bx + c: −b/2 ± √(b²/4 − c)
        [c, b, _] => {
            let half = &(-b.clone()) * &Number::ratio(1, 2).unwrap_or_else(Number::zero);
            let discriminant = &(&half * &half) - c;
            let Some(root) = discriminant.sqrt() else {
                return Vec::new();
            };
            let roots = vec![&half + &root, &half - &root];
            if root.is_zero() { vec![half] } else { roots }
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::field::Exact;
    use super::*;

    fn polynomial(coefficients: &[i64]) -> Vec<Number> {
        coefficients.iter().map(|&c| Number::from(c)).collect()
    }

    #[test]
    fn common_roots_are_those_of_the_greatest_common_divisor() {
        // (x − 2)(x² − 3) and (x + 1)(x² − 3)
        let (a, b) = (polynomial(&[6, -3, -2, 1]), polynomial(&[-3, -3, 1, 1]));
        let common = gcd(&Exact, a, b);
        assert_eq!(common, polynomial(&[-3, 0, 1]));
        let found: Vec<_> = roots(&common).iter().map(Number::to_string).collect();
        assert_eq!(found, ["sqrt(3)", "-sqrt(3)"]);
        let coprime = gcd(&Exact, polynomial(&[1, 1]), polynomial(&[2, 0, 5]));
        assert_eq!(coprime, polynomial(&[1]));
        assert_eq!(
            gcd(&Exact, Vec::new(), polynomial(&[4, 2])),
            polynomial(&[2, 1])
        );
    }
}
