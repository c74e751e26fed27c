//! Polynomials in one variable over a field: coefficients from the lowest degree.
//!
//! The last coefficient is not zero; the zero polynomial has none.

use num_bigint::BigInt;
use num_traits::{One, Zero};

use super::Number;
use super::arithmetic::{Arithmetic, Exact, Field};
use super::budget::{Budget, TooLarge, WORD, words};
use super::scaled::Integers;

pub(crate) type Polynomial<F = Exact> = Vec<<F as Arithmetic>::Element>;

/// Drops leading zeros.
pub(crate) fn trimmed<F: Arithmetic>(field: &F, mut p: Polynomial<F>) -> Polynomial<F> {
    while p.last() == Some(&field.zero()) {
        p.pop();
    }
    p
}

/// `Σ a·b` over the pairs.
pub(crate) fn dot<'a, F: Arithmetic + 'a>(
    field: &F,
    pairs: impl Iterator<Item = (&'a Polynomial<F>, &'a Polynomial<F>)>,
) -> Polynomial<F> {
    let mut sum = Vec::new();
    for (a, b) in pairs.filter(|(a, b)| !a.is_empty() && !b.is_empty()) {
        let length = sum.len().max(a.len() + b.len() - 1);
        sum.resize(length, field.zero());
        for (i, x) in a.iter().enumerate() {
            for (slot, y) in sum[i..].iter_mut().zip(b) {
                field.accumulate(slot, x, y);
            }
        }
    }
    trimmed(field, sum)
}

/// `a − b`.
pub(crate) fn subtract<F: Arithmetic>(
    field: &F,
    a: &Polynomial<F>,
    b: &Polynomial<F>,
) -> Polynomial<F> {
    let zero = field.zero();
    let degrees = 0..a.len().max(b.len());
    let difference =
        degrees.map(|k| field.subtract(a.get(k).unwrap_or(&zero), b.get(k).unwrap_or(&zero)));
    trimmed(field, difference.collect())
}

/// The greatest common divisor, with leading coefficient 1.
pub(crate) fn gcd<F: Field>(
    field: &F,
    a: Polynomial<F>,
    b: Polynomial<F>,
    budget: &mut Budget,
) -> Result<Polynomial<F>, TooLarge> {
    let (mut a, mut b) = (a, monic(field, b, budget)?);
    while !b.is_empty() {
        let rest = divide(field, a, &b, budget)?.1;
        a = b;
        b = monic(field, rest, budget)?;
    }
    monic(field, a, budget)
}

/// Quotient and remainder by a divisor with leading coefficient 1.
pub(crate) fn divide<F: Field>(
    field: &F,
    mut a: Polynomial<F>,
    divisor: &Polynomial<F>,
    budget: &mut Budget,
) -> Result<(Polynomial<F>, Polynomial<F>), TooLarge> {
    let mut quotient = Vec::new();
    while a.len() >= divisor.len() {
        let Some(leading) = a.pop() else { break };
        let shift = a.len() + 1 - divisor.len();
        for (slot, coefficient) in a[shift..].iter_mut().zip(divisor) {
            // The product is up to twice as long, and subtracted.
            budget.spend(4.0 * field.steps(&leading, coefficient))?;
            let product = field.multiply(&leading, coefficient);
            *slot = field.subtract(slot, &product);
        }
        quotient.push(leading);
    }
    quotient.reverse();
    Ok((quotient, trimmed(field, a)))
}

/// The polynomial divided by its leading coefficient.
fn monic<F: Field>(
    field: &F,
    mut p: Polynomial<F>,
    budget: &mut Budget,
) -> Result<Polynomial<F>, TooLarge> {
    if let Some(leading) = p.last().filter(|leading| **leading != field.one()) {
        budget.spend(p.iter().map(|c| 8.0 * field.steps(c, leading)).sum())?;
        let inverse = field.invert(leading);
        for coefficient in &mut p {
            *coefficient = field.multiply(coefficient, &inverse);
        }
    }
    Ok(p)
}

/// `f(−x)`.
pub(crate) fn reflected(p: &[Number]) -> Polynomial {
    let terms = p.iter().cloned().enumerate();
    terms
        .map(|(k, c)| if k % 2 == 1 { -c } else { c })
        .collect()
}

pub(crate) fn negated(p: &[Number]) -> Polynomial {
    p.iter().map(|c| -c.clone()).collect()
}

pub(crate) fn sum(a: &Polynomial, b: &Polynomial) -> Polynomial {
    subtract(&Exact, a, &negated(b))
}

/// `x·f`.
pub(crate) fn times_x(p: Polynomial) -> Polynomial {
    let zero = Number::zero();
    trimmed(&Exact, std::iter::once(zero).chain(p).collect())
}

pub(crate) fn product(
    a: &Polynomial,
    b: &Polynomial,
    budget: &mut Budget,
) -> Result<Polynomial, TooLarge> {
    let terms = (a.len() * b.len()) as f64;
    budget.spend(WORD * terms * (20.0 + words(a) * words(b)))?;
    Ok(dot(&Exact, std::iter::once((a, b))))
}

pub(crate) fn derivative(p: &[Number]) -> Polynomial {
    let terms = p.iter().enumerate().skip(1);
    terms
        .map(|(k, c)| c * &Number::from(BigInt::from(k)))
        .collect()
}

/// A positive multiple with integer coefficients.
pub(crate) fn integral(p: &[Number], budget: &mut Budget) -> Result<Polynomial, TooLarge> {
    Ok(Integers::of(p.iter(), u64::MAX, budget)?.values)
}

/// The product of the different factors, each once, with leading coefficient 1.
pub(crate) fn square_free(p: &Polynomial, budget: &mut Budget) -> Result<Polynomial, TooLarge> {
    let repeated = gcd(&Exact, p.clone(), derivative(p), budget)?;
    monic(
        &Exact,
        divide(&Exact, p.clone(), &repeated, budget)?.0,
        budget,
    )
}

/// `f(x)` by Horner's rule.
pub(crate) fn value(p: &[Number], x: &Number, budget: &mut Budget) -> Result<Number, TooLarge> {
    p.iter().rev().try_fold(Number::zero(), |value, c| {
        budget.spend(2.0 * super::budget::operation([&value, x]))?;
        Ok(&(&value * x) + c)
    })
}

/// The product of the factors of odd multiplicity (Yun 1976), up to a constant.
pub(crate) fn odd_part(p: &Polynomial, budget: &mut Budget) -> Result<Polynomial, TooLarge> {
    let mut slope = derivative(p);
    let repeated = gcd(&Exact, p.clone(), slope.clone(), budget)?;
    let mut rest = divide(&Exact, p.clone(), &repeated, budget)?.0;
    slope = divide(&Exact, slope, &repeated, budget)?.0;
    let mut odd = vec![Number::one()];
    let mut multiplicity = 1;
    while rest.len() > 1 {
        let excess = subtract(&Exact, &slope, &derivative(&rest));
        let factor = gcd(&Exact, rest.clone(), excess.clone(), budget)?;
        rest = divide(&Exact, rest, &factor, budget)?.0;
        slope = divide(&Exact, excess, &factor, budget)?.0;
        if multiplicity % 2 == 1 {
            odd = product(&odd, &factor, budget)?;
        }
        multiplicity += 1;
    }
    Ok(odd)
}

/// `a/b` with common factors cancelled and `b(0) = 1`; `b(0)` is not zero.
pub(crate) fn lowest_terms(
    a: Polynomial,
    b: Polynomial,
    budget: &mut Budget,
) -> Result<[Polynomial; 2], TooLarge> {
    let common = gcd(&Exact, a.clone(), b.clone(), budget)?;
    let a = divide(&Exact, a, &common, budget)?.0;
    let b = divide(&Exact, b, &common, budget)?.0;
    let scale = b.first().map_or_else(Number::one, |b| Exact.invert(b));
    Ok([a, b].map(|p| p.iter().map(|c| c * &scale).collect()))
}

/// The roots in Q(√d, …) of a monic polynomial of degree one or two, where they have square roots of rationals only.
pub(crate) fn exact_roots(p: &[Number]) -> Vec<Number> {
    match p {
        [c, _] => vec![-c.clone()],
        // x² + bx + c: −b/2 ± √(b²/4 − c)
        [c, b, _] => {
            let half = &(-b.clone()) * &Exact.invert(&Number::from(2));
            let discriminant = &(&half * &half) - c;
            match discriminant.sqrt() {
                Some(root) if root.is_zero() => vec![half],
                Some(root) => vec![&half + &root, &half - &root],
                None => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn polynomial(coefficients: &[i64]) -> Vec<Number> {
        coefficients.iter().map(|&c| Number::from(c)).collect()
    }

    #[test]
    fn common_roots_are_those_of_the_greatest_common_divisor() {
        let gcd = |a, b| gcd(&Exact, a, b, &mut Budget::new(1e9)).unwrap();
        // (x − 2)(x² − 3) and (x + 1)(x² − 3)
        let (a, b) = (polynomial(&[6, -3, -2, 1]), polynomial(&[-3, -3, 1, 1]));
        let common = gcd(a, b);
        assert_eq!(common, polynomial(&[-3, 0, 1]));
        let found: Vec<_> = exact_roots(&common).iter().map(Number::to_string).collect();
        assert_eq!(found, ["sqrt(3)", "-sqrt(3)"]);
        let coprime = gcd(polynomial(&[1, 1]), polynomial(&[2, 0, 5]));
        assert_eq!(coprime, polynomial(&[1]));
        assert_eq!(gcd(Vec::new(), polynomial(&[4, 2])), polynomial(&[2, 1]));
    }
}
