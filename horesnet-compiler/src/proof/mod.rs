//! Proves orders: rooted trees, their weights in any arithmetic, and the verdict of every row of weights.
//! Exact coefficients are proven modulo primes, rounded ones weighed against what their errors can do.
//! Must not know how a tableau was written, repaired or turned into code.

pub(crate) mod barriers;
pub(crate) mod claims;
pub(crate) mod elementary;
pub(crate) mod exact;
mod explain;
pub(crate) mod family;
mod growth;
mod nonautonomous;
pub mod order;
pub(crate) mod rounded;
pub(crate) mod search;
pub(crate) mod support;
pub(crate) mod theories;
pub mod tree;
pub(crate) mod walk;
