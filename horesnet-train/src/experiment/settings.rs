//! Settings in layers: defaults, a preset, files, options; later ones win.
//!
//! Layers are merged setting by setting and read once, as a whole. Each setting remembers where it was written, for error
//! messages.

use std::path::Path;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use toml::de::{DeTable, DeValue, ValueDeserializer};
use toml::{Spanned, Table, Value};

use crate::error::{Error, Result};
use crate::experiment::lines::Lines;
use crate::experiment::{ExperimentConfig, presets};
use crate::files::storage;
use crate::network::excludes;
use crate::training::OptimiserKind;

/// Longest configuration file, a thousand times its usual size.
const MAX_FILE: u64 = 1 << 20;

/// Most settings of all layers together.
const MAX_SETTINGS: usize = 1000;

/// Longest name: the path of a setting repeats those of its tables.
const MAX_NAME: usize = 256;

/// Deepest nesting of a setting.
const MAX_DEPTH: usize = 64;

/// The setting that decides which others its table has.
const KIND: &str = "kind";

/// The table whose names are those of the user's schemes.
const TABLEAUX: &str = "tableaux";

/// The setting that decides the defaults of [`OPTIMISED`].
const OPTIMISER: &str = "optimiser";
const OPTIMISED: [&str; 2] = ["learning_rate", "weight_decay"];

/// Settings of an [`ExperimentConfig`] in layers, each of which may leave out any.
///
/// A layer that changes the `kind` of a table, such as the network, drops what earlier layers set in that table. One that
/// changes the optimiser sets the learning rate and weight decay to that optimiser's defaults: 0.1 and 5e-4 for SGD, 0.001
/// and 0.05 for AdamW. Of two settings that exclude each other, such as `depth` and `blocks`, the later one replaces the
/// earlier one.
///
/// ```
/// use horesnet_train::Settings;
///
/// let mut settings = Settings::default();
/// settings.preset("cifar")?;
/// settings.assign("training.epochs=5")?;
/// settings.assign("network.widths=[8,16,32]")?;
/// let config = settings.experiment()?;
/// assert_eq!((config.data.as_str(), config.training.epochs), ("cifar10", 5));
/// # Ok::<(), horesnet_train::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Settings {
    base: ExperimentConfig,
    layers: usize,
    entries: Vec<Entry>,
}

/// A setting: the place where it was written, its path, its value.
#[derive(Clone, Debug)]
struct Entry {
    /// Settings of a layer are merged at once.
    layer: usize,
    place: String,
    path: Vec<String>,
    value: Value,
}

impl Settings {
    /// Starts with `config` instead of the defaults.
    #[must_use]
    pub fn over(config: ExperimentConfig) -> Self {
        Self {
            base: config,
            ..Self::default()
        }
    }

    /// Adds the preset called `name`.
    ///
    /// Fails with [`Error::Unknown`] if there is none.
    pub fn preset(&mut self, name: &str) -> Result<()> {
        self.document(&format!("preset {name}"), presets::find(name)?)
    }

    /// Adds a TOML file of at most 1 MiB.
    ///
    /// Fails with [`Error::Io`] or [`Error::File`] if it cannot be read, and with [`Error::Configuration`], which names the
    /// line, if it is not TOML. [`experiment`](Self::experiment) checks that its settings exist.
    pub fn file(&mut self, path: &Path) -> Result<()> {
        let text = String::from_utf8(storage::read(path, MAX_FILE)?)
            .map_err(|_| Error::file(path, "is not text (UTF-8)"))?;
        self.document(&format!("`{}`", path.display()), &text)
    }

    /// Adds one setting with the path `key`, such as `training.epochs`; `place` is where the user wrote it.
    ///
    /// All settings that follow a preset or a file one by one are one layer.
    pub fn set(&mut self, place: impl Into<String>, key: &str, value: impl Into<Value>) {
        self.entries.push(Entry {
            layer: self.layers,
            place: place.into(),
            path: key.split('.').map(str::to_owned).collect(),
            value: value.into(),
        });
    }

    /// Adds `KEY=VALUE`: `training.epochs=5`, `network.widths=[8,16]`, `network.scheme=rk4`.
    ///
    /// The value is TOML, or else text without quotes. Fails with [`Error::Configuration`] if there is no key.
    pub fn assign(&mut self, text: &str) -> Result<()> {
        let place = format!("--set {text}");
        let wrong = |problem: String| Error::Configuration {
            place: place.clone(),
            problem,
        };
        let (key, value) = text
            .split_once('=')
            .ok_or_else(|| wrong("write KEY=VALUE, such as training.epochs=5".to_owned()))?;
        let in_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let is_name = |part: &str| !part.is_empty() && part.chars().all(in_name);
        if !key.split('.').all(is_name) || key.split('.').count() > MAX_DEPTH {
            return Err(wrong(format!(
                "`{key}` is not the name of a setting; names are words joined by dots, such as training.epochs"
            )));
        }
        let value = match ValueDeserializer::parse(value).and_then(Value::deserialize) {
            Ok(value) => value,
            Err(error) if value.trim_start().starts_with(['[', '{', '"', '\'']) => {
                return Err(wrong(format!("the value is not TOML: {}", error.message())));
            }
            Err(_) => Value::from(value),
        };
        self.set(place, key, value);
        Ok(())
    }

    /// Merges all layers into an experiment, which is not [validated](ExperimentConfig::validate) yet.
    ///
    /// Fails with [`Error::Configuration`], which names the place and what is known there, on an unknown setting, a value of
    /// the wrong type, and two settings of one layer that exclude each other.
    pub fn experiment(&self) -> Result<ExperimentConfig> {
        if let Some(entry) = self.entries.get(MAX_SETTINGS) {
            return Err(entry.error(format!("more than {MAX_SETTINGS} settings")));
        }
        let mut table = self.base()?;
        let entries = self.in_order();
        for (index, entry) in entries.iter().enumerate() {
            let mut same_layer = entries[..index].iter().filter(|e| e.layer == entry.layer);
            if let Some(other) = same_layer.find(|other| other.excludes(entry)) {
                let [one, two] = [entry, other].map(|entry| entry.path.join("."));
                return Err(entry.error(format!(
                    "{one} beside {two} of {}; leave out one of the two",
                    other.place
                )));
            }
            apply(&mut table, entry);
        }
        read(table).or_else(|problem| Err(self.blame(&problem)?))
    }

    fn base(&self) -> Result<Table> {
        Table::try_from(&self.base).map_err(Error::unserialisable)
    }

    /// Returns an error about the first setting with which this `problem` appears.
    fn blame(&self, problem: &str) -> Result<Error> {
        let mut table = self.base()?;
        for entry in self.in_order() {
            apply(&mut table, entry);
            if read(table.clone()).is_err_and(|found| found == problem) {
                return Ok(entry.error(format!("{}: {problem}", entry.path.join("."))));
            }
        }
        Ok(Error::setting("configuration", problem))
    }

    fn document(&mut self, name: &str, text: &str) -> Result<()> {
        let lines = Lines::of(text);
        let place = |start: usize| format!("{name}, line {}", lines.number(start));
        let wrong = |error: toml::de::Error| Error::Configuration {
            place: place(error.span().map_or(0, |span| span.start)),
            problem: error.message().to_owned(),
        };
        let table = DeTable::parse(text).map_err(wrong)?;
        let mut found = Vec::new();
        leaves(table.get_ref(), &[], &mut found).map_err(|(start, problem)| {
            let place = place(start);
            Error::Configuration { place, problem }
        })?;
        let layer = self.layers + 1;
        for (path, start, value) in found {
            self.entries.push(Entry {
                layer,
                place: place(start),
                path,
                value: Value::deserialize(value.clone().into_deserializer()).map_err(wrong)?,
            });
        }
        self.layers = layer + 1;
        Ok(())
    }

    /// Returns the settings layer by layer, and in each first those that drop others.
    fn in_order(&self) -> Vec<&Entry> {
        let mut entries: Vec<_> = self.entries.iter().collect();
        entries.sort_by_key(|entry| {
            let last = entry.path.last();
            let is_first = last.is_some_and(|last| last == KIND || last == OPTIMISER);
            (entry.layer, !is_first)
        });
        entries
    }
}

impl Entry {
    fn error(&self, problem: String) -> Error {
        let place = self.place.clone();
        Error::Configuration { place, problem }
    }

    /// Returns true if its name is chosen by the user, and so decides nothing about other settings.
    fn is_tableau(&self) -> bool {
        matches!(self.path.as_slice(), [.., table, _] if table == TABLEAUX)
    }

    fn excludes(&self, other: &Self) -> bool {
        if self.is_tableau() {
            return false;
        }
        let (one, other) = (self.path.split_last(), other.path.split_last());
        one.zip(other)
            .is_some_and(|((one, table), (other, beside))| table == beside && excludes(one, other))
    }
}

/// The path of a value, where its name starts, and the value.
type Leaf<'t, 'a> = (Vec<String>, usize, &'t Spanned<DeValue<'a>>);

/// Adds the values of `table`, whose path is given, that are not tables, to `found`: at most one more than there may be.
///
/// Fails with the place of a name that is too long, and the problem.
fn leaves<'t, 'a>(
    table: &'t DeTable<'a>,
    path: &[String],
    found: &mut Vec<Leaf<'t, 'a>>,
) -> Result<(), (usize, String)> {
    for (key, value) in table {
        let start = key.span().start;
        if key.get_ref().len() > MAX_NAME {
            return Err((start, format!("a name of more than {MAX_NAME} bytes")));
        }
        if found.len() > MAX_SETTINGS {
            break;
        }
        let path = [path, &[key.get_ref().to_string()]].concat();
        match value.get_ref() {
            DeValue::Table(inner) => leaves(inner, &path, found)?,
            _ => found.push((path, start, value)),
        }
    }
    Ok(())
}

/// Sets one setting in `table`.
fn apply(table: &mut Table, entry: &Entry) {
    let Some((last, way)) = entry.path.split_last() else {
        return;
    };
    let mut table = table;
    for part in way {
        let new = || Value::Table(Table::new());
        let inner = table.entry(part).or_insert_with(new);
        if !inner.is_table() {
            *inner = new();
        }
        let Value::Table(inner) = inner else { return };
        table = inner;
    }
    let mut value = entry.value.clone();
    if entry.is_tableau() {
        table.insert(last.clone(), value);
        return;
    }
    if last == KIND && !value.is_str() {
        // Kinds are texts; the error of one that is none lists them.
        value = Value::from(value.to_string());
    }
    if last == KIND && table.get(KIND).is_some_and(|kind| *kind != value) {
        table.clear();
    }
    if last == OPTIMISER && table.get(OPTIMISER).is_some_and(|before| *before != value) {
        let optimiser = value
            .as_str()
            .and_then(|name| OptimiserKind::from_str(name).ok());
        let defaults = optimiser.map(OptimiserKind::defaults).into_iter().flatten();
        for (name, default) in OPTIMISED.into_iter().zip(defaults) {
            table.insert(name.to_owned(), Value::from(default));
        }
    }
    table.retain(|name, _| !excludes(name, last));
    table.insert(last.clone(), value);
}

/// Reads the experiment of a table, or fails with the problem.
fn read(table: Table) -> Result<ExperimentConfig, String> {
    ExperimentConfig::deserialize(Value::Table(table)).map_err(|error| error.message().to_owned())
}
