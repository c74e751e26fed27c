//! Readers and writers of tableaux in JSON, LaTeX, program text and the tableau language.
//! Reading makes [`Document`](crate::document::Document)s with spans in the text that was read; writing takes a [`PrintedTableau`].
//! Must not know analysis, plans or generated code; of proofs only the order, which tells roles apart.

mod field;
mod frameworks;
mod json;
mod julia;
mod latex;
mod member;
mod printed;
mod program;
mod python;
mod roles;
mod tab;
mod value;
mod write;

pub use frameworks::{OUTPUTS, Output, PYTORCH_BLOCK};
pub use member::rounded_member;
pub use printed::{PrintedNumber, PrintedTableau};
pub use roles::{Choice, Scheme};
pub use tab::format;

use crate::language::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::language::limits;

/// A text format for tableaux.
#[derive(Debug)]
pub struct Notation {
    /// The name on the command line.
    pub name: &'static str,
    /// The extension of its files, without the dot.
    pub extension: &'static str,
    /// The name of its texts in messages: `a tableau file`.
    pub form: &'static str,
    resembles: fn(&str) -> bool,
    read: fn(&str, &Choice) -> Result<Vec<Scheme>, Diagnostic>,
    write: fn(&PrintedTableau) -> Result<String, Diagnostic>,
}

/// All notations, in the order in which [`detect`] tries them.
pub static ALL: &[Notation] = &[
    json::NOTATION,
    latex::NOTATION,
    tab::NOTATION,
    julia::NOTATION,
    python::NOTATION,
];

/// Reads the schemes of a text in any notation, by its content: one, or the two of an additive pair.
///
/// # Errors
/// As for [`Notation::read`]; a text with several consistent readings, of which `choice` takes none.
///
/// # Example
/// ```
/// use horesnet_compiler::notation::{self, Choice};
///
/// let text = "static const double A[2][2] = {{0, 0}, {1, 0}};\nstatic const double b[] = {0.5, 0.5};\n";
/// let schemes = notation::read(text, &Choice::default()).unwrap();
/// assert_eq!(schemes[0].notes, ["A (line 1): matrix", "b (line 2): weights", "nodes: the row sums"]);
/// ```
pub fn read(text: &str, choice: &Choice) -> Result<Vec<Scheme>, Diagnostics> {
    detect(text).schemes(text, choice)
}

impl Notation {
    /// Reads the schemes of a text.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    pub fn schemes(&self, text: &str, choice: &Choice) -> Result<Vec<Scheme>, Diagnostics> {
        if text.len() > limits::TEXT {
            let what = limits::too_long(text.len() as u64);
            return Err(vec![Diagnostic::whole_file(format!("the file {what}"))]);
        }
        // Languages differ in whether it ends a comment or a string.
        if let Some(at) = limits::lone_return(text) {
            let problem = Diagnostic::at(Span::new(at, at), "carriage return without a line feed");
            return Err(vec![problem.help("end lines with LF, or with CR and LF")]);
        }
        (self.read)(text, choice).map_err(|problem| vec![problem])
    }

    /// Reads a text that holds one scheme.
    ///
    /// # Errors
    /// Unsupported syntax, entries without a value, rows of the wrong length, numbers past the [`limits`], several schemes.
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
        match self.schemes(text, &Choice::default())?.as_slice() {
            [scheme] => PrintedTableau::new(&scheme.document),
            schemes => Err(vec![several(schemes)]),
        }
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

/// The problem that a text holds several schemes where one is needed.
#[must_use]
pub fn several(schemes: &[Scheme]) -> Diagnostic {
    let headline = format!("this text holds {} schemes", schemes.len());
    let mut problem = Diagnostic::whole_file(headline);
    for (at, scheme) in schemes.iter().enumerate() {
        let name = scheme
            .document
            .name
            .as_ref()
            .map_or("", |name| name.value.as_str());
        problem = problem.note(format!("{}: {name}: {}", at + 1, scheme.notes.join("; ")));
    }
    problem.help("choose one: `--as 1`")
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

/// Guesses the notation of a text: the first of [`ALL`] that it resembles. Program text in any language counts as Python.
#[must_use]
pub fn detect(text: &str) -> &'static Notation {
    let notation = ALL.iter().find(|notation| (notation.resembles)(text));
    notation.unwrap_or(&python::NOTATION)
}
