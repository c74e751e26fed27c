//! Rust: public constants.

use super::heading::{about, line_comment};
use super::listing::{Kind, Listing, rows};
use super::{Output, numbers};

pub(super) const OUTPUT: Output = Output {
    name: "rust",
    extension: "rs",
    inferred_from: &["rs"],
    states_orders: false,
    write: |printed| {
        let lines = about(printed).into_iter().chain(numbers::note(printed));
        let comment = line_comment("// ", &lines.collect::<Vec<_>>());
        Ok(comment + &LISTING.declarations(printed))
    },
};

const LISTING: Listing = Listing {
    number: numbers::constants,
    vector: |cells| format!("[{}]", cells.join(", ")),
    matrix: |cells| format!("[\n    {},\n]", rows(cells, "[", "]").join(",\n    ")),
    declare: |kind, name, value, stages| {
        let name = name.to_uppercase();
        match kind {
            Kind::Integer => format!("pub const {name}: usize = {value};"),
            Kind::Number => format!("pub const {name}: f64 = {value};"),
            Kind::Vector => format!("pub const {name}: [f64; {stages}] = {value};"),
            Kind::Matrix => format!("pub const {name}: [[f64; {stages}]; {stages}] = {value};"),
        }
    },
};
