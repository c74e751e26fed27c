//! The name, comment and sources of a tableau as comments and identifiers of programs.

use crate::notation::PrintedTableau;
use crate::notation::printed::comment_lines;
use crate::notation::write::commented;

/// The name, comment and sources, and the relative error of rounded coefficients.
pub(super) fn about(printed: &PrintedTableau) -> Vec<String> {
    let tableau = printed.tableau();
    let name = tableau.name.iter().cloned();
    let lines = name.chain(tableau.documentation.iter().cloned());
    let sources = tableau.citations.iter().cloned();
    let rounded = printed.rounded.iter().map(|eps| {
        let eps = eps.expression();
        format!("The coefficients are correct to a relative error of {eps}.")
    });
    // Characters that change the direction of text could hide what follows; rustc refuses them.
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let lines = lines.chain(sources).chain(rounded);
    let lines: Vec<String> = lines.map(|line| line.replace(turns, " ")).collect();
    comment_lines(&lines)
}

/// Line comments after `mark`.
pub(super) fn line_comment(mark: &str, lines: &[String]) -> String {
    let lines = commented(mark, lines).into_iter();
    lines.map(|line| line + "\n").collect()
}

/// A block comment of C, if there are lines.
///
/// A line comment would go on after a line that ends with a backslash.
pub(super) fn block_comment(lines: &[String]) -> String {
    let safe = |line: &String| line.replace("*/", "* /").replace("/*", "/ *");
    let lines: Vec<_> = lines.iter().map(safe).collect();
    if lines.is_empty() {
        return String::new();
    }
    format!("/*\n{} */\n", line_comment(" * ", &lines))
}

/// An identifier in camel case: `Gill4`, `BogackiShampine32`.
pub(super) fn camel_case(printed: &PrintedTableau) -> String {
    let capital = |word: &String| word[..1].to_uppercase() + &word[1..];
    let words: Vec<_> = words(printed).iter().map(capital).collect();
    words.concat()
}

/// An identifier in snake case: `gill_4`, `bogacki_shampine_3_2`.
pub(super) fn snake_case(printed: &PrintedTableau) -> String {
    words(printed).join("_").to_lowercase()
}

/// Words of ASCII letters and digits. The first begins with a letter.
fn words(printed: &PrintedTableau) -> Vec<String> {
    const LONGEST: usize = 40;
    let name = printed.tableau().name.as_deref().unwrap_or("");
    let mut words: Vec<String> = Vec::new();
    for word in name.split(|c: char| !c.is_ascii_alphanumeric()) {
        let length: usize = words.iter().map(String::len).sum();
        if !word.is_empty() && length + word.len() <= LONGEST {
            words.push(word.to_owned());
        }
    }
    let digit = |word: &String| word.starts_with(|c: char| c.is_ascii_digit());
    if words.first().is_none_or(digit) {
        words.insert(0, "scheme".to_owned());
    }
    words
}
