//! Ralston's bound of the local error: for `y′ = f(x, y)` with `|f| < M` and `|∂^(i+j)f/∂x^i∂y^j| < L^(i+j)/M^(j−1)`, the
//! principal error is below `C·M·L^p·h^(p+1)` (Lotkin, MTAC 5 (1951) 128–133; Ralston, Math. Comp. 16 (1962) 431–437).
//!
//! The elementary differential of a tree is a sum of products of partial derivatives, one for each choice of `∂/∂x` or
//! `f·∂/∂y` at its leaves. Equal products of different trees are added before absolute values are taken.

use std::collections::BTreeMap;

use num_traits::Zero;

use crate::number::Number;
use crate::proof::tree::Forest;

/// A product of partial derivatives: for each factor, how often it is differentiated by `x` and by `y`, sorted.
type Product = Vec<(u8, u8)>;

/// The sums of error coefficients of which absolute values are added: for each product, trees by their position in the list
/// with coefficients.
pub(super) fn sums(forest: &Forest, trees: &[usize]) -> Vec<Vec<(usize, i64)>> {
    let mut sums: BTreeMap<Product, Vec<(usize, i64)>> = BTreeMap::new();
    for (at, tree) in trees.iter().enumerate() {
        for (product, count) in differential(forest, *tree) {
            sums.entry(product).or_default().push((at, count));
        }
    }
    sums.into_values().collect()
}

/// Computes `C` from the error coefficients of a scheme of this order.
pub(super) fn constant(errors: &[(usize, Number)], order: usize) -> Number {
    let forest = Forest::up_to(order + 1);
    let trees: Vec<_> = errors.iter().map(|(tree, _)| *tree).collect();
    let sizes = sums(&forest, &trees).into_iter().map(|sum| {
        let terms = sum
            .iter()
            .map(|(at, count)| &errors[*at].1 * &Number::from(*count));
        terms.fold(Number::zero(), |sum, term| &sum + &term).abs()
    });
    sizes.fold(Number::zero(), |total, size| &total + &size)
}

/// The elementary differential of a tree, expanded: products with their coefficients. The single node is `f`, which is
/// bounded by `M` and no derivative.
fn differential(forest: &Forest, tree: usize) -> BTreeMap<Product, i64> {
    let children = forest.children(tree);
    let leaves = children.iter().filter(|child| **child == 0).count() as u8;
    let others: Vec<_> = children.into_iter().filter(|child| *child != 0).collect();
    let mut all = BTreeMap::new();
    // Of the leaves, `by_y` are f·∂/∂y.
    for by_y in 0..=leaves {
        let factor = (leaves - by_y, by_y + others.len() as u8);
        let is_function = factor == (0, 0);
        let product = if is_function {
            Vec::new()
        } else {
            vec![factor]
        };
        *all.entry(product).or_insert(0) += binomial(leaves, by_y);
    }
    for child in others {
        let below = differential(forest, child);
        let mut joined = BTreeMap::new();
        for (product, count) in &all {
            for (more, times) in &below {
                let mut both: Product = product.iter().chain(more).copied().collect();
                both.sort_unstable();
                *joined.entry(both).or_insert(0) += count * times;
            }
        }
        all = joined;
    }
    all
}

fn binomial(n: u8, k: u8) -> i64 {
    (1..=i64::from(k)).fold(1, |value, i| value * (i64::from(n) - i + 1) / i)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_products_of_different_trees_are_added() {
        let forest = Forest::up_to(4);
        let brackets: Vec<_> = forest.range(4).map(|tree| forest.bracket(tree)).collect();
        assert_eq!(brackets, ["[τ,τ,τ]", "[[τ],τ]", "[[τ,τ]]", "[[[τ]]]"]);
        let errors = [3, -5, 7, 2].map(Number::from);
        let trees = forest.range(4).zip(errors);
        let found = constant(&trees.collect::<Vec<_>>(), 3);
        // By hand, with a, b, c, d = 3, −5, 7, 2, for D = ∂/∂x + f·∂/∂y: a·D³f has 8|a|; b·Df·Df_y + c·f_y·D²f has |b| of
        // f_x·f_xy, |b| of f_x·f_yy, |c| of f_y·f_xx, |b + 2c| of f_y·f_xy, |b + c| of f_y·f_yy; d·f_y²·Df has 2|d|.
        assert_eq!(found, Number::from(24 + 5 + 5 + 7 + 9 + 2 + 4));
    }
}
