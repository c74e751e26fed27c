//! The bundled schemes: every file of `tableaux/`, embedded.

/// A bundled scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bundled {
    /// The file name without `.tab`.
    pub name: &'static str,
    /// The file's text.
    pub text: &'static str,
}

impl Bundled {
    /// The file's path in the project.
    #[must_use]
    pub fn path(&self) -> String {
        format!("tableaux/{}.tab", self.name)
    }
}

include!(concat!(env!("OUT_DIR"), "/library.rs"));

/// Returns all bundled schemes, sorted by name.
#[must_use]
pub fn all() -> &'static [Bundled] {
    ALL
}

/// Returns the bundled scheme with this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Bundled> {
    ALL.iter().find(|scheme| scheme.name == name)
}

/// Returns the bundled name nearest to `name`, if one is close.
#[must_use]
pub fn nearest(name: &str) -> Option<&'static str> {
    let distance = |scheme: &Bundled| (strsim::levenshtein(name, scheme.name), scheme.name);
    let (distance, near) = ALL.iter().map(distance).min()?;
    (distance <= 1 + name.len() / 4).then_some(near)
}
