//! Parses a cell of a LaTeX array: fractions, roots, integer powers and arithmetic.

use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{Expression, Spanned, Term};
use crate::language::limits;

/// Parses the formula in a span; `None` if it is empty.
pub(super) fn formula(plain: &str, span: Span) -> Result<Option<Expression>, Diagnostic> {
    let mut parser = FormulaParser {
        text: plain,
        at: span.start,
        end: span.end,
        depth: 0,
        arguments: 0,
    };
    parser.blank();
    if parser.at == parser.end {
        return Ok(None);
    }
    let value = parser.sum()?;
    if parser.at < parser.end {
        return Err(parser.problem("expected the end of the cell"));
    }
    Ok(Some(value))
}

struct FormulaParser<'a> {
    text: &'a str,
    at: usize,
    end: usize,
    depth: usize,
    /// The number of enclosing arguments of fractions and roots.
    arguments: usize,
}

/// Commands without effect on the value.
const SPACE: &str = r"\,|\;|\:|\!|\ |\quad|\displaystyle|\textstyle|\left|\right|\phantom{-}|~|$";

const FRACTIONS: &str = r"\frac|\tfrac|\dfrac|\cfrac|\nicefrac|\sfrac";

/// Marks between the digits of long numbers.
const SEPARATORS: &str = r"\,|\;|\:|\!|{\,}|{,}|~";

/// The word, of those between bars, with which a text begins.
pub(super) fn beginning<'a>(text: &str, words: &'a str) -> Option<&'a str> {
    words.split('|').find(|word| text.starts_with(word))
}

/// Operators and operands; `true` subtracts or divides.
type Operands = Vec<(bool, Expression)>;

impl<'a> FormulaParser<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..self.end).unwrap_or("")
    }

    fn blank(&mut self) {
        loop {
            let rest = self.rest();
            let space = rest.len() - rest.trim_start().len();
            let word = beginning(&rest[space..], SPACE);
            self.at += space + word.map_or(0, str::len);
            if space == 0 && word.is_none() {
                return;
            }
        }
    }

    fn eat(&mut self, what: &str) -> bool {
        let found = self.rest().starts_with(what);
        if found {
            self.at += what.len();
            self.blank();
        }
        found
    }

    fn expect(&mut self, what: &str) -> Result<(), Diagnostic> {
        if self.eat(what) {
            return Ok(());
        }
        Err(self.problem(&format!("expected `{what}`")))
    }

    fn problem(&self, expected: &str) -> Diagnostic {
        let found = self.rest().chars().next();
        let span = Span::new(self.at, self.at + found.map_or(0, char::len_utf8));
        let found = found.map_or("the end of the cell".to_owned(), |c| format!("`{c}`"));
        Diagnostic::at(span, format!("{expected}, found {found}"))
            .help("a cell may hold integers, decimals, `\\frac`, `\\sqrt`, `+`, `-`, `\\cdot`, `/` and integer powers")
    }

    /// Makes an expression of the text from `start` up to here.
    fn spanned(&self, value: Term, start: usize) -> Expression {
        let text = self.text[start..self.at].trim_end();
        Spanned::new(value, Span::new(start, start + text.len()))
    }

    /// Makes a sum or product, unless it has one operand only.
    fn combined(
        &self,
        mut operands: Operands,
        start: usize,
        term: fn(Operands) -> Term,
    ) -> Expression {
        match operands.as_slice() {
            [(false, _)] => operands.swap_remove(0).1,
            _ => self.spanned(term(operands), start),
        }
    }

    fn sum(&mut self) -> Result<Expression, Diagnostic> {
        self.depth += 1;
        if self.depth > limits::NESTING {
            let headline = format!("formulas are nested more than {} deep", limits::NESTING);
            return Err(Diagnostic::at(Span::new(self.at, self.at + 1), headline));
        }
        let (start, mut terms) = (self.at, Vec::new());
        loop {
            let mut minus = false;
            while let Some(sign @ ('+' | '-' | '−')) = self.rest().chars().next() {
                minus ^= sign != '+';
                self.at += sign.len_utf8();
                self.blank();
            }
            terms.push((minus, self.product()?));
            if !self.rest().starts_with(['+', '-', '−']) {
                break;
            }
        }
        self.depth -= 1;
        Ok(self.combined(terms, start, Term::Sum))
    }

    fn product(&mut self) -> Result<Expression, Diagnostic> {
        let (start, mut factors) = (self.at, vec![(false, self.power()?)]);
        loop {
            let divide = if self.eat("\\cdot") || self.eat("\\times") || self.eat("*") {
                false
            } else if self.eat("/") {
                true
            } else if self.rest().starts_with(['(', '{']) || self.rest().starts_with("\\sqrt") {
                // Factors side by side.
                false
            } else if self.is_fraction() {
                let last = factors.last().map(|(_, last)| &last.value);
                if matches!(last, Some(Term::Decimal { .. })) {
                    // Some texts write mixed numbers, which are sums.
                    return Err(self.problem("expected `\\cdot` or `+` before a fraction"));
                }
                false
            } else {
                break;
            };
            let factor = self.power()?;
            let scaled = match factors.last() {
                Some((false, last)) if !divide => scientific(last, &factor),
                _ => None,
            };
            match scaled {
                Some(scaled) => {
                    factors.pop();
                    factors.push((false, scaled));
                }
                None => factors.push((divide, factor)),
            }
        }
        Ok(self.combined(factors, start, Term::Product))
    }

    fn is_fraction(&self) -> bool {
        beginning(self.rest(), FRACTIONS).is_some()
    }

    fn power(&mut self) -> Result<Expression, Diagnostic> {
        let start = self.at;
        let base = self.atom()?;
        if !self.eat("^") {
            return Ok(base);
        }
        let braces = self.eat("{");
        let sign = usize::from(self.rest().starts_with(['-', '+']));
        let digits = self.rest()[sign..].bytes();
        let digits = digits.take_while(u8::is_ascii_digit).count();
        // Without braces an exponent is one digit.
        let length = sign + if braces { digits } else { digits.min(1) };
        let exponent = self.rest()[..length].parse::<i32>().ok();
        let ten = base.value.integer() == Some("10");
        let most = if ten {
            limits::DECIMAL_EXPONENT
        } else {
            limits::EXPONENT
        };
        let exponent = exponent.filter(|exponent| exponent.abs() <= most);
        let expected = || self.problem(&format!("expected an integer exponent within ±{most}"));
        let exponent = exponent.ok_or_else(expected)?;
        self.at += length;
        self.blank();
        if braces {
            self.expect("}")?;
        }
        let value = if ten {
            let digits = "1".to_owned();
            Term::Decimal { digits, exponent }
        } else {
            Term::Power(Box::new(base), exponent)
        };
        Ok(self.spanned(value, start))
    }

    fn atom(&mut self) -> Result<Expression, Diagnostic> {
        let start = self.at;
        let digit = |c: char| c.is_ascii_digit() || c == '.';
        if self.rest().starts_with(digit) {
            return self.number(false);
        }
        for (open, close) in [("(", ")"), ("{", "}")] {
            if self.eat(open) {
                let value = self.sum()?;
                self.expect(close)?;
                return Ok(value);
            }
        }
        if self.is_fraction() {
            let length = self.rest().find("frac").unwrap_or(0) + 4;
            self.at += length;
            self.blank();
            let factors = vec![(false, self.argument()?), (true, self.argument()?)];
            return Ok(self.spanned(Term::Product(factors), start));
        }
        if self.eat("\\sqrt") {
            let argument = Box::new(self.argument()?);
            return Ok(self.spanned(Term::Sqrt(argument), start));
        }
        Err(self.problem("expected a number"))
    }

    /// Parses the argument of a command: a group in braces, or one digit.
    fn argument(&mut self) -> Result<Expression, Diagnostic> {
        if self.rest().starts_with('{') {
            self.arguments += 1;
            let value = self.atom();
            self.arguments -= 1;
            value
        } else if self.rest().starts_with(|c: char| c.is_ascii_digit()) {
            self.number(true)
        } else {
            Err(self.problem("expected `{`"))
        }
    }

    /// Parses a literal, or only its first digit.
    fn number(&mut self, one: bool) -> Result<Expression, Diagnostic> {
        let start = self.at;
        let mut literal = String::new();
        if one {
            literal.extend(self.rest().chars().next());
            self.at += 1;
        } else {
            self.digits(&mut literal);
            while let Some(separator) = self.separator(&literal)? {
                self.at += separator;
                self.digits(&mut literal);
            }
        }
        let span = Span::new(start, self.at);
        if literal.matches('.').count() > 1 || literal == "." {
            return Err(Diagnostic::at(span, "invalid number"));
        }
        let value = limits::decimal(&literal).map_err(|message| Diagnostic::at(span, message))?;
        self.blank();
        Ok(Spanned::new(value, span))
    }

    fn digits(&mut self, literal: &mut String) {
        let digit = |c: &u8| c.is_ascii_digit() || *c == b'.';
        let length = self.rest().bytes().take_while(digit).count();
        literal.push_str(&self.rest()[..length]);
        self.at += length;
    }

    /// The length of a separator of thousands, as in `2\,889`, or of groups of decimal places.
    fn separator(&self, literal: &str) -> Result<Option<usize>, Diagnostic> {
        let rest = self.rest();
        let Some(separator) = beginning(rest, SEPARATORS) else {
            return Ok(None);
        };
        let digits = rest[separator.len()..].bytes();
        let digits = digits.take_while(u8::is_ascii_digit).count();
        if digits == 0 || (separator != "{,}" && literal.contains('.')) {
            return Ok((digits > 0).then_some(separator.len()));
        }
        let grouped = digits == 3 && !literal.starts_with('0') && !literal.contains('.');
        // Fractions hold no decimals; elsewhere the comma of `1{,}234` is the decimal point in many countries.
        let comma = separator == "{,}" && self.arguments == 0;
        if grouped && !comma {
            return Ok(Some(separator.len()));
        }
        let message = if comma {
            "ambiguous comma: it could separate decimals or thousands"
        } else {
            "expected thousands in groups of three digits"
        };
        let span = Span::new(self.at, self.at + separator.len());
        Err(Diagnostic::at(span, message).help("write `1234`, `1\\,234` or `1.234`"))
    }
}

/// Merges `1.5 \cdot 10^{-3}` into one decimal.
fn scientific(mantissa: &Expression, power: &Expression) -> Option<Expression> {
    let mut value = mantissa.value.clone();
    match (&mut value, &power.value) {
        (
            Term::Decimal { exponent, .. },
            Term::Decimal {
                digits,
                exponent: ten,
            },
        ) if digits == "1" && power.span.range().len() > 2 => {
            *exponent += ten;
        }
        _ => return None,
    }
    Some(Spanned::new(value, mantissa.span.to(power.span)))
}
