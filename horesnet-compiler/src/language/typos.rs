//! Recognises common mistakes in tableau files, and suggests what to write.

use crate::language::diagnostic::{Diagnostic, Span};

/// Adds help to an error at byte `at` of an entry.
pub(crate) fn in_entry(problem: Diagnostic, text: &str, at: usize) -> Diagnostic {
    const MINUS: [char; 4] = ['\u{2010}', '\u{2012}', '\u{2013}', '\u{2212}'];
    let entry = text.trim();
    let before = text.get(..at).and_then(|before| before.chars().next_back());
    let after = text.get(at..).and_then(|after| after.chars().next());
    let is_product = before.is_some_and(|c| c.is_ascii_digit() || c == ')')
        && after.is_some_and(|c| c.is_ascii_alphabetic() || c == '_' || c == '(');
    if entry.starts_with("root(") {
        problem.help("a root of a polynomial is written as a rounded decimal of 30 digits, in a file with `rounded 5e-30`")
    } else if entry.contains("**") {
        problem.help("write powers with `^`, as in `2^-1`")
    } else if entry.contains("..") || entry.contains('…') {
        problem.help("write the fraction, or all digits in a file with `rounded EPS`")
    } else if entry.contains(['½', '⅓', '⅔', '¼', '¾', '⅙', '⅛']) {
        problem.help("write fractions with `/`, as in `1/2`")
    } else if entry.contains(MINUS) {
        problem.help("write the minus sign as `-`")
    } else if entry.contains(',') {
        problem.help("remove the comma: white space separates entries, and decimals have a point")
    } else if entry.len() > 1 && entry.starts_with('+') {
        problem.help("remove the leading `+`")
    } else if entry.ends_with(['+', '-', '*', '/', '^']) || entry.starts_with(['*', '/', '^']) {
        problem.help(
            "white space ends an entry: write `-1/3` for `- 1/3`, or put all of it in parentheses",
        )
    } else if is_product {
        problem.help("write products with `*`, as in `2*r`")
    } else {
        problem
    }
}

/// Adds help to an error in a line of a file.
pub(crate) fn in_file(problem: Diagnostic, text: &str) -> Diagnostic {
    // Line ends of old systems are not read, and nothing else would say so.
    if text.contains('\r') && !text.contains('\n') {
        return problem.help("lines must end in LF or CRLF; this file has CR only");
    }
    let made_of = |line: &str, characters: &str| {
        !line.is_empty() && line.chars().all(|c| characters.contains(c))
    };
    let separated = text.lines().any(|line| made_of(line.trim(), "-=+"));
    if !separated && let Some(span) = barred_rule(text) {
        let headline = "the line between the stages and the weights has no `|`";
        return Diagnostic::at(span, headline).help("write it of `-`, `=` and `+`: `---+---`");
    }
    let line = line_at(text, problem.start());
    let problem = match correction(line) {
        Some(help) => problem.help(help),
        None => problem,
    };
    // A file without that line is wrong wherever the parser gave up.
    if separated {
        return problem;
    }
    problem.help("a line of `-`, `=` and `+` must stand between the stages and the weights")
}

/// Finds a separator line that contains bars.
fn barred_rule(text: &str) -> Option<Span> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let rule = line.trim();
        if rule.contains('|') && rule.contains("--") && rule.chars().all(|c| "-=+|: ".contains(c)) {
            let start = start + (line.len() - line.trim_start().len());
            return Some(Span::new(start, start + rule.len()));
        }
        start += line.len();
    }
    None
}

/// Returns the line that contains a byte, without its comment.
fn line_at(text: &str, at: usize) -> &str {
    let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let end = before.len() + after.find('\n').unwrap_or(after.len());
    let line = text.get(start..end).unwrap_or_default();
    line.split('#').next().unwrap_or_default().trim()
}

/// Suggests a correction for a line that looks like a comment, a header or a labelled row.
fn header(line: &str) -> Option<&'static str> {
    let is_name = |text: &str| {
        let mut letters = text.trim().chars();
        letters.next().is_some_and(char::is_alphabetic)
            && letters.all(|c| c.is_alphanumeric() || "_'^".contains(c))
    };
    let before = |mark: char| line.split_once(mark).is_some_and(|(name, _)| is_name(name));
    let word = line.split_whitespace().next().unwrap_or_default();
    Some(match word {
        "let" => "bindings `let NAME = VALUE` stand before the first row",
        "name" | "cite" | "alias" => {
            "it is written in double quotes, before the first row: `name \"Heun 2\"`"
        }
        "rounded" => {
            "`rounded EPS` states the relative error of the numbers, before the first row: `rounded 5e-16`"
        }
        _ if line.starts_with(['%', ';', '!']) || line.starts_with("//") => {
            "comments start with `#`"
        }
        _ if line.starts_with(['[', '{']) => "rows are written without brackets: `NODE | ENTRY …`",
        _ if line.starts_with('|') => {
            "a stage row begins with its node, or with `*` for the sum of the row: `* | ENTRY …`"
        }
        _ if before('|') => {
            "rows have no labels: a stage row is `NODE | ENTRY …`, a weights row `order N | ENTRY …`"
        }
        _ if before('=') || before(':') => "constants are bound with `let`, as in `let g = 1/4`",
        _ => return None,
    })
}

/// Suggests a correction for a line that is not a row.
fn correction(line: &str) -> Option<&'static str> {
    let lower = line.to_ascii_lowercase();
    if let Some(claim) = lower.strip_prefix("order") {
        let (number, bar) = claim.split_once('|').unwrap_or((claim, ""));
        let is_claim = line.starts_with("order")
            && number.starts_with([' ', '\t'])
            && number.trim().bytes().all(|byte| byte.is_ascii_digit());
        if !is_claim && !bar.is_empty() {
            return Some("a claim is written `order N`, in small letters and with a space");
        }
        return Some(if line.contains('|') {
            "rows of weights stand below the line `---`, and the stages above it"
        } else {
            "a `|` stands between the claim and the weights: `order N | ENTRY …`"
        });
    }
    if let Some(help) = header(line) {
        return Some(help);
    }
    if line.matches('|').count() > 1 {
        return Some(
            "a row has one `|`; a second matrix, as of an IMEX pair, goes to a file of its own",
        );
    }
    let is_row = line.starts_with(|c: char| c.is_ascii_digit() || "*.(-".contains(c));
    let is_rule = line.chars().all(|c| "-=+".contains(c));
    (is_row && !is_rule && !line.contains('|'))
        .then_some("a `|` stands between the node and the entries: `NODE | ENTRY …`")
}
