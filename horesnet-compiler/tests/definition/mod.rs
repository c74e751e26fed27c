//! The order of a tableau by the definition of the order conditions, sharing nothing with the compiler: trees as level
//! sequences (Beyer and Hedetniemi, SIAM J. Comput. 9 (1980) 706–712), conditions as sums over all choices of stages, in
//! plain integers. Leaves are sums of rows or nodes, in any combination.

pub(crate) mod trees;

pub(crate) use trees::{density, level_sequences};

/// A tableau in integers: `A`, `c` and `b` times their common denominators.
#[derive(Clone, Debug)]
pub(crate) struct Integers {
    pub(crate) matrix: Vec<Vec<i128>>,
    /// The nodes that are written; the others are the sums of their rows.
    pub(crate) nodes: Vec<Option<i128>>,
    pub(crate) matrix_denominator: i128,
    pub(crate) weights: Vec<i128>,
    pub(crate) weights_denominator: i128,
}

impl Integers {
    fn sum_of_row(&self, row: usize) -> i128 {
        self.matrix[row].iter().sum()
    }

    fn node(&self, row: usize) -> i128 {
        self.nodes[row].unwrap_or_else(|| self.sum_of_row(row))
    }

    /// `Σ b_i a_ij a_jk …` over all choices of a stage for each node, times the denominators. A leaf whose bit in `nodes`
    /// is set has the node in place of the sum of the row.
    fn sum(&self, levels: &[usize], nodes: usize) -> i128 {
        let mut stages = vec![0; levels.len()];
        (0..self.weights.len())
            .filter(|&i| self.weights[i] != 0)
            .map(|i| {
                stages[0] = i;
                self.weights[i] * self.rest(levels, nodes, 1, &mut stages)
            })
            .sum()
    }

    fn rest(&self, levels: &[usize], nodes: usize, at: usize, stages: &mut [usize]) -> i128 {
        if at == levels.len() {
            return 1;
        }
        let parent = levels[..at].iter().rposition(|&l| l + 1 == levels[at]);
        let above = stages[parent.expect("a parent")];
        if nodes & 1 << at != 0 {
            return self.node(above) * self.rest(levels, nodes, at + 1, stages);
        }
        let row = &self.matrix[above];
        (0..row.len())
            .filter(|&j| row[j] != 0)
            .map(|j| {
                stages[at] = j;
                row[j] * self.rest(levels, nodes, at + 1, stages)
            })
            .sum()
    }

    pub(crate) fn order(&self, bound: usize) -> usize {
        let differ = (0..self.matrix.len()).any(|row| self.node(row) != self.sum_of_row(row));
        let holds = |levels: &Vec<usize>| {
            let denominator =
                self.weights_denominator * self.matrix_denominator.pow(levels.len() as u32 - 1);
            let leaves = if differ { leaves(levels) } else { 0 };
            // All subsets of the leaves.
            let subsets = (0..=leaves).filter(|subset| subset & !leaves == 0);
            { subsets }.all(|nodes| self.sum(levels, nodes) * density(levels) == denominator)
        };
        let fails = |&order: &usize| !level_sequences(order).iter().all(holds);
        (1..=bound).find(fails).unwrap_or(bound + 1) - 1
    }

    /// As a file in the full form.
    pub(crate) fn text(&self, header: &str) -> String {
        let row = |row: &[i128], denominator: i128| {
            let entries: Vec<_> = row.iter().map(|n| format!("{n}/{denominator}")).collect();
            entries.join(" ")
        };
        let stages = self.matrix.iter().zip(&self.nodes).map(|(entries, node)| {
            let node = node.map(|node| format!("{node}/{}", self.matrix_denominator));
            let node = node.unwrap_or_else(|| "*".to_owned());
            format!("{node} | {}\n", row(entries, self.matrix_denominator))
        });
        format!(
            "{header}{}---\n| {}\n",
            stages.collect::<String>(),
            row(&self.weights, self.weights_denominator)
        )
    }

    /// A tableau made of bytes: of a known scheme or none, with an entry, nodes and stages changed.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut bytes = bytes.iter().copied();
        let mut next = |count: u8| i128::from(bytes.next().unwrap_or(0) % count);
        let known = SCHEMES.get(next(SCHEMES.len() as u8 + 3) as usize);
        let (matrix, weights) = if let Some((matrix, weights)) = known {
            let rows = matrix.iter().map(|row| row.to_vec());
            (rows.collect::<Vec<_>>(), weights.to_vec())
        } else {
            let mut matrix = vec![vec![0; 3]; 3];
            matrix
                .iter_mut()
                .flatten()
                .for_each(|entry| *entry = next(13) - 6);
            let (b, c) = (next(7) - 3, next(7) - 3);
            (matrix, vec![b, c, 6 - b - c])
        };
        let mut scheme = Self {
            nodes: vec![None; matrix.len()],
            matrix,
            matrix_denominator: 6,
            weights,
            weights_denominator: 6,
        };
        let stages = scheme.matrix.len();
        if next(12) == 0 {
            scheme.weights[0] += 1;
        }
        if next(4) == 0 {
            let (i, j) = (next(8) as usize % stages, next(8) as usize % stages);
            scheme.matrix[i][j] += next(5) - 2;
        }
        let (i, j) = (next(8) as usize % stages, next(8) as usize % stages);
        match next(4) {
            0 => scheme.nodes[i] = Some(next(13) - 6),
            // `Σ b_i c_i` stays: what fails is a condition of nodes and sums.
            1 | 2 if i != j => {
                let by = next(5) - 2;
                scheme.nodes[i] = Some(scheme.node(i) + by * scheme.weights[j]);
                scheme.nodes[j] = Some(scheme.node(j) - by * scheme.weights[i]);
            }
            _ => {}
        }
        if next(2) == 0 {
            // A stage that no weights reach.
            for row in &mut scheme.matrix {
                row.push(0);
            }
            scheme
                .matrix
                .push((0..=stages).map(|_| next(13) - 6).collect());
            scheme.nodes.push(Some(next(13) - 6));
            scheme.weights.push(0);
        }
        scheme
    }
}

/// The bits of the leaves of a tree, the root not among them.
fn leaves(levels: &[usize]) -> usize {
    let is_leaf = |&at: &usize| levels.get(at + 1).is_none_or(|&next| next <= levels[at]);
    (1..levels.len()).filter(is_leaf).map(|at| 1 << at).sum()
}

/// A matrix and weights, times 6.
type Scheme = (&'static [&'static [i128]], &'static [i128]);

/// Schemes that are multiples of 1/6: Euler, implicit midpoint, midpoint, Heun, trapezoidal rule, Kutta 3, RK4.
const SCHEMES: &[Scheme] = &[
    (&[&[0]], &[6]),
    (&[&[3]], &[6]),
    (&[&[0, 0], &[3, 0]], &[0, 6]),
    (&[&[0, 0], &[6, 0]], &[3, 3]),
    (&[&[0, 0], &[3, 3]], &[3, 3]),
    (&[&[0, 0, 0], &[3, 0, 0], &[-6, 12, 0]], &[1, 4, 1]),
    (
        &[&[0, 0, 0, 0], &[3, 0, 0, 0], &[0, 3, 0, 0], &[0, 0, 6, 0]],
        &[1, 2, 2, 1],
    ),
];
