//! Published tableaux, copied from their sources and read by an evaluator of their own: each has the order that its
//! source claims, or is listed here with the reason, and each bundled scheme has the coefficients that were published.

mod published;
mod table;

use std::collections::BTreeSet;
use std::path::Path;

use horesnet_compiler::tableau::Tableau;
use horesnet_compiler::{check, library, parse};
use num_bigint::BigInt;
use num_traits::Signed;
use published::{Published, Value};
use table::{BUNDLED, COPIES, NO_FACT, UNCLAIMED};

fn published(name: &str) -> Published {
    let mut all = published::all().into_iter();
    all.find(|fact| fact.name == name)
        .unwrap_or_else(|| panic!("no fact {name}"))
}

fn bundled(name: &str) -> Tableau {
    let text = library::find(name).unwrap_or_else(|| panic!("{name}")).text;
    Tableau::new(&parse(text).unwrap()).unwrap()
}

/// The `rounded` line of a bundled file.
fn rounded(name: &str) -> Option<&'static str> {
    let text = library::find(name).unwrap_or_else(|| panic!("{name}")).text;
    text.lines().find_map(|line| line.strip_prefix("rounded "))
}

/// What is to be said of a fact's coefficients: exact, or correct to a relative error.
fn accuracy(name: &str) -> Option<&'static str> {
    let row = BUNDLED.iter().find(|(fact, _)| *fact == name);
    match row {
        Some((_, scheme)) => rounded(scheme),
        None => COPIES.iter().find(|copy| copy.fact == name).unwrap().eps,
    }
}

#[test]
fn every_published_tableau_is_bundled_or_a_copy() {
    let facts: Vec<_> = published::all();
    let names: BTreeSet<_> = facts.iter().map(|fact| fact.name.as_str()).collect();
    assert_eq!(names.len(), facts.len());
    assert!(facts.iter().all(|fact| fact.source.contains('@')));
    let listed = BUNDLED.iter().map(|(fact, _)| *fact);
    let listed: BTreeSet<_> = listed.chain(COPIES.iter().map(|copy| copy.fact)).collect();
    assert_eq!(names, listed);
    // And every bundled scheme is published, here or in an article only.
    let mut schemes: Vec<_> = BUNDLED.iter().map(|(_, scheme)| *scheme).collect();
    schemes.extend(NO_FACT);
    schemes.sort_unstable();
    let all: Vec<_> = library::all().iter().map(|scheme| scheme.name).collect();
    assert_eq!(schemes, all);
}

/// The proof against the claim of the source, for the weights and the embedded weights.
#[test]
fn every_published_tableau_has_the_order_its_source_claims() {
    let mut unclaimed = Vec::new();
    for fact in published::all() {
        let text = fact.text(accuracy(&fact.name));
        let checked = check(&text, None).unwrap_or_else(|problems| {
            panic!("{}: {}", fact.name, problems[0].render("fact", &text))
        });
        let orders: Vec<_> = checked
            .verdict
            .weights
            .iter()
            .map(|row| row.order)
            .collect();
        let claims: Vec<_> = std::iter::once(Some(fact.order))
            .chain(fact.embedded.iter().map(|_| fact.embedded_order))
            .collect();
        assert_eq!(orders.len(), claims.len());
        for (row, (order, claim)) in orders.into_iter().zip(claims).enumerate() {
            match claim {
                Some(claim) => assert_eq!(order, claim, "{}, row {row}", fact.name),
                None => unclaimed.push((fact.name.clone(), row, order)),
            }
        }
        assert!(checked.problems.is_empty(), "{}", fact.name);
    }
    let listed = UNCLAIMED.map(|(name, order, _)| (name.to_owned(), 1, order));
    unclaimed.sort();
    assert_eq!(unclaimed, listed);
}

/// Every coefficient of the file is the published one: equal, or written to fewer digits than the source's products
/// have, and then still correct to half of the error that the file states.
#[test]
fn bundled_schemes_have_the_published_coefficients() {
    let mut shortened = Vec::new();
    for (fact, scheme) in BUNDLED {
        let fact = published(fact);
        let ours = bundled(scheme);
        let stages = ours.stages();
        let mut numbers: Vec<_> = ours.nodes.iter().collect();
        for i in 1..stages {
            numbers.extend((0..i).map(|j| &ours.matrix[(i, j)]));
        }
        // A file may have an embedded row that the fact lacks, but not the other way round.
        assert!(ours.weights.len() > usize::from(fact.embedded.is_some()));
        for row in ours
            .weights
            .iter()
            .take(1 + usize::from(fact.embedded.is_some()))
        {
            numbers.extend(row.values.iter());
        }
        assert_eq!(numbers.len(), fact.numbers().count(), "{scheme}");
        let mut equal = true;
        for (number, text) in numbers.into_iter().zip(fact.numbers()) {
            let (ours, theirs) = (Value::of(number), Value::read(text));
            if ours == theirs {
                continue;
            }
            equal = false;
            let eps = rounded(scheme).unwrap_or_else(|| panic!("{scheme}: {number} for {text}"));
            assert!(near(&ours, &theirs, eps), "{scheme}: {number} for {text}");
        }
        if !equal {
            shortened.push(*scheme);
        }
    }
    assert_eq!(shortened, table::SHORTENED);
}

/// Whether two values differ by no more than half of a relative `eps`, such as `5e-16`.
fn near(ours: &Value, theirs: &Value, eps: &str) -> bool {
    const DIGITS: u32 = 200;
    let (mantissa, exponent) = eps.split_once("e-").unwrap();
    let (ours, theirs) = (ours.scaled(DIGITS), theirs.scaled(DIGITS));
    let below = 2 * BigInt::from(10).pow(exponent.parse::<u32>().unwrap());
    (&ours - &theirs).abs() * below <= theirs.abs() * mantissa.parse::<BigInt>().unwrap()
}

/// A file says no more of its errors than its source's digits explain: a unit of the last one, or what such units add
/// up to where that is needed.
#[test]
fn stated_errors_are_those_of_the_printed_digits() {
    let stated = library::all().iter().map(|scheme| scheme.name);
    let stated: Vec<_> = stated.filter(|name| rounded(name).is_some()).collect();
    assert_eq!(stated, table::DIGITS.map(|(name, _)| name));
    for (name, digits) in table::DIGITS {
        let eps: f64 = rounded(name).unwrap().parse().unwrap();
        let unit = 10_f64.powi(1 - digits) * 1.000_001;
        let Some((_, less)) = table::ADDED_UP.iter().find(|(scheme, _)| *scheme == name) else {
            assert!(eps <= unit, "{name}: {eps:e} for {digits} digits");
            continue;
        };
        assert!(eps > unit, "{name}");
        let text = library::find(name).unwrap().text;
        let less = text.replace(
            &format!("rounded {}", rounded(name).unwrap()),
            &format!("rounded {less}"),
        );
        assert!(!check(&less, None).unwrap().problems.is_empty(), "{name}");
    }
}

/// Tableaux that say again what a bundled one says, with stages that the weights do not use.
#[test]
fn copies_are_copies() {
    for copy in COPIES {
        let (fact, ours) = (published(copy.fact), bundled(copy.scheme));
        for (i, row) in (1..ours.stages()).zip(&fact.rows) {
            for (j, text) in row.iter().enumerate() {
                let (ours, theirs) = (Value::of(&ours.matrix[(i, j)]), Value::read(text));
                assert!(near(&ours, &theirs, copy.near), "{}: {text}", copy.fact);
            }
        }
        let zero = Value::read("0");
        let weights = [Some(&fact.weights), fact.embedded.as_ref()];
        for (theirs, ours) in weights.into_iter().flatten().zip(&ours.weights) {
            for (j, text) in theirs.iter().enumerate() {
                let theirs = Value::read(text);
                let ours = ours.values.iter().nth(j).map_or(zero.clone(), Value::of);
                assert!(near(&ours, &theirs, copy.near), "{}: {text}", copy.fact);
            }
        }
    }
}

/// Verner's pair of 1978 once more, from a list in which each coefficient has its index.
#[test]
fn verner8_is_the_pair_of_1978_exactly() {
    const LIST: &str = include_str!("verner89_exact.txt");
    let ours = bundled("verner8");
    let mut listed = std::collections::BTreeMap::new();
    for line in LIST.lines().filter(|line| line.contains('=')) {
        let (name, value) = line.split_once('=').unwrap();
        let value = value.split('#').next().unwrap().replace(' ', "");
        listed.insert(name.trim(), value);
    }
    let value = |name: &str| Value::read(listed.get(name).map_or("0", String::as_str));
    for i in 0..16 {
        assert_eq!(Value::of(&ours.nodes[i]), value(&format!("c{}", i + 1)));
        for j in 0..16 {
            let name = format!("a{},{}", i + 1, j + 1);
            assert_eq!(Value::of(&ours.matrix[(i, j)]), value(&name), "{name}");
        }
        for (row, name) in ["b8", "b9"].into_iter().enumerate() {
            let name = format!("{name}_{}", i + 1);
            assert_eq!(
                Value::of(&ours.weights[row].values[i]),
                value(&name),
                "{name}"
            );
        }
    }
}

/// The tableaux that were published wrong: their true orders. (`refused.rs` shows what is said of them.)
#[test]
fn wrong_tableaux_are_refused_and_their_true_orders_known() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/refused");
    let mut files = 0;
    for (name, orders) in table::WRONG {
        let text = std::fs::read_to_string(folder.join(format!("{name}.tab"))).unwrap();
        let checked = check(&text, None).unwrap();
        assert!(!checked.problems.is_empty(), "{name}");
        let found: Vec<_> = checked
            .verdict
            .weights
            .iter()
            .map(|row| row.order)
            .collect();
        assert_eq!(found, orders, "{name}");
        files += 1;
    }
    let tabs = std::fs::read_dir(folder).unwrap();
    let tabs = tabs.filter(|file| {
        file.as_ref()
            .unwrap()
            .path()
            .extension()
            .is_some_and(|e| e == "tab")
    });
    assert_eq!(tabs.count(), files);
}
