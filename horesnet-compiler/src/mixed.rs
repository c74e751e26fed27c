//! The order conditions that nodes and row sums have to meet together.
//!
//! `y′ = f(t, y)` is the autonomous problem of `(t, y)`, whose trees have leaves of two kinds: those of `t`, where the nodes
//! stand, and those of `y`, where the row sums stand (Hairer, Nørsett, Wanner 1993, §II.2 and §II.15). Where the two differ a
//! condition must hold with either at each leaf. All alike are left to the usual searches; here are the rest, exactly.

use nalgebra::{DMatrix, DVector};
use num_traits::{One, Zero};

use crate::budget::{self, Budget};
use crate::number::Number;
use crate::order::TooLarge;
use crate::tableau::Tableau;

/// A condition with leaves of both kinds that fails.
#[derive(Clone, Debug)]
pub(crate) struct Failing {
    pub(crate) order: usize,
    /// In brackets, with `c` for a leaf at which the nodes stand.
    pub(crate) tree: String,
    pub(crate) condition: String,
    pub(crate) density: u64,
    pub(crate) weight: Number,
}

/// A tree grafted onto a root: what it stands for there.
struct Graft {
    order: usize,
    density: u64,
    /// Whether leaves of either kind are in it.
    kinds: [bool; 2],
    tree: String,
    children: Vec<usize>,
    /// How a condition calls it, if it is a leaf.
    leaf: Option<&'static str>,
    /// `AΦ`, or what stands at the leaf; and the most that absolute values make of it.
    values: DVector<Number>,
    magnitudes: DVector<f64>,
}

/// For each row of weights the first condition of at most so many nodes that fails, if one does.
pub(crate) fn search(
    tableau: &Tableau,
    sums: &DVector<Number>,
    most: &[usize],
    budget: &mut Budget,
) -> Result<Vec<Option<Failing>>, TooLarge> {
    let absolute = tableau.matrix.map(|a| a.to_f64().abs());
    let ones = DVector::from_element(tableau.stages(), 1.0);
    let leaf = |kind: usize, values: &DVector<Number>, magnitudes| Graft {
        order: 1,
        density: 1,
        kinds: [kind == 0, kind == 1],
        tree: ["τ", "c"][kind].to_owned(),
        children: Vec::new(),
        leaf: Some(["(Ae)", "c"][kind]),
        values: values.clone(),
        magnitudes,
    };
    let mut search = Search {
        tableau,
        absolute: &absolute,
        eps: tableau.rounded.as_ref().map_or(0.0, Number::to_f64),
        grafts: vec![
            leaf(0, sums, &absolute * &ones),
            leaf(1, &tableau.nodes, tableau.nodes.map(|c| c.to_f64().abs())),
        ],
        found: vec![None; tableau.weights.len()],
        most,
        budget,
    };
    let last = most.iter().copied().max().unwrap_or(0);
    for order in 2..=last {
        let root = Root {
            children: Vec::new(),
            values: DVector::from_element(tableau.stages(), Number::one()),
            magnitudes: ones.clone(),
        };
        let known = search.grafts.len();
        search.grow(&root, order - 1, known, order < last)?;
    }
    Ok(search.found)
}

struct Search<'a> {
    tableau: &'a Tableau,
    absolute: &'a DMatrix<f64>,
    eps: f64,
    /// Those of fewer nodes than the trees that are being made.
    grafts: Vec<Graft>,
    found: Vec<Option<Failing>>,
    most: &'a [usize],
    budget: &'a mut Budget,
}

/// A root with some of its children.
struct Root {
    children: Vec<usize>,
    values: DVector<Number>,
    magnitudes: DVector<f64>,
}

impl Search<'_> {
    /// Grafts trees of `nodes` in all onto `root`, from those before `below` on down, and judges what comes of it.
    fn grow(
        &mut self,
        root: &Root,
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

    fn grafted(&mut self, root: &Root, at: usize) -> Result<Root, TooLarge> {
        let graft = &self.grafts[at];
        let pairs = root.values.iter().zip(&graft.values);
        let steps: f64 = pairs.map(|(a, b)| budget::operation([a, b])).sum();
        self.budget.spend(steps)?;
        let mut children = root.children.clone();
        children.push(at);
        Ok(Root {
            children,
            values: root.values.component_mul(&graft.values),
            magnitudes: root.magnitudes.component_mul(&graft.magnitudes),
        })
    }

    /// Looks at the condition of a tree, and makes a graft of it.
    fn judge(&mut self, root: &Root, keep: bool) -> Result<(), TooLarge> {
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
            let pairs = weights.values.iter().zip(&root.values);
            let steps: f64 = pairs.map(|(a, b)| 2.0 * budget::operation([a, b])).sum();
            self.budget.spend(steps)?;
            let weight = weights.values.dot(&root.values);
            let residual = (&weight - &expected).to_f64().abs();
            let magnitude = weights
                .values
                .map(|b| b.to_f64().abs())
                .dot(&root.magnitudes);
            let holds = if self.eps == 0.0 {
                weight == expected
            } else {
                residual <= order as f64 * self.eps * magnitude
            };
            if !holds {
                self.found[row] = Some(Failing {
                    order,
                    tree: tree.clone(),
                    condition: self.condition(&root.children),
                    density,
                    weight,
                });
            }
        }
        if keep {
            let entries = self.tableau.matrix.iter().filter(|a| !a.is_zero()).count();
            let words = root
                .values
                .iter()
                .map(|v| budget::operation([v]))
                .sum::<f64>();
            let share = entries as f64 / root.values.len().max(1) as f64;
            self.budget.spend(4.0 * words * share)?;
            self.grafts.push(Graft {
                order,
                density,
                kinds,
                tree,
                children: root.children.clone(),
                leaf: None,
                values: &self.tableau.matrix * &root.values,
                magnitudes: self.absolute * &root.magnitudes,
            });
        }
        Ok(())
    }

    /// The condition in the field's notation, `(Ae)` being the row sums.
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
