//! `horesnet predict`: classifies images with the network of a run.

use std::error::Error;
use std::io::{IsTerminal, Write, stderr, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use horesnet_train::{Classifier, Image, Prediction, Processor, RunFolder, csv, data};
use indicatif::ProgressBar;
use serde::Serialize;

use crate::{CommandResult, device, report};

/// Images that are classified at once.
const BATCH: usize = 64;

/// Classify images with the network of a run
///
/// Reads PNG and JPEG images of any size and colour type, resizes and normalises them as in training, and prints the
/// likeliest classes of each with their probabilities. Transparent pixels are composited on white. Of a folder, all images in
/// it and its folders are classified; other files are skipped. Images that cannot be read are named on stderr, the others are classified, and the exit code is 1.
#[derive(Args)]
#[command(after_help = "\
Examples:
  horesnet predict runs/rk4-folder-seed0 new.jpg
  horesnet predict runs/rk4-folder-seed0 pictures --top 3 --csv > classes.csv
  horesnet predict runs/rk4-folder-seed0 pictures --flip --json | jq -r 'select(.probability < 0.5).file'")]
pub(crate) struct Predict {
    /// Run folder, as printed by `horesnet train`
    run: PathBuf,

    /// Images, or folders of images
    #[arg(required = true, value_name = "IMAGE|FOLDER")]
    images: Vec<PathBuf>,

    /// Print the K likeliest classes
    #[arg(long, value_name = "K", default_value_t = 1)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    top: u16,

    /// Average the probabilities of each image and its mirror image
    #[arg(long)]
    flip: bool,

    /// Print a line of JSON for each image
    #[arg(long, conflicts_with = "csv")]
    json: bool,

    /// Print comma-separated values with a heading
    #[arg(long)]
    csv: bool,

    /// Run on cpu, cuda:0, cuda:1, … or auto, the first GPU if there is one
    #[arg(long, value_name = "NAME", default_value_t)]
    device: Processor,
}

/// A line of `--json`.
#[derive(Serialize)]
struct Line<'a> {
    file: String,
    label: &'a str,
    probability: f32,
    top: Vec<Class>,
}

#[derive(Serialize)]
struct Class {
    label: String,
    probability: f32,
}

impl Predict {
    pub(crate) fn run(self) -> CommandResult {
        let folder = RunFolder::open(&self.run)?.on(device::open(self.device)?);
        let mut classifier = Classifier::of(&folder)?;
        if self.flip {
            classifier = classifier.averaged_over_flips();
        }
        let files = self.files()?;
        let mut printer = Printer {
            options: &self,
            width: widest(&files),
        };
        printer.begin(classifier.info().label_names.len())?;
        // A bar between the lines of a terminal would only disturb.
        let is_long = files.len() > BATCH && stderr().is_terminal() && !stdout().is_terminal();
        let bar = is_long.then(|| ProgressBar::new(files.len() as u64));
        let mut unread = 0;
        for batch in files.chunks(BATCH) {
            let mut images = Vec::with_capacity(batch.len());
            let mut names = Vec::with_capacity(batch.len());
            for file in batch {
                match Image::open(file) {
                    Ok(image) => {
                        images.push(image);
                        names.push(file);
                    }
                    Err(error) => {
                        report::error(error);
                        unread += 1;
                    }
                }
            }
            for (file, prediction) in names.into_iter().zip(classifier.predict_all(&images)?) {
                printer.print(file, &prediction)?;
            }
            if let Some(bar) = &bar {
                bar.inc(batch.len() as u64);
            }
        }
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
        if unread > 0 {
            let all = files.len();
            report::note(format_args!("{unread} of {all} images cannot be read"));
        }
        Ok(ExitCode::from(u8::from(unread > 0)))
    }

    /// The images that are named, and those in folders.
    fn files(&self) -> Result<Vec<PathBuf>, Box<dyn Error>> {
        let mut files = Vec::new();
        for path in &self.images {
            if path.is_dir() {
                let found = data::images_in(path)?;
                if found.is_empty() {
                    let problem = format!("{} holds no PNG or JPEG images", path.display());
                    return Err(problem.into());
                }
                files.extend(found);
            } else {
                files.push(path.clone());
            }
        }
        Ok(files)
    }
}

/// Prints predictions in the format of the options.
struct Printer<'a> {
    options: &'a Predict,
    /// Columns of the longest file name.
    width: usize,
}

impl Printer<'_> {
    fn begin(&mut self, classes: usize) -> std::io::Result<()> {
        if !self.options.csv {
            return Ok(());
        }
        let mut head = vec!["file".to_owned()];
        for rank in 1..=classes.min(self.options.top.into()) {
            let suffix = if rank == 1 {
                String::new()
            } else {
                format!("_{rank}")
            };
            head.extend([format!("label{suffix}"), format!("probability{suffix}")]);
        }
        line(&head.join(","))
    }

    fn print(&mut self, file: &Path, prediction: &Prediction) -> std::io::Result<()> {
        let top = { prediction.classes().iter() }.take(self.options.top.into());
        if self.options.json {
            let class = |(label, probability): &'_ (String, f32)| Class {
                label: label.clone(),
                probability: *probability,
            };
            return report::json(Line {
                file: file.display().to_string(),
                label: prediction.label(),
                probability: prediction.probability(),
                top: top.map(class).collect(),
            });
        }
        if self.options.csv {
            let mut cells = vec![csv::field(&file.display().to_string())];
            for (label, probability) in top {
                cells.extend([csv::field(label), probability.to_string()]);
            }
            return line(&cells.join(","));
        }
        let top = top.map(|(label, p)| format!("{} {:.1} %", printable(label), 100.0 * p));
        let top: Vec<_> = top.collect();
        let name = printable(&file.display().to_string());
        let padding = " ".repeat(self.width - name.chars().count());
        line(&format!("{name}{padding}  {}", top.join("  ")))
    }
}

/// Columns of the longest name.
fn widest(files: &[PathBuf]) -> usize {
    let names = files
        .iter()
        .map(|file| printable(&file.display().to_string()));
    names.map(|name| name.chars().count()).max().unwrap_or(0)
}

/// A name without the characters that control a terminal.
fn printable(name: &str) -> String {
    let plain = |c: char| {
        if c.is_control() {
            c.escape_default().to_string()
        } else {
            c.to_string()
        }
    };
    name.chars().map(plain).collect()
}

fn line(text: &str) -> std::io::Result<()> {
    report::sent(writeln!(stdout().lock(), "{text}"))
}
