//! Turns text into a checked tableau, and a checked tableau into a scheme ready for code generation.
//! `proof` proves the claims within a budget.
//! Must not know pictures, files or arguments.

mod proof;
mod scheme;

use crate::language::diagnostic::{Diagnostic, Diagnostics};
use crate::language::document::{Document, Expression};
use crate::language::family::{self, Family};
use crate::language::syntax::parse;
use crate::language::tableau::Tableau;
use crate::notation::PrintedTableau;
use crate::number::Number;
use crate::number::budget::Budget;
use crate::proof::claims::{self, Subject};
use crate::proof::order::Verdict;
use crate::proof::theories;
use crate::repair::{self, Repair};
use proof::Proof;
pub use scheme::Scheme;

/// Steps to check a file, repairs included: less than two seconds.
const STEPS: f64 = 1.1e9;

/// Steps to prove a file whose figures follow.
const PROVING: f64 = 9e8;

/// Steps to read a byte: parsers make many small values.
const BYTE: f64 = 800.0;

/// Bytes that reading leaves in memory for a byte of text.
const KEPT: f64 = 250.0;

/// A tableau with its verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// The tableau as written.
    pub document: Document,
    /// The tableau as exact numbers.
    pub tableau: Tableau,
    /// The proof; of a family, for all its members.
    pub verdict: Verdict,
    /// The family, if the file has parameters; `tableau` is its member at their defaults.
    pub family: Option<Family>,
    /// One diagnostic per false claim.
    pub problems: Diagnostics,
    /// Warnings: rows of differences, embedded rows of order 0, Nyström tables.
    pub warnings: Diagnostics,
    /// Changes that would make the claims true; `None` if none were searched for.
    pub repair: Option<Repair>,
}

/// Reads a tableau and proves its order.
///
/// The search goes up to `bound` or [`order::default_bound`](crate::order::default_bound), and in any case beyond every claim.
///
/// # Errors
/// Text that is not a tableau, entries without a value, rows of the wrong length, numbers past the [`limits`](crate::limits).
///
/// # Example
/// ```
/// let checked = horesnet_compiler::check("0 |\n1/2 | 1/2\n---\norder 2 | 0 1\n", None).unwrap();
/// assert_eq!(checked.verdict.weights[0].order, 2);
/// assert!(checked.problems.is_empty());
/// ```
pub fn check(text: &str, bound: Option<usize>) -> Result<Checked, Diagnostics> {
    check_document(text, parse(text).map_err(|problem| vec![problem])?, bound)
}

/// Proves the order of a tableau that was read from a text in any notation: see [`notation::read`](crate::notation::read).
///
/// # Errors
/// As for [`check`].
pub fn check_document(
    text: &str,
    document: Document,
    bound: Option<usize>,
) -> Result<Checked, Diagnostics> {
    let budget = &mut budget(text, STEPS);
    if let Some(unknown) = document.first_unknown() {
        let found = repair::fill(text, &document, budget)?;
        let headline = "an entry is unknown";
        let problem = Diagnostic::at(unknown.span, headline);
        return Err(vec![
            repair::filled(&found)
                .into_iter()
                .fold(problem, Diagnostic::help),
        ]);
    }
    let tableau = Tableau::new(&document)?;
    let proof = Proof::of(&document, &tableau, bound, budget)?;
    let repair = match &proof.family {
        None => repair::mend(text, &document, &tableau, &proof.verdict, budget),
        Some(_) => repair::mend_family(text, &document, &tableau, &proof.verdict, budget),
    };
    Ok(Checked::new(document, tableau, proof, repair, budget))
}

/// A text without a proof.
#[derive(Clone, Debug, PartialEq)]
pub struct Unproven {
    /// The reasons.
    pub problems: Diagnostics,
    /// The tableau, if the text is one and only its proof would take too long.
    pub tableau: Option<Box<Tableau>>,
}

/// Like [`check`], without the search for repairs, which may take a second.
///
/// # Errors
/// As for [`check`]; a tableau whose proof would take too long is returned with the problems.
pub fn prove(text: &str) -> Result<Checked, Unproven> {
    let document = parse(text).map_err(|problem| unread(vec![problem]))?;
    prove_document(text, document)
}

fn unread(problems: Diagnostics) -> Unproven {
    Unproven {
        problems,
        tableau: None,
    }
}

/// Like [`check_document`], without the search for repairs.
///
/// # Errors
/// As for [`prove`].
pub fn prove_document(text: &str, document: Document) -> Result<Checked, Unproven> {
    let budget = &mut budget(text, PROVING);
    let tableau = Tableau::new(&document).map_err(unread)?;
    match Proof::of(&document, &tableau, None, budget) {
        Ok(proof) => Ok(Checked::new(document, tableau, proof, None, budget)),
        Err(problems) if !document.parameters.is_empty() => Err(unread(problems)),
        Err(problems) => Err(Unproven {
            problems,
            tableau: Some(Box::new(tableau)),
        }),
    }
}

/// Replaces the claims of a tableau, which was read from `text`, a tableau file, by its proven orders.
///
/// Returns false, and keeps the claims, if the proof would take too long.
///
/// # Errors
/// As for [`check`]; false claims.
pub fn prove_claims(printed: &mut PrintedTableau, text: &str) -> Result<bool, Diagnostics> {
    match prove(text) {
        Ok(checked) if checked.problems.is_empty() => {
            printed.claim(checked.verdict.weights.iter().map(|row| row.order));
            Ok(true)
        }
        Ok(Checked { problems, .. })
        | Err(Unproven {
            problems,
            tableau: None,
        }) => Err(problems),
        Err(_) => Ok(false),
    }
}

/// Reads a relative error, with the limits that tableau files have for it.
///
/// # Errors
/// The headline of the problem.
pub fn rounded(eps: &str) -> Result<Expression, String> {
    let expected = || "expected a number".to_owned();
    if eps.contains('\n') {
        return Err(expected());
    }
    let headline =
        |problems: Diagnostics| problems.first().map_or("", Diagnostic::headline).to_owned();
    let text = format!("rounded {eps}\n0 |\n---\n| 1\n");
    let document = parse(&text).map_err(|problem| headline(vec![problem]))?;
    Tableau::new(&document).map_err(headline)?;
    document.rounded.ok_or_else(expected)
}

/// Searches for fixes that make every claim of a tableau true: of one number, one swap, or the nodes.
///
/// # Errors
/// As for [`check`].
///
/// # Example
/// ```
/// let text = "0 |\n1/2 | 1/2\n1/2 | 0 1/2\n1 | 0 0 1\n---\norder 4 | 1/6 1/3 1/3 1/5\n";
/// let repair = horesnet_compiler::repair(text).unwrap();
/// assert_eq!(repair.changes[0].to_string(), "weights row 1, entry 4: 1/5 should be 1/6");
/// let mended = repair.changes[0].apply(text);
/// assert!(horesnet_compiler::compile(&mended).is_ok());
/// ```
pub fn repair(text: &str) -> Result<Repair, Diagnostics> {
    let document = parse(text).map_err(|problem| vec![problem])?;
    if let Some(found) = fill(text, &document) {
        return found;
    }
    Ok(check_document(text, document, None)?
        .repair
        .unwrap_or(Repair {
            complete: true,
            ..Repair::default()
        }))
}

/// Solves the claims of a tableau for its unknown entries, which are written `?`; `None` if it has none.
///
/// Each change writes one solution. Entries that the claims leave free become parameters.
///
/// # Errors
/// As for [`check`]; too many unknown entries, or no claim.
///
/// # Example
/// ```
/// let text = "0 |\n1/2 | ?\n1 | -1 ?\n---\norder 3 | 1/6 ? 1/6\n";
/// let document = horesnet_compiler::parse(text).unwrap();
/// let found = horesnet_compiler::fill(text, &document).unwrap().unwrap();
/// let kutta = found.changes[0].apply(text);
/// assert!(horesnet_compiler::compile(&kutta).is_ok());
/// ```
#[must_use]
pub fn fill(text: &str, document: &Document) -> Option<Result<Repair, Diagnostics>> {
    document.first_unknown()?;
    Some(repair::fill(text, document, &mut budget(text, STEPS)))
}

/// Reads a tableau, proves its claims and plans its block.
///
/// # Errors
/// As for [`check`] and [`Checked::compile`].
pub fn compile(text: &str) -> Result<Scheme, Diagnostics> {
    check(text, None)?.compile()
}

/// Like [`compile`], of the members of a family at fixed values of parameters: names, and values as written in tableau files.
///
/// Parameters that have no value here stay free. The claims are proven for the family; the order of the scheme is that of the members
/// that are left, which may be higher.
///
/// # Errors
/// As for [`compile`]; names of no parameter, values outside their intervals.
///
/// # Example
/// ```
/// let text = "param a = 2/3 in (0, 1]\n0 |\na | a\n---\norder 2 | 1-1/(2*a) 1/(2*a)\n";
/// let values = [("a".to_owned(), "1/2".to_owned())];
/// let midpoint = horesnet_compiler::compile_at(text, &values).unwrap();
/// assert_eq!(midpoint.tableau.weights[0].values[1].to_string(), "1");
/// assert!(midpoint.family.is_none());
/// ```
pub fn compile_at(text: &str, values: &[(String, String)]) -> Result<Scheme, Diagnostics> {
    let checked = check(text, None)?;
    if values.is_empty() {
        return checked.compile();
    }
    if !checked.problems.is_empty() {
        return Err(checked.problems);
    }
    let fixed = family::fix(text, &checked.document, values).map_err(|problem| vec![problem])?;
    // Places in the text with values are none in the user's.
    let moved = |problems: Diagnostics| {
        let problems = problems.iter();
        problems
            .map(Diagnostic::without_place)
            .collect::<Diagnostics>()
    };
    let mut document = parse(&fixed).map_err(|problem| moved(vec![problem]))?;
    for row in &mut document.weights {
        row.claim = None;
    }
    let member = check_document(&fixed, document, None).map_err(moved)?;
    member.compile().map_err(moved)
}

/// The steps and memory for a text.
fn budget(text: &str, steps: f64) -> Budget {
    let length = text.len() as f64;
    Budget::new(steps - BYTE * length).beside(KEPT * length)
}

impl Checked {
    fn new(
        document: Document,
        tableau: Tableau,
        proof: Proof,
        repair: Option<Repair>,
        budget: &mut Budget,
    ) -> Self {
        let Proof {
            verdict,
            family,
            exceptions,
            mut warnings,
        } = proof;
        let advice = repair.as_ref().map(repair::help);
        let subject = Subject {
            document: &document,
            tableau: &tableau,
            family: family
                .as_ref()
                .map(|family| (family, exceptions.as_slice())),
        };
        let problems = claims::refuted(subject, &verdict, advice, budget);
        warnings.extend(theories::warnings(&document, &tableau, &verdict, budget));
        Self {
            document,
            tableau,
            verdict,
            family,
            problems,
            warnings,
            repair,
        }
    }

    /// The member of a family with these values of its parameters, as `tableau`, and the proof for all members.
    ///
    /// # Errors
    /// No parameters, and those of [`Family::at`].
    pub fn at(mut self, values: &[Number]) -> Result<Self, Diagnostic> {
        let Some(family) = &self.family else {
            return Err(Diagnostic::whole_file("this tableau has no parameters"));
        };
        self.tableau = family.at(values)?;
        Ok(self)
    }
}
