//! The stub for a refused scheme: one error per problem, and a type that causes no follow-up errors.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::Target;
use super::coefficients::Held;
use crate::CoefficientSpec;

/// Emits errors with the given messages, and a stand-in for the type with these coefficients.
#[must_use]
pub fn refused(target: &Target, coefficients: CoefficientSpec, messages: &[String]) -> TokenStream {
    let Target {
        visibility,
        name,
        root,
        ..
    } = target;
    let (tensor, result) = (
        quote!(#root::candle_core::Tensor),
        quote!(#root::candle_core::Result),
    );
    let held = Held::new(coefficients, false, root);
    let (argument, made) = held.signature(root);
    let lending = held.lent().map(|kind| {
        quote! {
            pub fn coefficients(&self) -> &#kind {
                match self.never {}
            }
        }
    });
    let zero = Literal::usize_unsuffixed(0);
    let most = Literal::usize_unsuffixed(crate::language::limits::STAGES);
    quote! {
        #(::core::compile_error!(#messages);)*

        /// Stands in for a scheme that was refused.
        #[derive(::core::clone::Clone, ::core::fmt::Debug)]
        #visibility struct #name<F> {
            never: ::core::convert::Infallible,
            stages: ::core::marker::PhantomData<F>,
        }

        #[allow(dead_code, missing_docs, unused_variables, unconditional_recursion)]
        impl<F> #name<F> {
            pub const NAME: &'static str = "";
            pub const ORDER: usize = #zero;
            pub const STAGES: usize = #zero;
            pub const H: f64 = 1.0;
            // As large as a tableau can be, so that no index causes a second error.
            pub const A: [[f64; #most]; #most] = [[0.0; #most]; #most];
            pub const B: [f64; #most] = [0.0; #most];
            pub const C: [f64; #most] = [0.0; #most];
            pub const A_ESTIMATE: [[f64; #most]; #most] = [[0.0; #most]; #most];
            pub const B_ESTIMATE: [f64; #most] = [0.0; #most];

            pub fn new<const N: usize>(stages: [F; N] #argument) -> #made {
                ::core::unreachable!()
            }

            pub fn shared(f: F #argument) -> #made {
                ::core::unreachable!()
            }

            pub fn build(make: impl ::core::ops::FnMut(usize) -> #result<F> #argument) -> #result<Self> {
                ::core::unreachable!()
            }

            pub fn at_depth(self, depth: usize) -> Self {
                self
            }

            pub fn with_initial(self, initial: f64) -> Self {
                self
            }

            pub fn h(&self) -> f64 {
                match self.never {}
            }

            pub fn at<const N: usize>(self, values: [f64; N]) -> #result<Self> {
                match self.never {}
            }

            #lending

            pub fn step(&self, h: f64, x: &#tensor) -> #result<#tensor> {
                match self.never {}
            }

            pub fn step_with_error(&self, h: f64, x: &#tensor) -> #result<(#tensor, #tensor)> {
                match self.never {}
            }

            pub fn increment(&self, x: &#tensor) -> #result<#tensor> {
                match self.never {}
            }
        }

        impl<F: #root::ModuleT> #root::ModuleT for #name<F> {
            fn forward_t(&self, _: &#tensor, _: bool) -> #result<#tensor> {
                match self.never {}
            }
        }

        impl<F: #root::ModuleT> #root::Block for #name<F> {
            fn tableau(&self) -> #root::Tableau {
                match self.never {}
            }

            fn coefficients(&self) -> &dyn #root::Coefficients {
                match self.never {}
            }

            fn step_t(&self, _: &dyn #root::Coefficients, _: &#tensor, _: bool) -> #result<#tensor> {
                match self.never {}
            }

            fn increment_t(&self, _: &dyn #root::Coefficients, _: &#tensor, _: bool) -> #result<#tensor> {
                match self.never {}
            }
        }
    }
}
