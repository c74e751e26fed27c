//! Words what the parser expected, in place of what it found.

use pest::error::{ErrorVariant, InputLocation};

use super::grammar::Rule;
use crate::language::diagnostic::{Diagnostic, Span};

/// Converts a pest error. `text` starts at `base` of the file; `last` names its end.
pub(super) fn located(
    error: &pest::error::Error<Rule>,
    base: usize,
    text: &str,
    last: &str,
) -> Diagnostic {
    let (start, end) = match error.location {
        InputLocation::Pos(at) => (at, at),
        InputLocation::Span(span) => span,
    };
    let found = text[start.min(text.len())..].chars().next();
    let end = end.max(start + found.map_or(0, char::len_utf8));
    let span = Span::new(base + start, base + end);
    let expected = match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives.as_slice(),
        ErrorVariant::CustomError { .. } => &[],
    };
    let found = match found {
        None => last.to_owned(),
        Some('\n' | '\r') => "the end of the line".to_owned(),
        Some('"') => "`\"`".to_owned(),
        Some(c) => format!("`{}`", c.escape_debug()),
    };
    let cell = |rule: &Rule| matches!(rule, Rule::entry | Rule::cell | Rule::node | Rule::value);
    if found == "`(`" && expected.iter().any(cell) {
        return Diagnostic::at(span, "this parenthesis is not closed on its line");
    }
    let expected = listed(expected, last);
    Diagnostic::at(span, format!("expected {expected}, found {found}"))
}

fn listed(rules: &[Rule], last: &str) -> String {
    let name = |&rule| match rule {
        Rule::EOI | Rule::finish => last.to_owned(),
        rule => described(rule).to_owned(),
    };
    let mut names: Vec<_> = rules.iter().map(name).collect();
    names.sort_unstable();
    names.dedup();
    match names.as_slice() {
        [] => "something else".to_owned(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

/// Names each rule for the user. The match is exhaustive, so that a new rule needs a name.
fn described(rule: Rule) -> &'static str {
    match rule {
        Rule::EOI | Rule::finish => "the end",
        Rule::file | Rule::stage | Rule::node | Rule::sum_of_row => "a stage row `NODE | ENTRY …`",
        Rule::head | Rule::headline | Rule::comment | Rule::text => "a comment",
        Rule::header | Rule::name => "`name \"…\"`",
        Rule::alias => "`alias \"…\"`",
        Rule::cite => "`cite \"…\"`",
        Rule::binding => "`let NAME = VALUE`",
        Rule::parameter => "`param NAME = DEFAULT in (LOW, HIGH)`",
        Rule::interval | Rule::within | Rule::opening => "an interval such as `in (0, 1]`",
        Rule::closing => "`)` or `]`",
        Rule::bound | Rule::limit => "the end of an interval",
        Rule::rounded => "`rounded EPS`",
        Rule::string | Rule::quoted => "a text in double quotes",
        Rule::newline | Rule::end => "the end of the line",
        Rule::space => "a space",
        Rule::separator | Rule::rule_line => "a line of `-`, `=` and `+`",
        Rule::weights | Rule::claim => "a weights row `order N | ENTRY …`",
        Rule::entry | Rule::unknown | Rule::cell | Rule::group | Rule::plain => "an entry",
        Rule::value
        | Rule::default
        | Rule::expression
        | Rule::sum
        | Rule::product
        | Rule::unary
        | Rule::power
        | Rule::atom
        | Rule::cosine
        | Rule::number => "a number",
        Rule::angle => "an angle such as `2*pi/5`",
        Rule::integer | Rule::divisor => "an integer",
        Rule::exponent => "an integer exponent",
        Rule::root => "`sqrt(…)`",
        Rule::identifier => "a name",
        Rule::plus => "`+`",
        Rule::minus => "`-`",
        Rule::times => "`*`",
        Rule::divide => "`/`",
    }
}
