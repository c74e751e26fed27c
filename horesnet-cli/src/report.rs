//! Messages on stderr and the fate of results: a closed pipe, or a full disk under stderr, changes no exit code.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use horesnet_train::Versioned;
use serde::Serialize;

/// Prints an error on stderr.
pub(crate) fn error(message: impl Display) {
    note(format_args!("error: {message}"));
}

/// Prints a line on stderr.
pub(crate) fn note(line: impl Display) {
    // There is nowhere left to report a failure.
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Prints a line of JSON with the version of HoresNet on stdout.
pub(crate) fn json(value: impl Serialize) -> io::Result<()> {
    let line = serde_json::to_string(&Versioned::new(value))?;
    sent(writeln!(io::stdout().lock(), "{line}"))
}

/// Checks that results were written; a closed pipe, as in `horesnet … | head`, is no error.
pub(crate) fn sent(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(io::Error::new(
            error.kind(),
            format!("the results cannot be written: {error}"),
        )),
        Ok(()) => Ok(()),
    }
}
