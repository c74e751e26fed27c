//! Work in parts, on the thread pool.
//!
//! Threads take parts from counters, so none waits while parts are left. Between two ops they busy-wait for a moment, as those
//! of OpenMP do: a training step has hundreds of ops, and to wake a thread takes longer than some of them. A pool of one thread
//! is not asked: handing it work and waiting would take longer than many parts do.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rayon::Yield;

/// How long a thread busy-waits for work before it sleeps.
const BUSY_WAIT: Duration = Duration::from_micros(200);

/// Returns `map(index)` for every index below `count`, in order.
pub(crate) fn par_map<R: Send>(count: usize, map: impl Fn(usize) -> R + Sync) -> Vec<R> {
    if is_alone(count) {
        return (0..count).map(map).collect();
    }
    let results: Vec<_> = (0..count).map(|_| Mutex::new(None)).collect();
    share(count, |index| {
        let result = map(index);
        *lock(&results[index]) = Some(result);
    });
    let results = results.into_iter();
    results
        .filter_map(|result| result.into_inner().unwrap_or_else(PoisonError::into_inner))
        .collect()
}

/// Returns `map(index, chunk)` for every chunk of `len` elements, in order.
pub(crate) fn par_map_chunks<T: Send, R: Send>(
    all: &mut [T],
    len: usize,
    map: impl Fn(usize, &mut [T]) -> R + Sync,
) -> Vec<R> {
    let len = len.max(1);
    let chunks = all.chunks_mut(len);
    if is_alone(chunks.len()) {
        return chunks
            .enumerate()
            .map(|(index, chunk)| map(index, chunk))
            .collect();
    }
    let chunks: Vec<_> = chunks.map(|chunk| Mutex::new(Some(chunk))).collect();
    par_map(chunks.len(), |index| {
        lock(&chunks[index]).take().map(|chunk| map(index, chunk))
    })
    .into_iter()
    .flatten()
    .collect()
}

fn is_alone(parts: usize) -> bool {
    parts < 2 || rayon::current_num_threads() == 1
}

fn lock<T>(slot: &Mutex<T>) -> MutexGuard<'_, T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Calls `work(index)` for every index below `count`, on this thread and on those of the pool.
///
/// A thread begins with its own share, which is the same one in every op: what it reads is then mostly what it wrote in the
/// op before. Then it takes what the others have left.
fn share(count: usize, work: impl Fn(usize) + Sync) {
    let threads = rayon::current_num_threads().min(count);
    let range = |share: usize| share * count / threads..(share + 1) * count / threads;
    let next: Vec<_> = (0..threads)
        .map(|share| Next(AtomicUsize::new(range(share).start)))
        .collect();
    let busy = AtomicUsize::new(0);
    let take = || {
        let own = rayon::current_thread_index().unwrap_or(0);
        for share in (0..threads).map(|other| (own + other) % threads) {
            loop {
                let index = next[share].0.fetch_add(1, Ordering::Relaxed);
                if index >= range(share).end {
                    break;
                }
                work(index);
            }
        }
    };
    stay_awake();
    rayon::in_place_scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|_| {
                busy.fetch_add(1, Ordering::Relaxed);
                let _busy = Counted(&busy);
                take();
            });
        }
        take();
        // The scope would put this thread to sleep while others finish their last part.
        let start = Instant::now();
        while busy.load(Ordering::Relaxed) > 0 && start.elapsed() < BUSY_WAIT {
            std::thread::yield_now();
        }
    });
}

/// The next index of a share, on a cache line of its own.
#[repr(align(64))]
struct Next(AtomicUsize);

/// Counts down when it is dropped.
struct Counted<'a>(&'a AtomicUsize);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Threads that busy-wait for work, or do some between two waits.
static AWAKE: AtomicUsize = AtomicUsize::new(0);

/// Makes the other threads of the pool busy-wait for work, unless some do already.
fn stay_awake() {
    // A thread outside the pool works too, in place of one of the pool.
    let this = rayon::current_thread_index().unwrap_or(0);
    let others = rayon::current_num_threads() - 1;
    if AWAKE
        .compare_exchange(0, others, Ordering::Relaxed, Ordering::Relaxed)
        .is_err()
    {
        return;
    }
    rayon::spawn_broadcast(move |thread| {
        if thread.index() != this {
            let _awake = Counted(&AWAKE);
            busy_wait();
        }
    });
    // Takes this thread's part of the broadcast, which would wait in its queue.
    rayon::yield_now();
}

/// Works on what the pool has to do, until there was nothing for [`BUSY_WAIT`].
fn busy_wait() {
    let mut start = Instant::now();
    while start.elapsed() < BUSY_WAIT {
        match rayon::yield_now() {
            Some(Yield::Executed) => start = Instant::now(),
            _ => std::thread::yield_now(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicUsize, Ordering};

    use rayon::ThreadPoolBuilder;

    use super::{par_map, par_map_chunks};

    #[test]
    fn every_part_is_done_once_and_in_order() {
        for threads in [1, 2, 3, 8] {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build();
            pool.expect("a pool").install(|| {
                for count in [0, 1, 2, 7, 64] {
                    let calls = AtomicUsize::new(0);
                    let found = par_map(count, |index| {
                        calls.fetch_add(1, Ordering::Relaxed);
                        3 * index
                    });
                    assert_eq!(found, (0..count).map(|index| 3 * index).collect::<Vec<_>>());
                    assert_eq!(calls.into_inner(), count);
                }
            });
        }
    }

    #[test]
    fn chunks_are_written_in_nested_parts_and_from_any_thread() {
        let mut all = vec![0; 1000];
        let firsts = par_map_chunks(&mut all, 64, |chunk, elements| {
            let values = par_map(elements.len(), |index| 64 * chunk + index);
            elements.copy_from_slice(&values);
            values.first().copied()
        });
        assert_eq!(all, (0..1000).collect::<Vec<_>>());
        let expected = (0..16).map(|chunk| Some(64 * chunk));
        assert_eq!(firsts, expected.collect::<Vec<_>>());
        assert!(par_map_chunks(&mut all[..0], 0, |_, _| ()).is_empty());
    }

    #[test]
    fn a_panic_in_a_part_reaches_the_caller_and_leaves_the_pool_usable() {
        let pool = ThreadPoolBuilder::new()
            .num_threads(4)
            .build()
            .expect("a pool");
        pool.install(|| {
            for bad in [0, 5, 15] {
                let work = || par_map(16, |index| assert_ne!(index, bad));
                assert!(catch_unwind(AssertUnwindSafe(work)).is_err());
            }
            assert_eq!(par_map(4, |index| index), [0, 1, 2, 3]);
        });
    }
}
