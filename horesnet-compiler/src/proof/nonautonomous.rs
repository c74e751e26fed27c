//! Order conditions of `y′ = f(t, y)` whose trees have both nodes and row sums at their leaves.
//!
//! The autonomous form in `(t, y)` has leaves of two kinds: `t`, with the node, and `y`, with the row sum (Hairer, Nørsett,
//! Wanner 1993, §II.2 and §II.15). If the two differ, each condition must hold with either at each leaf. The other searches
//! cover leaves of one kind. Rounded coefficients are decided in fixed-point arithmetic.

use std::ops::Add;

use nalgebra::DVector;
use num_bigint::BigInt;
use num_traits::{One, Zero};

use crate::language::tableau::Tableau;
use crate::number::Number;
use crate::number::arithmetic::{Arithmetic, Exact, FixedPoint};
use crate::number::budget::{self, Budget, TooLarge};
use crate::number::fixed;
use crate::number::magnitude::Magnitude;
use crate::proof::explain::shortened;
use crate::proof::rounded;
use crate::proof::search::{Failure, Leaves};
use crate::proof::support::Support;

/// Steps to allocate and free a tree, and to decide it.
const TREE: f64 = 2000.0;

/// Bytes of grafts held at once.
const MEMORY: f64 = 1e8;

/// A tree to graft onto a root, or a root with some of its children.
struct Tree<T> {
    order: usize,
    /// The density of the tree; for a root, the product of its children's densities.
    density: u64,
    /// True for each kind of leaf that occurs.
    kinds: [bool; 2],
    children: Vec<usize>,
    /// The symbol of a leaf in conditions.
    leaf: Option<&'static str>,
    /// `AΦ`, or the value of the leaf, or `Φ` of a root; and its bound by absolute values.
    values: Vec<T>,
    magnitudes: Vec<Magnitude>,
}

/// Finds the first failing condition of each row of weights, up to `most` nodes, and the order up to which all are decided.
pub(crate) fn search(
    tableau: &Tableau,
    sums: &DVector<Number>,
    most: &[usize],
    budget: &mut Budget,
) -> (Vec<Option<Failure>>, usize) {
    let Some(eps) = tableau.rounded.as_ref().map(Magnitude::of) else {
        return search_in(&Exact, &Magnitude::of, tableau, sums, most, budget);
    };
    let last = most.iter().copied().max().unwrap_or(0);
    let Ok(bits) = fractional_bits(tableau, sums, last, eps) else {
        return (vec![None; most.len()], 1);
    };
    let size_of = |n: &BigInt| Magnitude::dyadic(n.magnitude(), -(bits as i64));
    search_in(&FixedPoint(bits), &size_of, tableau, sums, most, budget)
}

/// Bits after the point with which rounding errors stay far below the tolerances of conditions of up to `order` nodes.
fn fractional_bits(
    tableau: &Tableau,
    sums: &DVector<Number>,
    order: usize,
    eps: Magnitude,
) -> Result<u64, TooLarge> {
    let pairs = sums.iter().zip(tableau.nodes.iter());
    let larger = pairs.map(|(sum, node)| {
        let is_less = Magnitude::of(sum) < Magnitude::of(node);
        if is_less { node } else { sum }
    });
    let larger: Vec<_> = larger.collect();
    let support = Support::of(tableau, |i| !larger[i].is_zero());
    let leaf: Vec<_> = support.stages.iter().map(|&i| larger[i]).collect();
    let bits = rounded::fractional_bits(tableau, &support, &leaf, order, eps)?.0;
    // A sum of 64 products rounds each.
    Ok(bits as u64 + 2)
}

fn search_in<A: Arithmetic>(
    arithmetic: &A,
    size_of: &dyn Fn(&A::Element) -> Magnitude,
    tableau: &Tableau,
    sums: &DVector<Number>,
    most: &[usize],
    budget: &mut Budget,
) -> (Vec<Option<Failure>>, usize) {
    let rows = tableau.matrix.row_iter();
    let entries = |row: usize| {
        let row = tableau.matrix.row(row);
        let entries = row.iter().enumerate().filter(|(_, a)| !a.is_zero());
        entries
            .map(|(column, a)| (column, arithmetic.convert(a), Magnitude::of(a)))
            .collect()
    };
    let convert = |values: &DVector<Number>| -> Vec<_> {
        values
            .iter()
            .map(|value| arithmetic.convert(value))
            .collect()
    };
    let tree = |leaf, values, magnitudes| Tree {
        order: 1,
        density: 1,
        kinds: [leaf == Some("(Ae)"), leaf == Some("c")],
        children: Vec::new(),
        leaf,
        values,
        magnitudes,
    };
    let absolute_sums = rows.map(|row| Magnitude::sum(row.iter())).collect();
    let absolute_nodes = tableau.nodes.iter().map(Magnitude::of).collect();
    let mut search = ConditionSearch {
        arithmetic,
        size_of,
        tableau,
        sums,
        rows: (0..tableau.stages()).map(entries).collect(),
        weights: { tableau.weights.iter() }
            .map(|row| convert(&row.values))
            .collect(),
        weight_sizes: { tableau.weights.iter() }
            .map(|row| row.values.iter().map(Magnitude::of).collect())
            .collect(),
        eps: tableau.rounded.as_ref().map(Magnitude::of),
        grafts: vec![
            tree(Some("(Ae)"), convert(sums), absolute_sums),
            tree(Some("c"), convert(&tableau.nodes), absolute_nodes),
        ],
        found: vec![None; tableau.weights.len()],
        most,
        bytes: 0.0,
        budget,
    };
    let last = most.iter().copied().max().unwrap_or(0);
    let ones = (
        vec![arithmetic.one(); tableau.stages()],
        vec![Magnitude::ONE; tableau.stages()],
    );
    let root = tree(None, ones.0, ones.1);
    for order in 2..=last {
        if search.is_decided(order) {
            break;
        }
        let known = search.grafts.len();
        if let Err(TooLarge) = search.grow(&root, order - 1, known, order < last) {
            return (search.found, order - 1);
        }
    }
    (search.found, last)
}

struct ConditionSearch<'a, A: Arithmetic> {
    arithmetic: &'a A,
    size_of: &'a dyn Fn(&A::Element) -> Magnitude,
    tableau: &'a Tableau,
    sums: &'a DVector<Number>,
    /// The non-zero entries of each row of the matrix: column, value, size.
    rows: Vec<Vec<(usize, A::Element, Magnitude)>>,
    weights: Vec<Vec<A::Element>>,
    weight_sizes: Vec<Vec<Magnitude>>,
    /// The stated error of a rounded file.
    eps: Option<Magnitude>,
    /// Grafts with fewer nodes than the current trees.
    grafts: Vec<Tree<A::Element>>,
    found: Vec<Option<Failure>>,
    most: &'a [usize],
    /// Bytes of the grafts.
    bytes: f64,
    budget: &'a mut Budget,
}

impl<A: Arithmetic> ConditionSearch<'_, A> {
    /// Returns true if no row of weights has conditions of this order left to decide.
    fn is_decided(&self, order: usize) -> bool {
        let mut rows = self.found.iter().zip(self.most);
        rows.all(|(found, most)| found.is_some() || order > *most)
    }

    /// Grafts trees with `nodes` nodes in total onto `root`, from `below` downwards, and decides the results.
    fn grow(
        &mut self,
        root: &Tree<A::Element>,
        nodes: usize,
        below: usize,
        keep: bool,
    ) -> Result<(), TooLarge> {
        if nodes == 0 {
            return self.judge(root, keep);
        }
        // Grafts are in the order of their sizes.
        let fitting = self.grafts.partition_point(|graft| graft.order <= nodes);
        for graft in (0..below.min(fitting)).rev() {
            let order = self.grafts[graft].order;
            let grafted = self.grafted(root, graft)?;
            self.grow(&grafted, nodes - order, graft + 1, keep)?;
        }
        Ok(())
    }

    fn grafted(
        &mut self,
        root: &Tree<A::Element>,
        at: usize,
    ) -> Result<Tree<A::Element>, TooLarge> {
        let graft = &self.grafts[at];
        let pairs = || root.values.iter().zip(&graft.values);
        let arithmetic = self.arithmetic;
        let steps: f64 = pairs().map(|(a, b)| arithmetic.steps(a, b)).sum();
        self.budget.spend(TREE + steps)?;
        let mut children = root.children.clone();
        children.push(at);
        let magnitudes = root.magnitudes.iter().zip(&graft.magnitudes);
        Ok(Tree {
            order: root.order + graft.order,
            density: root.density * graft.density,
            kinds: [0, 1].map(|kind| root.kinds[kind] || graft.kinds[kind]),
            children,
            leaf: None,
            values: { pairs() }
                .map(|(a, b)| arithmetic.multiply(a, b))
                .collect(),
            magnitudes: magnitudes.map(|(a, b)| *a * *b).collect(),
        })
    }

    /// Decides the condition of a tree, and keeps the tree as a graft.
    fn judge(&mut self, root: &Tree<A::Element>, keep: bool) -> Result<(), TooLarge> {
        let (order, density) = (root.order, root.order as u64 * root.density);
        let expected = Number::ratio(1, density).unwrap_or_else(Number::one);
        for row in 0..self.weights.len() {
            let open = self.found[row].is_none() && order <= self.most[row];
            if !open || root.kinds != [true, true] {
                continue;
            }
            let arithmetic = self.arithmetic;
            let pairs = self.weights[row].iter().zip(&root.values);
            let weight = dot(arithmetic, pairs, self.budget)?;
            let target = arithmetic.convert(&expected);
            let sizes = self.weight_sizes[row].iter().zip(&root.magnitudes);
            let magnitude = total(sizes.map(|(b, m)| *b * *m));
            let residual = || (self.size_of)(&arithmetic.subtract(&weight, &target));
            let holds = match self.eps {
                None => weight == target,
                Some(eps) => fixed::within(residual(), order, eps, magnitude),
            };
            if !holds {
                let weight = self.shown(row, root);
                let condition = self.condition(&root.children);
                let tree = self.bracket(&root.children);
                let failure = Failure::new(order, tree, condition, density, &weight, Leaves::Both);
                self.found[row] = Some(failure);
            }
        }
        if keep {
            self.budget.spend(TREE)?;
            let bytes = 200 + root.values.len() * (size_of::<A::Element>() + 16);
            self.bytes += bytes as f64;
            if self.bytes > MEMORY {
                return Err(TooLarge);
            }
            let mut values = Vec::with_capacity(root.values.len());
            let mut magnitudes = Vec::with_capacity(root.values.len());
            for row in &self.rows {
                let pairs = row.iter().map(|(column, a, _)| (a, &root.values[*column]));
                values.push(dot(self.arithmetic, pairs, self.budget)?);
                let sizes = row
                    .iter()
                    .map(|(column, _, a)| *a * root.magnitudes[*column]);
                magnitudes.push(total(sizes));
            }
            self.grafts.push(Tree {
                density,
                children: root.children.clone(),
                values,
                magnitudes,
                ..*root
            });
        }
        Ok(())
    }

    /// The elementary weight of a tree: exactly, or with the digits that are shown if that would take long.
    fn shown(&mut self, row: usize, root: &Tree<A::Element>) -> Number {
        let weights = &self.tableau.weights[row].values;
        let words = budget::words(self.tableau.numbers()) * root.order as f64;
        let products = (root.order * self.tableau.matrix.len()) as f64;
        if self.budget.affords(products * budget::operation_on(words)) {
            return weights.dot(&self.phi(&root.children, Number::clone));
        }
        let weights = weights.map(|number| shortened(&number));
        weights.dot(&self.phi(&root.children, shortened))
    }

    /// `Φ` of the tree with these children; `round` shortens numbers on the way.
    fn phi(&self, children: &[usize], round: fn(&Number) -> Number) -> DVector<Number> {
        let mut phi = DVector::from_element(self.tableau.stages(), Number::one());
        for &child in children {
            let graft = &self.grafts[child];
            phi.component_mul_assign(&match (graft.leaf, graft.kinds) {
                (Some(_), [true, _]) => self.sums.map(|number| round(&number)),
                (Some(_), _) => self.tableau.nodes.map(|number| round(&number)),
                (None, _) => {
                    self.tableau.matrix.map(|number| round(&number))
                        * self.phi(&graft.children, round)
                }
            });
            phi = phi.map(|number| round(&number));
        }
        phi
    }

    /// The tree with these children in bracket notation, with `c` for leaves that are nodes.
    fn bracket(&self, children: &[usize]) -> String {
        let names = children.iter().map(|&child| match self.grafts[child].leaf {
            None => self.bracket(&self.grafts[child].children),
            Some("c") => "c".to_owned(),
            Some(_) => "τ".to_owned(),
        });
        format!("[{}]", names.collect::<Vec<_>>().join(","))
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

fn total(sizes: impl Iterator<Item = Magnitude>) -> Magnitude {
    sizes.fold(Magnitude::default(), Add::add)
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
