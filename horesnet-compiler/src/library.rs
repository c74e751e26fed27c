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
    /// The file's path in the crate.
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

/// Names that other tools give to bundled schemes.
const KNOWN_AS: &[(&str, &str)] = &[
    ("bs3", "bogacki_shampine3"),
    ("bs32", "bogacki_shampine3"),
    ("bs5", "bogacki_shampine5"),
    ("bs54", "bogacki_shampine5"),
    ("ck45", "cash_karp5"),
    ("ck54", "cash_karp5"),
    ("classic", "rk4"),
    ("dop853", "dopri8"),
    ("dormandprince", "dopri5"),
    ("dp5", "dopri5"),
    ("dp8", "dopri8"),
    ("forwardeuler", "euler"),
    ("heun", "heun2"),
    ("ode23", "bogacki_shampine3"),
    ("ode45", "dopri5"),
    ("ralston", "ralston2"),
    ("rk2", "midpoint"),
    ("rk23", "bogacki_shampine3"),
    ("rk3", "kutta3"),
    ("rk38", "rk4_38"),
    ("rk45", "dopri5"),
    ("rkf45", "fehlberg45"),
    ("rungekutta", "rk4"),
    ("rungekutta4", "rk4"),
    ("ssprk33", "ssprk3"),
    ("tsit5", "tsitouras5"),
    ("vern6", "verner_efficient6"),
    ("vern7", "verner_efficient7"),
    ("vern8", "verner8"),
    ("vern9", "verner_efficient9"),
];

/// Returns the bundled name that `name` stands for in other tools, or the nearest to it, if one is close; of two as near, the explicit one.
///
/// # Example
/// ```
/// use horesnet_compiler::library::nearest;
///
/// assert_eq!(nearest("Tsit5"), Some("tsitouras5"));
/// assert_eq!(nearest("dropi5"), Some("dopri5"));
/// assert_eq!(nearest("trapezium"), None);
/// ```
#[must_use]
pub fn nearest(name: &str) -> Option<&'static str> {
    let plain = |name: &str| -> String {
        let letters = name.chars().filter(char::is_ascii_alphanumeric);
        letters.map(|c| c.to_ascii_lowercase()).collect()
    };
    let sought = plain(name);
    let known = KNOWN_AS.iter().find(|(other, _)| *other == sought);
    let mut schemes = explicit_and_implicit();
    let same = schemes.find(|scheme| plain(scheme.name) == sought);
    let meant = known.map_or_else(|| same.map(|scheme| scheme.name), |(_, name)| Some(*name));
    let distance = |scheme: &Bundled| {
        let distance = strsim::osa_distance(&sought, &plain(scheme.name));
        (distance, !scheme.explicit, scheme.name)
    };
    let near = explicit_and_implicit().map(distance).min();
    // Most of a short name is another name.
    let most = (1 + sought.len() / 4).min(sought.len() / 2);
    let near = near.filter(|(distance, ..)| *distance <= most);
    meant.or(near.map(|(.., name)| name))
}

/// Explicit schemes, then implicit ones.
pub(crate) fn explicit_and_implicit() -> impl Iterator<Item = &'static Bundled> {
    EXPLICIT.iter().chain(IMPLICIT)
}
