//! Order conditions of `y′ = f(t, y)` whose trees have both nodes and row sums at their leaves.
//!
//! The autonomous form in `(t, y)` has leaves of two kinds: `t`, with the node, and `y`, with the row sum (Hairer, Nørsett,
//! Wanner 1993, §II.2 and §II.15). If the two differ, each condition must hold with either at each leaf. The other searches
//! cover leaves of one kind. Rounded coefficients are decided in double-double arithmetic, about thirty digits.

use nalgebra::DVector;
use num_traits::{One, Zero};

use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::arithmetic::{Arithmetic, Exact};
use crate::number::budget::{Budget, TooLarge};
use crate::number::double_double::DoubleDouble;
use crate::number::scalars::DOUBLE_DOUBLES;

/// A failing condition with leaves of both kinds.
#[derive(Clone, Debug)]
pub(crate) struct Failing {
    pub(crate) order: usize,
    /// In brackets; `c` is a leaf with the node.
    pub(crate) tree: String,
    pub(crate) condition: String,
    pub(crate) density: u64,
    pub(crate) weight: Number,
}

/// Stated errors above this are far above those of [`DoubleDouble`].
const COARSE: f64 = 1e-24;

/// A tree to graft onto a root.
struct Graft<T> {
    order: usize,
    density: u64,
    /// True for each kind of leaf that occurs.
    kinds: [bool; 2],
    tree: String,
    children: Vec<usize>,
    /// The symbol of a leaf in conditions.
    leaf: Option<&'static str>,
    /// `AΦ`, or the value of the leaf; and its bound by absolute values.
    values: Vec<T>,
    magnitudes: Vec<f64>,
}

/// Finds the first failing condition of each row of weights, up to `most` nodes.
pub(crate) fn search(
    tableau: &Tableau,
    sums: &DVector<Number>,
    most: &[usize],
    budget: &mut Budget,
) -> Result<Vec<Option<Failing>>, TooLarge> {
    match tableau.rounded.as_ref().map(Number::to_f64) {
        Some(eps) if eps > COARSE => {
            let to_f64 = |number: &DoubleDouble| number.to_f64();
            search_in(&DOUBLE_DOUBLES, to_f64, tableau, sums, most, budget)
        }
        _ => search_in(&Exact, Number::to_f64, tableau, sums, most, budget),
    }
}

fn search_in<A: Arithmetic>(
    arithmetic: &A,
    to_f64: fn(&A::Element) -> f64,
    tableau: &Tableau,
    sums: &DVector<Number>,
    most: &[usize],
    budget: &mut Budget,
) -> Result<Vec<Option<Failing>>, TooLarge> {
    let size = |number: &Number| number.to_f64().abs();
    let rows = tableau.matrix.row_iter();
    let entries = |row: usize| {
        let row = tableau.matrix.row(row);
        let entries = row.iter().enumerate().filter(|(_, a)| !a.is_zero());
        entries
            .map(|(column, a)| (column, arithmetic.convert(a), size(a)))
            .collect()
    };
    let leaf = |kind: usize, values: &DVector<Number>, magnitudes| Graft {
        order: 1,
        density: 1,
        kinds: [kind == 0, kind == 1],
        tree: ["τ", "c"][kind].to_owned(),
        children: Vec::new(),
        leaf: Some(["(Ae)", "c"][kind]),
        values: values
            .iter()
            .map(|value| arithmetic.convert(value))
            .collect(),
        magnitudes,
    };
    let mut search = ConditionSearch {
        arithmetic,
        to_f64,
        tableau,
        sums,
        rows: (0..tableau.stages()).map(entries).collect(),
        weights: { tableau.weights.iter() }
            .map(|row| {
                { row.values.iter() }
                    .map(|b| arithmetic.convert(b))
                    .collect()
            })
            .collect(),
        eps: tableau.rounded.as_ref().map_or(0.0, Number::to_f64),
        grafts: vec![
            leaf(
                0,
                sums,
                rows.map(|row| row.iter().map(size).sum()).collect(),
            ),
            leaf(1, &tableau.nodes, tableau.nodes.iter().map(size).collect()),
        ],
        found: vec![None; tableau.weights.len()],
        most,
        budget,
    };
    let last = most.iter().copied().max().unwrap_or(0);
    for order in 2..=last {
        let root = Root {
            children: Vec::new(),
            values: vec![arithmetic.one(); tableau.stages()],
            magnitudes: vec![1.0; tableau.stages()],
        };
        let known = search.grafts.len();
        search.grow(&root, order - 1, known, order < last)?;
    }
    Ok(search.found)
}

struct ConditionSearch<'a, A: Arithmetic> {
    arithmetic: &'a A,
    to_f64: fn(&A::Element) -> f64,
    tableau: &'a Tableau,
    sums: &'a DVector<Number>,
    /// The non-zero entries of each row of the matrix: column, value, size.
    rows: Vec<Vec<(usize, A::Element, f64)>>,
    weights: Vec<Vec<A::Element>>,
    eps: f64,
    /// Grafts with fewer nodes than the current trees.
    grafts: Vec<Graft<A::Element>>,
    found: Vec<Option<Failing>>,
    most: &'a [usize],
    budget: &'a mut Budget,
}

/// A root with some of its children.
struct Root<T> {
    children: Vec<usize>,
    values: Vec<T>,
    magnitudes: Vec<f64>,
}

impl<A: Arithmetic> ConditionSearch<'_, A> {
    /// Grafts trees with `nodes` nodes in total onto `root`, from `below` downwards, and decides the results.
    fn grow(
        &mut self,
        root: &Root<A::Element>,
        nodes: usize,
        below: usize,
        keep: bool,
    ) -> Result<(), TooLarge> {
        if nodes == 0 {
            return self.judge(root, keep);
        }
        for graft in (0..below).rev() {
            let Some(order) = self.grafts.get(graft).map(|graft| graft.order) else {
                continue;
            };
            if order > nodes {
                continue;
            }
            let grafted = self.grafted(root, graft)?;
            self.grow(&grafted, nodes - order, graft + 1, keep)?;
        }
        Ok(())
    }

    fn grafted(
        &mut self,
        root: &Root<A::Element>,
        at: usize,
    ) -> Result<Root<A::Element>, TooLarge> {
        let graft = &self.grafts[at];
        let pairs = || root.values.iter().zip(&graft.values);
        let arithmetic = self.arithmetic;
        let steps = pairs().map(|(a, b)| arithmetic.steps(a, b)).sum();
        self.budget.spend(steps)?;
        let mut children = root.children.clone();
        children.push(at);
        let magnitudes = root.magnitudes.iter().zip(&graft.magnitudes);
        Ok(Root {
            children,
            values: { pairs() }
                .map(|(a, b)| arithmetic.multiply(a, b))
                .collect(),
            magnitudes: magnitudes.map(|(a, b)| a * b).collect(),
        })
    }

    /// Decides the condition of a tree, and keeps the tree as a graft.
    fn judge(&mut self, root: &Root<A::Element>, keep: bool) -> Result<(), TooLarge> {
        let children = || root.children.iter().map(|&child| &self.grafts[child]);
        let order = 1 + children().map(|child| child.order).sum::<usize>();
        let density = order as u64 * children().map(|child| child.density).product::<u64>();
        let kinds = [0, 1].map(|kind| children().any(|child| child.kinds[kind]));
        let names: Vec<&str> = children().map(|child| child.tree.as_str()).collect();
        let tree = format!("[{}]", names.join(","));
        let expected = Number::ratio(1, density).unwrap_or_else(Number::one);
        for (row, weights) in self.tableau.weights.iter().enumerate() {
            let open = self.found[row].is_none() && order <= self.most[row];
            if !open || kinds != [true, true] {
                continue;
            }
            let arithmetic = self.arithmetic;
            let pairs = self.weights[row].iter().zip(&root.values);
            let weight = dot(arithmetic, pairs, self.budget)?;
            let target = arithmetic.convert(&expected);
            let sizes = weights.values.iter().zip(&root.magnitudes);
            let magnitude: f64 = sizes.map(|(b, m)| b.to_f64().abs() * m).sum();
            let holds = if self.eps == 0.0 {
                weight == target
            } else {
                let residual = (self.to_f64)(&arithmetic.subtract(&weight, &target));
                residual.abs() <= order as f64 * self.eps * magnitude
            };
            if !holds {
                self.found[row] = Some(Failing {
                    order,
                    tree: tree.clone(),
                    condition: self.condition(&root.children),
                    density,
                    weight: weights.values.dot(&self.exact(&root.children)),
                });
            }
        }
        if keep {
            let mut values = Vec::with_capacity(root.values.len());
            let mut magnitudes = Vec::with_capacity(root.values.len());
            for row in &self.rows {
                let pairs = row.iter().map(|(column, a, _)| (a, &root.values[*column]));
                values.push(dot(self.arithmetic, pairs, self.budget)?);
                let sizes = row
                    .iter()
                    .map(|(column, _, a)| a * root.magnitudes[*column]);
                magnitudes.push(sizes.sum());
            }
            self.grafts.push(Graft {
                order,
                density,
                kinds,
                tree,
                children: root.children.clone(),
                leaf: None,
                values,
                magnitudes,
            });
        }
        Ok(())
    }

    /// `Φ` of the tree with these children, exactly.
    fn exact(&self, children: &[usize]) -> DVector<Number> {
        let mut phi = DVector::from_element(self.tableau.stages(), Number::one());
        for &child in children {
            let graft = &self.grafts[child];
            phi = match (graft.leaf, graft.kinds) {
                (Some(_), [true, _]) => phi.component_mul(self.sums),
                (Some(_), _) => phi.component_mul(&self.tableau.nodes),
                (None, _) => {
                    phi.component_mul(&(&self.tableau.matrix * self.exact(&graft.children)))
                }
            };
        }
        phi
    }

    /// The condition in the field's notation, with `(Ae)` for row sums.
    fn condition(&self, children: &[usize]) -> String {
        let mut out = String::from("Σ b_i");
        self.write(children, 'i', &mut 'i', &mut out);
        out
    }

    fn write(&self, children: &[usize], at: char, last: &mut char, out: &mut String) {
        for &child in children {
            let graft = &self.grafts[child];
            if let Some(leaf) = graft.leaf {
                out.extend([" ", leaf, "_"]);
                out.push(at);
                continue;
            }
            // Exact conditions of so many nodes are beyond any budget.
            let here = char::from_u32(u32::from(*last) + 1).unwrap_or('z');
            *last = here;
            out.push_str(" a_");
            out.extend([at, here]);
            self.write(&graft.children, here, last, out);
        }
    }
}

/// `Σ a·b`, paid for.
fn dot<'a, A: Arithmetic<Element: 'a>>(
    arithmetic: &A,
    pairs: impl Iterator<Item = (&'a A::Element, &'a A::Element)> + Clone,
    budget: &mut Budget,
) -> Result<A::Element, TooLarge> {
    let steps = pairs.clone().map(|(a, b)| 2.0 * arithmetic.steps(a, b));
    budget.spend(steps.sum())?;
    let mut sum = arithmetic.zero();
    pairs.for_each(|(a, b)| arithmetic.accumulate(&mut sum, a, b));
    Ok(sum)
}
