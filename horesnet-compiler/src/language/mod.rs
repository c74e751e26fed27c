//! Reads tableau files: text to document to exact tableau, with every error at its line and column.
//! One model keeps spans (`document`), the other does not (`tableau`); the crossing happens once.
//! Knows `number` only, and must not know how orders are proven or code is generated.

mod angle;
pub(crate) mod coefficients;
pub mod diagnostic;
pub mod document;
pub(crate) mod evaluate;
pub mod family;
mod header;
pub mod limits;
mod parameter;
mod symbolic;
pub(crate) mod syntax;
pub mod tableau;
mod typos;
