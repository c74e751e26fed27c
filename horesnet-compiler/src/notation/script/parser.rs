//! A cursor over the tokens of a program.
//!
//! Lists are copied where their names are used. The copies are counted to bound the memory of any program.

use super::environment::Environment;
use super::lexer::{Language, Token, TokenKind};
use crate::language::diagnostic::{Diagnostic, Span};
use crate::language::document::{Expression, Term};
use crate::notation::value::{Value, brief};

/// The most list entries that one program may copy.
const COPIES: usize = 1 << 16;

/// Operators that change a variable.
pub(super) const UPDATES: &[&str] = &["+=", "-=", "*=", "/=", "//=", "**=", "^=", ".="];

/// Parses values from a list of tokens.
pub(super) struct Parser<'a> {
    tokens: &'a [Token<'a>],
    at: usize,
    pub(super) language: Language,
    /// In a row of Julia's, where white space separates entries.
    pub(super) in_row: bool,
    pub(super) environment: Environment<'a>,
    copies: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn new(tokens: &'a [Token<'a>], language: Language) -> Self {
        Self {
            tokens,
            at: 0,
            language,
            in_row: false,
            environment: Environment::default(),
            copies: 0,
        }
    }

    /// The next token; at the end always [`TokenKind::End`].
    pub(super) fn token(&self) -> &'a Token<'a> {
        self.peek(0)
    }

    pub(super) fn peek(&self, ahead: usize) -> &'a Token<'a> {
        const END: &Token = &Token {
            kind: TokenKind::End,
            span: Span::new(0, 0),
            spaced: true,
        };
        let token = self.tokens.get(self.at + ahead);
        token.or(self.tokens.last()).unwrap_or(END)
    }

    pub(super) fn kind(&self) -> &'a TokenKind<'a> {
        &self.token().kind
    }

    pub(super) fn next_kind(&self) -> &'a TokenKind<'a> {
        &self.peek(1).kind
    }

    /// The span of the token read last.
    pub(super) fn last_span(&self) -> Span {
        let last = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        last.unwrap_or(self.token()).span
    }

    pub(super) fn position(&self) -> usize {
        self.at
    }

    pub(super) fn advance(&mut self) {
        self.at += 1;
    }

    pub(super) fn is(&self, symbol: &str) -> bool {
        matches!(self.kind(), TokenKind::Symbol(found) if *found == symbol)
    }

    /// Reads a symbol if it is next.
    pub(super) fn eat(&mut self, symbol: &str) -> bool {
        let found = self.is(symbol);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, symbol: &str) -> Result<(), Diagnostic> {
        if self.eat(symbol) {
            return Ok(());
        }
        Err(self.expected(&format!("`{symbol}`")))
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

    pub(super) fn is_end_of_statement(&self) -> bool {
        ends_statement(self.kind())
    }

    pub(super) fn end_of_statement(&self) -> Result<(), Diagnostic> {
        if self.is_end_of_statement() {
            return Ok(());
        }
        Err(self.expected("the end of the value"))
    }

    /// Moves to the next token outside brackets that `stops`, or to the end.
    fn skip_until(&mut self, stops: impl Fn(&TokenKind) -> bool) {
        let mut depth = 0;
        while self.kind() != &TokenKind::End && (depth > 0 || !stops(self.kind())) {
            depth = self.kind().depth_after(depth);
            self.at += 1;
        }
    }

    /// Moves behind an argument of a call.
    pub(super) fn skip_argument(&mut self) {
        self.skip_until(|kind| matches!(kind, TokenKind::Symbol("," | ")" | ";")));
    }

    /// Moves to the end of the statement that starts at a token.
    pub(super) fn skip_statement(&mut self, start: usize) {
        (self.at, self.in_row) = (start, false);
        self.skip_until(ends_statement);
    }

    /// Moves to the `=` behind a type, or to the end of the statement.
    pub(super) fn skip_type(&mut self) {
        self.skip_until(|kind| kind == &TokenKind::Symbol("=") || ends_statement(kind));
    }

    /// Returns true if the argument that begins here holds brackets other than those of a type.
    pub(super) fn argument_calls(&self) -> bool {
        let mut kinds = (0..).map(|ahead| &self.peek(ahead).kind);
        let decisive = kinds.find(|kind| {
            matches!(
                kind,
                TokenKind::Symbol("," | ")" | "(" | "[") | TokenKind::End
            )
        });
        matches!(decisive, Some(TokenKind::Symbol("(" | "[")))
    }

    /// The tokens from `start` up to here.
    fn since(&self, start: usize) -> &'a [Token<'a>] {
        self.tokens.get(start..self.at).unwrap_or_default()
    }

    /// Learns the other names of imported functions: `sqrt as root`.
    pub(super) fn import(&mut self, start: usize) {
        let tokens = self.since(start);
        let first = tokens.first().map(|token| &token.kind);
        if !matches!(first, Some(TokenKind::Name("from" | "import"))) {
            return;
        }
        for three in tokens[1..].windows(3) {
            if let [function, alias, name] = three
                && let TokenKind::Name(function) = function.kind
                && alias.kind == TokenKind::Name("as")
                && let TokenKind::Name(name) = name.kind
            {
                self.environment.rename(function, name);
            }
        }
    }

    /// The span of the second `=` in the statement from `start` up to here.
    pub(super) fn second_assignment(&self, start: usize) -> Option<Span> {
        let mut depth = 0;
        let mut assignments = self.since(start).iter().filter(|token| {
            depth = token.kind.depth_after(depth);
            depth == 0 && token.kind == TokenKind::Symbol("=")
        });
        assignments.nth(1).map(|token| token.span)
    }

    /// The span of what could change a value in the statement from `start` up to here: an assignment or a call `f!(…)`.
    pub(super) fn change(&self, start: usize) -> Option<Span> {
        let mut depth = 0;
        let mut tokens = self.since(start).iter();
        let change = tokens.find(|token| {
            depth = token.kind.depth_after(depth);
            match token.kind {
                TokenKind::Symbol(":=") => true,
                TokenKind::Symbol(symbol) => {
                    depth == 0 && (symbol == "=" || UPDATES.contains(&symbol))
                }
                TokenKind::Name(name) => name.ends_with('!'),
                _ => false,
            }
        });
        change.map(|token| token.span)
    }

    /// The names from a token up to here.
    pub(super) fn names(&self, from: usize) -> impl Iterator<Item = &'a str> + use<'a> {
        self.since(from)
            .iter()
            .filter_map(|token| match token.kind {
                TokenKind::Name(name) => Some(name),
                _ => None,
            })
    }

    /// The last name or string from a token up to here.
    pub(super) fn last_word(&self, from: usize) -> Option<&'a str> {
        let mut tokens = self.since(from).iter().rev();
        tokens.find_map(|token| match &token.kind {
            TokenKind::Name(name) => Some(*name),
            TokenKind::Text(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// The name that the rest of the statement consists of, or the last of a dotted path.
    pub(super) fn only_name(&self) -> Option<&'a str> {
        let mut ahead = 0;
        loop {
            let TokenKind::Name(name) = self.peek(ahead).kind else {
                return None;
            };
            match &self.peek(ahead + 1).kind {
                TokenKind::Symbol(".") => ahead += 2,
                kind => return ends_statement(kind).then_some(name),
            }
        }
    }

    /// The span of the statement from `start` up to here, if it is a call that could change a list: it mentions one, and
    /// its name is not one of a function that only looks.
    pub(super) fn call_with_list(&self, start: usize) -> Option<Span> {
        const READ_ONLY: &[&str] = &[
            "print", "pprint", "display", "show", "plot", "assert", "check", "test", "return",
            "yield", "super",
        ];
        let tokens = self.since(start);
        let open = TokenKind::Symbol("(");
        let open = tokens.iter().position(|token| token.kind == open)?;
        let (callee, path) = tokens[..open].split_last()?;
        let TokenKind::Name(name) = callee.kind else {
            return None;
        };
        let is_path = path
            .iter()
            .enumerate()
            .skip(1)
            .all(|(i, token)| match token.kind {
                TokenKind::Symbol(".") => i % 2 == 1,
                TokenKind::Name(_) => i % 2 == 0,
                _ => false,
            });
        let read_only = READ_ONLY.iter().any(|word| name.starts_with(word));
        let list = self.environment.list_in(self.names(start));
        let changes = is_path && path.len() % 2 == 0 && !read_only && list.is_some();
        changes.then_some(tokens[0].span)
    }

    /// Copies the value of a name to where it is used.
    pub(super) fn lookup(&mut self, name: &'a str, span: Span) -> Result<Value, Diagnostic> {
        // Once there were too many, not even their size is looked at.
        self.count_copies(1, span)?;
        let size = self.environment.get(name).map_or(0, size);
        self.count_copies(size, span)?;
        self.environment.lookup(name, span)
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

fn ends_statement(kind: &TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Newline | TokenKind::End | TokenKind::Symbol(";")
    )
}

/// The size of a copy of a value, in entries.
fn size(value: &Value) -> usize {
    match value {
        Value::List(values, ..) => 1 + values.iter().map(size).sum::<usize>(),
        Value::Number(number) => expression_size(number),
        Value::Text(text) => 1 + text.value.len() / 100,
        Value::Null(_) => 1,
    }
}

/// The size of a copy of an expression, in operands and hundreds of digits.
pub(super) fn expression_size(expression: &Expression) -> usize {
    match &expression.value {
        Term::Decimal { digits, .. } => 1 + digits.len() / 100,
        Term::Name(_) => 1,
        Term::Sum(operands) | Term::Product(operands) => {
            let sizes = operands.iter().map(|(_, operand)| expression_size(operand));
            1 + sizes.sum::<usize>()
        }
        Term::Power(base, _) | Term::Sqrt(base) => 1 + expression_size(base),
    }
}
