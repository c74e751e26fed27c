//! The formatter of tableau files: columns aligned, every comment and every expression as it was written.

use super::lines::{Content, Line, lines};
use crate::language::diagnostic::Diagnostic;
use crate::language::{limits, syntax};

/// Lines longer than this are not helped by columns.
const WIDTH: usize = 480;
/// Nodes longer than this stand by themselves in tables that are not aligned.
const NODE: usize = 24;

/// A tableau file in its one layout: comments, headers, and expressions stay as they are, one blank line stands between
/// headers and rows, and columns are aligned unless that makes lines of more than 480 characters.
///
/// Formatting what is formatted changes nothing, and no formatting changes what a file means.
///
/// # Errors
/// Text that the language does not know, and a result of more than 1 MiB.
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
        let (content, section) = match &line.content {
            Content::Nothing if line.comment.is_none() => {
                page.blank = true;
                continue;
            }
            Content::Nothing if i < head => (String::new(), Section::Head),
            Content::Nothing => (String::new(), Section::Comment),
            Content::Header(header) => (header.clone(), Section::Header),
            Content::Row(left, entries) => (layout.row(left, entries), Section::Rows),
            Content::Rule => (layout.rule(), Section::Rows),
        };
        let space = if content.is_empty() { "" } else { "  " };
        let comment = line
            .comment
            .map_or_else(String::new, |comment| format!("{space}{comment}"));
        page.push(section, content + &comment);
    }
    let text = page.text();
    if text.len() > limits::TEXT {
        let what = limits::too_long(text.len() as u64);
        return Err(Diagnostic::whole_file(format!(
            "formatted, the file {what}"
        )));
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

/// The lines so far, and where blank ones stand.
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
        // A comment that documents nothing must not move up into the head, which documents the scheme.
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

    fn text(self) -> String {
        let mut text = self.lines.join("\n");
        text.push('\n');
        text
    }
}

/// The widths of the columns; none where the table is not aligned.
struct Layout {
    left: usize,
    columns: Vec<usize>,
    right: usize,
}

impl Layout {
    fn new(lines: &[Line]) -> Self {
        let (mut left, mut columns, mut rows) = (0, Vec::new(), 0);
        for line in lines {
            let Content::Row(node, entries) = &line.content else {
                continue;
            };
            rows += 1;
            left = left.max(width(node));
            columns.resize(entries.len().max(columns.len()), 0);
            for (column, entry) in columns.iter_mut().zip(entries) {
                *column = width(entry).max(*column);
            }
        }
        let right = columns
            .iter()
            .map(|column| column + 2)
            .sum::<usize>()
            .saturating_sub(1);
        let total = left + right + 2;
        if total > WIDTH || total * rows > limits::TEXT {
            let left = if left > NODE { 0 } else { left };
            return Self {
                left,
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

fn width(text: &str) -> usize {
    text.chars().count()
}
