//! The documentation of a generated type: scheme, order and how it was proven, stages, citation, cost.

use crate::Scheme;
use crate::language::family::Parameter;
use crate::number::Number;

/// Paragraphs and lines, without the comment marks.
pub(super) fn lines(scheme: &Scheme, origin: &str) -> Vec<String> {
    let Scheme {
        tableau,
        verdict,
        plan,
        ..
    } = scheme;
    let mut lines: Vec<_> = tableau
        .documentation
        .iter()
        .map(|line| escaped(line))
        .collect();
    if lines.is_empty() {
        lines.push(format!(
            "A residual block of the scheme {}.",
            escaped(tableau.name.as_deref().unwrap_or(origin))
        ));
    }
    let (order, stages) = (
        verdict.weights.first().map_or(0, |row| row.order),
        plan.stages.len(),
    );
    let conditions = crate::proof::tree::Forest::up_to(order).len();
    let proof = match &tableau.rounded {
        None => format!("exactly, in {}", tableau.field_name()),
        Some(eps) => format!(
            "to within the rounding the file states, {}",
            eps.scientific()
        ),
    };
    lines.push(String::new());
    let hold = match conditions {
        1 => "the condition of that order holds".to_owned(),
        _ => format!("the {conditions} conditions up to that order hold"),
    };
    lines.push(format!("* Order {order}: {hold} {}.", escaped(&proof)));
    if let Some(functions) = &plan.functions {
        let parameters = functions.parameters.iter().map(|parameter| {
            let Parameter {
                name,
                default,
                interval,
                ..
            } = parameter;
            format!("`{name} = {default}` in `{interval}`")
        });
        let parameters = parameters.collect::<Vec<_>>().join(", ");
        lines.push(format!(
            "* A family: the order is that of all members. The numbers below are those of the member at {parameters}."
        ));
    }
    let dropped = tableau.stages() - stages;
    let unused = if dropped == 0 {
        String::new()
    } else {
        format!(", of {} in the tableau", tableau.stages())
    };
    let matter = match stages {
        1 => "1 stage".to_owned(),
        _ => format!("{stages} stages"),
    };
    lines.push(format!(
        "* {matter}{unused}: as many calls of the residual function per step."
    ));
    let terms = plan
        .stages
        .iter()
        .map(|stage| &stage.terms)
        .chain([&plan.weights]);
    let reads: usize = terms
        .filter(|terms| !terms.is_empty())
        .map(|terms| terms.len() + 1)
        .sum();
    lines.push(format!(
        "* {reads} tensors read to form the stages and the output, each combination in one pass."
    ));
    if let Some(embedded) = verdict.weights.get(1) {
        lines.push(format!(
            "* Embedded weights of order {} estimate the error.",
            embedded.order
        ));
    }
    lines.extend(
        tableau
            .citations
            .iter()
            .map(|citation| format!("* {}", escaped(citation))),
    );
    lines.push(format!("* Generated from `{origin}`."));
    lines
}

/// The matrix as exact expressions, one line per row.
pub(super) fn exact_rows<'a>(rows: impl Iterator<Item = Vec<&'a Number>>) -> Vec<String> {
    rows.map(|row| {
        row.into_iter()
            .map(Number::to_string)
            .collect::<Vec<_>>()
            .join("  ")
    })
    .collect()
}

/// Escapes text of the file, so that it is not read as markup.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if "[]<>*_`\\#".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
