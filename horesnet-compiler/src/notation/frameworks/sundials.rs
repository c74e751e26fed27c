//! SUNDIALS: a C function that returns a table of ARKODE.

use super::heading::{about, block_comment, snake_case};
use super::listing::{Kind, Listing, rows};
use super::{Output, numbers, shape};
use crate::language::diagnostic::Diagnostic;
use crate::notation::PrintedTableau;

pub(super) const OUTPUT: Output = Output {
    name: "sundials",
    extension: "c",
    inferred_from: &[],
    states_orders: true,
    write,
};

const LISTING: Listing = Listing {
    number: numbers::floats,
    vector: |cells| format!("{{{}}}", cells.join(", ")),
    // Row after row.
    matrix: |cells| {
        format!(
            "{{\n        {},\n    }}",
            rows(cells, "", "").join(",\n        ")
        )
    },
    declare: |kind, name, value, stages| {
        let length = if kind == Kind::Matrix {
            stages * stages
        } else {
            stages
        };
        format!("    sunrealtype {name}[{length}] = {value};")
    },
};

fn write(printed: &PrintedTableau) -> Result<String, Diagnostic> {
    shape::diagonal(printed, "ARKODE")?;
    let (stages, order) = (printed.nodes.len(), shape::order(printed)?);
    let estimate = shape::estimate(printed)?;
    let (embedded, embedded_order) = estimate.map_or(("NULL", 0), |found| ("bhat", found.order));
    let fields = LISTING.fields(printed).into_iter();
    let arrays = fields.filter(|(name, _)| ["c", "A", "b", embedded].contains(&name.as_str()));
    let arrays = arrays.map(|(name, value)| {
        let kind = if name == "A" {
            Kind::Matrix
        } else {
            Kind::Vector
        };
        (LISTING.declare)(kind, &name, &value, stages) + "\n"
    });
    let (arrays, name) = (arrays.collect::<String>(), snake_case(printed));
    let mut lines = about(printed);
    lines.push("Free the table with ARKodeButcherTable_Free.".to_owned());
    Ok(format!(
        "{}#include <math.h>\n#include <stdio.h>\n\n#include <arkode/arkode_butcher.h>\n\n\
         ARKodeButcherTable {name}_table(void)\n{{\n{arrays}    \
         return ARKodeButcherTable_Create({stages}, {order}, {embedded_order}, c, A, b, {embedded});\n}}\n",
        block_comment(&lines)
    ))
}
