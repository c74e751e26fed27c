//! Finds the assignments of a program; nothing is run.
//!
//! Statements that are not understood are skipped. What they could change becomes unreadable, with the reason.

use super::brief;
use super::dialect::Dialect;
use super::item::Item;
use super::lexer::{Token, TokenKind};
use super::parser::Parser;
use super::target::Target;
use crate::language::diagnostic::{Diagnostic, Span};
use crate::notation::field::role;
use crate::notation::value::Value;

/// Words that begin a block that may run any number of times.
const CONTROL: &[&str] = &[
    "for", "while", "if", "elif", "elseif", "else", "try", "except", "catch", "with", "finally", "match", "case", "switch",
    "do", "loop", "unless", "foreach", "parfor", "when", "where",
];

/// Words that begin a part with names of its own.
const SCOPE: &[&str] = &[
    "class", "def", "function", "fn", "struct", "module", "subroutine", "impl", "namespace", "mod", "interface", "program",
    "macro", "trait", "enum", "type", "abstract", "union",
];

/// Words before one of these.
const MODIFIERS: &[&str] = &["pub", "public", "private", "static", "async", "mutable", "export", "final", "inline", "pure"];

/// Operators that change a variable.
pub(super) const UPDATES: &[&str] = &["+=", "-=", "*=", "/=", "//=", "**=", "^=", ".=", ":=", "<<"];

/// Where a block or scope began.
#[derive(Clone, Copy)]
struct Block<'a> {
    word: &'a str,
    line: usize,
    column: usize,
    depth: usize,
    scope: usize,
}

/// Reads the statements of a program.
pub(super) struct Statements<'a, 'p> {
    parser: &'p mut Parser<'a>,
    text: &'a str,
    blocks: Vec<Block<'a>>,
    scopes: usize,
    /// Open braces around the statement.
    depth: usize,
    line: usize,
    /// The start of the line, and the place up to which lines are counted.
    column_from: usize,
    counted: usize,
}

impl<'a, 'p> Statements<'a, 'p> {
    pub(super) fn new(parser: &'p mut Parser<'a>, text: &'a str) -> Self {
        Self { parser, text, blocks: Vec::new(), scopes: 0, depth: 0, line: 0, column_from: 0, counted: 0 }
    }

    pub(super) fn read(mut self) {
        while self.parser.kind() != &TokenKind::End {
            let start = self.parser.at;
            match self.parser.kind() {
                TokenKind::Newline | TokenKind::Symbol(";" | "," | ")" | "]") => self.parser.advance(),
                TokenKind::Symbol("}") => {
                    self.depth = self.depth.saturating_sub(1);
                    self.parser.advance();
                }
                _ => {
                    self.enter();
                    self.statement();
                }
            }
            // No statement is read twice.
            self.parser.at = self.parser.at.max(start + 1);
        }
    }

    /// Leaves the blocks that end before this statement.
    fn enter(&mut self) {
        let at = self.parser.token().span.start;
        let passed = self.text.get(self.counted..at).unwrap_or("");
        self.line += passed.bytes().filter(|b| *b == b'\n').count();
        if let Some(last) = passed.rfind('\n') {
            self.column_from = self.counted + last + 1;
        }
        self.counted = self.counted.max(at);
        let column = at - self.column_from;
        let (line, depth) = (self.line, self.depth);
        let inside = |block: &Block| line == block.line || column > block.column || depth > block.depth;
        while self.blocks.last().is_some_and(|block| !inside(block)) {
            self.blocks.pop();
        }
        self.parser.scope = self.blocks.last().map_or(0, |block| block.scope);
    }

    /// The block that decides whether this statement runs.
    fn control(&self) -> Option<&'a str> {
        self.blocks.iter().rev().map(|block| block.word).find(|word| CONTROL.contains(word))
    }

    fn begin(&mut self, word: &'a str, scope: usize) {
        let column = self.parser.token().span.start - self.column_from;
        self.blocks.push(Block { word, line: self.line, column, depth: self.depth, scope });
    }

    fn statement(&mut self) {
        let start = self.parser.at;
        while matches!(self.parser.kind(), TokenKind::Name(name) if MODIFIERS.contains(name))
            && matches!(self.parser.kind_at(1), TokenKind::Name(_))
        {
            self.parser.advance();
        }
        match self.parser.kind() {
            TokenKind::Name("if") if self.parser.kind_at(1) == &TokenKind::Name("__name__") => {
                // What runs only as a program is no part of the tableau.
                self.begin("if", self.parser.scope);
                self.parser.skip_statement(start);
                while self.parser.kind() != &TokenKind::End && {
                    self.enter();
                    !self.blocks.is_empty() || matches!(self.parser.kind(), TokenKind::Newline | TokenKind::Symbol(";" | ","))
                } {
                    self.parser.skip_brackets();
                }
            }
            TokenKind::Name(word) if CONTROL.contains(word) && !self.is_assigned() => {
                self.begin(word, self.parser.scope);
                let from = self.parser.at + 1;
                self.parser.skip_statement(start);
                let problem = conditional(word, self.parser.token_at(start).span);
                self.changes(from, self.parser.at, &problem);
                self.open_brace();
            }
            TokenKind::Name(word) if SCOPE.contains(word) && matches!(self.parser.kind_at(1), TokenKind::Name(_)) => {
                self.begins_scope(word, start);
            }
            TokenKind::Name("from" | "import" | "use" | "using" | "include" | "return" | "yield" | "export" | "end") if !self.is_assigned() => {
                self.other_statement(start);
            }
            TokenKind::Symbol("{") => {
                // A block, or a list that stands alone.
                let members = self.parser.at + 1 < self.parser.close();
                if self.depth == 0 && members && self.bare(start).is_ok() {
                    return;
                }
                (self.parser.at, self.depth) = (start + 1, self.depth + 1);
            }
            TokenKind::Name(_) => match Target::find(self.parser, start) {
                Some(target) => self.assignment(target, start),
                None => self.other_statement(start),
            },
            TokenKind::Number(_) | TokenKind::Symbol("-" | "+") => self.rows(None),
            _ => {
                if self.bare(start).is_err() {
                    self.parser.skip_statement(start);
                }
            }
        }
    }

    /// Returns true for a word that is assigned to, so is no keyword.
    fn is_assigned(&self) -> bool {
        matches!(self.parser.kind_at(1), TokenKind::Symbol("=" | "[" | "."))
    }

    fn open_brace(&mut self) {
        if self.parser.is("{") {
            self.parser.advance();
            self.depth += 1;
        }
    }

    fn new_scope(&mut self, name: &TokenKind) {
        self.scopes += 1;
        let name = match name {
            TokenKind::Name(name) => (*name).to_owned(),
            _ => String::new(),
        };
        self.parser.scopes.push(name);
    }

    /// A function, class or module: its names are its own.
    fn begins_scope(&mut self, word: &'a str, start: usize) {
        self.new_scope(self.parser.kind_at(1));
        self.begin(word, self.scopes);
        if let (TokenKind::Name(name), "def" | "function" | "fn" | "subroutine" | "macro") = (self.parser.kind_at(1), word) {
            self.parser.defined.insert(name);
        }
        self.parser.skip_statement(start);
        self.open_brace();
    }

    /// Reads the value of a statement that assigns nothing: `return [[0]]`, `{"A": …}`.
    fn bare(&mut self, start: usize) -> Result<(), Diagnostic> {
        self.parser.recent.clear();
        let span = self.parser.token().span;
        let before = self.parser.items.len();
        let value = self.parser.value();
        let value = value.and_then(|value| match self.parser.ends_statement() || self.parser.is(",") {
            true => Ok(value),
            false => Err(self.parser.expected("the end of the value")),
        });
        match value {
            Ok(value) if self.parser.items.len() == before && self.parser.recent.is_empty() => {
                if value.is_list() {
                    self.assign(String::new(), span, Ok(value), start);
                }
                Ok(())
            }
            // What a constructor takes is what is looked for.
            Ok(_) => Ok(()),
            Err(problem) => {
                self.parser.at = start;
                Err(problem)
            }
        }
    }

    /// Reads lines of numbers, separated by white space or commas.
    fn rows(&mut self, name: Option<(&'a str, Span)>) {
        let start = self.parser.at;
        let first = self.parser.token().span;
        let mut rows = Vec::new();
        loop {
            let mut row = Vec::new();
            let place = self.parser.token().span;
            self.parser.in_row = true;
            let dashed = self.begins_dashed();
            self.parser.at += usize::from(dashed);
            while !self.parser.ends_statement() {
                // An empty field.
                let value = if self.parser.is(",") { Ok(Value::Null(place)) } else { self.parser.value() };
                match value {
                    Ok(value) => row.push(value),
                    Err(_) => {
                        self.parser.skip_statement(start);
                        return;
                    }
                }
                self.parser.eat(",");
            }
            if let ([Value::List(values, ..)], true) = (row.as_mut_slice(), dashed) {
                row = std::mem::take(values);
            }
            self.parser.in_row = false;
            rows.push(Value::array(row, place.to(self.parser.last_span())));
            let next = matches!(self.parser.kind_at(1), TokenKind::Number(_) | TokenKind::Symbol("-" | "+" | ","));
            if !(matches!(self.parser.kind(), TokenKind::Newline) && next) {
                break;
            }
            self.parser.advance();
        }
        let span = first.to(self.parser.last_span());
        let value = match rows.len() {
            1 => rows.swap_remove(0),
            _ => Value::array(rows, span),
        };
        let (name, place) = name.unwrap_or(("", span));
        self.assign(name.to_owned(), place, Ok(value), start);
    }

    /// `- [0, 0]`: a row of YAML.
    fn begins_dashed(&self) -> bool {
        self.parser.is("-") && self.parser.is_at(1, "[") && self.parser.peek(1).spaced
    }

    fn assignment(&mut self, target: Target, start: usize) {
        if let Some(control) = self.control() {
            self.parser.skip_statement(start);
            for (name, span) in target.names {
                self.assign(name, span, Err(conditional(control, span)), start);
            }
            return;
        }
        self.parser.recent.clear();
        self.parser.at = target.value;
        self.parser.in_row = false;
        if let Some(update) = target.update {
            return self.update(target, update, start);
        }
        if target.indices.is_some() {
            return self.entry(target, start);
        }
        if let [(name, _)] = target.names.as_slice()
            && role(name).is_none()
            && let Some(function) = self.renamed(start)
        {
            self.parser.skip_statement(target.value);
            let short = self.parser.names_between(start, target.value).last().unwrap_or_default();
            self.parser.rename(function, short);
            return;
        }
        let values = self.values(target.names.len());
        match values {
            Ok(values) => {
                let constructed = values.iter().all(|value| matches!(value, Value::Null(_)));
                for ((name, span), value) in target.names.into_iter().zip(values) {
                    let value = match target.whole && value.has_fractions() {
                        true => Err(Diagnostic::at(span, format!("the type of `{}` drops fractions", brief(&name)))),
                        false => Ok(value),
                    };
                    self.assign(name, span, value, start);
                }
                if !constructed {
                    self.use_recent();
                }
            }
            Err(problem) => {
                self.parser.skip_statement(start);
                let end = self.parser.at;
                self.share(start, end);
                for (name, span) in target.names {
                    self.assign(name, span, Err(problem.clone()), start);
                }
                // `A = B = …` assigns to more than the first name.
                self.changes(target.value, end, &unsupported(self.parser.token_at(start).span));
            }
        }
    }

    /// Reads `count` values up to the end of the statement, or to the next declaration of C.
    fn values(&mut self, count: usize) -> Result<Vec<Value>, Diagnostic> {
        if !self.parser.is("[") && self.parser.kind() == &TokenKind::Newline {
            self.parser.skip_lines();
        }
        let mut values = vec![self.parser.value()?];
        while count > 1 && self.parser.eat(",") {
            values.push(self.parser.value()?);
        }
        let declares = count == 1 && self.parser.is(",") && matches!(self.parser.kind_at(1), TokenKind::Name(_));
        if !self.parser.ends_statement() && !declares {
            return Err(self.parser.expected("the end of the value"));
        }
        if let [Value::List(items, ..)] = values.as_mut_slice()
            && count > 1
        {
            values = std::mem::take(items);
        }
        if values.len() == count {
            return Ok(values);
        }
        let headline = format!("expected {count} values for {count} names, found {}", values.len());
        Err(Diagnostic::at(self.parser.last_span(), headline))
    }

    /// The function that the rest of the statement consists of.
    fn renamed(&self, start: usize) -> Option<&'a str> {
        const KNOWN: &[&str] = &["sqrt", "zeros", "ones", "fill", "array", "Rational", "Fraction", "mpq", "float", "big", "mpf"];
        let mut ahead = 0;
        loop {
            let TokenKind::Name(name) = self.parser.kind_at(ahead) else {
                return None;
            };
            match self.parser.kind_at(ahead + 1) {
                TokenKind::Symbol(".") => ahead += 2,
                TokenKind::Newline | TokenKind::End | TokenKind::Symbol(";") => {
                    let function = self.parser.function(name);
                    return (KNOWN.contains(&function) && start < self.parser.at).then_some(name);
                }
                _ => return None,
            }
        }
    }

    /// `A *= 2` changes what was read; Eigen's `A << 1, 2;` fills it.
    fn update(&mut self, target: Target, update: &str, start: usize) {
        let Some((name, span)) = target.names.into_iter().next() else {
            return;
        };
        let mut values = Vec::new();
        while update == "<<" && !self.parser.ends_statement() {
            match self.parser.value() {
                Ok(value) => values.push(value),
                Err(_) => break,
            }
            if !self.parser.eat(",") {
                break;
            }
            self.parser.skip_lines();
        }
        let value = match values.len() {
            0 | 1 => {
                let problem = Diagnostic::at(span, format!("unsupported change of `{}`", brief(&name)));
                Err(problem.help("write the values out"))
            }
            _ => Ok(Value::array(values, span.to(self.parser.last_span()))),
        };
        let known = self.parser.item_of(&name).is_some();
        if known || update == "<<" || update == ":=" {
            self.assign(name, span, value, start);
            if let Some(item) = self.parser.items.last_mut() {
                item.again = false;
            }
        }
        self.parser.skip_statement(self.parser.at);
    }

    /// `A[1, 0] = 1/2`
    fn entry(&mut self, target: Target, start: usize) {
        let (Some((name, span)), Some(brackets)) = (target.names.into_iter().next(), target.indices) else {
            return;
        };
        self.parser.at = brackets;
        let from_one = self.parser.is("(");
        let indices = self.parser.indices();
        self.parser.at = target.value;
        let value = self.parser.value().and_then(|value| match self.parser.ends_statement() {
            true => Ok(value),
            false => Err(self.parser.expected("the end of the value")),
        });
        let entry = indices.and_then(|indices| Ok((indices, value?)));
        let item = self.parser.item_of(&name);
        if from_one && entry.is_err() && item.is_none() {
            // `f(x) = x/2` defines a function.
            let name = self.parser.names_between(start, brackets).last().unwrap_or_default();
            self.parser.defined.insert(name);
            return self.parser.skip_statement(start);
        }
        let item = item.unwrap_or_else(|| {
            let missing = Ok(Value::Null(span));
            self.parser.assign(Item::new(name.clone(), span, missing))
        });
        let scope = self.parser.scope;
        self.use_recent();
        let place = span.to(self.parser.last_span());
        let Some(item) = self.parser.items.get_mut(item) else {
            return;
        };
        if item.entries.is_empty() && item.value.as_ref().is_ok_and(|value| matches!(value, Value::Null(_))) {
            item.scope = scope;
        }
        match entry {
            Ok(_) if item.is_shared => {
                let headline = format!("`{}` may share its list with another name", brief(&name));
                let help = "assign the entries before the list gets another name, or write them out";
                let problem = Diagnostic::at(place, headline).help(help);
                for shared in self.parser.items.iter_mut().filter(|item| item.is_shared) {
                    shared.value = Err(problem.clone());
                }
            }
            Ok((indices, value)) => item.entries.push(super::item::Entry { indices, value, from_one, span: place }),
            Err(problem) => {
                item.value = Err(problem);
                self.parser.skip_statement(start);
            }
        }
    }

    /// Adds an item. A name that is assigned twice in one scope is remembered as such.
    fn assign(&mut self, name: String, span: Span, value: Result<Value, Diagnostic>, start: usize) {
        let mut item = Item::new(name, span, value);
        item.scope = self.parser.scope;
        let before = self.parser.item_of(&item.name).filter(|_| !item.name.is_empty());
        let earlier = before.and_then(|before| Some((before, self.parser.items.get(before)?)));
        // `A = map(T, A)` converts the same values.
        let converts = before.is_some_and(|before| self.parser.recent.contains(&before));
        let mentions = self.parser.names_between(start, self.parser.at).filter(|name| *name == item.short_name()).count() > 1;
        item.again = earlier.is_some_and(|(_, earlier)| earlier.scope == item.scope) && !converts && !mentions;
        let words: Vec<_> = self.parser.names_between(start, self.parser.at.max(start)).collect();
        item.sums = words.iter().any(|word| word.to_lowercase().starts_with("sum") || *word == "ones" || *word == "dot");
        let copies = !matches!(self.parser.dialect, Dialect::Braces | Dialect::Fortran | Dialect::Matlab);
        let lists = self.parser.recent.iter().copied().filter(|other| self.parser.is_list(*other));
        let lists: Vec<_> = lists.collect();
        item.is_shared = copies && item.is_list() && !lists.is_empty();
        if item.is_shared {
            for list in lists {
                self.parser.items[list].is_shared = true;
            }
        }
        // What could not be read hides what was read before.
        if let (Err(problem), Some(before)) = (&item.value, before) {
            self.parser.items[before].value = Err(problem.clone());
        }
        if converts || mentions {
            if let Some(before) = before {
                self.parser.items[before].is_used = true;
            }
        }
        self.parser.assign(item);
    }

    fn use_recent(&mut self) {
        for item in std::mem::take(&mut self.parser.recent) {
            self.parser.items[item].is_used = true;
        }
    }

    /// The names of a statement that could not be read may stand for the lists that it mentions.
    fn share(&mut self, from: usize, to: usize) {
        let names: Vec<_> = self.parser.names_between(from, to).collect();
        for name in names {
            if let Some(item) = self.parser.item_of(name).filter(|item| self.parser.is_list(*item)) {
                self.parser.items[item].is_shared = true;
            }
        }
    }

    /// Makes what is assigned between two tokens unreadable.
    fn changes(&mut self, from: usize, to: usize, problem: &Diagnostic) {
        for at in from..to {
            let Token { kind: TokenKind::Name(name), .. } = self.parser.token_at(at) else {
                continue;
            };
            let next = &self.parser.token_at(at + 1).kind;
            let changes = matches!(next, TokenKind::Symbol(symbol) if *symbol == "=" || UPDATES.contains(symbol));
            if let Some(item) = self.parser.item_of(name).filter(|_| changes) {
                self.parser.items[item].value = Err(problem.clone());
            }
        }
    }

    /// A statement that assigns nothing: an import, a call, a declaration.
    fn other_statement(&mut self, start: usize) {
        let first = self.parser.at;
        let kind = self.parser.kind();
        if let TokenKind::Name(name) = kind
            && let Some(at) = self.begins_rows(name)
        {
            let name = (*name, self.parser.token().span);
            self.parser.at = first + at;
            return self.rows(Some(name));
        }
        if matches!(kind, TokenKind::Name("return" | "yield")) {
            self.parser.advance();
            let at = self.parser.at;
            if self.bare(at).is_ok() {
                return;
            }
        } else if matches!(kind, TokenKind::Name(_)) && self.parser.is_at(1, "(") {
            let constructs = matches!(kind, TokenKind::Name(name) if name.starts_with(char::is_uppercase));
            if constructs && self.bare(first).is_ok() {
                return;
            }
        }
        self.parser.skip_statement(start);
        let end = self.parser.at;
        if self.parser.is("{") && matches!(self.parser.token_at(end.saturating_sub(1)).kind, TokenKind::Symbol(")" | ">") | TokenKind::Name(_)) {
            // A function of C, with its body.
            let open = (start..end).find(|at| matches!(self.parser.token_at(*at).kind, TokenKind::Symbol("(")));
            let name = self.parser.names_between(start, open.unwrap_or(end)).last();
            self.parser.defined.extend(name);
            self.new_scope(&TokenKind::Name(name.unwrap_or_default()));
            self.begin("function", self.scopes);
            return self.open_brace();
        }
        self.imports(first, end);
        self.changes(first, end, &unsupported(self.parser.token_at(first).span));
        self.calls(first, end);
    }

    /// A name on a line of its own, or before numbers: the number of tokens up to the rows.
    fn begins_rows(&self, name: &str) -> Option<usize> {
        role(name)?;
        let colon = usize::from(matches!(self.parser.kind_at(1), TokenKind::Symbol(":" | "=")));
        let line = usize::from(self.parser.kind_at(1 + colon) == &TokenKind::Newline);
        let at = 1 + colon + line;
        let digit = |kind: &TokenKind| matches!(kind, TokenKind::Number(_));
        let dashed = self.parser.is_at(at, "-") && (digit(self.parser.kind_at(at + 1)) || (line > 0 && self.parser.is_at(at + 1, "[")));
        let begins = digit(self.parser.kind_at(at)) || dashed;
        begins.then_some(at)
    }

    /// Learns the other names of imported functions: `sqrt as root`.
    fn imports(&mut self, from: usize, to: usize) {
        if !matches!(self.parser.token_at(from).kind, TokenKind::Name("from" | "import" | "use" | "using")) {
            return;
        }
        for at in from + 1..to.saturating_sub(2) {
            let three = [at, at + 1, at + 2].map(|at| &self.parser.token_at(at).kind);
            if let [TokenKind::Name(function), TokenKind::Name("as"), TokenKind::Name(name)] = three {
                self.parser.rename(function, name);
            }
        }
    }

    /// A call may change the lists that it mentions, unless it only looks.
    fn calls(&mut self, from: usize, to: usize) {
        const READ_ONLY: &[&str] = &["print", "pprint", "display", "show", "plot", "assert", "check", "test", "return", "yield", "super", "disp", "save"];
        let open = (from..to).find(|at| matches!(self.parser.token_at(*at).kind, TokenKind::Symbol("(")));
        let Some(open) = open else {
            return;
        };
        let names: Vec<_> = self.parser.names_between(from, open).collect();
        let callee = names.last().copied().unwrap_or_default();
        let looks = |word: &str| callee.starts_with(word) || names.first().is_some_and(|first| *first == word);
        if READ_ONLY.iter().any(|word| looks(word)) || callee.starts_with(char::is_uppercase) {
            return;
        }
        let span = self.parser.token_at(from).span;
        let mentioned: Vec<_> = self.parser.names_between(from, to).collect();
        for name in mentioned {
            if let Some(item) = self.parser.item_of(name).filter(|item| self.parser.is_list(*item)) {
                self.parser.items[item].value = Err(unsupported(span));
            }
        }
    }
}

/// The problem of an assignment that may run any number of times.
fn conditional(word: &str, span: Span) -> Diagnostic {
    let problem = Diagnostic::at(span, format!("`{word}` is not supported: it decides whether this assignment runs"));
    problem.help("programs are not run: write the values of `A`, `b` and `c` out")
}

fn unsupported(span: Span) -> Diagnostic {
    let problem = Diagnostic::at(span, "unsupported statement");
    problem.help("only assignments are read: `NAME = VALUE`, `A[i, j] = VALUE`")
}

/// The comment lines at the head of a text, without their marks.
pub(super) fn head(text: &str) -> Vec<String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.lines().take_while(|line| !line.starts_with("#=") && !line.starts_with("#include") && !line.starts_with("#["));
    let mark = |line: &'_ str| -> Option<String> {
        let rest = ["///", "//!", "//", "#", "%", "!"].iter().find_map(|mark| line.strip_prefix(mark))?;
        Some(rest.trim().to_owned())
    };
    lines.map_while(mark).collect()
}
