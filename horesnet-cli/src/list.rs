//! `horesnet list`: the bundled schemes.

use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use horesnet_compiler::{compile, library};
use serde_json::json;

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
            schemes.push((bundled.name, scheme));
        }
        schemes.sort_by_key(|(name, scheme)| {
            (scheme.verdict.weights.first().map(|row| row.order), *name)
        });
        let mut out = std::io::stdout().lock();
        if self.json {
            let objects: Vec<_> = schemes.iter().map(|(name, scheme)| json!({
                "name": name,
                "title": scheme.tableau.name,
                "stages": scheme.plan.stages.len(),
                "tableau_stages": scheme.tableau.stages(),
                "order": scheme.verdict.weights.first().map(|row| row.order),
                "embedded_orders": scheme.verdict.weights.iter().skip(1).map(|row| row.order).collect::<Vec<_>>(),
                "field": scheme.tableau.field_name(),
            })).collect();
            report::sent(writeln!(out, "{}", serde_json::to_string_pretty(&objects)?))?;
            return Ok(ExitCode::SUCCESS);
        }
        let width = schemes
            .iter()
            .map(|(name, _)| name.len())
            .max()
            .unwrap_or(0);
        writeln!(
            out,
            "{:width$}  stages  order  embedded  field        title",
            "name"
        )?;
        for (name, scheme) in &schemes {
            let order = scheme.verdict.weights.first().map_or(0, |row| row.order);
            let embedded: Vec<_> = scheme
                .verdict
                .weights
                .iter()
                .skip(1)
                .map(|row| row.order.to_string())
                .collect();
            let (stages, field) = (scheme.plan.stages.len(), scheme.tableau.field_name());
            let title = scheme.tableau.name.as_deref().unwrap_or_default();
            writeln!(
                out,
                "{name:width$}  {stages:>6}  {order:>5}  {:>8}  {field:11}  {title}",
                embedded.join(",")
            )?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
