//! `horesnet list`: the bundled schemes.

use std::process::ExitCode;

use clap::Args;
use horesnet_compiler::{compile, library};
use serde_json::{Value, json};

use crate::{CommandResult, report};

/// List the bundled schemes with stages, order, embedded order and field
///
/// The number of stages counts only those that the propagated weights use: it is the number of residual functions in a
/// block. The field is the number field of the coefficients.
#[derive(Args)]
#[command(after_help = "Examples:\n  horesnet list\n  horesnet list --json")]
pub(crate) struct List {
    /// Print one JSON array, with an object per scheme
    #[arg(long)]
    json: bool,
}

impl List {
    pub(crate) fn run(&self) -> CommandResult {
        let mut schemes = Vec::new();
        for bundled in library::all() {
            let scheme = compile(bundled.text)
                .map_err(|_| format!("the bundled scheme {} is refused", bundled.name))?;
            let orders = scheme.verdict.weights.iter().map(|row| row.order);
            schemes.push((bundled.name, orders.collect::<Vec<_>>(), scheme));
        }
        schemes.sort_by_key(|(name, orders, _)| (orders.first().copied(), *name));
        if self.json {
            let objects = schemes.iter().map(|(name, orders, scheme)| {
                json!({
                    "name": name,
                    "title": scheme.tableau.name,
                    "stages": scheme.plan.stages.len(),
                    "tableau_stages": scheme.tableau.stages(),
                    "order": orders.first(),
                    "embedded_orders": orders.get(1..),
                    "field": scheme.tableau.field_name(),
                })
            });
            report::print(format_args!("{:#}\n", objects.collect::<Value>()))?;
            return Ok(ExitCode::SUCCESS);
        }
        let width = schemes.iter().map(|(name, ..)| name.len()).max();
        let row = |name: &str, [stages, order, embedded]: [&str; 3], field: &str, title: &str| {
            let name = format!("{name:0$}", width.unwrap_or(0));
            format!("{name}  {stages:>6}  {order:>5}  {embedded:>8}  {field:11}  {title}\n")
        };
        let numbers = ["stages", "order", "embedded"];
        let mut table = vec![row("name", numbers, "field", "title")];
        for (name, orders, scheme) in &schemes {
            let stages = scheme.plan.stages.len().to_string();
            let orders: Vec<_> = orders.iter().map(usize::to_string).collect();
            let (order, embedded) = orders.split_at(orders.len().min(1));
            let numbers = [&*stages, &order.concat(), &embedded.join(",")];
            let title = scheme.tableau.name.as_deref().unwrap_or_default();
            table.push(row(name, numbers, &scheme.tableau.field_name(), title));
        }
        report::print(table.concat())?;
        Ok(ExitCode::SUCCESS)
    }
}
