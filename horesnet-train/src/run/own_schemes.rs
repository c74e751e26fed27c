//! Copies of the tableaux of a run's own schemes in its folder, for people and for commands that take tableau files.
//!
//! `config.json` and the weights hold the texts that count. A copy that was changed is refused: the change would have no effect.

use super::folder::RunFolder;
use crate::error::{Error, Result};
use crate::files::storage;
use crate::network::{Describe, NetworkConfig, Tableaux};

/// Longest copy that is compared.
const MAX_COPY: u64 = 1 << 20;

impl RunFolder {
    /// Writes the copies.
    pub(super) fn keep_tableaux(&self, network: &NetworkConfig) -> Result<()> {
        let mut tableaux = network.tableaux().iter();
        tableaux.try_for_each(|(name, text)| self.replace(&file(name), text.as_bytes()))
    }

    /// Fails with [`Error::File`] if a copy differs from the tableau in `config.json`. A copy may be missing, as from the
    /// folder of a model hub.
    pub(super) fn expect_copies(&self, network: &NetworkConfig) -> Result<()> {
        for (name, text) in network.tableaux().iter() {
            let file = file(name);
            if !self.has(&file)? {
                continue;
            }
            let path = self.path.join(file);
            if storage::read(&path, MAX_COPY)? != text.as_bytes() {
                let problem = "differs from the tableau in config.json, of which it is a copy; remove it, or write the text \
                               in config.json back to it; to train with another tableau, start a new run";
                return Err(Error::file(path, problem));
            }
        }
        Ok(())
    }
}

/// Says what to do about a configuration whose scheme is unknown.
pub(super) fn without_tableau(error: &Error) -> String {
    match error {
        Error::Unknown {
            what: "scheme",
            name,
            ..
        } => format!(
            "{error}\n  = help: if `{name}` is a scheme of your own, restore the text of its tableau in config.json, as \
             network.tableaux.{name}; {} and the metadata of the weights have it",
            file(name)
        ),
        error => error.to_string(),
    }
}

/// Returns what is wrong with weights that were trained with the tableaux `saved` in a run with the tableaux `configured`.
pub(super) fn difference(saved: &Tableaux, configured: &Tableaux) -> Option<String> {
    if saved == configured {
        return None;
    }
    let names = |of: &Tableaux, other: &Tableaux| {
        let differs = |(name, text): &(&str, &str)| other.iter().all(|same| same != (name, text));
        let names = of
            .iter()
            .filter(differs)
            .map(|(name, _)| format!("`{name}`"));
        names.collect::<Vec<_>>().join(", ")
    };
    let [theirs, ours] = [names(saved, configured), names(configured, saved)];
    let name = if theirs.is_empty() { ours } else { theirs };
    Some(format!(
        "it was trained with another tableau of {name}; restore the text of network.tableaux there from the metadata of the \
         weights"
    ))
}

fn file(name: &str) -> String {
    format!("{name}.tab")
}
