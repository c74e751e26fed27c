//! The analysis in JSON: one object per scheme.
//!
//! Unknown figures are null, with the reason in `not_computed`; an unbounded interval is the string `infinite`.

use horesnet_compiler::analysis::{Analysis, Figure};
use horesnet_compiler::number::Number;
use serde_json::{Map, Value, json};

use super::Subject;

pub(crate) fn object(subject: &Subject) -> Value {
    let (tableau, analysis) = (&subject.tableau, &subject.analysis);
    let mut object = Object::default();
    object.put("file", json!(subject.file));
    object.put("name", json!(tableau.name));
    object.put("stages", json!(analysis.stages));
    object.put("effective_stages", json!(analysis.effective_stages));
    object.put("explicit", json!(analysis.explicit));
    let proven = analysis.is_proven();
    object.put("order", json!(proven.then_some(analysis.order)));
    object.put("order_is_bound", json!(analysis.order_is_bound));
    object.put(
        "embedded_orders",
        json!(proven.then_some(&analysis.embedded_orders)),
    );
    object.put("holds", json!(subject.holds));
    object.put("field", json!(tableau.field_name()));
    object.put(
        "rounded",
        json!(tableau.rounded.as_ref().map(Number::to_f64)),
    );
    object.put("fsal", json!(analysis.fsal()));
    object.put("stiffly_accurate", json!(analysis.stiffly_accurate));
    let rounded = tableau.rounded.is_some();
    object.worth(analysis, rounded);
    object.structure(analysis, rounded);
    object.put("notes", json!(subject.notes));
    object.finished()
}

/// The object of a source that cannot be read or is not a tableau.
pub(crate) fn refused(file: &str, errors: &Value) -> Value {
    json!({"file": file, "name": null, "errors": errors})
}

#[derive(Default)]
struct Object {
    figures: Map<String, Value>,
    not_computed: Map<String, Value>,
}

impl Object {
    fn put(&mut self, key: &str, value: Value) {
        self.figures.insert(key.to_owned(), value);
    }

    fn figure<T>(&mut self, key: &str, figure: &Figure<T>, show: impl FnOnce(&T) -> Value) {
        match figure {
            Ok(value) => self.put(key, show(value)),
            Err(why) => {
                self.put(key, Value::Null);
                self.not_computed
                    .insert(key.to_owned(), json!(why.to_string()));
            }
        }
    }

    /// Accuracy and stability.
    fn worth(&mut self, analysis: &Analysis, rounded: bool) {
        self.figure("stage_order", &analysis.assumptions, |a| {
            json!(a.stage_order())
        });
        self.figure(
            "simplifying_assumptions",
            &analysis.assumptions,
            |a| json!({"B": a.b, "C": a.c, "D": a.d}),
        );
        self.figure("stability_polynomial", &analysis.stability, |r| {
            if r.is_polynomial() {
                exact(&r.numerator, rounded)
            } else {
                Value::Null
            }
        });
        self.figure(
        "stability_function",
        &analysis.stability,
        |r| json!({"numerator": exact(&r.numerator, rounded), "denominator": exact(&r.denominator, rounded)}),
    );
        self.figure("real_stability_interval", &analysis.real_interval, |r| {
            length(*r)
        });
        self.figure(
            "imaginary_stability_interval",
            &analysis.imaginary_interval,
            |r| length(*r),
        );
        self.figure("a_stable", &analysis.a_stable, |yes| json!(yes));
        self.figure("l_stable", &analysis.l_stable, |yes| json!(yes));
        self.figure("dispersion_order", &analysis.dispersion_order, |k| {
            infinite(*k)
        });
        self.figure("dissipation_order", &analysis.dissipation_order, |k| {
            infinite(*k)
        });
        self.figure("principal_error_norm", &analysis.principal_error(), |e| {
            json!(e.norm)
        });
        self.figure("principal_error_max", &analysis.principal_error(), |e| {
            json!(e.max)
        });
        let embedded = analysis.principal_errors.iter().skip(1);
        let embedded = embedded.map(|error| match error {
            Ok(error) => json!({"norm": error.norm, "max": error.max}),
            Err(_) => Value::Null,
        });
        self.put("embedded_principal_errors", embedded.collect());
        self.figure("ssp_coefficient", &analysis.ssp_coefficient, |r| length(*r));
    }

    /// Structure and cost.
    fn structure(&mut self, analysis: &Analysis, rounded: bool) {
        let sizes = &analysis.sizes;
        self.put("max_abs_coefficient", length(sizes.max_abs_coefficient));
        self.put("max_row_norm", length(sizes.max_row_norm));
        self.put("max_row_norm_stage", json!(sizes.stage));
        self.put("warning", json!(sizes.warning()));
        self.figure("live_tensors", &analysis.live_tensors, |live| {
            json!(live.block)
        });
        self.figure("live_tensors_without", &analysis.live_tensors, |live| {
            json!({"last_use": live.without_last_use, "dead_stages": live.without_dead_stages,
            "either": live.without_either})
        });
        self.figure("low_storage", &analysis.low_storage, |form| {
            form.as_ref().map_or(
                json!(false),
                |form| json!({"A": exact(&form.a, rounded), "B": exact(&form.b, rounded)}),
            )
        });
        self.put("unused_stages", json!(analysis.unused_stages));
        self.figure(
            "equivalent_stages",
            &analysis.equivalent_stages,
            |classes| json!(classes),
        );
        self.put("confluent_nodes", json!(analysis.confluent_nodes));
    }

    fn finished(mut self) -> Value {
        self.put("not_computed", Value::Object(self.not_computed.clone()));
        Value::Object(self.figures)
    }
}

fn length(r: f64) -> Value {
    if r.is_infinite() {
        json!("infinite")
    } else {
        json!(r)
    }
}

fn infinite(order: Option<usize>) -> Value {
    order.map_or(json!("infinite"), |order| json!(order))
}

fn exact(numbers: &[Number], rounded: bool) -> Value {
    let expressions = numbers.iter().map(|number| expression(number, rounded));
    expressions.collect()
}

/// An expression of the tableau language: exact, unless the file is not and the number long.
fn expression(number: &Number, rounded: bool) -> String {
    if rounded && number.bits() > 64 {
        format!("{:e}", number.to_f64())
    } else {
        number.to_string()
    }
}
