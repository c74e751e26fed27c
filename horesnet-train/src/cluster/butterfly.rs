//! Combines a few numbers of all processes: in each of log₂ n rounds, pairs of processes exchange what they have.
//!
//! Round k pairs processes whose numbers differ in bit k, and both combine the lower one's numbers with the higher one's. So
//! all processes get the same bits: those of a balanced binary tree over the processes in order.

use super::Communicator;

/// Puts the numbers on the right into those on the left, in place.
pub(crate) type Combine = fn(&mut [f64], &[f64]);

/// Takes part in a round of exchanges.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Message {
    /// Numbers to combine.
    Numbers(Vec<f64>),
    /// No numbers: from a process without images, which waits for the others.
    Neutral,
    /// No numbers will follow.
    End,
}

impl Message {
    fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Numbers(numbers) => {
                let mut bytes = vec![0];
                bytes.extend(numbers.iter().flat_map(|x| x.to_le_bytes()));
                bytes
            }
            Self::Neutral => vec![1],
            Self::End => vec![2],
        }
    }

    fn from_bytes(bytes: &[u8]) -> Self {
        match bytes.split_first() {
            Some((0, numbers)) => {
                let (numbers, _) = numbers.as_chunks();
                Self::Numbers(numbers.iter().map(|x| f64::from_le_bytes(*x)).collect())
            }
            Some((1, _)) => Self::Neutral,
            _ => Self::End,
        }
    }

    /// Combines messages of consecutive processes. Neutral ones change nothing.
    fn with(self, right: Self, combine: Combine) -> Self {
        match (self, right) {
            (own, Self::Neutral) => own,
            (Self::Numbers(mut left), Self::Numbers(right)) => {
                combine(&mut left, &right);
                Self::Numbers(left)
            }
            // Neutral on the left, or the end, which all processes with images reach together.
            (_, other) => other,
        }
    }
}

/// Combines the messages of all processes, whose number is a power of two.
pub(crate) fn all_reduce(cluster: &dyn Communicator, own: Message, combine: Combine) -> Message {
    let (rank, size) = (cluster.rank(), cluster.size());
    let rounds = (0..).map(|k| 1 << k).take_while(|bit| *bit < size);
    rounds.fold(own, |own, bit: usize| {
        let other = Message::from_bytes(&cluster.exchange(rank ^ bit, &own.to_bytes()));
        if rank & bit == 0 {
            own.with(other, combine)
        } else {
            other.with(own, combine)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{Message, all_reduce};
    use crate::cluster::threads;

    #[test]
    fn all_processes_get_the_sum_of_a_balanced_tree() {
        let numbers = [1e16, 1.0, -1e16, 3.0];
        let add = |left: &mut [f64], right: &[f64]| left[0] += right[0];
        let sums = threads::run(4, |cluster| {
            let own = Message::Numbers(vec![numbers[cluster.rank()]]);
            all_reduce(cluster, own, add)
        });
        let expected = (numbers[0] + numbers[1]) + (numbers[2] + numbers[3]);
        assert_eq!(sums, vec![Message::Numbers(vec![expected]); 4]);
    }

    #[test]
    fn processes_without_numbers_change_nothing_and_learn_of_the_end() {
        let add = |left: &mut [f64], right: &[f64]| left[0] += right[0];
        let found = threads::run(4, |cluster| {
            let own = |message| {
                if cluster.rank() == 1 {
                    message
                } else {
                    Message::Neutral
                }
            };
            let numbers = all_reduce(cluster, own(Message::Numbers(vec![0.5])), add);
            (numbers, all_reduce(cluster, own(Message::End), add))
        });
        assert_eq!(found, vec![(Message::Numbers(vec![0.5]), Message::End); 4]);
    }
}
