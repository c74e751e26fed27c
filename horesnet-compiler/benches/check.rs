//! What a scheme costs to read, to prove and to compile: what `ho_block!` spends at each use, in a release build.

use divan::{Bencher, black_box};
use horesnet_compiler::tableau::Tableau;
use horesnet_compiler::{check, compile, library, order, parse};

fn main() {
    divan::main();
}

const SCHEMES: [&str; 4] = ["rk4", "dopri5", "cooper_verner8", "verner8"];

fn text(name: &str) -> &'static str {
    library::find(name).map_or("", |scheme| scheme.text)
}

#[divan::bench(args = SCHEMES)]
fn read(name: &str) -> bool {
    parse(black_box(text(name))).is_ok()
}

/// All conditions up to the highest claim: for `verner8` the 486 of orders 1 to 9, and those of order 10 until one fails.
#[divan::bench(args = SCHEMES)]
fn prove(bencher: Bencher, name: &str) {
    let tableau = parse(text(name))
        .ok()
        .and_then(|document| Tableau::new(&document).ok());
    bencher.bench(|| {
        tableau
            .as_ref()
            .map(|tableau| order::verify(tableau, order::default_bound(tableau)))
    });
}

#[divan::bench(args = SCHEMES)]
fn compiled(name: &str) -> bool {
    compile(black_box(text(name))).is_ok()
}

#[divan::bench]
fn all_bundled() -> usize {
    library::all()
        .iter()
        .filter(|scheme| check(black_box(scheme.text), None).is_ok())
        .count()
}
