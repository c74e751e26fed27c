//! The memory that the report predicts is the memory that a training step takes.
//!
//! Every byte of the process is counted by its allocator, so this file has one test and nothing runs beside it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use candle_core::{DType, Device, Tensor};
use candle_nn::{ModuleT, VarBuilder};
use horesnet::{backward, ho_block};
use horesnet_train::complexity::{Complexity, Cost, Figures};
use horesnet_train::{
    HoResNet, HoResNetConfig, Network, Residual, ResidualConfig, ResidualFunction, Variables,
    cross_entropy,
};

ho_block!(rk4, coefficients = learned(1));

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, counting.
struct Counting;

// SAFETY: every call goes on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let live = LIVE.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(live, Relaxed);
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What `work` has allocated when it ends, and most of that at once, in bytes.
fn measured<T>(work: impl Fn() -> T) -> (usize, usize) {
    let before = LIVE.load(Relaxed);
    PEAK.store(before, Relaxed);
    let kept = work();
    let (live, peak) = (LIVE.load(Relaxed), PEAK.load(Relaxed));
    drop(kept);
    // Threads of the pool may have freed some bytes of theirs.
    (live.saturating_sub(before), peak - before)
}

/// Whether `measured` is at most `tolerance` more than `expected`, and no less.
fn assert_close(measured: usize, expected: u64, tolerance: f64, of: &str) {
    let ratio = measured as f64 / expected as f64;
    assert!(
        (1.0..1.0 + tolerance).contains(&ratio),
        "{of}: {measured} bytes, expected {expected}: {ratio:.4}"
    );
}

const BATCH: usize = 64;
const SIDE: usize = 16;
const CHANNELS: usize = 16;

fn config(scheme: &str, blocks: usize) -> HoResNetConfig {
    HoResNetConfig {
        scheme: scheme.to_owned(),
        in_channels: 3,
        widths: vec![CHANNELS],
        blocks: vec![blocks],
        ..HoResNetConfig::default()
    }
}

fn network(config: &HoResNetConfig) -> HoResNet {
    let variables = Variables::seeded(0);
    HoResNet::new(config, variables.builder(DType::F32, &Device::Cpu)).unwrap()
}

/// The way forward and the way back.
fn step(network: &HoResNet, images: &Tensor, labels: &Tensor) {
    let logits = network.forward_t(images, true).unwrap();
    backward(&cross_entropy(&logits, labels, 0.0).unwrap()).unwrap();
}

#[test]
fn memory_is_what_the_formulas_say() {
    // Each thread has some memory to work with, which is no part of the formulas.
    let threads = rayon::ThreadPoolBuilder::new().num_threads(2).build();
    threads.unwrap().install(compare);
}

fn compare() {
    let shape = (BATCH, 3, SIDE, SIDE);
    let images = Tensor::ones(shape, DType::F32, &Device::Cpu).unwrap();
    let labels = Tensor::zeros(BATCH, DType::U32, &Device::Cpu).unwrap();
    let state = (BATCH * SIDE * SIDE * CHANNELS * 4) as u64;
    // What is made once is made before anything is measured.
    step(&network(&config("rk4", 1)), &images, &labels);
    let mut saved_by = Vec::new();
    for (scheme, blocks, residual) in [
        ("euler", 28, Residual::Basic),
        ("midpoint", 14, Residual::Basic),
        ("rk4", 7, Residual::Basic),
        ("verner8", 2, Residual::Basic),
        ("midpoint(verner8)", 1, Residual::Basic),
        ("rk4(midpoint)", 3, Residual::Basic),
        ("rk4", 7, Residual::Bottleneck),
    ] {
        let config = HoResNetConfig {
            residual,
            ..config(scheme, blocks)
        };
        let costs = Complexity::of(&config.clone().into(), [3, SIDE, SIDE], BATCH);
        let Figures {
            saved_bytes,
            stages_bytes,
            peak_bytes,
            ..
        } = costs.unwrap().network;

        let network = network(&config);
        // Graph nodes, statistics and logits are small beside activations.
        let (saved, _) = measured(|| network.forward_t(&images, true).unwrap());
        assert_close(saved, saved_bytes.unwrap(), 0.005, scheme);
        saved_by.push(saved_bytes);
        // The gradients of parameters, 1 % here, and what threads work with are not of activations.
        let (_, peak) = measured(|| step(&network, &images, &labels));
        assert_close(peak, peak_bytes.unwrap(), 0.025, scheme);

        if scheme.contains('(') || residual == Residual::Bottleneck {
            continue;
        }
        // Without a way back, a block has at most its input, two states of a residual function, of which the first is the
        // input in a block of one stage, and the stage values.
        let config = HoResNetConfig {
            blocks: vec![1],
            ..config
        };
        let constant = VarBuilder::zeros(DType::F32, &Device::Cpu);
        let network = HoResNet::new(&config, constant).unwrap();
        let (_, peak) = measured(|| network.forward_t(&images, false).unwrap());
        let around = if scheme == "euler" { 2 } else { 3 };
        // The images are freed after the stem.
        let expected = stages_bytes.unwrap() + around * state;
        let within = expected..expected + state / 2;
        assert!(
            within.contains(&(peak as u64)),
            "{scheme}: {peak} bytes, expected {within:?}"
        );
    }
    learned_coefficients_keep_the_stages(state);
    recomputing_takes_what_the_formulas_say(&images, &labels);
    // The same layers: the same saved, whatever the scheme.
    assert_eq!(saved_by[..4], [saved_by[0]; 4]);
}

fn recomputing_takes_what_the_formulas_say(images: &Tensor, labels: &Tensor) {
    let modes = ["stage", "block", "block+stage", "budget(40)", "budget(24)"];
    for (scheme, blocks) in [("rk4", 7), ("verner8", 2), ("rk4(midpoint)", 3)] {
        for mode in modes {
            let (config, recompute) = (config(scheme, blocks), mode.parse().unwrap());
            if scheme != "rk4" && mode.contains("budget") {
                continue;
            }
            let (image, of) = ([3, SIDE, SIDE], format!("{scheme}, {mode}"));
            let costs =
                Complexity::recomputing(&config.clone().into(), image, BATCH, recompute).unwrap();
            let network = network(&config);
            network.set_recompute(recompute, image, BATCH).unwrap();
            let (saved, _) = measured(|| network.forward_t(images, true).unwrap());
            assert_close(saved, costs.network.saved_bytes.unwrap(), 0.03, &of);
            // The peaks are low, so the gradients of parameters are up to 3 % of them.
            let (_, peak) = measured(|| step(&network, images, labels));
            assert_close(peak, costs.network.peak_bytes.unwrap(), 0.08, &of);
        }
    }
}

fn learned_coefficients_keep_the_stages(state: u64) {
    let variables = Variables::seeded(0);
    let vb = variables.builder(DType::F32, &Device::Cpu);
    let function =
        |stage| ResidualFunction::new(CHANNELS, &ResidualConfig::default(), vb.pp(stage));
    let block = Rk4::build(function, vb.pp("coefficients")).unwrap();
    let shape = (BATCH, SIDE, SIDE, CHANNELS);
    let xs = Tensor::ones(shape, DType::F32, &Device::Cpu).unwrap();
    let (saved, _) = measured(|| block.forward_t(&xs, true).unwrap());

    let pixels = SIDE * SIDE;
    let unit = Cost::conv(3, [CHANNELS, CHANNELS], [pixels, pixels]);
    let (scheme, numbers) = ("rk4".parse().unwrap(), CHANNELS * pixels);
    let fixed = Cost::block(&scheme, numbers, unit.then(unit)).unwrap();
    let learned = fixed.learning(&scheme, numbers);
    let bytes = |cost: Cost| cost.memory.unwrap().saved * BATCH as u64 * 4;
    assert_eq!(bytes(learned), bytes(fixed) + 4 * state);
    // Here the output is live too, and the input was there before: as large as each other.
    assert_close(saved, bytes(learned), 0.005, "learned");
}
