//! Listed conditions, against values by hand and an evaluation that reads the trees from their brackets.

use horesnet_compiler::analysis::{Condition, Conditions};
use horesnet_compiler::number::Number;
use horesnet_compiler::order::Leaves;
use horesnet_compiler::tableau::Tableau;
use horesnet_compiler::{library, parse};
use num_traits::{One, Zero};
use proptest::prelude::*;

use super::{analysed, assert_near};

fn tableau(text: &str) -> Tableau {
    Tableau::new(&parse(text).unwrap()).unwrap()
}

fn listed(name: &str, order: usize) -> Vec<Condition> {
    let found = Conditions::of(&tableau(library::find(name).unwrap().text), order);
    assert_eq!(found.order, order, "{name}");
    found.conditions
}

fn ratio(n: i64, d: i64) -> Number {
    Number::ratio(n, d).unwrap()
}

/// A rooted tree as its children.
struct Node(Vec<Node>);

impl Node {
    fn read(text: &str) -> Self {
        let mut open = vec![Vec::new()];
        for c in text.chars() {
            match c {
                '[' => open.push(Vec::new()),
                'τ' => open.last_mut().unwrap().push(Self(Vec::new())),
                ']' => {
                    let children = open.pop().unwrap();
                    open.last_mut().unwrap().push(Self(children));
                }
                _ => {}
            }
        }
        open.pop().unwrap().pop().unwrap()
    }

    fn order(&self) -> u64 {
        1 + self.0.iter().map(Self::order).sum::<u64>()
    }

    fn density(&self) -> u64 {
        self.order() * self.0.iter().map(Self::density).product::<u64>()
    }

    /// A name that does not depend on the order of the children.
    fn canonical(&self) -> String {
        let mut children: Vec<_> = self.0.iter().map(Self::canonical).collect();
        children.sort();
        format!("({})", children.concat())
    }

    fn symmetry(&self) -> u64 {
        let mut names: Vec<_> = self.0.iter().map(Self::canonical).collect();
        names.sort();
        let equal = names.chunk_by(|a, b| a == b);
        let orders = equal.map(|same| (1..=same.len() as u64).product::<u64>());
        orders.product::<u64>() * self.0.iter().map(Self::symmetry).product::<u64>()
    }

    /// `Φ_i(t)`, with the nodes at the leaves if asked for.
    fn phi(&self, tableau: &Tableau, i: usize, nodes: bool) -> Number {
        let factors = self.0.iter().map(|child| {
            if nodes && child.0.is_empty() {
                return tableau.nodes[i].clone();
            }
            let terms = (0..tableau.stages())
                .filter(|&j| !tableau.matrix[(i, j)].is_zero())
                .map(|j| &tableau.matrix[(i, j)] * &child.phi(tableau, j, nodes));
            terms.fold(Number::zero(), |sum, term| &sum + &term)
        });
        factors.fold(Number::one(), |product, factor| &product * &factor)
    }
}

/// Everything that a listing says of a tree, from the definitions.
fn assert_right(tableau: &Tableau, condition: &Condition) {
    let tree = Node::read(&condition.tree);
    assert_eq!(tree.order(), condition.order as u64);
    assert_eq!(tree.density(), condition.density, "{}", condition.tree);
    assert_eq!(tree.symmetry(), condition.symmetry, "{}", condition.tree);
    let nodes = condition.leaves == Leaves::Nodes;
    for (row, found) in tableau.weights.iter().zip(&condition.rows) {
        let terms =
            { row.values.iter().enumerate() }.map(|(i, b)| b * &tree.phi(tableau, i, nodes));
        let weight = terms.fold(Number::zero(), |sum, term| &sum + &term);
        let residual = &weight - &ratio(1, condition.density as i64);
        assert_eq!(found.weight, weight, "{}", condition.tree);
        assert_eq!(
            found.error,
            &residual * &ratio(1, condition.symmetry as i64)
        );
        assert_eq!(found.residual, residual);
        if found.tolerance.is_none() {
            assert_eq!(found.holds, residual.is_zero());
        }
    }
}

/// Kutta's method: `Σ b_i Φ_i(t)` of the nine trees of order 5 by hand from c = (0, 1/2, 1/2, 1), Ac = (0, 0, 1/4, 1/2),
/// Ac² = (0, 0, 1/8, 1/4), A²c = (0, 0, 0, 1/4).
#[test]
fn residuals_of_rk4_are_those_worked_by_hand() {
    let conditions = listed("rk4", 5);
    assert_eq!(conditions.len(), 1 + 1 + 2 + 4 + 9);
    let (first, fifth) = conditions.split_at(8);
    assert!(first.iter().all(|condition| condition.rows[0].holds));
    let expected = [
        ("[τ,τ,τ,τ]", "1/120", "1/2880"),
        ("[[τ],τ,τ]", "1/240", "1/480"),
        ("[[τ],[τ]]", "1/80", "1/160"),
        ("[[τ,τ],τ]", "-1/240", "-1/480"),
        ("[[[τ]],τ]", "1/120", "1/120"),
        ("[[τ,τ,τ]]", "-1/120", "-1/720"),
        ("[[[τ],τ]]", "-1/240", "-1/240"),
        ("[[[τ,τ]]]", "1/240", "1/480"),
        ("[[[[τ]]]]", "-1/120", "-1/120"),
    ];
    let mut found: Vec<_> = { fifth.iter() }
        .map(|condition| {
            let row = &condition.rows[0];
            let numbers = (row.residual.to_string(), row.error.to_string());
            (condition.tree.clone(), numbers.0, numbers.1)
        })
        .collect();
    let mut expected = expected.map(|(t, r, e)| (t.to_owned(), r.to_owned(), e.to_owned()));
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

/// Every row of weights has its residuals: Heun's of order 2, and Euler's beside it.
#[test]
fn every_row_of_weights_is_listed() {
    let conditions = listed("heun2", 3);
    let rows = conditions.iter().map(|condition| {
        let rows = condition.rows.iter();
        let rows = rows.map(|row| row.residual.to_string());
        (
            condition.condition.as_str(),
            rows.collect::<Vec<_>>().join(" "),
        )
    });
    let expected = [
        ("Σ b_i", "0 0"),
        ("Σ b_i c_i", "0 -1/2"),
        ("Σ b_i c_i^2", "1/6 -1/3"),
        ("Σ b_i a_ij c_j", "-1/6 -1/6"),
    ];
    let expected = expected.map(|(condition, rows)| (condition, rows.to_owned()));
    assert_eq!(rows.collect::<Vec<_>>(), expected);
}

/// The orders, and the sizes of the principal errors, are those of the proof and of the analysis.
#[test]
fn listings_agree_with_proofs_and_principal_errors() {
    let mut compared = 0;
    for scheme in library::all().iter().chain(library::implicit()) {
        let (tableau, analysis) = analysed(scheme.text);
        let orders: Vec<_> = std::iter::once(analysis.order)
            .chain(analysis.embedded_orders.iter().copied())
            .collect();
        let last = orders.iter().max().map_or(0, |order| order + 1);
        // Trees of order 10 and more take time.
        if last > 9 {
            continue;
        }
        let listed = Conditions::of(&tableau, last);
        assert_eq!(listed.order, last, "{}", scheme.name);
        for (row, order) in orders.into_iter().enumerate() {
            let fails = listed.conditions.iter().find(|c| !c.rows[row].holds);
            let fails = fails.unwrap_or_else(|| panic!("{}", scheme.name));
            assert_eq!(fails.order, order + 1, "{}", scheme.name);
            let errors = listed.conditions.iter();
            let errors = errors.filter(|c| c.order == order + 1 && c.leaves == fails.leaves);
            let squares = errors.map(|c| c.rows[row].error.to_f64().powi(2));
            let principal = analysis.principal_errors[row].unwrap();
            assert_near(squares.sum::<f64>().sqrt(), principal.norm, 1e-12);
            compared += 1;
        }
    }
    assert!(compared > 140, "{compared}");
}

/// Nodes that are not row sums: each tree with either at its leaves, and the order is the smaller.
#[test]
fn nodes_that_are_not_row_sums_have_conditions_of_their_own() {
    let text = "0 |\n1/3 | 1/2\n---\n| 0 1\n";
    let tableau = tableau(text);
    let listed = Conditions::of(&tableau, 3).conditions;
    assert_eq!(listed.len(), 1 + 2 * (1 + 2));
    for condition in &listed {
        assert_right(&tableau, condition);
    }
    let second: Vec<_> = listed.iter().filter(|c| c.order == 2).collect();
    assert_eq!(
        (second[0].leaves, second[1].leaves),
        (Leaves::Sums, Leaves::Nodes)
    );
    assert!(second[0].rows[0].holds && !second[1].rows[0].holds);
    assert_eq!(second[1].rows[0].residual, ratio(-1, 6));
}

/// `|residual| ≤ n·EPS·Σ|b_i||Φ_i|`, with an error just inside and just outside of it.
#[test]
fn rounded_conditions_hold_within_their_tolerance() {
    // The condition of [τ]: 1·x = 1/2 with tolerance 2·EPS·|x|.
    for (node, holds) in [
        ("0.5001", true),
        ("0.50010003", false),
        ("0.4999001", true),
        ("0.4999", false),
    ] {
        let text = format!("rounded 1e-4\n0 |\n{node} | {node}\n---\n| 0 1\n");
        let listed = Conditions::of(&tableau(&text), 2).conditions;
        let row = &listed[1].rows[0];
        let x = &row.weight;
        assert_eq!(row.tolerance, Some(&ratio(2, 10_000) * x));
        assert_eq!(row.residual, x - &ratio(1, 2));
        assert_eq!(row.holds, holds, "{node}");
    }
    // What is far below all else is weighed.
    let text = "rounded 1e-299\n0 |\n1/2 | 1/2\n---\n| 1e-290 1\n";
    let row = &Conditions::of(&tableau(text), 1).conditions[0].rows[0];
    assert!(!row.holds && !row.residual.is_zero());
}

/// Listings end with the last order that was listed in full.
#[test]
fn long_coefficients_and_high_orders_end_listings() {
    let rk4 = tableau(library::find("rk4").unwrap().text);
    assert_eq!(Conditions::of(&rk4, 0).conditions, []);
    let most = Conditions::of(&rk4, usize::MAX);
    assert_eq!(most.order, Conditions::MAX_ORDER);
    assert_eq!(most.conditions.len(), 1205);
    // Denominators of so many digits, with few common factors; the weights take the last stage.
    let rows = |stages: usize, digits: usize| {
        let long = |i: usize| format!("1/{}{}", "7".repeat(digits - 3), 101 + 2 * i);
        let row = |i: usize| {
            let entries: Vec<_> = (0..i).map(|j| long(stages * i + j)).collect();
            format!("* | {}", entries.join(" "))
        };
        let rows: Vec<_> = (0..stages).map(row).collect();
        format!("{}\n---\n| {}1\n", rows.join("\n"), "0 ".repeat(stages - 1))
    };
    let unused = rows(4, 1200).replace("| 0 0 0 1", "| 1 0 0 0");
    let listed = Conditions::of(&tableau(&unused), 10);
    assert_eq!(
        listed.order, 10,
        "stages that no weights reach do not matter"
    );
    let listed = Conditions::of(&tableau(&rows(4, 1200)), 10);
    assert_eq!((listed.order, listed.conditions.len()), (0, 0));
    let listed = Conditions::of(&tableau(&rows(6, 50)), 10);
    assert!((2..10).contains(&listed.order), "{}", listed.order);
    assert_eq!(listed.conditions.last().unwrap().order, listed.order);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn listings_are_right_for_random_tableaux(
        numbers in prop::collection::vec((-4_i64..=4, 1_i64..=3, 0_i64..=1), 18),
        explicit in any::<bool>(),
        sums in any::<bool>(),
    ) {
        let mut numbers = numbers.iter().map(|(n, d, r)| format!("({n}+{r}*sqrt(3))/{d}"));
        let mut next = |count: usize| numbers.by_ref().take(count).collect::<Vec<_>>();
        let rows: Vec<_> = (0..3)
            .map(|i| {
                let (node, mut row) = (next(1).concat(), next(3));
                row.truncate(if explicit { i } else { 3 });
                format!("{} | {}", if sums { "*" } else { &node }, row.join(" "))
            })
            .collect();
        let text = format!("{}\n---\n| {}\n| 1/2 0 1/2\n", rows.join("\n"), next(3).join(" "));
        let tableau = tableau(&text);
        let listed = Conditions::of(&tableau, 6);
        prop_assert_eq!(listed.order, 6);
        for condition in &listed.conditions {
            assert_right(&tableau, condition);
        }
    }
}
