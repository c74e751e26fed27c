//! The differences between languages, guessed from a text: comments, quotients of integers, `//`, `^`, indices.

/// A family of languages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Dialect {
    /// C, C++, Rust, Java.
    Braces,
    /// JavaScript and others with comments like C and quotients like Python.
    Script,
    Fortran,
    Python,
    Julia,
    Matlab,
    R,
    /// Nothing tells.
    #[default]
    Unknown,
}

/// Words of each family that the families before it do not have.
const EVIDENCE: &[(Dialect, &str)] = {
    use Dialect::{Braces, Fortran, Julia, Matlab, Python, R, Script};
    &[
        (R, "<- c(|<- rbind(|<- matrix(|<-c("),
        (
            Fortran,
            "double precision|end module|end program|end subroutine|implicit none",
        ),
        (Fortran, "real(|real*8|, parameter|integer ::|(/| &\n"),
        (
            Julia,
            "using |@smatrix|@svector|big\"|big(|rational{|float64[|bigfloat|√",
        ),
        (Julia, "where {t}|::type{|fill(|mutable struct|convert(t|#="),
        // Types of Python's annotations are words of C, too.
        (Python, "\ndef |    def |import numpy|import torch"),
        (
            Braces,
            "#include|#define|double |float |std::|constexpr|f64|f32|fn |let mut|realtype",
        ),
        (
            Python,
            "import |def |np.|torch.|numpy|dtype|lambda|self.|sympy|fraction(|elif ",
        ),
        (Python, "rational('"),
        (Script, "};|var |export |const |let "),
        (Matlab, "...\n|];\n|]';|%|end\n"),
        (Julia, "= zeros(|= ones("),
    ]
};

/// Two numbers in brackets with only white space between them.
fn is_matrix_row(line: &str) -> bool {
    let digit = |c: char| c.is_ascii_digit();
    let entry = |word: &str| word.trim_start_matches(['-', '(']).starts_with(digit);
    let row = line.split_once('[').map_or("", |(_, row)| row);
    let mut words = row.split_whitespace();
    let pair = words.next().zip(words.next());
    pair.is_some_and(|(a, b)| entry(a) && entry(b) && !a.ends_with([',', ']']))
}

/// The text in lower case, without strings and most comments: their words tell nothing.
fn code(text: &str) -> String {
    let starts = |line: &str, marks: &str| marks.split(' ').any(|mark| line.starts_with(mark));
    let mut code = String::with_capacity(text.len());
    // Every other part of a text is inside long strings.
    for line in text.split("\"\"\"").step_by(2).flat_map(str::lines) {
        let start = line.trim_start();
        if starts(start, "# // /* ! % --") && !starts(start, "#include #define #=") {
            continue;
        }
        let comments = [", //", "; //", "} //", " # ", "/*"];
        let end = comments.iter().filter_map(|mark| line.find(mark)).min();
        let line = line[..end.unwrap_or(line.len())].replace("\\\"", "");
        let quoted = line.split('"').step_by(2);
        code += &quoted.collect::<Vec<_>>().join("\"").to_lowercase();
        code.push('\n');
    }
    code
}

/// Returns true for `data a /0.5/` and `parameter (a = 0.5)` of Fortran.
fn is_fortran_line(line: &str) -> bool {
    let line = line.trim_start();
    let values = line
        .strip_prefix("data ")
        .and_then(|rest| rest.split_once('/'));
    let is_data = values.is_some_and(|(names, values)| {
        let names = names.trim_start();
        let is_name = names.starts_with(char::is_alphabetic) && !names.contains('=');
        (is_name || names.starts_with('(')) && !values.starts_with('/')
    });
    is_data || line.starts_with("parameter (") || line.starts_with("parameter(")
}

impl Dialect {
    /// The dialect that a text is most likely in.
    pub(super) fn of(text: &str) -> Self {
        let text = code(text);
        if text.lines().any(is_fortran_line) {
            return Self::Fortran;
        }
        let found = |words: &str| words.split('|').any(|word| text.contains(word));
        let guessed = EVIDENCE.iter().find(|(_, words)| found(words));
        let rows = || text.lines().any(is_matrix_row);
        // A quotient between digits: a comment follows a comma or a semicolon.
        let ratios = text.contains("//");
        match guessed.map(|(dialect, _)| *dialect) {
            Some(Self::Matlab) if ratios => Self::Julia,
            Some(Self::Script) if rows() || (ratios && text.contains("const ")) => Self::Julia,
            None if rows() => Self::Matlab,
            dialect => dialect.unwrap_or_default(),
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

    /// Matrices are stored column after column, and indices count from 1.
    pub(super) fn is_column_major(self) -> bool {
        matches!(self, Self::Fortran | Self::Julia | Self::Matlab | Self::R)
    }

    /// Blocks extend to a line that begins with `end`.
    pub(super) fn has_end(self) -> bool {
        matches!(self, Self::Fortran | Self::Julia | Self::Matlab)
    }

    /// Comments, blocks and declarations are those of C.
    pub(super) fn is_like_c(self) -> bool {
        matches!(self, Self::Braces | Self::Script)
    }

    /// The mark that begins a comment at this place, and the one that ends it.
    pub(super) fn comment(self, before: &str, rest: &str) -> Option<&'static str> {
        let blank =
            before.is_empty() || before.ends_with([' ', '\t', '\n', ',', ';', '&', '}', ']', ')']);
        match rest.as_bytes() {
            [b'#', b'=', ..] if self == Self::Julia => Some("=#"),
            // Attributes of Rust and directives of C end with the line, too.
            [b'#', ..] => Some("\n"),
            [b'/', b'*', ..] if self.is_like_c() => Some("*/"),
            [b'/', b'/', ..] if self.is_like_c() => Some("\n"),
            [b'%', b'{', ..] if self == Self::Matlab => Some("%}"),
            [b'%', ..] if self == Self::Matlab && blank => Some("\n"),
            [b'!', ..] if self == Self::Fortran => Some("\n"),
            _ => None,
        }
    }
}
