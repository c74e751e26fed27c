//! The body of a block: one statement a stage, each value dropped after its last use.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::plan::{Plan, Stage, Term};

/// `let k1 = …; let k2 = …;` for the stages of the plan.
pub(super) fn stages(plan: &Plan, root: &TokenStream) -> TokenStream {
    let lines = plan.stages.iter().enumerate().map(|(i, stage)| {
        let line = evaluation(i, stage, &quote!(Self::A[#i]), root);
        let spent = plan
            .stages
            .iter()
            .enumerate()
            .filter(|(_, earlier)| earlier.last_use == Some(i));
        let spent = spent.map(|(at, _)| value(at));
        quote!(#line #(drop(#spent);)*)
    });
    lines.collect()
}

/// The same, keeping every value, and the further stages that the estimate of the error needs.
pub(super) fn all_stages(plan: &Plan, root: &TokenStream) -> TokenStream {
    let kept = plan.stages.len();
    let lines = plan.all_stages().enumerate().map(|(i, stage)| {
        let row = if i < kept {
            quote!(Self::A[#i])
        } else {
            row_of_estimate(i - kept)
        };
        evaluation(i, stage, &row, root)
    });
    lines.collect()
}

fn row_of_estimate(i: usize) -> TokenStream {
    quote!(Self::A_ESTIMATE[#i])
}

fn evaluation(i: usize, stage: &Stage, row: &TokenStream, root: &TokenStream) -> TokenStream {
    let k = value(i);
    if stage.terms.is_empty() {
        return quote!(let #k = self.stages.call(#i, x.tensor(), train)?;);
    }
    let terms = terms(&stage.terms, row);
    quote!(let #k = self.stages.call(#i, &#root::combine(&x, &#terms)?, train)?;)
}

/// `[(h * ROW[0], &k1), …]`
pub(super) fn terms(terms: &[Term], row: &TokenStream) -> TokenStream {
    let terms = terms.iter().map(|term| {
        let (at, k) = (
            proc_macro2::Literal::usize_unsuffixed(term.stage),
            value(term.stage),
        );
        quote!((h * #row[#at], &#k))
    });
    quote!([#(#terms),*])
}

fn value(stage: usize) -> Ident {
    format_ident!("k{}", stage + 1)
}
