//! Peak memory and processor time of a training step against depth, for each way to recompute, beside the memory that the report
//! says.
//!
//! `cargo bench -p horesnet-train --bench recompute`. With a path, it draws a picture there.

use std::alloc::{GlobalAlloc, Layout, System};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

use candle_core::{DType, Device, Tensor};
use horesnet::backward;
use horesnet_train::complexity::Complexity;
use horesnet_train::drawing::lettering::Face;
use horesnet_train::drawing::{Axes, Drawing, PALETTE, Path, Point, Scale, Style, TITLE, Text};
use horesnet_train::{Describe, HoResNetConfig, Network, Recompute, Variables, cross_entropy};

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

const DEPTHS: [usize; 5] = [4, 8, 16, 32, 64];
const MODES: [Recompute; 5] = [
    Recompute::None,
    Recompute::Stage,
    Recompute::Block,
    Recompute::BlockAndStage,
    Recompute::Budget(32),
];
const BATCH: usize = 64;
const IMAGE: [usize; 3] = [3, 16, 16];
const ROUNDS: usize = 3;

/// A network of RK4 blocks on states of a MiB.
fn config(blocks: usize) -> HoResNetConfig {
    HoResNetConfig {
        in_channels: 3,
        widths: vec![16],
        blocks: vec![blocks],
        ..HoResNetConfig::default()
    }
}

/// The time that processors have spent on this process, in seconds: on a busy machine, the time that passes says little.
///
/// Linux tells it; elsewhere, it is the time since the start.
fn processor_seconds(start: Instant) -> f64 {
    let of_thread = |path: PathBuf| {
        let text = std::fs::read_to_string(path.join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<f64>().ok()
    };
    match std::fs::read_dir("/proc/self/task") {
        Ok(threads) => {
            let threads = threads.filter_map(|thread| of_thread(thread.ok()?.path()));
            threads.sum::<f64>() / 1e9
        }
        Err(_) => start.elapsed().as_secs_f64(),
    }
}

/// Peak bytes, and the least seconds, of a step.
fn measured(blocks: usize, recompute: Recompute) -> (usize, f64) {
    let variables = Variables::seeded(0);
    let vb = variables.builder(DType::F32, &Device::Cpu);
    let network = config(blocks).build(vb).unwrap();
    network.set_recompute(recompute, IMAGE, BATCH).unwrap();
    let [channels, height, width] = IMAGE;
    let shape = (BATCH, channels, height, width);
    let images = Tensor::randn(0f32, 1.0, shape, &Device::Cpu).unwrap();
    let labels = Tensor::zeros(BATCH, DType::U32, &Device::Cpu).unwrap();
    let (mut seconds, mut peak, start) = (f64::INFINITY, 0, Instant::now());
    for _ in 0..ROUNDS {
        let before = LIVE.load(Relaxed);
        PEAK.store(before, Relaxed);
        let begun = processor_seconds(start);
        step(network.as_ref(), &images, &labels);
        seconds = seconds.min(processor_seconds(start) - begun);
        peak = PEAK.load(Relaxed) - before;
    }
    (peak, seconds)
}

fn step(network: &dyn Network, images: &Tensor, labels: &Tensor) {
    let logits = network.forward_t(images, true).unwrap();
    backward(&cross_entropy(&logits, labels, 0.0).unwrap()).unwrap();
}

fn main() {
    let mib = |bytes: f64| bytes / f64::from(1 << 20);
    println!("recompute    blocks  peak, MiB  report, MiB  ratio  seconds  passes");
    let mut curves = Vec::new();
    // What is made once is made before anything is measured.
    measured(1, Recompute::None);
    for recompute in MODES {
        let mut points = Vec::new();
        for blocks in DEPTHS {
            let costs = Complexity::recomputing(&config(blocks).into(), IMAGE, BATCH, recompute);
            let costs = costs.unwrap();
            // The report counts activations; the gradients of parameters are alive at the end.
            let gradients = 4 * costs.network.parameters;
            let expected = (costs.network.peak_bytes.unwrap() + gradients) as f64;
            let (peak, seconds) = measured(blocks, recompute);
            let peak = peak as f64;
            println!(
                "{:<11}  {blocks:>6}  {:>9.1}  {:>11.1}  {:>5.3}  {seconds:>7.3}  {:>6.2}",
                recompute.to_string(),
                mib(peak),
                mib(expected),
                peak / expected,
                costs.passes
            );
            points.push((blocks as f64, mib(peak), seconds));
        }
        curves.push((recompute.to_string(), points));
    }
    let path = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with("--"));
    if let Some(path) = path {
        std::fs::write(path, picture(&curves)).unwrap();
    }
}

/// A name, and for each depth: blocks, MiB, seconds.
type Curve = (String, Vec<(f64, f64, f64)>);

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 640.0;

fn picture(curves: &[Curve]) -> String {
    let title = "A training step of RK4 blocks";
    let mut drawing = Drawing::new((WIDTH, HEIGHT), title);
    let heading = Text::new((WIDTH / 2.0, 28.0), title, TITLE).face(Face::Bold);
    drawing.text(heading.centred());
    panel(&mut drawing, curves, 46.0, "peak, MiB", |point| {
        (point.0, point.1)
    });
    panel(&mut drawing, curves, 346.0, "processor seconds", |point| {
        (point.0, point.2)
    });
    drawing.svg(None)
}

/// A chart below `top`, with a legend.
fn panel(
    drawing: &mut Drawing,
    curves: &[Curve],
    top: f64,
    name: &str,
    value: impl Fn(&(f64, f64, f64)) -> Point,
) {
    let points = curves.iter().flat_map(|(_, points)| points);
    let most = points.map(|point| value(point).1).fold(0.0, f64::max) * 1.05;
    let axes = Axes {
        frame: ((76.0, top), (WIDTH - 24.0, top + 230.0)),
        x: Scale::new((0.0, 66.0), 8.0),
        y: Scale::new((0.0, most), most / 6.0),
    };
    axes.grid(drawing, true);
    for (index, ((name, points), colour)) in curves.iter().zip(PALETTE).enumerate() {
        let pixels: Vec<Point> = points
            .iter()
            .map(|point| axes.pixel(value(point)))
            .collect();
        for pixel in &pixels {
            drawing.circle(*pixel, 3.0, Style::filled(colour));
        }
        drawing.path(&Path::through(pixels), Style::line(colour, 2.0));
        let y = top + 22.0 + 20.0 * index as f64;
        let sample = Path::through([(92.0, y - 4.0), (116.0, y - 4.0)]);
        drawing.path(&sample, Style::line(colour, 2.0));
        drawing.text(Text::new((124.0, y), name, 13.0));
    }
    axes.rim(drawing, ["blocks", name], None);
}
