//! Work in parts, on the thread pool.
//!
//! A pool of one thread is not asked: handing it work and waiting would take longer than many parts do.

use rayon::prelude::*;

/// Returns `map(index)` for every index below `count`, in order.
pub(crate) fn par_map<R: Send>(count: usize, map: impl Fn(usize) -> R + Sync + Send) -> Vec<R> {
    if is_alone(count) {
        (0..count).map(map).collect()
    } else {
        (0..count).into_par_iter().map(map).collect()
    }
}

/// Returns `map(index, chunk)` for every chunk of `len` elements, in order.
pub(crate) fn par_map_chunks<T: Send, R: Send>(
    all: &mut [T],
    len: usize,
    map: impl Fn(usize, &mut [T]) -> R + Sync + Send,
) -> Vec<R> {
    let len = len.max(1);
    if is_alone(all.len().div_ceil(len)) {
        let chunks = all.chunks_mut(len).enumerate();
        chunks.map(|(index, chunk)| map(index, chunk)).collect()
    } else {
        let chunks = all.par_chunks_mut(len).enumerate();
        chunks.map(|(index, chunk)| map(index, chunk)).collect()
    }
}

fn is_alone(parts: usize) -> bool {
    parts < 2 || rayon::current_num_threads() == 1
}
