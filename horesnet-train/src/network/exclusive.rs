//! Settings of a network that exclude each other, because one determines the other.

use toml::Table;

const EXCLUSIVE: &[[&str; 2]] = &[
    ["depth", "blocks"],
    ["scheme", "inner"],
    ["scheme", "outer"],
    ["shape", "blocks"],
    ["shape", "depth"],
    ["shape", "residual"],
    ["shape", "widths"],
];

/// Returns true if a table can have only one of two settings.
pub(crate) fn excludes(one: &str, other: &str) -> bool {
    EXCLUSIVE
        .iter()
        .any(|pair| pair == &[one, other] || pair == &[other, one])
}

/// Drops the settings of a network that `depth`, `shape` or a Transformer's `scheme` determine.
pub(crate) fn drop_excluded(network: &mut Table) {
    for name in ["shape", "depth", "scheme"] {
        if network.contains_key(name) {
            network.retain(|other, _| !excludes(name, other));
        }
    }
}
