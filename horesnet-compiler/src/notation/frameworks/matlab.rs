//! MATLAB and GNU Octave: a script of variables.

use super::heading::{about, line_comment};
use super::listing::{Listing, rows};
use super::{Output, numbers};

pub(super) const OUTPUT: Output = Output {
    name: "matlab",
    extension: "m",
    inferred_from: &["m"],
    states_orders: false,
    write: |printed| {
        let comment = line_comment("% ", &about(printed));
        Ok(comment + &LISTING.declarations(printed))
    },
};

const LISTING: Listing = Listing {
    number: numbers::integers,
    vector: |cells| format!("[{}]", cells.join(", ")),
    matrix: |cells| format!("[\n    {}\n]", rows(cells, "", "").join(";\n    ")),
    declare: |_, name, value, _| format!("{name} = {value};"),
};
