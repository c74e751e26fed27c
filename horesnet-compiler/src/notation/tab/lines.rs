//! Splits a tableau file into lines, with comments and blank lines, for the formatter.
//!
//! The parser in `syntax.rs` drops the layout that is kept here. The text must be one that it accepts.

/// A line together with its continuations.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) content: Content,
    /// From `#` to the end.
    pub(super) comment: Option<&'a str>,
}

/// The part of a line before its comment.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    Blank,
    /// `name`, `alias`, `cite`, `let` or `rounded`, normalized.
    Header(String),
    /// Node or claim, and the entries.
    Row(String, Vec<String>),
    /// The rule between stages and weights.
    Rule,
}

/// Splits a text into lines.
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

/// Splits off the first line of `text`: its words, its comment, and the rest of the text.
///
/// White space separates words, except within parentheses and quotes; a bar is a word by itself.
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
                // The line continues after the next line end.
                chars.by_ref().find(|(_, c)| *c == '\n');
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

/// Ends the word at white space, unless in parentheses.
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
        return Content::Blank;
    };
    if let Some(bar) = words.iter().position(|word| word == "|") {
        let (left, entries) = words.split_at(bar);
        return Content::Row(left.join(" "), entries[1..].to_vec());
    }
    if first.bytes().all(|b| b"-=+".contains(&b)) {
        return Content::Rule;
    }
    // An interval may open with a parenthesis that nothing closes, which keeps white space after it.
    let header = words.join(" ").trim_end().to_owned();
    let binding = header
        .strip_prefix("let ")
        .and_then(|rest| rest.split_once('='));
    Content::Header(match binding {
        Some((name, value)) => format!("let {} = {}", name.trim(), value.trim()),
        None => header,
    })
}
