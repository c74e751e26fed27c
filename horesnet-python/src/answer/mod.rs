//! Answers to the calls of Python, as texts and JSON, equal to those of the program `horesnet`.

mod convert;
mod repair;
mod show;

use std::path::PathBuf;
use std::sync::Arc;

use horesnet_compiler::check_document;
use horesnet_compiler::report::CheckReport;
use pyo3::prelude::*;
use serde_json::{Value, json};

use crate::source::SchemeText;
use crate::work;

/// A scheme that was read.
#[pyclass(frozen, module = "horesnet._horesnet")]
pub(crate) struct Source(Arc<SchemeText>);

#[pymethods]
impl Source {
    /// Reads the bundled scheme with this name, title or alias.
    #[staticmethod]
    #[pyo3(signature = (name, rounded=None))]
    fn bundled(py: Python<'_>, name: String, rounded: Option<String>) -> PyResult<Self> {
        Self::new(py, move || SchemeText::bundled(&name, rounded.as_deref()))
    }

    /// Reads a text in the notation that it resembles.
    #[staticmethod]
    #[pyo3(signature = (text, rounded=None))]
    fn text(py: Python<'_>, text: String, rounded: Option<String>) -> PyResult<Self> {
        Self::new(py, move || SchemeText::text(text, rounded.as_deref()))
    }

    /// Reads the tableau file that was written for arrays.
    #[staticmethod]
    #[pyo3(signature = (text, rounded=None))]
    fn arrays(py: Python<'_>, text: String, rounded: Option<String>) -> PyResult<Self> {
        Self::new(py, move || SchemeText::arrays(text, rounded.as_deref()))
    }

    /// Reads a file.
    #[staticmethod]
    #[pyo3(signature = (path, rounded=None))]
    fn file(py: Python<'_>, path: PathBuf, rounded: Option<String>) -> PyResult<Self> {
        Self::new(py, move || SchemeText::file(&path, rounded.as_deref()))
    }

    /// The object of `horesnet check --json`, with the text of the verdict.
    fn check(&self, py: Python<'_>) -> PyResult<String> {
        self.answer(py, check)
    }

    /// The object of `horesnet show --json`, with the tableau.
    fn show(&self, py: Python<'_>) -> PyResult<String> {
        self.answer(py, show::show)
    }

    /// The object of a repair, or `null` if every claim is true.
    fn repair(&self, py: Python<'_>) -> PyResult<String> {
        self.answer(py, repair::repair)
    }

    /// The text in another notation or for a framework, and notes.
    fn convert(&self, py: Python<'_>, to: String) -> PyResult<(String, Vec<String>)> {
        let scheme = Arc::clone(&self.0);
        work::run(py, move || convert::convert(&scheme, &to))
    }
}

impl Source {
    fn new(
        py: Python<'_>,
        read: impl FnOnce() -> Result<SchemeText, String> + Send + 'static,
    ) -> PyResult<Self> {
        Ok(Self(Arc::new(work::run(py, read)?)))
    }

    fn answer(
        &self,
        py: Python<'_>,
        answer: fn(&SchemeText) -> Result<Value, String>,
    ) -> PyResult<String> {
        let scheme = Arc::clone(&self.0);
        work::run(py, move || Ok(answer(&scheme)?.to_string()))
    }
}

fn check(scheme: &SchemeText) -> Result<Value, String> {
    let result = check_document(&scheme.text, scheme.scheme.document.clone(), None);
    let report = CheckReport {
        name: &scheme.name,
        text: &scheme.text,
        notes: scheme.scheme.remarks(),
        bound: None,
        result: &result,
    };
    if let Err(problems) = &result {
        return Err(scheme.refuse(problems));
    }
    let mut object = report.json();
    object["text"] = json!(report.text().trim_end());
    Ok(object)
}
