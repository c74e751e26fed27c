//! The members of families that blocks have learned, as tableau files in the folder of a run.

use horesnet_compiler::{compile, notation};

use super::folder::RunFolder;
use crate::error::{Error, Result};
use crate::network::{Describe, NetworkConfig};
use crate::training::LearnedCoefficients;

impl RunFolder {
    /// Writes the member of each block that learns the parameters of a family, in place of the last.
    pub(super) fn keep_members(
        &self,
        network: &NetworkConfig,
        learned: &LearnedCoefficients,
    ) -> Result<()> {
        for (block, text) in members(network, learned)? {
            self.replace(&format!("learned.{block}.tab"), text.as_bytes())?;
        }
        Ok(())
    }
}

/// Returns the names of these blocks, and their members as tableau files.
fn members(
    network: &NetworkConfig,
    learned: &LearnedCoefficients,
) -> Result<Vec<(String, String)>> {
    if learned.is_empty() {
        return Ok(Vec::new());
    }
    let scheme = network.scheme();
    let names = scheme.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_'));
    let mut families = Vec::new();
    for name in names.filter(|name| !name.is_empty()) {
        let scheme = network.tableaux().find(name)?;
        if !scheme.tableau.parameters().is_empty() {
            families.extend(
                compile(scheme.text())
                    .ok()
                    .and_then(|compiled| compiled.family),
            );
        }
    }
    let mut members = Vec::new();
    for (block, values) in learned {
        for family in &families {
            let names = family.names();
            let values: Vec<_> = names.iter().map_while(|name| values.get(name)).collect();
            let values: Vec<_> = values.into_iter().copied().collect();
            // A training that has diverged reports its own error.
            let is_finite = values.iter().all(|value| value.is_finite());
            if values.len() == names.len() && is_finite {
                let text = notation::rounded_member(family, &values).map_err(|problem| {
                    let problem = problem.headline();
                    Error::setting("coefficients", format!("the member of {block}: {problem}"))
                })?;
                members.push((block.clone(), text));
                break;
            }
        }
    }
    Ok(members)
}
