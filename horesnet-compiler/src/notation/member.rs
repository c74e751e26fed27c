//! Writes a member of a family as a tableau file of rounded decimals.

use super::printed::{PrintedNumber, PrintedTableau};
use super::tab;
use crate::language::diagnostic::Diagnostic;
use crate::language::family::Family;
use crate::number::Number;

/// Decimal places after the first digit: what distinguishes numbers of 24 bits, as in `f32`.
const PLACES: usize = 8;

/// Writes the member of a family at these values as a tableau file, whose entries are rounded to nine digits and which says so.
///
/// # Errors
/// As for [`Family::at`]; values that are not finite.
///
/// # Example
/// ```
/// use horesnet_compiler::notation::rounded_member;
///
/// let text = "param a = 2/3 in (0, 1]\n0 |\na | a\n---\norder 2 | 1-1/(2*a) 1/(2*a)\n";
/// let family = horesnet_compiler::check(text, None).unwrap().family.unwrap();
/// let member = rounded_member(&family, &[0.7]).unwrap();
/// let checked = horesnet_compiler::check(&member, None).unwrap();
/// assert_eq!((checked.verdict.weights[0].order, checked.problems.len()), (2, 0));
/// ```
pub fn rounded_member(family: &Family, values: &[f64]) -> Result<String, Diagnostic> {
    let exact = |value: &f64| format!("{value:?}").parse::<Number>();
    let values: Vec<_> = values.iter().map(exact).collect::<Result<_, _>>()?;
    let mut printed = PrintedTableau::from(family.at(&values)?);
    printed.remark(&[format!("The member with {}.", family.written(&values))]);
    let rows = printed.matrix.iter_mut().chain(&mut printed.weights);
    for number in rows.flatten().chain(&mut printed.nodes) {
        if number.expression().len() > PLACES {
            *number = rounded(number.value.to_f64())?;
        }
    }
    printed.set_rounded(PrintedNumber {
        value: format!("5e-{}", PLACES + 1).parse()?,
        decimal: Some(format!("5e-{}", PLACES + 1)),
    });
    tab::NOTATION.write(&printed)
}

fn rounded(value: f64) -> Result<PrintedNumber, Diagnostic> {
    let decimal = format!("{value:.PLACES$e}");
    Ok(PrintedNumber {
        value: decimal.parse()?,
        decimal: Some(decimal),
    })
}
