//! Pictures of `docs/`, which is no part of the package.

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn the_documentation_shows_what_the_program_draws() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let mut command = Command::new(env!("CARGO_BIN_EXE_horesnet"));
    let output = command.args(["plot", "rk4", "--wiring", "-o", "-"]);
    let output = output.output().unwrap();
    let shown = fs::read_to_string(docs.join("wiring.svg")).unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), shown);
}
