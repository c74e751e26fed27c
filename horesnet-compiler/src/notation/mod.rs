//! Readers and writers of tableaux in JSON, LaTeX, Julia, Python and the tableau language.
//! Reading makes a [`Document`] with spans in the text that was read; writing takes a [`PrintedTableau`].
//! Must not know proofs, analysis, plans or generated code.

mod builder;
mod field;
mod frameworks;
mod json;
mod latex;
mod printed;
mod script;
mod tab;
mod value;
mod write;

pub use frameworks::{OUTPUTS, Output, PYTORCH_BLOCK};
pub use printed::{PrintedNumber, PrintedTableau};
pub use tab::format;

use crate::language::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::language::document::Document;
use crate::language::limits;

/// A text format for tableaux.
#[derive(Debug)]
pub struct Notation {
    /// The name on the command line.
    pub name: &'static str,
    /// The extension of its files, without the dot.
    pub extension: &'static str,
    resembles: fn(&str) -> bool,
    read: fn(&str) -> Result<Document, Diagnostic>,
    write: fn(&PrintedTableau) -> Result<String, Diagnostic>,
}

/// All notations, in the order in which [`detect`] tries them.
pub static ALL: &[Notation] = &[
    json::NOTATION,
    latex::NOTATION,
    tab::NOTATION,
    script::JULIA,
    script::PYTHON,
];

impl Notation {
    /// Reads a text.
    ///
    /// # Errors
    /// Unsupported syntax, entries without a value, rows of the wrong length, numbers past the [`limits`].
    ///
    /// # Example
    /// ```
    /// use horesnet_compiler::notation;
    ///
    /// let json = r#"{"A": [[], [0.5]], "b": [0, 1], "order": 2}"#;
    /// let tableau = notation::detect(json).read(json).unwrap();
    /// let tab = notation::find("tab").unwrap().write(&tableau).unwrap();
    /// assert_eq!(tab, "0       |\n1/2     | 0.5\n--------+-------\norder 2 | 0    1\n");
    /// ```
    pub fn read(&self, text: &str) -> Result<PrintedTableau, Diagnostics> {
        if text.len() > limits::TEXT {
            let what = limits::too_long(text.len() as u64);
            return Err(vec![Diagnostic::whole_file(format!("the file {what}"))]);
        }
        // Languages differ in whether it ends a comment or a string.
        if let Some(at) = limits::lone_return(text) {
            let problem = Diagnostic::at(Span::new(at, at), "carriage return without a line feed");
            return Err(vec![problem.help("end lines with LF, or with CR and LF")]);
        }
        PrintedTableau::new(&(self.read)(text).map_err(|problem| vec![problem])?)
    }

    /// Writes a tableau so that [`read`](Self::read) accepts the result.
    ///
    /// # Errors
    /// A result that is past the [`limits`].
    pub fn write(&self, tableau: &PrintedTableau) -> Result<String, Diagnostic> {
        let written = (self.write)(tableau).and_then(|text| match self.read(&text) {
            Ok(_) => Ok(text),
            Err(problems) => Err(problems.into_iter().next().unwrap_or_default()),
        });
        written.map_err(|why| cannot_write(self.name, &why))
    }
}

fn cannot_write(name: &str, why: &Diagnostic) -> Diagnostic {
    let headline = format!("cannot write this tableau as {name}");
    let lines = std::iter::once(why.headline()).chain(why.remarks());
    lines.fold(Diagnostic::whole_file(headline), Diagnostic::note)
}

/// Finds a notation by name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Notation> {
    ALL.iter().find(|notation| notation.name == name)
}

/// Finds a notation by the extension of its files.
#[must_use]
pub fn by_extension(extension: &str) -> Option<&'static Notation> {
    ALL.iter().find(|notation| notation.extension == extension)
}

/// Guesses the notation of a text: the first of [`ALL`] that it resembles, otherwise the tableau language.
#[must_use]
pub fn detect(text: &str) -> &'static Notation {
    let notation = ALL.iter().find(|notation| (notation.resembles)(text));
    notation.unwrap_or(&tab::NOTATION)
}
