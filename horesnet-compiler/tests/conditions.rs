//! The proof against a second algorithm that shares nothing with it: trees as level sequences (Beyer and Hedetniemi,
//! SIAM J. Comput. 9 (1980) 706–712), conditions as sums over all choices of stages, in plain integers.

use horesnet_compiler::check;
use horesnet_compiler::tree::Forest;
use proptest::prelude::*;

/// All rooted trees of `order` nodes as the depths of their nodes in preorder, the deepest subtrees first.
fn level_sequences(order: usize) -> Vec<Vec<usize>> {
    let mut levels: Vec<_> = (0..order).collect();
    let mut all = vec![levels.clone()];
    // The last node deeper than 1 moves up, and what follows repeats the sequence that begins with its new sibling.
    while let Some(p) = levels.iter().rposition(|&level| level > 1) {
        let q = levels[..p]
            .iter()
            .rposition(|&level| level == levels[p] - 1);
        let period = p - q.expect("every node but the root has a parent");
        for at in p..order {
            levels[at] = levels[at - period];
        }
        all.push(levels.clone());
    }
    all
}

/// `γ`, the product of the sizes of all subtrees.
fn density(levels: &[usize]) -> i128 {
    let size = |at: usize| {
        let below = levels[at + 1..].iter();
        1 + below.take_while(|&&level| level > levels[at]).count() as i128
    };
    (0..levels.len()).map(size).product()
}

/// A tableau in integers: `A` and `b` times their common denominators.
#[derive(Clone, Debug)]
struct Integers {
    matrix: Vec<Vec<i128>>,
    matrix_denominator: i128,
    weights: Vec<i128>,
    weights_denominator: i128,
}

impl Integers {
    /// `Σ b_i a_ij a_jk …` over all choices of a stage for each node, times the denominators.
    fn sum(&self, levels: &[usize]) -> i128 {
        let mut stages = vec![0; levels.len()];
        (0..self.weights.len())
            .filter(|&i| self.weights[i] != 0)
            .map(|i| {
                stages[0] = i;
                self.weights[i] * self.rest(levels, 1, &mut stages)
            })
            .sum()
    }

    fn rest(&self, levels: &[usize], at: usize, stages: &mut [usize]) -> i128 {
        if at == levels.len() {
            return 1;
        }
        let parent = levels[..at].iter().rposition(|&l| l + 1 == levels[at]);
        let row = &self.matrix[stages[parent.expect("a parent")]];
        (0..row.len())
            .filter(|&j| row[j] != 0)
            .map(|j| {
                stages[at] = j;
                row[j] * self.rest(levels, at + 1, stages)
            })
            .sum()
    }

    fn order(&self, bound: usize) -> usize {
        let holds = |levels: &Vec<usize>| {
            let denominator =
                self.weights_denominator * self.matrix_denominator.pow(levels.len() as u32 - 1);
            self.sum(levels) * density(levels) == denominator
        };
        let fails = |&order: &usize| !level_sequences(order).iter().all(holds);
        (1..=bound).find(fails).unwrap_or(bound + 1) - 1
    }

    /// As a file in the full form.
    fn text(&self, header: &str) -> String {
        let row = |row: &[i128], denominator: i128| {
            let entries: Vec<_> = row.iter().map(|n| format!("{n}/{denominator}")).collect();
            entries.join(" ")
        };
        let stages = { self.matrix.iter() }
            .map(|entries| format!("* | {}\n", row(entries, self.matrix_denominator)));
        format!(
            "{header}{}---\n| {}\n",
            stages.collect::<String>(),
            row(&self.weights, self.weights_denominator)
        )
    }

    /// The order that the compiler finds, and the tree that fails first.
    fn proven(&self, header: &str, bound: usize) -> (usize, Option<String>) {
        let checked = check(&self.text(header), Some(bound)).expect("a tableau");
        let row = &checked.verdict.weights[0];
        let tree = row.first_failure.as_ref();
        (row.order, tree.map(|failure| failure.tree.clone()))
    }
}

/// Euler's method with `n` steps for each `n` of the sequence, extrapolated: of exactly as many orders as there are
/// numbers (Hairer, Nørsett and Wanner I, §II.9).
fn extrapolated(sequence: &[i128]) -> Integers {
    let scale = sequence.iter().product::<i128>();
    let stages = 1 + sequence.iter().map(|n| *n as usize - 1).sum::<usize>();
    let mut scheme = Integers {
        matrix: vec![vec![0; stages]; stages],
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
        assert_eq!(scheme.proven("", 8).0, members as usize);
        assert_eq!(scheme.order(6), members as usize);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_tableaux_have_the_order_of_the_second_algorithm(scheme in tableaux()) {
        prop_assert_eq!(scheme.proven("", 6).0, scheme.order(6));
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
        prop_assert_eq!(wrong.proven("", 6).0, wrong.order(6));
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
        prop_assert_eq!(scheme.proven(&header, 6), scheme.proven("", 6));
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
        prop_assert_eq!(permuted.proven("", 7), scheme.proven("", 7));
    }

    /// A stage that no other uses, and one that does the work of another in part, change nothing.
    #[test]
    fn dead_and_split_stages_change_nothing(
        scheme in prop_oneof![tableaux(), sequences()],
        split in 0_usize..32,
        row in prop::collection::vec(-5_i128..=5, 32),
    ) {
        let stages = scheme.weights.len();
        let expected = scheme.proven("", 7);
        let mut dead = scheme.clone();
        for entries in &mut dead.matrix {
            entries.push(0);
        }
        dead.matrix.push(row[..=stages].to_vec());
        dead.weights.push(0);
        prop_assert_eq!(&dead.proven("", 7), &expected);

        let split = split % stages;
        let mut twice = scheme.clone();
        twice.matrix.push(twice.matrix[split].clone());
        for (entries, part) in twice.matrix.iter_mut().zip(&row) {
            entries.push(*part);
            entries[split] -= part;
        }
        // The two copies use each other as well, with parts that sum to what the one used of itself.
        twice.weights.push(row[0]);
        twice.weights[split] -= row[0];
        prop_assert_eq!(&twice.proven("", 7), &expected);
    }
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
