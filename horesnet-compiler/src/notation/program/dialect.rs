//! The differences between languages, guessed from a text: marks of comments, quotients of integers, `//`, `^`.

/// A family of languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// C, C++, Rust, Java.
    Braces,
    /// JavaScript and others with comments like C and quotients like Python.
    Script,
    Fortran,
    Python,
    Julia,
    Matlab,
    /// Nothing tells.
    Unknown,
}

/// Words that one family has, and the families before it in this list do not.
const EVIDENCE: &[(Dialect, &[&str])] = &[
    (
        Dialect::Fortran,
        &[
            "double precision",
            "end module",
            "end program",
            "end subroutine",
            "implicit none",
            "real(",
            "real*8",
            ", parameter",
            "integer ::",
            "(/",
        ],
    ),
    (
        Dialect::Julia,
        &[
            "using ",
            "@smatrix",
            "@svector",
            "big\"",
            "big(",
            "rational{",
            "float64[",
            "bigfloat",
            "√",
            "where {t}",
            "::type{",
            "fill(",
            "mutable struct",
            "convert(t",
            "#=",
        ],
    ),
    (
        Dialect::Braces,
        &[
            "#include",
            "#define",
            "double ",
            "float ",
            "std::",
            "constexpr",
            "f64",
            "f32",
            "fn ",
            "let mut",
            "realtype",
            "sunrealtype",
        ],
    ),
    (
        Dialect::Python,
        &[
            "import ",
            "def ",
            "np.",
            "torch.",
            "numpy",
            "dtype",
            "lambda",
            "self.",
            "sympy",
            "fraction(",
            "rational('",
            "elif ",
        ],
    ),
    (
        Dialect::Script,
        &["};", "var ", "export ", "const ", "let "],
    ),
    (Dialect::Matlab, &["...\n", "];\n", "]';", "%", "end\n"]),
];

/// Two numbers in brackets with only white space between them.
fn is_matrix_row(line: &str) -> bool {
    let digit = |c: char| c.is_ascii_digit();
    let entry = |word: &str| word.trim_start_matches(['-', '(']).starts_with(digit);
    let row = line.find('[').map_or("", |at| &line[at + 1..]);
    let words: Vec<_> = row.split_whitespace().take(2).collect();
    matches!(words.as_slice(), [first, second] if entry(first) && entry(second) && !first.ends_with([',', ']']))
}

/// The text in lower case, without strings and most comments: their words tell nothing.
fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    // Every other part of a text is inside long strings.
    for part in text.split("\"\"\"").step_by(2) {
        for line in part.lines() {
            let trimmed = line.trim_start();
            let directive = trimmed.starts_with("#include")
                || trimmed.starts_with("#define")
                || trimmed.starts_with("#=");
            let comment = ["#", "//", "/*", "* ", "!", "%", "--"]
                .iter()
                .any(|mark| trimmed.starts_with(mark));
            if comment && !directive {
                continue;
            }
            let end = [", //", "; //", "} //", " # ", "/*"]
                .iter()
                .filter_map(|mark| line.find(mark))
                .min();
            let quoted = line[..end.unwrap_or(line.len())].split('"');
            for (at, piece) in quoted.enumerate() {
                code += if at == 0 { "" } else { "\"" };
                code += if at % 2 == 0 { piece } else { "" };
            }
            code.push('\n');
        }
    }
    code.to_lowercase()
}

impl Dialect {
    /// The dialect that a text is most likely in.
    pub(super) fn of(text: &str) -> Self {
        let text = code(text);
        let found = |words: &[&str]| words.iter().any(|word| text.contains(word));
        let guessed = EVIDENCE.iter().find(|(_, words)| found(words));
        match guessed.map(|(dialect, _)| *dialect) {
            // A quotient between digits; a comment follows a comma or a semicolon.
            Some(Self::Matlab | Self::Script)
                if text.contains("//") && text.contains("const ")
                    || text
                        .lines()
                        .any(|line| is_matrix_row(line) && line.contains("//")) =>
            {
                Self::Julia
            }
            Some(Self::Matlab) if text.contains("//") => Self::Julia,
            Some(Self::Script) if text.lines().any(is_matrix_row) => Self::Julia,
            None if text.lines().any(is_matrix_row) => Self::Matlab,
            Some(dialect) => dialect,
            None => Self::Unknown,
        }
    }

    /// Quotients of integers drop the fraction.
    pub(super) fn divides_integers(self) -> bool {
        matches!(self, Self::Braces | Self::Fortran)
    }

    /// An integer times a list repeats it.
    pub(super) fn repeats_lists(self) -> bool {
        matches!(self, Self::Python | Self::Unknown)
    }

    /// Matrices are stored column after column.
    pub(super) fn is_column_major(self) -> bool {
        matches!(self, Self::Fortran | Self::Julia | Self::Matlab)
    }

    /// The mark that begins a comment at this place, and the one that ends it.
    pub(super) fn comment(self, before: &str, rest: &str) -> Option<&'static str> {
        let blank =
            before.is_empty() || before.ends_with([' ', '\t', '\n', ',', ';', '&', '}', ']', ')']);
        match rest.as_bytes() {
            [b'#', b'=', ..] if self == Self::Julia => Some("=#"),
            // Attributes of Rust and directives of C end with the line, too; `#define` is read as an assignment.
            [b'#', ..] => Some("\n"),
            [b'/', b'*', ..] if matches!(self, Self::Braces | Self::Script) => Some("*/"),
            [b'/', b'/', ..] if matches!(self, Self::Braces | Self::Script) => Some("\n"),
            [b'%', b'{', ..] if self == Self::Matlab => Some("%}"),
            [b'%', ..] if self == Self::Matlab && blank => Some("\n"),
            [b'!', ..] if self == Self::Fortran => Some("\n"),
            _ => None,
        }
    }
}
