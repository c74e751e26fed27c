//! The errors of this crate.
//!
//! Each message says what happened, where, and what to do. The variants tell a wrong request (settings, names) from a failing
//! file or file system and from a failed training.

use std::path::PathBuf;

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Every failure of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No entry of a table has this name.
    #[error("unknown {what} `{name}`; {known}{}", did_you_mean(.meant))]
    Unknown {
        /// The kind of name: `scheme`, `data set`.
        what: &'static str,
        /// The name as given.
        name: String,
        /// All names of the table, or where to find them.
        known: String,
        /// The names that may be meant, the likeliest first.
        meant: Vec<String>,
    },

    /// The scheme is implicit, and networks have blocks of explicit schemes only.
    #[error(
        "scheme `{0}` is implicit: a block would have to solve for its stages; use an explicit scheme, such as `rk4`"
    )]
    Implicit(String),

    /// The tableau of a network's own scheme is no tableau, claims an order that it does not have, or is implicit.
    #[error("the tableau of the scheme `{name}` is refused\n{problems}")]
    Tableau {
        /// The name of the scheme.
        name: String,
        /// The problems, as the compiler prints them.
        problems: String,
    },

    /// A setting is out of range.
    #[error("{setting}: {problem}")]
    Setting {
        /// The setting, as the configuration file names it.
        setting: &'static str,
        /// The problem, and what would be right.
        problem: String,
    },

    /// Images and labels do not match each other or the network.
    #[error("data set `{name}`: {problem}")]
    Data {
        /// The data set.
        name: String,
        /// The mismatch.
        problem: String,
    },

    /// A loss or a weight is infinite or not a number. Nothing of this epoch is saved.
    #[error(
        "training diverged in epoch {epoch}: {found}; {}; \
         lower the learning rate or the step size h, or choose a scheme with smaller coefficients",
        saved_before(*.epoch)
    )]
    Diverged {
        /// The epoch, counted from 1.
        epoch: usize,
        /// The number that is not finite: the loss of a batch, a weight, the test loss.
        found: String,
    },

    /// Training stopped between two steps, as requested.
    #[error("training was stopped in epoch {epoch}, after batch {batch}")]
    Interrupted {
        /// The epoch, counted from 1.
        epoch: usize,
        /// The last batch of training, counted from 1.
        batch: usize,
    },

    /// A test on perturbed images stopped, as requested.
    #[error("the test on images perturbed by {attack} was stopped")]
    AttackInterrupted {
        /// The perturbation, as [`Attack`](crate::Attack) is written.
        attack: String,
    },

    /// The state of a training could not be saved, because the disk is full or for another reason.
    #[error("{source}; {}", checkpoint_after(*.kept))]
    Unsaved {
        /// The epoch of the last checkpoint, if there is one.
        kept: Option<usize>,
        /// The failure.
        source: Box<Error>,
    },

    /// The run folder, or a file in it, was removed during training.
    #[error("`{}` was {what} while its training was running, and the training has stopped; train again, in a folder that stays", .path.display())]
    Removed {
        /// The folder or file.
        path: PathBuf,
        /// The change: "removed", "removed and made again".
        what: &'static str,
    },

    /// A setting in a file or on the command line is unknown or has an impossible value.
    #[error("{place}: {problem}")]
    Configuration {
        /// The file and the line, or the option.
        place: String,
        /// The problem.
        problem: String,
    },

    /// A run is to be resumed with other settings than it began with.
    #[error(
        "{setting} is {before} in this run, but {after} was requested; a run resumes with its own settings, because {}",
        reason(.setting)
    )]
    Changed {
        /// The setting, as configuration files name it.
        setting: String,
        /// Its value in the run, as JSON.
        before: String,
        /// The requested value.
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
        /// The attempted action: `read`, `create folder`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },

    /// A file is damaged or not of the expected kind.
    #[error("`{}` {problem}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The problem.
        problem: String,
    },

    /// The processes of a training cannot work together.
    #[error("{0}")]
    Cluster(String),

    /// Another process of the training has failed, and reports its error itself.
    #[error("process {process} has failed: {problem}")]
    Elsewhere {
        /// The process, from 0.
        process: usize,
        /// Its error.
        problem: String,
        /// It was stopped, as requested.
        is_interruption: bool,
    },

    /// An error that all processes of the training know, so that all end.
    #[error(transparent)]
    Together(Box<Error>),

    /// A tensor operation failed.
    #[error("tensor operation failed: {0}")]
    Tensor(#[from] candle_core::Error),
}

impl Error {
    /// Returns the error itself, if it is one that [all processes know](Self::Together).
    #[must_use]
    pub fn own(&self) -> &Self {
        match self {
            Self::Together(error) => error.own(),
            other => other,
        }
    }

    /// Returns true if a training or a test was stopped, as requested, on this process or another.
    #[must_use]
    pub fn is_interruption(&self) -> bool {
        match self.own() {
            Self::Interrupted { .. } | Self::AttackInterrupted { .. } => true,
            Self::Elsewhere {
                is_interruption, ..
            } => *is_interruption,
            _ => false,
        }
    }

    pub(crate) fn setting(setting: &'static str, problem: impl Into<String>) -> Self {
        Self::Setting {
            setting,
            problem: problem.into(),
        }
    }

    pub(crate) fn data(name: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Data {
            name: name.into(),
            problem: problem.into(),
        }
    }

    pub(crate) fn file(path: impl Into<PathBuf>, problem: impl Into<String>) -> Self {
        Self::File {
            path: path.into(),
            problem: problem.into(),
        }
    }

    /// Makes an error about settings that cannot be written, for `map_err`.
    pub(crate) fn unserialisable(problem: impl std::fmt::Display) -> Self {
        Self::setting("configuration", problem.to_string())
    }

    /// Makes an [`Error::Io`] about `path`, for `map_err`.
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

    /// Reports that `name` is none of the `known` names, and suggests the nearest.
    pub(crate) fn unknown<'a>(
        what: &'static str,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let known: Vec<_> = known.into_iter().collect();
        let lower = name.to_lowercase();
        let similarity = |known: &&str| strsim::jaro_winkler(&lower, known);
        // Jaro–Winkler similarity: 0.75 admits a slip or two in a short name and little else.
        let close = known.iter().filter(|known| similarity(known) > 0.75);
        let nearest = close.max_by(|a, b| similarity(a).total_cmp(&similarity(b)));
        Self::Unknown {
            what,
            name: name.to_owned(),
            known: format!("known: {}", known.join(", ")),
            meant: nearest
                .map(|known| (*known).to_owned())
                .into_iter()
                .collect(),
        }
    }
}

/// Asks whether one of these names is meant.
fn did_you_mean(names: &[String]) -> String {
    let quoted = |name: &String| format!("`{name}`");
    match names {
        [] => String::new(),
        [one] => format!("; did you mean `{one}`?"),
        [most @ .., last] => {
            let most: Vec<_> = most.iter().map(quoted).collect();
            format!("; did you mean {} or `{last}`?", most.join(", "))
        }
    }
}

/// Says what is saved when training diverges in `epoch`.
fn saved_before(epoch: usize) -> String {
    match epoch {
        0 | 1 => "nothing is saved, because it is the first".to_owned(),
        _ => format!("the state after epoch {} is saved", epoch - 1),
    }
}

/// Says which checkpoint there is when another could not be saved.
fn checkpoint_after(epoch: Option<usize>) -> String {
    match epoch {
        Some(0) => "the last good checkpoint is that of epoch 1, not yet ended".to_owned(),
        Some(epoch) => format!("the last good checkpoint is that after epoch {epoch}"),
        None => "there is no checkpoint yet".to_owned(),
    }
}

/// Says why a setting cannot change.
fn reason(setting: &str) -> &'static str {
    if setting == "training.epochs" {
        "the learning rate of every step depends on the number of epochs; start a new run for another"
    } else {
        "its result then matches that of an uninterrupted run; start a new run for another setting"
    }
}
