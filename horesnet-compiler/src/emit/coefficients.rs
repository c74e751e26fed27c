//! The coefficients of a generated type: their field, constructor argument and methods.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::numbers;
use crate::CoefficientSpec;

/// The parts of a generated type that depend on its coefficients.
#[expect(clippy::struct_excessive_bools, reason = "independent marks")]
pub(super) struct Held {
    /// The type of the field; `None` for a constant.
    kind: Option<TokenStream>,
    /// The expression for its value, which may use the constructor's last argument.
    value: TokenStream,
    argument: Option<(TokenStream, &'static str)>,
    /// True if the expression can fail.
    fallible: bool,
    /// True if stages may have separate residual functions.
    separate: bool,
    /// True if the type has a method that returns a reference to its coefficients.
    lends: bool,
    /// True if each block has a tableau of its own, a member of a family.
    pub(super) has_tableau: bool,
    methods: TokenStream,
}

impl Held {
    /// The coefficients of a block, of a family or not.
    pub(super) fn new(coefficients: CoefficientSpec, is_family: bool, root: &TokenStream) -> Self {
        // Learned entries belong to one tableau.
        let has_variables = matches!(
            coefficients,
            CoefficientSpec::LearnedParams | CoefficientSpec::LearnedAll { .. }
        );
        Self {
            has_tableau: is_family && !has_variables,
            ..Self::of(coefficients, root)
        }
    }

    fn of(coefficients: CoefficientSpec, root: &TokenStream) -> Self {
        let decaying = |rate, initial| {
            let (rate, initial) = (numbers::float(rate), numbers::float(initial));
            quote!(#root::Decaying::new(#rate).with_initial(#initial))
        };
        let learned = || {
            let builder = quote!(vb: #root::candle_nn::VarBuilder);
            Some((
                builder,
                "`vb` creates the variable of the learned coefficients.",
            ))
        };
        let plain = Self {
            kind: None,
            value: TokenStream::new(),
            argument: None,
            fallible: false,
            separate: true,
            lends: false,
            has_tableau: false,
            methods: TokenStream::new(),
        };
        match coefficients {
            CoefficientSpec::Fixed { .. } => Self {
                methods: quote! {
                    /// The step size of the block as a module.
                    pub fn h(&self) -> f64 {
                        Self::H
                    }
                },
                ..plain
            },
            CoefficientSpec::Decaying { rate, initial } => Self {
                kind: Some(quote!(#root::Decaying)),
                value: decaying(rate, initial),
                methods: along_depth(),
                ..plain
            },
            CoefficientSpec::Annealed { rate, initial } => {
                let decaying = decaying(rate, initial);
                Self {
                    kind: Some(quote!(#root::Annealed)),
                    value: quote!(#decaying.over(clock)),
                    argument: Some((
                        quote!(clock: &#root::Clock),
                        "The step size decays with `clock`, which training sets.",
                    )),
                    methods: quote! {
                        /// The step size of the block as a module, at the clock's current time.
                        pub fn h(&self) -> f64 {
                            self.coefficients.h()
                        }
                    },
                    ..plain
                }
            }
            CoefficientSpec::Learned { initial } => {
                let initial = numbers::float(initial);
                Self {
                    kind: Some(quote!(#root::Learned)),
                    value: quote!(#root::Learned::new(#initial, vb)?),
                    argument: learned(),
                    fallible: true,
                    lends: true,
                    ..plain
                }
            }
            CoefficientSpec::LearnedParams => Self {
                kind: Some(quote!(#root::Learned)),
                value: quote!(#root::Learned::params(Self::TABLEAU, vb)?),
                argument: learned(),
                fallible: true,
                lends: true,
                ..plain
            },
            CoefficientSpec::LearnedAll { projected } => {
                let projected = projected.then(|| quote!(.projected()));
                Self {
                    kind: Some(quote!(#root::Learned)),
                    value: quote!(#root::Learned::all(Self::TABLEAU, vb)? #projected),
                    argument: learned(),
                    fallible: true,
                    lends: true,
                    ..plain
                }
            }
            CoefficientSpec::Adaptive { tolerance, batch } => {
                let tolerance = numbers::float(tolerance);
                let batch = batch.then(|| quote!(.per_batch()));
                Self {
                    kind: Some(quote!(#root::Adaptive)),
                    value: quote!(#root::Adaptive::new(#tolerance) #batch),
                    separate: false,
                    lends: true,
                    ..plain
                }
            }
        }
    }

    /// The fields of the struct.
    pub(super) fn fields(&self, root: &TokenStream) -> TokenStream {
        let tableau = self.has_tableau.then(|| quote!(tableau: #root::Tableau,));
        let kind = self.kind.as_ref().map(|kind| quote!(coefficients: #kind,));
        quote!(#tableau #kind)
    }

    /// The tableau of the block.
    pub(super) fn tableau(&self) -> TokenStream {
        if self.has_tableau {
            quote!(self.tableau)
        } else {
            quote!(Self::TABLEAU)
        }
    }

    /// A reference to the coefficients.
    pub(super) fn reference(&self) -> TokenStream {
        if self.kind.is_some() {
            quote!(&self.coefficients)
        } else {
            quote!(&Self::H)
        }
    }

    /// The last argument of a constructor, and its return type.
    pub(super) fn signature(&self, root: &TokenStream) -> (TokenStream, TokenStream) {
        let argument = self.argument.iter().map(|(argument, _)| argument);
        let result = if self.fallible {
            quote!(#root::Result<Self>)
        } else {
            quote!(Self)
        };
        (quote!(#(, #argument)*), result)
    }

    /// The type that the method `coefficients` returns a reference to, if the block has this method.
    pub(super) fn lent(&self) -> Option<&TokenStream> {
        self.lends.then_some(self.kind.as_ref()).flatten()
    }

    /// The constructors of a block with `stages` stages, and the methods that its coefficients add.
    pub(super) fn constructors(&self, root: &TokenStream, stages: &Literal) -> TokenStream {
        let value = &self.value;
        let tableau = self.has_tableau.then(|| quote!(, tableau: Self::TABLEAU));
        let coefficients = self.kind.is_some().then(|| quote!(, coefficients: #value));
        let private = super::rust::private(root);
        let (argument, result) = self.signature(root);
        let about = self.argument.as_ref().map(|(_, about)| {
            let about = format!(" {about}");
            quote!(#[doc = #about])
        });
        let made = |stages: TokenStream| quote!(Self { stages: #stages #tableau #coefficients });
        let (separate, shared, failing) = (
            made(quote!(#private::Stages::Separate(stages))),
            made(quote!(#private::Stages::Shared(f))),
            self.fallible.then(|| {
                quote! {
                    ///
                    /// # Errors
                    /// Errors of `vb`.
                }
            }),
        );
        let built = made(quote!(#private::Stages::build(make)?));
        let wrapped = |value: TokenStream| {
            if self.fallible {
                quote!(::core::result::Result::Ok(#value))
            } else {
                value
            }
        };
        let (separate, shared) = (wrapped(separate), wrapped(shared));
        let new = self.separate.then(|| {
            quote! {
                /// A block with a residual function for each stage.
                #about
                #failing
                pub fn new(stages: [F; #stages] #argument) -> #result {
                    #separate
                }
            }
        });
        let build = self.separate.then(|| {
            quote! {
                /// A block with residual functions made by `make`, which is called with each stage's number, counted from 0.
                #about
                ///
                /// # Errors
                /// The first error of `make`.
                pub fn build(make: impl ::core::ops::FnMut(usize) -> #root::Result<F> #argument) -> #root::Result<Self> {
                    ::core::result::Result::Ok(#built)
                }
            }
        });
        let methods = &self.methods;
        let lending = self.lent().map(|kind| {
            quote! {
                /// The coefficients of the block as a module.
                pub fn coefficients(&self) -> &#kind {
                    &self.coefficients
                }
            }
        });
        quote! {
            #new

            /// A block with one residual function for all stages: a step of the differential equation `x′ = f(x)`.
            #about
            #failing
            pub fn shared(f: F #argument) -> #result {
                #shared
            }

            #build

            #methods
            #lending
        }
    }
}

fn along_depth() -> TokenStream {
    quote! {
        /// Sets the depth, counted in blocks from the input of the network.
        pub fn at_depth(self, depth: usize) -> Self {
            Self { coefficients: self.coefficients.at_depth(depth), ..self }
        }

        /// Sets the step size at depth 0.
        pub fn with_initial(self, initial: f64) -> Self {
            Self { coefficients: self.coefficients.with_initial(initial), ..self }
        }

        /// The step size of the block as a module: the step size at depth 0 times `rate^depth`.
        pub fn h(&self) -> f64 {
            self.coefficients.h()
        }
    }
}
