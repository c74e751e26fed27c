//! Suggests schemes for a name that none has: by its words and numbers, then by its spelling.
//!
//! `rk5` asks for order 5 and `dormand54` for a pair of two authors. No edit distance finds those.

use std::cmp::Reverse;

use super::{Bundled, explicit_and_implicit, normalized};
use crate::language::document::Document;
use crate::language::syntax;

/// Most suggestions.
const MOST: usize = 4;

/// Words that every scheme could have.
const GENERIC: [&str; 14] = [
    "rk",
    "erk",
    "rkm",
    "runge",
    "kutta",
    "rungekutta",
    "ode",
    "order",
    "stage",
    "stages",
    "method",
    "scheme",
    "th",
    "rd",
];

/// Shortest word that is compared as the beginning of another.
const BEGINNING: usize = 3;
/// Shortest word that may have a slip.
const SLIP: usize = 5;

/// Returns the names of the bundled schemes that `name` may mean, the likeliest first; at most four.
///
/// Words of a scheme are those of its names and the authors that it cites; its numbers are its orders and stages. Only if no
/// scheme has such words or numbers, spelling decides.
///
/// # Example
/// ```
/// use horesnet_compiler::library::similar;
///
/// assert_eq!(similar("dopri"), ["dopri5", "dopri8"]);
/// assert_eq!(similar("rk5")[0], "dopri5");
/// assert_eq!(similar("midpont"), ["midpoint", "implicit_midpoint"]);
/// assert_eq!(similar("trapezium"), ["trapezoidal"]);
/// assert!(similar("leapfrog").is_empty());
/// ```
#[must_use]
pub fn similar(name: &str) -> Vec<&'static str> {
    let query = Query::new(name);
    let facts: Vec<_> = explicit_and_implicit().map(Facts::new).collect();
    let has_begun = |word: &str, known: &str| {
        word == known || word.len() >= BEGINNING && known.starts_with(word)
    };
    let slipped =
        |word: &str, known: &str| word.len() >= SLIP && strsim::osa_distance(word, known) <= 1;
    let found = if query.words.is_empty() {
        query.by_numbers(facts.iter().collect())
    } else {
        let found = query.by_words(&facts, has_begun);
        if found.is_empty() {
            query.by_words(&facts, slipped)
        } else {
            found
        }
    };
    if found.is_empty() {
        query.by_spelling(&facts)
    } else {
        found
    }
}

/// Asks whether one of the [similar] names is meant, if there are any.
///
/// # Example
/// ```
/// let question = horesnet_compiler::library::did_you_mean("ssp3");
/// assert_eq!(question.as_deref(), Some("did you mean `ssprk3`, `ssprk43` or `ssprk53`?"));
/// ```
#[must_use]
pub fn did_you_mean(name: &str) -> Option<String> {
    let names: Vec<_> = similar(name)
        .iter()
        .map(|name| format!("`{name}`"))
        .collect();
    let listed = match names.as_slice() {
        [] => return None,
        [one] => one.clone(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    };
    Some(format!("did you mean {listed}?"))
}

/// A name that no scheme has.
struct Query {
    normalized: String,
    words: Vec<String>,
    numbers: Vec<String>,
}

/// The words, numbers and authors by which a scheme is named.
struct Facts {
    scheme: &'static Bundled,
    words: Vec<String>,
    /// Orders of the propagated and the embedded weights.
    orders: Vec<usize>,
    stages: usize,
}

impl Query {
    fn new(name: &str) -> Self {
        let (mut words, numbers) = words_and_numbers(name);
        words.retain(|word| word.chars().count() > 1 && !GENERIC.contains(&word.as_str()));
        Self {
            normalized: normalized(name),
            words,
            numbers,
        }
    }

    /// Returns the schemes that have most of the words, and of those the ones that have the numbers, if there are any.
    fn by_words(&self, facts: &[Facts], is_same: impl Fn(&str, &str) -> bool) -> Vec<&'static str> {
        let shared = |facts: &Facts| {
            let is_known = |word: &&String| facts.words.iter().any(|known| is_same(word, known));
            self.words.iter().filter(is_known).count()
        };
        let counts: Vec<_> = facts.iter().map(shared).collect();
        let most = counts.iter().copied().max().unwrap_or(0);
        if most == 0 {
            return Vec::new();
        }
        let found = facts
            .iter()
            .zip(&counts)
            .filter(|(_, count)| **count == most);
        let found: Vec<_> = found.map(|(facts, _)| facts).collect();
        let by_numbers = self.by_numbers(found.clone());
        if by_numbers.is_empty() {
            self.best(found)
        } else {
            by_numbers
        }
    }

    fn by_numbers(&self, mut facts: Vec<&Facts>) -> Vec<&'static str> {
        facts.retain(|facts| facts.matches(&self.numbers) > 0);
        self.best(facts)
    }

    /// Returns the best, of equals those with more names: they are the better known.
    fn best(&self, mut facts: Vec<&Facts>) -> Vec<&'static str> {
        facts.sort_by_cached_key(|facts| {
            let scheme = facts.scheme;
            let known = Reverse(scheme.aliases.len());
            (
                Reverse(facts.matches(&self.numbers)),
                !scheme.explicit,
                known,
                scheme.name,
            )
        });
        facts.truncate(MOST);
        facts.iter().map(|facts| facts.scheme.name).collect()
    }

    /// Returns the schemes of the least edit distance, if it is small: most of a short name is another name.
    fn by_spelling(&self, facts: &[Facts]) -> Vec<&'static str> {
        let most = (1 + self.normalized.len() / 4).min(self.normalized.len() / 2);
        let distance = |facts: &Facts| {
            let names = facts.scheme.names();
            let distances =
                names.map(|name| strsim::osa_distance(&self.normalized, &normalized(name)));
            distances.min().filter(|distance| *distance <= most)
        };
        let distances: Vec<_> = facts.iter().map(distance).collect();
        let least = distances.iter().flatten().min();
        let near = facts
            .iter()
            .zip(&distances)
            .filter(|(_, distance)| distance.as_ref() == least);
        let near = near.filter(|(_, distance)| distance.is_some());
        near.take(MOST)
            .map(|(facts, _)| facts.scheme.name)
            .collect()
    }
}

impl Facts {
    fn new(scheme: &'static Bundled) -> Self {
        // A test checks that all can be read.
        let Document {
            citations,
            stages,
            weights,
            ..
        } = syntax::parse(scheme.text).unwrap_or_default();
        let mut names: Vec<&str> = scheme.names().collect();
        names.extend(citations.iter().flat_map(|citation| authors(citation)));
        let words = names.into_iter().flat_map(|name| {
            let (mut words, _) = words_and_numbers(name);
            words.push(words.concat());
            words
        });
        let words = words.collect();
        Self {
            scheme,
            words,
            orders: weights
                .iter()
                .filter_map(|row| Some(row.claim.as_ref()?.value))
                .collect(),
            stages: stages.len(),
        }
    }

    /// How well numbers of a name match: as a pair of orders or stages and order, as the order, or as the number in the name
    /// or of the stages.
    fn matches(&self, numbers: &[String]) -> usize {
        let [order, embedded] = [0, 1].map(|row| self.orders.get(row).copied().unwrap_or(0));
        let stages = self.stages;
        let (_, own) = words_and_numbers(self.scheme.name);
        let matched = |number: &String| {
            let pairs = [(order, embedded), (embedded, order), (stages, order)];
            if pairs
                .iter()
                .any(|(one, other)| *number == format!("{one}{other}"))
            {
                4
            } else if *number == order.to_string() {
                3
            } else if own.contains(number) {
                2
            } else {
                usize::from(*number == stages.to_string())
            }
        };
        numbers.iter().map(matched).max().unwrap_or(0)
    }
}

/// The runs of letters, in lower case and without accents, and the runs of digits.
fn words_and_numbers(name: &str) -> (Vec<String>, Vec<String>) {
    let plain: Vec<char> = name
        .chars()
        .flat_map(char::to_lowercase)
        .map(without_accent)
        .collect();
    let kind = |c: &char| (c.is_alphabetic(), c.is_ascii_digit());
    let runs = plain.chunk_by(|one, other| kind(one) == kind(other));
    let runs = runs.filter(|run| run.first().is_some_and(|c| kind(c) != (false, false)));
    runs.map(|run| run.iter().collect())
        .partition(|run: &String| run.starts_with(char::is_alphabetic))
}

/// The letter under the accents in names of authors.
fn without_accent(c: char) -> char {
    match c {
        'á' | 'à' | 'ä' | 'å' => 'a',
        'é' | 'è' => 'e',
        'ö' | 'ø' | 'ó' => 'o',
        'ü' | 'ú' => 'u',
        'ť' => 't',
        'ž' => 'z',
        other => other,
    }
}

/// The authors of a citation: they have initials, and their names no points, unlike those of journals.
fn authors(citation: &str) -> Vec<&str> {
    let parts = citation.split(", ").flat_map(|part| part.split(" and "));
    let has_initial = |part: &&str| {
        part.split_once(". ")
            .is_some_and(|(first, _)| first.len() <= 2)
    };
    let words = parts.filter(has_initial).flat_map(str::split_whitespace);
    words
        .filter(|word| {
            word.chars().count() >= BEGINNING
                && !word.contains(|c: char| c == '.' || c.is_ascii_digit())
        })
        .collect()
}
