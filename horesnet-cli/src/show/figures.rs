//! The analysis as a table: what, how much, and what that means.

use std::fmt::Write;

use horesnet_compiler::analysis::{Analysis, Figure};
use horesnet_compiler::number::Number;
use horesnet_compiler::tableau::Tableau;

use super::formula::{brief, function, wrapped};

/// One line of the table.
struct Row {
    what: &'static str,
    value: String,
    meaning: &'static str,
}

/// Sections of aligned lines; long values have lines of their own.
pub(crate) fn table(tableau: &Tableau, analysis: &Analysis) -> String {
    let sections = [
        ("Accuracy", accuracy(tableau, analysis)),
        ("Stability", stability(tableau, analysis)),
        ("Structure", structure(analysis)),
        ("Cost", cost(analysis)),
    ];
    let mut text = String::new();
    for (title, rows) in sections {
        text += title;
        text.push('\n');
        for Row {
            what,
            value,
            meaning,
        } in rows
        {
            let blank = " ".repeat(34_usize.saturating_sub(value.chars().count()));
            let line = if meaning.is_empty() {
                format!("  {what:<22}{}", wrapped(&value))
            } else {
                format!("  {what:<22}{value}{blank}  {meaning}")
            };
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    if let Some(warning) = analysis.sizes.warning() {
        let _ = writeln!(text, "warning: {warning}");
    }
    text
}

fn row(what: &'static str, value: impl Into<String>, meaning: &'static str) -> Row {
    Row {
        what,
        value: value.into(),
        meaning,
    }
}

fn accuracy(tableau: &Tableau, analysis: &Analysis) -> Vec<Row> {
    let least = if analysis.order_is_bound {
        "at least "
    } else {
        ""
    };
    let kind = match &tableau.rounded {
        None => format!("{least}{} over {}", analysis.order, tableau.field_name()),
        Some(eps) => format!("{least}{}, rounded to {:e}", analysis.order, eps.to_f64()),
    };
    let mut rows = vec![if analysis.is_proven() {
        row("order", kind, "proven over all rooted trees")
    } else {
        row("order", "not proven", "")
    }];
    if analysis.is_proven() && !analysis.embedded_orders.is_empty() {
        let orders: Vec<_> = analysis
            .embedded_orders
            .iter()
            .map(usize::to_string)
            .collect();
        rows.push(row(
            "embedded order",
            orders.join(", "),
            "of the other weights rows",
        ));
    }
    let assumptions = &analysis.assumptions;
    rows.push(row(
        "stage order",
        shown(assumptions, |a| a.stage_order().to_string()),
        "the order inside the stages, and that on stiff problems",
    ));
    let any = |argument: Option<usize>| argument.map_or("any".to_owned(), |k| k.to_string());
    rows.push(row(
        "simplifying",
        shown(assumptions, |a| {
            format!("B({}) C({}) D({})", a.b, any(a.c), any(a.d))
        }),
        "Butcher's assumptions, the largest arguments that hold",
    ));
    for (at, error) in analysis.principal_errors.iter().enumerate() {
        let (norm, max) = if at == 0 {
            ("principal error norm", "principal error max")
        } else {
            ("  of an embedded row", "  its maximum")
        };
        rows.push(row(
            norm,
            shown(error, |error| short(error.norm)),
            "residuals of the next order over symmetry, 2-norm",
        ));
        rows.push(row(
            max,
            shown(error, |error| short(error.max)),
            "the largest of them",
        ));
    }
    let order = |order: &Option<usize>| order.map_or("exact".to_owned(), |k| k.to_string());
    rows.push(row(
        "dispersion order",
        shown(&analysis.dispersion_order, order),
        "y - arg R(iy) = O(y^(q+1)): the phase of oscillations",
    ));
    rows.push(row(
        "dissipation order",
        shown(&analysis.dissipation_order, order),
        "1 - |R(iy)| = O(y^(d+1)): their amplitude",
    ));
    rows
}

fn stability(tableau: &Tableau, analysis: &Analysis) -> Vec<Row> {
    let function = shown(&analysis.stability, function);
    let mut rows = vec![row("R(z)", function, "")];
    rows.push(row(
        "real interval",
        shown(&analysis.real_interval, |r| interval(*r, "-", "")),
        "|R| ≤ 1 on the real axis down to here, then not",
    ));
    rows.push(row(
        "imaginary interval",
        shown(&analysis.imaginary_interval, |r| interval(*r, "±", "i")),
        "|R| ≤ 1 on the imaginary axis up to here, then not",
    ));
    if !analysis.explicit {
        let yes = |yes: &bool| if *yes { "yes" } else { "no" }.to_owned();
        rows.push(row(
            "A-stable",
            shown(&analysis.a_stable, yes),
            "|R| ≤ 1 on the whole left half-plane",
        ));
        rows.push(row(
            "L-stable",
            shown(&analysis.l_stable, yes),
            "and R(∞) = 0",
        ));
    }
    rows.push(row(
        "SSP coefficient",
        shown(&analysis.ssp_coefficient, |r| short(*r)),
        if tableau.rounded.is_some() {
            "of the coefficients as written: their rounding may show in the last digits"
        } else {
            "the step that keeps what Euler steps of size 1 keep"
        },
    ));
    rows
}

fn structure(analysis: &Analysis) -> Vec<Row> {
    let yes = |yes: bool| if yes { "yes" } else { "no" };
    let mut rows = if analysis.explicit {
        vec![row(
            "FSAL",
            yes(analysis.fsal()),
            "the last stage is the next step's first",
        )]
    } else {
        vec![row(
            "stiffly accurate",
            yes(analysis.stiffly_accurate),
            "the last stage is the result",
        )]
    };
    rows.push(row(
        "unused stages",
        listed(std::slice::from_ref(&analysis.unused_stages)),
        "no weights reach them (DJ-reducible)",
    ));
    rows.push(row(
        "equivalent stages",
        shown(&analysis.equivalent_stages, |classes| listed(classes)),
        "always equal (HS-reducible)",
    ));
    rows.push(row(
        "confluent nodes",
        listed(&analysis.confluent_nodes),
        "stages at the same node",
    ));
    if analysis.explicit {
        rows.push(row(
            "2N low storage",
            shown(&analysis.low_storage, |form| yes(form.is_some()).to_owned()),
            "a form in two registers (Williamson)",
        ));
    }
    if let Ok(Some(form)) = &analysis.low_storage {
        let list = |numbers: &[Number]| numbers.iter().map(brief).collect::<Vec<_>>().join(" ");
        rows.push(row("  A", list(&form.a), ""));
        rows.push(row("  B", list(&form.b), ""));
    }
    rows
}

fn cost(analysis: &Analysis) -> Vec<Row> {
    let stages = if analysis.effective_stages == analysis.stages {
        analysis.stages.to_string()
    } else {
        format!("{} of {}", analysis.effective_stages, analysis.stages)
    };
    let mut rows = vec![row("stages", stages, "that the propagated weights need")];
    if analysis.explicit {
        let live = &analysis.live_tensors;
        rows.push(row(
            "live tensors",
            shown(live, |live| live.block.to_string()),
            "stage values held at once by the block",
        ));
        rows.push(row(
            "  all kept",
            shown(live, |live| live.without_last_use.to_string()),
            "without dropping values after their last use",
        ));
        rows.push(row(
            "  all stages",
            shown(live, |live| live.without_dead_stages.to_string()),
            "without leaving out stages that do not matter",
        ));
        rows.push(row(
            "  neither",
            shown(live, |live| live.without_either.to_string()),
            "all stages computed and kept",
        ));
    }
    rows.push(row(
        "largest coefficient",
        short(analysis.sizes.max_abs_coefficient),
        "of these stages and the weights",
    ));
    rows.push(row(
        "largest row norm",
        short(analysis.sizes.max_row_norm),
        "how much a combination can amplify its stages",
    ));
    rows
}

/// The figure, or in plain words why there is none.
fn shown<T>(figure: &Figure<T>, show: impl FnOnce(&T) -> String) -> String {
    figure.as_ref().map_or_else(ToString::to_string, show)
}

fn interval(r: f64, sign: &str, unit: &str) -> String {
    if r == 0.0 || r.is_infinite() {
        short(r)
    } else {
        format!("{sign}{}{unit}", short(r))
    }
}

/// To eight significant digits.
fn short(value: f64) -> String {
    if value.is_infinite() {
        return "infinite".to_owned();
    }
    if value == 0.0 || (1e-3..1e7).contains(&value.abs()) {
        let places = 7 - value.abs().max(1e-3).log10().floor() as i32;
        let text = format!("{value:.*}", places.max(0) as usize);
        return if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text
        };
    }
    format!("{value:.7e}")
}

fn listed(groups: &[Vec<usize>]) -> String {
    let groups = groups.iter().filter(|group| !group.is_empty());
    let groups: Vec<_> = groups
        .map(|group| {
            group
                .iter()
                .map(usize::to_string)
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    if groups.is_empty() {
        "none".to_owned()
    } else {
        groups.join(", ")
    }
}
