//! A tableau file cut into its lines, comments and blank lines included, for the formatter.
//!
//! The parser of `syntax.rs` says what a file means and forgets its looks; this says how it looks. It is for texts that
//! the parser has accepted, and relies on that.

/// A line, with those that continue it.
#[derive(Debug)]
pub(super) struct Line<'a> {
    /// What is on it.
    pub(super) content: Content,
    /// From `#` to the end.
    pub(super) comment: Option<&'a str>,
}

/// What a line holds beside its comment.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Nothing.
    Nothing,
    /// `name`, `cite`, `let` or `rounded`, in one spelling.
    Header(String),
    /// Node or claim, and the entries.
    Row(String, Vec<String>),
    /// The line between stages and weights.
    Rule,
}

/// The lines of a text.
pub(super) fn lines(text: &str) -> Vec<Line<'_>> {
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = Vec::new();
    while !rest.is_empty() {
        let (words, comment, after) = line(rest);
        lines.push(Line {
            content: content(&words),
            comment,
        });
        rest = after;
    }
    lines
}

/// The words of the first line of `text`, its comment, and what follows it.
///
/// White space separates words, but not within parentheses and quotes; a bar is a word of its own.
fn line(text: &str) -> (Vec<String>, Option<&str>, &str) {
    let (mut words, mut word) = (Vec::new(), String::new());
    let (mut depth, mut quoted) = (0_usize, false);
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if quoted {
            word.push(c);
            quoted = c != '"';
            continue;
        }
        match c {
            '\n' => {
                end(&mut word, &mut words);
                return (words, None, &text[at + 1..]);
            }
            '#' => {
                end(&mut word, &mut words);
                let (comment, after) = text[at..].split_once('\n').unwrap_or((&text[at..], ""));
                return (words, Some(comment.trim_end()), after);
            }
            '\\' => {
                // The line goes on after the next line end.
                for (_, c) in chars.by_ref() {
                    if c == '\n' {
                        break;
                    }
                }
                blank(depth, &mut word, &mut words);
            }
            ' ' | '\t' | '\r' => blank(depth, &mut word, &mut words),
            '|' => {
                end(&mut word, &mut words);
                words.push("|".to_owned());
            }
            _ => {
                match c {
                    '(' => depth += 1,
                    ')' => {
                        depth = depth.saturating_sub(1);
                        word.truncate(word.trim_end().len());
                    }
                    _ => {}
                }
                quoted = c == '"';
                word.push(c);
            }
        }
    }
    end(&mut word, &mut words);
    (words, None, "")
}

/// Ends the word, unless in parentheses.
fn blank(depth: usize, word: &mut String, words: &mut Vec<String>) {
    if depth == 0 {
        end(word, words);
    } else if !word.ends_with([' ', '(']) {
        word.push(' ');
    }
}

fn end(word: &mut String, words: &mut Vec<String>) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

fn content(words: &[String]) -> Content {
    let Some(first) = words.first() else {
        return Content::Nothing;
    };
    if let Some(bar) = words.iter().position(|word| word == "|") {
        let (left, entries) = words.split_at(bar);
        return Content::Row(left.join(" "), entries[1..].to_vec());
    }
    if first.bytes().all(|b| b"-=+".contains(&b)) {
        return Content::Rule;
    }
    let header = words.join(" ");
    let binding = header
        .strip_prefix("let ")
        .and_then(|rest| rest.split_once('='));
    Content::Header(match binding {
        Some((name, value)) => format!("let {} = {}", name.trim(), value.trim()),
        None => header,
    })
}
