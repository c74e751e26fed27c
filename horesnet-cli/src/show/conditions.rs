//! The table of order conditions, tree by tree, for each row of weights.

use std::fmt::Write;

use horesnet_compiler::analysis::{Condition, Conditions, Residual};
use horesnet_compiler::number::Number;
use horesnet_compiler::order::Leaves;
use horesnet_compiler::tableau::Tableau;
use serde_json::{Value, json};

/// Bits of the longest number that is shown exactly: printing longer ones takes long.
const LONGEST: u64 = 1 << 15;

/// The order conditions of a tableau up to an order.
pub(crate) struct ConditionTable {
    listed: Conditions,
    bound: usize,
    exact: bool,
}

impl ConditionTable {
    pub(crate) fn new(tableau: &Tableau, bound: usize, exact: bool) -> Self {
        let bound = bound.min(Conditions::MAX_ORDER);
        Self {
            listed: Conditions::of(tableau, bound),
            bound,
            exact,
        }
    }

    /// A section for each row of weights, a line for each tree.
    pub(crate) fn text(&self) -> String {
        let conditions = &self.listed.conditions;
        let rows = conditions.first().map_or(0, |first| first.rows.len());
        let mut text = String::new();
        for row in 0..rows {
            let heading = ["order", "tree", "1/γ", "residual", "error", "", "condition"];
            let mut lines = vec![heading.map(str::to_owned)];
            lines.extend(conditions.iter().map(|condition| self.line(condition, row)));
            if rows > 1 {
                let _ = writeln!(text, "weights row {}", row + 1);
            }
            text += &aligned(&lines);
            text.push('\n');
        }
        text + &self.remark()
    }

    fn line(&self, condition: &Condition, row: usize) -> [String; 7] {
        let Condition {
            order,
            tree,
            density,
            leaves,
            ..
        } = condition;
        let found = condition.rows.get(row);
        let shown = |number: fn(&Residual) -> &Number| {
            found.map_or_else(String::new, |found| self.shown(number(found)))
        };
        let mark = match found {
            Some(found) if found.holds => "",
            _ => "fails",
        };
        let of = match leaves {
            Leaves::Nodes => ", nodes for c",
            Leaves::Sums | Leaves::Both => "",
        };
        [
            order.to_string(),
            tree.clone(),
            format!("1/{density}"),
            shown(|found| &found.residual),
            shown(|found| &found.error),
            mark.to_owned(),
            format!("{}{of}", condition.condition),
        ]
    }

    fn shown(&self, number: &Number) -> String {
        if self.exact && number.bits() < LONGEST {
            number.to_string()
        } else {
            number.brief()
        }
    }

    fn remark(&self) -> String {
        let mut text =
            "residual: Σ b Φ - 1/γ; error: the residual over the symmetry σ of the tree\n"
                .to_owned();
        if self.listed.order < self.bound {
            let order = self.listed.order;
            let _ = writeln!(
                text,
                "the coefficients are too large for conditions beyond order {order}"
            );
        }
        text
    }

    /// All of it, with exact numbers.
    pub(crate) fn json(&self, file: &str) -> Value {
        let exact = |number: &Number| match number.bits() {
            bits if bits < LONGEST => number.to_string(),
            _ => number.brief(),
        };
        let residual = |found: &Residual| {
            json!({"weight": exact(&found.weight), "residual": exact(&found.residual), "error": exact(&found.error),
                "tolerance": found.tolerance.as_ref().map(Number::scientific), "holds": found.holds})
        };
        let conditions = self.listed.conditions.iter().map(|condition| {
            let rows: Vec<_> = condition.rows.iter().map(residual).collect();
            json!({"order": condition.order, "tree": condition.tree, "condition": condition.condition,
                "density": condition.density, "symmetry": condition.symmetry,
                "nodes": condition.leaves == Leaves::Nodes, "rows": rows})
        });
        let conditions: Vec<_> = conditions.collect();
        json!({"file": file, "order": self.listed.order, "conditions": conditions})
    }
}

/// Columns as wide as their longest cells; the last as it is.
fn aligned(lines: &[[String; 7]]) -> String {
    let width = |column: usize| {
        let cells = lines.iter().map(|line| line[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..7).map(width).collect();
    let line = |line: &[String; 7]| {
        let cells = line.iter().zip(&widths);
        let cells: Vec<_> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        format!("  {}\n", cells.join("  ").trim_end())
    };
    lines.iter().map(line).collect()
}
