//! Searches for inputs on which a command takes long or much memory.
//!
//! Texts are made from the grammar of the tableau language, or by changing bundled schemes in any notation; those that
//! take longest are changed again. Exits with 1 if a command took more than two seconds or 300 MB.
//!
//! ```text
//! cargo run --release -p horesnet-compiler --example slowest -- --minutes 60 --seed 1 --out slow
//! cargo run --release -p horesnet-compiler --example slowest -- FILE …
//! ```

mod commands;
mod grammar;
mod mutation;
mod worker;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, fs, io};

use horesnet_compiler::notation::{self, PrintedTableau};
use horesnet_compiler::{library, limits, parse};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use worker::{Cost, MEGABYTES, SECONDS, Worker};

/// Texts that are longer are rarely changed again.
const LONG: usize = 1 << 14;

/// Texts that are kept for each command, to be changed again.
const KEPT: usize = 8;

/// The arguments.
struct Options {
    minutes: f64,
    seed: u64,
    out: Option<PathBuf>,
    files: Vec<PathBuf>,
}

/// A text and what a command took for it.
#[derive(Clone)]
struct Found {
    cost: Cost,
    text: String,
}

fn main() -> io::Result<ExitCode> {
    if env::args().any(|argument| argument == worker::ARGUMENT) {
        return worker::serve().map(|()| ExitCode::SUCCESS);
    }
    let options = options();
    let mut search = Search::new(&options);
    if options.files.is_empty() {
        search.run(&options)?;
    }
    for file in &options.files {
        // Readers get text; corpora have files that are none.
        search.measure(&String::from_utf8_lossy(&fs::read(file)?))?;
    }
    search.report()
}

fn options() -> Options {
    let mut options = Options {
        minutes: 60.0,
        seed: 1,
        out: None,
        files: Vec::new(),
    };
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().unwrap_or_default();
        match argument.as_str() {
            "--minutes" => options.minutes = value().parse().unwrap_or(options.minutes),
            "--seed" => options.seed = value().parse().unwrap_or(options.seed),
            "--out" => options.out = Some(value().into()),
            _ => options.files.push(argument.into()),
        }
    }
    options
}

struct Search {
    random: StdRng,
    /// Bundled schemes in every notation.
    bundled: Vec<String>,
    /// The worst texts of each command, worst first.
    worst: Vec<Vec<Found>>,
    worker: Worker,
    tried: usize,
    /// Texts on which a command was over a limit.
    over: usize,
    out: Option<PathBuf>,
}

impl Search {
    fn new(options: &Options) -> Self {
        let written = library::all().iter().flat_map(|scheme| {
            let printed = parse(scheme.text).ok();
            let printed = printed.and_then(|document| PrintedTableau::new(&document).ok());
            let notations = notation::ALL.iter();
            let written =
                notations.filter_map(move |notation| notation.write(printed.as_ref()?).ok());
            written.chain([scheme.text.to_owned()])
        });
        Self {
            random: StdRng::seed_from_u64(options.seed),
            bundled: written.collect(),
            worst: vec![Vec::new(); commands::ALL.len()],
            worker: Worker::default(),
            tried: 0,
            over: 0,
            out: options.out.clone(),
        }
    }

    fn run(&mut self, options: &Options) -> io::Result<()> {
        let (begin, mut told) = (Instant::now(), 0.0);
        while begin.elapsed() < Duration::from_secs_f64(60.0 * options.minutes) {
            let text = self.next();
            self.measure(&text)?;
            let minutes = (begin.elapsed().as_secs_f64() / 60.0).floor();
            if minutes > told {
                told = minutes;
                let worst = self.worst.iter().filter_map(|worst| worst.first());
                let worst = worst.max_by(|a, b| a.cost.score().total_cmp(&b.cost.score()));
                if let Some(Found { cost, .. }) = worst {
                    eprintln!(
                        "{minutes} min: {} texts, {} over; `{}` {:.2} s, {:.0} MB",
                        self.tried,
                        self.over,
                        commands::ALL[cost.command].0,
                        cost.seconds,
                        cost.megabytes
                    );
                }
            }
        }
        Ok(())
    }

    /// A text within the limits: of the grammar, a bundled scheme, or one of the worst, changed.
    fn next(&mut self) -> String {
        loop {
            let text = self.any();
            if text.len() <= limits::TEXT {
                return text;
            }
        }
    }

    fn any(&mut self) -> String {
        let random = &mut self.random;
        // Long texts are slow to read, whatever they say.
        let longest = if random.random_bool(0.1) {
            limits::TEXT
        } else {
            LONG
        };
        let known = self.worst.iter().flatten();
        let known: Vec<_> = known.filter(|found| found.text.len() <= longest).collect();
        let origin = random.random_range(0..10);
        let mut text = match known.choose(random) {
            Some(found) if origin < 5 => found.text.clone(),
            _ if origin < 7 => self.bundled.choose(random).cloned().unwrap_or_default(),
            _ => return grammar::tableau(random),
        };
        for _ in 0..random.random_range(1..4) {
            let other = known.choose(random).map_or("", |found| found.text.as_str());
            text = mutation::changed(random, &text, other);
        }
        text
    }

    fn measure(&mut self, text: &str) -> io::Result<()> {
        let (mut costs, mut ended) = self.worker.run(text)?;
        if !ended || costs.iter().any(Cost::is_over) {
            // Other programs slow this one down: what counts is the shorter time.
            let again;
            (again, ended) = self.worker.run(text)?;
            for (cost, again) in costs.iter_mut().zip(again) {
                cost.seconds = cost.seconds.min(again.seconds);
            }
        }
        self.tried += 1;
        if !ended || costs.iter().any(Cost::is_over) {
            self.over += 1;
            if let Some(out) = &self.out {
                fs::create_dir_all(out)?;
                fs::write(out.join(format!("over-{}.txt", self.over)), text)?;
            }
        }
        if let (false, Some(last)) = (ended, costs.last()) {
            eprintln!("`{}` did not end, or failed", commands::ALL[last.command].0);
        }
        for cost in costs {
            let found = Found {
                cost,
                text: text.to_owned(),
            };
            let worst = &mut self.worst[cost.command];
            let at = worst.partition_point(|known| known.cost.score() >= cost.score());
            if at < KEPT {
                worst.insert(at, found);
                worst.truncate(KEPT);
            }
        }
        Ok(())
    }

    /// Prints the worst of each command, and writes their texts.
    fn report(&self) -> io::Result<ExitCode> {
        println!(
            "{} texts, {} over {SECONDS} s or {MEGABYTES} MB",
            self.tried, self.over
        );
        for worst in &self.worst {
            for (at, found) in worst.iter().enumerate() {
                let Cost {
                    command,
                    seconds,
                    megabytes,
                } = found.cost;
                let name = commands::ALL[command].0;
                if at == 0 {
                    let bytes = found.text.len();
                    println!("{seconds:7.3} s {megabytes:5.0} MB  {name} ({bytes} bytes)");
                }
                if let Some(out) = &self.out {
                    fs::create_dir_all(out)?;
                    let name = name.replace(' ', "-");
                    fs::write(out.join(format!("{name}-{at}.txt")), &found.text)?;
                }
            }
        }
        Ok(ExitCode::from(u8::from(self.over > 0)))
    }
}
