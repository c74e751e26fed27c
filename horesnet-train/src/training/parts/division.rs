//! The division of a batch into parts, and of parts among processes and micro-batches.

use std::ops::Range;

use crate::error::Result;
use crate::limits::ensure;
use crate::training::TrainingConfig;

/// Fewest images in a part, unless the batch has fewer.
const FEWEST: usize = 2;

/// The parts of a batch, a power of two, and the micro-batches that they form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Division {
    parts: usize,
    micro_batches: usize,
}

impl Division {
    /// The division that the settings ask for, among so many processes.
    ///
    /// Fails with [`Error::Setting`](crate::Error::Setting) if processes or micro-batches get no parts.
    pub(crate) fn new(config: &TrainingConfig, processes: usize) -> Result<Self> {
        let (parts, micro_batches) = (config.parts, config.accumulate);
        ensure("processes", processes.is_power_of_two(), || {
            format!(
                "{processes} processes cannot share a batch evenly; use a power of two: 1, 2, 4, 8, …"
            )
        })?;
        let most = 1 << (config.batch_size / FEWEST).max(1).ilog2();
        ensure("parts", parts <= most, || {
            format!(
                "{parts} parts of a batch of {} images have fewer than {FEWEST} images each; set parts to {most} or less, or use \
                 a larger batch_size",
                config.batch_size
            )
        })?;
        let least = processes * micro_batches;
        ensure("parts", parts >= least, || {
            let processes = match processes {
                1 => "1 process".to_owned(),
                more => format!("{more} processes"),
            };
            let enough = if least <= most {
                format!(
                    "set parts to {least} or more; results depend on parts, but not on the number of processes"
                )
            } else {
                format!(
                    "use fewer processes, or a batch_size of {} or more",
                    least * FEWEST
                )
            };
            format!(
                "{processes} and accumulate = {micro_batches} need {least} parts, found {parts}; {enough}"
            )
        })?;
        Ok(Self {
            parts,
            micro_batches,
        })
    }

    /// Returns true if a batch is computed as a whole.
    pub(crate) fn is_whole(self) -> bool {
        self.parts == 1
    }

    pub(crate) fn micro_batches(self) -> usize {
        self.micro_batches
    }

    /// The images of every part of a batch; small batches leave parts without images.
    pub(crate) fn images(self, batch: usize) -> Vec<Range<usize>> {
        let most = (batch / FEWEST).max(1);
        let used = self.parts.min(1 << most.ilog2());
        let stride = self.parts / used;
        let image = |part: usize| part * batch / used;
        let part = |index: usize| {
            let end = image(index / stride + 1);
            let has_images = index.is_multiple_of(stride);
            if has_images {
                image(index / stride)..end
            } else {
                end..end
            }
        };
        (0..self.parts).map(part).collect()
    }

    /// The parts of a process: consecutive ones, a subtree of the tree over all parts.
    pub(crate) fn of_process(self, rank: usize, processes: usize) -> Range<usize> {
        let share = self.parts / processes;
        rank * share..(rank + 1) * share
    }

    /// The images of a process, which are consecutive.
    pub(crate) fn images_of_process(
        self,
        batch: usize,
        rank: usize,
        processes: usize,
    ) -> Range<usize> {
        let (images, parts) = (self.images(batch), self.of_process(rank, processes));
        let own = images.get(parts).unwrap_or_default();
        let start = own.first().map_or(0, |part| part.start);
        start..own.last().map_or(start, |part| part.end)
    }

    /// The number of parts that a process computes at a time.
    pub(crate) fn at_a_time(self, processes: usize) -> usize {
        self.parts / processes / self.micro_batches
    }

    /// Most images of a batch that a process computes at a time.
    pub(crate) fn images_at_a_time(self, batch: usize, processes: usize) -> usize {
        batch.div_ceil(self.parts) * self.at_a_time(processes)
    }

    /// The micro-batch of a part. Each micro-batch has parts of every process.
    pub(crate) fn micro_batch(self, part: usize) -> usize {
        part % self.micro_batches
    }
}

#[cfg(test)]
mod tests {
    use super::Division;
    use crate::training::TrainingConfig;

    fn division(parts: usize, accumulate: usize, processes: usize) -> Result<Division, String> {
        let config = TrainingConfig {
            parts,
            accumulate,
            ..TrainingConfig::default()
        };
        Division::new(&config, processes).map_err(|error| error.to_string())
    }

    #[test]
    fn parts_are_consecutive_and_cover_the_batch() {
        let division = division(8, 1, 1).unwrap();
        for batch in 1..70 {
            let images = division.images(batch);
            assert_eq!(images.len(), 8);
            let all: Vec<usize> = images.iter().cloned().flatten().collect();
            assert!(all.into_iter().eq(0..batch), "{batch}: {images:?}");
            let sizes = images
                .iter()
                .map(ExactSizeIterator::len)
                .filter(|len| *len > 0);
            let (least, most) = (sizes.clone().min().unwrap(), sizes.max().unwrap());
            assert!(
                most - least <= 1 && (least >= 2 || batch == 1),
                "{batch}: {images:?}"
            );
        }
    }

    #[test]
    fn processes_and_micro_batches_need_parts() {
        assert!(division(8, 2, 4).is_ok());
        let problem = division(2, 1, 4).unwrap_err();
        assert!(problem.contains("set parts to 4 or more"), "{problem}");
        let problem = division(16, 1, 32).unwrap_err();
        assert!(problem.contains("a batch_size of 64 or more"), "{problem}");
        let problem = division(32, 1, 1).unwrap_err();
        assert!(problem.contains("set parts to 16 or less"), "{problem}");
        assert!(division(8, 1, 3).unwrap_err().contains("power of two"));
    }

    #[test]
    fn fewer_images_at_a_time_on_more_processes_and_in_more_micro_batches() {
        let images = |parts, accumulate, processes| {
            let division = division(parts, accumulate, processes).unwrap();
            division.images_at_a_time(32, processes)
        };
        assert_eq!([images(1, 1, 1), images(8, 1, 1)], [32, 32]);
        assert_eq!(
            [images(8, 1, 4), images(8, 2, 4), images(8, 4, 1)],
            [8, 4, 8]
        );
    }

    #[test]
    fn every_process_has_parts_of_every_micro_batch() {
        let division = division(16, 2, 4).unwrap();
        for rank in 0..4 {
            let parts = division.of_process(rank, 4);
            let micro: Vec<usize> = parts.map(|part| division.micro_batch(part)).collect();
            assert_eq!(micro, [0, 1, 0, 1]);
        }
    }
}
