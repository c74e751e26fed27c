//! Binds the names of a file's header, in the order in which they are written: constants, and parameters with their values.

use std::collections::BTreeSet;

use crate::language::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::language::document::{self, Document, Expression, Limit, Spanned, Term};
use crate::language::evaluate::{Evaluator, unreserved};
use crate::language::limits;
use crate::language::parameter::Parameter;
use crate::number::Number;
use crate::number::interval::{Bound, Interval};

/// A line that binds a name.
pub(super) enum Binding<'a> {
    Constant(&'a Spanned<String>, &'a Expression),
    Parameter(&'a document::Parameter),
}

/// The lines that bind names, as they are written.
pub(super) fn bindings(document: &Document) -> Vec<Binding<'_>> {
    let constants = document.bindings.iter();
    let constants =
        constants.map(|(name, value)| (name.span.start, Binding::Constant(name, value)));
    let parameters = document.parameters.iter();
    let parameters =
        parameters.map(|parameter| (parameter.span.start, Binding::Parameter(parameter)));
    let mut lines: Vec<_> = constants.chain(parameters).collect();
    // Documents of other notations have no spans of constants, and no parameters.
    lines.sort_by_key(|(start, _)| *start);
    lines.into_iter().map(|(_, line)| line).collect()
}

/// Binds all names; parameters to these values or their defaults. Returns the parameters.
pub(super) fn bind(
    document: &Document,
    values: Option<&[Number]>,
    evaluator: &mut Evaluator,
    problems: &mut Diagnostics,
) -> Vec<Parameter> {
    let mut parameters: Vec<Parameter> = Vec::new();
    // Names whose values depend on parameters.
    let mut free: BTreeSet<&str> = BTreeSet::new();
    for line in bindings(document) {
        let bound = match line {
            Binding::Constant(name, value) => {
                if names(value).any(|used| free.contains(used)) {
                    free.insert(&name.value);
                }
                let bound = evaluator.bind(name, value);
                bound.map_err(|problem| explained(problem, &parameters))
            }
            Binding::Parameter(written) => {
                let read = read(written, &free, evaluator);
                free.insert(&written.name.value);
                let value = read.and_then(|parameter| {
                    let given = values.and_then(|values| values.get(parameters.len()));
                    let value = given.unwrap_or(&parameter.default).clone();
                    parameters.push(parameter);
                    evaluator.bind_value(&written.name, value)
                });
                value.inspect_err(|_| evaluator.bind_anyhow(&written.name))
            }
        };
        problems.extend(bound.err());
    }
    if let Some(fifth) = document.parameters.get(limits::PARAMETERS) {
        let (found, most) = (document.parameters.len(), limits::PARAMETERS);
        let headline = format!("{found} parameters; a family has at most {most}");
        problems.push(Diagnostic::at(fifth.span, headline).help("fix a parameter with `let`"));
    }
    if !document.parameters.is_empty() {
        problems.extend(document.rounded.as_ref().map(|eps| {
            Diagnostic::at(
                eps.span,
                "a family has exact coefficients, so it cannot be `rounded`",
            )
        }));
        problems.extend(roots(document, &free));
    }
    parameters
}

/// Evaluates the default and the interval of a parameter, which depend on no other.
fn read(
    written: &document::Parameter,
    free: &BTreeSet<&str>,
    evaluator: &mut Evaluator,
) -> Result<Parameter, Diagnostic> {
    let name = &written.name.value;
    unreserved(&written.name)?;
    let mut constant = |expression: &Expression, what: &str| {
        if let Some(used) = names(expression).find(|used| free.contains(used)) {
            let headline = format!("the {what} of `{name}` depends on the parameter `{used}`");
            return Err(Diagnostic::at(expression.span, headline).help("it must be a constant"));
        }
        evaluator.value(expression)
    };
    let Some(default) = &written.default else {
        let headline = format!("the parameter `{name}` has no default");
        let help = format!(
            "write the value at which commands use the family: `param {name} = 1/2 in (0, 1]`"
        );
        return Err(Diagnostic::at(written.span, headline).help(help));
    };
    let mut interval = Interval::default();
    if let Some(limits) = &written.interval {
        let mut end = |limit: &Limit| {
            let value = limit
                .value
                .as_ref()
                .map(|value| constant(value, "interval"));
            let closed = limit.closed;
            Ok(value.transpose()?.map(|value| Bound { value, closed }))
        };
        let [low, high] = &limits.value;
        interval = Interval {
            low: end(low)?,
            high: end(high)?,
        };
        if !interval.has_interior() {
            let headline = format!("the interval {interval} of `{name}` is empty");
            let headline = match &interval.low {
                Some(low) if interval.contains(&low.value) => {
                    format!("the interval {interval} of `{name}` holds one number")
                }
                _ => headline,
            };
            let help = "an interval is `(LOW, HIGH)` with LOW < HIGH; `[` and `]` include an end; a fixed number is bound with `let`";
            return Err(Diagnostic::at(limits.span, headline).help(help));
        }
    }
    let value = constant(default, "default")?;
    if !interval.contains(&value) {
        let headline = format!(
            "the default of `{name}`, {}, is not in {interval}",
            value.brief()
        );
        return Err(Diagnostic::at(default.span, headline));
    }
    Ok(Parameter {
        name: name.clone(),
        default: value,
        interval,
        span: written.name.span,
    })
}

/// Adds the values of the parameters to a problem that depends on them.
pub(super) fn explained(problem: Diagnostic, parameters: &[Parameter]) -> Diagnostic {
    if parameters.is_empty() || problem.headline() != "division by zero" {
        return problem;
    }
    let values: Vec<_> = { parameters.iter() }
        .map(|parameter| format!("{} = {}", parameter.name, parameter.default))
        .collect();
    let values = values.join(", ");
    problem.help(format!(
        "the default {values} must not be a pole: choose another, or simplify the expression"
    ))
}

/// Refuses parameters under square roots: there the conditions are no rational functions, and the proof needs that.
fn roots(document: &Document, free: &BTreeSet<&str>) -> Diagnostics {
    let stages = document.stages.iter();
    let nodes = stages.clone().filter_map(|row| row.node.as_ref());
    let entries = stages.flat_map(|row| &row.entries);
    let weights = document.weights.iter().flat_map(|row| &row.entries);
    let bound = document.bindings.iter().map(|(_, value)| value);
    let all = bound.chain(nodes).chain(entries).chain(weights);
    let roots = all.flat_map(parts).filter_map(|part| match &part.value {
        Term::Sqrt(argument) => {
            let used = names(argument).find(|used| free.contains(used))?;
            Some((part.span, used))
        }
        _ => None,
    });
    let refused = |(span, used): (Span, &str)| {
        let headline = format!("`{used}` depends on a parameter, and is under a square root");
        let help = "the entries of a family are rational functions; make the root the parameter, and write its square";
        Diagnostic::at(span, headline).help(help)
    };
    roots.map(refused).collect()
}

/// The expression and all its parts.
pub(super) fn parts(expression: &Expression) -> Vec<&Expression> {
    let (mut open, mut found) = (vec![expression], Vec::new());
    while let Some(part) = open.pop() {
        found.push(part);
        match &part.value {
            Term::Sum(parts) | Term::Product(parts) => {
                open.extend(parts.iter().map(|(_, part)| part));
            }
            Term::Power(part, _) | Term::Sqrt(part) => open.push(part),
            Term::Decimal { .. } | Term::Name(_) | Term::Unknown => {}
        }
    }
    found
}

/// The names that an expression uses.
pub(super) fn names(expression: &Expression) -> impl Iterator<Item = &str> {
    let parts = parts(expression).into_iter();
    parts.filter_map(|part| match &part.value {
        Term::Name(name) => Some(name.as_str()),
        _ => None,
    })
}
