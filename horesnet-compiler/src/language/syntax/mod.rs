//! Parses text to [`Document`]: the only folder that uses pest. `expected` words its errors.
//! Must not know values.

use pest::Parser;
use pest::iterators::Pair;

use crate::language::angle;
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{
    Document, Expression, Limit, Parameter, Spanned, StageRow, Term, WeightsRow,
};
use crate::language::limits;
use crate::language::typos;

mod expected;

#[allow(missing_docs, clippy::pedantic)] // pest writes this code
mod grammar {
    #[derive(pest_derive::Parser)]
    #[grammar = "language/tab.pest"]
    pub(crate) struct Grammar;
}
use expected::located;
use grammar::{Grammar, Rule};

/// The shape of a file, for messages.
const SHAPE: &str =
    "a tableau is rows `NODE | ENTRY …`, a line `---+---`, and rows `order N | ENTRY …`";

type Node<'a> = Pair<'a, Rule>;

/// Reads the text of a tableau file.
///
/// # Errors
/// The first syntax error, or an exceeded limit.
pub fn parse(text: &str) -> Result<Document, Diagnostic> {
    limits::check_text(text)?;
    if text.trim_start_matches('\u{feff}').trim().is_empty() {
        return Err(Diagnostic::whole_file("the file is empty").help(SHAPE));
    }
    let mut pairs = Grammar::parse(Rule::file, text)
        .map_err(|error| typos::in_file(located(&error, 0, text, "the end of the file"), text))?;
    let mut document = Document::default();
    for pair in pairs.next().into_iter().flat_map(Pair::into_inner) {
        read_part(&mut document, pair)?;
    }
    Ok(document)
}

/// Parses one expression. Its names have no values.
pub(crate) fn parse_expression(text: &str) -> Result<Expression, Diagnostic> {
    limits::check_text(text)?;
    expression_at(text, 0, Span::new(0, text.len()))
}

/// Parses one expression at `span` of a longer text. If the text there differs, errors point at the whole span.
pub(crate) fn expression_in(text: &str, span: Span) -> Result<Expression, Diagnostic> {
    limits::check_text(text).map_err(|problem| Diagnostic::at(span, problem.headline()))?;
    if text.len() == span.end.saturating_sub(span.start) {
        return expression_at(text, span.start, span);
    }
    let mut expression =
        expression_at(text, 0, span).map_err(|problem| Diagnostic::at(span, problem.headline()))?;
    place(&mut expression, span);
    Ok(expression)
}

/// Sets the span of an expression and all its parts.
fn place(expression: &mut Expression, span: Span) {
    expression.span = span;
    match &mut expression.value {
        Term::Sum(parts) | Term::Product(parts) => {
            for (_, part) in parts {
                place(part, span);
            }
        }
        Term::Power(part, _) | Term::Sqrt(part) => place(part, span),
        Term::Decimal { .. } | Term::Name(_) | Term::Unknown => {}
    }
}

fn read_part(document: &mut Document, pair: Node) -> Result<(), Diagnostic> {
    let span = span_of(&pair);
    match pair.as_rule() {
        Rule::head => {
            let lines = pair
                .into_inner()
                .map(|line| line.as_str().trim_start_matches('#').trim().to_owned());
            document.head = lines.collect();
        }
        Rule::name if document.name.is_some() => return Err(repeated("name", span)),
        Rule::name => {
            document.name = Some(Spanned::new(string(pair), span));
        }
        Rule::alias => document.aliases.extend(pair.into_inner().map(quoted)),
        Rule::cite => document.citations.push(string(pair)),
        Rule::rounded if document.rounded.is_some() => return Err(repeated("rounded", span)),
        Rule::rounded => {
            document.rounded = first(pair).map(|cell| expression(&cell)).transpose()?;
        }
        Rule::binding => {
            let mut inner = pair.into_inner();
            if let (Some(name), Some(value)) = (inner.next(), inner.next()) {
                let name = Spanned::new(name.as_str().to_owned(), span_of(&name));
                document.bindings.push((name, expression(&value)?));
            }
        }
        Rule::parameter => document.parameters.push(parameter(pair)?),
        Rule::separator => document.separator = span,
        Rule::stage | Rule::weights => read_row(document, pair)?,
        _ => {}
    }
    Ok(())
}

fn read_row(document: &mut Document, pair: Node) -> Result<(), Diagnostic> {
    let (rule, span) = (pair.as_rule(), span_of(&pair));
    let (mut node, mut claim, mut entries) = (None, None, Vec::new());
    for part in pair.into_inner() {
        match part.as_rule() {
            Rule::node => node = Some(expression(&part)?),
            Rule::claim => claim = Some(order(part)?),
            Rule::entry => entries.push(entry(&part)?),
            _ => {}
        }
    }
    if rule == Rule::stage {
        let row = StageRow {
            node,
            entries,
            span,
        };
        document.stages.push(row);
    } else {
        let row = WeightsRow {
            claim,
            entries,
            span,
        };
        document.weights.push(row);
    }
    Ok(())
}

/// An entry that is known, or `?`.
fn entry(pair: &Node) -> Result<Expression, Diagnostic> {
    let span = span_of(pair);
    if pair
        .clone()
        .into_inner()
        .any(|part| part.as_rule() == Rule::unknown)
    {
        return Ok(Spanned::new(Term::Unknown, span));
    }
    expression(pair)
}

fn parameter(pair: Node) -> Result<Parameter, Diagnostic> {
    let span = span_of(&pair);
    let mut parameter = Parameter {
        name: Spanned::new(String::new(), span),
        default: None,
        interval: None,
        span,
    };
    for part in pair.into_inner() {
        match part.as_rule() {
            Rule::identifier => {
                parameter.name = Spanned::new(part.as_str().to_owned(), span_of(&part));
            }
            Rule::default => parameter.default = Some(expression(&part)?),
            Rule::interval => {
                let span = span_of(&part);
                parameter.interval = Some(Spanned::new(interval(part)?, span));
            }
            _ => {}
        }
    }
    Ok(parameter)
}

fn interval(pair: Node) -> Result<[Limit; 2], Diagnostic> {
    let span = span_of(&pair);
    let (mut limits, mut brackets) = (Vec::new(), [false; 2]);
    for part in pair.into_inner() {
        match part.as_rule() {
            Rule::opening => brackets[0] = part.as_str() == "[",
            Rule::closing => brackets[1] = part.as_str() == "]",
            Rule::bound => {
                let infinite = ["-inf", "inf"][usize::from(!limits.is_empty())];
                let is_infinite = part.as_str().trim() == infinite;
                limits.push((!is_infinite).then(|| expression(&part)).transpose()?);
            }
            _ => {}
        }
    }
    let [low, high] = limits
        .try_into()
        .map_err(|_| Diagnostic::at(span, "expected an interval such as `(0, 1]`"))?;
    for (value, closed) in [(&low, brackets[0]), (&high, brackets[1])] {
        if value.is_none() && closed {
            let headline = "infinity is no value, so this end of the interval is open";
            return Err(Diagnostic::at(span, headline).help("write `(-inf` and `inf)`"));
        }
    }
    Ok([(low, brackets[0]), (high, brackets[1])].map(|(value, closed)| Limit { value, closed }))
}

fn order(claim: Node) -> Result<Spanned<usize>, Diagnostic> {
    let span = span_of(&claim);
    let digits = first(claim).map_or("", |cell| cell.as_str());
    let plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    let order = limits::order(digits).filter(|_| plain).ok_or_else(|| {
        let most = limits::ORDER;
        let help = if digits.contains('(') {
            "each row of weights claims its own order: `order 5` here, `order 4` in the embedded row".to_owned()
        } else {
            format!("a claim is `order N` with N from 1 to {most}")
        };
        Diagnostic::at(span, format!("`{digits}` is not an order")).help(help)
    });
    Ok(Spanned::new(order?, span))
}

/// Parses one cell.
fn expression(cell: &Node) -> Result<Expression, Diagnostic> {
    expression_at(cell.as_str(), cell.as_span().start(), span_of(cell))
}

/// Parses `text`, which starts at `base` of the file and has the span `span` there.
fn expression_at(text: &str, base: usize, span: Span) -> Result<Expression, Diagnostic> {
    let mut pairs = Grammar::parse(Rule::expression, text).map_err(|error| {
        let problem = located(&error, base, text, "the end of the entry");
        let at = problem.start().saturating_sub(base);
        typos::in_entry(problem, text, at)
    })?;
    let sum = pairs.next().and_then(first);
    let sum = sum.ok_or_else(|| Diagnostic::at(span, "expected a number"))?;
    term(sum, base)
}

fn term(pair: Node, base: usize) -> Result<Expression, Diagnostic> {
    let span = Span::new(base + pair.as_span().start(), base + pair.as_span().end());
    let wrong = |message: String| Diagnostic::at(span, message);
    let value = match pair.as_rule() {
        Rule::number => limits::decimal(pair.as_str()).map_err(wrong)?,
        Rule::identifier => Term::Name(pair.as_str().to_owned()),
        Rule::root => match first(pair) {
            Some(argument) => Term::Sqrt(Box::new(term(argument, base)?)),
            None => return Err(Diagnostic::at(span, "expected `sqrt(…)`")),
        },
        Rule::cosine => {
            let text = pair.as_str();
            let parts = first(pair).into_iter().flat_map(Pair::into_inner);
            let mut angle = [1_u32; 2];
            for part in parts {
                let slot = usize::from(part.as_rule() == Rule::divisor);
                let value = part.as_str().parse().ok();
                let product = value.and_then(|value| angle[slot].checked_mul(value));
                angle[slot] = product.ok_or_else(|| wrong("this angle is too long".to_owned()))?;
            }
            let mut exact = expression_at(angle::expression(text, span, angle)?, 0, span)?;
            place(&mut exact, span);
            return Ok(exact);
        }
        Rule::power => {
            let mut inner = pair.into_inner();
            let Some(atom) = inner.next() else {
                return Err(Diagnostic::at(span, "expected a number"));
            };
            let atom = term(atom, base)?;
            let Some(exponent) = inner.next() else {
                return Ok(atom);
            };
            let exponent = limits::exponent(exponent.as_str()).map_err(wrong)?;
            Term::Power(Box::new(atom), exponent)
        }
        // Sums, products and signed factors: operands with the operators before them.
        rule => {
            let (mut operands, mut inverse) = (Vec::new(), false);
            for part in pair.into_inner() {
                match part.as_rule() {
                    Rule::plus | Rule::times => inverse = false,
                    Rule::divide => inverse = true,
                    Rule::minus => inverse = !inverse,
                    _ => operands.push((std::mem::take(&mut inverse), term(part, base)?)),
                }
            }
            match operands.as_slice() {
                [(false, _)] => return Ok(operands.swap_remove(0).1),
                _ if rule == Rule::product => Term::Product(operands),
                _ => Term::Sum(operands),
            }
        }
    };
    Ok(Spanned::new(value, span))
}

fn first(pair: Node) -> Option<Node> {
    pair.into_inner().next()
}

/// The text of the string that a header has.
fn string(header: Node) -> String {
    first(header).map_or_else(String::new, quoted)
}

/// The text between the quotation marks of a string.
fn quoted(string: Node) -> String {
    first(string).map_or_else(String::new, |text| text.as_str().to_owned())
}

fn span_of(pair: &Node) -> Span {
    // Rows begin with free space, and may run over a continued line's end.
    let (text, start) = (pair.as_str(), pair.as_span().start());
    let blank = |c: char| c.is_whitespace() || c == '\\';
    let end = start + text.trim_end_matches(blank).len();
    let start_of_text = start + (text.len() - text.trim_start_matches(blank).len());
    Span::new(start_of_text, end.max(start))
}

fn repeated(what: &str, span: Span) -> Diagnostic {
    Diagnostic::at(span, format!("`{what}` is given twice")).help(format!("keep one `{what}` line"))
}
