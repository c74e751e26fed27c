//! Fortran 2008: a module of parameters.

use num_bigint::BigInt;

use super::heading::{about, line_comment, snake_case};
use super::listing::{Kind, Listing, rows};
use crate::notation::PrintedTableau;
use crate::notation::write::NumberFormat;

/// The longest line of free form.
const WIDTH: usize = 132;

/// `1.0_wp/3.0_wp`.
struct Reals;

impl NumberFormat for Reals {
    fn integer(n: &BigInt) -> String {
        format!("{n}.0_wp")
    }

    fn decimal(digits: &str) -> String {
        format!("{digits}_wp")
    }
}

const LISTING: Listing = Listing {
    number: Reals::printed,
    vector: |cells| format!("[{}]", cells.join(", ")),
    // Fortran stores columns.
    matrix: |cells| {
        let (rows, stages) = (rows(cells, "", ""), cells.len());
        let rows = rows.join(", &\n        ");
        format!("transpose(reshape([ &\n        {rows}], [{stages}, {stages}]))")
    },
    declare: |kind, name, value, stages| match kind {
        Kind::Integer => format!("    integer, parameter :: {name} = {value}"),
        Kind::Number => format!("    real(wp), parameter :: {name} = {value}"),
        Kind::Vector => format!("    real(wp), parameter :: {name}({stages}) = {value}"),
        Kind::Matrix => format!("    real(wp), parameter :: {name}({stages}, {stages}) = {value}"),
    },
};

pub(super) fn write(printed: &PrintedTableau) -> String {
    let about = about(printed);
    let about: Vec<_> = about.iter().flat_map(|line| folded(line)).collect();
    let module = snake_case(printed) + "_tableau";
    let parameters = continued(&LISTING.declarations(printed));
    format!(
        "{}module {module}\n    use, intrinsic :: iso_fortran_env, only: wp => real64\n    implicit none\n    \
         private :: wp\n{parameters}end module {module}\n",
        line_comment("! ", &about)
    )
}

/// Continues long lines between words, and words longer than a line within them.
fn continued(text: &str) -> String {
    const ROOM: usize = WIDTH - 12;
    let mut lines = Vec::new();
    for long in text.lines() {
        if long.len() <= WIDTH {
            lines.push(long.to_owned());
            continue;
        }
        let (words, end) = long
            .strip_suffix(" &")
            .map_or((long, ""), |words| (words, " &"));
        let mut line = "   ".to_owned();
        for word in words.split_whitespace() {
            if line.len() + word.len() > ROOM && !line.trim().is_empty() {
                lines.push(std::mem::replace(&mut line, "       ".to_owned()) + " &");
            }
            line = line + " " + word;
            while line.len() > WIDTH - 2 {
                // Between two digits: readers that join numbers need not join names.
                let digit = |at: usize| line.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
                let between = (9..=ROOM).rev().find(|at| digit(at - 1) && digit(*at));
                let rest = line.split_off(between.unwrap_or(ROOM));
                lines.push(std::mem::replace(&mut line, format!("        &{rest}")) + "&");
            }
        }
        lines.push(line + end);
    }
    lines.join("\n") + "\n"
}

/// Folds a line of a comment.
fn folded(text: &str) -> Vec<String> {
    const ROOM: usize = WIDTH - 2;
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let chars: Vec<char> = word.chars().collect();
        for piece in chars.chunks(ROOM) {
            let length = lines.last().map_or(0, |line| line.chars().count());
            match lines.last_mut() {
                Some(line) if length == 0 || length + piece.len() < ROOM => {
                    line.push_str(if length > 0 { " " } else { "" });
                    line.extend(piece);
                }
                _ => lines.push(piece.iter().collect()),
            }
        }
    }
    lines
}
