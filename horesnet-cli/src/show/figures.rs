//! The figures of an analysis, each described once: its key in JSON, its label and its meaning in the table.

use horesnet_compiler::analysis::{Analysis, LiveTensors, PrincipalError};
use horesnet_compiler::number::Number;
use horesnet_compiler::tableau::Tableau;
use serde_json::{Value, json};

use super::formula::{brief, function};
use super::list::{List, real, short, yes};

/// Lists the figures of a tableau.
pub(crate) fn list(tableau: &Tableau, analysis: &Analysis) -> List {
    let mut list = List::default();
    accuracy(&mut list, tableau, analysis);
    stability(&mut list, tableau, analysis);
    structure(&mut list, tableau, analysis);
    cost(&mut list, analysis);
    list
}

fn accuracy(list: &mut List, tableau: &Tableau, analysis: &Analysis) {
    list.section("Accuracy");
    let proven = analysis.is_proven();
    list.put("order", json!(proven.then_some(analysis.order)));
    list.put("order_is_bound", json!(analysis.order_is_bound));
    list.put(
        "embedded_orders",
        json!(proven.then_some(&analysis.embedded_orders)),
    );
    list.put("field", json!(tableau.field_name()));
    list.put(
        "rounded",
        json!(tableau.rounded.as_ref().map(Number::to_f64)),
    );
    if proven {
        let least = if analysis.order_is_bound {
            "at least "
        } else {
            ""
        };
        let field = match &tableau.rounded {
            None => format!(" over {}", tableau.field_name()),
            Some(eps) => format!(", rounded to {:e}", eps.to_f64()),
        };
        let order = format!("{least}{}{field}", analysis.order);
        list.row("order", order, "proven over all rooted trees");
        if !analysis.embedded_orders.is_empty() {
            let orders: Vec<_> = analysis
                .embedded_orders
                .iter()
                .map(usize::to_string)
                .collect();
            list.row(
                "embedded order",
                orders.join(", "),
                "of the other weights rows",
            );
        }
    } else {
        list.row("order", "not proven", "");
    }
    list.figure(
        "stage_order",
        (
            "stage order",
            "the order inside the stages, and that on stiff problems",
        ),
        &analysis.assumptions,
        |a| json!(a.stage_order()),
    );
    let any = |argument: Option<usize>| argument.map_or("any".to_owned(), |k| k.to_string());
    list.figure_as(
        "simplifying_assumptions",
        (
            "simplifying",
            "Butcher's assumptions, the largest arguments that hold",
        ),
        &analysis.assumptions,
        |a| json!({"B": a.b, "C": a.c, "D": a.d}),
        |a| format!("B({}) C({}) D({})", a.b, any(a.c), any(a.d)),
    );
    principal_errors(list, analysis);
    let order = |k: &Option<usize>| k.map_or(json!("infinite"), |k| json!(k));
    let shown = |k: &Option<usize>| k.map_or("exact".to_owned(), |k| k.to_string());
    list.figure_as(
        "dispersion_order",
        (
            "dispersion order",
            "y - arg R(iy) = O(y^(q+1)): the phase of oscillations",
        ),
        &analysis.dispersion_order,
        order,
        shown,
    );
    list.figure_as(
        "dissipation_order",
        (
            "dissipation order",
            "1 - |R(iy)| = O(y^(d+1)): their amplitude",
        ),
        &analysis.dissipation_order,
        order,
        shown,
    );
}

fn principal_errors(list: &mut List, analysis: &Analysis) {
    let about = (
        "residuals of the next order over symmetry, 2-norm",
        "the largest of them",
    );
    let norm = |e: &PrincipalError| real(e.norm);
    let max = |e: &PrincipalError| real(e.max);
    let error = analysis.principal_error();
    list.figure(
        "principal_error_norm",
        ("principal error norm", about.0),
        &error,
        norm,
    );
    list.figure(
        "principal_error_max",
        ("principal error max", about.1),
        &error,
        max,
    );
    let embedded = analysis.principal_errors.iter().skip(1);
    let object = |e: &PrincipalError| json!({"norm": e.norm, "max": e.max});
    let objects = embedded
        .clone()
        .map(|error| error.as_ref().map_or(Value::Null, object));
    list.put("embedded_principal_errors", objects.collect());
    for error in embedded {
        let text = |value: fn(&PrincipalError) -> f64| match error {
            Ok(error) => short(value(error)),
            Err(why) => why.to_string(),
        };
        list.row("  of an embedded row", text(|e| e.norm), about.0);
        list.row("  its maximum", text(|e| e.max), about.1);
    }
}

fn stability(list: &mut List, tableau: &Tableau, analysis: &Analysis) {
    list.section("Stability");
    let rounded = tableau.rounded.is_some();
    list.figure_as(
        "stability_function",
        ("R(z)", ""),
        &analysis.stability,
        |r| json!({"numerator": exact(&r.numerator, rounded), "denominator": exact(&r.denominator, rounded)}),
        function,
    );
    list.figure("stability_polynomial", ("", ""), &analysis.stability, |r| {
        if r.is_polynomial() {
            exact(&r.numerator, rounded)
        } else {
            Value::Null
        }
    });
    list.figure_as(
        "real_stability_interval",
        (
            "real interval",
            "|R| ≤ 1 on the real axis down to here, then not",
        ),
        &analysis.real_interval,
        |r| real(*r),
        |r| interval(*r, "-", ""),
    );
    list.figure_as(
        "imaginary_stability_interval",
        (
            "imaginary interval",
            "|R| ≤ 1 on the imaginary axis up to here, then not",
        ),
        &analysis.imaginary_interval,
        |r| real(*r),
        |r| interval(*r, "±", "i"),
    );
    let implicit = |label| if analysis.explicit { "" } else { label };
    list.figure(
        "a_stable",
        (implicit("A-stable"), "|R| ≤ 1 on the whole left half-plane"),
        &analysis.a_stable,
        |yes| json!(yes),
    );
    list.figure(
        "l_stable",
        (implicit("L-stable"), "and R(∞) = 0"),
        &analysis.l_stable,
        |yes| json!(yes),
    );
    let meaning = if rounded {
        "of the coefficients as written: their rounding may show in the last digits"
    } else {
        "the step that keeps what Euler steps of size 1 keep"
    };
    let ssp = &analysis.ssp_coefficient;
    list.figure("ssp_coefficient", ("SSP coefficient", meaning), ssp, |r| {
        real(*r)
    });
}

fn structure(list: &mut List, tableau: &Tableau, analysis: &Analysis) {
    list.section("Structure");
    list.put("fsal", json!(analysis.fsal()));
    list.put("stiffly_accurate", json!(analysis.stiffly_accurate));
    if analysis.explicit {
        list.row(
            "FSAL",
            yes(analysis.fsal()),
            "the last stage is the next step's first",
        );
    } else {
        let stiffly_accurate = yes(analysis.stiffly_accurate);
        list.row(
            "stiffly accurate",
            stiffly_accurate,
            "the last stage is the result",
        );
    }
    let unused = &analysis.unused_stages;
    list.put("unused_stages", json!(unused));
    list.row(
        "unused stages",
        listed(std::slice::from_ref(unused)),
        "no weights reach them (DJ-reducible)",
    );
    list.figure_as(
        "equivalent_stages",
        ("equivalent stages", "always equal (HS-reducible)"),
        &analysis.equivalent_stages,
        |classes| json!(classes),
        |classes| listed(classes),
    );
    list.put("confluent_nodes", json!(analysis.confluent_nodes));
    list.row(
        "confluent nodes",
        listed(&analysis.confluent_nodes),
        "stages at the same node",
    );
    let label = if analysis.explicit {
        "2N low storage"
    } else {
        ""
    };
    let rounded = tableau.rounded.is_some();
    list.figure_as(
        "low_storage",
        (label, "a form in two registers (Williamson)"),
        &analysis.low_storage,
        |form| match form {
            Some(form) => json!({"A": exact(&form.a, rounded), "B": exact(&form.b, rounded)}),
            None => json!(false),
        },
        |form| yes(form.is_some()).to_owned(),
    );
    if let Ok(Some(form)) = &analysis.low_storage {
        let text = |numbers: &[Number]| numbers.iter().map(brief).collect::<Vec<_>>().join(" ");
        list.row("  A", text(&form.a), "");
        list.row("  B", text(&form.b), "");
    }
}

fn cost(list: &mut List, analysis: &Analysis) {
    list.section("Cost");
    let (stages, effective) = (analysis.stages, analysis.effective_stages);
    list.put("stages", json!(stages));
    list.put("effective_stages", json!(effective));
    list.put("explicit", json!(analysis.explicit));
    let of = if effective == stages {
        String::new()
    } else {
        format!(" of {stages}")
    };
    list.row(
        "stages",
        format!("{effective}{of}"),
        "that the propagated weights need",
    );
    let live = &analysis.live_tensors;
    let explicit = |label| if analysis.explicit { label } else { "" };
    list.figure(
        "live_tensors",
        (
            explicit("live tensors"),
            "stage values held at once by the block",
        ),
        live,
        |live| json!(live.block),
    );
    list.figure("live_tensors_without", ("", ""), live, |live| {
        json!({"last_use": live.without_last_use, "dead_stages": live.without_dead_stages, "either": live.without_either})
    });
    let without: [(_, fn(&LiveTensors) -> usize, _); 3] = [
        (
            "  all kept",
            |l| l.without_last_use,
            "without dropping values after their last use",
        ),
        (
            "  all stages",
            |l| l.without_dead_stages,
            "without leaving out stages that do not matter",
        ),
        (
            "  neither",
            |l| l.without_either,
            "all stages computed and kept",
        ),
    ];
    for (label, count, meaning) in without.into_iter().filter(|_| analysis.explicit) {
        let text = live
            .as_ref()
            .map_or_else(ToString::to_string, |live| count(live).to_string());
        list.row(label, text, meaning);
    }
    let sizes = &analysis.sizes;
    let coefficient = sizes.max_abs_coefficient;
    list.put("max_abs_coefficient", real(coefficient));
    list.row(
        "largest coefficient",
        short(coefficient),
        "of these stages and the weights",
    );
    list.put("max_row_norm", real(sizes.max_row_norm));
    list.row(
        "largest row norm",
        short(sizes.max_row_norm),
        "how much a combination can amplify its stages",
    );
    list.put("max_row_norm_stage", json!(sizes.stage));
    list.put("warning", json!(sizes.warning()));
}

fn interval(r: f64, sign: &str, unit: &str) -> String {
    if r == 0.0 || r.is_infinite() {
        return short(r);
    }
    format!("{sign}{}{unit}", short(r))
}

/// Groups of stages: `1 2, 4 5`.
fn listed(groups: &[Vec<usize>]) -> String {
    let groups = groups.iter().filter(|group| !group.is_empty());
    let numbers = |group: &Vec<usize>| group.iter().map(usize::to_string).collect::<Vec<_>>();
    let groups: Vec<_> = groups.map(|group| numbers(group).join(" ")).collect();
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
