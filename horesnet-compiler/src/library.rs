//! The bundled schemes: every file of `tableaux/` and `tableaux/implicit/`, embedded.

/// A bundled scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bundled {
    /// The file name without `.tab`.
    pub name: &'static str,
    /// The file's text.
    pub text: &'static str,
    /// True if blocks can be generated from it; false if it can only be checked, analysed and converted.
    pub explicit: bool,
}

impl Bundled {
    /// The file's path in the project.
    #[must_use]
    pub fn path(&self) -> String {
        let folder = if self.explicit { "" } else { "implicit/" };
        format!("tableaux/{folder}{}.tab", self.name)
    }
}

include!(concat!(env!("OUT_DIR"), "/library.rs"));

/// Returns all bundled explicit schemes, sorted by name: those of blocks.
#[must_use]
pub fn all() -> &'static [Bundled] {
    EXPLICIT
}

/// Returns all bundled implicit schemes, sorted by name. No block can be generated from them.
#[must_use]
pub fn implicit() -> &'static [Bundled] {
    IMPLICIT
}

/// Returns the bundled scheme with this name, explicit or implicit.
#[must_use]
pub fn find(name: &str) -> Option<&'static Bundled> {
    explicit_and_implicit().find(|scheme| scheme.name == name)
}

/// Returns the bundled name nearest to `name`, if one is close; of two as near, the explicit scheme.
#[must_use]
pub fn nearest(name: &str) -> Option<&'static str> {
    let distance = |scheme: &Bundled| {
        let distance = strsim::levenshtein(name, scheme.name);
        (distance, !scheme.explicit, scheme.name)
    };
    let (distance, _, near) = explicit_and_implicit().map(distance).min()?;
    (distance <= 1 + name.len() / 4).then_some(near)
}

/// Explicit schemes, then implicit ones.
pub(crate) fn explicit_and_implicit() -> impl Iterator<Item = &'static Bundled> {
    EXPLICIT.iter().chain(IMPLICIT)
}
