//! Rounded coefficients: a claim holds if and only if the stated errors explain every residual, `n·EPS·Σ|b||Φ|` at most.

use horesnet_compiler::prove;

/// Powers of ten, with both sides of where 64 bits of exponent, doubled digits and `f64` end.
const POWERS: [u32; 24] = [
    4, 5, 8, 15, 16, 17, 23, 24, 25, 50, 100, 153, 154, 155, 299, 300, 301, 307, 308, 309, 323,
    324, 500, 1000,
];

fn holds(text: &str) -> bool {
    let checked = prove(text).unwrap_or_else(|no| panic!("{}", no.problems[0].render("f", text)));
    checked.problems.is_empty()
}

/// Both sides of `times·10^-power`, near enough to it that only the last digits of the tolerance differ.
fn sides(power: u32, times: f64) -> [String; 2] {
    let margin = f64::max(1e-9, 10.0 * f64::powi(10.0, -(power as i32)));
    [1.0 - margin, 1.0 + margin].map(|side| format!("{:.12}e-{power}", times * side))
}

/// `RK4` with errors of these sizes: in the last weight, in the third node, in the last entry and its node.
fn rk4(power: u32, weight: &str, node: &str, entry: &str) -> String {
    format!(
        "rounded 1e-{power}\n0 |\n1/2 | 1/2\n1/2+{node} | 0 1/2\n1+{entry} | 0 0 1+{entry}\n---\n\
         order 4 | 1/6 1/3 1/3 1/6+{weight}\n"
    )
}

#[test]
fn errors_are_weighed_down_to_the_least_that_can_be_stated() {
    for power in POWERS {
        // Σ b_i a_ij a_jk c_k = 1/24 with the tolerance EPS/6 gets a quarter of the error.
        let [inside, outside] = sides(power, 2.0 / 3.0);
        assert!(holds(&rk4(power, &inside, "0", "0")), "weight, 1e-{power}");
        assert!(
            !holds(&rk4(power, &outside, "0", "0")),
            "weight, 1e-{power}"
        );
        // Σ b_i a_ij c_j² = 1/12 with the tolerance EPS/3 gets c_3/6 of the error.
        let [inside, outside] = sides(power, 2.0);
        assert!(holds(&rk4(power, "0", &inside, "0")), "node, 1e-{power}");
        assert!(!holds(&rk4(power, "0", &outside, "0")), "node, 1e-{power}");
        // Σ b_i c_i³ = 1/4 with the tolerance EPS gets half of the error.
        assert!(holds(&rk4(power, "0", "0", &inside)), "entry, 1e-{power}");
        assert!(!holds(&rk4(power, "0", "0", &outside)), "entry, 1e-{power}");
    }
}

/// Differences far below the range of `f64`, among weights far above it.
#[test]
fn numbers_of_any_size_are_weighed() {
    let weight = "rounded 1e-300\n0 |\n1/2 | 1/2\n1/2 | 0 1/2\n1 | 0 0 1\n---\norder 4 | 1/6 1/3 1/3 1/6+1e-290\n";
    assert!(!holds(weight));
    let node = "rounded 1e-300\n0 |\n1/2 | 1/2\n1e-340 | 0 0\n---\norder 2 | -1e300 1 1e300\n";
    assert!(!holds(node));
    for large in ["1e302", "1e400", "1e1000"] {
        // 2·10^302 of the weights cancel, and the nodes make up for them: a true claim is not refused.
        let text =
            format!("rounded 1e-16\n0 |\n0 | 0\n1/2 | 1/2 0\n---\norder 2 | -{large} {large} 1\n");
        assert!(holds(&text), "{large}");
        let exact = text.replace("rounded 1e-16\n", "");
        assert!(holds(&exact), "{large}, exact");
    }
    let sums = "rounded 1e-300\n0 |\n1e-340 | 0\n---\norder 1 | 1/2 1/2\n";
    assert!(!prove(sums).unwrap().verdict.row_sums);
}

#[test]
fn errors_that_cannot_be_weighed_are_refused() {
    let refused = |eps: &str| {
        let text = format!("rounded {eps}\n0 |\n---\norder 1 | 1\n");
        prove(&text).is_err()
    };
    assert!(!refused("1e-1000") && refused("9.999999e-1001"));
    assert!(!refused("0.1") && refused("0.10000001"));
    assert!(refused("0") && refused("-1e-16") && refused("1e-4000") && refused("sqrt(2)*1e-16"));
}
