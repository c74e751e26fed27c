//! SUNDIALS: a C function that returns a table of ARKODE.

use super::heading::{about, block_comment, snake_case};
use super::listing::{Kind, Listing, rows};
use super::numbers::Floats;
use super::shape;
use crate::language::diagnostic::Diagnostic;
use crate::notation::PrintedTableau;
use crate::notation::write::NumberFormat;

const LISTING: Listing = Listing {
    number: Floats::printed,
    vector: |cells| format!("{{{}}}", cells.join(", ")),
    // Row after row.
    matrix: |cells| {
        let rows = rows(cells, "", "").join(
            ",
        ",
        );
        format!(
            "{{
        {rows},
    }}"
        )
    },
    declare: |kind, name, value, stages| {
        let rows = if kind == Kind::Matrix { stages } else { 1 };
        format!("    sunrealtype {name}[{}] = {value};", rows * stages)
    },
};

pub(super) fn write(printed: &PrintedTableau) -> Result<String, Diagnostic> {
    shape::diagonal(printed, "ARKODE")?;
    let (stages, order) = (printed.nodes.len(), shape::order(printed)?);
    let estimate = shape::estimate(printed)?;
    let (embedded, embedded_order) = estimate.map_or(("NULL", 0), |found| ("bhat", found.order));
    let arrays = ["c", "A", "b", embedded];
    let arrays = LISTING.some_declarations(printed, |name| arrays.contains(&name));
    let name = snake_case(printed);
    let mut lines = about(printed);
    lines.push("Free the table with ARKodeButcherTable_Free.".to_owned());
    Ok(format!(
        "{}#include <math.h>\n#include <stdio.h>\n\n#include <arkode/arkode_butcher.h>\n\n\
         ARKodeButcherTable {name}_table(void)\n{{\n{arrays}    \
         return ARKodeButcherTable_Create({stages}, {order}, {embedded_order}, c, A, b, {embedded});\n}}\n",
        block_comment(&lines)
    ))
}
