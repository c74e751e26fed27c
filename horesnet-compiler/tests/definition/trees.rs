//! Rooted trees as level sequences, and their densities.

/// All rooted trees of `order` nodes as the depths of their nodes in preorder, the deepest subtrees first.
pub(crate) fn level_sequences(order: usize) -> Vec<Vec<usize>> {
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
pub(crate) fn density(levels: &[usize]) -> i128 {
    let size = |at: usize| {
        let below = levels[at + 1..].iter();
        1 + below.take_while(|&&level| level > levels[at]).count() as i128
    };
    (0..levels.len()).map(size).product()
}
