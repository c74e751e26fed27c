//! Constants of programming languages: C (also valid as C++ and in a header), MATLAB and GNU Octave, Rust.

use super::heading::{about, block_comment, line_comment};
use super::listing::{Kind, Listing, rows};
use super::numbers::{self, Integers};
use crate::notation::PrintedTableau;
use crate::notation::write::NumberFormat;

const MATLAB: Listing = Listing {
    number: Integers::printed,
    vector: |cells| format!("[{}]", cells.join(", ")),
    matrix: |cells| format!("[\n    {}\n]", rows(cells, "", "").join(";\n    ")),
    declare: |_, name, value, _| format!("{name} = {value};"),
};

const C: Listing = Listing {
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

const RUST: Listing = Listing {
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

pub(super) fn matlab(printed: &PrintedTableau) -> String {
    line_comment("% ", &about(printed)) + &MATLAB.declarations(printed)
}

pub(super) fn c(printed: &PrintedTableau) -> String {
    block_comment(&about_constants(printed)) + &C.declarations(printed)
}

pub(super) fn rust(printed: &PrintedTableau) -> String {
    line_comment("// ", &about_constants(printed)) + &RUST.declarations(printed)
}

fn about_constants(printed: &PrintedTableau) -> Vec<String> {
    { about(printed).into_iter() }
        .chain(numbers::note(printed))
        .collect()
}
