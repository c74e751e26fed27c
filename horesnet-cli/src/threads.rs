//! The threads that layers and combinations use.

use rayon::ThreadPoolBuilder;

/// Makes this thread one of the pool's, if the pool has several.
///
/// Otherwise this thread sleeps in each op while the pool works, and is woken after it: some 20 µs for each of the hundreds
/// of ops of a training step. `RAYON_NUM_THREADS` sets the number of threads, this one included.
pub(crate) fn join_pool() {
    let asked = std::env::var("RAYON_NUM_THREADS").ok();
    let asked = asked
        .and_then(|count| count.parse().ok())
        .filter(|&count| count > 0);
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    if asked.unwrap_or_else(cores) > 1 {
        // Fails only where the pool exists already: it is then used as it is.
        let _ = ThreadPoolBuilder::new().use_current_thread().build_global();
    }
}
