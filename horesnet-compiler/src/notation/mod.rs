//! Other notations for tableaux: JSON, LaTeX, Julia, Python, and the tableau language itself.
//!
//! Reading makes a [`Document`] whose places are in the text that was read, so the same checks serve every notation and
//! point at it; writing takes a [`Sheet`]. A notation is one file and its line in [`ALL`].

mod array;
mod calls;
mod columns;
mod entries;
mod format;
mod formula;
mod json;
mod julia;
mod latex;
mod lines;
mod list;
mod math;
mod names;
mod parts;
mod program;
mod python;
mod reader;
mod scope;
mod script;
mod sheet;
mod spell;
mod tab;
mod tokens;

pub use format::format;
pub use sheet::{Coefficient, Sheet};

use crate::language::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::language::document::Document;
use crate::language::limits;

/// A way to write tableaux down.
#[derive(Debug)]
pub struct Notation {
    /// What it is called on the command line.
    pub name: &'static str,
    /// The ending of its files, without the point.
    pub extension: &'static str,
    resembles: fn(&str) -> bool,
    read: fn(&str) -> Result<Document, Diagnostic>,
    write: fn(&Sheet) -> Result<String, Diagnostic>,
}

/// Every notation; the first that a text resembles is the one it is read in, and the last is for texts like none.
pub static ALL: &[Notation] = &[
    json::NOTATION,
    latex::NOTATION,
    tab::NOTATION,
    julia::NOTATION,
    python::NOTATION,
];

impl Notation {
    /// Reads a text.
    ///
    /// # Errors
    /// What is not read, entries without a value, rows of the wrong length, numbers past the [`limits`].
    ///
    /// # Example
    /// ```
    /// use horesnet_compiler::notation;
    ///
    /// let json = r#"{"A": [[], [0.5]], "b": [0, 1], "order": 2}"#;
    /// let sheet = notation::detect(json).read(json).unwrap();
    /// let tab = notation::find("tab").unwrap().write(&sheet).unwrap();
    /// assert_eq!(tab, "0       |\n1/2     | 0.5\n--------+-------\norder 2 | 0    1\n");
    /// ```
    pub fn read(&self, text: &str) -> Result<Sheet, Diagnostics> {
        if text.len() > limits::TEXT {
            let what = limits::too_long(text.len() as u64);
            return Err(vec![Diagnostic::whole_file(format!("the file {what}"))]);
        }
        // Not every language goes on in a comment or a text behind it.
        if let Some(at) = limits::lone_return(text) {
            let span = Span { start: at, end: at };
            let headline = "this carriage return ends no line";
            return Err(vec![
                Diagnostic::at(span, headline).help("line ends are LF, or CR and LF together"),
            ]);
        }
        Sheet::new(&(self.read)(text).map_err(|problem| vec![problem])?)
    }

    /// Writes a tableau. What is returned can be read again.
    ///
    /// # Errors
    /// A result that could not be read again, since it would be past the [`limits`].
    pub fn write(&self, sheet: &Sheet) -> Result<String, Diagnostic> {
        let written = (self.write)(sheet).and_then(|text| match self.read(&text) {
            Ok(_) => Ok(text),
            // Nothing is refused without a problem.
            Err(problems) => Err(problems
                .into_iter()
                .next()
                .unwrap_or_else(|| Diagnostic::whole_file("it is not read"))),
        });
        written.map_err(|why| {
            let headline = format!("in the notation {} this cannot be written", self.name);
            let lines = std::iter::once(why.headline()).chain(why.remarks());
            lines.fold(Diagnostic::whole_file(headline), Diagnostic::note)
        })
    }
}

/// The notation of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Notation> {
    ALL.iter().find(|notation| notation.name == name)
}

/// The notation of files with this ending.
#[must_use]
pub fn by_extension(extension: &str) -> Option<&'static Notation> {
    ALL.iter().find(|notation| notation.extension == extension)
}

/// The notation that a text is most likely in.
#[must_use]
pub fn detect(text: &str) -> &'static Notation {
    let found = ALL.iter().find(|notation| (notation.resembles)(text));
    found.unwrap_or(&tab::NOTATION)
}
