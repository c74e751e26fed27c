//! Julia and Python: literal assignments are interpreted, nothing is run; writers make programs of assignments.
//! Lexer, parser of values, environment and interpreter of statements serve both languages.
//! Must not know other notations.

mod arithmetic;
mod call;
mod environment;
mod index;
mod interpreter;
mod julia;
mod lexer;
mod list;
mod parser;
mod python;

pub(super) use julia::NOTATION as JULIA;
pub(super) use python::NOTATION as PYTHON;

/// Returns true if a line assigns to a name.
pub(super) fn assigns(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start().trim_start_matches("const ");
        let rest = line.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
        let value = rest.trim_start().strip_prefix('=');
        rest.len() < line.len() && value.is_some_and(|value| !value.starts_with('='))
    })
}

/// A line without its comment and surrounding white space.
pub(super) fn without_comment(line: &str) -> &str {
    line.split('#').next().unwrap_or("").trim()
}
