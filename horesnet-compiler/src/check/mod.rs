//! Turns text into a checked tableau, and a checked tableau into a scheme ready for code generation.
//! `proof` proves the claims within a budget.
//! Must not know pictures, files or arguments.

mod proof;

use num_traits::Zero;

use crate::language::coefficients::CoefficientSpec;
use crate::language::diagnostic::{Diagnostic, Diagnostics};
use crate::language::document::{Document, Expression};
use crate::language::family::{self, Family, Parameter};
use crate::language::syntax::parse;
use crate::language::tableau::Tableau;
use crate::notation::PrintedTableau;
use crate::number::Number;
use crate::number::budget::Budget;
use crate::plan::family::NoPlan;
use crate::plan::{self, Plan};
use crate::proof::claims::{self, Subject};
use crate::proof::order::Verdict;
use crate::proof::theories;
use crate::repair::{self, Repair};
use proof::Proof;

/// Steps to check a file, repairs included: less than two seconds.
const STEPS: f64 = 1.1e9;

/// Steps to prove a file whose figures follow.
const PROVING: f64 = 9e8;

/// Steps to plan a block of a family.
const PLANNING: f64 = 1e8;

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

/// A tableau whose claims are true, and its plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Scheme {
    /// The tableau.
    pub tableau: Tableau,
    /// The family that it is a member of, if its file has parameters.
    pub family: Option<Family>,
    /// The proof; of a family, for all its members.
    pub verdict: Verdict,
    /// The steps of its block.
    pub plan: Plan,
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

    /// Plans the block of a tableau whose claims are true.
    ///
    /// # Errors
    /// False claims, order 0, implicit schemes, coefficients beyond `f64`.
    pub fn compile(self) -> Result<Scheme, Diagnostics> {
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        let mut rows = self.document.weights.iter().zip(&self.verdict.weights);
        if let Some((row, _)) = rows.next().filter(|(_, found)| found.order == 0) {
            let headline = "the weights do not sum to 1: the scheme has no order";
            let help = "blocks are generated for schemes of order 1 and more";
            return Err(vec![Diagnostic::at(row.span, headline).help(help)]);
        }
        let mut plan = self.plan()?;
        // A row that does not even sum to 1 estimates nothing.
        let embedded = self.verdict.weights.get(1);
        plan.estimate = plan
            .estimate
            .filter(|_| embedded.is_some_and(|row| row.order > 0));
        if { plan.coefficients() }.any(|number| !number.to_f64().is_finite()) {
            let headline = "a coefficient is beyond the range of floating-point numbers";
            return Err(vec![Diagnostic::whole_file(headline)]);
        }
        Ok(Scheme {
            family: self.family,
            tableau: self.tableau,
            verdict: self.verdict,
            plan,
        })
    }

    fn plan(&self) -> Result<Plan, Diagnostics> {
        let Some(family) = &self.family else {
            return Plan::new(&self.tableau).map_err(|plan::Implicit| vec![self.implicit()]);
        };
        let plan = Plan::of_family(&self.tableau, family, &mut Budget::new(PLANNING));
        plan.map_err(|problem| match problem {
            NoPlan::Implicit => vec![self.implicit()],
            NoPlan::TooLarge => {
                let headline = "the weights of the error estimate have too many terms";
                vec![Diagnostic::whole_file(headline)]
            }
        })
    }

    fn implicit(&self) -> Diagnostic {
        let headline = "the scheme is implicit: a block would have to solve for its stages";
        let help =
            "blocks are generated for explicit schemes, where each stage uses earlier ones only";
        let rows = self.document.stages.iter().enumerate();
        let mut entries = rows.flat_map(|(i, row)| {
            let entries = row.entries.iter().enumerate().skip(i);
            entries.map(move |(j, entry)| (i, j, entry))
        });
        let place = entries.find(|(i, j, _)| !self.tableau.matrix[(*i, *j)].is_zero());
        let problem = place.map_or_else(
            || Diagnostic::whole_file(headline),
            |(.., entry)| Diagnostic::at(entry.span, headline),
        );
        problem.help(help)
    }
}

impl Scheme {
    /// Checks that blocks of this scheme can have these coefficients: adaptive ones need embedded weights.
    ///
    /// # Errors
    /// A message with what the scheme lacks and what to do.
    pub fn supports(&self, coefficients: &CoefficientSpec) -> Result<(), String> {
        if *coefficients == CoefficientSpec::LearnedParams {
            return self.supports_learning();
        }
        let is_adaptive = matches!(coefficients, CoefficientSpec::Adaptive { .. });
        if !is_adaptive || self.plan.estimate.is_some() {
            return Ok(());
        }
        let name = self.tableau.name.as_deref().unwrap_or("this scheme");
        let lack = match self.tableau.weights.get(1) {
            None => format!("{name} has none"),
            Some(_) => format!("those of {name} have order 0"),
        };
        Err(format!(
            "`{coefficients}` needs embedded weights, which estimate the error, and {lack}\n  \
             = help: add a second row of weights, or use a scheme that has one: `heun2`, `bogacki_shampine3`, \
             `dopri5` or `verner8`"
        ))
    }

    fn supports_learning(&self) -> Result<(), String> {
        let Some(functions) = &self.plan.functions else {
            return Err(
                "`learned(params)` needs a tableau with parameters, and this one has none\n  \
                 = help: a file has them by lines such as `param alpha = 2/3 in (0, 1]`; bundled families are `two_stage2` and \
                 `kutta4`"
                    .to_owned(),
            );
        };
        if functions.entries.is_empty() {
            return Err(
                "`learned(params)`: no coefficient of the block depends on a parameter".to_owned(),
            );
        }
        let at_an_end = { functions.parameters.iter() }.find(|parameter| {
            let ends = [&parameter.interval.low, &parameter.interval.high];
            let mut ends = ends.into_iter().flatten();
            ends.any(|end| end.value == parameter.default)
        });
        at_an_end.map_or(Ok(()), |parameter| {
            let Parameter { name, default, interval, .. } = parameter;
            Err(format!(
                "`learned(params)` starts at the default {name} = {default}, an end of the interval {interval}\n  \
                 = help: choose a default inside"
            ))
        })
    }
}
