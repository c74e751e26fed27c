//! Runs each network in a folder, as the tests of exports keep them, and compares the logits.

use std::error::Error;
use std::fs;
use std::path::Path;

use tract_onnx::prelude::*;

/// The largest difference of logits, relative to the largest logit.
const TOLERANCE: f32 = 1e-5;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os()
        .nth(1)
        .ok_or("usage: horesnet-tract FOLDER")?;
    let mut cases = Vec::new();
    for entry in fs::read_dir(folder)? {
        let case = entry?.path();
        if case.join("logits.f32").is_file() {
            cases.push(case);
        }
    }
    cases.sort();
    if cases.is_empty() {
        return Err("no exports".into());
    }
    let mut most = 0.0_f32;
    for case in &cases {
        most = most.max(distance(case)?);
    }
    let count = cases.len();
    println!("tract: {count} networks, logits apart by at most {most:.1e}");
    Ok(())
}

/// The largest difference over batches of 1, 3 and all images; an error if it is too large.
fn distance(case: &Path) -> Result<f32, Box<dyn Error>> {
    let model = tract_onnx::onnx().model_for_path(case.join("model.onnx"))?;
    let model = model.into_optimized()?;
    let fact = model.input_fact(0)?;
    assert!(
        fact.shape.as_concrete().is_none(),
        "the size of a batch is fixed"
    );
    let image = fact.shape.dims().iter().skip(1).map(TDim::to_i64);
    let image = image.map(|side| Ok(usize::try_from(side?)?));
    let image: Vec<usize> = image.collect::<Result<_, Box<dyn Error>>>()?;
    let model = model.into_runnable()?;
    let (images, logits) = (
        floats(&case.join("images.f32"))?,
        floats(&case.join("logits.f32"))?,
    );
    let pixels: usize = image.iter().product();
    let all = images.len() / pixels;
    let classes = logits.len() / all;
    let mut most = 0.0_f32;
    for (start, count) in [(0, 1), (1, 3), (0, all)] {
        let part = images[start * pixels..(start + count) * pixels].to_vec();
        let shape: Vec<usize> = [count].into_iter().chain(image.iter().copied()).collect();
        let array = tract_ndarray::ArrayD::from_shape_vec(shape, part)?;
        let found = model.run(tvec!(array.into_tensor().into()))?;
        let found = found[0].to_plain_array_view::<f32>()?;
        assert_eq!(found.shape(), [count, classes]);
        let expected = &logits[start * classes..(start + count) * classes];
        let largest = expected.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
        for (found, expected) in found.iter().zip(expected) {
            let apart = (found - expected).abs() / largest;
            if apart.is_nan() || apart > TOLERANCE {
                return Err(format!("{}: {found}, expected {expected}", case.display()).into());
            }
            most = most.max(apart);
        }
    }
    Ok(most)
}

fn floats(path: &Path) -> Result<Vec<f32>, Box<dyn Error>> {
    let bytes = fs::read(path)?;
    let numbers = bytes.as_chunks::<4>().0.iter();
    Ok(numbers.map(|bytes| f32::from_le_bytes(*bytes)).collect())
}
