//! Writers for programs that integrate or train: solvers and blocks of frameworks, arrays of programming languages.
//! They are written and not read: each states what its framework takes, and refuses other schemes with the reason.
//! Must not know readers, proofs or plans; the orders that a solver states are the claims of the tableau.

mod arrays;
mod diffrax;
mod fortran;
mod heading;
mod listing;
mod numbers;
mod python;
mod pytorch;
mod shape;
mod sundials;
mod torchdiffeq;

pub use pytorch::BLOCK as PYTORCH_BLOCK;

use super::{PrintedTableau, cannot_write};
use crate::language::diagnostic::Diagnostic;

/// A form in which a framework or a programming language takes a tableau.
#[derive(Debug)]
pub struct Output {
    /// The name on the command line.
    pub name: &'static str,
    /// The extension of its files, without the dot.
    pub extension: &'static str,
    /// Extensions of files that are this output unless another is named.
    pub inferred_from: &'static [&'static str],
    /// True if the text states the order of each row of weights, which must be proven or claimed.
    pub states_orders: bool,
    write: Write,
}

/// All outputs.
pub static OUTPUTS: &[Output] = &[
    solver("pytorch", "py", false, pytorch::write),
    solver("diffrax", "py", true, diffrax::write),
    solver("torchdiffeq", "py", true, torchdiffeq::write),
    solver("sundials", "c", true, sundials::write),
    language("c", &["c", "h"], |tableau| Ok(arrays::c(tableau))),
    language("fortran", &["f90"], |tableau| Ok(fortran::write(tableau))),
    language("matlab", &["m"], |tableau| Ok(arrays::matlab(tableau))),
    language("rust", &["rs"], |tableau| Ok(arrays::rust(tableau))),
];

type Write = fn(&PrintedTableau) -> Result<String, Diagnostic>;

/// Code of a framework, which is written only where its name is given.
const fn solver(
    name: &'static str,
    extension: &'static str,
    states_orders: bool,
    write: Write,
) -> Output {
    Output {
        name,
        extension,
        inferred_from: &[],
        states_orders,
        write,
    }
}

/// Constants of a language, for files with one of its extensions.
const fn language(name: &'static str, inferred_from: &'static [&str], write: Write) -> Output {
    Output {
        name,
        extension: inferred_from[0],
        inferred_from,
        states_orders: false,
        write,
    }
}

impl Output {
    /// Finds an output by name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        OUTPUTS.iter().find(|output| output.name == name)
    }

    /// Finds the output that files with this extension are.
    #[must_use]
    pub fn by_extension(extension: &str) -> Option<&'static Self> {
        let mut outputs = OUTPUTS.iter();
        outputs.find(|output| output.inferred_from.contains(&extension))
    }

    /// Writes a tableau.
    ///
    /// # Errors
    /// Schemes that the framework cannot run, coefficients beyond the range of `f64`, and, for outputs that
    /// [state orders](Self::states_orders), weights without a claim.
    ///
    /// # Example
    /// ```
    /// use horesnet_compiler::notation::{self, Output};
    ///
    /// let tableau = notation::find("tab").unwrap().read("0 |\n1/3 | 1/3\n---\n| -1/2 3/2\n").unwrap();
    /// let matlab = Output::find("matlab").unwrap().write(&tableau).unwrap();
    /// assert!(matlab.ends_with("c = [0, 1/3];\nA = [\n    0,   0;\n    1/3, 0\n];\nb = [-1/2, 3/2];\n"));
    /// ```
    pub fn write(&self, tableau: &PrintedTableau) -> Result<String, Diagnostic> {
        let text = numbers::are_finite(tableau).and_then(|()| (self.write)(tableau));
        text.map_err(|why| cannot_write(self.name, &why))
    }
}
