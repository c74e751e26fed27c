//! Names, sources and claims beside the arrays.

use super::Program;
use crate::language::diagnostic::Diagnostic;
use crate::language::document::Document;
use crate::notation::field::{Field, claim, field, weights_names};
use crate::notation::value::{Value, brief};

/// Puts names, sources and claims into a document; those of several schemes are of none.
pub(super) fn describe(
    document: &mut Document,
    program: &Program,
    several: bool,
) -> Result<(), Diagnostic> {
    for item in &program.items {
        let (Some(kind), Ok(value)) = (field(&item.name), item.value.clone()) else {
            continue;
        };
        match (kind, value) {
            (_, Value::Null(_)) => {}
            (Field::Rounded, value) => document.rounded = Some(value.into_number()?),
            _ if several => {}
            (Field::Name, Value::Text(text)) => document.name = Some(text),
            // Programs call many things `name`.
            (Field::Name, _) => {}
            (Field::Documentation, value) => {
                for text in value.into_texts()? {
                    // A comment line has no line ends and no surrounding white space.
                    let lines = text.split(['\n', '\r']);
                    document
                        .head
                        .extend(lines.map(|line| line.trim().to_owned()));
                }
            }
            (Field::Citations, value) => document.citations = value.into_texts()?,
            (Field::Order(row), value) => {
                let order = value.into_number()?;
                let claim = claim(order.value.integer().unwrap_or_default(), order.span)?;
                let Some(weights) = document.weights.get_mut(row) else {
                    let (needed, name) = weights_names(row);
                    let headline = format!("`{name}` is given without `{needed}`");
                    return Err(Diagnostic::at(order.span, headline));
                };
                weights.claim = Some(claim);
            }
        }
    }
    Ok(())
}

/// Functions that are conversions of their argument.
const CONVERSIONS: &str = "array asarray Array matrix Matrix list tuple vec collect big BigInt BigFloat Float64 float Float32 \
    double S sympify Rational Fraction Decimal mpf mpq float64 longdouble tensor as_tensor T RCONST SUN_RCONST real dble \
    Number from from_vec new arr1 arr2 nsimplify";

/// The note on functions that were taken for conversions of their argument, and are not known as such.
pub(super) fn conversions(names: &[String]) -> Option<String> {
    const SHOWN: usize = 8;
    if names.iter().any(|name| name == "//") {
        return Some("`//` taken for a quotient, as in Julia".to_owned());
    }
    let is_known = |name: &str| CONVERSIONS.split(' ').any(|known| known == name);
    let unknown = names.iter().filter(|name| !is_known(name)).take(SHOWN);
    let shown: Vec<_> = unknown.map(|name| format!("{}(…)", brief(name))).collect();
    match shown.as_slice() {
        [] => None,
        [one] => Some(format!("{one} taken for its argument")),
        shown => Some(format!("{} taken for their arguments", shown.join(", "))),
    }
}
