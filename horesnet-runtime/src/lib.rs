//! The runtime of generated blocks: stages, combinations, coefficients, nesting, fast layers, and their gradients.
//!
//! Users depend on `horesnet`, which re-exports this crate. Generated code names this crate through `$crate`, so a
//! renamed dependency works.

// Code that is compiled for several instruction sets (see `dispatch`) has to be inlined into the function that names the set.
#![allow(clippy::inline_always)]

pub use candle_core;
pub use candle_core::{Result, Tensor};
pub use candle_nn;
pub use candle_nn::ModuleT;
#[doc(hidden)]
pub use horesnet_macros as __macros;

mod autograd;
mod block;
mod coefficients;
mod combine;
pub mod gpu;
pub mod layers;

pub use autograd::{Coefficient, Operand, backward, combine, weighted_sum};
pub use block::{
    Block, Grid, Increment, Interpolated, OutputKind, Stages, is_statistic, wants_increment,
};
pub use coefficients::{
    Adaptive, Annealed, Clock, Coefficients, Control, Decaying, Learned, Step, Tableau,
};

/// Turns a Butcher tableau into a residual block, after proving that its order is the one it claims.
///
/// # Which tableau
///
/// - `ho_block!(rk4)`: `tableaux/rk4.tab` of the calling crate, or the bundled scheme; it is an error if both exist.
/// - `ho_block!(bundled::rk4)`: the bundled scheme.
/// - `ho_block!("schemes/mine.tab")`: a file, its path relative to the calling crate's `Cargo.toml`.
/// - `ho_block!(pub(crate) struct Mine = …)`: any of these, with a visibility and a name. Without it the type is `pub` and
///   named after the scheme: `rk4_38` gives `Rk438`.
///
/// The crate is rebuilt when the file changes.
///
/// # Coefficients
///
/// Stages are multiplied by `h·a_ij` and `h·b_i`; `coefficients = …` sets how these behave:
///
/// - `fixed(h)`: a constant, 1 by default.
/// - `decaying(rate)`, `decaying(rate, h0)`: `h₀·rate^l` for the block at depth `l`, which `at_depth(l)` sets
///   ([`Decaying`]).
/// - `decaying(rate, epochs)`, `decaying(rate, h0, epochs)`: `h₀·rate^t` after `t` epochs of training. Constructors take
///   the [`Clock`] that training sets, last ([`Annealed`]).
/// - `learned`, `learned(h0)`: `h` is a variable of the block, initially 1 or `h₀`. Constructors take a `VarBuilder`, last,
///   and return a `Result` ([`Learned`]).
/// - `learned(all)`: every coefficient is a variable, initially that of the tableau; `learned(all, projected)` keeps the sum
///   of the weights at 1.
/// - `adaptive(tolerance)`: scales the increment down where the error estimate exceeds the tolerance, per sample, or with
///   `adaptive(tolerance, batch)` per batch ([`Adaptive`]). Only `shared` is available, because the estimate has no meaning
///   for separate functions. The scheme needs embedded weights.
///
/// [`Block`] accepts any of these for any generated type.
///
/// # Generated type
///
/// A type `Rk4<F>` for residual functions `F: ModuleT` (closures `Fn(&Tensor) -> Result<Tensor>` are) with
///
/// - constants `NAME`, `ORDER`, `STAGES`, `A`, `B`, `C`, `TABLEAU` that need no bound on `F`: `Rk4::<()>::ORDER`;
/// - `new([F; STAGES])` with a residual function for each stage, `build(|stage| …)` which makes them one by one and
///   may fail, and `shared(f)` with one for all stages;
/// - `step(h, x)`, `increment(x)`, and `step_with_error(h, x)` for schemes with embedded weights;
/// - the traits [`ModuleT`] and [`Block`].
///
/// As the residual function of another block, a block contributes its increment: `Rk4<Midpoint<F>>`. In a wrapper of yours
/// or a `Box<dyn ModuleT>`, it contributes its output; [`Increment`] makes it contribute its increment there.
///
/// # Errors
///
/// A tableau that cannot be read, or whose claim is false, or that is implicit, is an error of compilation that shows its
/// line, and the first condition that fails.
///
/// # Example
///
/// A small residual network: two RK4 blocks of separate stages, the second with half the step.
///
/// ```
/// # use horesnet_runtime as horesnet;
/// use horesnet::candle_core::{DType, Device};
/// use horesnet::candle_nn::{VarBuilder, VarMap, linear, seq, Activation, Sequential};
/// use horesnet::{ModuleT, Result, Tensor, ho_block};
///
/// ho_block!(rk4, coefficients = decaying(1/2));
///
/// /// Two linear layers around a ReLU.
/// struct Residual(Sequential);
///
/// impl Residual {
///     fn new(vb: VarBuilder) -> Result<Self> {
///         Ok(Self(seq().add(linear(8, 16, vb.pp("0"))?).add(Activation::Relu).add(linear(16, 8, vb.pp("1"))?)))
///     }
/// }
///
/// impl ModuleT for Residual {
///     fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
///         self.0.forward_t(xs, train)
///     }
/// }
///
/// # fn main() -> Result<()> {
/// let variables = VarMap::new();
/// let vb = VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu);
/// let first = Rk4::build(|stage| Residual::new(vb.pp(format!("first.{stage}"))))?.at_depth(0);
/// let second = Rk4::build(|stage| Residual::new(vb.pp(format!("second.{stage}"))))?.at_depth(1);
/// assert_eq!((first.h(), second.h()), (1.0, 0.5));
///
/// let xs = Tensor::zeros((3, 8), DType::F32, &Device::Cpu)?; // [batch, features]
/// let ys = second.forward_t(&first.forward_t(&xs, true)?, true)?;
/// assert_eq!(ys.dims(), [3, 8]);
/// ys.sqr()?.sum_all()?.backward()?;
/// # Ok(())
/// # }
/// ```
#[macro_export]
macro_rules! ho_block {
    () => {
        ::core::compile_error! { "expected the name of a scheme, as in `ho_block!(rk4)`, or the path of a tableau" }
    };
    ($($input:tt)*) => { $crate::__macros::ho_block! { [$crate] $($input)* } };
}

/// Calls `callback! { (euler, Euler), (rk4, Rk4), … }` with every bundled scheme: its name, and that of its type.
///
/// # Example
///
/// ```
/// # use horesnet_runtime as horesnet;
/// use horesnet::{for_each_scheme, ho_block};
///
/// macro_rules! orders {
///     ($(($name:ident, $type:ident)),*) => {
///         $(ho_block!($name);)*
///
///         const ORDERS: &[(&str, usize)] = &[$((stringify!($name), $type::<()>::ORDER)),*];
///     };
/// }
/// for_each_scheme!(orders);
///
/// assert!(ORDERS.contains(&("verner8", 8)));
/// ```
#[macro_export]
macro_rules! for_each_scheme {
    ($callback:ident) => {
        $crate::__macros::for_each_scheme! { $callback }
    };
}
