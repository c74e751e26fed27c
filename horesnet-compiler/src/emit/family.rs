//! The parameters of a generated block, and its entries as functions of them.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::numbers;
use crate::language::family::Parameter;
use crate::number::interval::Bound;
use crate::number::multivariate::Multivariate;
use crate::plan::{Function, Functions};

/// `.with_family(…)`, which makes a tableau the member of a family.
pub(super) fn tokens(functions: &Functions, root: &TokenStream) -> TokenStream {
    let parameters = functions.parameters.iter().map(|parameter| {
        let name = &parameter.name;
        let default = numbers::float(parameter.default.to_f64());
        let [low, high] =
            [&parameter.interval.low, &parameter.interval.high].map(|end| bound(end.as_ref()));
        quote!(#root::family::Parameter::new(#name, #default, #low, #high))
    });
    let count = functions.parameters.len();
    let [entries, estimate] = [&functions.entries, &functions.estimate].map(|all| {
        let entries = all.iter().map(|function| entry(function, count, root));
        quote!(&[#(#entries),*])
    });
    quote!(.with_family(&[#(#parameters),*], #entries, #estimate))
}

/// The method that chooses a member.
pub(super) fn member(functions: &Functions, root: &TokenStream) -> TokenStream {
    let parameters = functions.parameters.iter().map(|parameter| {
        let Parameter { name, interval, .. } = parameter;
        format!("`{name}` in `{interval}`")
    });
    let parameters = parameters.collect::<Vec<_>>().join(", ");
    let about = format!(" Chooses the member of the family at these values: {parameters}.");
    let count = Literal::usize_unsuffixed(functions.parameters.len());
    quote! {
        #[doc = #about]
        ///
        /// It has at least the order that is proven for the family. Its numbers are kept until the process ends.
        ///
        /// # Errors
        /// A value outside its interval; entries beyond `f64`.
        pub fn at(self, values: [f64; #count]) -> #root::Result<Self> {
            let tableau = Self::TABLEAU.at(&values)?;
            ::core::result::Result::Ok(Self { tableau, ..self })
        }
    }
}

fn bound(end: Option<&Bound>) -> TokenStream {
    let Some(Bound { value, closed }) = end else {
        return quote!(::core::ops::Bound::Unbounded);
    };
    let value = numbers::float(value.to_f64());
    if *closed {
        quote!(::core::ops::Bound::Included(#value))
    } else {
        quote!(::core::ops::Bound::Excluded(#value))
    }
}

fn entry(function: &Function, parameters: usize, root: &TokenStream) -> TokenStream {
    let [row, column] = [function.row, function.column].map(Literal::usize_unsuffixed);
    let numerator = polynomial(function.value.numerator(), parameters);
    let factors = function.value.factors().iter().map(|(factor, times)| {
        let (factor, times) = (
            polynomial(factor, parameters),
            Literal::u32_unsuffixed(*times),
        );
        quote!((#factor, #times))
    });
    quote!(#root::family::Entry::new(#row, #column, #numerator, &[#(#factors),*]))
}

fn polynomial(p: &Multivariate, parameters: usize) -> TokenStream {
    let terms = p.terms().map(|(exponents, c)| {
        let exponents = exponents.iter().take(parameters);
        let exponents = exponents.map(|power| Literal::u8_unsuffixed(*power));
        let c = numbers::float(c.to_f64());
        quote!((#c, &[#(#exponents),*]))
    });
    quote!(&[#(#terms),*])
}
