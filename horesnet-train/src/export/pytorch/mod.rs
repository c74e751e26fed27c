//! A network as a `PyTorch` module: `model.py`, whose modules have the names of the weights, and `model.safetensors`.

mod expression;

use std::fmt::Write;

use horesnet_compiler::notation::PYTORCH_BLOCK;
use serde::Serialize;

use self::expression::Writer;
use super::{Files, ModelInfo, WEIGHTS};
use crate::error::{Error, Result};
use crate::files::tensors;
use crate::files::version::VERSION;
use crate::network::Network;
use crate::network::parts::spec::ModuleSpec;

/// The classes of the modules, the same for all networks; that of blocks is [`PYTORCH_BLOCK`].
const MODULES: &str = include_str!("modules.py");
const LOAD: &str = r#"

def load(path=Path(__file__).with_name("model.safetensors")):
    """Returns the network with its weights, ready to classify."""
    loaded = network()
    loaded.load_state_dict(load_file(path))
    return loaded.eval()
"#;

/// Returns `network` as the files `model.py` and `model.safetensors`.
///
/// `model.load()` gives an `nn.Module` that takes images `[batch, channels, height, width]`, with pixels from 0 to 1, to logits
/// `[batch, classes]`. Functions of time have the weights of each evaluation.
///
/// ```no_run
/// use horesnet_train::{RunFolder, export::pytorch};
///
/// let run = RunFolder::open("runs/rk4-digits-seed0")?;
/// for (name, bytes) in pytorch(&*run.load()?.network, &run.info()?)? {
///     std::fs::write(name, bytes).expect("a folder that can be written to");
/// }
/// # Ok::<(), horesnet_train::Error>(())
/// ```
///
/// # Errors
/// [`Error::Setting`] for a network with coefficients that depend on the image.
pub fn pytorch(network: &dyn Network, info: &ModelInfo) -> Result<Files> {
    let mut writer = Writer::default();
    let ModuleSpec::Sequence(layers) = network.spec()? else {
        return Err(Error::setting("network", "it is no sequence of layers"));
    };
    let mut arguments = vec!["MEAN".to_owned(), "STD".to_owned()];
    arguments.extend(writer.named("", &layers)?);
    let network = expression::call("Network", &arguments).replace('\n', "\n    ");
    let mut code = format!(
        "\"\"\"A network exported by HoresNet {VERSION}: `model.load()` returns it with its weights.\"\"\"\n\n{MODULES}\n\n{PYTORCH_BLOCK}\n\n"
    );
    let constants = [
        ("LABEL_NAMES", literal(&info.label_names)?),
        ("INPUT_SIZE", literal(&info.input_size)?),
        ("MEAN", literal(&info.mean)?),
        ("STD", literal(&info.std)?),
    ];
    for (name, value) in constants {
        // Writing to a string cannot fail.
        let _ = writeln!(code, "{name} = {value}");
    }
    for (step, number) in writer.steps.iter().zip(1..) {
        let _ = write!(code, "\nSTEP_{number} = {step}\n");
    }
    let _ = write!(
        code,
        "\n\ndef network():\n    \"\"\"Returns the network without its weights.\"\"\"\n    return {network}\n{LOAD}"
    );
    let weights = tensors::to_bytes(writer.weights, &[tensors::version()])?;
    Ok(vec![("model.py", code.into()), (WEIGHTS, weights)])
}

/// A value as Python; strings and lists of JSON are those of Python.
fn literal(value: &impl Serialize) -> Result<String> {
    serde_json::to_string_pretty(value).map_err(Error::unserialisable)
}
