//! The figures of an analysis, each described once: its key and its value; its line in the table is in `list`.

use std::slice::from_ref;

use serde_json::{Value, json};

use super::formula::{brief, function};
use super::list::{List, real, short, yes};
use crate::analysis::{
    Analysis, Assumptions, Figure, LinearStability, LiveTensors, LowStorage, PrincipalError,
    Reversibility, Unknown,
};
use crate::language::tableau::Tableau;
use crate::number::Number;

/// Lists the figures of a tableau; long numbers exactly on request.
///
/// # Example
/// ```
/// use horesnet_compiler::{analysis::Analysis, check, report};
///
/// let checked = check("0 |\n1/2 | 1/2\n---\norder 2 | 0 1\n", None).unwrap();
/// let analysis = Analysis::of(&checked.tableau, &checked.verdict);
/// let figures = report::figures(&checked.tableau, &analysis, false).json();
/// assert_eq!(figures["stability_function"]["numerator"][2], "1/2");
/// ```
#[must_use]
pub fn figures(tableau: &Tableau, analysis: &Analysis, exact: bool) -> List {
    let mut list = List::new(if analysis.explicit {
        &[
            "a_stable",
            "l_stable",
            "sector_angle",
            "algebraically_stable",
            "symmetric",
            "symplectic",
            "internal_limit",
            "stiffly_accurate",
        ]
    } else {
        &["fsal", "low_storage", "live_tensors"]
    });
    list.exact = exact;
    accuracy(&mut list, tableau, analysis);
    principal_errors(&mut list, analysis);
    oscillations(&mut list, analysis);
    geometry(&mut list, analysis);
    stability(&mut list, tableau, analysis);
    structure(&mut list, tableau, analysis);
    cost(&mut list, analysis);
    list
}

fn accuracy(list: &mut List, tableau: &Tableau, a: &Analysis) {
    list.section("Accuracy");
    let proven = a.is_proven();
    list.put("order", proven.then_some(a.order));
    list.put("order_is_bound", a.order_is_bound);
    list.put("embedded_orders", proven.then_some(&a.embedded_orders));
    list.put("field", tableau.field_name());
    list.put("rounded", tableau.rounded.as_ref().map(Number::to_f64));
    if proven {
        let least = if a.order_is_bound { "at least " } else { "" };
        let field = match &tableau.rounded {
            None => format!(" over {}", tableau.field_name()),
            Some(eps) => format!(", rounded to {}", eps.scientific()),
        };
        list.row("order", &format!("{least}{}{field}", a.order));
        if !a.embedded_orders.is_empty() {
            let orders = joined(&a.embedded_orders, usize::to_string, ", ");
            list.row("embedded_orders", &orders);
        }
    } else {
        list.row("unproven", "not proven");
    }
    list.figure("effective_order", &a.effective_order, |order| *order);
    list.figure("stage_order", &a.assumptions, Assumptions::stage_order);
    let any = |argument: Option<usize>| argument.map_or("any".to_owned(), |k| k.to_string());
    list.figure_as(
        "simplifying_assumptions",
        &a.assumptions,
        |a| json!({"B": a.b, "C": a.c, "D": a.d}),
        |a| format!("B({}) C({}) D({})", a.b, any(a.c), any(a.d)),
    );
}

fn principal_errors(list: &mut List, a: &Analysis) {
    let error = a.principal_error();
    list.figure("principal_error_norm", &error, |e| real(e.norm));
    list.figure("principal_error_max", &error, |e| real(e.max));
    let embedded = a.principal_errors.iter().skip(1);
    let object = |e: &PrincipalError| json!({"norm": e.norm, "max": e.max});
    let objects = embedded
        .clone()
        .map(|error| error.as_ref().ok().map(object));
    list.put("embedded_principal_errors", objects.collect::<Vec<_>>());
    for (at, error) in embedded.enumerate() {
        let named = |text| of_row(at, a.principal_errors.len(), text);
        list.row(
            "embedded_error_norm",
            &named(shown(error, |e| short(e.norm))),
        );
        list.row("embedded_error_max", &named(shown(error, |e| short(e.max))));
    }
}

fn oscillations(list: &mut List, a: &Analysis) {
    for (key, figure) in [
        ("dispersion_order", &a.linear.dispersion_order),
        ("dissipation_order", &a.linear.dissipation_order),
    ] {
        list.figure_as(
            key,
            figure,
            |k| k.map_or(json!("infinite"), |k| json!(k)),
            |k| k.map_or("exact".to_owned(), |k| k.to_string()),
        );
    }
}

fn geometry(list: &mut List, a: &Analysis) {
    use Reversibility::{AtLeast, Order, Symmetric};
    list.figure_as(
        "reversibility_order",
        &a.reversibility,
        |found| match found {
            Symmetric => json!("infinite"),
            Order(m) | AtLeast(m) => json!(m),
        },
        |found| match found {
            Symmetric => "infinite".to_owned(),
            Order(m) => m.to_string(),
            AtLeast(m) => format!("at least {m}"),
        },
    );
    let is_bound = a.reversibility.map(|found| matches!(found, AtLeast(_)));
    list.put("reversibility_order_is_bound", is_bound.ok());
    list.figure("symmetric", &a.reversibility, |found| *found == Symmetric);
    list.figure("symplectic", &a.symplectic, |is| *is);
}

fn stability(list: &mut List, tableau: &Tableau, a: &Analysis) {
    list.section("Stability");
    let rounded = tableau.rounded.is_some();
    linear(list, &a.linear, rounded);
    list.put("stability_certainty", a.certainty.to_string());
    if rounded {
        list.row("stability_certainty", &a.certainty.to_string());
    }
    let embedded = a.embedded.iter().map(|row| {
        let mut object = List::new(&[]);
        linear(&mut object, row, rounded);
        object.json()
    });
    list.put("embedded_stability", embedded.collect::<Vec<_>>());
    for (at, row) in a.embedded.iter().enumerate() {
        let named = |text| of_row(at, a.embedded.len() + 1, text);
        let real = shown(&row.real_interval, |r| end(*r, "-", ""));
        let imaginary = shown(&row.imaginary_interval, |r| end(*r, "±", "i"));
        list.row("embedded_real", &named(real));
        list.row("embedded_imaginary", &named(imaginary));
        if !a.explicit {
            let [a_stable, l_stable] = [&row.a_stable, &row.l_stable]
                .map(|figure| named(shown(figure, |is| yes(*is).to_owned())));
            list.row("embedded_a_stable", &a_stable);
            list.row("embedded_l_stable", &l_stable);
        }
    }
    list.figure("algebraically_stable", &a.algebraically_stable, |is| *is);
    list.figure_as(
        "internal_real_interval",
        &a.internal.real_interval,
        |r| real(*r),
        |r| end(*r, "-", ""),
    );
    list.figure("internal_limit", &a.internal.limit, |limit| real(*limit));
    if rounded {
        list.hide("ssp_coefficient");
        list.row("ssp_of_rounded", &shown(&a.ssp_coefficient, |r| short(*r)));
    }
    list.figure("ssp_coefficient", &a.ssp_coefficient, |r| real(*r));
}

/// The stability of one row of weights.
fn linear(list: &mut List, a: &LinearStability, rounded: bool) {
    let is_exact = list.exact;
    list.figure_as(
        "stability_function",
        &a.function,
        |r| json!({"numerator": exact(&r.numerator, rounded), "denominator": exact(&r.denominator, rounded)}),
        |r| function(r, is_exact),
    );
    list.figure("stability_polynomial", &a.function, |r| {
        r.is_polynomial().then(|| exact(&r.numerator, rounded))
    });
    for (key, figure, sign, unit) in [
        ("real_stability_interval", &a.real_interval, "-", ""),
        (
            "imaginary_stability_interval",
            &a.imaginary_interval,
            "±",
            "i",
        ),
    ] {
        list.figure_as(key, figure, |r| real(*r), |r| end(*r, sign, unit));
    }
    list.figure("a_stable", &a.a_stable, |is| *is);
    list.figure("l_stable", &a.l_stable, |is| *is);
    list.figure_as(
        "sector_angle",
        &a.sector_angle,
        |angle| *angle,
        |angle| format!("{}°", short(*angle)),
    );
}

/// The end of an interval.
fn end(value: f64, sign: &str, unit: &str) -> String {
    match short(value) {
        end if value == 0.0 || value.is_infinite() => end,
        end => format!("{sign}{end}{unit}"),
    }
}

fn structure(list: &mut List, tableau: &Tableau, a: &Analysis) {
    list.section("Structure");
    list.known("fsal", a.fsal());
    list.known("stiffly_accurate", a.stiffly_accurate);
    list.put("unused_stages", &a.unused_stages);
    list.row("unused_stages", &listed(from_ref(&a.unused_stages)));
    list.figure_as(
        "equivalent_stages",
        &a.equivalent_stages,
        Clone::clone,
        |classes| listed(classes),
    );
    list.put("confluent_nodes", &a.confluent_nodes);
    list.row("confluent_nodes", &listed(&a.confluent_nodes));
    let rounded = tableau.rounded.is_some();
    list.figure_as(
        "low_storage",
        &a.low_storage,
        |form| match form {
            Some(form) => json!({"A": exact(&form.a, rounded), "B": exact(&form.b, rounded)}),
            None => json!(false),
        },
        |form| yes(form.is_some()).to_owned(),
    );
    if let Ok(Some(form)) = &a.low_storage {
        let brief = |number: &Number| brief(number, list.exact);
        let [a, b] = [&form.a, &form.b].map(|numbers| joined(numbers, brief, " "));
        list.row("low_storage_a", &a);
        list.row("low_storage_b", &b);
    }
}

fn cost(list: &mut List, a: &Analysis) {
    list.section("Cost");
    list.put("stages", a.stages);
    list.put("effective_stages", a.effective_stages);
    list.put("explicit", a.explicit);
    let stages = match a.effective_stages {
        all if all == a.stages => all.to_string(),
        some => format!("{some} of {}", a.stages),
    };
    list.row("stages", &stages);
    let live = &a.live_tensors;
    list.figure("live_tensors", live, |live| live.block);
    let form = a.low_storage.as_ref().ok().and_then(Option::as_ref);
    let saves = live
        .as_ref()
        .is_ok_and(|live| live.block > LowStorage::LIVE_TENSORS);
    let in_form = form.filter(|_| saves).map(|_| LowStorage::LIVE_TENSORS);
    list.put("live_tensors_low_storage", in_form);
    if let Some(count) = in_form {
        list.row("live_tensors_low_storage", &count.to_string());
    }
    list.figure("live_tensors_without", live, |live| {
        json!({"last_use": live.without_last_use, "dead_stages": live.without_dead_stages, "either": live.without_either})
    });
    if a.explicit {
        let text = |count: fn(&LiveTensors) -> usize| shown(live, |live| count(live).to_string());
        list.row("without_last_use", &text(|live| live.without_last_use));
        list.row(
            "without_dead_stages",
            &text(|live| live.without_dead_stages),
        );
        list.row("without_either", &text(|live| live.without_either));
    }
    list.known("max_abs_coefficient", real(a.sizes.max_abs_coefficient));
    list.known("max_row_norm", real(a.sizes.max_row_norm));
    list.put("max_row_norm_stage", a.sizes.stage);
    list.put("warning", a.sizes.warning());
}

/// The text of a figure, or why it is unknown.
fn shown<T>(figure: &Figure<T>, text: impl FnOnce(&T) -> String) -> String {
    let why = |why: &Unknown| {
        let why = why.to_string();
        why.split(';').next().unwrap_or_default().to_owned()
    };
    figure.as_ref().map_or_else(why, text)
}

/// The value of an embedded row, with its number if there are several; `at` counts from 0.
fn of_row(at: usize, rows: usize, text: String) -> String {
    if rows > 2 {
        format!("row {}: {text}", at + 2)
    } else {
        text
    }
}

fn joined<T>(items: &[T], text: impl Fn(&T) -> String, separator: &str) -> String {
    items.iter().map(text).collect::<Vec<_>>().join(separator)
}

/// Groups of stages: `1 2, 4 5`.
fn listed(groups: &[Vec<usize>]) -> String {
    let groups = groups.iter().filter(|group| !group.is_empty());
    let groups: Vec<_> = groups
        .map(|group| joined(group, usize::to_string, " "))
        .collect();
    if groups.is_empty() {
        "none".to_owned()
    } else {
        groups.join(", ")
    }
}

/// Expressions of the tableau language: exact, unless the file is not and the number long.
fn exact(numbers: &[Number], rounded: bool) -> Value {
    let expression = |number: &Number| {
        if rounded && number.bits() > 64 {
            return format!("{:e}", number.to_f64());
        }
        number.to_string()
    };
    numbers.iter().map(expression).collect()
}
