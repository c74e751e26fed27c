//! Networks by kind: a network is a folder with its configuration and layers, and a line in [`NetworkConfig`].
//! `parts` has the layers that networks share, `cost` counts parameters, operations and memory.
//! Must not know data, training or run folders.

mod cfresnet;
mod check;
pub(crate) mod coefficients;
pub mod cost;
mod exclusive;
mod horesnet;
mod nested_block;
pub(crate) mod nesting;
pub(crate) mod parts;
mod recompute;
pub mod schemes;
mod sequential;
pub(crate) mod shapes;
pub(crate) mod tableaux;
pub(crate) mod variables;
mod vit;
pub(crate) mod weights;

use std::fmt;

use candle_core::Device;
use candle_nn::{ModuleT, VarBuilder};
use serde::{Deserialize, Serialize};

pub use self::horesnet::{Functions, HoResNet, HoResNetConfig, Shape};
pub use cfresnet::{CfResNet, CfResNetConfig};
pub use parts::stem::Stem;
pub use parts::transition::Transition;
pub use sequential::{Layer, Layers, SequentialNetwork};
pub use tableaux::{Tableaux, scheme_name};
pub use vit::{Vit, VitConfig};

pub(crate) use exclusive::{drop_excluded, excludes};
pub(crate) use sequential::{layer_costs, shapes};

use crate::error::{Error, Result};
use crate::limits::ensure;
use crate::network::coefficients::BlockCoefficients;
use crate::network::parts::block_layer::BlockOptions;
use crate::network::parts::spec::ModuleSpec;
use crate::recompute::Recompute;
use crate::state::TrainState;

/// A classifier made of higher-order residual blocks.
///
/// As a module it takes images `[batch, channels, height, width]` to logits `[batch, classes]`.
pub trait Network: ModuleT + Send + Sync {
    /// Returns the state of training that its blocks and layers see.
    fn state(&self) -> &TrainState;

    /// The device of its weights and images; the CPU by default.
    fn device(&self) -> &Device {
        &Device::Cpu
    }

    /// The options of its blocks, from the input to the output.
    fn blocks(&self) -> Vec<&BlockOptions> {
        Vec::new()
    }

    /// Sets what a training step computes again, for steps of so many images `[channels, height, width]`. By default, a network
    /// can recompute nothing.
    ///
    /// Fails with [`Error::Setting`] if a budget is too small for these images.
    fn set_recompute(&self, recompute: Recompute, image: [usize; 3], images: usize) -> Result<()> {
        let _ = (image, images);
        let problem = || format!("it computes nothing again, found {recompute}; set it to `none`");
        ensure("recompute", recompute == Recompute::None, problem)
    }

    /// Describes the network at inference as data, from which it is exported. By default, a network cannot be exported.
    fn spec(&self) -> Result<ModuleSpec> {
        let problem = "it does not describe itself, so it cannot be exported";
        Err(Error::setting("network", problem))
    }
}

/// The images and classes that a network is made for. It displays the images: `3 channels`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Input {
    /// Channels of the images.
    pub channels: usize,
    /// Height and width; `None` if images may have any.
    pub size: Option<[usize; 2]>,
    /// Number of classes.
    pub classes: usize,
}

impl Input {
    fn accepts(&self, [channels, height, width]: [usize; 3]) -> bool {
        channels == self.channels && self.size.is_none_or(|size| size == [height, width])
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} channels", self.channels)?;
        match self.size {
            Some([height, width]) => write!(f, ", {height}×{width} pixels"),
            None => Ok(()),
        }
    }
}

/// The description of a network: its layers, from which it is built and its parameters and costs are counted.
pub trait Describe: Clone + Send + Sync + 'static {
    /// Fails if no such network can be built, with the setting that is wrong and what would be right.
    fn validate(&self) -> Result<()>;

    /// The name of the scheme of its blocks.
    fn scheme(&self) -> String;

    /// The tableaux of schemes that are not bundled.
    fn tableaux(&self) -> &Tableaux {
        &tableaux::NONE
    }

    /// The coefficients of its blocks.
    fn coefficients(&self) -> BlockCoefficients;

    /// Convolutions and linear layers along the network.
    fn depth(&self) -> Result<usize>;

    /// The images and classes it is made for.
    fn input(&self) -> Input;

    /// Makes it for images `[channels, height, width]` in so many classes.
    fn set_input(&mut self, image: [usize; 3], classes: usize);

    /// Returns the configuration with derived settings written out, such as `blocks` in place of `depth`.
    ///
    /// Fails if there is no such network, and says which are near.
    fn resolved(&self) -> Result<Self>;

    /// The network of Euler's blocks with the same layers, to compare with. It may have more blocks than can be trained.
    /// `None` where the stages of a block share their layers.
    fn euler(&self) -> Result<Option<Self>>;

    /// Its layers in order, by name, with the variables of `vb`. The configuration must be [valid](Self::validate).
    fn layers(&self, vb: &VarBuilder, state: &TrainState) -> Result<Layers>;

    /// The number of trained scalars.
    ///
    /// Fails as [`validate`](Self::validate) does.
    fn parameters(&self) -> Result<usize> {
        Ok(sequential::count(&shapes(self)?, ""))
    }

    /// Fails unless it is made for images `[channels, height, width]` in so many classes; the error is what it is made for.
    fn is_compatible(&self, image: [usize; 3], classes: usize) -> Result<(), String> {
        let input = self.input();
        if input.accepts(image) && input.classes == classes {
            return Ok(());
        }
        Err(format!("{input} and {} classes", input.classes))
    }

    /// [Sets the input](Self::set_input) and [resolves](Self::resolved) the rest.
    fn fit(&mut self, image: [usize; 3], classes: usize) {
        self.set_input(image, classes);
        // Validation refuses what cannot be resolved.
        if let Ok(resolved) = self.resolved() {
            *self = resolved;
        }
    }

    /// Builds the network, or fails as [`validate`](Self::validate) does.
    fn build(&self, vb: VarBuilder) -> Result<Box<dyn Network>> {
        Ok(Box::new(SequentialNetwork::new(self, vb)?))
    }
}

/// Makes [`NetworkConfig`] of a table of kinds and configurations.
macro_rules! networks {
    ($($(#[$about:meta])* $kind:ident($config:ty),)+) => {
        /// A network before it is built: its kind and its settings.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "kind", rename_all = "lowercase")]
        pub enum NetworkConfig {
            $($(#[$about])* $kind($config),)+
        }

        $(impl From<$config> for NetworkConfig {
            fn from(config: $config) -> Self {
                Self::$kind(config)
            }
        })+

        impl Describe for NetworkConfig {
            fn validate(&self) -> Result<()> {
                match self { $(Self::$kind(config) => config.validate(),)+ }
            }

            fn scheme(&self) -> String {
                match self { $(Self::$kind(config) => config.scheme(),)+ }
            }

            fn tableaux(&self) -> &Tableaux {
                match self { $(Self::$kind(config) => config.tableaux(),)+ }
            }

            fn coefficients(&self) -> BlockCoefficients {
                match self { $(Self::$kind(config) => config.coefficients(),)+ }
            }

            fn depth(&self) -> Result<usize> {
                match self { $(Self::$kind(config) => config.depth(),)+ }
            }

            fn input(&self) -> Input {
                match self { $(Self::$kind(config) => config.input(),)+ }
            }

            fn set_input(&mut self, image: [usize; 3], classes: usize) {
                match self { $(Self::$kind(config) => config.set_input(image, classes),)+ }
            }

            fn resolved(&self) -> Result<Self> {
                match self { $(Self::$kind(config) => config.resolved().map(Into::into),)+ }
            }

            fn euler(&self) -> Result<Option<Self>> {
                match self { $(Self::$kind(config) => Ok(config.euler()?.map(Into::into)),)+ }
            }

            fn layers(&self, vb: &VarBuilder, state: &TrainState) -> Result<Layers> {
                match self { $(Self::$kind(config) => config.layers(vb, state),)+ }
            }
        }
    };
}

networks! {
    /// Groups of blocks with transitions between them.
    HoResNet(HoResNetConfig),
    /// The network of the published HO-ResNet code, which down-samples inside blocks.
    CfResNet(CfResNetConfig),
    /// A Transformer whose encoder is made of blocks in blocks.
    Vit(VitConfig),
}

impl Default for NetworkConfig {
    fn default() -> Self {
        HoResNetConfig::default().into()
    }
}
