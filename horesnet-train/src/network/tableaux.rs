//! Schemes of the user's own: the texts of their tableaux are settings of a network, so a run and its weights keep them.
//!
//! A text is proven once in a process. Its blocks are interpreted, with the bits of a generated block.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Mutex, PoisonError};

use horesnet::{Tableau, family};
use horesnet_compiler::number::{self, Number};
use horesnet_compiler::plan::{Functions, Plan, Term};
use horesnet_compiler::{compile, library};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::network::schemes::{self, Scheme};

/// Longest text of all tableaux of a network: four times that of the largest bundled scheme.
pub(crate) const MAX_TEXT: usize = 128 << 10;

/// Longest name, so that names of run folders stay possible.
const MAX_NAME: usize = 64;

/// The texts of tableau files by the names of their schemes.
///
/// ```
/// use horesnet_train::{Describe, HoResNetConfig, Tableaux};
///
/// let mut tableaux = Tableaux::default();
/// tableaux.insert("mine", "0 |\n1/2 | 1/2\n---\norder 2 | 0 1\n");
/// let config = HoResNetConfig { scheme: "rk4(mine)".to_owned(), tableaux, ..Default::default() };
/// assert_eq!(config.stages()?, 2 * 4 * 2);
/// # Ok::<(), horesnet_train::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tableaux(BTreeMap<String, String>);

/// No tableaux.
pub(crate) static NONE: Tableaux = Tableaux(BTreeMap::new());

/// The schemes read so far. They are as few as the texts, and live as long as the process, as bundled ones do.
static KNOWN: Mutex<BTreeMap<(String, String), &'static Scheme>> = Mutex::new(BTreeMap::new());

impl Tableaux {
    /// Adds a tableau, or replaces the one of this name.
    pub fn insert(&mut self, name: impl Into<String>, text: impl Into<String>) {
        self.0.insert(name.into(), text.into());
    }

    /// Returns true if there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Iterates over names and texts, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let tableaux = self.0.iter();
        tableaux.map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// Finds the scheme called `name`: one of these, or a [bundled](schemes::find) one.
    ///
    /// Fails with [`Error::Tableau`] if its tableau is refused.
    pub fn find(&self, name: &str) -> Result<&'static Scheme> {
        let Some(text) = self.0.get(name) else {
            let family = library::find(name).filter(|bundled| bundled.is_family());
            return match family {
                Some(bundled) => known(bundled.name, bundled.text),
                None => schemes::find(name),
            };
        };
        let bytes: usize = self.0.values().map(String::len).sum();
        if bytes > MAX_TEXT {
            let problem = format!("expected at most {MAX_TEXT} bytes of text, found {bytes}");
            return Err(Error::setting("tableaux", problem));
        }
        check_name(name)?;
        known(name, text)
    }

    /// Returns those of `schemes`.
    pub(crate) fn used_by(&self, schemes: impl Iterator<Item = &'static Scheme>) -> Self {
        let texts = schemes.filter_map(|scheme| self.0.get_key_value(scheme.name));
        Self(
            texts
                .map(|(name, text)| (name.clone(), text.clone()))
                .collect(),
        )
    }
}

/// Returns the name of the scheme in the file called `stem`: what is neither letter, digit, `-` nor `_` becomes `_`.
///
/// Fails with [`Error::Setting`] if it is too long or the name of a bundled scheme, whose results would look alike.
pub fn scheme_name(stem: &str) -> Result<String> {
    let plain = |c: char| if is_plain(c) { c } else { '_' };
    let name: String = stem.chars().map(plain).collect();
    check_name(&name)?;
    Ok(name)
}

fn is_plain(c: char) -> bool {
    c.is_alphanumeric() || c == '-' || c == '_'
}

fn check_name(name: &str) -> Result<()> {
    let problem = if name.is_empty() || name.len() > MAX_NAME {
        format!("expected a name of 1 to {MAX_NAME} bytes, found `{name}`")
    } else if !name.chars().all(is_plain) {
        format!("expected letters, digits, `-` and `_` in the name of a tableau, found `{name}`")
    } else if library::find(name).is_some_and(|scheme| scheme.name.eq_ignore_ascii_case(name)) {
        format!(
            "`{name}` is the name of a bundled scheme, and results could not be told apart; name it otherwise"
        )
    } else {
        return Ok(());
    };
    Err(Error::setting("tableaux", problem))
}

/// Reads a tableau, unless it has been read.
fn known(name: &str, text: &str) -> Result<&'static Scheme> {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (name.to_owned(), text.to_owned());
    if let Some(scheme) = known.get(&key) {
        return Ok(scheme);
    }
    let scheme = read(name, text)?;
    known.insert(key, scheme);
    Ok(scheme)
}

/// Reads and proves a tableau.
fn read(name: &str, text: &str) -> Result<&'static Scheme> {
    let refused = |problems: String| Error::Tableau {
        name: name.to_owned(),
        problems,
    };
    let compiled = compile(text).map_err(|problems| {
        let problems = problems
            .iter()
            .map(|problem| problem.render(&format!("{name}.tab"), text));
        refused(problems.collect::<Vec<_>>().join("\n"))
    })?;
    let (plan, rows) = (&compiled.plan, &compiled.verdict.weights);
    let [name, text]: [&'static str; 2] = [name, text].map(|text| &*text.to_owned().leak());
    let title = compiled
        .tableau
        .name
        .clone()
        .map_or(name, |title| &*title.leak());
    let order = |row: usize| rows.get(row).map_or(0, |row| row.order);
    Ok(Box::leak(Box::new(Scheme::interpreted(
        name,
        title,
        text,
        tableau(title, plan, [order(0), order(1)])?,
        plan.stages
            .iter()
            .map(|stage| stage.node.to_f64())
            .collect::<Vec<_>>()
            .leak(),
    ))))
}

/// The numbers of a plan as the runtime takes them: each the nearest `f64`, as in generated code.
fn tableau(title: &'static str, plan: &Plan, [order, embedded]: [usize; 2]) -> Result<Tableau> {
    let stages = plan.stages.len();
    let rows = plan
        .stages
        .iter()
        .flat_map(|stage| row(&stage.terms, stages));
    let tableau = Tableau::from_rows(
        title,
        order,
        rows.collect::<Vec<_>>().leak(),
        row(&plan.weights, stages).leak(),
    )?;
    let tableau = plan
        .functions
        .as_ref()
        .map_or(tableau, |functions| with_family(tableau, functions));
    let Some(estimate) = &plan.estimate else {
        return Ok(tableau);
    };
    let all = stages + estimate.stages.len();
    let rows = estimate
        .stages
        .iter()
        .flat_map(|stage| row(&stage.terms, all));
    let rows = rows.collect::<Vec<_>>().leak();
    Ok(tableau.with_estimate_rows(embedded, rows, row(&estimate.weights, all).leak())?)
}

/// The tableau as the member of a family at the defaults.
fn with_family(tableau: Tableau, functions: &Functions) -> Tableau {
    let parameters = functions.parameters.iter().map(|parameter| {
        let [low, high] =
            [&parameter.interval.low, &parameter.interval.high].map(|end| bound(end.as_ref()));
        let default = parameter.default.to_f64();
        family::Parameter::new(parameter.name.clone().leak(), default, low, high)
    });
    let [entries, estimate] = [&functions.entries, &functions.estimate].map(|all| {
        let entries = all.iter().map(|function| {
            let factors = function.value.factors().iter();
            let factors: Vec<_> = factors
                .map(|(factor, times)| (polynomial(factor), *times))
                .collect();
            let numerator = polynomial(function.value.numerator());
            family::Entry::new(function.row, function.column, numerator, factors.leak())
        });
        &*entries.collect::<Vec<_>>().leak()
    });
    tableau.with_family(parameters.collect::<Vec<_>>().leak(), entries, estimate)
}

fn bound(end: Option<&number::Bound>) -> Bound<f64> {
    match end {
        None => Bound::Unbounded,
        Some(end) if end.closed => Bound::Included(end.value.to_f64()),
        Some(end) => Bound::Excluded(end.value.to_f64()),
    }
}

fn polynomial(p: &number::Multivariate) -> family::Polynomial {
    let terms = p
        .terms()
        .map(|(exponents, c)| (c.to_f64(), &*exponents.to_vec().leak()));
    terms.collect::<Vec<_>>().leak()
}

/// The coefficients of all stages.
fn row(terms: &[Term], stages: usize) -> Vec<f64> {
    let coefficient = |stage| {
        terms
            .iter()
            .find(|term| term.stage == stage)
            .map(|term| &term.coefficient)
    };
    (0..stages)
        .map(|stage| coefficient(stage).map_or(0.0, Number::to_f64))
        .collect()
}
