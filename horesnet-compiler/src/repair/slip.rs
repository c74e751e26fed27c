//! Slips of the pen: the numbers that are one wrong digit away from what is written.

use std::cmp::Ordering;

use num_bigint::BigInt;

use crate::number::Number;
use crate::number::budget::{Budget, operation};
use crate::number::magnitude::Magnitude;

/// Longest fraction of which all slips are tried.
const LENGTH: usize = 40;

/// Longest expression of which all slips are tried.
const LONGEST: usize = 120;

/// Steps to read a slip and compare it, beside the work with the target.
const SLIP: f64 = 3e3;

/// The slip of a written number that is nearest to a target, at most `within` from it, if there is budget for that.
pub(super) fn nearest(
    written: &str,
    target: &Number,
    within: Magnitude,
    budget: &mut Budget,
) -> Option<(String, Number)> {
    let one = SLIP + operation([target]);
    if !budget.affords(one) {
        return None;
    }
    let is_decimal = |c: char| c.is_ascii_digit() || "-.".contains(c);
    let is_literal = |c: char| is_decimal(c) || "+/()".contains(c);
    let slips: Vec<_> = if written.chars().all(is_decimal) {
        aligned(written, target)?
    } else if written.len() <= LENGTH && written.chars().all(is_literal) {
        let digits = written.char_indices().filter(|(_, c)| c.is_ascii_digit());
        digits.flat_map(|(at, _)| all_at(written, at)).collect()
    } else {
        return None;
    };
    if !budget.affords(one * slips.len() as f64) {
        return None;
    }
    let near = slips.into_iter().filter_map(|text| {
        let value: Number = text.parse().ok()?;
        let distance = Magnitude::of(&(&value - target));
        (distance <= within).then_some((distance, text, value))
    });
    let nearest = near.min_by(|(a, text, _), (b, other, _)| {
        let distances = a.partial_cmp(b).unwrap_or(Ordering::Equal);
        distances.then(text.len().cmp(&other.len()))
    });
    nearest.map(|(_, text, value)| (text, value))
}

/// Expressions with one sign, digit, operator or name changed, signs first.
pub(super) fn variants(written: &str, names: &[String]) -> Vec<String> {
    if written.len() > LONGEST {
        return Vec::new();
    }
    let replaced = |at: usize, length: usize, by: &str| {
        format!("{}{by}{}", &written[..at], &written[at + length..])
    };
    let (mut signs, mut others) = (Vec::new(), Vec::new());
    for (at, c) in written.char_indices() {
        match c {
            '+' => signs.push(replaced(at, 1, "-")),
            '-' => {
                signs.push(replaced(at, 1, "+"));
                signs.extend((at == 0).then(|| replaced(at, 1, "")));
            }
            '*' => others.push(replaced(at, 1, "/")),
            '/' => others.push(replaced(at, 1, "*")),
            '0'..='9' => others.extend((0..10).map(|digit| replaced(at, 1, &digit.to_string()))),
            _ => {}
        }
        for (from, to) in names
            .iter()
            .flat_map(|from| names.iter().map(move |to| (from, to)))
        {
            if from != to && written[at..].starts_with(from.as_str()) {
                others.push(replaced(at, from.len(), to));
            }
        }
    }
    signs.push(format!("-{written}"));
    signs.into_iter().chain(others).collect()
}

/// The slips of a decimal where it first differs from the target: all others are further off.
fn aligned(written: &str, target: &Number) -> Option<Vec<String>> {
    let unsigned = written.strip_prefix('-').unwrap_or(written);
    let is_minus = unsigned.len() < written.len();
    let places = unsigned.split_once('.').map_or(0, |(_, rest)| rest.len());
    // One digit more than written, in case one was lost.
    let power = u32::try_from(places + 1)
        .ok()
        .filter(|power| *power < 1 << 12)?;
    let scaled = &target.clone().abs() * &Number::from(BigInt::from(10).pow(power));
    let digits = format!("{:0>width$}", scaled.fixed(0).0, width = places + 2);
    if is_minus != target.sign().is_lt() {
        return None;
    }
    let (whole, fraction) = digits.split_at(digits.len() - places - 1);
    let meant = format!("{whole}.{fraction}");
    let mut pairs = unsigned.chars().zip(meant.chars());
    let at = pairs.position(|(a, b)| a != b).unwrap_or(unsigned.len());
    let at = at + written.len() - unsigned.len();
    let next = meant.chars().nth(at - (written.len() - unsigned.len()))?;
    let mut slips = vec![format!("{}{next}{}", &written[..at], &written[at..])];
    if written[at..].starts_with(|c: char| c.is_ascii_digit()) {
        slips.extend(all_at(written, at));
    }
    Some(slips)
}

/// A number with the digit at an offset changed, lost, doubled, or exchanged with the next.
fn all_at(written: &str, at: usize) -> Vec<String> {
    let (before, digit, after) = (&written[..at], &written[at..=at], &written[at + 1..]);
    let digits = || "0123456789".chars();
    let changed = digits().map(|other| format!("{before}{other}{after}"));
    let added = digits().map(|other| format!("{before}{other}{digit}{after}"));
    let doubled = format!("{before}{digit}{digit}{after}");
    let lost = format!("{before}{after}");
    let next = after.chars().next().filter(char::is_ascii_digit);
    let exchanged = next.map(|next| format!("{before}{next}{digit}{}", &after[1..]));
    let slips = changed.chain([lost, doubled]).chain(exchanged).chain(added);
    slips.filter(|slip| slip != written).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_digit_is_found_wherever_it_is() {
        let found = |written: &str, target: &str| {
            let target: Number = target.parse().unwrap();
            nearest(
                written,
                &target,
                Magnitude::default(),
                &mut Budget::new(1e9),
            )
            .map(|(text, _)| text)
        };
        assert_eq!(found("24/840", "9/280").as_deref(), Some("27/840"));
        assert_eq!(found("0.1667", "0.16667").as_deref(), Some("0.16667"));
        assert_eq!(found("-1/33", "-1/3").as_deref(), Some("-1/3"));
        assert_eq!(found("132/7", "123/7").as_deref(), Some("123/7"));
        assert_eq!(
            found("-0.0363785", "-0.0363705").as_deref(),
            Some("-0.0363705")
        );
        assert_eq!(found("0.12345", "0.1245").as_deref(), Some("0.1245"));
        assert_eq!(found("0.3755", "0.375").as_deref(), Some("0.375"));
        assert_eq!(found("0.735", "0.375").as_deref(), Some("0.375"));
        assert_eq!(found("0.2943", "0.29430105"), None);
        assert_eq!(found("0.5", "-0.5"), None);
        assert_eq!(found("é", "1/2"), None);
        assert_eq!(found("7/32", "1/3"), None);
        assert_eq!(found("r/3", "1/3"), None);
    }

    #[test]
    fn the_nearest_slip_within_the_error_is_taken() {
        let target: Number = "0.12345".parse().unwrap();
        let within = Magnitude::from(1e-4);
        let found = nearest("0.1294", &target, within, &mut Budget::new(1e9)).map(|(text, _)| text);
        assert_eq!(found.as_deref(), Some("0.1234"));
        assert_eq!(
            nearest("0.9994", &target, within, &mut Budget::new(1e9)),
            None
        );
    }
}
