//! The `array` of a LaTeX text: rows and cells, the line between stages and weights, and the comments above.

use super::formula::formula;
use super::parts;
use super::parts::zero;
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{Document, Expression, Spanned, StageRow, WeightsRow};
use crate::language::{limits, syntax};

/// Lines between rows.
const RULES: &[&str] = &[
    "\\hline",
    "\\midrule",
    "\\toprule",
    "\\bottomrule",
    "\\cline",
    "\\cmidrule",
];

/// Reads the one array of a text.
pub(super) fn read(text: &str) -> Result<Document, Diagnostic> {
    // Two percent signs mark what is not the comment of the file.
    let own = |line: &&str| line.starts_with('%') && !line.starts_with("%%");
    let lines = text.trim_start_matches('\u{feff}').lines();
    let count = lines.take_while(own).count();
    let mut document = Document {
        head: parts::head(text, '%').into_iter().take(count).collect(),
        ..Document::default()
    };
    let (plain, comments) = without_comments(text);
    let mut claims = Vec::new();
    for span in comments {
        comment(text, span, &mut document, &mut claims)?;
    }
    let body = body(&plain)?;
    let rows = rows(&plain, body);
    let header = header(&plain, &rows);
    let (mut weights, mut rule) = (false, None);
    for row in rows.into_iter().skip(header) {
        if document.stages.len().max(document.weights.len()) > limits::STAGES {
            break;
        }
        let (cells, ruled) = cells(&plain, row);
        if let Some(span) = ruled.filter(|_| !document.stages.is_empty()) {
            weights = true;
            rule = rule.or(Some(span));
        }
        if cells
            .iter()
            .all(|cell| plain[cell.start..cell.end].trim().is_empty())
        {
            continue;
        }
        let span = trimmed(&plain, row);
        let mut values = Vec::new();
        for cell in cells.iter().skip(usize::from(weights)) {
            values.push(formula(&plain, *cell)?);
        }
        if weights {
            label(&plain, &cells, &values)?;
            let claim = claims
                .iter()
                .find(|claim: &&Spanned<usize>| (row.start..row.end).contains(&claim.span.start));
            document.weights.push(WeightsRow {
                claim: claim.cloned(),
                entries: filled(values, cells.len() - 1, span),
                span,
            });
        } else {
            let mut values = values.into_iter();
            let node = values.next().flatten();
            let mut entries: Vec<_> = values.collect();
            while entries.last().is_some_and(Option::is_none) {
                entries.pop();
            }
            let length = entries.len();
            document.stages.push(StageRow {
                node,
                entries: filled(entries, length, span),
                span,
            });
        }
    }
    document.separator = rule.ok_or_else(|| {
        Diagnostic::at(
            body,
            "there is no `\\hline` between the stages and the weights",
        )
    })?;
    if document.weights.is_empty() {
        let headline = "there are no weights below the `\\hline`";
        return Err(Diagnostic::at(document.separator, headline)
            .help("a tableau has one line, between the stages and the weights"));
    }
    square(&mut document);
    Ok(document)
}

/// How many rows stand above the stages: one if it holds words, and a line is below it and another below the stages.
fn header(plain: &str, rows: &[Span]) -> usize {
    let filled = |cell: &Span| !plain[cell.start..cell.end].trim().is_empty();
    let mut first = None;
    let mut rules = 0;
    for (at, row) in rows.iter().enumerate() {
        let (cells, ruled) = cells(plain, *row);
        rules += usize::from(first.is_some() && ruled.is_some());
        if !cells.iter().any(filled) {
            continue;
        }
        match first {
            None if cells.iter().all(|cell| formula(plain, *cell).is_ok()) => return 0,
            None => first = Some(at + 1),
            Some(_) if rules == 0 => return 0,
            Some(_) => {}
        }
    }
    first.filter(|_| rules > 1).unwrap_or(0)
}

/// What stands before weights is a label, and may be missing, but not its cell.
fn label(plain: &str, cells: &[Span], weights: &[Option<Expression>]) -> Result<(), Diagnostic> {
    let Some(label) = cells.first() else {
        return Ok(());
    };
    if let Ok(Some(number)) = formula(plain, *label) {
        return Err(Diagnostic::at(
            number.span,
            "this number stands where a row of weights has its label",
        )
        .help("put `&` before the first weight, and words or nothing before the `&`"));
    }
    if weights.iter().all(Option::is_none) {
        return Err(Diagnostic::at(
            trimmed(plain, *label),
            "there are no weights in this row",
        ));
    }
    Ok(())
}

/// Cells with nothing in them are zero.
fn filled(values: Vec<Option<Expression>>, length: usize, span: Span) -> Vec<Expression> {
    let values = values
        .into_iter()
        .map(|value| value.unwrap_or_else(|| zero(span)));
    values
        .chain(std::iter::repeat_with(|| zero(span)))
        .take(length.min(limits::STAGES + 1))
        .collect()
}

/// Empty cells at the ends of rows, down to the form that the rows leave: explicit, or square.
fn square(document: &mut Document) {
    let stages = document.stages.len();
    let explicit = parts::explicit(&document.stages);
    for (i, row) in document.stages.iter_mut().enumerate().take(limits::STAGES) {
        let length = if explicit {
            i
        } else {
            stages.min(limits::STAGES)
        };
        if row.entries.len() <= stages && (explicit || row.entries.len() < length) {
            let span = row.span;
            row.entries.resize_with(length, || zero(span));
        }
    }
    for row in document
        .weights
        .iter_mut()
        .filter(|row| row.entries.len() < stages)
        .take(limits::STAGES)
    {
        let span = row.span;
        row.entries
            .resize_with(stages.min(limits::STAGES), || zero(span));
    }
}

/// The text with spaces for its comments, and where they stand.
fn without_comments(text: &str) -> (String, Vec<Span>) {
    let (mut plain, mut comments) = (String::with_capacity(text.len()), Vec::new());
    for line in text.split_inclusive('\n') {
        let bytes = line.as_bytes();
        let mut escaped = false;
        let mark = bytes.iter().position(|&b| {
            let found = b == b'%' && !escaped;
            escaped = b == b'\\' && !escaped;
            found
        });
        let content = line.trim_end_matches(['\n', '\r']).len();
        let at = mark.unwrap_or(content).min(content);
        if at < content {
            comments.push(Span {
                start: plain.len() + at,
                end: plain.len() + content,
            });
        }
        plain += &line[..at];
        plain.extend(std::iter::repeat_n(' ', content - at));
        plain += &line[content..];
    }
    (plain, comments)
}

/// A comment that says something of the tableau: `%% name "…"`, `%% cite "…"`, `%% rounded EPS`, `%% order N`.
fn comment(
    text: &str,
    span: Span,
    document: &mut Document,
    claims: &mut Vec<Spanned<usize>>,
) -> Result<(), Diagnostic> {
    let comment = text[span.start..span.end].strip_prefix("%%");
    let Some((word, value)) = comment.and_then(|comment| comment.trim().split_once(' ')) else {
        return Ok(());
    };
    let value = value.trim();
    let quoted = || serde_json::from_str::<String>(value).ok();
    let numeric = value.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    match word {
        "name" => {
            let name = quoted().map(|value| Spanned { value, span });
            document.name = name.or(document.name.take());
        }
        "cite" => document.citations.extend(quoted()),
        "rounded" if numeric => {
            document.rounded = Some(syntax::expression_in(value, span)?);
        }
        "order" if numeric => {
            let order = value.parse().ok();
            let order = order.filter(|order| (1..=limits::ORDER).contains(order));
            let value = order.ok_or_else(|| Diagnostic::at(span, "this is not an order"))?;
            claims.push(Spanned { value, span });
        }
        _ => {}
    }
    Ok(())
}

/// What is between `\begin{array}{…}` and `\end{array}`.
fn body(plain: &str) -> Result<Span, Diagnostic> {
    let find = |what: &str, from: usize| {
        plain
            .get(from..)
            .and_then(|rest| rest.find(what))
            .map(|at| from + at)
    };
    let begin = ["array", "tabular"]
        .iter()
        .filter_map(|name| Some((find(&format!("\\begin{{{name}}}"), 0)?, *name)))
        .min();
    let (at, name) = begin.ok_or_else(|| {
        Diagnostic::whole_file("there is no `\\begin{array}`")
            .help("a tableau is an `array` with a `\\hline` above the weights")
    })?;
    let begin = format!("\\begin{{{name}}}");
    let mut start = at + begin.len();
    let span = Span {
        start: at,
        end: start,
    };
    if plain[start..].trim_start().starts_with('[') {
        start = find("]", start).map_or(start, |at| at + 1);
    }
    let columns = plain[start..].len() - plain[start..].trim_start().len();
    if plain[start + columns..].starts_with('{') {
        let mut depth = 0_usize;
        let close = plain[start + columns..].bytes().position(|b| {
            depth += usize::from(b == b'{');
            depth -= usize::from(b == b'}');
            depth == 0
        });
        start += columns
            + close.ok_or_else(|| Diagnostic::at(span, "the columns of this array do not end"))?
            + 1;
    }
    let end = find(&format!("\\end{{{name}}}"), start);
    let end = end.ok_or_else(|| Diagnostic::at(span, format!("there is no `\\end{{{name}}}`")))?;
    if let Some(second) = find(&begin, start) {
        let span = Span {
            start: second,
            end: second + begin.len(),
        };
        return Err(Diagnostic::at(span, "this is a second array")
            .help("a file holds one tableau: split this one"));
    }
    Ok(Span { start, end })
}

/// The rows, which `\\` ends.
fn rows(plain: &str, body: Span) -> Vec<Span> {
    split(plain, body, |rest| {
        let after = rest.strip_prefix("\\\\")?;
        // `\\[2pt]` adds space below the row.
        let close = || after.bytes().take(20).position(|b| b == b']');
        let space = after
            .starts_with('[')
            .then(close)
            .flatten()
            .map_or(0, |at| at + 1);
        Some(2 + space)
    })
}

/// The cells of a row, and the line above it.
fn cells(plain: &str, mut row: Span) -> (Vec<Span>, Option<Span>) {
    let mut ruled = None;
    loop {
        let text = &plain[row.start..row.end];
        let start = row.start + (text.len() - text.trim_start().len());
        let Some(rule) = RULES
            .iter()
            .find(|rule| plain[start..row.end].starts_with(**rule))
        else {
            break;
        };
        row.start = start + rule.len();
        // `\midrule[1pt]`, `\cmidrule(lr){1-4}`
        for (open, close) in [('[', ']'), ('(', ')'), ('{', '}')] {
            let rest = &plain[row.start..row.end];
            let length = rest.starts_with(open).then(|| rest.find(close)).flatten();
            row.start += length.map_or(0, |at| at + 1);
        }
        ruled = Some(Span {
            start,
            end: row.start,
        });
    }
    (
        split(plain, row, |rest| rest.starts_with('&').then_some(1)),
        ruled,
    )
}

/// Cuts a span wherever `mark` finds a separator, and its length, outside braces.
fn split(plain: &str, span: Span, mark: impl Fn(&str) -> Option<usize>) -> Vec<Span> {
    let (mut parts, mut depth, mut start, mut at) = (Vec::new(), 0_usize, span.start, span.start);
    while let Some(c) = plain[at..span.end].chars().next() {
        if depth == 0
            && let Some(length) = mark(&plain[at..span.end])
        {
            parts.push(Span { start, end: at });
            at += length;
            start = at;
            continue;
        }
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            // `\{`, `\&`
            '\\' => {
                let escaped = plain[at + 1..span.end].chars().next();
                at += escaped.map_or(0, char::len_utf8);
            }
            _ => {}
        }
        at += c.len_utf8();
    }
    parts.push(Span {
        start,
        end: span.end,
    });
    parts
}

fn trimmed(plain: &str, span: Span) -> Span {
    let text = &plain[span.start..span.end];
    let start = span.start + (text.len() - text.trim_start().len());
    Span {
        start,
        end: start + text.trim().len(),
    }
}
