//! The bundled schemes: every file of `tableaux/`, `tableaux/families/` and `tableaux/implicit/`, embedded, and found by name.
//! `similar` suggests schemes for names that none has.
//! Must not know proofs or blocks.

mod similar;

pub use similar::{did_you_mean, similar};

/// A bundled scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bundled {
    /// The file name without `.tab`.
    pub name: &'static str,
    /// The name in its file, such as `Dormand-Prince 5(4)`.
    pub title: &'static str,
    /// The names that other programs give to it, such as `RK45`.
    pub aliases: &'static [&'static str],
    /// The file's text.
    pub text: &'static str,
    /// True if blocks can be generated from it; false if it can only be checked, analysed and converted.
    pub explicit: bool,
    /// The folder of the file in `tableaux/`, with a slash; empty for single explicit schemes.
    folder: &'static str,
}

impl Bundled {
    /// The file's path in the crate.
    #[must_use]
    pub fn path(&self) -> String {
        format!("tableaux/{}{}.tab", self.folder, self.name)
    }

    /// Returns true for a family: a tableau with parameters.
    #[must_use]
    pub fn is_family(&self) -> bool {
        self.folder == "families/"
    }

    /// Iterates over name, title and aliases.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        let [name, title] = [self.name, self.title];
        [name, title]
            .into_iter()
            .chain(self.aliases.iter().copied())
    }
}

include!(concat!(env!("OUT_DIR"), "/library.rs"));

/// Returns all bundled explicit schemes, sorted by name: those of blocks. Families are apart, in [`families`].
#[must_use]
pub fn all() -> &'static [Bundled] {
    EXPLICIT
}

/// Returns all bundled implicit schemes, sorted by name. No block can be generated from them.
#[must_use]
pub fn implicit() -> &'static [Bundled] {
    IMPLICIT
}

/// Returns all bundled families, sorted by name: explicit schemes with parameters.
///
/// A block of a family is that of its member at the defaults, which may be one of [`all`].
#[must_use]
pub fn families() -> &'static [Bundled] {
    FAMILIES
}

/// Returns the bundled scheme with this name, title or alias: explicit, a family or implicit.
///
/// Case, spaces and the characters `-_.,*()[]` are ignored.
///
/// # Example
/// ```
/// use horesnet_compiler::library::find;
///
/// assert_eq!(find("Tsit5()").map(|scheme| scheme.name), Some("tsitouras5"));
/// assert_eq!(find("RK45").map(|scheme| scheme.name), Some("dopri5"));
/// assert_eq!(find("RK5"), None);
/// ```
#[must_use]
pub fn find(name: &str) -> Option<&'static Bundled> {
    let sought = normalized(name);
    let mut schemes = explicit_and_implicit().chain(FAMILIES);
    schemes.find(|scheme| scheme.names().any(|name| normalized(name) == sought))
}

/// Explicit schemes, then implicit ones.
pub(crate) fn explicit_and_implicit() -> impl Iterator<Item = &'static Bundled> {
    EXPLICIT.iter().chain(IMPLICIT)
}

/// The name without what [`find`] ignores.
fn normalized(name: &str) -> String {
    let ignored = |c: &char| c.is_whitespace() || "-_.,*()[]".contains(*c);
    let kept = name.chars().filter(|c| !ignored(c));
    kept.flat_map(char::to_lowercase).collect()
}
