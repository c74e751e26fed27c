//! Fixed form of Fortran: comments begin in the first column, and a mark in the sixth continues the line before.

use std::borrow::Cow;

/// The first columns, which hold labels or nothing in lines of statements.
const LABELS: usize = 5;

/// Replaces comments and marks of fixed form by spaces, so that every token keeps its place. Other texts stay as they are.
pub(super) fn without_marks(text: &str) -> Cow<'_, str> {
    let mut statements = text.lines().filter(|line| !is_comment(line));
    let mut first = statements.clone().skip_while(|line| line.trim().is_empty());
    // A first line in the sixth column is one of free form.
    if !statements.all(is_indented) || first.next().is_none_or(is_continued) {
        return Cow::Borrowed(text);
    }
    let mut bytes = text.as_bytes().to_vec();
    let (mut start, mut last) = (0, None::<usize>);
    for line in text.split_inclusive('\n') {
        let end = start + line.trim_end_matches(['\n', '\r']).len();
        if is_comment(line) {
            bytes[start..end].fill(b' ');
        } else if !line.trim().is_empty() {
            if let Some(last) = last.filter(|_| is_continued(line)) {
                let between = bytes[last..start].iter_mut();
                between.for_each(|byte| *byte = b' ');
                bytes[start + LABELS] = b' ';
            }
            // A comment behind a statement would hide the lines that continue it.
            let code = line
                .find('!')
                .filter(|at| !line[..*at].contains(['\'', '"']));
            let code = code.map_or(end, |at| start + at);
            bytes[code..end].fill(b' ');
            last = Some(end);
        }
        start += line.len();
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
}

fn is_comment(line: &str) -> bool {
    line.starts_with(['C', 'c', '*', '!'])
}

/// Returns true for a blank line, and for one that leaves the columns of labels to labels.
fn is_indented(line: &str) -> bool {
    let label = |byte: &u8| byte.is_ascii_digit() || *byte == b' ';
    let labels = line.bytes().take_while(|byte| label(byte)).count();
    line.starts_with('\t') || line.trim().is_empty() || labels >= LABELS
}

/// Returns true for a line with a mark in the sixth column.
fn is_continued(line: &str) -> bool {
    let (labels, rest) = line.split_at_checked(LABELS).unwrap_or(("", ""));
    let mark = rest.bytes().next().filter(u8::is_ascii_graphic);
    labels.bytes().all(|byte| byte == b' ') && mark.is_some_and(|mark| !b"0!".contains(&mark))
}
