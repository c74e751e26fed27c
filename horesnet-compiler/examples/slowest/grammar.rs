//! Texts of the tableau language, with numbers, claims and sizes at the edge of the limits.

use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

/// A tableau of up to 64 stages.
pub(crate) fn tableau(random: &mut StdRng) -> String {
    let stages = one_of(random, &[1, 2, 2, 3, 4, 5, 7, 8, 10, 13, 16, 20, 35, 64]);
    let form = random.random_range(0..4);
    let kind = random.random_range(0..KINDS);
    let filled = one_of(random, &[0.1, 0.5, 0.9, 1.0]);
    let mut text = header(random);
    let names = usize::from(random.random_bool(0.3)) * random.random_range(1..6);
    for name in 0..names {
        text += &[
            "let n",
            &name.to_string(),
            " = ",
            &number(random, kind),
            "\n",
        ]
        .concat();
    }
    let entry = |random: &mut StdRng| match names {
        _ if !random.random_bool(filled) => "0".to_owned(),
        0 => number(random, kind),
        names => format!("n{}", random.random_range(0..names)),
    };
    let repeats = random.random_bool(0.3);
    let repeated = entry(random);
    let row = |random: &mut StdRng, length: usize| {
        let entries = (0..length).map(|_| {
            if repeats {
                repeated.clone()
            } else {
                entry(random)
            }
        });
        entries.collect::<Vec<_>>().join(" ")
    };
    let unequal = one_of(random, &[0.0, 0.0, 0.1, 1.0]);
    for stage in 0..stages {
        let length = if form == 0 { stages } else { stage };
        let node = if random.random_bool(unequal) {
            number(random, kind)
        } else {
            "*".to_owned()
        };
        text += &[&node, " | ", &row(random, length), "\n"].concat();
    }
    text += "---\n";
    for _ in 0..one_of(random, &[1, 1, 1, 2, 3, 64]) {
        text += &claim(random);
        text += &if random.random_bool(0.3) {
            cancelling(random, stages)
        } else {
            row(random, stages)
        };
        text.push('\n');
    }
    text
}

fn one_of<T: Copy>(random: &mut StdRng, values: &[T]) -> T {
    *values.choose(random).expect("a value")
}

fn header(random: &mut StdRng) -> String {
    match random.random_range(0..8) {
        0 => format!(
            "# {}\nname \"{}\"\n",
            "c".repeat(50_000),
            "n".repeat(100_000)
        ),
        1 => "cite \"c\"\n".repeat(10_000),
        2..5 => rounded(random),
        _ => String::new(),
    }
}

/// The line `rounded`.
pub(crate) fn rounded(random: &mut StdRng) -> String {
    let exponent = one_of(
        random,
        &[1, 2, 4, 6, 9, 12, 16, 20, 24, 30, 60, 100, 300, 1000, 4096],
    );
    format!("rounded 1e-{exponent}\n")
}

/// A claim, or none, with its bar.
pub(crate) fn claim(random: &mut StdRng) -> String {
    match random.random_range(0..20) {
        0..3 => "| ".to_owned(),
        order => format!("order {} | ", order - 2),
    }
}

/// Weights that sum to 1, but whose absolute values sum to much more: every tolerance is large.
fn cancelling(random: &mut StdRng, stages: usize) -> String {
    let size = one_of(random, &["1", "100", "1e10", "1e100"]);
    let pairs = vec![format!("{size} -{size}"); (stages - 1) / 2];
    let rest = if stages % 2 == 1 {
        "1".to_owned()
    } else {
        format!("{size} 1-{size}")
    };
    pairs
        .into_iter()
        .chain([rest])
        .collect::<Vec<_>>()
        .join(" ")
}

/// Kinds of numbers.
const KINDS: usize = 9;

/// A number of a kind, or now and then of another.
pub(crate) fn number(random: &mut StdRng, kind: usize) -> String {
    let kind = if random.random_bool(0.1) {
        random.random_range(0..KINDS)
    } else {
        kind
    };
    let small = random.random_range(1..100);
    match kind {
        0 | 1 => format!("{small}/{}", random.random_range(1..100)),
        2 => format!("{}/{}", digits(random), digits(random)),
        3 => format!("0.{}", digits(random)),
        4 => format!("{small}e{}", random.random_range(-4096..=4096)),
        5 => roots(random),
        6 => format!(
            "({}/{small})^{}",
            roots(random),
            random.random_range(-64..=64)
        ),
        7 => {
            let operator = one_of(random, &["+", "*", "/", "-"]);
            let number = number(random, 2 + small % 4);
            format!(
                "({})",
                vec![number; one_of(random, &[2, 10, 100])].join(operator)
            )
        }
        _ => {
            let depth = random.random_range(1..60);
            format!(
                "{}{}{}",
                "(-".repeat(depth),
                number(random, small % 5),
                ")^2".repeat(depth)
            )
        }
    }
}

fn digits(random: &mut StdRng) -> String {
    let count = one_of(random, &[1, 2, 5, 16, 20, 60, 100, 300, 1000, 4096]);
    (0..count)
        .map(|_| char::from(b'0' + random.random_range(0..10)))
        .collect()
}

/// A sum of square roots.
fn roots(random: &mut StdRng) -> String {
    let radicands = [
        "2",
        "3",
        "5",
        "7",
        "6",
        "10",
        "30",
        "210",
        "4294967291",
        "65521/65519",
    ];
    let count = random.random_range(1..6);
    let terms = (0..count).map(|_| {
        let (factor, radicand) = (digits(random), one_of(random, &radicands));
        format!("{factor}*sqrt({radicand})")
    });
    format!("({})", terms.collect::<Vec<_>>().join("+"))
}
