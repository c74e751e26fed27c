//! Generates `src/export/onnx/messages.rs` from `onnx.proto`.

use std::error::Error;
use std::path::Path;

const HEAD: &str = "\
//! The messages of an ONNX file, generated from `proto/onnx.proto`; CONTRIBUTING.md says how.

";

fn main() -> Result<(), Box<dyn Error>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = protox::compile(["onnx.proto"], [here])?;
    let module = prost_build::Module::from_protobuf_package_name("onnx");
    let modules = prost_build::Config::new().generate(vec![(module, files.file[0].clone())])?;
    let code: String = modules.into_values().collect();
    let target = here.join("../src/export/onnx/messages.rs");
    std::fs::write(target, format!("{HEAD}{code}"))?;
    Ok(())
}
