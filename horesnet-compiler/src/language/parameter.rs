//! The parameters of families, with their values.

use crate::language::diagnostic::Span;
use crate::number::Number;
use crate::number::interval::Interval;

/// A free parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// The name in the file.
    pub name: String,
    /// The value at which commands use the family.
    pub default: Number,
    /// The values that the parameter may have.
    pub interval: Interval,
    pub(crate) span: Span,
}
