//! What a scheme costs to read, to prove and to compile: what `ho_block!` spends at each use, in a release build.
//! And the large ones: every published tableau to order 10, and Feagin's scheme of order 14 to order 14.

#[allow(dead_code, reason = "shared with the tests of the published tableaux")]
#[path = "../tests/facts/published.rs"]
mod published;
#[allow(dead_code, reason = "shared with the tests of the published tableaux")]
#[path = "../tests/facts/table.rs"]
mod table;

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

/// The 53,272 conditions of orders 1 to 14.
#[divan::bench(sample_count = 10)]
fn feagin14_to_order_14(bencher: Bencher) {
    let tableau = parse(text("feagin14"))
        .ok()
        .and_then(|document| Tableau::new(&document).ok());
    bencher.bench(|| {
        tableau
            .as_ref()
            .map(|tableau| order::verify(tableau, 14).map(|verdict| verdict.weights[0].order))
    });
}

/// All of them, read and proven as far as their order, but no further than order 10.
#[divan::bench(sample_count = 10)]
fn published_to_order_10(bencher: Bencher) {
    let rounded = |name: &str| {
        let mut bundled = table::BUNDLED.iter();
        if let Some((_, scheme)) = bundled.find(|(fact, _)| *fact == name) {
            let mut lines = text(scheme).lines();
            return lines.find_map(|line| line.strip_prefix("rounded "));
        }
        let mut copies = table::COPIES.iter();
        copies.find(|copy| copy.fact == name)?.eps
    };
    let texts: Vec<_> = published::all()
        .iter()
        .map(|fact| {
            // Without claims, which would be decided beyond order 10 too.
            let lines = fact.text(rounded(&fact.name));
            let lines = lines.lines().map(|line| match line.strip_prefix("order ") {
                Some(row) => &row[row.find('|').unwrap_or(0)..],
                None => line,
            });
            lines.collect::<Vec<_>>().join("\n") + "\n"
        })
        .collect();
    bencher.bench(|| {
        let proven = |text: &&String| check(black_box(text), Some(10)).is_ok();
        assert_eq!(texts.iter().filter(proven).count(), texts.len());
    });
}

#[divan::bench(sample_count = 10)]
fn all_bundled() -> usize {
    library::all()
        .iter()
        .filter(|scheme| check(black_box(scheme.text), None).is_ok())
        .count()
}
