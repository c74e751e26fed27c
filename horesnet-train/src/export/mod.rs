//! Trained networks for other programs: ONNX, a `PyTorch` module, a folder for model hubs.
//! The first two are written from one description of the network, [`spec`](crate::spec).
//! Must not know training.

mod hub;
mod onnx;
mod pytorch;

pub use hub::hub;
pub use onnx::onnx;
pub use pytorch::pytorch;

pub use crate::data::ModelInfo;

/// The files of a folder: names and contents.
pub type Files = Vec<(&'static str, Vec<u8>)>;

/// The file of weights in a folder.
const WEIGHTS: &str = "model.safetensors";

/// Joins the names of a module and of one in it, either of which may be empty.
fn join(path: &str, name: &str) -> String {
    let separator = if path.is_empty() || name.is_empty() {
        ""
    } else {
        "."
    };
    format!("{path}{separator}{name}")
}
