//! C: constant arrays, also valid as C++ and in a header.

use super::heading::{about, block_comment};
use super::listing::{Kind, Listing, rows};
use super::{Output, numbers};

pub(super) const OUTPUT: Output = Output {
    name: "c",
    extension: "c",
    inferred_from: &["c", "h"],
    states_orders: false,
    write: |printed| {
        let lines = about(printed).into_iter().chain(numbers::note(printed));
        let comment = block_comment(&lines.collect::<Vec<_>>());
        Ok(comment + &LISTING.declarations(printed))
    },
};

const LISTING: Listing = Listing {
    number: numbers::constants,
    vector: |cells| format!("{{{}}}", cells.join(", ")),
    matrix: |cells| format!("{{\n    {}\n}}", rows(cells, "{", "}").join(",\n    ")),
    declare: |kind, name, value, stages| match kind {
        Kind::Integer => format!("static const int {name} = {value};"),
        Kind::Number => format!("static const double {name} = {value};"),
        Kind::Vector => format!("static const double {name}[{stages}] = {value};"),
        Kind::Matrix => format!("static const double {name}[{stages}][{stages}] = {value};"),
    },
};
