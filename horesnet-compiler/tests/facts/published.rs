//! Published tableaux as their sources print them, and an evaluator of their numbers that shares nothing with the
//! compiler's: `p/q`, decimals, and `p*sqrt(d)/q`, added up.

use std::fs;
use std::path::Path;

use horesnet_compiler::number::Number;
use num_bigint::BigInt;

/// A tableau as text.
#[derive(Default)]
pub(crate) struct Published {
    pub(crate) name: String,
    /// Repository, commit and file the coefficients were read from.
    pub(crate) source: String,
    /// What the source claims of the weights and, if it has them and says so, of the embedded weights.
    pub(crate) order: usize,
    pub(crate) embedded_order: Option<usize>,
    pub(crate) nodes: Vec<String>,
    /// From the second stage on; row `i` has `i` entries.
    pub(crate) rows: Vec<Vec<String>>,
    pub(crate) weights: Vec<String>,
    pub(crate) embedded: Option<Vec<String>>,
}

/// All tableaux of `published/`.
pub(crate) fn all() -> Vec<Published> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/facts/published");
    let files = fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = files.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let texts = files.iter().map(|file| fs::read_to_string(file).unwrap());
    texts
        .flat_map(|text| text.split("\n\n").map(read).collect::<Vec<_>>())
        .collect()
}

fn read(paragraph: &str) -> Published {
    let mut published = Published::default();
    for line in paragraph.lines() {
        let Some((key, rest)) = line.strip_prefix("  ").and_then(|l| l.split_once(' ')) else {
            line.clone_into(&mut published.name);
            continue;
        };
        let words: Vec<String> = rest.split(' ').map(str::to_owned).collect();
        match key {
            "from" => rest.clone_into(&mut published.source),
            "order" => {
                published.order = words[0].parse().unwrap();
                published.embedded_order = words.get(2).and_then(|order| order.parse().ok());
            }
            "c" => published.nodes = words,
            "a" => published.rows.push(words),
            "b" => published.weights = words,
            "e" => published.embedded = Some(words),
            _ => panic!("{line}"),
        }
    }
    published
}

impl Published {
    /// All numbers: nodes, rows and weights.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = &String> {
        let rows = self.rows.iter().flatten();
        let weights = self.weights.iter().chain(self.embedded.iter().flatten());
        self.nodes.iter().chain(rows).chain(weights)
    }

    /// The tableau in the compiler's language, with the claims of its source.
    pub(crate) fn text(&self, rounded: Option<&str>) -> String {
        let mut lines: Vec<String> = rounded.iter().map(|eps| format!("rounded {eps}")).collect();
        let empty = Vec::new();
        let rows = std::iter::once(&empty).chain(&self.rows);
        for (node, row) in self.nodes.iter().zip(rows) {
            let entries: Vec<_> = row.iter().map(|entry| writable(entry)).collect();
            lines.push(format!("{} | {}", writable(node), entries.join(" ")));
        }
        lines.push("---".to_owned());
        lines.push(format!("order {} | {}", self.order, self.weights.join(" ")));
        if let Some(embedded) = &self.embedded {
            let claim = self.embedded_order.map(|order| format!("order {order} "));
            lines.push(format!(
                "{}| {}",
                claim.unwrap_or_default(),
                embedded.join(" ")
            ));
        }
        lines.join("\n") + "\n"
    }
}

/// Roots of numbers past 2³² are beyond the language; sixty digits stand in for them.
fn writable(text: &str) -> String {
    let value = Value::read(text);
    if value.radicand < 1 << 32 {
        return text.to_owned();
    }
    format!("{}/{}", value.scaled(60), BigInt::from(10).pow(60))
}

/// `(p + q·√d)/n`.
#[derive(Clone, Debug)]
pub(crate) struct Value {
    p: BigInt,
    q: BigInt,
    radicand: u64,
    n: BigInt,
}

impl Value {
    /// A sum of terms such as `-3/4`, `.5e-1`, `7*sqrt(5)/20`.
    pub(crate) fn read(text: &str) -> Self {
        let mut value = Self {
            p: BigInt::from(0),
            q: BigInt::from(0),
            radicand: 1,
            n: BigInt::from(1),
        };
        let mut start = 0;
        let bytes = text.as_bytes();
        for end in 1..=bytes.len() {
            // A sign starts a term, unless it belongs to an exponent.
            let sign = end < bytes.len() && matches!(bytes[end], b'+' | b'-');
            if end == bytes.len() || (sign && !matches!(bytes[end - 1], b'e' | b'E')) {
                value.add(&text[start..end]);
                start = end;
            }
        }
        value
    }

    fn add(&mut self, term: &str) {
        let (sign, term) = match term.as_bytes()[0] {
            b'-' => (-1, &term[1..]),
            b'+' => (1, &term[1..]),
            _ => (1, term),
        };
        let (factor, radicand, rest) = match term.split_once("sqrt(") {
            None => (term, 1, ""),
            Some((factor, rest)) => {
                let (radicand, rest) = rest.split_once(')').unwrap();
                let factor = factor.strip_suffix('*').unwrap_or("1");
                (factor, radicand.parse().unwrap(), rest)
            }
        };
        let (numerator, denominator) = match rest.strip_prefix('/') {
            Some(denominator) => (factor, denominator),
            None => factor.split_once('/').unwrap_or((factor, "1")),
        };
        let (above, below) = decimal(numerator);
        let below = below * denominator.parse::<BigInt>().unwrap();
        let above = above * sign * &self.n;
        self.p *= &below;
        self.q *= &below;
        if radicand == 1 {
            self.p += above;
        } else {
            assert!(self.radicand == 1 || self.radicand == radicand);
            self.radicand = radicand;
            self.q += above;
        }
        self.n *= below;
    }

    /// The compiler's number in this form.
    pub(crate) fn of(number: &Number) -> Self {
        let part = |root: bool| number.terms().iter().find(|(d, _)| (*d != 1) == root);
        let part = |root| part(root).map_or((1, BigInt::from(0)), |(d, n)| (*d, n.clone()));
        let (radicand, q) = part(true);
        Self {
            p: part(false).1,
            q,
            radicand: u64::try_from(radicand).unwrap(),
            n: number.denominator().clone(),
        }
    }

    /// `⌊10^digits·self⌋` or the integer after it.
    pub(crate) fn scaled(&self, digits: u32) -> BigInt {
        let root = (&self.q * &self.q * self.radicand * BigInt::from(100).pow(digits)).sqrt();
        let root = if self.q < BigInt::from(0) {
            -root
        } else {
            root
        };
        (&self.p * BigInt::from(10).pow(digits) + root) / &self.n
    }
}

/// Equal as numbers. Roots of different square-free integers are independent.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        let roots = &self.q * &other.n == &other.q * &self.n;
        let zero = self.q == BigInt::from(0);
        &self.p * &other.n == &other.p * &self.n
            && roots
            && (zero || self.radicand == other.radicand)
    }
}

/// `1.5e-3` as integers above and below a line.
fn decimal(text: &str) -> (BigInt, BigInt) {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.parse::<i32>().unwrap() - i32::try_from(fraction.len()).unwrap();
    let digits: BigInt = format!("{whole}{fraction}").parse().unwrap();
    let power = BigInt::from(10).pow(exponent.unsigned_abs());
    if exponent < 0 {
        (digits, power)
    } else {
        (digits * power, BigInt::from(1))
    }
}
