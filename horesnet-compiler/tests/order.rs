//! Orders against a second algorithm, and against laws that hold for every tableau.

use horesnet_compiler::number::Number;
use horesnet_compiler::order::Leaves;
use horesnet_compiler::tableau::Tableau;
use horesnet_compiler::tree::Forest;
use horesnet_compiler::{check, compile, library};
use proptest::prelude::*;

/// A tree as its children, read from bracket notation.
struct Node(Vec<Node>);

fn read(text: &mut std::str::Chars) -> Node {
    let mut children = Vec::new();
    match text.next() {
        Some('τ') => return Node(children),
        Some('[') => {}
        other => panic!("{other:?}"),
    }
    loop {
        children.push(read(text));
        match text.next() {
            Some(',') => {}
            Some(']') => return Node(children),
            other => panic!("{other:?}"),
        }
    }
}

impl Node {
    fn order(&self) -> i64 {
        1 + self.0.iter().map(Self::order).sum::<i64>()
    }

    fn density(&self) -> i64 {
        self.order() * self.0.iter().map(Self::density).product::<i64>()
    }

    /// The derivative weight at stage `i`, by the definition: a product over children of sums over stages.
    fn weight(&self, tableau: &Tableau, i: usize) -> Number {
        self.0.iter().fold(Number::from(1), |product, child| {
            let terms =
                (0..tableau.stages()).filter(|&j| tableau.matrix[(i, j)] != Number::from(0));
            let sum = terms.fold(Number::from(0), |sum, j| {
                &sum + &(&tableau.matrix[(i, j)] * &child.weight(tableau, j))
            });
            &product * &sum
        })
    }
}

/// The order of each row of weights up to `bound`, by the definition of the conditions.
fn brute_force(tableau: &Tableau, bound: usize) -> Vec<usize> {
    let forest = Forest::up_to(bound);
    let rows = tableau.weights.iter().map(|row| {
        let fails = |index: usize| {
            let node = read(&mut forest.bracket(index).chars());
            let sum = (0..tableau.stages()).fold(Number::from(0), |sum, i| {
                if row.values[i] == Number::from(0) {
                    sum
                } else {
                    &sum + &(&row.values[i] * &node.weight(tableau, i))
                }
            });
            sum != Number::ratio(1, node.density()).unwrap()
        };
        (1..=bound)
            .find(|&order| forest.range(order).any(fails))
            .unwrap_or(bound + 1)
            - 1
    });
    rows.collect()
}

#[test]
fn bundled_schemes_have_their_orders_by_brute_force_too() {
    // The definition costs stages^order; beyond order 6 it would run for minutes.
    for bundled in library::all() {
        let scheme = compile(bundled.text).unwrap();
        if scheme.tableau.rounded.is_some() {
            continue; // The definition knows no errors.
        }
        let orders: Vec<_> = scheme
            .verdict
            .weights
            .iter()
            .map(|row| row.order.min(6))
            .collect();
        assert_eq!(brute_force(&scheme.tableau, 6), orders, "{}", bundled.name);
    }
}

/// Published orders, from the sources that the files cite.
#[test]
fn bundled_schemes_have_the_orders_of_the_literature() {
    let orders = |name: &str| -> Vec<usize> {
        let scheme = compile(library::find(name).unwrap().text).unwrap();
        scheme.verdict.weights.iter().map(|row| row.order).collect()
    };
    for (name, expected) in [
        ("euler", &[1][..]),
        ("midpoint", &[2]),
        ("heun2", &[2, 1]),
        ("ralston2", &[2]),
        ("kutta3", &[3]),
        ("heun3", &[3]),
        ("ssprk3", &[3]),
        ("rk4", &[4]),
        ("rk4_38", &[4]),
        ("gill4", &[4]),
        ("kutta_nystrom5", &[5]),
        ("huta6", &[6]),
        ("fehlberg45", &[4, 5]),
        ("cash_karp5", &[5, 4]),
        ("dopri5", &[5, 4]),
        ("verner8", &[8, 9]),
        ("cooper_verner8", &[8]),
    ] {
        assert_eq!(orders(name), expected, "{name}");
    }
}

/// Dropping a stage's weight of a scheme of order 8, or nudging any entry of its matrix by a billionth, is noticed.
#[test]
fn small_errors_are_noticed() {
    let text = library::find("cooper_verner8").unwrap().text;
    for (right, wrong) in [
        ("49/180 ", "49/181 "),
        ("63/80+7*r/80", "63/80+7*r/80+1e-9"),
        ("5/48-r/48", "5/48-r/47"),
    ] {
        assert!(text.contains(right));
        let problems = compile(&text.replacen(right, wrong, 1)).expect_err("a wrong entry");
        assert!(
            problems[0].headline().contains("is false"),
            "{}",
            problems[0].headline()
        );
    }
}

#[test]
fn nodes_that_are_not_row_sums_count() {
    // With the row sums the order is 2, with the node of the file the second condition fails.
    let checked = check("0 |\n1/3 | 1/2\n---\norder 2 | 0 1\n", None).unwrap();
    assert!(!checked.verdict.row_sums);
    assert_eq!(checked.verdict.weights[0].order, 1);
    let message = checked.problems[0].render("f", "");
    assert!(
        message.contains("node 2 is 1/3, but its row sums to 1/2"),
        "{message}"
    );
    assert!(
        message.contains("with the nodes of the file for c"),
        "{message}"
    );
}

/// Of order 3 with the row sums at all leaves and with the nodes at all leaves, but for `y′ = f(t, y)` of order 2.
#[test]
fn nodes_and_row_sums_count_together() {
    let text = "7266/6871 |\n235/6871 | 1\n13112/20613 | -1/12 3/4\n1/3 | 31/24 1 -47/24\n---\n\
        order 3 | 1/8 1/8 3/8 3/8\n";
    let checked = check(text, None).unwrap();
    assert_eq!(checked.verdict.weights[0].order, 2);
    let failure = checked.verdict.weights[0].first_failure.as_ref().unwrap();
    assert_eq!(failure.leaves, Leaves::Both);
    assert_eq!((failure.tree.as_str(), failure.order), ("[c,τ]", 3));
    assert_eq!(failure.condition, "Σ b_i c_i (Ae)_i");
    assert_eq!(
        (failure.found.as_str(), failure.expected.as_str()),
        ("4225/20613", "1/3")
    );
    // And so it is: y′ = (1 + t)y from 0 to 1, with h and h/2.
    let tableau = &checked.tableau;
    let error = |steps: usize| {
        let h = 1.0 / steps as f64;
        let mut y = 1.0;
        for step in 0..steps {
            let mut k: Vec<f64> = Vec::new();
            for i in 0..4 {
                let t = h * (step as f64 + tableau.nodes[i].to_f64());
                let at = k.iter().enumerate();
                let moved: f64 = at.map(|(j, k)| tableau.matrix[(i, j)].to_f64() * k).sum();
                k.push((1.0 + t) * (y + h * moved));
            }
            let weights = tableau.weights[0].values.iter().zip(&k);
            y += h * weights.map(|(b, k)| b.to_f64() * k).sum::<f64>();
        }
        (y - 1.5_f64.exp()).abs()
    };
    let order = (error(256) / error(512)).log2();
    assert!((order - 2.0).abs() < 0.05, "{order}");
}

/// Two thirds printed twice and the node once, each rounded by itself.
#[test]
fn rounded_nodes_are_row_sums_within_their_errors() {
    let text = |node: &str| {
        format!(
            "rounded 1e-5\n0 |\n0.33333 | 0.33333\n{node} | 0.33333 0.33333\n---\n| 0.25 0 0.75\n"
        )
    };
    let row_sums = |node| check(&text(node), None).unwrap().verdict.row_sums;
    assert!(row_sums("0.66667"));
    assert!(!row_sums("0.66670"));
}

#[test]
fn rounded_coefficients_are_weighed_against_their_errors() {
    // Gill's method to 16 digits.
    let gill = |rounded: &str, digits: usize| {
        let r = format!("{:.*}", digits, std::f64::consts::SQRT_2);
        library::find("gill4")
            .unwrap()
            .text
            .replace("let r = sqrt(2)", &format!("{rounded}\nlet r = {r}"))
    };
    assert!(compile(&gill("rounded 1e-15", 16)).is_ok());
    assert!(compile(&gill("rounded 1e-4", 5)).is_ok());
    assert!(compile(&gill("", 16)).is_err(), "exact means exact");
    assert!(
        compile(&gill("rounded 1e-15", 5)).is_err(),
        "five digits are not sixteen"
    );
    // A claim too high or too low is false all the same.
    for claim in ["order 3", "order 5"] {
        assert!(
            compile(&gill("rounded 1e-15", 16).replace("order 4", claim)).is_err(),
            "{claim}"
        );
    }
}

/// Rows that cancel: their sums are small beside their entries, and so are the errors that count.
#[test]
fn rounded_rows_that_cancel_are_given_what_their_entries_err() {
    let text = "rounded 5e-4\n0 |\n1/2 | 1/2\n* | -142.5 142.9\n---\norder 2 | -1/2 0 3/2\n";
    assert!(check(text, None).unwrap().problems.is_empty());
    // Verner's coefficients printed to so many significant digits.
    let exact = compile(library::find("verner8").unwrap().text)
        .unwrap()
        .tableau;
    for digits in [8, 12, 14, 15] {
        let print = |number: &Number| format!("{:.*e}", digits - 1, number.to_f64());
        let mut lines = vec![format!("rounded 5e-{digits}")];
        for i in 0..exact.stages() {
            let entries: Vec<_> = (0..i).map(|j| print(&exact.matrix[(i, j)])).collect();
            lines.push(format!(
                "{} | {}",
                print(&exact.nodes[i]),
                entries.join(" ")
            ));
        }
        lines.push("---".to_owned());
        for row in &exact.weights {
            let weights: Vec<_> = row.values.iter().map(print).collect();
            lines.push(format!(
                "order {} | {}",
                row.claim.unwrap(),
                weights.join(" ")
            ));
        }
        let text = lines.join("\n");
        let checked = check(&text, None).unwrap();
        assert!(
            checked.problems.is_empty(),
            "{digits}: {}",
            checked.problems[0].render("f", &text)
        );
    }
}

/// Large weights on small nodes need guard bits of their own.
#[test]
fn rounded_weights_of_any_size_are_decided_rightly() {
    let right = "rounded 1e-16\n0 |\n1e-30 | 1e-30\n---\norder 2 | 1-5e29 5e29\n";
    assert!(check(right, None).unwrap().problems.is_empty());
    let node = "(5316911+1/2)/(2^61*2^60)";
    let weight = "(2^61*2^60)/2/5316911";
    let wrong =
        format!("rounded 1e-16\n0 |\n{node} | {node}\n---\norder 2 | 1-{weight} {weight}\n");
    assert_eq!(
        check(&wrong, None).unwrap().verdict.weights[0].order,
        1,
        "wrong by 9e-8"
    );
}

#[test]
fn unclaimed_rows_are_searched_to_the_end() {
    let text = "0 |\n1/2 | 1/2\n1 | -1 2\n---\n| 1/6 2/3 1/6\norder 1 | 1 0 0\n";
    let scheme = compile(text).unwrap();
    assert_eq!(scheme.verdict.weights[0].order, 3);
    assert!(scheme.verdict.weights[0].first_failure.is_some());
}

#[test]
fn a_bound_leaves_no_claim_undecided() {
    let rk4 = library::find("rk4").unwrap().text;
    for bound in [1, 3, 4, 5, 8] {
        assert!(
            check(rk4, Some(bound)).unwrap().problems.is_empty(),
            "{bound}"
        );
    }
    let claims_less = rk4.replace("order 4", "order 2");
    let problem = &check(&claims_less, None).unwrap().problems[0];
    assert_eq!(
        problem.headline(),
        "`order 2` is false: these weights have order 4"
    );
    assert_eq!(problem.help_lines(), ["write `order 4`"]);
}

/// A residual of `2^61 − 1`, the first prime of the proof.
#[test]
fn the_failing_tree_shown_is_the_first() {
    let node = "13835058055282163708/3";
    let weight = "3/27670116110564327416";
    let text = format!("0 |\n{node} | {node}\n---\norder 3 | 1-{weight} {weight}\n");
    let verdict = check(&text, None).unwrap().verdict;
    let failure = verdict.weights[0].first_failure.as_ref().unwrap();
    assert_eq!(failure.tree, "[τ,τ]");
    assert_eq!(failure.residual, f64::exp2(61.0));
}

#[test]
fn the_field_is_that_of_the_coefficients() {
    let text = "let unused = sqrt(2)\nlet r = sqrt(3)\n0 |\n1/2 | r^2/6\n---\norder 2 | 0 1\n";
    assert_eq!(check(text, None).unwrap().tableau.field_name(), "Q");
}

fn tableau_text(stages: usize, numbers: &[(i64, i64)]) -> String {
    let mut numbers = numbers.iter().cycle();
    let mut entry = || numbers.next().map(|(n, d)| format!("{n}/{d}")).unwrap();
    let mut rows = Vec::new();
    for i in 0..stages {
        rows.push(format!(
            "* | {}",
            (0..i).map(|_| entry()).collect::<Vec<_>>().join(" ")
        ));
    }
    let rows = rows.join("\n");
    // Consistent: the last weight makes the sum 1.
    let weights: Vec<_> = (1..stages).map(|_| entry()).collect();
    let rest = if weights.is_empty() {
        String::new()
    } else {
        format!("-({})", weights.join("+"))
    };
    format!("{rows}\n---\n| {} 1{rest}\n", weights.join(" "))
}

proptest! {
    #[test]
    fn random_consistent_tableaux_agree_with_brute_force(
        stages in 1_usize..5,
        numbers in prop::collection::vec((-3_i64..=3, 1_i64..=4), 12),
    ) {
        let checked = check(&tableau_text(stages, &numbers), Some(5)).unwrap();
        prop_assert_eq!(vec![checked.verdict.weights[0].order], brute_force(&checked.tableau, 5));
    }

    /// The family of all three-stage methods of order 3 with distinct nodes (Butcher 2016, §322, case I).
    #[test]
    fn members_of_a_family_of_order_three_have_order_three(u in 1_i64..12, v in 1_i64..12, d in 12_i64..24) {
        prop_assume!(u != v && 3 * u != 2 * d);
        let (u, v) = (format!("({u}/{d})"), format!("({v}/{d})"));
        let b2 = format!("(3*{v}-2)/(6*{u}*({v}-{u}))");
        let b3 = format!("(2-3*{u})/(6*{v}*({v}-{u}))");
        let a32 = format!("{v}*({v}-{u})/({u}*(2-3*{u}))");
        let text = format!("0 |\n{u} | {u}\n{v} | {v}-{a32} {a32}\n---\norder 3 | 1-{b2}-{b3} {b2} {b3}\n");
        let checked = check(&text, None).unwrap();
        prop_assert!(checked.problems.is_empty(), "{}", checked.problems[0].render("f", &text));
    }
}
