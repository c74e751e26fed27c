//! Formats tableau files: aligns columns and keeps comments and expressions as written.

use super::lines::{Content, Line, lines};
use crate::language::diagnostic::Diagnostic;
use crate::language::{limits, syntax};
use crate::notation::write::widths;

/// Longer lines are not aligned.
const WIDTH: usize = 480;
/// Longer nodes are not padded in tables that are not aligned.
const NODE: usize = 24;

/// Formats a tableau file. Comments, headers and expressions stay as written, one blank line separates headers from rows,
/// and columns are aligned unless that makes lines of more than 480 characters.
///
/// Formatting is idempotent and never changes the meaning of a file.
///
/// # Errors
/// Syntax errors, and a result of more than 1 MiB.
///
/// # Example
/// ```
/// let text = "# Heun.\nname  \"Heun 2\"\n0|\n1|1 # the whole step\n--\norder 2|1/2 1/2";
/// assert_eq!(
///     horesnet_compiler::notation::format(text).unwrap(),
///     r#"# Heun.
/// name "Heun 2"
///
/// 0       |
/// 1       | 1  # the whole step
/// --------+---------
/// order 2 | 1/2  1/2
/// "#
/// );
/// ```
pub fn format(text: &str) -> Result<String, Diagnostic> {
    let head = syntax::parse(text)?.head.len();
    let lines = lines(text);
    let layout = Layout::new(&lines);
    let mut page = Page::default();
    for (i, line) in lines.iter().enumerate() {
        let (mut content, section) = match &line.content {
            Content::Blank if line.comment.is_none() => {
                page.blank = true;
                continue;
            }
            Content::Blank if i < head => (String::new(), Section::Head),
            Content::Blank => (String::new(), Section::Comment),
            Content::Header(header) => (header.clone(), Section::Header),
            Content::Row(left, entries) => (layout.row(left, entries), Section::Rows),
            Content::Rule => (layout.rule(), Section::Rows),
        };
        if let Some(comment) = line.comment {
            content += if content.is_empty() { "" } else { "  " };
            content += comment;
        }
        page.push(section, content);
    }
    let text = page.lines.join("\n") + "\n";
    if text.len() > limits::TEXT {
        let what = limits::too_long(text.len() as u64);
        let headline = format!("the formatted file {what}");
        return Err(Diagnostic::whole_file(headline));
    }
    Ok(text)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Head,
    Header,
    Comment,
    Rows,
}

/// The lines written so far.
#[derive(Default)]
struct Page {
    lines: Vec<String>,
    last: Option<Section>,
    /// A blank line was seen since the last line.
    blank: bool,
    /// The number of lines up to the last header or head line.
    header: usize,
    rows: bool,
}

impl Page {
    fn push(&mut self, section: Section, line: String) {
        // A comment below the head must not join it, since the head documents the scheme.
        let detached =
            section == Section::Comment && matches!(self.last, None | Some(Section::Head));
        if detached || (self.blank && self.last.is_some()) {
            self.lines.push(String::new());
        }
        self.blank = false;
        match section {
            Section::Head | Section::Header => self.header = self.lines.len() + 1,
            Section::Rows if !self.rows => {
                self.rows = true;
                let apart = self.lines.iter().skip(self.header).any(String::is_empty);
                if self.header > 0 && !apart {
                    self.lines.insert(self.header, String::new());
                }
            }
            Section::Rows | Section::Comment => {}
        }
        self.last = Some(section);
        self.lines.push(line);
    }
}

/// The widths of the columns; `columns` is empty where the table is not aligned.
struct Layout {
    left: usize,
    columns: Vec<usize>,
    right: usize,
}

impl Layout {
    fn new(lines: &[Line]) -> Self {
        let rows = || {
            lines.iter().filter_map(|line| match &line.content {
                Content::Row(left, entries) => Some((left, entries)),
                _ => None,
            })
        };
        let left = rows().map(|(left, _)| left.chars().count()).max();
        let left = left.unwrap_or(0);
        let columns = widths(rows().map(|(_, entries)| entries));
        let right = columns.iter().map(|column| column + 2).sum::<usize>();
        let right = right.saturating_sub(1);
        let total = left + right + 2;
        if total > WIDTH || total * rows().count() > limits::TEXT {
            return Self {
                left: if left > NODE { 0 } else { left },
                columns: Vec::new(),
                right: 2 * NODE,
            };
        }
        Self {
            left,
            columns,
            right,
        }
    }

    fn row(&self, left: &str, entries: &[String]) -> String {
        let cells = entries.iter().enumerate().map(|(j, entry)| {
            let column = self.columns.get(j).copied().unwrap_or(0);
            let gap = if j == 0 { " " } else { "  " };
            format!("{gap}{entry:column$}")
        });
        let mut line = format!("{left:0$} |", self.left) + &cells.collect::<String>();
        line.truncate(line.trim_end().len());
        line
    }

    fn rule(&self) -> String {
        format!("{}+{}", "-".repeat(self.left + 1), "-".repeat(self.right))
    }
}
