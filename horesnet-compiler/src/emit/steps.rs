//! The body of a block: one statement a stage, each value dropped after its last use.

use proc_macro2::{Ident, Literal, TokenStream};

use super::hygienic::{hygienic, local};

use crate::plan::{Plan, Stage, Term};

/// `let k1 = …; let k2 = …;` for the stages of the plan.
pub(super) fn stages(plan: &Plan) -> TokenStream {
    let lines = plan.stages.iter().enumerate().map(|(i, stage)| {
        let line = evaluation(i, stage, &hygienic!(a), i);
        let spent = plan
            .stages
            .iter()
            .enumerate()
            .filter(|(_, earlier)| earlier.last_use == Some(i));
        let spent = spent.map(|(at, _)| value(at));
        hygienic!(#line #(::core::mem::drop(#spent);)*)
    });
    declared(
        plan.stages.iter(),
        "a",
        &hygienic!(Self::A),
        lines.collect(),
    )
}

/// The same, keeping every value, and the further stages that the estimate of the error needs.
pub(super) fn all_stages(plan: &Plan) -> TokenStream {
    let kept = plan.stages.len();
    let lines = plan
        .stages
        .iter()
        .enumerate()
        .map(|(i, stage)| evaluation(i, stage, &hygienic!(a), i));
    let lines = declared(
        plan.stages.iter(),
        "a",
        &hygienic!(Self::A),
        lines.collect(),
    );
    let extra = plan.estimate.iter().flat_map(|estimate| &estimate.stages);
    let more = extra
        .clone()
        .enumerate()
        .map(|(i, stage)| evaluation(kept + i, stage, &hygienic!(a_estimate), i));
    let more = declared(
        extra.clone(),
        "a_estimate",
        &hygienic!(Self::A_ESTIMATE),
        more.collect(),
    );
    hygienic!(#lines #more)
}

/// `let a = Self::A;`, if any stage uses it, before the lines.
fn declared<'a>(
    mut stages: impl Iterator<Item = &'a Stage>,
    name: &str,
    constant: &TokenStream,
    lines: TokenStream,
) -> TokenStream {
    if stages.all(|stage| stage.terms.is_empty()) {
        return lines;
    }
    let name = local(name);
    hygienic!(let #name = #constant; #lines)
}

fn evaluation(i: usize, stage: &Stage, matrix: &TokenStream, row: usize) -> TokenStream {
    let (k, row, i) = (
        value(i),
        Literal::usize_unsuffixed(row),
        Literal::usize_unsuffixed(i),
    );
    let terms = terms(&stage.terms, &hygienic!(#matrix[#row]));
    hygienic!(let #k = self.stages.evaluate(#i, &x, &#terms, train)?;)
}

/// `[(h * ROW[0], &k1), …]`
pub(super) fn terms(terms: &[Term], row: &TokenStream) -> TokenStream {
    let terms = terms.iter().map(|term| {
        let (at, k) = (Literal::usize_unsuffixed(term.stage), value(term.stage));
        hygienic!((h * #row[#at], &#k))
    });
    hygienic!([#(#terms),*])
}

fn value(stage: usize) -> Ident {
    local(&format!("k{}", stage + 1))
}
