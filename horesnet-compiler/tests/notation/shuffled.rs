//! Random tableaux as others write them: arrays under other names, in another order, in other brackets and layouts.
//!
//! Each is read as it is, or listed among the readings, or refused; none is read as another tableau in silence.

use std::fmt::Write;

use horesnet_compiler::notation::{self, Choice, PrintedTableau, Scheme};
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};

type Row = Vec<i64>;

/// A tableau in multiples of `1/UNIT`, whose nodes are the row sums.
struct Tableau {
    matrix: Vec<Row>,
    /// The weights, and perhaps embedded ones.
    weights: Vec<Row>,
}

const UNIT: i64 = 24;

fn row(rng: &mut StdRng, length: usize, sum: i64) -> Row {
    let mut row: Row = (0..length).map(|_| rng.random_range(-9..=UNIT)).collect();
    let rest = sum - row.iter().skip(1).sum::<i64>();
    row.iter_mut().take(1).for_each(|first| *first = rest);
    row
}

/// A scheme whose rows of weights, and the mirrored embedded ones, are of order 1: higher orders would tell them apart.
fn tableau(rng: &mut StdRng, is_fsal: bool) -> Tableau {
    loop {
        let stages = rng.random_range(1..=6) + usize::from(is_fsal);
        let is_explicit = is_fsal || rng.random_bool(0.6);
        let stage = |i: usize| {
            let node = rng.random_range(1..=UNIT);
            let mut row = row(rng, if is_explicit { i } else { stages }, node);
            row.resize(stages, 0);
            row
        };
        let mut matrix: Vec<Row> = (0..stages).map(stage).collect();
        let mut weights = vec![row(rng, stages, UNIT)];
        if is_fsal {
            let mut last = row(rng, stages - 1, UNIT);
            last.push(0);
            matrix[stages - 1].clone_from(&last);
            weights[0] = last;
        }
        if is_fsal || rng.random_bool(0.5) {
            weights.push(row(rng, stages, UNIT));
        }
        let has_order_2 = |weights: Row| {
            let nodes = matrix.iter().map(|row| row.iter().sum::<i64>());
            2 * weights.iter().zip(nodes).map(|(b, c)| b * c).sum::<i64>() == UNIT * UNIT
        };
        let mut rows = weights.iter().cloned().chain(mirrored(&weights));
        if !rows.any(has_order_2) && weights.first() != weights.get(1) {
            return Tableau { matrix, weights };
        }
    }
}

/// The embedded weights that a row of differences means with the other sign.
fn mirrored(weights: &[Row]) -> Option<Row> {
    let [weights, embedded] = weights else {
        return None;
    };
    let pairs = weights.iter().zip(embedded);
    Some(pairs.map(|(b, e)| 2 * b - e).collect())
}

fn number(n: i64) -> String {
    match n % UNIT {
        0 => (n / UNIT).to_string(),
        _ => format!("{n}.0/{UNIT}"),
    }
}

fn joined(row: &[i64], separator: &str) -> String {
    row.iter()
        .copied()
        .map(number)
        .collect::<Vec<_>>()
        .join(separator)
}

/// The tableau as a tableau file, with the second row of weights replaced by `embedded`.
fn tab(tableau: &Tableau, embedded: Option<&Row>) -> PrintedTableau {
    let mut text = String::new();
    for row in &tableau.matrix {
        writeln!(text, "{} | {}", number(row.iter().sum()), joined(row, " ")).unwrap();
    }
    text += "---\n";
    let weights = [tableau.weights.first(), embedded.or(tableau.weights.get(1))];
    for row in weights.into_iter().flatten() {
        writeln!(text, "| {}", joined(row, " ")).unwrap();
    }
    notation::find("tab").unwrap().read(&text).expect(&text)
}

/// An array in one of three languages, in a random layout.
fn array(rng: &mut StdRng, language: usize, name: &str, rows: &[Row], is_matrix: bool) -> String {
    let flat = rows.concat();
    let stages = rows.len();
    let is_lower = (0..stages).all(|i| rows[i].iter().skip(i).all(|n| *n == 0));
    let lists = |open: &str, separator: &str, close: &str, is_whole: bool| {
        let length = |i: usize| if is_whole { rows[i].len() } else { i };
        let row = |i: usize| format!("{open}{}{close}", joined(&rows[i][..length(i)], ", "));
        (0..stages).map(row).collect::<Vec<_>>().join(separator)
    };
    match (language, rng.random_range(0..4), is_matrix) {
        (0, 0, true) if is_lower => format!("{name} = [{}]", lists("[", ", ", "]", false)),
        (0, 1, true) => {
            let entry = |at: usize| format!("\n{name}[{}, {}] = ", at / stages, at % stages);
            let entries = flat.iter().enumerate();
            let entries: String = entries.map(|(at, n)| entry(at) + &number(*n)).collect();
            format!("{name} = np.zeros(({stages}, {stages}), dtype=object){entries}")
        }
        (0, 2, true) | (0, _, false) => format!("{name} = [{}]", joined(&flat, ", ")),
        (0, ..) => format!("{name} = [{}]", lists("[", ", ", "]", true)),
        (1, 0, false) => format!("{name} = [{}];", joined(&flat, "; ")),
        (1, ..) => format!("{name} = [{}];", lists("", "; ", "", true)),
        (_, 0 | 1, true) => format!("double {name}[][] = {{{}}};", lists("{", ", ", "}", true)),
        _ => format!("double {name}[] = {{{}}};", joined(&flat, ", ")),
    }
}

/// A text with a tableau; true if it has a row of differences.
fn written(rng: &mut StdRng, tableau: &Tableau, is_fsal: bool) -> (String, bool) {
    let [matrix, nodes, weights, second] = [
        ["A", "matrix", "a_lower", "butcher_a", "foo", "zap"],
        ["c", "C", "nodes", "abscissae", "bar", "lim"],
        ["b", "B", "weights", "b_sol", "qux", "pom"],
        ["bt", "b_err", "embedded", "E", "nid", "vok"],
    ]
    .map(|names| *names.choose(rng).unwrap());
    let sums: Row = tableau.matrix.iter().map(|row| row.iter().sum()).collect();
    // The last stage of an FSAL scheme may be left out, not that of its row of differences.
    let stages = tableau.matrix.len() - usize::from(is_fsal);
    let rows = tableau.matrix[..stages].iter();
    let rows = rows.map(|row| row[..stages].to_vec()).collect();
    let mut arrays = vec![
        (matrix, rows, true),
        (weights, vec![tableau.weights[0][..stages].to_vec()], false),
    ];
    if rng.random_bool(0.6) {
        arrays.push((nodes, vec![sums[..stages].to_vec()], false));
    }
    let sign = rng.random_range(0..2) * 2 - 1;
    let is_difference = is_fsal || rng.random_bool(0.6);
    if let [weights, embedded] = tableau.weights.as_slice() {
        let differences = weights.iter().zip(embedded).map(|(b, e)| sign * (b - e));
        let written = if is_difference {
            differences.collect()
        } else {
            embedded.clone()
        };
        arrays.push((second, vec![written], false));
    }
    arrays.shuffle(rng);
    let language = rng.random_range(0..3);
    let mut text = String::new();
    for (name, rows, is_matrix) in &arrays {
        text += &(array(rng, language, name, rows, *is_matrix)
            + "
");
    }
    (text, is_difference)
}

#[test]
fn arrays_are_read_as_what_they_are_or_not_at_all() {
    const TEXTS: u64 = 3000;
    let (mut read, mut listed) = (0, 0);
    for seed in 0..TEXTS {
        let rng = &mut StdRng::seed_from_u64(seed);
        let is_fsal = seed % 8 == 0;
        let tableau = tableau(rng, is_fsal);
        let (text, is_difference) = written(rng, &tableau, is_fsal);
        let numbers = |printed: &PrintedTableau| {
            let found = printed.tableau();
            let weights: Vec<_> = found.weights.iter().map(|row| row.values.clone()).collect();
            (found.nodes.clone(), found.matrix.clone(), weights)
        };
        let expected = numbers(&tab(&tableau, None));
        let other = mirrored(&tableau.weights).filter(|_| is_difference);
        let other = other.map(|row| numbers(&tab(&tableau, Some(&row))));
        let is_right = |schemes: &[Scheme]| {
            let [scheme] = schemes else { return false };
            let found = numbers(&PrintedTableau::new(&scheme.document).unwrap());
            // Of two signs of one order the comment tells that the other is as good.
            let is_told = scheme.notes.join(" ").contains("the other sign");
            found == expected || (is_told && Some(found) == other)
        };
        match notation::read(&text, &Choice::default()) {
            Ok(schemes) if is_right(&schemes) => read += 1,
            Ok(schemes) => panic!("{seed}: read as {:?}\n{text}", schemes[0].notes),
            Err(problems) if problems[0].headline().contains("readings") => {
                let choice = |number| Choice {
                    number: Some(number),
                    ignored: Vec::new(),
                };
                let choices = (1..).map(choice);
                let mut readings = choices.map_while(|choice| notation::read(&text, &choice).ok());
                assert!(readings.any(|schemes| is_right(&schemes)), "{seed}: {text}");
                listed += 1;
            }
            Err(_) => {}
        }
    }
    let shares = [read, listed].map(|count| count * 100 / TEXTS);
    assert!(shares[0] > 85 && shares[0] + shares[1] > 97, "{shares:?}");
}
