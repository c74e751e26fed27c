//! Numbers as decimals: the nearest of so many digits, and how it is written.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed};

use crate::number::Number;

/// The nearest decimal of so many significant digits.
pub(super) fn significant(value: &Number, digits: usize) -> Option<Number> {
    const GUARD: u64 = 64;
    let magnitude = value.to_f64().abs();
    if magnitude == 0.0 {
        return Some(value.clone());
    }
    let places = digits as i64 - 1 - magnitude.log10().floor() as i64;
    let power = BigInt::from(10).pow(
        u32::try_from(places.unsigned_abs())
            .ok()
            .filter(|p| *p < 5000)?,
    );
    let bits = GUARD + power.bits() + value.denominator().bits();
    let (low, _) = value.fixed(bits);
    let (scaled, half) = if places >= 0 {
        (low * &power, BigInt::one() << (bits - 1))
    } else {
        (low.div_floor(&power), BigInt::one() << (bits - 1))
    };
    let nearest: BigInt = (scaled + half) >> bits;
    if places >= 0 {
        Number::ratio(nearest, power)
    } else {
        Some(Number::from(nearest * power))
    }
}

/// A decimal as such.
pub(super) fn written(number: &Number, digits: usize) -> Option<String> {
    let power = BigInt::from(10).pow(u32::try_from(digits).ok()?);
    let scaled = number * &Number::from(power);
    let (integer, minus) = match scaled.terms() {
        [] => return Some("0".to_owned()),
        [(1, n)] => (n.abs(), if n.is_negative() { "-" } else { "" }),
        _ => return None,
    };
    let text = format!("{integer:0>width$}", width = digits + 1);
    let (whole, fraction) = text.split_at(text.len() - digits);
    Some(if fraction.is_empty() {
        format!("{minus}{whole}")
    } else {
        format!("{minus}{whole}.{fraction}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_rounded_and_written() {
        let shown = |text: &str, digits: usize| {
            let number = significant(&text.parse().unwrap(), digits).unwrap();
            let places = super::super::nearest::decimal_digits(&number).unwrap();
            written(&number, places).unwrap()
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
