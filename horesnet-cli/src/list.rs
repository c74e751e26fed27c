//! `horesnet list`: the bundled schemes.

use std::process::ExitCode;

use clap::Args;
use horesnet_compiler::family::Family;
use horesnet_compiler::plan::Plan;
use horesnet_compiler::{check, library};
use serde_json::{Value, json};

use crate::{CommandResult, report};

/// List the bundled schemes with stages, order, embedded order, field and other names
///
/// The number of stages counts only those that the propagated weights use: it is the number of residual functions in a
/// block. The field is the number field of the coefficients. The other names are those that other programs give to the same
/// tableau, such as RK45 and Tsit5; every command takes them, in any case.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  horesnet list\n  horesnet list --implicit\n  horesnet list --families\n  horesnet list --json"
)]
pub(crate) struct List {
    /// List the implicit schemes instead, which can be checked, analysed, plotted and converted, but have no block
    #[arg(long, conflicts_with = "families")]
    implicit: bool,
    /// List the families instead, with their parameters and intervals; a command uses a family at the defaults
    #[arg(long)]
    families: bool,
    /// Print one JSON array, with an object per scheme
    #[arg(long)]
    json: bool,
}

impl List {
    pub(crate) fn run(&self) -> CommandResult {
        let mut schemes = Vec::new();
        let listed = if self.implicit {
            library::implicit()
        } else if self.families {
            library::families()
        } else {
            library::all()
        };
        for bundled in listed {
            let checked = check(bundled.text, None)
                .map_err(|_| format!("the bundled scheme {} is refused", bundled.name))?;
            let orders = checked.verdict.weights.iter().map(|row| row.order);
            let tableau = checked.tableau;
            let planned = Plan::new(&tableau).map(|plan| plan.stages.len());
            let stages = planned.unwrap_or_else(|_| tableau.stages());
            let last = checked.family.as_ref().map(parameters);
            let last = last.unwrap_or_else(|| bundled.aliases.join(", "));
            schemes.push((bundled, orders.collect::<Vec<_>>(), stages, tableau, last));
        }
        schemes.sort_by_key(|(bundled, orders, ..)| (orders.first().copied(), bundled.name));
        if self.json {
            let objects = schemes.iter().map(|(bundled, orders, stages, tableau, _)| {
                json!({
                    "name": bundled.name,
                    "title": bundled.title,
                    "aliases": bundled.aliases,
                    "stages": stages,
                    "tableau_stages": tableau.stages(),
                    "order": orders.first(),
                    "embedded_orders": orders.get(1..),
                    "field": tableau.field_name(),
                })
            });
            report::print(format_args!("{:#}\n", objects.collect::<Value>()))?;
            return Ok(ExitCode::SUCCESS);
        }
        let width = schemes.iter().map(|(bundled, ..)| bundled.name.len()).max();
        let titles = schemes
            .iter()
            .map(|(bundled, ..)| bundled.title.chars().count());
        let title_width = titles.max().unwrap_or(0);
        let row = |name: &str, [stages, order, embedded]: [&str; 3], rest: [&str; 3]| {
            let name = format!("{name:0$}", width.unwrap_or(0));
            let [field, title, aliases] = rest;
            let line = format!(
                "{name}  {stages:>6}  {order:>5}  {embedded:>8}  {field:11}  {title:title_width$}  {aliases}"
            );
            line.trim_end().to_owned() + "\n"
        };
        let numbers = ["stages", "order", "embedded"];
        let last_heading = if self.families {
            "parameters"
        } else {
            "other names"
        };
        let mut table = vec![row("name", numbers, ["field", "title", last_heading])];
        for (bundled, orders, stages, tableau, last) in &schemes {
            let stages = stages.to_string();
            let orders: Vec<_> = orders.iter().map(usize::to_string).collect();
            let (order, embedded) = orders.split_at(orders.len().min(1));
            let numbers = [&*stages, &order.concat(), &embedded.join(",")];
            let rest = [&*tableau.field_name(), bundled.title, last];
            table.push(row(bundled.name, numbers, rest));
        }
        report::print(table.concat())?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The parameters of a family with their defaults and intervals.
fn parameters(family: &Family) -> String {
    let parameters = family.parameters.iter();
    let shown = parameters.map(|parameter| {
        format!(
            "{} = {} in {}",
            parameter.name, parameter.default, parameter.interval
        )
    });
    shown.collect::<Vec<_>>().join(", ")
}
