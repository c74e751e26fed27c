//! Schemes by name, in a text of any notation, or in a file.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use horesnet_compiler::diagnostic::{Diagnostic, Diagnostics};
use horesnet_compiler::notation::{self, Choice, Notation, PrintedTableau, Scheme};
use horesnet_compiler::{library, limits};

/// A text and the scheme in it.
#[derive(Debug)]
pub(crate) struct SchemeText {
    /// The name in messages.
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) scheme: Scheme,
    /// True if the text is a tableau file of the user's, whose comments and expressions are kept.
    pub(crate) is_tab: bool,
}

impl SchemeText {
    /// The bundled scheme with this name, title or alias.
    pub(crate) fn bundled(name: &str, rounded: Option<&str>) -> Result<Self, String> {
        let Some(bundled) = library::find(name) else {
            let mut lines = vec![format!("there is no bundled scheme `{name}`")];
            lines.extend(library::did_you_mean(name));
            lines.push("`horesnet.schemes()` has the names of all".to_owned());
            lines.push("a file is given as `pathlib.Path(…)`".to_owned());
            return Err(lines.join("\n  = help: "));
        };
        let (name, text) = (bundled.name.to_owned(), bundled.text.to_owned());
        Self::read(name, text, Some("tab"), rounded)
    }

    /// The scheme in a file.
    pub(crate) fn file(path: &Path, rounded: Option<&str>) -> Result<Self, String> {
        let name = path.display().to_string();
        let failed = |error| format!("{name} cannot be read: {error}");
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(failed)?;
        // A device or a huge file must not fill the memory.
        let most = limits::TEXT as u64 + 1;
        file.take(most).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 == most {
            let most = limits::TEXT;
            return Err(format!(
                "{name} has more than {most} bytes, the limit for tableaux"
            ));
        }
        let text = limits::text(bytes).map_err(|what| format!("{name} {what}"))?;
        let is_tab = path.extension().is_some_and(|extension| extension == "tab");
        Self::read(name, text, is_tab.then_some("tab"), rounded)
    }

    /// The scheme in a text of any notation.
    pub(crate) fn text(text: String, rounded: Option<&str>) -> Result<Self, String> {
        let text = limits::text(text.into_bytes()).map_err(|what| format!("the text {what}"))?;
        Self::read("text".to_owned(), text, None, rounded)
    }

    /// The scheme of arrays, written as a tableau file that the user has not seen.
    pub(crate) fn arrays(text: String, rounded: Option<&str>) -> Result<Self, String> {
        let text = limits::text(text.into_bytes()).map_err(|what| format!("the tableau {what}"))?;
        let mut read = Self::read("tableau".to_owned(), text, Some("tab"), rounded)?;
        read.is_tab = false;
        Ok(read)
    }

    fn read(
        name: String,
        text: String,
        notation: Option<&str>,
        rounded: Option<&str>,
    ) -> Result<Self, String> {
        let parses = notation.is_none() && horesnet_compiler::parse(&text).is_ok();
        let notation = if parses { Some("tab") } else { notation };
        let notation = notation.and_then(notation::find);
        let notation = notation.unwrap_or_else(|| notation::detect(&text));
        let schemes = notation.schemes(&text, &Choice::default());
        let mut schemes = schemes.map_err(|problems| rendered(&name, &text, &problems))?;
        let scheme = match (schemes.pop(), schemes.is_empty()) {
            (Some(scheme), true) => scheme,
            (last, _) => {
                schemes.extend(last);
                return Err(rendered(&name, &text, &[notation::several(&schemes)]));
            }
        };
        let mut read = Self {
            name,
            text,
            scheme,
            is_tab: notation.name == "tab",
        };
        if let Some(eps) = rounded {
            read.round(eps)?;
        }
        Ok(read)
    }

    /// States the relative error of every coefficient, in place of what the text states.
    pub(crate) fn round(&mut self, eps: &str) -> Result<(), String> {
        let eps = horesnet_compiler::rounded(eps).map_err(|why| format!("rounded: {why}"))?;
        self.scheme.document.rounded = Some(eps);
        // The text says otherwise.
        self.is_tab = false;
        Ok(())
    }

    /// The tableau with the decimals of its text.
    pub(crate) fn printed(&self) -> Result<PrintedTableau, Diagnostics> {
        let mut printed = PrintedTableau::new(&self.scheme.document)?;
        printed.remark(self.scheme.remarks());
        Ok(printed)
    }

    /// The text of a tableau file with the scheme: the text itself, if it is one.
    pub(crate) fn tab(&self) -> Result<String, String> {
        if self.is_tab {
            return Ok(self.text.clone());
        }
        let printed = self.printed().map_err(|problems| self.refuse(&problems))?;
        tab().write(&printed).map_err(|problem| lines(&problem))
    }

    /// The message of problems with the text.
    pub(crate) fn refuse(&self, problems: &[Diagnostic]) -> String {
        rendered(&self.name, &self.text, problems)
    }
}

/// The notation of tableau files.
pub(crate) fn tab() -> &'static Notation {
    notation::find("tab").unwrap_or_else(|| notation::detect(""))
}

/// The message of problems with a text.
pub(crate) fn rendered(name: &str, text: &str, problems: &[Diagnostic]) -> String {
    let problems = problems.iter().map(|problem| problem.render(name, text));
    problems.collect::<Vec<_>>().join("\n\n")
}

/// The message of a problem that is not in a line of a text.
pub(crate) fn lines(problem: &Diagnostic) -> String {
    let lines = std::iter::once(problem.headline()).chain(problem.remarks());
    lines.collect::<Vec<_>>().join("\n  = note: ")
}
