//! The Rust peers of the comparison: `horesnet-peers horesnet`, `horesnet-bf16` and `candle`, each with a device.
//!
//! A process is one peer. It reads one JSON request per line and answers each with one JSON line; an answer with `error`
//! says what went wrong. `compare.py` sends the requests, and `request.rs` defines them.

mod bandwidth;
mod memory;
mod model;
mod momentum;
mod network;
mod request;
mod rows;
mod schemes;

use std::error::Error;
use std::io::{self, BufRead, Write};
use std::process::ExitCode;
use std::time::Instant;

use candle_core::backprop::GradStore;
use candle_core::{DType, Device, Tensor};
use horesnet_train::{Precision, Processor, gpu};
use serde_json::{Value, json};

use request::Request;
use rows::Work;

type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[cfg(feature = "mimalloc")]
const ALLOCATOR_NAME: &str = "mimalloc";
#[cfg(not(feature = "mimalloc"))]
const ALLOCATOR_NAME: &str = "the system's";

/// A peer: whose layers it runs, and on which device.
#[derive(Clone, Debug)]
struct Peer {
    layers: Layers,
    /// Of activations; weights stay in `f32`.
    precision: Precision,
    device: Device,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Layers {
    Horesnet,
    Candle,
}

fn main() -> ExitCode {
    // As in the program `horesnet`: with several threads, this one is of the pool.
    if std::env::var("RAYON_NUM_THREADS").is_ok_and(|count| count != "1") {
        let _ = rayon::ThreadPoolBuilder::new()
            .use_current_thread()
            .build_global();
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match peer(&arguments).and_then(|peer| serve(&peer)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("horesnet-peers: {error}");
            ExitCode::FAILURE
        }
    }
}

fn peer(arguments: &[String]) -> Result<Peer> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (layers, precision, device) = match *arguments {
        ["horesnet", device] => (Layers::Horesnet, Precision::Full, device),
        ["horesnet-bf16", device] => (Layers::Horesnet, Precision::Bf16, device),
        ["candle", device] => (Layers::Candle, Precision::Full, device),
        _ => {
            return Err(
                "usage: horesnet-peers horesnet|horesnet-bf16|candle cpu|cuda:N, with requests on standard input (see \
                 benches/peers/run.sh)"
                    .into(),
            );
        }
    };
    let device = device.parse::<Processor>()?.open()?;
    Ok(Peer {
        layers,
        precision,
        device,
    })
}

impl Peer {
    /// The gradients of a loss.
    fn backward(&self, loss: &Tensor) -> Result<GradStore> {
        Ok(match self.layers {
            Layers::Horesnet => horesnet::backward(loss)?,
            Layers::Candle => loss.backward()?,
        })
    }
}

fn serve(peer: &Peer) -> Result<()> {
    let mut ready = None;
    for line in io::stdin().lock().lines() {
        let answer = serde_json::from_str(&line?)
            .map_err(Into::into)
            .and_then(|request| answer(peer, request, &mut ready))
            .unwrap_or_else(|error| json!({ "error": error.to_string() }));
        let mut out = io::stdout().lock();
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

fn answer(peer: &Peer, request: Request, ready: &mut Option<Work>) -> Result<Value> {
    let work = |ready: &mut Option<Work>| ready.take().ok_or("no row is ready: prepare one first");
    Ok(match request {
        Request::About => about(peer),
        Request::Tableau { scheme } => {
            let tableau = schemes::find(&scheme)?;
            json!({ "a": tableau.a, "b": tableau.b })
        }
        Request::Export { network } => {
            model::export(peer, &network)?;
            json!({})
        }
        Request::Check {
            network,
            double,
            answers,
        } => {
            let dtype = if double { DType::F64 } else { DType::F32 };
            model::check(peer, &network, dtype, &answers)?;
            json!({})
        }
        Request::Prepare { row } => {
            // Drop the previous row first, so that its memory can be reused.
            *ready = None;
            let (work, fingerprint) = rows::prepare(peer, &row)?;
            *ready = Some(work);
            json!({ "fingerprint": fingerprint })
        }
        Request::Run { times } => {
            let mut step = work(ready)?;
            let mut seconds = Vec::with_capacity(times);
            for _ in 0..times {
                let start = Instant::now();
                step()?;
                peer.device.synchronize()?;
                seconds.push(start.elapsed().as_secs_f64());
            }
            *ready = Some(step);
            json!({ "seconds": seconds })
        }
        Request::Memory if !peer.device.is_cpu() => {
            return Err("memory is measured on the CPU only".into());
        }
        Request::Memory => {
            let mut step = work(ready)?;
            let used = memory::of(&mut step)?;
            *ready = Some(step);
            used
        }
        Request::Bandwidth { bytes } => {
            json!({ "bytes_per_second": bandwidth::of(&peer.device, bytes)? })
        }
    })
}

fn about(peer: &Peer) -> Value {
    let candle = locked("candle-core");
    let (version, layout, what) = match peer.layers {
        Layers::Horesnet => (
            format!("horesnet {} on candle {candle}", env!("CARGO_PKG_VERSION")),
            "channels last",
            if peer.device.is_cpu() {
                "fast layers, fused combinations, fused SGD"
            } else {
                "candle-nn layers, fused combinations, SGD by tensor ops"
            },
        ),
        Layers::Candle => (
            format!("candle {candle}"),
            "channels first",
            "candle-nn layers, x + k·c chains, SGD by tensor ops",
        ),
    };
    json!({
        "what": what,
        "layout": layout,
        "allocator": ALLOCATOR_NAME,
        "threads": rayon::current_num_threads(),
        "version": format!("{version} on {}", gpu::name(&peer.device).unwrap_or("the CPU".to_owned())),
    })
}

/// The version of a dependency that this program was built with.
fn locked(name: &str) -> &'static str {
    let packages = include_str!("../../../Cargo.lock").split("[[package]]");
    let found = packages
        .filter_map(|package| package.split_once(&format!("name = \"{name}\"\nversion = \"")));
    let version = found.last().and_then(|(_, rest)| rest.split('"').next());
    version.unwrap_or("of unknown version")
}
