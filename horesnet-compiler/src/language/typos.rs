//! The usual slips in a tableau file, and what to write instead: the parser knows only where it gave up.

use crate::language::diagnostic::{Diagnostic, Span};

/// Says what is wrong with an entry that the parser left at the byte `at`.
pub(crate) fn in_entry(problem: Diagnostic, text: &str, at: usize) -> Diagnostic {
    const MINUS: [char; 4] = ['\u{2010}', '\u{2012}', '\u{2013}', '\u{2212}'];
    let entry = text.trim();
    let before = text.get(..at).and_then(|before| before.chars().next_back());
    let after = text.get(at..).and_then(|after| after.chars().next());
    let is_product = before.is_some_and(|c| c.is_ascii_digit() || c == ')')
        && after.is_some_and(|c| c.is_ascii_alphabetic() || c == '_' || c == '(');
    if entry.contains(MINUS) {
        problem.help("the minus sign is written `-`, the one of the keyboard")
    } else if entry.contains(',') {
        problem.help(
            "white space alone separates entries, and decimals have a point: leave out the comma",
        )
    } else if entry.len() > 1 && entry.starts_with('+') {
        problem.help("leave out the `+` in front")
    } else if entry.ends_with(['+', '-', '*', '/', '^']) || entry.starts_with(['*', '/', '^']) {
        problem.help(
            "white space ends an entry: write `-1/3` for `- 1/3`, or put all of it in parentheses",
        )
    } else if is_product {
        problem.help("a product is written with `*`, as in `2*r`")
    } else {
        problem
    }
}

/// Says what is wrong with the line on which the parser left a file.
pub(crate) fn in_file(problem: Diagnostic, text: &str) -> Diagnostic {
    // Line ends of old systems are not read, and nothing else would say so.
    if text.contains('\r') && !text.contains('\n') {
        return problem.help("line ends must be LF or CRLF; this file has CR alone");
    }
    let made_of = |line: &str, characters: &str| {
        !line.is_empty() && line.chars().all(|c| characters.contains(c))
    };
    let separated = text.lines().any(|line| made_of(line.trim(), "-=+"));
    if !separated && let Some(span) = barred_rule(text) {
        return Diagnostic::at(
            span,
            "the line between the stages and the weights has no `|`",
        )
        .help("write it of `-`, `=` and `+`: `---+---`");
    }
    let line = line_at(text, problem.start());
    let problem = match slip(line) {
        Some(help) => problem.help(help),
        None => problem,
    };
    // A file without that line is wrong wherever the parser gave up.
    if separated {
        return problem;
    }
    problem.help("a line of `-`, `=` and `+` must stand between the stages and the weights")
}

/// The line between stages and weights, drawn with bars.
fn barred_rule(text: &str) -> Option<Span> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let rule = line.trim();
        if rule.contains('|') && rule.contains("--") && rule.chars().all(|c| "-=+|: ".contains(c)) {
            let start = start + (line.len() - line.trim_start().len());
            let end = start + rule.len();
            return Some(Span { start, end });
        }
        start += line.len();
    }
    None
}

/// The line of a byte, without its comment.
fn line_at(text: &str, at: usize) -> &str {
    let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let end = after
        .find('\n')
        .map_or(text.len(), |end| before.len() + end);
    let line = text.get(start..end).unwrap_or_default();
    line.split('#').next().unwrap_or_default().trim()
}

/// What to write instead of a line that is no row.
fn slip(line: &str) -> Option<&'static str> {
    let lower = line.to_ascii_lowercase();
    if let Some(claim) = lower.strip_prefix("order") {
        let (number, bar) = claim.split_once('|').unwrap_or((claim, ""));
        let is_claim = line.starts_with("order")
            && number.starts_with([' ', '\t'])
            && number.trim().bytes().all(|byte| byte.is_ascii_digit());
        if !is_claim && !bar.is_empty() {
            return Some("a claim is written `order N`, in small letters and with a space");
        }
        if !line.contains('|') {
            return Some("a `|` stands between the claim and the weights: `order N | ENTRY …`");
        }
        return None;
    }
    let is_row = line.starts_with(|c: char| c.is_ascii_digit() || "*.(-".contains(c));
    let is_rule = line.chars().all(|c| "-=+".contains(c));
    (is_row && !is_rule && !line.contains('|'))
        .then_some("a `|` stands between the node and the entries: `NODE | ENTRY …`")
}
