//! A cell of a LaTeX array: fractions, roots, powers of integers and what stands between them.

use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{Expression, Spanned, Term};
use crate::language::limits;

/// Reads the formula at a place; nothing if there is none.
pub(super) fn formula(plain: &str, span: Span) -> Result<Option<Expression>, Diagnostic> {
    let mut reader = Reader {
        text: plain,
        at: span.start,
        end: span.end,
        depth: 0,
        arguments: 0,
    };
    reader.blank();
    if reader.at == reader.end {
        return Ok(None);
    }
    let value = reader.sum()?;
    if reader.at < reader.end {
        return Err(reader.problem("expected the end of the cell"));
    }
    Ok(Some(value))
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    end: usize,
    depth: usize,
    /// How many arguments of fractions and roots this is in.
    arguments: usize,
}

/// What has no meaning for the value.
const SPACE: &[&str] = &[
    "\\,",
    "\\;",
    "\\:",
    "\\!",
    "\\ ",
    "\\quad",
    "\\displaystyle",
    "\\textstyle",
    "\\left",
    "\\right",
    "\\phantom{-}",
    "~",
    "$",
];

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..self.end).unwrap_or("")
    }

    fn blank(&mut self) {
        loop {
            let rest = self.rest();
            let space = rest.len() - rest.trim_start().len();
            let word = SPACE.iter().find(|word| rest[space..].starts_with(**word));
            self.at += space + word.map_or(0, |word| word.len());
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

    fn problem(&self, expected: &str) -> Diagnostic {
        let found = self.rest().chars().next();
        let span = Span {
            start: self.at,
            end: self.at + found.map_or(0, char::len_utf8),
        };
        let found = found.map_or("the end of the cell".to_owned(), |c| format!("`{c}`"));
        Diagnostic::at(span, format!("{expected}, found {found}"))
            .help("what is read are integers, decimals, `\\frac`, `\\sqrt`, `+`, `-`, `\\cdot`, `/` and integer powers")
    }

    fn from(&self, start: usize) -> Span {
        let text = &self.text[start..self.at];
        Span {
            start,
            end: start + text.trim_end().len(),
        }
    }

    fn sum(&mut self) -> Result<Expression, Diagnostic> {
        self.depth += 1;
        if self.depth > limits::NESTING {
            let span = Span {
                start: self.at,
                end: self.at + 1,
            };
            return Err(Diagnostic::at(
                span,
                format!("this is nested more than {} deep", limits::NESTING),
            ));
        }
        let (start, mut terms) = (self.at, Vec::new());
        loop {
            let mut minus = false;
            while let Some(sign) = self
                .rest()
                .chars()
                .next()
                .filter(|c| matches!(c, '+' | '-' | '−'))
            {
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
        Ok(joined(terms, self.from(start), Term::Sum))
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
                let number = factors
                    .last()
                    .is_some_and(|(_, factor)| matches!(factor.value, Term::Decimal { .. }));
                if number {
                    // In some texts it is a mixed number, a sum.
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
        Ok(joined(factors, self.from(start), Term::Product))
    }

    fn is_fraction(&self) -> bool {
        const WORDS: &[&str] = &[
            "\\frac",
            "\\tfrac",
            "\\dfrac",
            "\\cfrac",
            "\\nicefrac",
            "\\sfrac",
        ];
        WORDS.iter().any(|word| self.rest().starts_with(word))
    }

    fn power(&mut self) -> Result<Expression, Diagnostic> {
        let start = self.at;
        let base = self.atom()?;
        if !self.eat("^") {
            return Ok(base);
        }
        let braces = self.eat("{");
        let sign = usize::from(self.rest().starts_with(['-', '+']));
        let digits = self.rest()[sign..]
            .bytes()
            .take_while(u8::is_ascii_digit)
            .count();
        // Without braces an exponent is one digit.
        let length = sign + if braces { digits } else { digits.min(1) };
        let literal = &self.rest()[..length];
        let ten = matches!(&base.value, Term::Decimal { digits, exponent: 0 } if digits == "10");
        let most = if ten {
            limits::DECIMAL_EXPONENT
        } else {
            limits::EXPONENT
        };
        let exponent = literal
            .parse::<i32>()
            .ok()
            .filter(|exponent| exponent.abs() <= most);
        let exponent = exponent
            .ok_or_else(|| self.problem(&format!("expected an integer exponent within ±{most}")))?;
        self.at += length;
        self.blank();
        if braces && !self.eat("}") {
            return Err(self.problem("expected `}`"));
        }
        let value = if ten {
            Term::Decimal {
                digits: "1".to_owned(),
                exponent,
            }
        } else {
            Term::Power(Box::new(base), exponent)
        };
        Ok(Spanned {
            value,
            span: self.from(start),
        })
    }

    fn atom(&mut self) -> Result<Expression, Diagnostic> {
        let start = self.at;
        if self
            .rest()
            .starts_with(|c: char| c.is_ascii_digit() || c == '.')
        {
            return self.number(false);
        }
        for (open, close) in [("(", ")"), ("{", "}")] {
            if self.eat(open) {
                let value = self.sum()?;
                return if self.eat(close) {
                    Ok(value)
                } else {
                    Err(self.problem(&format!("expected `{close}`")))
                };
            }
        }
        if self.is_fraction() {
            let length = self.rest().find("frac").unwrap_or(0) + 4;
            self.at += length;
            self.blank();
            let factors = vec![(false, self.argument()?), (true, self.argument()?)];
            return Ok(Spanned {
                value: Term::Product(factors),
                span: self.from(start),
            });
        }
        if self.eat("\\sqrt") {
            let argument = Box::new(self.argument()?);
            return Ok(Spanned {
                value: Term::Sqrt(argument),
                span: self.from(start),
            });
        }
        Err(self.problem("expected a number"))
    }

    /// The argument of a command: a group in braces, or one digit.
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

    /// A literal, or its first digit.
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
        let span = Span {
            start,
            end: self.at,
        };
        if literal.matches('.').count() > 1 || literal == "." {
            return Err(Diagnostic::at(span, "this is not a number"));
        }
        let value = limits::decimal(&literal).map_err(|message| Diagnostic::at(span, message))?;
        self.blank();
        Ok(Spanned { value, span })
    }

    fn digits(&mut self, literal: &mut String) {
        let digit = |c: &u8| c.is_ascii_digit() || *c == b'.';
        let length = self.rest().bytes().take_while(digit).count();
        literal.push_str(&self.rest()[..length]);
        self.at += length;
    }

    /// The length of what separates thousands, as in `2\,889`; in a decimal also what groups its digits.
    fn separator(&self, literal: &str) -> Result<Option<usize>, Diagnostic> {
        const SEPARATORS: &[&str] = &["\\,", "\\;", "\\:", "\\!", "{\\,}", "{,}", "~"];
        let rest = self.rest();
        let Some(separator) = SEPARATORS.iter().find(|mark| rest.starts_with(**mark)) else {
            return Ok(None);
        };
        let digits = rest[separator.len()..].bytes();
        let digits = digits.take_while(u8::is_ascii_digit).count();
        if digits == 0 || (*separator != "{,}" && literal.contains('.')) {
            return Ok((digits > 0).then_some(separator.len()));
        }
        let grouped = digits == 3 && !literal.starts_with('0') && !literal.contains('.');
        // In a fraction nobody writes decimals; elsewhere `1{,}234` is a little more than 1 to half of the world.
        let comma = *separator == "{,}" && self.arguments == 0;
        if grouped && !comma {
            return Ok(Some(separator.len()));
        }
        let message = if comma {
            "the comma in this number is one of decimals, or of thousands"
        } else {
            "these digits are no thousands: they are in groups of three"
        };
        let span = Span {
            start: self.at,
            end: self.at + separator.len(),
        };
        Err(Diagnostic::at(span, message).help("write `1234`, `1\\,234` or `1.234`"))
    }
}

fn joined(
    mut operands: Vec<(bool, Expression)>,
    span: Span,
    term: fn(Vec<(bool, Expression)>) -> Term,
) -> Expression {
    match operands.pop() {
        Some((false, one)) if operands.is_empty() => one,
        last => {
            operands.extend(last);
            Spanned {
                value: term(operands),
                span,
            }
        }
    }
}

/// `1.5 \cdot 10^{-3}` as the one decimal that it is.
fn scientific(mantissa: &Expression, power: &Expression) -> Option<Expression> {
    let (
        Term::Decimal { digits, exponent },
        Term::Decimal {
            digits: one,
            exponent: power_of_ten,
        },
    ) = (&mantissa.value, &power.value)
    else {
        return None;
    };
    let is_power = one == "1" && power.span.end - power.span.start > 2;
    let value = Term::Decimal {
        digits: digits.clone(),
        exponent: exponent + power_of_ten,
    };
    is_power.then_some(Spanned {
        value,
        span: mantissa.span.to(power.span),
    })
}
