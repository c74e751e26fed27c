//! The body of a block: one statement a stage, each value dropped after its last use.

use proc_macro2::{Ident, Literal, TokenStream};

use super::hygienic::{hygienic, local};

use crate::plan::{Plan, Stage, Term};

/// `let k1 = …; let k2 = …;` for the stages of the plan.
pub(super) fn stages(plan: &Plan) -> TokenStream {
    let lines = plan.stages.iter().enumerate().map(|(i, stage)| {
        let line = evaluation(i, stage);
        let spent = plan
            .stages
            .iter()
            .enumerate()
            .filter(|(_, earlier)| earlier.last_use == Some(i));
        let spent = spent.map(|(at, _)| value(at));
        hygienic!(#line #(::core::mem::drop(#spent);)*)
    });
    lines.collect()
}

/// The same, keeping every value, and the further stages that the estimate of the error needs.
pub(super) fn all_stages(plan: &Plan) -> TokenStream {
    let stages = plan.all_stages().enumerate();
    stages.map(|(i, stage)| evaluation(i, stage)).collect()
}

fn evaluation(i: usize, stage: &Stage) -> TokenStream {
    let (k, i) = (value(i), Literal::usize_unsuffixed(i));
    let terms = stage.terms.iter().map(|term| {
        let (j, k) = (Literal::usize_unsuffixed(term.stage), value(term.stage));
        hygienic!((h.a(#i, #j), &#k))
    });
    hygienic!(let #k = self.stages.evaluate(#i, x, &[#(#terms),*], train)?;)
}

/// `[(h.b(0), &k1), …]`
pub(super) fn weights(terms: &[Term], row: &str) -> TokenStream {
    let row = local(row);
    let terms = terms.iter().map(|term| {
        let (i, k) = (Literal::usize_unsuffixed(term.stage), value(term.stage));
        hygienic!((h.#row(#i), &#k))
    });
    hygienic!([#(#terms),*])
}

fn value(stage: usize) -> Ident {
    local(&format!("k{}", stage + 1))
}
