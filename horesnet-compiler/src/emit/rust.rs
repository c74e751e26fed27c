//! The generated type: constants, constructors, and the step written out.
//!
//! The arithmetic lives in the runtime; the code says which combinations, with which constants, in which order.

use proc_macro2::{Ident, Literal, TokenStream};

use super::hygienic::hygienic;

use super::{describe, numbers, steps};
use crate::number::Number;
use crate::{Coefficients, Scheme};

/// What to call the generated type, and where it finds the runtime.
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

/// The type for a scheme.
#[must_use]
pub fn block(scheme: &Scheme, target: &Target, coefficients: Coefficients) -> TokenStream {
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
    let (field, at_construction) = match coefficients {
        Coefficients::Fixed { .. } => (TokenStream::new(), TokenStream::new()),
        Coefficients::Decaying { rate, initial } => {
            let (rate, initial) = (numbers::float(rate), numbers::float(initial));
            (
                hygienic!(coefficients: #root::Decaying,),
                hygienic!(, coefficients: #root::Decaying::new(#rate).with_initial(#initial)),
            )
        }
    };
    let constants = constants(scheme, coefficients);
    let constructors = constructors(root, &stages, &at_construction, coefficients);
    let methods = methods(scheme, root);
    let traits = traits(name, root);
    hygienic! {
        #(#[doc = #documentation])*
        #[allow(unreachable_pub)]
        #[derive(::core::clone::Clone, ::core::fmt::Debug)]
        #visibility struct #name<F> {
            stages: #root::Stages<F, #stages>,
            #field
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

fn constants(scheme: &Scheme, coefficients: Coefficients) -> TokenStream {
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
        Coefficients::Fixed { h } => {
            let h = numbers::float(h);
            hygienic! {
                /// The step size of the block as a module.
                pub const H: f64 = #h;
            }
        }
        Coefficients::Decaying { .. } => TokenStream::new(),
    };
    let estimate = estimate_constants(scheme);
    hygienic! {
        /// The scheme's name.
        pub const NAME: &'static str = #name;
        /// The order, as proven when this code was generated.
        pub const ORDER: usize = #order;
        /// The stages that matter for the propagated weights: the number of residual functions.
        pub const STAGES: usize = #stages;
        #h
        #(#[doc = #about_a])*
        pub const A: [[f64; #stages]; #stages] = [#(#a),*];
        #[doc = #exact_b]
        pub const B: [f64; #stages] = #b;
        /// The nodes.
        pub const C: [f64; #stages] = #c;
        #estimate
    }
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
        hygienic! {
            /// The rows of the matrix for the further stages that the estimate of the error needs.
            pub const A_ESTIMATE: [[f64; #all]; #extra] = [#(#rows),*];
        }
    };
    hygienic! {
        #extra_rows
        /// The weights of the estimate of the error: propagated less embedded.
        pub const B_ESTIMATE: [f64; #all] = #weights;
    }
}

fn constructors(
    root: &TokenStream,
    stages: &Literal,
    rest: &TokenStream,
    coefficients: Coefficients,
) -> TokenStream {
    let h = match coefficients {
        Coefficients::Fixed { .. } => hygienic! {
            /// The step size of the block as a module.
            pub fn h(&self) -> f64 {
                Self::H
            }
        },
        Coefficients::Decaying { .. } => hygienic! {
            /// The same block at `depth`, counted in blocks from the input of the network.
            pub fn at_depth(self, depth: usize) -> Self {
                Self { coefficients: self.coefficients.at_depth(depth), ..self }
            }

            /// The same block with step size `initial` at depth 0.
            pub fn with_initial(self, initial: f64) -> Self {
                Self { coefficients: self.coefficients.with_initial(initial), ..self }
            }

            /// The step size of the block as a module: that at depth 0 times the rate to the power of the depth.
            pub fn h(&self) -> f64 {
                self.coefficients.h()
            }
        },
    };
    hygienic! {
        /// A block with a residual function for each stage.
        pub fn new(stages: [F; #stages]) -> Self {
            Self { stages: #root::Stages::Separate(stages) #rest }
        }

        /// A block with one residual function for all stages: a step for the differential equation `x′ = f(x)`.
        pub fn shared(f: F) -> Self {
            Self { stages: #root::Stages::Shared(f) #rest }
        }

        /// A block whose residual functions are made by `make`, called with each stage's number from 0.
        ///
        /// # Errors
        /// The first that `make` returns.
        pub fn build(make: impl ::core::ops::FnMut(usize) -> #root::Result<F>) -> #root::Result<Self> {
            ::core::result::Result::Ok(Self { stages: #root::Stages::build(make)? #rest })
        }

        #h
    }
}

fn methods(scheme: &Scheme, root: &TokenStream) -> TokenStream {
    let stages = steps::stages(&scheme.plan);
    let weights = steps::terms(&scheme.plan.weights, &hygienic!(b));
    let (tensor, result) = (hygienic!(#root::Tensor), hygienic!(#root::Result));
    let estimate = scheme.plan.estimate.as_ref().map(|estimate| {
        let stages = steps::all_stages(&scheme.plan);
        let weights_of_estimate = steps::terms(&estimate.weights, &hygienic!(b_estimate));
        hygienic! {
            /// One step of size `h` from `x`, and the estimate of its error; both have the shape of `x`.
            ///
            /// # Errors
            /// Those of the residual functions, and of a block with too few of them for the estimate.
            pub fn step_with_error(&self, h: f64, x: &#tensor) -> #result<(#tensor, #tensor)> {
                let train = false;
                let x = #root::Operand::new(x.clone())?;
                #stages
                let (b, b_estimate) = (Self::B, Self::B_ESTIMATE);
                let error = #root::weighted_sum(&#weights_of_estimate)?;
                ::core::result::Result::Ok((#root::combine(&x, &#weights)?, error))
            }
        }
    });
    hygienic! {
        /// One step of size `h` from `x`, of the same shape: `x + h·Σ bᵢkᵢ`.
        ///
        /// # Errors
        /// Those of the residual functions, and of results that have not the shape of `x`.
        pub fn step(&self, h: f64, x: &#tensor) -> #result<#tensor> {
            self.run(h, x, false, #root::Part::Output)
        }

        /// `h·Σ bᵢkᵢ`: what the block adds to `x`, without forming the sum.
        ///
        /// # Errors
        /// As for [`step`](Self::step).
        pub fn increment(&self, x: &#tensor) -> #result<#tensor> {
            self.run(self.h(), x, false, #root::Part::Increment)
        }

        #estimate

        fn run(&self, h: f64, x: &#tensor, train: bool, part: #root::Part) -> #result<#tensor> {
            let x = #root::Operand::new(x.clone())?;
            #stages
            let b = Self::B;
            part.of(&x, &#weights)
        }
    }
}

fn traits(name: &Ident, root: &TokenStream) -> TokenStream {
    let (tensor, result) = (hygienic!(#root::Tensor), hygienic!(#root::Result));
    hygienic! {
        impl<F: #root::ModuleT> #root::ModuleT for #name<F> {
            fn forward_t(&self, x: &#tensor, train: bool) -> #result<#tensor> {
                self.run(self.h(), x, train, #root::Part::wanted(self))
            }
        }

        impl<F: #root::ModuleT> #root::Block for #name<F> {
            fn name(&self) -> &'static str {
                Self::NAME
            }

            fn order(&self) -> usize {
                Self::ORDER
            }

            fn stages(&self) -> usize {
                Self::STAGES
            }

            fn h(&self) -> f64 {
                self.h()
            }

            fn step_t(&self, h: f64, x: &#tensor, train: bool) -> #result<#tensor> {
                self.run(h, x, train, #root::Part::Output)
            }

            fn increment_t(&self, h: f64, x: &#tensor, train: bool) -> #result<#tensor> {
                self.run(h, x, train, #root::Part::Increment)
            }
        }
    }
}
