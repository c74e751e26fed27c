//! Rooted trees: each is `t = t′∘u`, the tree `u` grafted onto the root of `t′` (Butcher 2016, §301).
//!
//! Children are in non-increasing order, so that every tree arises exactly once.

use std::fmt::Write;

use crate::number::budget::{Budget, TooLarge};

/// Steps to add a tree.
const GROWTH: f64 = 60.0;

/// A rooted tree, identified by its index in a [`Forest`].
#[derive(Clone, Copy, Debug)]
pub struct Tree {
    /// `t′`; the tree itself for the single node.
    pub stem: usize,
    /// `u`, the last child of the root.
    pub graft: usize,
    /// Number of nodes.
    pub order: usize,
    /// `γ(t)`, the order times the densities of the children.
    pub density: u64,
    /// `σ(t)`, the number of automorphisms.
    pub symmetry: u64,
    /// The number of children of the root that equal the last.
    repeated: u64,
}

/// All rooted trees up to some order, smaller ones first.
#[derive(Clone, Debug)]
pub struct Forest {
    trees: Vec<Tree>,
    /// The first index of each order: `begins[n]` for order `n`.
    begins: Vec<usize>,
}

impl Default for Forest {
    /// The single node.
    fn default() -> Self {
        let node = Tree {
            stem: 0,
            graft: 0,
            order: 1,
            density: 1,
            symmetry: 1,
            repeated: 0,
        };
        Self {
            trees: vec![node],
            begins: vec![0, 0],
        }
    }
}

impl Forest {
    /// All trees of up to `order` nodes: 1, 1, 2, 4, 9, 20, 48, 115, 286, 719 of each order.
    #[must_use]
    pub fn up_to(order: usize) -> Self {
        let mut forest = Self::default();
        forest.grow_to(order);
        forest
    }

    /// Adds trees up to `order` nodes.
    pub(crate) fn grow_to(&mut self, order: usize) {
        while self.order() < order {
            self.grow();
        }
    }

    /// Adds trees up to `order` nodes, within a budget.
    pub(crate) fn grow_within(
        &mut self,
        order: usize,
        budget: &mut Budget,
    ) -> Result<(), TooLarge> {
        while self.order() < order {
            // Fewer than three times as many as of the last order (Otter 1948).
            let most = 3 * self.range(self.order()).len();
            budget.spend(GROWTH * most as f64)?;
            self.grow();
        }
        Ok(())
    }

    /// Adds the trees of the next order.
    pub fn grow(&mut self) {
        let order = self.order() + 1;
        self.begins.push(self.trees.len());
        // Wide stems first: the quadrature conditions come before those on the matrix.
        for stem_order in (1..order).rev() {
            for stem in self.range(stem_order) {
                for graft in self.range(order - stem_order) {
                    let (t, u) = (self.trees[stem], self.trees[graft]);
                    if stem == 0 || graft <= t.graft {
                        let repeated = if stem != 0 && graft == t.graft {
                            t.repeated + 1
                        } else {
                            1
                        };
                        self.trees.push(Tree {
                            stem,
                            graft,
                            order,
                            density: t.density / t.order as u64 * order as u64 * u.density,
                            symmetry: t.symmetry * u.symmetry * repeated,
                            repeated,
                        });
                    }
                }
            }
        }
    }

    /// The largest order in the forest.
    #[must_use]
    pub fn order(&self) -> usize {
        self.begins.len() - 1
    }

    /// Indices of the trees with `order` nodes; none beyond [`Forest::order`].
    #[must_use]
    pub fn range(&self, order: usize) -> std::ops::Range<usize> {
        let begin = |order: usize| self.begins.get(order).copied().unwrap_or(self.trees.len());
        begin(order)..begin(order + 1)
    }

    /// The tree at `index`.
    #[must_use]
    pub fn get(&self, index: usize) -> Tree {
        self.trees[index]
    }

    /// The index of `[u]`, whose root has `u` as its only child; `len()` if it is not in the forest.
    #[must_use]
    pub fn planted(&self, tree: usize) -> usize {
        // They come last of their order, in the order of the trees that are planted.
        let order = self.trees[tree].order;
        self.range(order + 1).end - (self.range(order).end - tree)
    }

    /// The number of trees.
    #[must_use]
    pub fn len(&self) -> usize {
        self.trees.len()
    }

    /// Bytes that the trees take.
    pub(crate) fn bytes(&self) -> f64 {
        (self.trees.len() * size_of::<Tree>()) as f64
    }

    /// Always false: the forest contains the single node.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.trees.is_empty()
    }

    /// Bracket notation: `τ`, `[τ]`, `[[τ],τ]`.
    #[must_use]
    pub fn bracket(&self, index: usize) -> String {
        if index == 0 {
            return "τ".to_owned();
        }
        let children = self.children(index).into_iter();
        let children: Vec<_> = children.map(|child| self.bracket(child)).collect();
        format!("[{}]", children.join(","))
    }

    /// The condition in the field's notation, with sums over all indices: `Σ b_i a_ij c_j c_i`.
    #[must_use]
    pub fn condition(&self, index: usize) -> String {
        let mut terms = String::from("Σ b_i");
        self.write_factors(index, 0, &mut 1, &mut terms);
        terms
    }

    fn write_factors(&self, index: usize, at: usize, next: &mut usize, out: &mut String) {
        let children = self.children(index);
        let leaves = children.iter().filter(|&&child| child == 0).count();
        let parent = subscript(at);
        // Writing to a string cannot fail.
        let _ = match leaves {
            0 => Ok(()),
            1 => write!(out, " c_{parent}"),
            n => write!(out, " c_{parent}^{n}"),
        };
        for child in children.into_iter().filter(|&child| child != 0) {
            let here = *next;
            *next += 1;
            let _ = write!(out, " a_{parent}{}", subscript(here));
            self.write_factors(child, here, next, out);
        }
    }

    pub(crate) fn children(&self, mut index: usize) -> Vec<usize> {
        let mut children = Vec::new();
        while index != 0 {
            children.push(self.trees[index].graft);
            index = self.trees[index].stem;
        }
        children.reverse();
        children
    }
}

fn subscript(at: usize) -> char {
    // A tree of order 16 has at most 15 inner nodes.
    char::from(b"ijklmnopqrstuvwxyz"[at.min(17)])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OEIS A000081; the densities and symmetries are those of Butcher 2016, table 301(I).
    #[test]
    fn counts_densities_and_symmetries_are_those_of_the_literature() {
        let forest = Forest::up_to(12);
        let counts: Vec<_> = (1..=12).map(|n| forest.range(n).len()).collect();
        assert_eq!(counts, [1, 1, 2, 4, 9, 20, 48, 115, 286, 719, 1842, 4766]);
        let table: Vec<_> = (0..8)
            .map(|t| {
                (
                    forest.bracket(t),
                    forest.get(t).density,
                    forest.get(t).symmetry,
                )
            })
            .collect();
        let expected = [
            ("τ", 1, 1),
            ("[τ]", 2, 1),
            ("[τ,τ]", 3, 2),
            ("[[τ]]", 6, 1),
            ("[τ,τ,τ]", 4, 6),
            ("[[τ],τ]", 8, 1),
            ("[[τ,τ]]", 12, 2),
            ("[[[τ]]]", 24, 1),
        ];
        for ((bracket, density, symmetry), (b, d, s)) in table.into_iter().zip(expected) {
            assert_eq!((bracket.as_str(), density, symmetry), (b, d, s));
        }
    }

    /// Σ over trees of order n of n!/(σγ) counts increasing labellings: (n−1)! of them (Butcher 2016, §304).
    #[test]
    fn labellings_add_up() {
        let forest = Forest::up_to(10);
        let mut factorial = 1_u64;
        for n in 1..=10 {
            let labelled: u64 = forest
                .range(n)
                .map(|t| factorial * n as u64 / (forest.get(t).symmetry * forest.get(t).density))
                .sum();
            assert_eq!(labelled, factorial, "order {n}");
            factorial *= n as u64;
        }
    }

    #[test]
    fn conditions_read_as_in_textbooks() {
        let forest = Forest::up_to(5);
        let read: Vec<_> = (0..8).map(|t| forest.condition(t)).collect();
        assert_eq!(
            read,
            [
                "Σ b_i",
                "Σ b_i c_i",
                "Σ b_i c_i^2",
                "Σ b_i a_ij c_j",
                "Σ b_i c_i^3",
                "Σ b_i c_i a_ij c_j",
                "Σ b_i a_ij c_j^2",
                "Σ b_i a_ij a_jk c_k",
            ]
        );
    }
}
