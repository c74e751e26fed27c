//! A network of 300 RK4 blocks trains within a memory that is too small for its graph, on the stack of a main thread.
//!
//! The allocator of this process has a limit, so this file has one test, which runs itself again for each way to recompute.

use std::alloc::{GlobalAlloc, Layout, System};
use std::process::{Command, Output};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use candle_core::{DType, Device, Tensor};
use candle_nn::Optimizer;
use horesnet_train::{Describe, HoResNetConfig, Sgd, SgdConfig, Variables, cross_entropy};

static LIVE: AtomicUsize = AtomicUsize::new(0);
static LIMIT: AtomicUsize = AtomicUsize::new(usize::MAX);

/// The system's allocator, with a limit.
struct Limited;

// SAFETY: every call goes on to the system's allocator as it came, or fails as that may.
unsafe impl GlobalAlloc for Limited {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if LIVE.fetch_add(layout.size(), Relaxed) + layout.size() > LIMIT.load(Relaxed) {
            LIVE.fetch_sub(layout.size(), Relaxed);
            return null_mut();
        }
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
static ALLOCATOR: Limited = Limited;

const MODE: &str = "HORESNET_TEST_RECOMPUTE";
const BLOCKS: usize = 300;
const BATCH: usize = 32;
/// What a main thread has on Linux.
const STACK: usize = 8 << 20;
/// Bytes: half of what the graph of 300 blocks takes.
const MEMORY: usize = 40 << 20;

/// Two steps of training; returns the second loss.
fn train(mode: &str) -> f32 {
    let config = HoResNetConfig {
        widths: vec![4],
        blocks: vec![BLOCKS],
        ..HoResNetConfig::default()
    };
    let variables = Variables::seeded(0);
    let vb = variables.builder(DType::F32, &Device::Cpu);
    let network = config.build(vb).unwrap();
    let mode = mode.parse().unwrap();
    network.set_recompute(mode, [1, 8, 8], BATCH).unwrap();
    let wave = |i: usize| (i as f32 * 0.37).sin();
    let images = Tensor::from_iter((0..BATCH * 64).map(wave), &Device::Cpu).unwrap();
    let images = images.reshape((BATCH, 1, 8, 8)).unwrap();
    let labels = Tensor::from_iter((0..BATCH).map(|i| (i % 10) as u32), &Device::Cpu).unwrap();
    let mut sgd = Sgd::named(variables.trained(), SgdConfig::default()).unwrap();
    LIMIT.store(LIVE.load(Relaxed) + MEMORY, Relaxed);
    let mut loss = f32::NAN;
    for _ in 0..2 {
        let logits = network.forward_t(&images, true).unwrap();
        let value = cross_entropy(&logits, &labels, 0.0).unwrap();
        sgd.backward_step(&value).unwrap();
        loss = value.to_scalar().unwrap();
    }
    LIMIT.store(usize::MAX, Relaxed);
    loss
}

fn again(mode: &str) -> Output {
    let test = "deep_networks_train_in_little_memory";
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture"]);
    command.env(MODE, mode).env("RAYON_NUM_THREADS", "2");
    command.output().unwrap()
}

#[test]
fn deep_networks_train_in_little_memory() {
    if let Ok(mode) = std::env::var(MODE) {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let loss = thread.spawn(move || train(&mode)).unwrap().join().unwrap();
        assert!(loss.is_finite(), "{loss}");
        return;
    }
    for mode in ["block", "block+stage", "budget(16)"] {
        let output = again(mode);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{mode}: {errors}");
    }
    let output = again("none");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "none: {errors}");
    assert!(errors.contains("memory"), "none: {errors}");
}
