//! The processes that a launcher started: `mpirun`, `mpiexec` or `srun`.

use std::env;
use std::error::Error as StdError;
use std::process::ExitCode;

#[cfg(feature = "mpi")]
use horesnet_train::cluster::Mpi;
use horesnet_train::cluster::{Alone, Communicator};
use horesnet_train::{Error, Progress};

use crate::CommandResult;
#[cfg(feature = "mpi")]
use crate::interrupt::INTERRUPTED;
use crate::interrupt::Interrupt;

/// Variables by which a launcher tells a process how many there are, and which one it is: Open MPI, then MPICH and Intel MPI,
/// then a step of Slurm.
const LAUNCHERS: [[&str; 2]; 3] = [
    ["OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"],
    ["PMI_SIZE", "PMI_RANK"],
    // Not SLURM_NTASKS, which a batch script has too, where it is one process.
    ["SLURM_STEP_NUM_TASKS", "SLURM_PROCID"],
];

/// The number of processes that a launcher started, and that of this one.
fn launched() -> Option<(usize, usize)> {
    let number = |name| env::var(name).ok()?.parse().ok();
    let mut launchers = LAUNCHERS.into_iter();
    launchers.find_map(|[size, rank]| Some((number(size)?, number(rank)?)))
}

/// Returns true on the process that prints errors of usage.
pub(crate) fn is_first() -> bool {
    launched().is_none_or(|(_, rank)| rank == 0)
}

/// Runs a command with the processes that a launcher started, or alone.
///
/// Errors are printed by one process. If one fails where the others cannot learn of it, it ends all.
pub(crate) fn run(command: impl FnOnce(&dyn Communicator) -> CommandResult) -> CommandResult {
    match launched() {
        Some((size, rank)) if size > 1 => together(size, rank, command),
        _ => command(&Alone),
    }
}

#[cfg(not(feature = "mpi"))]
fn together(
    size: usize,
    rank: usize,
    _: impl FnOnce(&dyn Communicator) -> CommandResult,
) -> CommandResult {
    if rank > 0 {
        // Process 0 says why.
        return Ok(ExitCode::SUCCESS);
    }
    Err(format!(
        "{size} processes were started, but this program was built without MPI, and each would train alone; install an MPI \
         library (on Debian libopenmpi-dev and libclang-dev), and build it with `cargo install --locked horesnet-cli --features mpi`"
    )
    .into())
}

#[cfg(feature = "mpi")]
fn together(
    size: usize,
    rank: usize,
    command: impl FnOnce(&dyn Communicator) -> CommandResult,
) -> CommandResult {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::time::Instant;

    use crate::report;

    let cluster = Mpi::join()?;
    if cluster.size() != size {
        if rank > 0 {
            return Ok(ExitCode::SUCCESS);
        }
        return Err(format!(
            "{size} processes were started, but MPI finds {}: this program and the launcher do not share an MPI library; start it \
             with the `mpirun` of the library it was built with, or with `srun --mpi=pmix`, or build it again with that of the \
             launcher",
            cluster.size()
        )
        .into());
    }
    let begun = Instant::now();
    let ended = catch_unwind(AssertUnwindSafe(|| command(&cluster)));
    let Ok(result) = ended else {
        // The message is on stderr already.
        report::note(format_args!(
            "process {rank} on {} has failed; all end",
            cluster.host()
        ));
        cluster.abort(2);
    };
    if rank == 0 {
        let (all, own) = (begun.elapsed().as_secs_f64(), cluster.time().as_secs_f64());
        report::note(format_args!(
            "note: {size} processes; process 0 has sent, received or waited for others for {own:.1} s of {all:.1} s"
        ));
    }
    match result {
        Err(error) => match error.downcast_ref::<Error>() {
            Some(error @ Error::Elsewhere { .. }) => Ok(ExitCode::from(code(error))),
            Some(together @ Error::Together(_)) => {
                // Before `cluster` is dropped, which waits for all: the launcher kills this process once another ends with 2.
                report::error(together);
                Ok(ExitCode::from(code(together)))
            }
            _ => {
                report::error(&*error);
                let host = cluster.host();
                report::note(format_args!(
                    "note: this is process {rank} of {size}, on {host}; all end"
                ));
                cluster.abort(2)
            }
        },
        ended => ended,
    }
}

/// The exit code after an error that all processes know.
#[cfg(feature = "mpi")]
fn code(error: &Error) -> u8 {
    if error.is_interruption() {
        INTERRUPTED
    } else {
        2
    }
}

/// Makes an error of this process one of all, where they have not agreed on it yet.
pub(crate) fn agree<T>(
    cluster: &dyn Communicator,
    result: Result<T, Box<dyn StdError>>,
) -> Result<T, Box<dyn StdError>> {
    let result = result.map_err(|error| match error.downcast::<Error>() {
        Ok(error) => *error,
        Err(other) => Error::Cluster(other.to_string()),
    });
    Ok(horesnet_train::cluster::agree(cluster, result)?)
}

/// Follows a training on a process that does not report it.
pub(crate) struct Silent(pub(crate) Interrupt);

impl Progress for Silent {
    fn stops(&mut self) -> bool {
        self.0.is_pressed()
    }
}
