//! Replays the corpora, and changes them at random for some seconds: the check of every target without libFuzzer.
//!
//! ```text
//! cargo run --release --manifest-path fuzz/Cargo.toml --bin short -- SECONDS [TARGET …]
//! ```

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};
use std::{env, fs};

use horesnet_fuzz::TARGETS;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let seconds = arguments.next().unwrap_or_default().parse()?;
    let names: Vec<_> = arguments.collect();
    for (name, target) in TARGETS {
        if !names.is_empty() && !names.iter().any(|given| given == name) {
            continue;
        }
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("corpus")
            .join(name);
        let mut files: Vec<_> = fs::read_dir(&corpus)?.collect::<Result<_, _>>()?;
        files.sort_by_key(fs::DirEntry::path);
        let mut inputs = Vec::new();
        for file in files {
            let bytes = fs::read(file.path())?;
            target(&bytes);
            inputs.push(bytes);
        }
        let (mut random, mut runs) = (StdRng::seed_from_u64(1), inputs.len());
        let end = Instant::now() + Duration::from_secs_f64(seconds);
        while Instant::now() < end {
            let input = changed(&mut random, &inputs);
            // Where a target panics, its input is there to be replayed.
            let crash = env::temp_dir().join(format!("horesnet-fuzz-{name}"));
            fs::write(&crash, &input)?;
            target(&input);
            fs::remove_file(&crash)?;
            runs += 1;
        }
        println!("{name}: {runs} inputs");
    }
    Ok(())
}

/// An input with bytes removed, exchanged, inserted, or borrowed from another.
fn changed(random: &mut StdRng, inputs: &[Vec<u8>]) -> Vec<u8> {
    let any = |random: &mut StdRng| inputs.choose(random).cloned().unwrap_or_default();
    let mut input = any(random);
    for _ in 0..random.random_range(1..8) {
        let begin = random.random_range(0..=input.len());
        let end = (begin + random.random_range(0..8)).min(input.len());
        let new: Vec<u8> = match random.random_range(0..5) {
            0 => Vec::new(),
            1 => (0..random.random_range(1..33))
                .map(|_| random.random())
                .collect(),
            2 => input[begin..end].repeat(random.random_range(2..20)),
            3 => {
                let bytes = b"0123456789|()[]{}+-*/^.,=\\\n\"'#%&_ eE";
                vec![*bytes.choose(random).unwrap_or(&b'0')]
            }
            _ => {
                let other = any(random);
                let from = random.random_range(0..=other.len());
                let to = (from + random.random_range(0..64)).min(other.len());
                other[from..to].to_vec()
            }
        };
        input.splice(begin..end, new);
    }
    input
}
