//! The proof against a second algorithm that shares nothing with it.

mod definition;

use definition::{Integers, density, level_sequences};
use horesnet_compiler::check;
use horesnet_compiler::tree::Forest;
use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// The order that the compiler finds, and the tree that fails first.
fn proven(scheme: &Integers, header: &str, bound: usize) -> (usize, Option<String>) {
    let checked = check(&scheme.text(header), Some(bound)).expect("a tableau");
    let row = &checked.verdict.weights[0];
    let tree = row.first_failure.as_ref();
    (row.order, tree.map(|failure| failure.tree.clone()))
}

/// Euler's method with `n` steps for each `n` of the sequence, extrapolated: of exactly as many orders as there are
/// numbers (Hairer, Nørsett and Wanner I, §II.9).
fn extrapolated(sequence: &[i128]) -> Integers {
    let scale = sequence.iter().product::<i128>();
    let stages = 1 + sequence.iter().map(|n| *n as usize - 1).sum::<usize>();
    let mut scheme = Integers {
        matrix: vec![vec![0; stages]; stages],
        nodes: vec![None; stages],
        matrix_denominator: scale,
        weights: vec![0; stages],
        weights_denominator: 1,
    };
    // Aitken and Neville at h = 0: Π n_k/(n_k − n_l) over the others.
    let factors: Vec<(i128, i128)> = { sequence.iter() }
        .map(|&n| {
            let others = sequence.iter().filter(|&&m| m != n);
            others.fold((1, 1), |(a, b), &m| (a * n, b * (n - m)))
        })
        .collect();
    scheme.weights_denominator = scale * { factors.iter() }.map(|(_, b)| b.abs()).product::<i128>();
    let mut first = 1;
    for (&n, (a, b)) in sequence.iter().zip(factors) {
        let weight = scheme.weights_denominator / (n * b) * a;
        let steps: Vec<_> = std::iter::once(0)
            .chain(first..first + n as usize - 1)
            .collect();
        for (at, &i) in steps.iter().enumerate() {
            scheme.weights[i] += weight;
            for &j in &steps[..at] {
                scheme.matrix[i][j] = scale / n;
            }
        }
        first += n as usize - 1;
    }
    scheme
}

fn sequences() -> impl Strategy<Value = Integers> {
    prop::sample::subsequence(vec![1_i128, 2, 3, 4, 5], 1..=5)
        .prop_map(|sequence| extrapolated(&sequence))
}

/// A few stages, explicit or not, whose weights sum to 1.
fn tableaux() -> impl Strategy<Value = Integers> {
    let entries = prop::collection::vec(prop::collection::vec(-6_i128..=6, 3), 3);
    let weights = prop::collection::vec(-3_i128..=3, 2);
    (entries, weights, any::<bool>()).prop_map(|(mut matrix, mut weights, explicit)| {
        for (i, row) in matrix.iter_mut().enumerate() {
            row.iter_mut()
                .skip(if explicit { i } else { 3 })
                .for_each(|entry| *entry = 0);
        }
        weights.push(4 - weights.iter().sum::<i128>());
        Integers {
            matrix,
            nodes: vec![None; 3],
            matrix_denominator: 6,
            weights,
            weights_denominator: 4,
        }
    })
}

#[test]
fn trees_are_as_many_as_in_the_encyclopedia() {
    // OEIS A000081.
    let counts = [1, 1, 2, 4, 9, 20, 48, 115, 286, 719, 1842, 4766, 12486];
    let forest = Forest::up_to(counts.len());
    for (order, count) in (1..).zip(counts) {
        assert_eq!(forest.range(order).len(), count, "order {order}");
        assert_eq!(level_sequences(order).len(), count, "order {order}");
    }
}

#[test]
fn trees_are_the_same_and_equally_dense() {
    let forest = Forest::up_to(9);
    for order in 1..=9 {
        let mut expected: Vec<_> = { level_sequences(order).into_iter() }
            .map(|levels| (density(&levels), levels))
            .collect();
        let mut found: Vec<_> = { forest.range(order) }
            .map(|tree| (i128::from(forest.get(tree).density), levels(&forest, tree)))
            .collect();
        expected.sort();
        found.sort();
        assert_eq!(found, expected);
    }
}

/// The level sequence of a tree of the forest, by its bracket notation.
fn levels(forest: &Forest, tree: usize) -> Vec<usize> {
    fn canonical(levels: &[usize]) -> Vec<usize> {
        let root = levels[0];
        let mut children: Vec<_> = { levels[1..].chunk_by(|_, &next| next > root + 1) }
            .map(canonical)
            .collect();
        children.sort_by(|a, b| b.cmp(a));
        std::iter::once(root)
            .chain(children.into_iter().flatten())
            .collect()
    }
    let (mut depth, mut levels) = (0, Vec::new());
    for character in forest.bracket(tree).chars() {
        match character {
            '[' => {
                levels.push(depth);
                depth += 1;
            }
            ']' => depth -= 1,
            'τ' => levels.push(depth),
            _ => {}
        }
    }
    canonical(&levels)
}

#[test]
fn extrapolated_methods_have_as_many_orders_as_members() {
    for members in 1..=6 {
        let sequence: Vec<_> = (1..=members).collect();
        let scheme = extrapolated(&sequence);
        assert_eq!(proven(&scheme, "", 8).0, members as usize);
        assert_eq!(scheme.order(6), members as usize);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_tableaux_have_the_order_of_the_second_algorithm(scheme in tableaux()) {
        prop_assert_eq!(proven(&scheme, "", 6).0, scheme.order(6));
    }

    /// One wrong entry somewhere in a scheme of some order.
    #[test]
    fn wrong_tableaux_have_the_order_of_the_second_algorithm(
        scheme in sequences(),
        (i, j) in (0_usize..32, 0_usize..32),
        by in -2_i128..=2,
    ) {
        let mut wrong = scheme.clone();
        let stages = wrong.weights.len();
        wrong.matrix[i % stages][j % stages] += by;
        prop_assert_eq!(proven(&wrong, "", 6).0, wrong.order(6));
    }

    /// What is exact is exact to any number of digits.
    #[test]
    fn rounded_proofs_agree_with_exact_ones(
        scheme in prop_oneof![tableaux(), sequences()],
        (i, by) in (0_usize..32, -1_i128..=1),
        digits in 9_usize..200,
    ) {
        let mut scheme = scheme;
        let stages = scheme.weights.len();
        scheme.matrix[i % stages][i / 2 % stages] += by;
        let header = format!("rounded 1e-{digits}\n");
        prop_assert_eq!(proven(&scheme, &header, 6), proven(&scheme, "", 6));
    }

    #[test]
    fn the_order_of_the_stages_does_not_matter(scheme in sequences(), seed in any::<u64>()) {
        let stages = scheme.weights.len();
        let mut places: Vec<_> = (0..stages).collect();
        places.sort_by_key(|&i| seed.wrapping_mul(2 * i as u64 + 1).rotate_left(32));
        let permuted = Integers {
            matrix: places.iter().map(|&i| places.iter().map(|&j| scheme.matrix[i][j]).collect()).collect(),
            weights: places.iter().map(|&i| scheme.weights[i]).collect(),
            ..scheme.clone()
        };
        prop_assert_eq!(proven(&permuted, "", 7), proven(&scheme, "", 7));
    }

    /// A stage that no other uses, and one that does the work of another in part, change nothing.
    #[test]
    fn dead_and_split_stages_change_nothing(
        scheme in prop_oneof![tableaux(), sequences()],
        split in 0_usize..32,
        row in prop::collection::vec(-5_i128..=5, 32),
    ) {
        let stages = scheme.weights.len();
        let expected = proven(&scheme, "", 7);
        let mut dead = scheme.clone();
        for entries in &mut dead.matrix {
            entries.push(0);
        }
        dead.matrix.push(row[..=stages].to_vec());
        dead.nodes.push(None);
        dead.weights.push(0);
        prop_assert_eq!(&proven(&dead, "", 7), &expected);

        let split = split % stages;
        let mut twice = scheme.clone();
        twice.matrix.push(twice.matrix[split].clone());
        twice.nodes.push(None);
        for (entries, part) in twice.matrix.iter_mut().zip(&row) {
            entries.push(*part);
            entries[split] -= part;
        }
        // The two copies use each other as well, with parts that sum to what the one used of itself.
        twice.weights.push(row[0]);
        twice.weights[split] -= row[0];
        prop_assert_eq!(&proven(&twice, "", 7), &expected);
    }
}

/// Nodes that are not the sums of their rows, and stages that no weights reach: `HORESNET_TABLEAUX` tableaux, or some
/// hundred, exact and rounded.
#[test]
fn tableaux_with_any_nodes_have_the_order_of_the_definition() {
    const BOUND: usize = 5;
    let count = std::env::var("HORESNET_TABLEAUX").ok();
    let count = count.map_or(300, |count| count.parse().expect("a number"));
    let mut random = StdRng::seed_from_u64(5);
    let mut orders = [0; BOUND + 1];
    for _ in 0..count {
        let scheme = Integers::of(&random.random::<[u8; 32]>());
        let order = scheme.order(BOUND);
        orders[order] += 1;
        let rounded = format!("rounded 1e-{}\n", random.random_range(14..60));
        for header in ["", &rounded] {
            assert_eq!(
                proven(&scheme, header, BOUND).0,
                order,
                "{}",
                scheme.text(header)
            );
        }
    }
    println!("{count} tableaux, by order: {orders:?}");
    assert!(orders[..BOUND].iter().all(|count| *count > 0), "{orders:?}");
}

/// Stages that no weights reach are in no condition: neither their entries nor their nodes matter.
#[test]
fn unreached_stages_matter_neither_by_entries_nor_by_nodes() {
    let long = "1".repeat(3000);
    for dead in [
        format!("7 | {long}/3 0"),
        format!("{long} | 1 1"),
        "1/3 | 1/2 1/2".to_owned(),
    ] {
        for header in ["", "rounded 1e-12\n"] {
            let stages = format!("0 |\n1/2 | 1/2\n{dead}\n1/2 | 0 1/2 0\n1 | 0 0 0 1");
            let text = format!("{header}{stages}\n---\norder 4 | 1/6 1/3 0 1/3 1/6\n");
            let checked = horesnet_compiler::check(&text, None).unwrap();
            assert!(
                checked.problems.is_empty(),
                "{text}: {:?}",
                checked.problems
            );
            assert_eq!(checked.verdict.weights[0].order, 4);
            assert!(checked.verdict.row_sums);
        }
    }
}
