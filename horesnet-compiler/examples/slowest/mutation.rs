//! Changes of a text in any notation: of its bytes, its words and its lines.

use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use crate::grammar;

/// The text after one change; `other` may lend it lines.
pub(crate) fn changed(random: &mut StdRng, text: &str, other: &str) -> String {
    match random.random_range(0..12) {
        0..5 => word(random, text),
        5..8 => line(random, text, other),
        8 => repeated(random, text),
        9 => characters(random, text),
        10 => format!("{}{text}", grammar::rounded(random)),
        _ => claims(random, text),
    }
}

/// Another number in the place of a word.
fn word(random: &mut StdRng, text: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "._".contains(c);
    let mut words = Vec::new();
    let mut begin = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (begin, is_word(c)) {
            (None, true) => begin = Some(at),
            (Some(from), false) => {
                words.push(from..at);
                begin = None;
            }
            _ => {}
        }
    }
    let Some(range) = words.choose(random).cloned() else {
        return text.to_owned();
    };
    let old = &text[range.clone()];
    let new = match random.random_range(0..8) {
        0 => format!("({old}*{old})"),
        1 => format!("({old}^{})", random.random_range(-64..=64)),
        2 => format!("sqrt({old})"),
        3 => words
            .choose(random)
            .map_or("", |range| &text[range.clone()])
            .to_owned(),
        _ => {
            let kind = random.random_range(0..9);
            grammar::number(random, kind)
        }
    };
    format!("{}{new}{}", &text[..range.start], &text[range.end..])
}

/// A line removed, written twice, exchanged or borrowed.
fn line(random: &mut StdRng, text: &str, other: &str) -> String {
    let mut lines: Vec<_> = text.split_inclusive('\n').collect();
    if lines.is_empty() {
        return text.to_owned();
    }
    let (a, b) = (
        random.random_range(0..lines.len()),
        random.random_range(0..lines.len()),
    );
    match random.random_range(0..4) {
        0 => drop(lines.remove(a)),
        1 => lines.insert(b, lines[a]),
        2 => lines.swap(a, b),
        _ => {
            let borrowed: Vec<_> = other.split_inclusive('\n').collect();
            lines.insert(a, borrowed.choose(random).copied().unwrap_or("\n"));
        }
    }
    lines.concat()
}

/// A part of the text many times.
fn repeated(random: &mut StdRng, text: &str) -> String {
    let (begin, end) = part(random, text, 200);
    let count = *[2, 10, 100, 1000, 30_000].choose(random).unwrap_or(&2);
    let most = 1_200_000 / (end - begin).max(1);
    format!(
        "{}{}{}",
        &text[..begin],
        text[begin..end].repeat(count.min(most)),
        &text[end..]
    )
}

/// A few characters in the place of others.
fn characters(random: &mut StdRng, text: &str) -> String {
    const PIECES: &[&str] = &[
        "(", ")", "[", "]", "{", "}", "\"", "'", "\\", "\n", "|", "#", "%", "&", ",", ";", " ",
        "=", "^", "**", "//", "/", "-", "\\frac{", "\\sqrt{", "\\\\", "\\hline", "sqrt(",
        "let x = ", "\"\"\"", "#=", "1e4096", "9", "0", ".", "é", "A", "b",
    ];
    let (begin, end) = part(random, text, 4);
    let piece = PIECES.choose(random).copied().unwrap_or_default();
    format!("{}{piece}{}", &text[..begin], &text[end..])
}

/// Other claims.
fn claims(random: &mut StdRng, text: &str) -> String {
    let lines = text
        .split_inclusive('\n')
        .map(|line| match line.split_once('|') {
            Some((claim, weights)) if claim.starts_with("order") => {
                grammar::claim(random) + weights
            }
            _ => line.to_owned(),
        });
    lines.collect()
}

fn part(random: &mut StdRng, text: &str, most: usize) -> (usize, usize) {
    let begin = random.random_range(0..=text.len());
    let end = (begin + random.random_range(0..=most)).min(text.len());
    let is_boundary = |at: &usize| text.is_char_boundary(*at);
    (
        (0..=begin).rfind(is_boundary).unwrap_or(0),
        (end..text.len()).find(is_boundary).unwrap_or(text.len()),
    )
}
