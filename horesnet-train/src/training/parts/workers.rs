//! The threads that compute the parts of a process: a pool for each, which keeps its threads from step to step.

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::{Error, Result};

/// The stack of a thread: candle walks graphs recursively.
const STACK: usize = 16 << 20;

/// Pools for the parts of a micro-batch.
pub(crate) struct Workers {
    pools: Vec<ThreadPool>,
    threads: usize,
}

/// The work on a part.
pub(super) type Job<'a> = Box<dyn FnOnce() + Send + 'a>;

impl Workers {
    /// Pools for so many parts at a time, which share the threads of the caller's pool.
    pub(crate) fn new(parts: usize) -> Result<Self> {
        let threads = rayon::current_num_threads();
        let each = (threads / parts.max(1)).max(1);
        let pool = |_| {
            let pool = ThreadPoolBuilder::new().num_threads(each);
            pool.stack_size(STACK).build()
        };
        let pools = (0..parts).map(pool).collect::<std::result::Result<_, _>>();
        let problem = |error| {
            Error::setting(
                "parts",
                format!(
                    "cannot start {each} threads for each of {parts} parts: {error}; set RAYON_NUM_THREADS or fewer parts"
                ),
            )
        };
        Ok(Self {
            pools: pools.map_err(problem)?,
            threads,
        })
    }

    /// The number of parts that compute at a time.
    pub(super) fn permits(&self) -> usize {
        self.threads
    }

    /// Runs jobs, at most one for each pool, while this thread runs `meanwhile`.
    pub(super) fn run(&self, jobs: Vec<Job<'_>>, meanwhile: impl FnOnce()) {
        run(&self.pools, jobs.into_iter(), meanwhile);
    }
}

fn run<'a>(
    pools: &[ThreadPool],
    mut jobs: impl Iterator<Item = Job<'a>>,
    meanwhile: impl FnOnce(),
) {
    let mut meanwhile = Some(meanwhile);
    run_next(pools, &mut jobs, &mut || {
        if let Some(meanwhile) = meanwhile.take() {
            meanwhile();
        }
    });
}

fn run_next(
    pools: &[ThreadPool],
    jobs: &mut dyn Iterator<Item = Job<'_>>,
    meanwhile: &mut dyn FnMut(),
) {
    match pools.split_first() {
        Some((pool, pools)) => match jobs.next() {
            Some(job) => pool.in_place_scope(|scope| {
                scope.spawn(|_| job());
                run_next(pools, jobs, meanwhile);
            }),
            None => meanwhile(),
        },
        None => meanwhile(),
    }
}
