//! Exact numbers: field laws, printing, and rounding to floating point against the standard library.

use horesnet_compiler::check;
use horesnet_compiler::number::Number;
use proptest::prelude::*;

/// A number as the tableau language writes it.
fn number(expression: &str) -> Number {
    let checked = check(&format!("{expression} |\n---\n| 1\n"), Some(1));
    checked
        .unwrap_or_else(|problems| panic!("{expression}: {}", problems[0].headline()))
        .tableau
        .nodes[0]
        .clone()
}

fn element() -> impl Strategy<Value = Number> {
    let ratio = || (-50_i64..50, 1_i64..20).prop_map(|(n, d)| Number::ratio(n, d).unwrap());
    let roots = [1, 2, 3, 6, 7].map(|r| Number::from(r).sqrt().unwrap());
    prop::collection::vec(ratio(), 5).prop_map(move |coefficients| {
        coefficients
            .iter()
            .zip(&roots)
            .fold(Number::from(0), |sum, (c, r)| &sum + &(c * r))
    })
}

proptest! {
    #[test]
    fn field_laws(a in element(), b in element(), c in element()) {
        prop_assert_eq!(&(&a + &b) * &c, &(&a * &c) + &(&b * &c));
        prop_assert_eq!(&(&a * &b) * &c, &a * &(&b * &c));
        prop_assert_eq!(&(&a - &b) + &b, a.clone());
        if let Some(quotient) = a.checked_div(&b) { prop_assert_eq!(&quotient * &b, a) } else { prop_assert_eq!(b, Number::from(0)) }
    }

    #[test]
    fn printing_and_reading_is_the_identity(a in element()) {
        let text = a.to_string().replace(' ', "");
        prop_assert_eq!(number(&text), a, "{}", text);
    }

    #[test]
    fn floats_agree_with_the_value(a in element(), b in element()) {
        let (x, y) = (a.to_f64(), b.to_f64());
        prop_assert_eq!(a.sign(), x.partial_cmp(&0.0).unwrap());
        let product = (&a * &b).to_f64();
        prop_assert!((product - x * y).abs() <= 4.0 * f64::EPSILON * (x * y).abs());
    }

    /// `str::parse::<f64>` rounds correctly: an independent implementation.
    #[test]
    fn decimals_round_as_in_the_standard_library(digits in "[1-9][0-9]{0,30}", exponent in -340_i32..280) {
        let text = format!("{digits}e{exponent}");
        let expected: f64 = text.parse().unwrap();
        prop_assert_eq!(number(&text).to_f64().to_bits(), expected.to_bits(), "{}", text);
    }
}

#[test]
fn printed_forms() {
    for (expression, printed) in [
        ("6/4", "3/2"),
        ("-sqrt(2)/2", "-sqrt(2)/2"),
        ("(4+94*sqrt(6))/375", "(4 + 94*sqrt(6))/375"),
        ("1-sqrt(1/2)", "(2 - sqrt(2))/2"),
        ("sqrt(2)-sqrt(2)", "0"),
        ("sqrt(3)*sqrt(2)+sqrt(3)", "sqrt(3) + sqrt(6)"),
    ] {
        assert_eq!(
            number(expression).to_string().trim_matches(['(', ')']),
            printed.trim_matches(['(', ')'])
        );
    }
}

#[test]
fn halfway_cases_round_to_even() {
    assert_eq!(number("2^53+1").to_f64(), 9_007_199_254_740_992.0);
    assert_eq!(number("2^53+3").to_f64(), 9_007_199_254_740_996.0);
    assert_eq!(number("1e-400").to_f64(), 0.0);
    assert_eq!(number("1e400").to_f64(), f64::INFINITY);
    assert_eq!(number("-1e400").to_f64(), f64::NEG_INFINITY);
}
