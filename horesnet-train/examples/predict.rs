//! Classifies images with the network of a run.
//!
//! ```text
//! cargo run --release -p horesnet-train --example predict -- runs/rk4-folder-seed0 new.jpg
//! ```

use std::env;

use horesnet_train::{Classifier, Image, Result};

fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let Some(run) = arguments.next() else {
        eprintln!("usage: predict RUN IMAGE…");
        return Ok(());
    };
    let classifier = Classifier::load(run)?;
    for path in arguments {
        let prediction = classifier.predict(&Image::open(&path)?)?;
        let percent = 100.0 * prediction.probability();
        println!("{path}: {} {percent:.1} %", prediction.label());
    }
    Ok(())
}
