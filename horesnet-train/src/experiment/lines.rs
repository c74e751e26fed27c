//! Line numbers of offsets in a text, which is read once for all of them.

/// The offsets at which lines end.
pub(super) struct Lines(Vec<usize>);

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at).collect())
    }

    /// The number of the line, counted from 1, that contains the byte at `offset`.
    pub(super) fn number(&self, offset: usize) -> usize {
        1 + self.0.partition_point(|end| *end < offset)
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn lines_are_counted_from_one() {
        let text = "a = 1\n\n[b]\r\nc = 2";
        let lines = Lines::of(text);
        let number = |part: &str| lines.number(text.find(part).unwrap());
        assert_eq!(["a", "[b]", "c"].map(number), [1, 3, 4]);
        // A line feed belongs to the line that it ends.
        assert_eq!(
            [0, 5, 6, 7, text.len(), 1000].map(|at| lines.number(at)),
            [1, 1, 2, 3, 4, 4]
        );
        assert_eq!(Lines::of("").number(0), 1);
    }
}
