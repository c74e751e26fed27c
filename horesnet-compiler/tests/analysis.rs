//! Stability functions and their intervals against the literature and against laws.

use horesnet_compiler::analysis::{Stability, interval};
use horesnet_compiler::{compile, library};

fn stability(name: &str) -> Stability {
    let tableau = compile(library::find(name).unwrap().text).unwrap().tableau;
    Stability::of(&tableau.matrix, &tableau.weights[0].values).unwrap()
}
#[test]
fn quick() {
    for bundled in library::all() {
        let s = stability(bundled.name);
        println!(
            "{} {:?} {:?}",
            bundled.name,
            interval::real(&s),
            interval::imaginary(&s)
        );
    }
}
