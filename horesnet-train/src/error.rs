//! What can go wrong between a command and a trained network.
//!
//! Each message says what happened, where, and what to do; the variants tell a caller whether the request was wrong
//! (configuration, names), the file system or a file was, or the training itself failed.

use std::path::PathBuf;

use crate::attack::Attack;

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Every failure of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No entry of a table has this name.
    #[error("unknown {what} `{name}`; known: {known}{}", suggestion(.meant.as_deref()))]
    Unknown {
        /// What was looked up: `scheme`, `data set`.
        what: &'static str,
        /// The name as given.
        name: String,
        /// All names of the table, separated by commas.
        known: String,
        /// The closest name, if one is close.
        meant: Option<String>,
    },

    /// A setting is outside what can be trained.
    #[error("{setting}: {problem}")]
    Setting {
        /// The setting, as the configuration file names it.
        setting: &'static str,
        /// What is wrong with it, and what would be right.
        problem: String,
    },

    /// Images and labels do not fit each other or the network.
    #[error("data set `{name}`: {problem}")]
    Data {
        /// The data set.
        name: String,
        /// What does not fit.
        problem: String,
    },

    /// A loss or a weight is infinite or no longer a number. Of its epoch nothing is kept.
    #[error(
        "training diverged in epoch {epoch}: {found}; {}; \
         lower the learning rate or the step size h, or choose a scheme with smaller coefficients",
        kept(*.epoch)
    )]
    Diverged {
        /// The epoch, counted from 1.
        epoch: usize,
        /// What is not finite: the loss of a batch, a weight, the test loss.
        found: String,
    },

    /// Training was asked to stop, and did so between two steps.
    #[error("training was stopped in epoch {epoch}, after batch {batch}")]
    Interrupted {
        /// The epoch, counted from 1.
        epoch: usize,
        /// The last batch that was trained on, counted from 1.
        batch: usize,
    },

    /// A test of disturbed images was asked to stop.
    #[error("the test of images disturbed by {attack} was stopped")]
    AttackInterrupted {
        /// What disturbs them.
        attack: Attack,
    },

    /// The state of a training could not be kept, because the disk is full or for another reason.
    #[error("{source}; {}", still(*.kept))]
    Unsaved {
        /// The epoch after which the checkpoint is that is there; nothing if there is none.
        kept: Option<usize>,
        /// What went wrong.
        source: Box<Error>,
    },

    /// A setting in a file or on the command line is not one, or has no possible value.
    #[error("{place}: {problem}")]
    Configuration {
        /// The file and the line, or the option.
        place: String,
        /// What is wrong with it.
        problem: String,
    },

    /// A run is to be taken up with other settings than it began with.
    #[error(
        "{setting} is {before} in this run and {after} was asked for; a run is resumed as it began, because {}",
        reason(.setting)
    )]
    Changed {
        /// The setting, as configuration files name it.
        setting: String,
        /// What it is, as JSON.
        before: String,
        /// What it would be.
        after: String,
    },

    /// The run folder exists and holds something.
    #[error("run folder `{}` is not empty; name another, or remove it first", .path.display())]
    FolderTaken {
        /// The folder.
        path: PathBuf,
    },

    /// The operating system refused to read or write.
    #[error("cannot {action} `{}`: {source}", .path.display())]
    Io {
        /// What was tried: `read`, `create folder`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The operating system's answer.
        source: std::io::Error,
    },

    /// A file of a run folder is not what it should be.
    #[error("`{}` {problem}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },

    /// A tensor operation failed.
    #[error("tensor operation failed: {0}")]
    Tensor(#[from] candle_core::Error),
}

impl Error {
    pub(crate) fn setting(setting: &'static str, problem: impl Into<String>) -> Self {
        Self::Setting {
            setting,
            problem: problem.into(),
        }
    }

    pub(crate) fn file(path: impl Into<PathBuf>, problem: impl Into<String>) -> Self {
        Self::File {
            path: path.into(),
            problem: problem.into(),
        }
    }

    /// For `map_err`: an [`Error::Io`] about `path`.
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }

    /// `name` is not in the table of `known` names; the message offers the nearest.
    pub(crate) fn unknown<'a>(
        what: &'static str,
        name: &str,
        known: impl Iterator<Item = &'a str> + Clone,
    ) -> Self {
        // Jaro–Winkler similarity: 0.75 admits a slip or two in a short name and little else.
        let meant = known
            .clone()
            .map(|candidate| {
                (
                    strsim::jaro_winkler(&name.to_lowercase(), candidate),
                    candidate,
                )
            })
            .filter(|(similarity, _)| *similarity > 0.75)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, candidate)| candidate.to_owned());
        Self::Unknown {
            what,
            name: name.to_owned(),
            known: known.collect::<Vec<_>>().join(", "),
            meant,
        }
    }
}

/// What training leaves when it diverges in `epoch`.
fn kept(epoch: usize) -> String {
    match epoch {
        0 | 1 => "there is no epoch before it to keep".to_owned(),
        _ => format!("what was kept is the state after epoch {}", epoch - 1),
    }
}

/// What is there of a training that could not be kept.
fn still(kept: Option<usize>) -> String {
    match kept {
        Some(0) => "the last good checkpoint, made in epoch 1, is kept".to_owned(),
        Some(epoch) => format!("the last good checkpoint, made after epoch {epoch}, is kept"),
        None => "there is no checkpoint yet".to_owned(),
    }
}

/// Why a setting cannot change.
fn reason(setting: &str) -> &'static str {
    if setting == "training.epochs" {
        "the learning rate of every step depends on the number of epochs; start a new run for another"
    } else {
        "its end is then what it would have been without a stop; start a new run for another setting"
    }
}

fn suggestion(meant: Option<&str>) -> String {
    meant.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}
