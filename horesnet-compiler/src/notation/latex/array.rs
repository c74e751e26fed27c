//! Reads the `array` of a LaTeX text: rows, cells, rules, and the comments that describe the tableau.

use super::formula::{beginning, formula};
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{Document, Expression, Spanned, StageRow, Term, WeightsRow};
use crate::language::{limits, syntax};
use crate::notation::field::claim;
use crate::notation::value::integer;

/// Commands that draw a line between rows.
const RULES: &str = r"\hline|\midrule|\toprule|\bottomrule|\cline|\cmidrule";

/// Reads the one array of a text.
pub(super) fn read(text: &str) -> Result<Document, Diagnostic> {
    // Two percent signs mark the fields of the tableau.
    let lines = text.trim_start_matches('\u{feff}').lines();
    let head = lines.map_while(|line| line.strip_prefix('%').filter(|line| !line.starts_with('%')));
    let mut document = Document {
        head: head.map(|line| line.trim().to_owned()).collect(),
        ..Document::default()
    };
    let (plain, comments) = without_comments(text);
    let mut claims = Vec::new();
    for span in comments {
        comment(text, span, &mut document, &mut claims)?;
    }
    let body = body(&plain)?;
    let rows = rows(&plain, body);
    let header = header_rows(&plain, &rows);
    let mut rule = None;
    for row in rows.into_iter().skip(header) {
        if document.stages.len().max(document.weights.len()) > limits::STAGES {
            break;
        }
        let (cells, ruled) = cells(&plain, row);
        if !document.stages.is_empty() {
            rule = rule.or(ruled);
        }
        // A blank row of cells above the rule is a stage of zeros.
        let is_stage = rule.is_none() && cells.len() > 1;
        if !is_stage && cells.iter().all(|cell| trimmed(&plain, *cell).is_empty()) {
            continue;
        }
        let span = trimmed_span(&plain, row);
        let values = cells.iter().skip(usize::from(rule.is_some()));
        let values = values.map(|cell| formula(&plain, *cell));
        let mut values: Vec<_> = values.collect::<Result<_, _>>()?;
        if rule.is_some() {
            let labelled = label(&plain, &cells, &values)?;
            let claim = |claim: &&Spanned<usize>| row.range().contains(&claim.span.start);
            document.weights.push(WeightsRow {
                claim: claims.iter().find(claim).cloned().or(labelled),
                entries: zero_filled(values, span),
                span,
            });
        } else {
            let filled = values.iter().rposition(Option::is_some);
            values.truncate(filled.map_or(1, |last| last + 1));
            document.stages.push(StageRow {
                node: values.remove(0),
                entries: zero_filled(values, span),
                span,
            });
        }
    }
    document.separator = rule.ok_or_else(|| {
        Diagnostic::at(body, "missing `\\hline` between the stages and the weights")
    })?;
    if document.weights.is_empty() {
        let headline = "expected weights below the `\\hline`, found none";
        return Err(Diagnostic::at(document.separator, headline)
            .help("put one rule, between the stages and the weights"));
    }
    complete_rows(&mut document);
    Ok(document)
}

/// The number of header rows: one if it holds words, with a rule below it and another below the stages.
fn header_rows(plain: &str, rows: &[Span]) -> usize {
    let mut first = None;
    let mut rules = 0;
    for (at, row) in rows.iter().enumerate() {
        let (cells, ruled) = cells(plain, *row);
        rules += usize::from(first.is_some() && ruled.is_some());
        if cells.iter().all(|cell| trimmed(plain, *cell).is_empty()) {
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

/// Reads the label of a row of weights: words, nothing, or the order, which is a claim.
fn label(
    plain: &str,
    cells: &[Span],
    weights: &[Option<Expression>],
) -> Result<Option<Spanned<usize>>, Diagnostic> {
    let Some(label) = cells.first() else {
        return Ok(None);
    };
    let order = match formula(plain, *label) {
        Ok(Some(number)) => {
            let order = number.value.integer().and_then(limits::order);
            let order = order.filter(|_| weights.iter().any(Option::is_some));
            let headline = "expected a label before the weights, found a number";
            let problem = Diagnostic::at(number.span, headline);
            let help =
                "put `&` before the first weight, and words, an order or nothing before the `&`";
            Some(Spanned::new(
                order.ok_or_else(|| problem.help(help))?,
                number.span,
            ))
        }
        _ => None,
    };
    if weights.iter().all(Option::is_none) {
        let headline = "expected weights in this row, found none";
        return Err(Diagnostic::at(trimmed_span(plain, *label), headline));
    }
    Ok(order)
}

/// Fills empty cells with zeros.
fn zero_filled(values: Vec<Option<Expression>>, span: Span) -> Vec<Expression> {
    let values = values.into_iter().take(limits::STAGES + 1);
    let values = values.map(|value| value.unwrap_or_else(|| integer("0", span)));
    values.collect()
}

/// Appends the zeros that rows omit: up to the diagonal for an explicit scheme, otherwise up to a square.
fn complete_rows(document: &mut Document) {
    let stages = document.stages.len();
    let full = stages.min(limits::STAGES);
    let explicit = is_explicit(&document.stages);
    for (i, row) in document.stages.iter_mut().enumerate().take(full) {
        let length = if explicit { i } else { full };
        if row.entries.len() <= stages && (explicit || row.entries.len() < length) {
            row.entries.resize_with(length, || integer("0", row.span));
        }
    }
    let short = |row: &&mut WeightsRow| row.entries.len() < stages;
    let weights = document.weights.iter_mut().filter(short);
    for row in weights.take(limits::STAGES) {
        row.entries.resize_with(full, || integer("0", row.span));
    }
}

/// Returns true if the entries on and above the diagonal are zero.
fn is_explicit(rows: &[StageRow]) -> bool {
    let is_zero = |entry: &Expression| matches!(&entry.value, Term::Decimal { digits, .. } if digits.bytes().all(|b| b == b'0'));
    let rows = rows.iter().enumerate();
    rows.flat_map(|(i, row)| row.entries.iter().skip(i))
        .all(is_zero)
}

/// Replaces comments with spaces, and returns their spans.
fn without_comments(text: &str) -> (String, Vec<Span>) {
    let (mut plain, mut comments) = (String::with_capacity(text.len()), Vec::new());
    for line in text.split_inclusive('\n') {
        let mut escaped = false;
        let mark = line.bytes().position(|b| {
            let found = b == b'%' && !escaped;
            escaped = b == b'\\' && !escaped;
            found
        });
        let content = line.trim_end_matches(['\n', '\r']).len();
        let at = mark.unwrap_or(content).min(content);
        if at < content {
            comments.push(Span::new(plain.len() + at, plain.len() + content));
        }
        plain += &line[..at];
        plain.extend(std::iter::repeat_n(' ', content - at));
        plain += &line[content..];
    }
    (plain, comments)
}

/// Reads the fields in comments: `%% name "…"`, `%% cite "…"`, `%% rounded EPS`, `%% order N`.
fn comment(
    text: &str,
    span: Span,
    document: &mut Document,
    claims: &mut Vec<Spanned<usize>>,
) -> Result<(), Diagnostic> {
    let comment = text[span.range()].strip_prefix("%%");
    let Some((word, value)) = comment.and_then(|comment| comment.trim().split_once(' ')) else {
        return Ok(());
    };
    let value = value.trim();
    let quoted = || serde_json::from_str::<String>(value).ok();
    let numeric = value.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    match word {
        "name" => {
            let name = quoted().map(|value| Spanned::new(value, span));
            document.name = name.or(document.name.take());
        }
        "cite" => document.citations.extend(quoted()),
        "rounded" if numeric => document.rounded = Some(syntax::expression_in(value, span)?),
        "order" if numeric => claims.push(claim(value, span)?),
        _ => {}
    }
    Ok(())
}

/// The span between `\begin{array}{…}` and `\end{array}`.
fn body(plain: &str) -> Result<Span, Diagnostic> {
    let find = |what: &str, from: usize| Some(from + plain.get(from..)?.find(what)?);
    let names = ["array", "tabular"].iter();
    let begin = names.filter_map(|name| Some((find(&format!("\\begin{{{name}}}"), 0)?, *name)));
    let (at, name) = begin.min().ok_or_else(|| {
        Diagnostic::whole_file("missing `\\begin{array}`")
            .help("a tableau is an `array` with a `\\hline` above the weights")
    })?;
    let begin = format!("\\begin{{{name}}}");
    let mut start = at + begin.len();
    let span = Span::new(at, start);
    if plain[start..].trim_start().starts_with('[') {
        start = find("]", start).map_or(start, |at| at + 1);
    }
    let columns = plain[start..].trim_start();
    if columns.starts_with('{') {
        let mut depth = 0_usize;
        let close = columns.bytes().position(|b| {
            depth += usize::from(b == b'{');
            depth -= usize::from(b == b'}');
            depth == 0
        });
        let close = close
            .ok_or_else(|| Diagnostic::at(span, "unclosed `{` of the columns of this array"))?;
        start = plain.len() - columns.len() + close + 1;
    }
    let end = format!("\\end{{{name}}}");
    let end = find(&end, start).ok_or_else(|| Diagnostic::at(span, format!("missing `{end}`")))?;
    if let Some(second) = find(&begin, start) {
        let span = Span::new(second, second + begin.len());
        return Err(Diagnostic::at(span, "expected one array, found a second")
            .help("a file holds one tableau: split this one"));
    }
    Ok(Span::new(start, end))
}

/// Splits the array into rows, which end with `\\`.
fn rows(plain: &str, body: Span) -> Vec<Span> {
    split(plain, body, |rest| {
        let after = rest.strip_prefix("\\\\")?;
        // `\\[2pt]` adds space below the row.
        let mut near = after.bytes().take(20);
        let close = near
            .position(|b| b == b']')
            .filter(|_| after.starts_with('['));
        Some(2 + close.map_or(0, |at| at + 1))
    })
}

/// Splits a row into cells, after the rule above it.
fn cells(plain: &str, mut row: Span) -> (Vec<Span>, Option<Span>) {
    let mut ruled = None;
    loop {
        let text = plain[row.range()].trim_start();
        let start = row.end - text.len();
        let Some(rule) = beginning(text, RULES) else {
            break;
        };
        row.start = start + rule.len();
        // `\midrule[1pt]`, `\cmidrule(lr){1-4}`
        for (open, close) in [('[', ']'), ('(', ')'), ('{', '}')] {
            let rest = &plain[row.range()];
            let length = rest.starts_with(open).then(|| rest.find(close)).flatten();
            row.start += length.map_or(0, |at| at + 1);
        }
        ruled = Some(Span::new(start, row.start));
    }
    let cells = split(plain, row, |rest| rest.starts_with('&').then_some(1));
    (cells, ruled)
}

/// Splits a span at the separators outside braces; `separator` returns the length of one that begins here.
fn split(plain: &str, span: Span, separator: impl Fn(&str) -> Option<usize>) -> Vec<Span> {
    let (mut parts, mut depth, mut start, mut at) = (Vec::new(), 0_usize, span.start, span.start);
    while let Some(c) = plain[at..span.end].chars().next() {
        if depth == 0
            && let Some(length) = separator(&plain[at..span.end])
        {
            parts.push(Span::new(start, at));
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
    parts.push(Span::new(start, span.end));
    parts
}

fn trimmed(plain: &str, span: Span) -> &str {
    plain[span.range()].trim()
}

fn trimmed_span(plain: &str, span: Span) -> Span {
    let text = plain[span.range()].trim_start();
    let start = span.end - text.len();
    Span::new(start, start + text.trim_end().len())
}
