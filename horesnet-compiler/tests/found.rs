//! The table of `docs/found.md`, row by row: what published tableaux claim, what is proven, and what the repair makes of it.

#[path = "../examples/found.rs"]
mod found;

use found::{FOUND, page, repaired};
use horesnet_compiler::order::RowVerdict;
use horesnet_compiler::{check, compile};

/// A row: the claims, the proven orders, the first condition that fails, the repair, and the proven orders then.
struct Row {
    file: &'static str,
    claims: &'static [usize],
    proven: &'static [usize],
    fails: &'static str,
    repair: &'static str,
    then: &'static [usize],
}

const ROWS: [Row; 7] = [
    Row {
        file: "ho_resnet_rk2",
        claims: &[2],
        proven: &[1],
        fails: "Σ b_i c_i = 0, expected 1/2",
        repair: "row 2, entry 1: 0 should be 2/3, and node 2: 0 should be 2/3",
        then: &[2],
    },
    Row {
        file: "ho_resnet_gill4",
        claims: &[4],
        proven: &[0],
        fails: "Σ b_i = 2999893/3000000, expected 1",
        repair: "7 decimals should be the numbers that they stand for, such as (-1 + sqrt(2))/2 for 2071/10000 in row 3, entry 1",
        then: &[4],
    },
    Row {
        file: "ho_resnet_kutta_nystrom5",
        claims: &[5],
        proven: &[1],
        fails: "Σ b_i c_i = 263/576, expected 1/2",
        repair: "weights row 1, entries 2 and 3: 125/192 and 0 should be exchanged",
        then: &[5],
    },
    Row {
        file: "ho_resnet_huta6",
        claims: &[6],
        proven: &[0],
        fails: "Σ b_i = 279/280, expected 1",
        repair: "weights row 1, entry 4: 1/35 should be 9/280",
        then: &[6],
    },
    Row {
        file: "ho_resnet_verner8",
        claims: &[8],
        proven: &[0],
        fails: "Σ b_i = 97/70, expected 1",
        repair: "`verner8`, from which it differs in 4 numbers",
        then: &[8, 9],
    },
    Row {
        file: "diffeqdevtools_cash_karp5",
        claims: &[5, 4],
        proven: &[5, 0],
        fails: "Σ b_i = 48383/48384, expected 1",
        repair: "weights row 2, entry 3: 9287/24192 should be 18575/48384",
        then: &[5, 4],
    },
    Row {
        file: "netket_rk4",
        claims: &[4],
        proven: &[1],
        fails: "Σ b_i c_i = 2/3, expected 1/2",
        repair: "row 4, entry 4: 1 should be 0",
        then: &[4],
    },
];

fn orders(weights: &[RowVerdict]) -> Vec<usize> {
    weights.iter().map(|row| row.order).collect()
}

#[test]
fn the_claims_are_false_and_true_once_repaired() {
    let page = page();
    for (row, found) in ROWS.iter().zip(&FOUND) {
        let file = row.file;
        assert_eq!(file, found.file);
        let checked = check(found.text, None).unwrap();
        let claims: Vec<_> = { checked.verdict.weights.iter() }
            .filter_map(|row| row.claimed)
            .collect();
        assert_eq!(claims, row.claims, "{file}");
        assert_eq!(orders(&checked.verdict.weights), row.proven, "{file}");
        assert!(compile(found.text).is_err(), "{file}");

        let (repair, repaired) = repaired(&checked, found.text);
        assert_eq!(repair, row.repair, "{file}");
        assert_eq!(orders(&repaired.verdict.weights), row.then, "{file}");
        assert!(repaired.problems.is_empty(), "{file}");

        let told = format!("| {} | {repair} |", row.fails);
        assert!(page.contains(&told), "{file}: {told}");
    }
}

#[test]
fn every_refused_file_is_told() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/refused");
    let files = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = files
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "tab"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    let mut told = ROWS.map(|row| row.file);
    told.sort_unstable();
    assert_eq!(names, told);
}
