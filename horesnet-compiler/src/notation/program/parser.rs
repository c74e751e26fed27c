//! A cursor over the tokens of a program, and the values of its names so far.
//!
//! Lists are copied where their names are used. The copies are counted to bound the memory of any program.

use std::collections::{BTreeMap, BTreeSet};

use super::brief;
use super::dialect::Dialect;
use super::item::Item;
use super::lexer::{Token, TokenKind};
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{Expression, Spanned, Term};
use crate::notation::value::Value;

/// The most list entries that one program may copy.
const COPIES: usize = 1 << 16;

/// Decimals of up to this many digits are copied to where their name is used, so that they stay decimals.
const COPIED: usize = 100;

/// Reads values from a list of tokens.
pub(super) struct Parser<'a> {
    tokens: &'a [Token<'a>],
    pub(super) at: usize,
    pub(super) dialect: Dialect,
    /// In a row whose entries are separated by white space.
    pub(super) in_row: bool,
    /// The assignments so far, in order.
    pub(super) items: Vec<Item>,
    /// The last item of each name.
    names: BTreeMap<String, usize>,
    /// Functions by the names that the program gives them.
    functions: BTreeMap<&'a str, &'a str>,
    /// Constants under names of their own.
    pub(super) bindings: Vec<(Spanned<String>, Expression)>,
    /// Items that the value being read depends on.
    pub(super) recent: BTreeSet<usize>,
    /// Functions that were taken for conversions of their argument.
    pub(super) conversions: BTreeSet<&'a str>,
    pub(super) scope: usize,
    /// The names of functions and classes.
    pub(super) scopes: Vec<String>,
    /// The members around the value that is read.
    pub(super) path: Vec<String>,
    /// Functions that the program defines.
    pub(super) defined: BTreeSet<&'a str>,
    copies: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn new(tokens: &'a [Token<'a>], dialect: Dialect) -> Self {
        Self {
            tokens,
            at: 0,
            dialect,
            in_row: false,
            items: Vec::new(),
            names: BTreeMap::new(),
            functions: BTreeMap::new(),
            bindings: Vec::new(),
            recent: BTreeSet::new(),
            conversions: BTreeSet::new(),
            scope: 0,
            scopes: Vec::new(),
            path: Vec::new(),
            defined: BTreeSet::new(),
            copies: 0,
        }
    }

    /// The next token; at the end always [`TokenKind::End`].
    pub(super) fn token(&self) -> &'a Token<'a> {
        self.peek(0)
    }

    pub(super) fn peek(&self, ahead: usize) -> &'a Token<'a> {
        self.token_at(self.at + ahead)
    }

    pub(super) fn token_at(&self, at: usize) -> &'a Token<'a> {
        const END: &Token = &Token {
            kind: TokenKind::End,
            span: Span::new(0, 0),
            spaced: true,
            close: 0,
        };
        let token = self.tokens.get(at);
        token.or(self.tokens.last()).unwrap_or(END)
    }

    pub(super) fn kind(&self) -> &'a TokenKind<'a> {
        &self.token().kind
    }

    pub(super) fn kind_at(&self, ahead: usize) -> &'a TokenKind<'a> {
        &self.peek(ahead).kind
    }

    /// The span of the token read last.
    pub(super) fn last_span(&self) -> Span {
        let last = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        last.unwrap_or(self.token()).span
    }

    pub(super) fn advance(&mut self) {
        self.at += 1;
    }

    pub(super) fn is(&self, symbol: &str) -> bool {
        self.is_at(0, symbol)
    }

    pub(super) fn is_at(&self, ahead: usize, symbol: &str) -> bool {
        matches!(self.kind_at(ahead), TokenKind::Symbol(found) if *found == symbol)
    }

    /// Reads a symbol if it is next.
    pub(super) fn eat(&mut self, symbol: &str) -> bool {
        let found = self.is(symbol);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, symbol: &str) -> Result<(), Diagnostic> {
        self.skip_lines();
        if self.eat(symbol) {
            return Ok(());
        }
        Err(self.expected(&format!("`{symbol}`")))
    }

    /// Moves past line ends, where they mean nothing.
    pub(super) fn skip_lines(&mut self) {
        while self.kind() == &TokenKind::Newline {
            self.advance();
        }
    }

    /// The number of the bracket that closes the one that is next.
    pub(super) fn close(&self) -> usize {
        self.token().close
    }

    /// Moves behind the bracket that closes the one that is next, or behind one token.
    pub(super) fn skip_brackets(&mut self) {
        self.at = self.close().max(self.at) + 1;
    }

    pub(super) fn expected(&self, what: &str) -> Diagnostic {
        let token = self.token();
        let found = match &token.kind {
            TokenKind::Number(text) | TokenKind::Name(text) | TokenKind::Symbol(text) => {
                format!("`{}`", brief(text))
            }
            TokenKind::Text(_) => "a string".to_owned(),
            TokenKind::Newline => "the end of the line".to_owned(),
            TokenKind::End => "the end".to_owned(),
        };
        Diagnostic::at(token.span, format!("expected {what}, found {found}"))
    }

    /// Returns true at the end of a statement.
    pub(super) fn ends_statement(&self) -> bool {
        matches!(
            self.kind(),
            TokenKind::Newline | TokenKind::End | TokenKind::Symbol(";" | "}")
        )
    }

    /// Moves to the end of the statement that starts at a token.
    pub(super) fn skip_statement(&mut self, start: usize) {
        (self.at, self.in_row) = (start, false);
        while !(self.ends_statement() || (self.is("{") && self.at > start)) {
            self.skip_brackets();
        }
    }

    /// The names between two tokens.
    pub(super) fn names_between(
        &self,
        from: usize,
        to: usize,
    ) -> impl Iterator<Item = &'a str> + use<'a> {
        let tokens = self
            .tokens
            .get(from..to.min(self.tokens.len()))
            .unwrap_or_default();
        tokens.iter().filter_map(|token| match token.kind {
            TokenKind::Name(name) => Some(name),
            _ => None,
        })
    }

    /// The number of the item that a name stands for.
    pub(super) fn item_of(&self, name: &str) -> Option<usize> {
        self.names.get(name).copied()
    }

    pub(super) fn is_list(&self, item: usize) -> bool {
        self.items.get(item).is_some_and(Item::is_list)
    }

    /// Returns true if the program defines this function.
    pub(super) fn is_defined(&self, name: &str) -> bool {
        self.defined.contains(name)
    }

    /// Returns true if the value of an item stands here.
    pub(super) fn has_span(&self, item: usize, span: Span) -> bool {
        let value = self
            .items
            .get(item)
            .and_then(|item| item.value.as_ref().ok());
        value.is_some_and(|value| value.span() == span)
    }

    /// Gives a function another name.
    pub(super) fn rename(&mut self, function: &'a str, name: &'a str) {
        let function = self.function(function);
        self.functions.insert(name, function);
    }

    /// The original name of a function.
    pub(super) fn function(&self, name: &'a str) -> &'a str {
        self.functions.get(name).copied().unwrap_or(name)
    }

    /// Adds an item, to which its name refers from now on.
    pub(super) fn assign(&mut self, mut item: Item) -> usize {
        let number = self.items.len();
        if let Ok(value) = item.value {
            item.value = Ok(self.bound(value, &item.name, item.span));
        }
        let short = item.short_name().to_owned();
        self.functions.remove(short.as_str());
        self.names.insert(item.name.clone(), number);
        self.names.insert(short, number);
        self.items.push(item);
        number
    }

    /// Binds a computed number to a name of its own, and replaces it with that name.
    fn bound(&mut self, value: Value, name: &str, span: Span) -> Value {
        match value {
            Value::Number(number) if !is_literal(&number.value) => {
                // The program may assign another value to `name` later.
                let unique = format!("{name}'{}", self.bindings.len());
                let place = number.span;
                self.bindings
                    .push((Spanned::new(unique.clone(), span), number));
                Value::term(Term::Name(unique), place)
            }
            other => other,
        }
    }

    /// Copies the value of a name to where it is used. Numbers get the span of their use.
    pub(super) fn lookup(&mut self, name: &str, span: Span) -> Result<Value, Diagnostic> {
        // Once there were too many, not even their size is looked at.
        self.count_copies(1, span)?;
        let found = self.item_of(name);
        let Some((number, item)) = found.and_then(|number| Some((number, self.items.get(number)?)))
        else {
            let headline = format!("`{}` is not defined", brief(name));
            return Err(Diagnostic::at(span, headline)
                .help("a value is a number, `sqrt(…)`, a list, or a name assigned before"));
        };
        let value = item.value.as_ref().map_err(Clone::clone)?;
        if !item.entries.is_empty() {
            let headline = format!("`{}` is used after its entries were assigned", brief(name));
            return Err(Diagnostic::at(span, headline).help("write the values out"));
        }
        let size = value.size();
        let mut value = value.clone();
        self.count_copies(size, span)?;
        self.recent.insert(number);
        if let Value::Number(Spanned { span: place, .. }) = &mut value {
            *place = span;
        }
        Ok(value)
    }

    /// Counts copied entries.
    pub(super) fn count_copies(&mut self, count: usize, span: Span) -> Result<(), Diagnostic> {
        self.copies = self.copies.saturating_add(count);
        if self.copies <= COPIES {
            return Ok(());
        }
        let headline = format!("this program copies more than {COPIES} list entries");
        Err(Diagnostic::at(span, headline).help("write the values of `A`, `b` and `c` out"))
    }
}

/// Returns true for a short decimal with or without a sign, and for a name.
fn is_literal(term: &Term) -> bool {
    match term {
        Term::Decimal { digits, .. } => digits.len() <= COPIED,
        Term::Sum(terms) => {
            matches!(terms.as_slice(), [(true, one)] if matches!(&one.value, Term::Decimal { digits, .. } if digits.len() <= COPIED))
        }
        Term::Name(_) => true,
        _ => false,
    }
}
