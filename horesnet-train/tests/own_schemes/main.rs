//! Schemes of the user's own: their blocks have the bits of generated ones, and runs keep their tableaux.

mod bits;
mod runs;
mod settings;

use horesnet_compiler::library;
use horesnet_train::Tableaux;

/// The tableaux of a network with the scheme `own`.
fn own(text: &str) -> Tableaux {
    let mut tableaux = Tableaux::default();
    tableaux.insert("own", text);
    tableaux
}

/// The text of a bundled scheme.
fn bundled(name: &str) -> &'static str {
    library::find(name).expect(name).text
}
