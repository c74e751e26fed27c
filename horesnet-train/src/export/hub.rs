//! A run as a folder for model hubs, such as Hugging Face's: `config.json`, `model.safetensors`, `README.md`.

use super::{Files, ModelInfo, WEIGHTS};
use crate::error::{Error, Result};
use crate::experiment::ExperimentConfig;
use crate::files::Versioned;
use crate::network::Describe;
use crate::network::variables::Variables;
use crate::run::{RunFolder, Trained, model};

/// Returns the weights of `run` as the files of a folder that is a run itself: [`RunFolder::open`] reads it.
///
/// Paths of this computer are left out of `config.json`. `README.md` begins with the metadata that hubs index; the license
/// is left to you.
///
/// ```no_run
/// use horesnet_train::{RunFolder, export::hub};
///
/// let run = RunFolder::open("runs/rk4-digits-seed0")?;
/// for (name, bytes) in hub(&run, &run.info()?)? {
///     std::fs::write(name, bytes).expect("a folder that can be written to");
/// }
/// # Ok::<(), horesnet_train::Error>(())
/// ```
///
/// # Errors
/// Errors of [`RunFolder::load`] and [`RunFolder::history`].
pub fn hub(run: &RunFolder, info: &ModelInfo) -> Result<Files> {
    let Trained {
        variables, epoch, ..
    } = run.load()?;
    let config = ExperimentConfig {
        data_dir: None,
        weights: None,
        model: Some(info.clone()),
        ..run.config()?
    };
    let accuracy = run.recorded(epoch)?.map(|score| score.accuracy);
    let readme = readme(&config, &variables, info, accuracy)?;
    let text = serde_json::to_string_pretty(&Versioned::new(&config));
    let text = text.map_err(Error::unserialisable)? + "\n";
    Ok(vec![
        ("config.json", text.into()),
        (
            WEIGHTS,
            model::to_bytes(variables.tensors(), epoch, &config)?,
        ),
        ("README.md", readme.into()),
    ])
}

/// The model card; its head is YAML, in which strings of JSON are strings.
fn readme(
    config: &ExperimentConfig,
    variables: &Variables,
    info: &ModelInfo,
    accuracy: Option<f64>,
) -> Result<String> {
    let (name, data, scheme) = (config.folder_name(), &config.data, config.network.scheme());
    let results = accuracy.map_or_else(String::new, |accuracy| {
        format!(
            "model-index:\n- name: \"{name}\"\n  results:\n  - task:\n      type: image-classification\n    dataset:\n      \
             name: \"{data}\"\n      type: \"{data}\"\n      split: test\n    metrics:\n    - type: accuracy\n      value: \
             {accuracy}\n"
        )
    });
    let accuracy = accuracy.map_or_else(
        || "unknown".to_owned(),
        |accuracy| format!("{:.2} %", 100.0 * accuracy),
    );
    let json = |value| serde_json::to_string_pretty(value).map_err(Error::unserialisable);
    let labels = json(&info.label_names)?;
    let [channels, height, width] = info.input_size;
    let tableaux = config.network.tableaux().iter();
    let tableaux = tableaux.map(|(name, text)| {
        format!("The scheme `{name}`, which config.json holds too:\n\n````text\n{text}\n````\n\n")
    });
    let tableaux = tableaux.collect::<Vec<_>>().concat();
    Ok(format!(
        "---\n\
         # Add the license of these weights, such as `license: mit`.\n\
         library_name: horesnet\n\
         pipeline_tag: image-classification\n\
         tags:\n- horesnet\n- runge-kutta\n- \"{scheme}\"\n\
         metrics:\n- accuracy\n\
         {results}---\n\n\
         # {name}\n\n\
         An image classifier made of Runge–Kutta blocks, trained with HoresNet.\n\n\
         | | |\n|---|---|\n\
         | scheme | `{scheme}` |\n\
         | coefficients | `{}` |\n\
         | data set | `{data}` |\n\
         | parameters | {} |\n\
         | test accuracy | {accuracy} |\n\
         | images | {channels}×{height}×{width} (channels, height, width) |\n\
         | mean, standard deviation of each channel, pixels from 0 to 1 | {:?}, {:?} |\n\n\
         In this folder, `horesnet predict . image.png` classifies images, `horesnet eval .` tests the weights,\n\
         `horesnet export . --to onnx -o model.onnx` and `--to pytorch` convert them,\n\
         and `horesnet train --weights model.safetensors` with the settings of config.json trains them further.\n\n\
         {tableaux}Classes, in the order of the logits:\n\n```json\n{labels}\n```\n",
        config.network.coefficients(),
        variables.parameters(),
        info.mean,
        info.std,
    ))
}
