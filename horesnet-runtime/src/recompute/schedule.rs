//! The binomial schedule: which values of a sequence to keep, so that few functions are computed again.
//!
//! Griewank and Walther, ACM Transactions on Mathematical Software 26 (2000) 19, algorithm 799 (`Revolve`).

/// How a sequence of functions is differentiated with few values kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    steps: usize,
    snapshots: usize,
}

impl Schedule {
    /// For `steps` functions one after the other, with at most `snapshots` values kept besides the input of the first.
    ///
    /// `steps − 1` snapshots keep the input of each function, so that each is computed again once.
    #[must_use]
    pub const fn new(steps: usize, snapshots: usize) -> Self {
        Self { steps, snapshots }
    }

    /// The number of functions.
    #[must_use]
    pub const fn steps(self) -> usize {
        self.steps
    }

    /// The most values kept besides the first input.
    #[must_use]
    pub const fn snapshots(self) -> usize {
        self.snapshots
    }

    /// The inputs to keep in the forward pass, by the number of their function counted from 0, ascending.
    #[must_use]
    pub fn kept(self) -> Vec<usize> {
        let (mut kept, mut at) = (Vec::new(), 0);
        while let Some(next) = split(self.steps - at, self.snapshots - kept.len()) {
            at += next;
            kept.push(at);
        }
        kept
    }

    /// The moves of the backward pass.
    pub fn moves(self) -> impl Iterator<Item = Move> {
        let kept = std::iter::once(0).chain(self.kept()).collect();
        Backward::new(self, kept)
    }

    /// The functions computed in forward and backward pass together. Each also runs backward once, which is not counted.
    ///
    /// With `s = snapshots + 1`, and `r` the least number for which `C(s + r, s)` is at least the number `l` of steps, going
    /// forward takes `r·l − C(s + r, s + 1)`.
    ///
    /// ```
    /// # use horesnet_runtime as horesnet;
    /// use horesnet::Schedule;
    ///
    /// assert_eq!(Schedule::new(10, 9).evaluations(), 10 + 10);
    /// assert_eq!(Schedule::new(10, 0).evaluations(), 10 + 55);
    /// ```
    #[must_use]
    pub fn evaluations(self) -> u64 {
        let first = self.kept().last().copied().unwrap_or(0) as u64;
        advances(self.steps, self.snapshots + 1) - first + 2 * self.steps as u64
    }
}

/// Functions computed without graph to reverse `steps` with `s` values, the current one among them.
fn advances(steps: usize, s: usize) -> u64 {
    if steps <= 1 {
        return 0;
    }
    // `s` values and `r` runs of a function at most reach C(s + r, s) steps.
    let (mut r, mut reach, mut below) = (0_u64, 1_u128, 0_u128);
    let (steps, s) = (steps as u128, s as u128);
    while reach < steps {
        // C(s + r, s + 1) grows by C(s + r, s).
        below += reach;
        r += 1;
        reach = reach * (s + u128::from(r)) / u128::from(r);
    }
    (u128::from(r) * steps - below) as u64
}

/// How far to go from a kept value before the next one is kept, if `steps` functions follow it and `free` snapshots are left.
fn split(steps: usize, free: usize) -> Option<usize> {
    if steps < 2 || free == 0 {
        return None;
    }
    if free + 1 >= steps {
        return Some(1);
    }
    let cost = |m: &usize| *m as u64 + advances(steps - m, free) + advances(*m, free + 1);
    (1..steps).min_by_key(cost)
}

/// A move of the backward pass of a [`Schedule`]. Functions are counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Computes functions `from..to` from the last value kept, without their graph.
    Advance {
        /// The first function.
        from: usize,
        /// The function after the last.
        to: usize,
        /// Keeps the result; otherwise the next move uses it.
        keeps: bool,
    },
    /// Computes a function with its graph, from the result of the move before or from the last value kept, and
    /// differentiates it.
    Reverse {
        /// The function.
        at: usize,
        /// Drops the last value kept, which was its input.
        drops: bool,
    },
}

/// The moves of the backward pass, which begins with values kept, the first input among them.
pub(super) struct Backward {
    schedule: Schedule,
    /// Values kept, the first input among them.
    kept: Vec<usize>,
    end: usize,
    /// A value that has been computed, but is not kept.
    at_hand: bool,
}

impl Backward {
    pub(super) fn new(schedule: Schedule, kept: Vec<usize>) -> Self {
        Self {
            schedule,
            kept,
            end: schedule.steps,
            at_hand: false,
        }
    }
}

impl Iterator for Backward {
    type Item = Move;

    fn next(&mut self) -> Option<Move> {
        let last = self.end.checked_sub(1)?;
        let from = self.kept.last().copied()?;
        if self.at_hand || from == last {
            let drops = !self.at_hand && from > 0;
            if drops {
                self.kept.pop();
            }
            (self.at_hand, self.end) = (false, last);
            return Some(Move::Reverse { at: last, drops });
        }
        let free = (self.schedule.snapshots + 1).saturating_sub(self.kept.len());
        let (to, keeps) = match split(self.end - from, free) {
            Some(next) => (from + next, true),
            None => (last, false),
        };
        if keeps {
            self.kept.push(to);
        } else {
            self.at_hand = true;
        }
        Some(Move::Advance { from, to, keeps })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::{Move, Schedule, advances};

    /// The least number of functions computed without graph, by trying every place of the next snapshot.
    fn least(steps: usize, s: usize, known: &mut HashMap<(usize, usize), u64>) -> u64 {
        if steps <= 1 {
            return 0;
        }
        if s == 1 {
            return (steps * (steps - 1) / 2) as u64;
        }
        if let Some(&count) = known.get(&(steps, s)) {
            return count;
        }
        let costs =
            (1..steps).map(|m| m as u64 + least(steps - m, s - 1, known) + least(m, s, known));
        let count = costs.collect::<Vec<_>>().into_iter().min().unwrap();
        known.insert((steps, s), count);
        count
    }

    #[test]
    fn no_schedule_computes_fewer_functions() {
        let mut known = HashMap::new();
        for steps in 1..=40 {
            for s in 1..=steps + 2 {
                let expected = least(steps, s, &mut known);
                assert_eq!(advances(steps, s), expected, "{steps} steps, {s} values");
            }
        }
    }

    /// Runs a schedule, and checks that it keeps to its snapshots; returns the functions it computes in the backward pass
    /// without graph.
    fn run(schedule: Schedule) -> u64 {
        let (steps, mut advanced) = (schedule.steps(), 0);
        let mut kept = vec![0];
        kept.extend(schedule.kept());
        assert!(kept.len() <= schedule.snapshots() + 1);
        let (mut at_hand, mut left) = (None, steps);
        for next in schedule.moves() {
            match next {
                Move::Advance { from, to, keeps } => {
                    assert!(kept.last() == Some(&from) && from < to && to < left);
                    advanced += (to - from) as u64;
                    if keeps {
                        kept.push(to);
                        assert!(kept.len() <= schedule.snapshots() + 1);
                    } else {
                        at_hand = Some(to);
                    }
                }
                Move::Reverse { at, drops } => {
                    left -= 1;
                    assert_eq!(at, left);
                    let input = at_hand.take().or(kept.last().copied());
                    assert_eq!(input, Some(at));
                    if drops {
                        assert_eq!(kept.pop(), Some(at));
                    }
                }
            }
        }
        assert_eq!((left, kept), (0, vec![0]));
        advanced
    }

    #[test]
    fn schedules_reverse_every_function_once_with_the_least_work() {
        for steps in 1..=40 {
            for snapshots in 0..steps {
                let schedule = Schedule::new(steps, snapshots);
                let first = schedule.kept().last().copied().unwrap_or(0) as u64;
                // The moves of the backward pass begin after the last snapshot of the forward pass.
                assert_eq!(first + run(schedule), advances(steps, snapshots + 1));
                let forward = steps as u64;
                assert_eq!(schedule.evaluations(), forward + run(schedule) + forward);
            }
        }
        assert_eq!(Schedule::new(300, 299).evaluations(), 600);
    }
}
