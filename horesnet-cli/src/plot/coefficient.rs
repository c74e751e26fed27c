//! An exact number as a short label: `1/2`, `(2+2√6)/15`, or three digits where that would be long.

use horesnet_compiler::number::Number;

use horesnet_train::drawing::lettering;

/// Characters of an exact label in a picture of few stages, and of many.
const FEW: (usize, usize) = (8, 12);
const MANY: usize = 9;

/// The label of a coefficient in a picture of so many stages.
pub(crate) fn label(number: &Number, stages: usize) -> String {
    exact(number, most(stages)).unwrap_or_else(|| digits(number.to_f64()))
}

/// Returns true if the label is rounded to three digits.
pub(crate) fn is_rounded(number: &Number, stages: usize) -> bool {
    exact(number, most(stages)).is_none()
}

fn most(stages: usize) -> usize {
    if stages <= FEW.0 { FEW.1 } else { MANY }
}

/// The number as the literature writes it, if that has at most `most` characters.
fn exact(number: &Number, most: usize) -> Option<String> {
    // Three bits and a third are a digit; printing longer numbers would be slow for nothing.
    if number.bits() > 4 * most as u64 {
        return None;
    }
    let mut label = String::new();
    let mut rest = number.to_string().replace(' ', "").replace('-', "−");
    // sqrt(6) and 2*sqrt(6)
    while let Some((before, after)) = rest.split_once("sqrt(") {
        let (radicand, after) = after.split_once(')')?;
        label.push_str(before.trim_end_matches('*'));
        label.push('√');
        label.push_str(radicand);
        rest = after.to_owned();
    }
    label.push_str(&rest);
    (label.chars().count() <= most).then_some(label)
}

/// Three significant digits.
fn digits(value: f64) -> String {
    let scientific = format!("{value:.2e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let label = match exponent.parse::<i32>() {
        Ok(exponent @ -3..=3) => format!("{value:.*}", (2 - exponent).max(0) as usize),
        _ => format!("{mantissa}·10{}", lettering::raised(exponent)),
    };
    label.replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_numbers_are_exact_and_long_ones_have_three_digits() {
        for (number, few, many) in [
            ("1/2", "1/2", "1/2"),
            ("-25360/2187", "−25360/2187", "−11.6"),
            ("(2 + 2*sqrt(6))/15", "(2+2√6)/15", "0.460"),
            ("-sqrt(21)/7", "−√21/7", "−√21/7"),
            ("0.0976310729375", "0.0976", "0.0976"),
            ("123456789/1000", "1.23·10⁵", "1.23·10⁵"),
            ("-1/123456789012", "−8.10·10⁻¹²", "−8.10·10⁻¹²"),
            ("99999/100000", "99999/100000", "1.00"),
        ] {
            let exact: Number = number.parse().unwrap();
            assert_eq!(label(&exact, 4), few);
            assert_eq!(label(&exact, 14), many);
            assert_eq!(is_rounded(&exact, 14), many.contains(['.', '·']));
        }
    }
}
