//! `horesnet compare`: trains several schemes over several seeds under the same settings.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use horesnet_train::cluster::{self, Communicator};
use horesnet_train::{
    Attack, BlockCoefficients, ComparisonConfig, Error, Processor, Progress, Versioned,
    compare_together, comparison_table,
};

use crate::cluster::{Silent, agree};
use crate::interrupt::{INTERRUPTED, Interrupt};
use crate::progress::Reporter;
use crate::train::{Options, SchemeArgument};
use crate::{CommandResult, device, report};

/// Train several schemes under the same settings and compare them
///
/// Only the scheme, the coefficients and the seed vary. With --depth, all networks have the same number of layers, and
/// therefore of parameters. Results are means and standard deviations over the seeds.
///
/// Run the same command again to resume a stopped comparison; finished runs are kept. Diverged runs are counted, but
/// excluded from the means.
// --schemes and --seeds take the place of the options --scheme and --seed.
#[derive(Args)]
#[command(next_help_heading = "Comparison")]
#[command(mut_arg("scheme", |option| option.hide(true)))]
#[command(mut_arg("seed", |option| option.hide(true)))]
#[command(after_help = "\
Examples:
  horesnet compare --schemes euler,midpoint,rk4 --depth 18 --seeds 3 --out comparisons/digits
  horesnet compare --schemes rk4,mine.tab --depth 26 --out comparisons/mine
  horesnet compare --preset fashion --schemes euler,rk4 --depth 26 --epochs 5 --seeds 2 \\
      --attack 'noise(0.1)' --attack 'fgsm(4/255)' --attack 'pgd(4/255, 10)' --out comparisons/fashion

The folder holds a run folder for each network and seed, and:
  comparison.json              networks, seeds and attacks compared
  index.html                   all results on one page
  table.md, table.csv          accuracies and losses of the test after training, mean ± standard deviation
  differences.csv              differences of accuracy of each pair of networks, with intervals and p-values; also in table.md
  curves.csv                   metrics of every epoch of every run
  accuracy.svg, loss.svg       curves with a band of one standard deviation
  robustness.svg               accuracies on perturbed test images")]
pub(crate) struct Compare {
    /// Compare these schemes: names, or files of tableaux
    #[arg(
        long,
        required = true,
        conflicts_with = "scheme",
        value_delimiter = ',',
        value_name = "NAME|FILE,…"
    )]
    schemes: Vec<String>,

    /// Compare these coefficient settings, each with every scheme; repeatable [default: the value of --coefficients]
    #[arg(long, value_name = "KIND", conflicts_with = "coefficients")]
    vary_coefficients: Vec<BlockCoefficients>,

    /// Train each network with seeds 0 to N - 1
    #[arg(long, default_value_t = 3, conflicts_with = "seed", value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=1000))]
    seeds: u64,

    /// Test on perturbed images too: noise(σ), fgsm(ε) or pgd(ε, steps), with strengths as fractions of the pixel range,
    /// such as 8/255; repeatable
    #[arg(long = "attack", value_name = "ATTACK")]
    attacks: Vec<Attack>,

    /// Perturb N test images
    #[arg(long, default_value_t = 1000, value_name = "N")]
    attacked: usize,

    /// Train on cpu, cuda:0, cuda:1, … or auto, the first GPU if there is one
    #[arg(long, value_name = "NAME", default_value_t)]
    device: Processor,

    /// Write runs and results to this folder
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Print the results as one line of JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    options: Options,
}

impl Compare {
    pub(crate) fn run(self, cluster: &dyn Communicator) -> CommandResult {
        cluster::expect_program(cluster, env!("HORESNET_VERSION"), "compare")?;
        let is_first = cluster.rank() == 0;
        let config = agree(cluster, self.config())?;
        // All experiments have the same data set.
        if let Some((_, experiment)) = config.experiments.first()
            && is_first
        {
            report::skipped(experiment.skipped()?);
        }
        let device = agree(
            cluster,
            device::open_own(self.device, cluster).map_err(Into::into),
        )?;
        let interrupt = Interrupt::listen()?;
        let mut announce = |text: &str| report::note(text);
        // Lines of several bars would mix.
        let is_alone = cluster.size() == 1;
        let mut reporter = || -> Box<dyn Progress> {
            if is_alone {
                Box::new(Reporter::new(interrupt.clone()))
            } else {
                Box::new(Silent(interrupt.clone()))
            }
        };
        let (out, announce) = (&self.out, &mut announce);
        let rows = compare_together(out, &config, &device, announce, &mut reporter, cluster);
        let rows = match rows {
            Err(error) if error.is_interruption() => {
                // The process that was stopped says so.
                if !matches!(error, Error::Elsewhere { .. }) {
                    report::note(format_args!(
                        "{error}; give the same command again to resume"
                    ));
                }
                return Ok(ExitCode::from(INTERRUPTED));
            }
            Err(error) => return Err(error.into()),
            Ok(rows) => rows,
        };
        if !is_first {
            return Ok(ExitCode::SUCCESS);
        }
        let text = if self.json {
            serde_json::to_string(&rows.iter().map(Versioned::new).collect::<Vec<_>>())?
        } else {
            let page = self.out.join("index.html");
            format!("{}\n{}", comparison_table(&rows), page.display())
        };
        report::print(text + "\n")?;
        Ok(ExitCode::SUCCESS)
    }

    fn config(&self) -> Result<ComparisonConfig, Box<dyn std::error::Error>> {
        let mut experiments = Vec::new();
        let variants: Vec<Option<BlockCoefficients>> = match self.vary_coefficients.as_slice() {
            [] => vec![None],
            kinds => kinds.iter().copied().map(Some).collect(),
        };
        let schemes = self
            .schemes
            .iter()
            .map(|scheme| SchemeArgument::read(scheme));
        let schemes = schemes.collect::<Result<Vec<_>, _>>()?;
        for (index, scheme) in schemes.iter().enumerate() {
            for other in schemes.iter().take(index) {
                scheme.expect_other_names(other)?;
            }
            for coefficients in &variants {
                let mut name = scheme.expression.clone();
                if let Some(coefficients) = coefficients {
                    name = format!("{} {coefficients}", scheme.expression);
                }
                // Each training is one of one process.
                let (experiment, _) = self.options.experiment(1, |settings| {
                    scheme.set(settings, "--schemes");
                    if let Some(coefficients) = coefficients {
                        let (key, value) = ("network.coefficients", coefficients.to_string());
                        settings.set("--vary-coefficients", key, value);
                    }
                })?;
                experiments.push((name, experiment.fitted()?));
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
