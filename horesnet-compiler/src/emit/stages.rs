//! The body of a block: one statement per stage, each value dropped after its last use. Stages are numbered from 1.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use crate::plan::{Plan, Term};

/// `let k1 = …; let k2 = …;` for the stages of the plan.
pub(super) fn stages(plan: &Plan) -> TokenStream {
    let lines = plan.stages.iter().enumerate().map(|(i, stage)| {
        let (k, number) = (value(i), number(i));
        let terms = stage.terms.iter().map(|term| {
            let (j, k) = (self::number(term.stage), value(term.stage));
            quote!((h.a(#number, #j), &#k))
        });
        let spent = (0..i).filter(|earlier| plan.stages[*earlier].last_use == Some(i));
        let spent = spent.map(value);
        quote! {
            let #k = f.stage(#number, &[#(#terms),*])?;
            #(::core::mem::drop(#spent);)*
        }
    });
    lines.collect()
}

/// `(h.b(1), &k1), …`
pub(super) fn weights(plan: &Plan) -> TokenStream {
    let terms = plan.weights.iter().map(|Term { stage, .. }| {
        let (i, k) = (number(*stage), value(*stage));
        quote!((h.b(#i), &#k))
    });
    quote!(#(#terms),*)
}

fn number(stage: usize) -> Literal {
    Literal::usize_unsuffixed(stage + 1)
}

fn value(stage: usize) -> Ident {
    format_ident!("k{}", stage + 1)
}
