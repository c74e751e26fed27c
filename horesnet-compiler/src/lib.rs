//! The compiler behind HoresNet: `.tab` text to proof, plan and code.
//!
//! Data flows one way: text, [`document`], [`tableau`], verdict of its [`order`], [`plan`], [`emit`]ted tokens.

mod approximate;
mod claims;
pub mod diagnostic;
pub mod document;
mod elementary;
pub mod emit;
mod evaluate;
mod fixed;
pub mod library;
pub mod limits;
mod modular;
mod modulus;
pub mod number;
pub mod order;
pub mod plan;
pub mod radical;
mod syntax;
pub mod tableau;
pub mod tree;

pub use syntax::parse;

use diagnostic::{Diagnostic, Diagnostics};
use order::Verdict;
use plan::Plan;
use tableau::Tableau;

/// A tableau, what was proven about it, and the claims that the proof refutes.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// The tableau.
    pub tableau: Tableau,
    /// The proof.
    pub verdict: Verdict,
    /// One for each false claim.
    pub problems: Diagnostics,
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

/// Reads a tableau and proves its order, up to `bound` or [`order::default_bound`].
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
    let document = parse(text).map_err(|problem| vec![problem])?;
    let tableau = Tableau::new(&document)?;
    let bound = bound.unwrap_or_else(|| order::default_bound(&tableau));
    let verdict = order::verify(&tableau, bound).map_err(|order::TooLarge| {
        vec![
            Diagnostic::whole_file(
                "the coefficients are too large for a proof of the order in reasonable time",
            )
            .help("shorten the numbers, or mark them as rounded: `rounded 1e-16`"),
        ]
    })?;
    let problems = claims::judge(&document, &tableau, &verdict);
    Ok(Checked {
        tableau,
        verdict,
        problems,
    })
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
    } = check(text, None)?;
    if !problems.is_empty() {
        return Err(problems);
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
