//! A cursor over the tokens of a program, and the values of its names so far.
//!
//! Lists are copied where their names are used. The copies are counted to bound the memory of any program.

use std::collections::{BTreeMap, BTreeSet};

use super::block::Block;
use super::dialect::Dialect;
use super::item::Item;
use super::lexer::{Token, TokenKind};
use super::names::Names;
use super::shared::Shared;
use super::{Parsed, brief};
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{Expression, Spanned, Term};
use crate::notation::value::Value;

/// The most list entries that one program may copy.
const COPIES: usize = 1 << 16;

/// Decimals of up to this many digits are copied to where their name is used, so that they stay decimals.
const COPIED: usize = 100;

/// Reads values and statements from a list of tokens.
#[derive(Default)]
pub(super) struct Parser<'a> {
    tokens: &'a [Token<'a>],
    pub(super) at: usize,
    pub(super) dialect: Dialect,
    /// In a row whose entries are separated by white space.
    pub(super) in_row: bool,
    /// The assignments so far, in order.
    pub(super) items: Vec<Item>,
    pub(super) names: Names,
    /// Functions by the names that the program gives them.
    functions: BTreeMap<&'a str, &'a str>,
    /// Functions that the program defines.
    pub(super) defined: BTreeSet<&'a str>,
    /// Functions that were taken for conversions of their argument.
    pub(super) conversions: BTreeSet<&'a str>,
    /// Constants under names of their own.
    pub(super) bindings: Vec<(Spanned<String>, Expression)>,
    /// Items that the value being read depends on.
    pub(super) recent: BTreeSet<usize>,
    /// Items of lists that other names may stand for, too.
    pub(super) shared: Shared,
    /// The members around the value that is read.
    pub(super) path: Vec<String>,
    /// The blocks around the statement.
    pub(super) blocks: Vec<Block<'a>>,
    /// The number of open braces around the statement.
    pub(super) depth: usize,
    copies: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn new(tokens: &'a [Token<'a>], dialect: Dialect) -> Self {
        Self {
            tokens,
            dialect,
            ..Self::default()
        }
    }

    /// The next token; at the end always [`TokenKind::End`].
    pub(super) fn token(&self) -> &'a Token<'a> {
        self.token_at(self.at)
    }

    pub(super) fn token_at(&self, at: usize) -> &'a Token<'a> {
        // The lexer ends each list of tokens.
        &self.tokens[at.min(self.tokens.len() - 1)]
    }

    pub(super) fn kind(&self) -> &'a TokenKind<'a> {
        &self.token().kind
    }

    /// The symbol at a token, or nothing.
    pub(super) fn symbol(&self, at: usize) -> &'a str {
        match self.token_at(at).kind {
            TokenKind::Symbol(symbol) => symbol,
            _ => "",
        }
    }

    /// The name at a token, or nothing.
    pub(super) fn word(&self, at: usize) -> &'a str {
        self.token_at(at).word()
    }

    /// The first of these symbols between two tokens.
    pub(super) fn find(&self, from: usize, to: usize, symbol: &str) -> Option<usize> {
        (from..to).find(|at| self.symbol(*at) == symbol)
    }

    /// The span of the token read last.
    pub(super) fn last_span(&self) -> Span {
        self.token_at(self.at.saturating_sub(1)).span
    }

    pub(super) fn is(&self, symbol: &str) -> bool {
        self.symbol(self.at) == symbol
    }

    pub(super) fn is_at(&self, ahead: usize, symbol: &str) -> bool {
        self.symbol(self.at + ahead) == symbol
    }

    /// Reads a symbol if it is next.
    pub(super) fn eat(&mut self, symbol: &str) -> bool {
        let found = self.is(symbol);
        self.at += usize::from(found);
        found
    }

    /// Moves past line ends, where they mean nothing.
    pub(super) fn skip_lines(&mut self) {
        while self.kind() == &TokenKind::Newline {
            self.at += 1;
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
            TokenKind::Number(text, _) | TokenKind::Name(text) | TokenKind::Symbol(text) => {
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

    /// Moves to the end of the statement that starts at a token, or to the block that it begins.
    pub(super) fn skip_statement(&mut self, start: usize) {
        (self.at, self.in_row) = (start, false);
        let has_blocks = self.dialect != Dialect::Python;
        while !(self.ends_statement() || (has_blocks && self.is("{") && self.at > start)) {
            self.skip_brackets();
        }
    }

    /// The names between two tokens.
    pub(super) fn names_between(
        &self,
        from: usize,
        to: usize,
    ) -> impl Iterator<Item = &'a str> + use<'a> {
        let tokens = self.tokens.get(from..to.min(self.tokens.len()));
        let words = tokens.unwrap_or_default().iter().map(Token::word);
        words.filter(|word| !word.is_empty())
    }

    /// The last name or string between two tokens.
    pub(super) fn last_word(&self, from: usize, to: usize) -> Option<&'a str> {
        let mut tokens = self.tokens.get(from..to)?.iter().rev();
        tokens.find_map(|token| match &token.kind {
            TokenKind::Name(name) => Some(*name),
            TokenKind::Text(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// The number of the item that a name stands for.
    pub(super) fn item_of(&self, name: &str) -> Option<usize> {
        self.names.get(name)
    }

    pub(super) fn is_list(&self, item: usize) -> bool {
        self.items.get(item).is_some_and(Item::is_list)
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
    pub(super) fn add(&mut self, mut item: Item) {
        if let Ok(value) = item.value {
            item.value = Ok(self.bound(value, &item.name, item.span));
        }
        item.scope = self.names.scope;
        self.functions.remove(item.name.as_str());
        if !item.name.is_empty() {
            let number = self.items.len();
            self.names.set(item.scope, &item.name, Some(number));
        }
        self.items.push(item);
    }

    /// Binds a computed number to a name of its own, and replaces it with that name.
    fn bound(&mut self, value: Value, name: &str, span: Span) -> Value {
        match value {
            Value::Number(number) if !is_literal(&number.value) => {
                // The program may assign another value to `name` later.
                let unique = format!("{name}'{}", self.bindings.len());
                let (place, binding) = (number.span, Spanned::new(unique.clone(), span));
                self.bindings.push((binding, number));
                Value::term(Term::Name(unique), place)
            }
            other => other,
        }
    }

    /// Copies the value of a name to where it is used. Numbers get the span of their use.
    pub(super) fn lookup(&mut self, name: &str, span: Span) -> Parsed {
        // Once there were too many, not even their size is looked at.
        self.count_copies(1, span)?;
        let Some(number) = self.item_of(name) else {
            let headline = format!("`{}` is not defined", brief(name));
            return Err(Diagnostic::at(span, headline)
                .help("a value is a number, `sqrt(…)`, a list, or a name assigned before"));
        };
        let value = &self.items[number].value;
        self.count_copies(value.as_ref().map_or(1, Value::size), span)?;
        self.recent.insert(number);
        let mut value = self.items[number].value.clone();
        if let Ok(Value::Number(number)) = &mut value {
            number.span = span;
        }
        value
    }

    /// Counts copied entries.
    pub(super) fn count_copies(&mut self, count: usize, span: Span) -> Parsed<()> {
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
            matches!(terms.as_slice(), [(true, one)] if matches!(&one.value, Term::Decimal { .. }) && is_literal(&one.value))
        }
        Term::Name(_) => true,
        _ => false,
    }
}
