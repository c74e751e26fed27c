//! Agreement of all processes: an error of one becomes an error of all, and unequal inputs are refused.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Communicator;
use crate::error::{Error, Result};

/// Returns the bytes of all processes, which may differ in length.
pub(crate) fn gather(cluster: &dyn Communicator, own: &[u8]) -> Vec<Vec<u8>> {
    let lengths = cluster.all_gather(&(own.len() as u64).to_le_bytes());
    let (lengths, _) = lengths.as_chunks();
    let lengths: Vec<usize> = lengths
        .iter()
        .map(|n| u64::from_le_bytes(*n) as usize)
        .collect();
    let longest = lengths.iter().copied().max().unwrap_or(0);
    if longest == 0 {
        return vec![Vec::new(); lengths.len()];
    }
    let mut padded = own.to_vec();
    padded.resize(longest, 0);
    let all = cluster.all_gather(&padded);
    let each = all.chunks(longest).zip(lengths);
    each.map(|(bytes, len)| bytes.get(..len).unwrap_or(bytes).to_vec())
        .collect()
}

/// Fails on every process if `result` is an error on one.
///
/// The first process with an error returns it as [`Error::Together`]; all others return [`Error::Elsewhere`].
pub fn agree<T>(cluster: &dyn Communicator, result: Result<T>) -> Result<T> {
    if cluster.size() == 1 {
        return result;
    }
    let own = match &result {
        Ok(_) => Vec::new(),
        // The first byte tells an error whose message is empty from none.
        Err(error) => {
            let kind = if error.is_interruption() { '!' } else { ' ' };
            format!("{kind}{error}").into_bytes()
        }
    };
    let all = gather(cluster, &own);
    match all.iter().position(|error| !error.is_empty()) {
        None => result,
        Some(first) if first == cluster.rank() => {
            result.map_err(|error| Error::Together(error.into()))
        }
        Some(process) => {
            let (kind, problem) = all[process].split_first().unwrap_or((&b' ', &[]));
            Err(Error::Elsewhere {
                process,
                problem: String::from_utf8_lossy(problem).into_owned(),
                is_interruption: *kind == b'!',
            })
        }
    }
}

/// Returns a value of process 0 on every process.
pub fn broadcast_json<T: Serialize + DeserializeOwned>(
    cluster: &dyn Communicator,
    own: T,
) -> Result<T> {
    if cluster.size() == 1 {
        return Ok(own);
    }
    let bytes = serde_json::to_vec(&own).map_err(Error::unserialisable)?;
    serde_json::from_slice(&cluster.broadcast(bytes)).map_err(Error::unserialisable)
}

/// Returns the values of all processes, in order.
pub fn gather_json<T: Serialize + DeserializeOwned>(
    cluster: &dyn Communicator,
    own: &T,
) -> Result<Vec<T>> {
    let bytes = serde_json::to_vec(own).map_err(Error::unserialisable)?;
    let all = gather(cluster, &bytes);
    let read = |bytes: &Vec<u8>| serde_json::from_slice(bytes).map_err(Error::unserialisable);
    all.iter().map(read).collect()
}

/// Fails on every process, with [`Error::Cluster`] on one, unless all run the same `version` of the program with the same
/// `command`, such as `train --resume`. The first call of every program, because versions may differ in all that follows.
pub fn expect_program(cluster: &dyn Communicator, version: &str, command: &str) -> Result<()> {
    let own = (version.to_owned(), command.to_owned());
    expect_equal(cluster, &own, |(first_version, first_command)| {
        if first_version != version {
            return Some(format!(
                "it runs version {version}, and process 0 runs {first_version}; install the same version on all machines"
            ));
        }
        let problem = || format!("it runs `{command}`, and process 0 runs `{first_command}`");
        (first_command != command).then(problem)
    })
}

/// Fails on every process unless `difference` finds none between the value of process 0 and that of each other.
///
/// The first process that differs returns the error, which names its machine.
pub(crate) fn expect_equal<T: Serialize + DeserializeOwned>(
    cluster: &dyn Communicator,
    own: &T,
    difference: impl FnOnce(T) -> Option<String>,
) -> Result<()> {
    if cluster.size() == 1 {
        return Ok(());
    }
    let bytes = serde_json::to_vec(own).map_err(Error::unserialisable)?;
    let first = serde_json::from_slice(&cluster.broadcast(bytes));
    let compare = || match difference(first.map_err(Error::unserialisable)?) {
        None => Ok(()),
        Some(found) => {
            let (rank, host) = (cluster.rank(), cluster.host());
            let problem = format!("process {rank} on {host} differs from process 0: {found}");
            Err(Error::Cluster(problem))
        }
    };
    agree(cluster, compare())
}

#[cfg(test)]
mod tests {
    use super::{agree, expect_equal, expect_program};
    use crate::cluster::threads;
    use crate::error::{Error, Result};

    #[test]
    fn an_error_of_one_process_is_one_of_all() {
        let found = threads::run(4, |cluster| {
            let own: Result<()> = match cluster.rank() {
                1 | 3 => Err(Error::setting("epochs", "wrong")),
                _ => Ok(()),
            };
            agree(cluster, own)
                .map_err(|error| matches!(error, Error::Elsewhere { process: 1, .. }))
        });
        assert_eq!(found, [Err(true), Err(false), Err(true), Err(true)]);
    }

    #[test]
    fn an_interruption_of_one_process_is_one_of_all() {
        let found = threads::run(2, |cluster| {
            let stopped: Result<()> = Err(Error::Interrupted { epoch: 1, batch: 2 });
            let own = if cluster.rank() == 1 { stopped } else { Ok(()) };
            agree(cluster, own).unwrap_err().is_interruption()
        });
        assert_eq!(found, [true, true]);
    }

    #[test]
    fn other_versions_and_commands_are_refused() {
        let run = |versions: [&str; 2], commands: [&str; 2]| {
            threads::run(2, |cluster| {
                let rank = cluster.rank();
                let found = expect_program(cluster, versions[rank], commands[rank]);
                found.map_err(|error| error.own().to_string())
            })
        };
        assert_eq!(run(["0.1.0"; 2], ["train"; 2]), [Ok(()), Ok(())]);
        let of_one = "process 1 on a thread differs from process 0: it runs ";
        for (versions, commands, problem) in [
            (
                ["0.1.0 (a)", "0.1.0 (b)"],
                ["train", "compare"],
                "version 0.1.0 (b), and process 0 runs 0.1.0 (a)",
            ),
            (
                ["0.1.0"; 2],
                ["train", "train --resume"],
                "`train --resume`, and process 0 runs `train`",
            ),
        ] {
            for found in run(versions, commands) {
                let found = found.unwrap_err();
                assert!(found.contains(&format!("{of_one}{problem}")), "{found}");
            }
        }
    }

    #[test]
    fn unequal_values_are_refused() {
        let found = threads::run(2, |cluster| {
            let own = cluster.rank();
            let difference = |first: usize| (first != own).then(|| format!("{first}, {own}"));
            expect_equal(cluster, &own, difference)
                .unwrap_err()
                .to_string()
        });
        let problem = "process 1 on a thread differs from process 0: 0, 1";
        assert_eq!(found[1], problem);
        assert!(found[0].ends_with(problem), "{}", found[0]);
    }
}
