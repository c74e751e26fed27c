//! The compiled part of the Python package `horesnet`: texts in, texts and JSON out.
//!
//! `python/horesnet` turns arguments into texts, and JSON into Python's objects; this crate reads, proves and writes.

mod answer;
mod source;
mod work;

use horesnet_compiler::library::{self, Bundled};
use horesnet_compiler::{limits, notation};
use pyo3::create_exception;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

create_exception!(
    horesnet,
    HoresNetError,
    PyValueError,
    "A scheme was refused: the message says what is wrong, where, and what to do."
);

/// The names of the bundled schemes, explicit ones first, each with its title and its names in other programs.
#[pyfunction]
fn schemes() -> Vec<(&'static str, Vec<&'static str>)> {
    let schemes = library::all().iter().chain(library::implicit());
    let other_names = |scheme: &Bundled| scheme.names().skip(1).collect();
    schemes
        .map(|scheme| (scheme.name, other_names(scheme)))
        .collect()
}

/// The names that `convert` takes.
#[pyfunction]
fn notations() -> Vec<&'static str> {
    let notations = notation::ALL.iter().map(|notation| notation.name);
    let outputs = notation::OUTPUTS.iter().map(|output| output.name);
    notations.chain(outputs).collect()
}

#[pymodule(gil_used = false)]
fn _horesnet(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("HoresNetError", module.py().get_type::<HoresNetError>())?;
    module.add("STAGES", limits::STAGES)?;
    module.add("DIGITS", limits::DIGITS)?;
    module.add_class::<answer::Source>()?;
    module.add_function(wrap_pyfunction!(schemes, module)?)?;
    module.add_function(wrap_pyfunction!(notations, module)?)
}
