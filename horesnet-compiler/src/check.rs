//! The doors of the compiler: text to a checked tableau, and on to a scheme that can be generated.

use crate::language::diagnostic::{Diagnostic, Diagnostics};
use crate::language::limits;
use crate::language::syntax::parse;
use crate::language::tableau::Tableau;
use crate::plan::{self, Plan};
use crate::proof::claims;
use crate::proof::order::{self, RowVerdict, Verdict};
use crate::repair::{self, Repair};

/// A tableau, what was proven about it, and the claims that the proof refutes.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// The tableau.
    pub tableau: Tableau,
    /// The proof.
    pub verdict: Verdict,
    /// One for each false claim.
    pub problems: Diagnostics,
    /// What would make the claims true, if that was looked for.
    pub repair: Option<Repair>,
}

/// A tableau whose claims are true, and its plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Scheme {
    /// The tableau.
    pub tableau: Tableau,
    /// The proof.
    pub verdict: Verdict,
    /// The steps of its block.
    pub plan: Plan,
}

/// Reads a tableau and proves its order, up to `bound` or [`order::default_bound`], and beyond every claim.
///
/// # Errors
/// Text that is not a tableau, entries without a value, rows of the wrong length, numbers past the [`limits`].
///
/// # Example
/// ```
/// let checked = horesnet_compiler::check("0 |\n1/2 | 1/2\n---\norder 2 | 0 1\n", None).unwrap();
/// assert_eq!(checked.verdict.weights[0].order, 2);
/// assert!(checked.problems.is_empty());
/// ```
pub fn check(text: &str, bound: Option<usize>) -> Result<Checked, Diagnostics> {
    judge(text, bound, true)
}

/// The same without looking for changes that mend false claims, which may take a second.
///
/// # Errors
/// Those of [`check`].
pub fn prove(text: &str) -> Result<Checked, Diagnostics> {
    judge(text, None, false)
}

fn judge(text: &str, bound: Option<usize>, mend: bool) -> Result<Checked, Diagnostics> {
    let document = parse(text).map_err(|problem| vec![problem])?;
    let tableau = Tableau::new(&document)?;
    let verdict = verdict(&tableau, bound)?;
    let repair = mend
        .then(|| repair::mend(text, &document, &tableau, &verdict))
        .flatten();
    let problems = claims::judge(&document, &tableau, &verdict, repair.as_ref());
    Ok(Checked {
        tableau,
        verdict,
        problems,
        repair,
    })
}

/// The verdict of [`check`].
fn verdict(tableau: &Tableau, bound: Option<usize>) -> Result<Verdict, Diagnostics> {
    // The claims are decided in any case.
    let least = tableau
        .weights
        .iter()
        .filter_map(|row| row.claim)
        .max()
        .map_or(1, |claim| claim + 1);
    if let Some(bound) = bound.filter(|bound| *bound > least) {
        return order::verify(tableau, bound).map_err(|order::TooLarge| {
            let headline = format!("the search for orders up to {bound} would take too long");
            let help = format!(
                "search to a smaller order with `--max-order`; {least} would decide the claims"
            );
            vec![Diagnostic::whole_file(headline).help(help)]
        });
    }
    let default = order::default_bound(tableau);
    let first = if bound.is_some() { least } else { default };
    if let Ok(verdict) = order::verify(tableau, first) {
        let open = bound.is_none() && verdict.weights.iter().any(RowVerdict::is_underclaimed);
        return Ok(if open {
            // A claim that is too low is answered with the order there is, if that can be found.
            further(tableau, verdict, first, limits::ORDER + 1, |verdict| {
                verdict.weights.iter().any(RowVerdict::is_underclaimed)
            })
        } else {
            verdict
        });
    }
    let nearer = if first > least {
        order::verify(tableau, least)
    } else {
        Err(order::TooLarge)
    };
    let verdict = nearer.map_err(|order::TooLarge| vec![beyond(tableau)])?;
    // Rows without a claim are searched as far as that goes.
    Ok(further(tableau, verdict, least, first, |verdict| {
        verdict
            .weights
            .iter()
            .any(|row| row.first_failure.is_none())
    }))
}

/// The verdict with ever higher bounds up to `last`, as long as more is wanted and to be had.
fn further(
    tableau: &Tableau,
    mut verdict: Verdict,
    first: usize,
    last: usize,
    wanted: impl Fn(&Verdict) -> bool,
) -> Verdict {
    for bound in first + 1..=last {
        if !wanted(&verdict) {
            break;
        }
        match order::verify(tableau, bound) {
            Ok(found) => verdict = found,
            Err(order::TooLarge) => break,
        }
    }
    verdict
}

/// A tableau whose claims cannot be decided.
fn beyond(tableau: &Tableau) -> Diagnostic {
    let headline = "the coefficients are too large for a proof of the order in reasonable time";
    let help = match tableau.rounded {
        None => "shorten the numbers, or mark them as rounded: `rounded 5e-16`",
        Some(_) => "shorten the numbers, or drop stages, or claim a lower order",
    };
    Diagnostic::whole_file(headline).help(help)
}

/// Reads a tableau, proves its claims and plans its block.
///
/// # Errors
/// Those of [`check`]; false claims; implicit schemes; coefficients beyond `f64`.
pub fn compile(text: &str) -> Result<Scheme, Diagnostics> {
    let Checked {
        tableau,
        verdict,
        problems,
        ..
    } = check(text, None)?;
    if !problems.is_empty() {
        return Err(problems);
    }
    if verdict.weights.first().is_some_and(|row| row.order == 0) {
        return Err(vec![inconsistent(text)]);
    }
    let plan = Plan::new(&tableau).map_err(|plan::Implicit| vec![implicit(text, &tableau)])?;
    if plan
        .coefficients()
        .any(|number| !number.to_f64().is_finite())
    {
        return Err(vec![Diagnostic::whole_file(
            "a coefficient is beyond the range of floating-point numbers",
        )]);
    }
    Ok(Scheme {
        tableau,
        verdict,
        plan,
    })
}

fn inconsistent(text: &str) -> Diagnostic {
    let span = parse(text)
        .ok()
        .and_then(|document| Some(document.weights.first()?.span));
    let headline = "the weights do not sum to 1: the scheme has no order";
    let problem = span.map_or_else(
        || Diagnostic::whole_file(headline),
        |span| Diagnostic::at(span, headline),
    );
    problem.help("blocks are generated for schemes of order 1 and more")
}

fn implicit(text: &str, tableau: &Tableau) -> Diagnostic {
    let entry = |(i, j): &(usize, usize)| !num_traits::Zero::is_zero(&tableau.matrix[(*i, *j)]);
    let stages = tableau.stages();
    let place = (0..stages)
        .flat_map(|i| (i..stages).map(move |j| (i, j)))
        .find(entry);
    let span = place.and_then(|(i, j)| Some(parse(text).ok()?.stages.get(i)?.entries.get(j)?.span));
    let headline = "the scheme is implicit: a block would have to solve for its stages";
    let problem = span.map_or_else(
        || Diagnostic::whole_file(headline),
        |span| Diagnostic::at(span, headline),
    );
    problem
        .help("blocks are generated for explicit schemes, where each stage uses earlier ones only")
}
