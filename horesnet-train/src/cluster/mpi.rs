//! Processes that an MPI launcher started, `mpirun` or `srun`.
//!
//! Only the main thread calls MPI (`MPI_THREAD_FUNNELED`), and MPI moves bytes only: it computes nothing.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use candle_core::Device;

use ::mpi::Threading;
use ::mpi::environment::{Universe, processor_name};
use ::mpi::request::scope;
use ::mpi::topology::SimpleCommunicator;
use ::mpi::traits::{Communicator as _, CommunicatorCollectives, Destination, Root, Source};

use super::{Communicator, TensorExchange};
use crate::error::{Error, Result};

/// The bytes that one call of MPI moves; it counts with 32 bits.
const MOST: usize = 1 << 30;

/// All processes of an MPI job. Dropped at the end of the program, it waits for the others.
pub struct Mpi {
    time: Cell<Duration>,
    local_rank: usize,
    world: SimpleCommunicator,
    /// Ends MPI when dropped, after `world`.
    _universe: Universe,
}

impl fmt::Debug for Mpi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {} of {}", self.rank(), self.size())
    }
}

impl Mpi {
    /// Joins the job, on the main thread.
    ///
    /// Fails with [`Error::Cluster`] if MPI is in use already, or allows no threads.
    pub fn join() -> Result<Self> {
        let Some((universe, threading)) = ::mpi::initialize_with_threading(Threading::Funneled)
        else {
            let problem = "MPI has been initialised already; this program initialises it itself";
            return Err(Error::Cluster(problem.to_owned()));
        };
        if threading < Threading::Funneled {
            let problem = "this MPI library allows no threads beside the one that calls it (MPI_THREAD_FUNNELED); use another \
                           build of it";
            return Err(Error::Cluster(problem.to_owned()));
        }
        let world = universe.world();
        Ok(Self {
            time: Cell::default(),
            local_rank: world.split_shared(world.rank()).rank() as usize,
            world,
            _universe: universe,
        })
    }

    /// The time of this process in calls of MPI so far, in which it sends, receives or waits for others.
    pub fn time(&self) -> Duration {
        self.time.get()
    }

    /// Makes calls of MPI.
    fn call<T>(&self, call: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let result = call();
        self.time.set(self.time.get() + begun.elapsed());
        result
    }

    /// Ends all processes at once, with an exit code.
    pub fn abort(&self, code: u8) -> ! {
        self.world.abort(code.into())
    }
}

impl Communicator for Mpi {
    fn rank(&self) -> usize {
        self.world.rank() as usize
    }

    fn size(&self) -> usize {
        self.world.size() as usize
    }

    fn exchange(&self, with: usize, bytes: &[u8]) -> Vec<u8> {
        let other = self.world.process_at_rank(with as i32);
        self.call(|| {
            scope(|scope| {
                let sent = other.immediate_send(scope, bytes);
                let (received, _) = other.receive_vec::<u8>();
                sent.wait();
                received
            })
        })
    }

    fn all_to_all(&self, bytes: &[u8]) -> Vec<u8> {
        let mut received = vec![0; bytes.len()];
        self.call(|| self.world.all_to_all_into(bytes, &mut received[..]));
        received
    }

    fn all_gather(&self, own: &[u8]) -> Vec<u8> {
        let mut all = vec![0; own.len() * self.size()];
        self.call(|| self.world.all_gather_into(own, &mut all[..]));
        all
    }

    fn broadcast(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        let root = self.world.process_at_rank(0);
        self.call(|| {
            let mut length = bytes.len() as u64;
            root.broadcast_into(&mut length);
            bytes.resize(length as usize, 0);
            for bytes in bytes.chunks_mut(MOST) {
                root.broadcast_into(bytes);
            }
        });
        bytes
    }

    fn host(&self) -> String {
        processor_name().unwrap_or_else(|_| "unknown host".to_owned())
    }

    fn local_rank(&self) -> usize {
        self.local_rank
    }

    fn tensors(&self, device: &Device, stride: usize) -> Result<Option<Arc<dyn TensorExchange>>> {
        #[cfg(feature = "nccl")]
        if let Device::Cuda(gpu) = device {
            let joined = super::nccl::Nccl::join(self, gpu, stride)?;
            return Ok(joined.map(|gpus| Arc::new(gpus) as Arc<dyn TensorExchange>));
        }
        let problem =
            "GPUs of several processes need a build with the feature `nccl`; use --device cpu";
        let _ = (device, stride);
        Err(Error::Cluster(problem.to_owned()))
    }
}
