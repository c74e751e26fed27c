//! The error type for syntax and meaning: a headline, a span, notes and help, rendered with the source line.

use std::fmt;

/// A range of bytes in a file's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Span {
    /// The bytes from `start` up to `end`.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The range of these bytes, to index a text.
    #[must_use]
    pub const fn range(self) -> std::ops::Range<usize> {
        self.start..self.end
    }

    /// From the start of `self` to the end of `other`.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self {
            start: self.start,
            end: other.end,
        }
    }
}

/// One problem of a tableau file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    headline: String,
    span: Option<Span>,
    notes: Vec<String>,
    help: Vec<String>,
}

/// Every problem found, at least one.
pub type Diagnostics = Vec<Diagnostic>;

impl Diagnostic {
    /// A problem with the text at `span`.
    pub fn at(span: Span, headline: impl Into<String>) -> Self {
        Self {
            headline: headline.into(),
            span: Some(span),
            notes: Vec::new(),
            help: Vec::new(),
        }
    }

    /// A problem with the file as a whole.
    pub fn whole_file(headline: impl Into<String>) -> Self {
        Self {
            headline: headline.into(),
            span: None,
            notes: Vec::new(),
            help: Vec::new(),
        }
    }

    /// Adds a note: what was found.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Adds help: what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// The first byte of the problem, for sorting.
    #[must_use]
    pub(crate) fn start(&self) -> usize {
        self.span.map_or(0, |span| span.start)
    }

    /// The error, in one line.
    #[must_use]
    pub fn headline(&self) -> &str {
        &self.headline
    }

    /// Notes and help, one line each.
    pub fn remarks(&self) -> impl Iterator<Item = &str> {
        self.notes.iter().chain(&self.help).map(String::as_str)
    }

    /// Help, one line each.
    #[must_use]
    pub fn help_lines(&self) -> &[String] {
        &self.help
    }

    /// Line and column in `text`, counted from 1, the column in characters. `(1, 1)` for the whole file.
    #[must_use]
    pub fn position(&self, text: &str) -> (usize, usize) {
        self.span.map_or((1, 1), |span| {
            let line = Line::around(text, span);
            (line.number, line.before.chars().count() + 1)
        })
    }

    /// Renders the problem with its source line, as rustc does.
    #[must_use]
    pub fn render(&self, file: &str, text: &str) -> String {
        Rendered {
            diagnostic: self,
            file,
            text,
        }
        .to_string()
    }
}

/// The most characters shown on either side of the marked span.
const CONTEXT: usize = 60;

struct Line<'a> {
    number: usize,
    before: &'a str,
    marked: &'a str,
    after: &'a str,
}

impl<'a> Line<'a> {
    /// Splits the line on which `span` starts into the text before, in and after the span.
    fn around(text: &'a str, span: Span) -> Self {
        let start = floor_boundary(text, span.start);
        let begin = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let end = begin + text[begin..end].trim_end_matches('\r').len();
        let start = start.min(end);
        let stop = floor_boundary(text, span.end).clamp(start, end);
        let number = text[..begin].matches('\n').count() + 1;
        let before = text[begin..start]
            .strip_prefix('\u{feff}')
            .unwrap_or(&text[begin..start]);
        Self {
            number,
            before,
            marked: &text[start..stop],
            after: &text[stop..end],
        }
    }
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

struct Rendered<'a> {
    diagnostic: &'a Diagnostic,
    file: &'a str,
    text: &'a str,
}

impl fmt::Display for Rendered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            diagnostic,
            file,
            text,
        } = self;
        let file = printable(file);
        writeln!(f, "error: {}", diagnostic.headline)?;
        let mut margin = String::from(" ");
        match diagnostic.span {
            None => write!(f, " --> {file}")?,
            Some(span) => {
                let line = Line::around(text, span);
                let (number, column) = diagnostic.position(text);
                margin = " ".repeat(number.to_string().len());
                let before = clipped_front(&printable(line.before));
                let marked = clipped_back(&printable(line.marked), 2 * CONTEXT);
                let after = clipped_back(&printable(line.after), CONTEXT);
                writeln!(f, "{margin}--> {file}:{number}:{column}")?;
                writeln!(f, "{margin} |")?;
                writeln!(
                    f,
                    "{number} | {}",
                    format!("{before}{marked}{after}").trim_end()
                )?;
                let carets = "^".repeat(marked.chars().count().max(1));
                write!(
                    f,
                    "{margin} | {}{carets}",
                    " ".repeat(before.chars().count())
                )?;
            }
        }
        let remarks = diagnostic.notes.iter().map(|note| ("note", note));
        for (kind, remark) in remarks.chain(diagnostic.help.iter().map(|help| ("help", help))) {
            let indent = format!("\n{margin}   {}  ", " ".repeat(kind.len()));
            write!(f, "\n{margin} = {kind}: {}", remark.replace('\n', &indent))?;
        }
        Ok(())
    }
}

/// Makes every character one column wide, so that the carets align.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c == '\t' {
                ' '
            } else if c.is_control() {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}

fn clipped_front(text: &str) -> String {
    let count = text.chars().count();
    if count <= CONTEXT {
        return text.to_owned();
    }
    std::iter::once('…')
        .chain(text.chars().skip(count - CONTEXT))
        .collect()
}

fn clipped_back(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars()
        .take(most)
        .chain(std::iter::once('…'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_shows_line_and_caret() {
        let text = "0 |\r\n1/2 | 1/2\r\n";
        let problem = Diagnostic::at(Span { start: 11, end: 14 }, "wrong")
            .note("found 1/2")
            .help("write 1/3");
        insta::assert_snapshot!(problem.render("mine.tab", text), @r"
        error: wrong
         --> mine.tab:2:7
          |
        2 | 1/2 | 1/2
          |       ^^^
          = note: found 1/2
          = help: write 1/3
        ");
    }

    #[test]
    fn places_outside_the_text_are_drawn_at_its_end() {
        for (start, end) in [(0, 0), (3, 2), (100, 200), (1, 9)] {
            for text in ["", "é", "\u{feff}0 |", "\n\n", "a\tb\u{7}"] {
                let problem = Diagnostic::at(Span { start, end }, "wrong");
                assert!(problem.render("f", text).contains('^'), "{text:?}");
            }
        }
    }
}
