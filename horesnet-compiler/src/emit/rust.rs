//! The generated type: constants, constructors, and the step written out.
//!
//! The arithmetic lives in the runtime; the code only says which combinations to form, with which constants, in which order.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::coefficients::Held;
use super::{describe, family, numbers, stages};
use crate::number::Number;
use crate::{CoefficientSpec, Scheme};

/// The name of the generated type, and the path to the runtime.
#[derive(::core::clone::Clone, ::core::fmt::Debug)]
pub struct Target {
    /// `pub`, `pub(crate)` or nothing.
    pub visibility: TokenStream,
    /// The type.
    pub name: Ident,
    /// The path of the runtime, such as `::horesnet`.
    pub root: TokenStream,
    /// Where the tableau came from, for the documentation.
    pub origin: String,
}

/// Generates the type for a scheme.
#[must_use]
pub fn block(scheme: &Scheme, target: &Target, coefficients: CoefficientSpec) -> TokenStream {
    let Target {
        visibility,
        name,
        root,
        origin,
    } = target;
    let documentation = describe::lines(scheme, origin)
        .into_iter()
        .map(|line| format!(" {line}"));
    let stages = Literal::usize_unsuffixed(scheme.plan.stages.len());
    let held = Held::new(coefficients, scheme.plan.functions.is_some(), root);
    let (private, fields) = (private(root), held.fields(root));
    let constants = constants(scheme, root, coefficients);
    let constructors = held.constructors(root, &stages);
    let methods = methods(scheme, root, &held);
    let traits = traits(name, root, &held);
    quote! {
        #(#[doc = #documentation])*
        #[allow(unreachable_pub)]
        #[derive(::core::clone::Clone, ::core::fmt::Debug)]
        #visibility struct #name<F> {
            stages: #private::Stages<F, #stages>,
            #fields
        }

        #[allow(dead_code, unreachable_pub, clippy::approx_constant)]
        impl<F> #name<F> {
            #constants
            #constructors
        }

        #[allow(dead_code, unreachable_pub)]
        impl<F: #root::ModuleT> #name<F> {
            #methods
        }

        #traits
    }
}

fn constants(scheme: &Scheme, root: &TokenStream, coefficients: CoefficientSpec) -> TokenStream {
    let (tableau, plan) = (&scheme.tableau, &scheme.plan);
    let name = tableau.name.clone().unwrap_or_default();
    let order =
        Literal::usize_unsuffixed(scheme.verdict.weights.first().map_or(0, |row| row.order));
    let kept: Vec<_> = plan.stages.iter().map(|stage| stage.number - 1).collect();
    let stages = Literal::usize_unsuffixed(kept.len());
    let rows: Vec<Vec<&Number>> = kept
        .iter()
        .map(|&i| kept.iter().map(|&j| &tableau.matrix[(i, j)]).collect())
        .collect();
    let exact_a = describe::exact_rows(
        rows.iter()
            .enumerate()
            .skip(1)
            .map(|(i, row)| row[..i].to_vec()),
    );
    let about_a = match exact_a.as_slice() {
        [] => vec![" The matrix.".to_owned()],
        rows => {
            let opening = [
                " The matrix, each entry the nearest `f64`. Exactly, from the second row on:",
                "",
                " ```text",
            ];
            let rows = rows.iter().map(|row| format!(" {row}"));
            opening
                .map(str::to_owned)
                .into_iter()
                .chain(rows)
                .chain([" ```".to_owned()])
                .collect()
        }
    };
    let weights: Vec<_> = kept
        .iter()
        .filter_map(|&i| tableau.weights.first()?.values.get(i))
        .collect();
    let exact_b = describe::exact_rows(std::iter::once(weights.clone())).concat();
    let exact_b = format!(" The weights: `{exact_b}`.");
    let a = rows.iter().map(|row| numbers::array(row.iter().copied()));
    let b = numbers::array(weights.into_iter());
    let c = numbers::array(plan.stages.iter().map(|stage| &stage.node));
    let h = match coefficients {
        CoefficientSpec::Fixed { h } => {
            let h = numbers::float(h);
            quote! {
                /// The step size of the block as a module.
                pub const H: f64 = #h;
            }
        }
        _ => TokenStream::new(),
    };
    let estimate = estimate_constants(scheme);
    let with_estimate = with_estimate(scheme);
    let with_family = { plan.functions.as_ref() }.map(|functions| family::tokens(functions, root));
    quote! {
        /// The scheme's name.
        pub const NAME: &'static str = #name;
        /// The order, as proven when this code was generated.
        pub const ORDER: usize = #order;
        /// The number of stages that the propagated weights need, which is the number of residual functions.
        pub const STAGES: usize = #stages;
        #h
        #(#[doc = #about_a])*
        pub const A: [[f64; #stages]; #stages] = [#(#a),*];
        #[doc = #exact_b]
        pub const B: [f64; #stages] = #b;
        /// The nodes.
        pub const C: [f64; #stages] = #c;
        #estimate
        /// All of the numbers above.
        pub const TABLEAU: #root::Tableau =
            #root::Tableau::new(Self::NAME, Self::ORDER, &Self::A, &Self::B) #with_estimate #with_family;
    }
}

/// The part of `TABLEAU` for embedded weights.
fn with_estimate(scheme: &Scheme) -> Option<TokenStream> {
    let estimate = scheme.plan.estimate.as_ref()?;
    let order = Literal::usize_unsuffixed(scheme.verdict.weights.get(1)?.order);
    let rows = if estimate.stages.is_empty() {
        quote!(&[])
    } else {
        quote!(&Self::A_ESTIMATE)
    };
    Some(quote!(.with_estimate(#order, #rows, &Self::B_ESTIMATE)))
}

fn estimate_constants(scheme: &Scheme) -> TokenStream {
    let Some(estimate) = &scheme.plan.estimate else {
        return TokenStream::new();
    };
    let zero = Number::from(0);
    let all = scheme.plan.stages.len() + estimate.stages.len();
    let dense = |terms: &[crate::plan::Term]| {
        let entry = |stage| {
            terms
                .iter()
                .find(|term| term.stage == stage)
                .map_or(&zero, |term| &term.coefficient)
        };
        numbers::array((0..all).map(entry))
    };
    let rows = estimate.stages.iter().map(|stage| dense(&stage.terms));
    let (extra, all) = (
        Literal::usize_unsuffixed(estimate.stages.len()),
        Literal::usize_unsuffixed(all),
    );
    let weights = dense(&estimate.weights);
    let extra_rows = if estimate.stages.is_empty() {
        TokenStream::new()
    } else {
        quote! {
            /// The rows of the matrix for the extra stages that the error estimate needs.
            pub const A_ESTIMATE: [[f64; #all]; #extra] = [#(#rows),*];
        }
    };
    quote! {
        #extra_rows
        /// The weights of the error estimate: propagated minus embedded.
        pub const B_ESTIMATE: [f64; #all] = #weights;
    }
}

fn methods(scheme: &Scheme, root: &TokenStream, held: &Held) -> TokenStream {
    let (stages, weights) = (stages::stages(&scheme.plan), stages::weights(&scheme.plan));
    let (tensor, result) = (quote!(#root::Tensor), quote!(#root::Result));
    let private = private(root);
    let (coefficients, tableau) = (held.reference(), held.tableau());
    let member = { scheme.plan.functions.as_ref() }
        .filter(|_| held.has_tableau)
        .map(|functions| family::member(functions, root));
    let step_with_error = scheme.plan.estimate.is_some().then(|| {
        quote! {
            /// Takes one step of size `h` from `x` and estimates its error. Both results have the shape of `x`.
            ///
            /// # Errors
            /// Errors of the residual functions; a block with too few of them for the estimate.
            pub fn step_with_error(&self, h: f64, x: &#tensor) -> #result<(#tensor, #tensor)> {
                #private::with_error(|output| self.run(&h, x, false, output))
            }
        }
    });
    quote! {
        /// Takes one step of size `h` from `x`: `x + h·Σ bᵢkᵢ`, of the same shape.
        ///
        /// # Errors
        /// Errors of the residual functions; results that differ in shape from `x`.
        pub fn step(&self, h: f64, x: &#tensor) -> #result<#tensor> {
            self.run(&h, x, false, #private::Output)
        }

        /// Computes what the block adds to `x`, `h·Σ bᵢkᵢ`, without forming the sum.
        ///
        /// # Errors
        /// As for [`step`](Self::step).
        pub fn increment(&self, x: &#tensor) -> #result<#tensor> {
            self.run(#coefficients, x, false, #private::Increment)
        }

        #step_with_error

        #member

        fn run(&self, h: &dyn #root::Coefficients, x: &#tensor, train: bool, output: #private::OutputKind) -> #result<#tensor> {
            let h = &h.of(#tableau)?;
            let mut f = self.stages.at(h, x, train, output)?;
            #stages
            f.finish(&[#weights])
        }
    }
}

/// The runtime's module for generated code, named after the version that compiler and runtime share.
pub(super) fn private(root: &TokenStream) -> TokenStream {
    let module = quote::format_ident!("__private{}", env!("CARGO_PKG_VERSION_PATCH"));
    quote!(#root::#module)
}

fn traits(name: &Ident, root: &TokenStream, held: &Held) -> TokenStream {
    let (tensor, result) = (quote!(#root::Tensor), quote!(#root::Result));
    let (private, coefficients, tableau) = (private(root), held.reference(), held.tableau());
    quote! {
        impl<F: #root::ModuleT> #root::ModuleT for #name<F> {
            fn forward_t(&self, x: &#tensor, train: bool) -> #result<#tensor> {
                self.run(#coefficients, x, train, #private::wanted(self))
            }
        }

        impl<F: #root::ModuleT> #root::Block for #name<F> {
            fn tableau(&self) -> #root::Tableau {
                #tableau
            }

            fn coefficients(&self) -> &dyn #root::Coefficients {
                #coefficients
            }

            fn step_t(&self, h: &dyn #root::Coefficients, x: &#tensor, train: bool) -> #result<#tensor> {
                self.run(h, x, train, #private::Output)
            }

            fn increment_t(&self, h: &dyn #root::Coefficients, x: &#tensor, train: bool) -> #result<#tensor> {
                self.run(h, x, train, #private::Increment)
            }
        }
    }
}
