//! Recomputing changes no bit of a training, and its settings are checked.

use candle_core::{DType, Device, Tensor};
use candle_nn::ModuleT;
use horesnet_train::data::{Dataset, Split};
use horesnet_train::{
    Describe, Error, ExperimentConfig, Network, Recompute, Settings, TrainState, TrainingConfig,
    Variables, train,
};

const MODES: [Recompute; 3] = [Recompute::Stage, Recompute::Block, Recompute::BlockAndStage];

/// Two short epochs of digits, with everything that a replay could do twice.
const SHORT: [&str; 5] = [
    "training.epochs=2",
    "training.warmup_epochs=0",
    "training.batch_size=32",
    "training.ema=0.5",
    "training.augmentation.crop=1",
];

fn experiment(settings: &[&str]) -> ExperimentConfig {
    let mut all = Settings::default();
    for assignment in SHORT.iter().chain(settings) {
        all.assign(assignment).unwrap();
    }
    all.experiment().unwrap().fitted().unwrap()
}

/// Every tensor after a training, and the losses of its epochs, in bits.
fn trained(config: &ExperimentConfig, split: &Split, recompute: Recompute) -> Vec<Vec<u32>> {
    let variables = Variables::seeded(1);
    let vb = variables.builder(DType::F32, &Device::Cpu);
    let network = config.network.build(vb).unwrap();
    let training = TrainingConfig {
        recompute,
        ..config.training.clone()
    };
    let network = network.as_ref();
    let history = train(network, &variables, split, &training, &mut (), |_| Ok(())).unwrap();
    let bits = |xs: Vec<f32>| xs.into_iter().map(f32::to_bits).collect();
    let values = |tensor: &Tensor| tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let tensors = variables.all();
    let mut found: Vec<_> = { tensors.iter() }
        .map(|(_, tensor)| bits(values(tensor)))
        .collect();
    let losses = { history.into_iter() }
        .flat_map(|epoch| [epoch.train_loss, epoch.held_out().loss])
        .map(|loss| loss as f32);
    found.push(bits(losses.collect()));
    found
}

/// Expects the bits of `none` of every mode and of budgets, on the first `images` digits.
fn expect_same(settings: &[&str], images: usize, budgets: &[usize]) {
    let config = experiment(settings);
    let split = config.load().unwrap();
    let first = |set: &Dataset| set.first(images.min(set.len())).unwrap();
    let split = Split::new(first(&split.train), first(&split.test)).unwrap();
    let plain = trained(&config, &split, Recompute::None);
    let budgets = budgets.iter().map(|mib| Recompute::Budget(*mib));
    for mode in MODES.into_iter().chain(budgets) {
        let other = trained(&config, &split, mode);
        assert!(plain == other, "{settings:?}, {mode}");
    }
}

#[test]
fn two_epochs_of_digits_with_rk4() {
    let narrow = [
        "network.widths=[4,8]",
        "network.blocks=[2,2]",
        "training.batch_size=128",
    ];
    expect_same(&narrow, usize::MAX, &[3, 4]);
}

#[test]
fn two_epochs_of_digits_with_verner8() {
    let narrow = [
        "network.scheme='verner8'",
        "network.widths=[4]",
        "network.blocks=[1]",
        "training.batch_size=256",
    ];
    expect_same(&narrow, usize::MAX, &[]);
}

#[test]
fn an_adaptive_scheme() {
    let adaptive = [
        "network.scheme='dopri5'",
        "network.coefficients='adaptive(0.01)'",
        "network.functions='shared'",
        "network.widths=[4,8]",
        "network.blocks=[2,1]",
    ];
    expect_same(&adaptive, 128, &[]);
}

#[test]
fn transformers_in_nested_schemes_with_stochastic_depth() {
    let vit = [
        "network.kind='vit'",
        "network.outer='midpoint'",
        "network.inner='heun2'",
        "network.drop_path=0.3",
        "network.dropout=0.2",
    ];
    expect_same(&vit, 64, &[]);
    let half = [
        "network.kind='vit'",
        "network.outer='midpoint'",
        "network.blocks=1",
        "training.precision='bf16'",
    ];
    expect_same(&half, 32, &[]);
}

#[test]
fn stochastic_depth_dropout_and_learned_coefficients() {
    let learned = [
        "network.coefficients='learned(all, projected)'",
        "network.widths=[4,8]",
        "network.blocks=[2,2]",
        "network.drop_path=0.4",
        "network.dropout=0.2",
    ];
    expect_same(&learned, 96, &[2]);
}

#[test]
fn other_layers_and_nested_blocks() {
    let candle = [
        "network.scheme='rk4(midpoint)'",
        "network.norm='group(2)'",
        "network.activation='silu'",
        "network.post_activation=true",
        "network.se=2",
        "network.widths=[4,8]",
        "network.drop_path=0.3",
    ];
    expect_same(&candle, 64, &[]);
    let batch = ["network.activation='gelu'", "network.widths=[4,8]"];
    expect_same(&batch, 64, &[]);
}

#[test]
fn published_networks_and_functions_of_time() {
    let published = [
        "network.kind='cfresnet'",
        "network.widths=[4,8]",
        "network.blocks=[1,1]",
    ];
    expect_same(&published, 64, &[]);
    let of_time = [
        "network.functions='interpolated(3)'",
        "network.widths=[4]",
        "network.blocks=[3]",
    ];
    expect_same(&of_time, 64, &[]);
}

#[test]
fn batches_in_parts() {
    for activation in ["relu", "silu"] {
        let activation = format!("network.activation='{activation}'");
        let parts = [
            "training.parts=4",
            "training.accumulate=2",
            "network.widths=[4,8]",
            "network.drop_path=0.3",
            &activation,
        ];
        expect_same(&parts, 68, &[]);
    }
}

fn refusal(recompute: Recompute, settings: &[&str]) -> String {
    let config = experiment(settings);
    let variables = Variables::seeded(1);
    let vb = variables.builder(DType::F32, &Device::Cpu);
    let network = config.network.build(vb).unwrap();
    match network.set_recompute(recompute, [1, 8, 8], 32) {
        Err(error @ Error::Setting { .. }) => error.to_string(),
        other => panic!("expected an error of a setting, found {other:?}"),
    }
}

#[test]
fn budgets_that_are_too_small_name_the_least() {
    let widths = ["network.widths=[64]", "network.blocks=[3]"];
    let problem = refusal(Recompute::Budget(1), &widths);
    let least = problem
        .split("budget(")
        .nth(1)
        .and_then(|rest| rest.split(')').next());
    let least: usize = least.expect("a budget that works").parse().unwrap();
    let variables = Variables::seeded(1);
    let vb = variables.builder(DType::F32, &Device::Cpu);
    let network = experiment(&widths).network.build(vb).unwrap();
    let set = |mib| network.set_recompute(Recompute::Budget(mib), [1, 8, 8], 32);
    assert!(set(least).is_ok(), "{problem}");
    assert!(set(least - 1).is_err(), "{problem}");

    let problem = refusal(Recompute::Budget(100), &["network.kind='vit'"]);
    assert!(problem.contains("set recompute to `block`"), "{problem}");
    let config = TrainingConfig {
        recompute: Recompute::Budget(0),
        ..TrainingConfig::default()
    };
    let problem = config.validate().unwrap_err().to_string();
    assert!(problem.contains("budget(0)"), "{problem}");
    for text in ["budget", "budget(-1)", "budget(x)", "blocks"] {
        assert!(text.parse::<Recompute>().is_err(), "{text}");
    }
}

/// A network of one's own.
struct Own(TrainState);

impl ModuleT for Own {
    fn forward_t(&self, xs: &Tensor, _: bool) -> candle_core::Result<Tensor> {
        Ok(xs.clone())
    }
}

impl Network for Own {
    fn state(&self) -> &TrainState {
        &self.0
    }
}

#[test]
fn networks_that_compute_nothing_again_refuse_to() {
    let network = Own(TrainState::default());
    assert!(network.set_recompute(Recompute::None, [1, 8, 8], 2).is_ok());
    let error = network.set_recompute(Recompute::Block, [1, 8, 8], 2);
    assert!(error.unwrap_err().to_string().contains("found block"));
}
