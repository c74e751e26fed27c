//! The compiler behind HoresNet: `.tab` text to proof, plan and code.
//!
//! Data flows one way: text, [`document`], [`tableau`], verdict of its [`order`], [`plan`], [`emit`]ted tokens.

pub mod analysis;
mod check;
pub mod design;
pub mod emit;
mod language;
pub mod library;
pub mod notation;
pub mod number;
pub mod plan;
mod proof;
pub mod repair;
pub mod report;

pub use check::{
    Checked, Scheme, Unproven, check, check_document, compile, compile_at, fill, prove,
    prove_claims, prove_document, repair, rounded,
};
pub use language::coefficients::CoefficientSpec;
pub use language::syntax::parse;
pub use language::{diagnostic, document, family, limits, tableau};
pub use number::radical;
pub use proof::{order, tree};
