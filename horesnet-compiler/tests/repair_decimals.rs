//! Tables printed as decimals, and the numbers that the decimals stand for.

use horesnet_compiler::number::Number;
use horesnet_compiler::repair::{Change, Kind};
use horesnet_compiler::tableau::Tableau;
use horesnet_compiler::{check, compile, library, repair};
use num_bigint::{BigInt, Sign};
use num_traits::One;

/// Rounds a number to that many digits after the point; integers stay.
fn decimal(number: &Number, digits: usize) -> String {
    if number.is_rational() && number.denominator().is_one() {
        return number.to_string();
    }
    let power = BigInt::from(10).pow(u32::try_from(digits).unwrap());
    let scaled = number * &Number::from(power);
    let (nearest, _) = (&scaled + &Number::ratio(1, 2).unwrap()).fixed(0);
    let minus = if nearest.sign() == Sign::Minus {
        "-"
    } else {
        ""
    };
    let text = format!(
        "{:0>width$}",
        nearest.magnitude().to_string(),
        width = digits + 1
    );
    let (whole, rest) = text.split_at(text.len() - digits);
    format!("{minus}{whole}.{rest}")
}

fn printed(scheme: &Tableau, digits: usize) -> String {
    let joined = |numbers: Vec<&Number>| {
        let decimals = numbers.into_iter().map(|number| decimal(number, digits));
        decimals.collect::<Vec<_>>().join(" ")
    };
    let mut text = String::new();
    for (i, row) in scheme.matrix.row_iter().enumerate() {
        let entries = if scheme.is_explicit() {
            i
        } else {
            scheme.stages()
        };
        let node = decimal(&scheme.nodes[i], digits);
        let entries = joined(row.iter().take(entries).collect());
        text.extend([&node, " | ", &entries, "\n"]);
    }
    text += "---\n";
    for row in &scheme.weights {
        let weights = joined(row.values.iter().collect());
        let claim = row.claim.unwrap().to_string();
        text.extend(["order ", &claim, " | ", &weights, "\n"]);
    }
    text
}

/// The change that makes all claims true.
fn recognised(text: &str) -> Change {
    let found = repair(text).unwrap();
    let change = found
        .changes
        .first()
        .unwrap_or_else(|| panic!("{found:?} in\n{text}"));
    let mended = change.apply(text);
    assert!(
        check(&mended, None).unwrap().problems.is_empty(),
        "{mended}"
    );
    change.clone()
}

#[test]
fn every_exact_scheme_is_recognised_by_its_decimals() {
    for bundled in library::all() {
        let scheme = compile(bundled.text).unwrap().tableau;
        for digits in [6, 8, 12, 16] {
            let text = printed(&scheme, digits);
            if scheme.rounded.is_none() && compile(&text).is_err() {
                recognised(&text);
            }
        }
    }
}

#[test]
fn four_digits_are_enough_for_common_schemes() {
    let rk4 =
        "0 |\n1/2 | 1/2\n1/2 | 0 1/2\n1 | 0 0 1\n---\norder 4 | 0.1667 0.3333 0.3333 0.1667\n";
    let change = recognised(rk4);
    assert_eq!(change.kind, Kind::Decimals);
    let to: Vec<_> = change.edits.iter().map(|edit| edit.to.as_str()).collect();
    assert_eq!(to, ["1/6", "1/3", "1/3", "1/6"]);
    for name in ["rk4_38", "heun3", "ssprk3", "gill4"] {
        let scheme = compile(library::find(name).unwrap().text).unwrap().tableau;
        recognised(&printed(&scheme, 4));
    }
}

/// None of these is bundled, and their integers are large.
#[test]
fn long_decimals_tell_large_integers() {
    let radau = "let r = sqrt(6)
(4-r)/10 | (88-7*r)/360 (296-169*r)/1800 (-2+3*r)/225
(4+r)/10 | (296+169*r)/1800 (88+7*r)/360 (-2-3*r)/225
1 | (16-r)/36 (16+r)/36 1/9
---
order 5 | (16-r)/36 (16+r)/36 1/9\n";
    let gauss = "let r = sqrt(15)
(5-r)/10 | 5/36 2/9-r/15 5/36-r/30
1/2 | 5/36+r/24 2/9 5/36-r/24
(5+r)/10 | 5/36+r/30 2/9+r/15 5/36
---
order 6 | 5/18 4/9 5/18\n";
    let lobatto = "let r = sqrt(5)
0 | 0 0 0 0
(5-r)/10 | (11+r)/120 (25-r)/120 (25-13*r)/120 (-1+r)/120
(5+r)/10 | (11-r)/120 (25+13*r)/120 (25+r)/120 (-1-r)/120
1 | 1/12 5/12 5/12 1/12
---
order 6 | 1/12 5/12 5/12 1/12\n";
    for exact in [radau, gauss, lobatto] {
        let scheme = Tableau::new(&horesnet_compiler::parse(exact).unwrap()).unwrap();
        for digits in [12, 16] {
            assert_eq!(recognised(&printed(&scheme, digits)).kind, Kind::Decimals);
        }
    }
}

/// The ninth digit of a third is wrong, not rounded.
#[test]
fn what_is_near_is_not_called_a_rounding() {
    // Of the twelve digits of the first the last four are wrong; the second is 2/3 rounded.
    let text = "* |\n* | 0.333333332111\n* | 0 0.666666666667\n---\norder 3 | 0.25 0 0.75\n";
    let change = recognised(text);
    assert_eq!(change.edits.len(), 2);
    let help = check(text, None).unwrap().problems[0]
        .help_lines()
        .join("\n");
    assert!(help.contains("near to other numbers"), "{help}");
    assert!(help.contains("0.333333332111 should be 1/3"), "{help}");
    assert!(!help.contains("rounding"), "{help}");
}
