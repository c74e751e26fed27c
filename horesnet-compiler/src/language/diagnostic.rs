//! The error type for syntax and meaning: a headline, a span, notes and help, rendered with the source line.

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
        Self::new(self.start, other.end)
    }
}

/// One problem of a tableau file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostic {
    is_warning: bool,
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
            span: Some(span),
            ..Self::whole_file(headline)
        }
    }

    /// A problem with the file as a whole.
    pub fn whole_file(headline: impl Into<String>) -> Self {
        Self {
            headline: headline.into(),
            ..Self::default()
        }
    }

    /// The problem without its place, for a text that the user has not written.
    pub(crate) fn without_place(&self) -> Self {
        Self {
            span: None,
            ..self.clone()
        }
    }

    /// Makes it a warning: nothing is refused.
    #[must_use]
    pub fn warning(mut self) -> Self {
        self.is_warning = true;
        self
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
        let file = printable(file);
        let mut margin = String::from(" ");
        let place = self.span.map_or(format!(" --> {file}"), |span| {
            let line = Line::around(text, span);
            let (number, column) = self.position(text);
            margin = " ".repeat(number.to_string().len());
            let before = clipped_front(&printable(line.before));
            let marked = clipped_back(&printable(line.marked), 2 * CONTEXT);
            let after = clipped_back(&printable(line.after), CONTEXT);
            let source = format!("{before}{marked}{after}");
            let indent = " ".repeat(before.chars().count());
            let carets = "^".repeat(marked.chars().count().max(1));
            format!(
                "{margin}--> {file}:{number}:{column}\n{margin} |\n{number} | {}\n{margin} | {indent}{carets}",
                source.trim_end()
            )
        });
        let remark = |(kind, text): (&str, &String)| {
            let indent = format!("\n{margin}   {}  ", " ".repeat(kind.len()));
            format!("\n{margin} = {kind}: {}", text.replace('\n', &indent))
        };
        let notes = self.notes.iter().map(|note| ("note", note));
        let remarks = notes.chain(self.help.iter().map(|help| ("help", help)));
        let remarks: Vec<_> = remarks.map(remark).collect();
        let level = if self.is_warning { "warning" } else { "error" };
        format!("{level}: {}\n{place}{}", self.headline, remarks.concat())
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

/// Makes every character one column wide, so that the carets align.
fn printable(text: &str) -> String {
    let shown = |c: char| match c {
        '\t' => ' ',
        c if c.is_control() => '\u{fffd}',
        c => c,
    };
    text.chars().map(shown).collect()
}

fn clipped_front(text: &str) -> String {
    match text.chars().count().checked_sub(CONTEXT) {
        None | Some(0) => text.to_owned(),
        Some(cut) => std::iter::once('…').chain(text.chars().skip(cut)).collect(),
    }
}

fn clipped_back(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
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
