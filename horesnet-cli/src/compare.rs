//! `horesnet compare`: several schemes trained alike over several seeds, side by side.

use std::io::{Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use horesnet_train::{
    Attack, BlockCoefficients, ComparisonConfig, Error, Processor, Settings, compare,
    comparison_table,
};

use crate::progress::Reporter;
use crate::train::{Interrupt, Options};
use crate::{Outcome, device, report};

/// Train several schemes alike, over several seeds, and compare them
///
/// Everything but the scheme, the coefficients and the seed is the same; with --depth the blocks are chosen so that all
/// networks have as many layers, and then as many parameters. The results are means and standard deviations over the seeds.
///
/// A comparison that was stopped goes on where it was when the command is given again; runs that are there are not trained
/// again. A training that diverges is counted and left out of the figures.
// The options --scheme and --seed, which every experiment has, are varied here, and refused with what varies them.
#[derive(Args)]
#[command(mut_arg("scheme", |option| option.hide(true)))]
#[command(mut_arg("seed", |option| option.hide(true)))]
#[command(after_help = "\
Examples:
  horesnet compare --schemes euler,midpoint,rk4 --depth 18 --seeds 3 --out comparisons/digits
  horesnet compare --preset fashion --schemes euler,rk4 --depth 26 --epochs 5 --seeds 2 \\
      --attack 'noise(0.1)' --attack 'fgsm(4/255)' --attack 'pgd(4/255, 10)' --out comparisons/fashion

The folder holds a run folder for each network and seed, and
  comparison.json              what is compared
  index.html                   everything on one page
  table.md, table.csv          accuracies and losses after the last epoch, mean ± standard deviation
  curves.csv                   every epoch of every run
  accuracy.svg, loss.svg       the curves, with a band of one standard deviation
  robustness.svg               accuracies on disturbed test images")]
pub(crate) struct Compare {
    /// Schemes to compare
    #[arg(
        long,
        required = true,
        conflicts_with = "scheme",
        value_delimiter = ',',
        value_name = "NAME,…",
        help_heading = "Comparison"
    )]
    schemes: Vec<String>,

    /// Ways of the step size to compare, each with every scheme; may be given several times [default: that of
    /// --coefficients]
    #[arg(
        long,
        value_name = "TEXT",
        conflicts_with = "coefficients",
        help_heading = "Comparison"
    )]
    vary_coefficients: Vec<BlockCoefficients>,

    /// How many seeds: 0, 1, …
    #[arg(
        long,
        default_value_t = 3,
        conflicts_with = "seed",
        value_parser = clap::value_parser!(u64).range(1..=1000),
        value_name = "N",
        help_heading = "Comparison"
    )]
    seeds: u64,

    /// Disturb the test images in the end: noise(σ), fgsm(ε) or pgd(ε, steps); strengths are shares of the range of
    /// values, such as 8/255. May be given several times
    #[arg(long = "attack", value_name = "TEXT", help_heading = "Comparison")]
    attacks: Vec<Attack>,

    /// How many test images are disturbed
    #[arg(
        long,
        default_value_t = 1000,
        value_name = "N",
        help_heading = "Comparison"
    )]
    attacked: usize,

    /// Where to train: cpu, cuda:0, cuda:1, … or auto, the first GPU if there is one
    #[arg(
        long,
        value_name = "NAME",
        default_value_t,
        help_heading = "Comparison"
    )]
    device: Processor,

    /// Folder for the runs and the results
    #[arg(long, value_name = "DIR", help_heading = "Comparison")]
    out: PathBuf,

    #[command(flatten)]
    options: Options,

    /// Print the results as one line of JSON
    #[arg(long, help_heading = "Comparison")]
    json: bool,
}

impl Compare {
    pub(crate) fn run(self) -> Outcome {
        let config = self.config()?;
        let device = device::open(self.device)?;
        let interrupt = Interrupt::listen()?;
        let mut announce = |text: &str| report::note(text);
        let mut reporter = || Box::new(Reporter::new(interrupt.clone())) as Box<_>;
        let rows = match compare(&self.out, &config, &device, &mut announce, &mut reporter) {
            Err(stopped @ (Error::Interrupted { .. } | Error::AttackInterrupted { .. })) => {
                report::note(format_args!(
                    "{stopped}; the same command again goes on from there"
                ));
                return Ok(ExitCode::from(crate::train::INTERRUPTED));
            }
            ended => ended?,
        };
        let text = if self.json {
            serde_json::to_string(&rows)?
        } else {
            let page = self.out.join("index.html");
            format!("{}\n{}", comparison_table(&rows), page.display())
        };
        report::sent(writeln!(stdout(), "{text}"))?;
        Ok(ExitCode::SUCCESS)
    }

    fn config(&self) -> horesnet_train::Result<ComparisonConfig> {
        let mut experiments = Vec::new();
        let ways: Vec<Option<BlockCoefficients>> = match self.vary_coefficients.as_slice() {
            [] => vec![None],
            ways => ways.iter().copied().map(Some).collect(),
        };
        for scheme in &self.schemes {
            for way in &ways {
                let mut settings = self.options.settings(Settings::default())?;
                settings.set("--schemes", "network.scheme", scheme.as_str());
                let mut name = scheme.clone();
                if let Some(way) = way {
                    settings.set(
                        "--vary-coefficients",
                        "network.coefficients",
                        way.to_string(),
                    );
                    name = format!("{scheme} {way}");
                }
                experiments.push((name, settings.experiment()?.fitted()?));
            }
        }
        Ok(ComparisonConfig {
            experiments,
            seeds: (0..self.seeds).collect(),
            attacks: self.attacks.clone(),
            attacked: self.attacked,
        })
    }
}
