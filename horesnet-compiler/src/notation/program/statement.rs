//! Finds the assignments of a program; nothing is run.
//!
//! Statements that are not understood are skipped. What they could change becomes unreadable, with the reason.

use super::lexer::TokenKind;
use super::parser::Parser;
use super::target::Target;
use crate::language::diagnostic::{Diagnostic, Span};

/// Words that begin a block that may run any number of times.
const CONTROL: &[&str] = &[
    "for", "while", "if", "elif", "elseif", "else", "try", "except", "catch", "with", "finally",
    "match", "case", "switch", "do", "loop", "unless", "foreach", "parfor", "when", "where",
];

/// Words that begin a part with names of its own.
const SCOPE: &[&str] = &[
    "class",
    "def",
    "function",
    "fn",
    "struct",
    "module",
    "subroutine",
    "impl",
    "namespace",
    "mod",
    "interface",
    "program",
    "macro",
    "trait",
    "enum",
    "type",
    "abstract",
    "union",
];

/// Words before one of these.
const MODIFIERS: &[&str] = &[
    "pub", "public", "private", "static", "async", "mutable", "export", "final", "inline", "pure",
];

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
    pub(super) parser: &'p mut Parser<'a>,
    text: &'a str,
    blocks: Vec<Block<'a>>,
    pub(super) scopes: usize,
    /// Open braces around the statement.
    depth: usize,
    line: usize,
    /// The start of the line, and the place up to which lines are counted.
    column_from: usize,
    counted: usize,
}

impl<'a, 'p> Statements<'a, 'p> {
    pub(super) fn new(parser: &'p mut Parser<'a>, text: &'a str) -> Self {
        Self {
            parser,
            text,
            blocks: Vec::new(),
            scopes: 0,
            depth: 0,
            line: 0,
            column_from: 0,
            counted: 0,
        }
    }

    pub(super) fn read(mut self) {
        while self.parser.kind() != &TokenKind::End {
            let start = self.parser.at;
            match self.parser.kind() {
                TokenKind::Newline | TokenKind::Symbol(";" | "," | ")" | "]") => {
                    self.parser.advance();
                }
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
    pub(super) fn enter(&mut self) {
        let at = self.parser.token().span.start;
        let passed = self.text.get(self.counted..at).unwrap_or("");
        self.line += passed.bytes().filter(|b| *b == b'\n').count();
        if let Some(last) = passed.rfind('\n') {
            self.column_from = self.counted + last + 1;
        }
        self.counted = self.counted.max(at);
        let column = at - self.column_from;
        let (line, depth) = (self.line, self.depth);
        let inside =
            |block: &Block| line == block.line || column > block.column || depth > block.depth;
        while self.blocks.last().is_some_and(|block| !inside(block)) {
            self.blocks.pop();
        }
        self.parser.scope = self.blocks.last().map_or(0, |block| block.scope);
    }

    /// The block that decides whether this statement runs.
    pub(super) fn control(&self) -> Option<&'a str> {
        self.blocks
            .iter()
            .rev()
            .map(|block| block.word)
            .find(|word| CONTROL.contains(word))
    }

    pub(super) fn begin(&mut self, word: &'a str, scope: usize) {
        let column = self.parser.token().span.start - self.column_from;
        self.blocks.push(Block {
            word,
            line: self.line,
            column,
            depth: self.depth,
            scope,
        });
    }

    pub(super) fn statement(&mut self) {
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
                    !self.blocks.is_empty()
                        || matches!(
                            self.parser.kind(),
                            TokenKind::Newline | TokenKind::Symbol(";" | ",")
                        )
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
            TokenKind::Name(word)
                if SCOPE.contains(word) && matches!(self.parser.kind_at(1), TokenKind::Name(_)) =>
            {
                self.begins_scope(word, start);
            }
            TokenKind::Name(
                "from" | "import" | "use" | "using" | "include" | "return" | "yield" | "export"
                | "end",
            ) if !self.is_assigned() => {
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
    pub(super) fn is_assigned(&self) -> bool {
        matches!(self.parser.kind_at(1), TokenKind::Symbol("=" | "[" | "."))
    }

    pub(super) fn open_brace(&mut self) {
        if self.parser.is("{") {
            self.parser.advance();
            self.depth += 1;
        }
    }

    pub(super) fn new_scope(&mut self, name: &TokenKind) {
        self.scopes += 1;
        let name = match name {
            TokenKind::Name(name) => (*name).to_owned(),
            _ => String::new(),
        };
        self.parser.scopes.push(name);
    }

    /// A function, class or module: its names are its own.
    pub(super) fn begins_scope(&mut self, word: &'a str, start: usize) {
        self.new_scope(self.parser.kind_at(1));
        self.begin(word, self.scopes);
        if let (TokenKind::Name(name), "def" | "function" | "fn" | "subroutine" | "macro") =
            (self.parser.kind_at(1), word)
        {
            self.parser.defined.insert(name);
        }
        self.parser.skip_statement(start);
        self.open_brace();
    }

    /// Reads the value of a statement that assigns nothing: `return [[0]]`, `{"A": …}`.
    pub(super) fn bare(&mut self, start: usize) -> Result<(), Diagnostic> {
        self.parser.recent.clear();
        let span = self.parser.token().span;
        let before = self.parser.items.len();
        let value = self.parser.value();
        let value = value.and_then(|value| {
            if self.parser.ends_statement() || self.parser.is(",") {
                Ok(value)
            } else {
                Err(self.parser.expected("the end of the value"))
            }
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
}

/// The problem of an assignment that may run any number of times.
pub(super) fn conditional(word: &str, span: Span) -> Diagnostic {
    let problem = Diagnostic::at(
        span,
        format!("`{word}` is not supported: it decides whether this assignment runs"),
    );
    problem.help("programs are not run: write the values of `A`, `b` and `c` out")
}

pub(super) fn unsupported(span: Span) -> Diagnostic {
    let problem = Diagnostic::at(span, "unsupported statement");
    problem.help("only assignments are read: `NAME = VALUE`, `A[i, j] = VALUE`")
}

/// The comment lines at the head of a text, without their marks.
pub(super) fn head(text: &str) -> Vec<String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.lines().take_while(|line| {
        !line.starts_with("#=") && !line.starts_with("#include") && !line.starts_with("#[")
    });
    let mark = |line: &'_ str| -> Option<String> {
        let rest = ["///", "//!", "//", "#", "%", "!"]
            .iter()
            .find_map(|mark| line.strip_prefix(mark))?;
        Some(rest.trim().to_owned())
    };
    lines.map_while(mark).collect()
}
