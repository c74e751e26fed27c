//! A network of either Rust peer, with its variables, inputs and optimiser. Exports its weights for the other peers, and
//! writes its answers for comparison.

use std::collections::HashMap;
use std::path::Path;

use candle_core::backprop::GradStore;
use candle_core::{DType, Tensor, safetensors};
use candle_nn::{Init, ModuleT, Optimizer as _};
use horesnet::no_grad;
use horesnet_train::{
    HoResNet, HoResNetConfig, Network as _, Sgd, SgdConfig, Variables, cross_entropy,
};

use crate::momentum::StockSgd;
use crate::network::StockNetwork;
use crate::request::Network;
use crate::{Layers, Peer, Result, schemes};

const IN_CHANNELS: usize = 3;
const CLASSES: usize = 10;
const MOMENTUM: f64 = 0.9;
const DECAY: f64 = 5e-4;
/// Small, because a row repeats steps on one batch and must stay finite.
pub(crate) const RATE: f64 = 1e-4;

/// A network that can be run and trained.
pub(crate) struct Model {
    peer: Peer,
    network: Box<dyn ModuleT>,
    variables: Variables,
    images: Tensor,
    labels: Tensor,
    optimiser: Optimiser,
}

enum Optimiser {
    Horesnet(Sgd),
    Candle(StockSgd),
}

impl Model {
    /// Loads the weights and inputs from the network's file.
    pub(crate) fn load(peer: &Peer, about: &Network, dtype: DType) -> Result<Self> {
        let mut model = Self::new(peer, about, dtype)?;
        let mut tensors = safetensors::load(&about.file, &peer.device)?;
        let mut take = |name: &str| {
            let found = tensors.remove(name);
            found.ok_or_else(|| format!("no {name} in {}: export it first", about.file.display()))
        };
        for (name, var) in model.variables.all() {
            var.set(&take(&name)?.to_dtype(dtype)?)?;
        }
        model.images = take("images")?.to_dtype(dtype)?;
        model.labels = take("labels")?;
        Ok(model)
    }

    /// Creates a network with seeded weights.
    fn new(peer: &Peer, about: &Network, dtype: DType) -> Result<Self> {
        let variables = Variables::seeded(0);
        let vb = variables.builder(dtype, &peer.device);
        let network: Box<dyn ModuleT> = match peer.layers {
            Layers::Horesnet => {
                let config = HoResNetConfig {
                    scheme: about.scheme.clone(),
                    in_channels: IN_CHANNELS,
                    classes: CLASSES,
                    widths: about.widths.clone(),
                    blocks: about.blocks.clone(),
                    stem_stride: 2,
                    ..HoResNetConfig::default()
                };
                let network = HoResNet::new(&config, vb)?;
                network.state().set_precision(peer.precision);
                Box::new(network)
            }
            Layers::Candle => {
                let tableau = schemes::find(&about.scheme)?;
                let groups: Vec<_> =
                    std::iter::zip(about.widths.clone(), about.blocks.clone()).collect();
                Box::new(StockNetwork::new(
                    &tableau,
                    IN_CHANNELS,
                    CLASSES,
                    &groups,
                    vb,
                )?)
            }
        };
        let shape = (about.batch, IN_CHANNELS, about.size, about.size);
        let normal = Init::Randn {
            mean: 0.0,
            stdev: 1.0,
        };
        let images = Variables::seeded(1)
            .builder(dtype, &peer.device)
            .get_with_hints(shape, "images", normal)?;
        let labels = (0..about.batch).map(|image| (image % CLASSES) as u32);
        let trained = variables.trained();
        let optimiser = match peer.layers {
            Layers::Horesnet => {
                let config = SgdConfig {
                    learning_rate: RATE,
                    momentum: MOMENTUM,
                    weight_decay: DECAY,
                    ..SgdConfig::default()
                };
                Optimiser::Horesnet(Sgd::named(trained, config)?)
            }
            Layers::Candle => {
                let trained = trained.into_iter().map(|(_, var)| var);
                Optimiser::Candle(StockSgd::new(trained, MOMENTUM, DECAY))
            }
        };
        Ok(Self {
            peer: peer.clone(),
            network,
            images: images.detach(),
            labels: Tensor::from_iter(labels, &peer.device)?,
            variables,
            optimiser,
        })
    }

    /// Computes the logits with the running statistics.
    pub(crate) fn evaluate(&self) -> Result<Tensor> {
        Ok(no_grad(|| self.network.forward_t(&self.images, false))?)
    }

    /// Takes one full training step.
    pub(crate) fn train(&mut self) -> Result<()> {
        let (_, gradients) = self.gradients()?;
        match &mut self.optimiser {
            Optimiser::Horesnet(sgd) => sgd.step(&gradients)?,
            Optimiser::Candle(sgd) => sgd.step(&gradients, RATE)?,
        }
        Ok(())
    }

    fn gradients(&self) -> Result<(Tensor, GradStore)> {
        let logits = self.network.forward_t(&self.images, true)?;
        let loss = cross_entropy(&logits, &self.labels, 0.0)?;
        let gradients = self.peer.backward(&loss)?;
        Ok((logits, gradients))
    }
}

/// Writes weights, statistics and inputs to the network's file.
pub(crate) fn export(peer: &Peer, about: &Network) -> Result<()> {
    let model = Model::new(peer, about, DType::F32)?;
    let trained = model.variables.trained();
    for (_, var) in trained.iter().filter(|(_, var)| var.rank() == 1) {
        // Scales of exactly 1 and shifts of exactly 0 would hide mistakes.
        let wave = (0..var.elem_count()).map(|i| 0.1 * (i as f32 + 1.0).sin());
        var.set(&(var.as_detached_tensor() + Tensor::from_iter(wave, &peer.device)?)?)?;
    }
    let (fresh, momentum) = (model.variables.all(), 0.1);
    model.network.forward_t(&model.images, true)?;
    let mut tensors = HashMap::new();
    for (name, var) in fresh {
        let value = var.as_detached_tensor();
        // One pass moved the statistics a tenth of the way from 0 and 1 to those of the batch: go all the way.
        let value = match name.rsplit('.').next() {
            Some("running_mean") => (value / momentum)?,
            Some("running_var") => ((value - (1.0 - momentum))? / momentum)?,
            _ => value,
        };
        tensors.insert(name, value);
    }
    tensors.insert("images".to_owned(), model.images);
    tensors.insert("labels".to_owned(), model.labels);
    Ok(safetensors::save(&tensors, &about.file)?)
}

/// Writes the results of a training step: logits, gradients, updated statistics, and the logits with these statistics.
pub(crate) fn check(peer: &Peer, about: &Network, dtype: DType, answers: &Path) -> Result<()> {
    let model = Model::load(peer, about, dtype)?;
    let (logits, gradients) = model.gradients()?;
    let mut tensors = HashMap::new();
    for (name, var) in model.variables.all() {
        if let Some(gradient) = gradients.get(var.as_tensor()) {
            tensors.insert(format!("gradient of {name}"), gradient.contiguous()?);
        } else {
            tensors.insert(name, var.as_detached_tensor());
        }
    }
    tensors.insert("logits in training".to_owned(), logits);
    tensors.insert("logits in evaluation".to_owned(), model.evaluate()?);
    Ok(safetensors::save(&tensors, answers)?)
}
