//! `DATA` statements of Fortran: names, entries and implied loops, each with a constant between slashes.

use super::Parsed;
use super::effects::Effect;
use super::index::Index;
use super::lexer::TokenKind;
use super::parser::Parser;
use crate::language::diagnostic::{Diagnostic, Span};
use crate::notation::field::role;
use crate::notation::value::Value;

/// A name, or an entry of a list, that takes one constant.
struct Slot<'a> {
    name: &'a str,
    span: Span,
    indices: Vec<Index>,
}

/// The counters of the loops around an entry, with their values.
type Counters<'a> = Vec<(&'a str, usize)>;

impl<'a> Parser<'a> {
    /// Reads `DATA A(2,1), B /0.2, 0.3/`, if the next statement is one.
    pub(super) fn data(&mut self) {
        let start = self.at;
        self.at += 1;
        self.recent.clear();
        if let Err(problem) = self.initial_values() {
            self.skip_statement(start);
            self.effects(start, self.at, Effect::Changes, &problem);
            for at in start + 1..self.at {
                let name = self.word(at);
                if role(name).is_some() && self.item_of(name).is_none() {
                    let span = self.token_at(at).span;
                    self.assign(name.to_owned(), span, Err(problem.clone()), self.at);
                }
            }
        }
    }

    fn initial_values(&mut self) -> Parsed<()> {
        while !self.ends_statement() {
            let mut slots = Vec::new();
            while !self.eat("/") {
                self.slots(&mut Vec::new(), &mut slots)?;
                self.eat(",");
            }
            let values = self.constants()?;
            self.initialize(&slots, values)?;
            self.eat(",");
        }
        Ok(())
    }

    /// Reads `X`, `X(2, 1)` or `(X(I), I = 1, 3)`.
    fn slots(&mut self, counters: &mut Counters<'a>, slots: &mut Vec<Slot<'a>>) -> Parsed<()> {
        let (start, close, span) = (self.at, self.close(), self.token().span);
        if !self.is("(") {
            let name = self.word(start);
            if name.is_empty() {
                return Err(self.expected("a name"));
            }
            self.at += 1;
            let mut indices = Vec::new();
            if self.is("(") {
                let close = self.close();
                while self.at < close {
                    self.at += 1;
                    let index = self.counted(counters)?.checked_sub(1);
                    let index = index.ok_or_else(|| self.expected("an index from 1"))?;
                    indices.push(Index::At(index));
                }
                self.at = close + 1;
            }
            self.count_copies(1, span)?;
            slots.push(Slot {
                name,
                span,
                indices,
            });
            return Ok(());
        }
        let mut equals = start + 1;
        while equals < close && self.symbol(equals) != "=" {
            equals = self.token_at(equals).close + 1;
        }
        if equals >= close {
            return Err(self.expected("an implied loop"));
        }
        self.at = equals + 1;
        let first = self.counted(counters)?;
        if !self.eat(",") {
            return Err(self.expected("the last value of this counter"));
        }
        let last = self.counted(counters)?;
        if self.at != close {
            return Err(self.expected("`)`"));
        }
        for value in first..=last {
            self.count_copies(1, span)?;
            counters.push((self.word(equals - 1), value));
            self.at = start + 1;
            while self.at + 1 < equals {
                self.slots(counters, slots)?;
                self.eat(",");
            }
            counters.pop();
        }
        self.at = close + 1;
        Ok(())
    }

    /// Reads an integer, a counter, or one plus or minus the other.
    fn counted(&mut self, counters: &Counters) -> Parsed<usize> {
        let (mut sum, mut minus) = (0_i64, false);
        loop {
            let word = self.word(self.at);
            let counter = counters.iter().rev().find(|(name, _)| *name == word);
            let number = match self.kind() {
                TokenKind::Number(digits, _) => digits.parse().ok().filter(|n| *n <= 1 << 16),
                _ => counter.map(|(_, value)| *value),
            };
            let number = number.ok_or_else(|| self.expected("an integer or a counter"))?;
            sum += if minus {
                -(number as i64)
            } else {
                number as i64
            };
            self.at += 1;
            minus = self.is("-");
            if !(minus || self.is("+")) {
                return Ok(usize::try_from(sum).unwrap_or(0));
            }
            self.at += 1;
        }
    }

    /// Reads constants up to the slash behind them; `3*0.0` are three.
    fn constants(&mut self) -> Parsed<Vec<Value>> {
        let mut values = Vec::new();
        loop {
            let mut times = 1;
            if self.is_at(1, "*") {
                times = self.counted(&Vec::new())?;
                self.at += 1;
            }
            let value = self.signed()?;
            self.count_copies(times.saturating_mul(value.size()), self.last_span())?;
            values.extend(std::iter::repeat_n(value, times));
            // `1./` ends with a point and a slash.
            if self.eat("/") || self.eat("./") {
                return Ok(values);
            }
            if !self.eat(",") {
                return Err(self.expected("`,` or `/`"));
            }
        }
    }

    fn initialize(&mut self, slots: &[Slot<'a>], mut values: Vec<Value>) -> Parsed<()> {
        if let (
            [
                Slot {
                    name,
                    span,
                    indices,
                },
            ],
            [_, _, ..],
        ) = (slots, values.as_slice())
            && indices.is_empty()
        {
            let value = Value::array(values, *span);
            self.assign((*name).to_owned(), *span, Ok(value), self.at);
            return Ok(());
        }
        if slots.len() != values.len() {
            let (names, found) = (slots.len(), values.len());
            let headline = format!("expected {names} values for {names} names, found {found}");
            return Err(Diagnostic::at(self.last_span(), headline));
        }
        for (
            Slot {
                name,
                span,
                indices,
            },
            value,
        ) in slots.iter().zip(values.drain(..))
        {
            if indices.is_empty() {
                self.assign((*name).to_owned(), *span, Ok(value), self.at);
            } else {
                self.assign_entry(name, *span, indices, value)?;
            }
        }
        Ok(())
    }
}
