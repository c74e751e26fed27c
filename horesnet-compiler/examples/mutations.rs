//! Counts how often the first suggestion of a repair is the number that was there before one was mistyped.
//!
//! ```text
//! cargo run --release -p horesnet-compiler --example mutations -- entries --count 300
//! cargo run --release -p horesnet-compiler --example mutations -- nodes --count 100
//! cargo run --release -p horesnet-compiler --example mutations -- digits --count 100 --verbose
//! ```
//! `entries` mistypes one number of a bundled scheme: a sign, a digit, a fraction upside down. `nodes` mistypes a node, exchanges
//! two, or shifts all by a row. `digits` changes one digit of a scheme with rounded coefficients, at every position in turn.

use std::process::ExitCode;

use horesnet_compiler::document::{Document, Expression};
use horesnet_compiler::tableau::Tableau;
use horesnet_compiler::{check, library, parse};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str, default: u64| {
        let at = arguments.iter().position(|argument| argument == name);
        at.and_then(|at| arguments.get(at + 1)?.parse().ok())
            .unwrap_or(default)
    };
    let verbose = arguments.iter().any(|argument| argument == "--verbose");
    let mut random = Random(value("--seed", 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mistype = match arguments.first().map(String::as_str) {
        Some("entries") => entry,
        Some("nodes") => nodes,
        Some("digits") => digit,
        _ => {
            eprintln!("expected `entries`, `nodes` or `digits`");
            return ExitCode::FAILURE;
        }
    };
    let (mut tried, mut first, mut any) = (0, 0, 0);
    while tried < value("--count", 100) {
        let schemes = library::all();
        let scheme = schemes[random.below(schemes.len())];
        let mistyped = mistype(scheme.text, &mut random);
        let Some((text, what)) = mistyped else {
            continue;
        };
        let Some(found) = rank(scheme.text, &text) else {
            continue;
        };
        tried += 1;
        first += u64::from(found.place == Some(0));
        any += u64::from(found.place.is_some());
        if verbose && found.place != Some(0) {
            println!(
                "{}: {what}: place {:?} of {}{}",
                scheme.name, found.place, found.changes, found.shown
            );
        }
    }
    println!("{first} of {tried} first, {any} among the suggestions");
    ExitCode::SUCCESS
}

/// The place of the original among the changes that a repair suggests.
struct Found {
    place: Option<usize>,
    changes: usize,
    shown: String,
}

/// Repairs a mistyped text; `None` if its claims are still true.
fn rank(original: &str, mistyped: &str) -> Option<Found> {
    let checked = check(mistyped, None).ok()?;
    let repair = checked.repair?;
    let meant = Tableau::new(&parse(original).ok()?).ok()?;
    let is_meant = |text: String| {
        let document = parse(&text).ok();
        let tableau = document.and_then(|document| Tableau::new(&document).ok());
        tableau.is_some_and(|tableau| is_near(&tableau, &meant))
    };
    let tell = std::env::args().any(|argument| argument == "--all");
    for (at, change) in repair.changes.iter().enumerate().filter(|_| tell) {
        println!("  {at}: {change}");
    }
    for change in &repair.changes {
        let text = change.apply(mistyped);
        let holds = check(&text, None).is_ok_and(|checked| checked.problems.is_empty());
        assert!(
            holds,
            "{change} does not make every claim true:\n{mistyped}"
        );
    }
    let mut changes = repair.changes.iter();
    Some(Found {
        place: changes.position(|change| is_meant(change.apply(mistyped))),
        changes: repair.changes.len(),
        shown: match repair.changes.first() {
            Some(change) => format!("; first: {change}"),
            None if repair.complete => String::new(),
            None => "; too large to try all".to_owned(),
        },
    })
}

/// Returns true if the numbers of two tableaux are the same, but for ten times the stated errors.
fn is_near(a: &Tableau, b: &Tableau) -> bool {
    let eps = b.rounded.as_ref().map_or(0.0, |eps| 10.0 * eps.to_f64());
    let numbers = |t: &Tableau| {
        let weights = t.weights.iter().flat_map(|row| row.values.iter());
        let all = t.matrix.iter().chain(t.nodes.iter()).chain(weights);
        all.cloned().collect::<Vec<_>>()
    };
    let pairs = numbers(a).into_iter().zip(numbers(b));
    pairs.into_iter().all(|(a, b)| {
        let difference = (&a - &b).to_f64().abs();
        a == b || difference <= eps * b.to_f64().abs().max(1e-300)
    })
}

/// One number mistyped.
fn entry(text: &str, random: &mut Random) -> Option<(String, String)> {
    let document = parse(text).ok()?;
    let entries = entries(&document);
    let entry = entries[random.below(entries.len())];
    let written = text.get(entry.span.range())?;
    let changed = mistyped(written, random)?;
    let what = format!("{written} as {changed}");
    Some((replaced(text, &[(entry, changed)]), what))
}

/// One node mistyped, two exchanged, or all shifted by a row.
fn nodes(text: &str, random: &mut Random) -> Option<(String, String)> {
    let document = parse(text).ok()?;
    let rows = document.stages.iter();
    let nodes: Vec<_> = rows.filter_map(|row| row.node.as_ref()).collect();
    if nodes.len() < document.stages.len() || nodes.len() < 3 {
        return None;
    }
    let written = |at: usize| text.get(nodes[at].span.range()).map(str::to_owned);
    let (kind, mut edits) = (random.below(3), Vec::new());
    match kind {
        0 => {
            let at = random.below(nodes.len());
            edits.push((nodes[at], mistyped(&written(at)?, random)?));
        }
        1 => {
            let (a, b) = (random.below(nodes.len()), random.below(nodes.len()));
            edits.push((nodes[a], written(b)?));
            edits.push((nodes[b], written(a)?));
            edits.truncate(if a == b { 0 } else { 2 });
        }
        _ => {
            for at in 0..nodes.len() {
                let from = (at + 1).min(nodes.len() - 1);
                edits.push((nodes[at], written(from)?));
            }
        }
    }
    let what = ["a node", "two nodes exchanged", "nodes shifted"][kind];
    let shown = edits
        .first()
        .map(|(node, text)| format!("{:?} as {text}", node.span));
    let what = format!("{what}, {}", shown?);
    edits.sort_by_key(|(node, _)| node.span.start);
    Some((replaced(text, &edits), what))
}

/// One digit of a rounded scheme changed.
fn digit(text: &str, random: &mut Random) -> Option<(String, String)> {
    let document = parse(text).ok()?;
    document.rounded.as_ref()?;
    let entries = entries(&document);
    let entry = entries[random.below(entries.len())];
    let written = text.get(entry.span.range())?;
    if !written.contains('.') || written.contains(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let changed = other_digit(written, random)?;
    let what = format!("{written} as {changed}");
    Some((replaced(text, &[(entry, changed)]), what))
}

/// All numbers of a file but its bindings.
fn entries(document: &Document) -> Vec<&Expression> {
    let stages = document.stages.iter();
    let stages = stages.flat_map(|row| row.node.iter().chain(&row.entries));
    let weights = document.weights.iter().flat_map(|row| &row.entries);
    stages.chain(weights).collect()
}

/// The text with other numbers, in the order of their spans.
fn replaced(text: &str, edits: &[(&Expression, String)]) -> String {
    let (mut changed, mut copied) = (String::new(), 0);
    for (entry, to) in edits {
        changed.push_str(&text[copied..entry.span.start]);
        changed.push_str(to);
        copied = entry.span.end;
    }
    changed + &text[copied..]
}

/// A slip of the pen: a sign, a digit changed, lost, doubled or exchanged, a fraction upside down, another number.
fn mistyped(written: &str, random: &mut Random) -> Option<String> {
    let has_names = written
        .replace("sqrt", "")
        .contains(|c: char| c.is_ascii_alphabetic());
    let digits: Vec<_> = { written.char_indices() }
        .filter(|(_, c)| c.is_ascii_digit())
        .map(|(at, _)| at)
        .collect();
    let sign = || match written.strip_prefix('-') {
        Some(rest) if !rest.contains(['+', '-']) => rest.to_owned(),
        _ => format!("-({written})"),
    };
    if has_names || digits.is_empty() {
        return Some(sign());
    }
    let at = digits[random.below(digits.len())];
    Some(match random.below(7) {
        0 => sign(),
        1 => other_digit(written, random)?,
        2 if digits.len() > 1 => format!("{}{}", &written[..at], &written[at + 1..]),
        3 => format!("{}{}", &written[..=at], &written[at..]),
        4 if digits.contains(&(at + 1)) => {
            let (a, b) = (&written[at..=at], &written[at + 1..at + 2]);
            format!("{}{b}{a}{}", &written[..at], &written[at + 2..])
        }
        5 => {
            let (numerator, denominator) = written.split_once('/')?;
            let (minus, numerator) = match numerator.strip_prefix('-') {
                Some(rest) => ("-", rest),
                None => ("", numerator),
            };
            format!("{minus}{denominator}/{numerator}")
        }
        6 => format!("{}/{}", random.below(19), 1 + random.below(20)),
        _ => return None,
    })
}

fn other_digit(written: &str, random: &mut Random) -> Option<String> {
    let digits = written.char_indices().filter(|(_, c)| c.is_ascii_digit());
    let digits: Vec<_> = digits.collect();
    let (at, old) = *digits.get(random.below(digits.len().max(1)))?;
    let new = char::from(b'0' + random.below(10) as u8);
    (new != old).then(|| format!("{}{new}{}", &written[..at], &written[at + 1..]))
}

/// Xorshift (Marsaglia 2003): the same mutations for the same seed, everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound
    }
}
