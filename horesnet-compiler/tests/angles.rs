//! Cosines and sines of fractions of π: exact where square roots make them, refused with a decimal elsewhere.

use std::f64::consts::PI;

use horesnet_compiler::diagnostic::Diagnostic;
use horesnet_compiler::number::Number;
use horesnet_compiler::{check, notation};

fn shown(problem: &Diagnostic) -> String {
    problem.render("mine.tab", "0 | 1\n")
}

#[test]
fn angles_of_square_roots_are_exact() {
    let mut found = 0;
    for q in [1_u32, 2, 3, 4, 5, 6, 10, 12] {
        for p in 0..=4 * q {
            for (name, value) in [("cos", f64::cos as fn(f64) -> f64), ("sin", f64::sin)] {
                let number = format!("{name}({p}*pi/{q})").parse::<Number>();
                let expected = value(f64::from(p) * PI / f64::from(q));
                // cos(π/10) is a root in a root.
                let Ok(number) = number else {
                    assert!(q == 10 || q == 5, "{name} {p}/{q}");
                    continue;
                };
                found += 1;
                assert!(
                    (number.to_f64() - expected).abs() < 1e-14,
                    "{name} {p}/{q}: {number}"
                );
                let square = &number * &number;
                assert!(q != 4 || p % 4 == 0 || square.is_rational());
            }
        }
    }
    assert!(found > 250, "{found}");
    let of = |text: &str| text.parse::<Number>().unwrap();
    assert_eq!(of("4*cos(pi/5) - 1"), of("sqrt(5)"));
    assert_eq!(
        of("cos( pi * 2 / 5 )^2 + sin(3*pi/10)"),
        of("(sqrt(5)-1)^2/16 + (1+sqrt(5))/4")
    );
    assert_eq!(of("1/2 - sin(5*pi)*3 - cos(pi)"), of("3/2"));
}

/// Decimals by mpmath.
#[test]
fn other_angles_say_how_to_write_them() {
    for (text, decimal) in [
        ("cos(pi/18)", "0.98480775301220805936674302459"),
        ("sin(pi/7)", "0.433883739117558120475768332848"),
        ("cos(13*pi/9)", "-0.173648177666930348851716626769"),
    ] {
        let problem = text.parse::<Number>().unwrap_err();
        let message = shown(&problem);
        assert!(
            message.contains(&format!("`{text}` is not a number of square roots")),
            "{message}"
        );
        assert!(
            message.contains(decimal) && message.contains("`rounded 5e-30`"),
            "{message}"
        );
    }
    let help = |text: &str| shown(&text.parse::<Number>().unwrap_err());
    assert!(
        help("pi/4").contains("3.14159265358979323846264338328"),
        "{}",
        help("pi/4")
    );
    assert!(help("root(x^3 - 3*x + 1, 0.3)").contains("rounded decimal of 30 digits"));
    assert!(help("cos(pi/0)").contains("division by zero"));
    assert!(help("cos(99999999999*pi)").contains("too long"));
    assert!(help("cos(1/3)").contains("angle"), "{}", help("cos(1/3)"));
}

#[test]
fn a_file_keeps_its_cosines_when_it_is_formatted() {
    let text = "let g = (1 + cos(pi/5))/2\n0 |\ng | g\n---\n| 1 0\n";
    let formatted = notation::format(text).unwrap();
    assert!(formatted.contains("cos(pi/5)"), "{formatted}");
    let nodes = |text: &str| check(text, Some(1)).unwrap().tableau.nodes;
    assert_eq!(nodes(text), nodes(&formatted));
    // `cos` is a name like others where no parenthesis follows.
    let named = check("let cos = 1/2\n0 |\ncos | cos\n---\norder 2 | 0 1\n", None).unwrap();
    assert!(named.problems.is_empty());
}
