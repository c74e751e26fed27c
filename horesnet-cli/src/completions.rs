//! `horesnet completions`: scripts for shells. `horesnet man`: manual pages.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::{Cli, CommandResult, output};

/// Print a script that completes commands and options in a shell
#[derive(Args)]
#[command(
    after_help = "Examples:\n  horesnet completions bash > ~/.local/share/bash-completion/completions/horesnet\n  horesnet completions zsh > ~/.zfunc/_horesnet\n  horesnet completions fish > ~/.config/fish/completions/horesnet.fish"
)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self) -> CommandResult {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "horesnet", &mut script);
        output::write(Path::new("-"), &script)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Write a manual page for each command
///
/// Writes `horesnet.1`, `horesnet-check.1` and so on, and creates the folder if needed.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  horesnet man ~/.local/share/man/man1\n  horesnet man pages && man pages/horesnet.1"
)]
pub(crate) struct Man {
    /// The folder of the pages
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
}

impl Man {
    pub(crate) fn run(&self) -> CommandResult {
        let folder = &self.folder;
        let written = fs::create_dir_all(folder).and_then(|()| pages(folder));
        written.map_err(|error| format!("{} cannot be written: {error}", folder.display()))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Writes the pages of the program and of its commands.
fn pages(folder: &Path) -> io::Result<()> {
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    let commands: Vec<_> = program.get_subcommands().cloned().collect();
    for command in commands.into_iter().chain([program]) {
        clap_mangen::Man::new(command)
            .source(concat!("horesnet ", env!("HORESNET_VERSION")))
            .manual("HoresNet")
            .generate_to(folder)?;
    }
    Ok(())
}
