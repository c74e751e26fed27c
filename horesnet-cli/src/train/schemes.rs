//! Schemes on the command line: names, and files of tableaux, alone or nested as in `rk4(mine.tab)`.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use horesnet_compiler::{Checked, library};
use horesnet_train::{Settings, scheme_name};

use crate::input::{ReadOptions, read_scheme};

/// A scheme of `--scheme` or `--schemes`.
pub(crate) struct SchemeArgument {
    /// The setting: names of bundled schemes as they are bundled, and of files.
    pub(crate) expression: String,
    /// The text of each file, by the name of its scheme.
    tableaux: BTreeMap<String, (String, String)>,
}

impl SchemeArgument {
    /// Reads the files that `argument` names, and proves their tableaux. Unknown names are left for the settings to refuse.
    pub(crate) fn read(argument: &str) -> Result<Self, Box<dyn Error>> {
        let mut this = Self {
            expression: String::new(),
            tableaux: BTreeMap::new(),
        };
        if Path::new(argument).is_file() {
            this.expression = this.name(argument)?;
            return Ok(this);
        }
        // `Tsit5()` is a name of OrdinaryDiffEq.jl.
        let argument = argument.replace("()", "");
        let mut rest = argument.as_str();
        while !rest.is_empty() {
            let (part, after) = rest.split_at(rest.find(['(', ')']).unwrap_or(rest.len()));
            let name = this.name(part.trim())?;
            let (parenthesis, after) = after.split_at(after.len().min(1));
            this.expression += &name;
            this.expression += parenthesis;
            rest = after;
        }
        Ok(this)
    }

    /// Sets the scheme and its tableaux; `option` is where they were written.
    pub(crate) fn set(&self, settings: &mut Settings, option: &str) {
        settings.set(option, "network.scheme", self.expression.as_str());
        for (name, (_, text)) in &self.tableaux {
            settings.set(option, &format!("network.tableaux.{name}"), text.as_str());
        }
    }

    /// Fails if `self` and `other` give the same name to two files.
    pub(crate) fn expect_other_names(&self, other: &Self) -> Result<(), Box<dyn Error>> {
        for (name, (path, text)) in &self.tableaux {
            if let Some((before, same)) = other.tableaux.get(name)
                && (text, path) != (same, before)
            {
                return Err(two_of_a_name(name, before, path));
            }
        }
        Ok(())
    }

    /// The name of the scheme called, or in the file, `argument`.
    fn name(&mut self, argument: &str) -> Result<String, Box<dyn Error>> {
        let path = Path::new(argument);
        if let Some(scheme) = library::find(argument).filter(|_| argument != "-") {
            return Ok(scheme.name.to_owned());
        }
        if !(argument == "-" || argument.contains(['/', '\\', '.']) || path.is_file()) {
            return Ok(argument.to_owned());
        }
        let input = read_scheme(argument, &ReadOptions::default())?;
        let compiled = input.check(None).and_then(Checked::compile);
        let text = compiled.and_then(|_| input.tab());
        let text = text.map_err(|problems| input.refuse(&problems))?;
        let name = scheme_name(&input.stem).map_err(|error| format!("{}: {error}", input.name))?;
        match self
            .tableaux
            .insert(name.clone(), (input.name.clone(), text))
        {
            Some((before, _)) if before != input.name => {
                Err(two_of_a_name(&name, &before, &input.name))
            }
            _ => Ok(name),
        }
    }
}

fn two_of_a_name(name: &str, one: &str, other: &str) -> Box<dyn Error> {
    format!(
        "{one} and {other} would both be called `{name}`, after their files; rename one of them"
    )
    .into()
}
