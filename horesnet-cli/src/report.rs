//! Messages on stderr and the fate of results: a closed pipe, or a full disk under stderr, changes no exit code.

use std::error::Error;
use std::fmt::{self, Display};
use std::io::{self, ErrorKind, Write};

pub(crate) use horesnet_compiler::report::count;
use horesnet_train::Versioned;
use horesnet_train::data::Skipped;
use serde::Serialize;

/// A tableau has problems, which are on stderr already.
#[derive(Debug)]
pub(crate) struct Refused;

impl Error for Refused {}

impl Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("the tableau was refused")
    }
}

/// Prints an error on stderr, if that has not been done; returns the exit code.
pub(crate) fn failure(error: &(dyn Error + 'static)) -> u8 {
    let error_of_io = error.downcast_ref::<io::Error>();
    if error_of_io.is_some_and(|error| error.kind() == ErrorKind::BrokenPipe) {
        return 0;
    }
    if !error.is::<Refused>() {
        self::error(error);
    }
    2
}

/// Prints an error on stderr.
pub(crate) fn error(message: impl Display) {
    note(format_args!("error: {message}"));
}

/// Prints a line on stderr.
pub(crate) fn note(line: impl Display) {
    // In one piece, so that lines of several processes do not mix. There is nowhere left to report a failure.
    let _ = io::stderr()
        .lock()
        .write_all(format!("{line}\n").as_bytes());
}

/// Prints a note about files that a data set skips, if there are any.
pub(crate) fn skipped(files: Option<Skipped>) {
    if let Some(files) = files {
        note(format_args!("note: {files}"));
    }
}

/// Prints a result on stdout.
pub(crate) fn print(text: impl Display) -> io::Result<()> {
    sent(write!(io::stdout().lock(), "{text}"))
}

/// Returns `1234567` as `1,234,567`.
pub(crate) fn grouped(number: u64) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{},{:03}", grouped(number / 1000), number % 1000),
    }
}

/// Prints a line of JSON with the version of HoresNet on stdout.
pub(crate) fn json(value: impl Serialize) -> io::Result<()> {
    let line = serde_json::to_string(&Versioned::new(value))?;
    print(line + "\n")
}

/// Checks that results were written; a closed pipe, as in `horesnet … | head`, is no error.
pub(crate) fn sent(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(io::Error::new(
            error.kind(),
            format!("the results cannot be written: {error}"),
        )),
        _ => Ok(()),
    }
}
