//! Words to the user, whoever still listens: a reader that has gone, or a full disk, changes no exit code.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

/// An error, on stderr.
pub(crate) fn error(message: impl Display) {
    note(format_args!("error: {message}"));
}

/// A line on stderr.
pub(crate) fn note(line: impl Display) {
    // There is nowhere left to say that this failed.
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// What came of writing results: nothing is wrong if the reader had enough of them, as in `horesnet … | head`.
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
