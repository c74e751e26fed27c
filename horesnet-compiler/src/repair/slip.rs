//! Slips of the pen: the numbers that are one wrong digit away from what is written.

use std::cmp::Ordering;

use crate::number::Number;
use crate::number::magnitude::Magnitude;

/// Longest text of which slips are tried.
const LENGTH: usize = 300;

/// The slip of a written number that is nearest to a target, at most `within` from it.
pub(super) fn nearest(
    written: &str,
    target: &Number,
    within: Magnitude,
) -> Option<(String, Number)> {
    let near = slips(written).filter_map(|text| {
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

/// A number with one digit changed, lost, doubled, or exchanged with the next.
fn slips(written: &str) -> impl Iterator<Item = String> + '_ {
    let is_literal = |c: char| c.is_ascii_digit() || "+-./()".contains(c);
    let usable = written.len() <= LENGTH && written.chars().all(is_literal);
    let digits = written
        .char_indices()
        .filter(move |(_, c)| usable && c.is_ascii_digit());
    digits.flat_map(move |(at, digit)| {
        let (before, after) = (&written[..at], &written[at + 1..]);
        let others = ('0'..='9').filter(move |other| *other != digit);
        let changed = others.map(move |other| format!("{before}{other}{after}"));
        let lost = format!("{before}{after}");
        let doubled = format!("{before}{digit}{digit}{after}");
        let added = ('0'..='9').map(move |other| format!("{before}{other}{digit}{after}"));
        let next = after.chars().next().filter(char::is_ascii_digit);
        let exchanged = next.map(|next| format!("{before}{next}{digit}{}", &after[1..]));
        changed.chain([lost, doubled]).chain(exchanged).chain(added)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_digit_is_found_wherever_it_is() {
        let found = |written: &str, target: &str| {
            let target: Number = target.parse().unwrap();
            nearest(written, &target, Magnitude::default()).map(|(text, _)| text)
        };
        assert_eq!(found("24/840", "9/280").as_deref(), Some("27/840"));
        assert_eq!(found("0.1667", "0.16667").as_deref(), Some("0.16667"));
        assert_eq!(found("-1/33", "-1/3").as_deref(), Some("-1/3"));
        assert_eq!(found("132/7", "123/7").as_deref(), Some("123/7"));
        assert_eq!(found("7/32", "1/3"), None);
        assert_eq!(found("r/3", "1/3"), None);
    }

    #[test]
    fn the_nearest_slip_within_the_error_is_taken() {
        let target: Number = "0.12345".parse().unwrap();
        let within = Magnitude::from(1e-4);
        let found = nearest("0.1294", &target, within).map(|(text, _)| text);
        assert_eq!(found.as_deref(), Some("0.1234"));
        assert_eq!(nearest("0.9994", &target, within), None);
    }
}
