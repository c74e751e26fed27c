//! Decimals: how many digits a number has, the nearest with fewer, what it rounds, and how it is written.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::Number;

/// The nearest decimal with that many significant digits.
pub(crate) fn significant(value: &Number, digits: usize) -> Option<Number> {
    const GUARD: u64 = 64;
    const MOST: u32 = 5000;
    let magnitude = value.to_f64().abs();
    if magnitude == 0.0 {
        return Some(value.clone());
    }
    let places = i32::try_from(digits).ok()? - 1 - magnitude.log10().floor() as i32;
    let places = Some(places).filter(|places| places.unsigned_abs() < MOST)?;
    let power = Number::from(10).checked_pow(places)?;
    let (scaled, _) = (value * &power).fixed(GUARD);
    let nearest = (scaled + (BigInt::one() << (GUARD - 1))) >> GUARD;
    Number::from(nearest).checked_div(&power)
}

/// Writes a decimal with all its digits; `None` for other numbers.
pub(crate) fn written(number: &Number) -> Option<String> {
    let digits = decimal_digits(number)?;
    let power = BigInt::from(10).pow(u32::try_from(digits).ok()?);
    let scaled = number * &Number::from(power);
    let (integer, minus) = match scaled.terms() {
        [(1, n)] => (n.abs(), if n.is_negative() { "-" } else { "" }),
        _ => return Some("0".to_owned()),
    };
    let text = format!("{integer:0>width$}", width = digits + 1);
    let (whole, fraction) = text.split_at(text.len() - digits);
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{minus}{whole}{point}{fraction}"))
}

/// Digits after the point, if the number is a decimal.
pub(crate) fn decimal_digits(number: &Number) -> Option<usize> {
    const MOST: usize = 400;
    if !number.is_rational() {
        return None;
    }
    // A power of ten is one of two and one of five.
    let twos = number.denominator().trailing_zeros().unwrap_or(0);
    let (mut rest, five) = (number.denominator() >> twos, BigInt::from(5));
    let mut fives = 0;
    while !rest.is_one() {
        let (quotient, remainder) = rest.div_rem(&five);
        if !remainder.is_zero() || fives == MOST {
            return None;
        }
        (rest, fives) = (quotient, fives + 1);
    }
    let digits = fives.max(usize::try_from(twos).ok()?);
    (digits <= MOST).then_some(digits)
}

/// Returns true if `decimal` is one, and as near to `number` as its last digit says.
pub(crate) fn is_rounding(decimal: &Number, number: &Number) -> bool {
    tolerance(decimal).is_some_and(|tolerance| (decimal - number).to_f64().abs() <= tolerance)
}

/// The largest distance of a decimal from the number that it rounds.
pub(crate) fn tolerance(decimal: &Number) -> Option<f64> {
    /// A number with that many digits after the point is rounded, however small it is.
    const MANY: usize = 6;
    let (digits, value) = (decimal_digits(decimal)?, decimal.to_f64().abs());
    // A digit may have been truncated, not rounded, and the last ones of a long decimal come from an older calculation;
    // but `0.5` does not stand for all numbers that round to it.
    let unit = f64::powi(10.0, -(digits as i32));
    let most = if digits < MANY { 1e-3 * value } else { unit };
    Some(f64::max(1.01 * unit, 1e-8 * value).min(1.01 * f64::max(most, 1e-8 * value)))
}

/// The convergents of the continued fraction, as numerator and denominator, while floating point tells them.
pub(crate) fn convergents(value: f64) -> impl Iterator<Item = (i64, i64)> {
    const MOST: usize = 20;
    let (mut before, mut last, mut rest) = ((0_i64, 1_i64), (1_i64, 0_i64), value);
    std::iter::from_fn(move || {
        let whole = rest.floor();
        let digit = whole.to_i64().filter(|digit| digit.abs() < 1 << 20)?;
        let numerator = digit.checked_mul(last.0)?.checked_add(before.0)?;
        let denominator = digit.checked_mul(last.1)?.checked_add(before.1)?;
        (before, last, rest) = (last, (numerator, denominator), 1.0 / (rest - whole));
        Some(last)
    })
    .take(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_rounded_and_written() {
        let shown = |text: &str, digits: usize| {
            let number = significant(&text.parse().unwrap(), digits).unwrap();
            written(&number).unwrap()
        };
        assert_eq!(shown("1/3", 4), "0.3333");
        assert_eq!(shown("-2/3", 4), "-0.6667");
        assert_eq!(shown("sqrt(2)", 6), "1.41421");
        assert_eq!(shown("1/8", 16), "0.125");
        assert_eq!(shown("123456", 3), "123000");
        assert_eq!(shown("2/3000", 3), "0.000667");
        assert_eq!(shown("0", 3), "0");
    }
}
