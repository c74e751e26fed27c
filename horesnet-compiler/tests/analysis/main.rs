//! The figures of tableaux, against the literature, NodePy and laws.
//!
//! NodePy values were printed by `pip install nodepy==1.1.1 six matplotlib`, then
//! `python -c "from nodepy import rk; m = rk.loadRKM('RK44'); print(m.real_stability_interval(),
//! m.imaginary_stability_interval(), m.principal_error_norm(), m.absolute_monotonicity_radius(), m.stage_order())"`
//! with the name that each test gives.

mod accuracy;
mod conditions;
mod families;
mod implicit;
mod laws;
mod limits;
mod monotonicity;
mod reversibility;
mod rounded;
mod sector;
mod stability;
mod structure;

use horesnet_compiler::analysis::Analysis;
use horesnet_compiler::tableau::Tableau;
use horesnet_compiler::{check, library};

/// Analyses a text; false claims do not matter.
fn analysed(text: &str) -> (Tableau, Analysis) {
    let checked = check(text, None).unwrap();
    let analysis = Analysis::of(&checked.tableau, &checked.verdict);
    (checked.tableau, analysis)
}

/// The analysis of a bundled scheme.
fn bundled(name: &str) -> Analysis {
    analysed(library::find(name).unwrap().text).1
}

/// Equal to a relative error.
#[track_caller]
fn assert_near(found: f64, expected: f64, error: f64) {
    assert!(
        (found - expected).abs() <= error * expected.abs(),
        "{found} is not {expected}"
    );
}
