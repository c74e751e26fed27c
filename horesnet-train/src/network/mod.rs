//! The networks there are, by kind; and what all of them offer to training and reports.
//!
//! A network is a file that builds it from its configuration, and a line in [`NetworkConfig`].

mod check;
mod clean;
mod config;
mod costs;
mod functions;
mod head;
mod layout;
mod published;
mod stem;
mod transition;
mod vit;

use candle_core::Device;
use candle_nn::{ModuleT, VarBuilder};
use serde::{Deserialize, Serialize};

pub use clean::HoResNet;
pub use config::HoResNetConfig;
pub use functions::Functions;
pub use layout::Shape;
pub use published::{CfResNet, CfResNetConfig};
pub use stem::Stem;
pub use transition::Transition;
pub use vit::{Vit, VitConfig};

use crate::coefficients::Coefficients;
use crate::complexity::Part;
use crate::error::Result;
use crate::layer::Surroundings;
use crate::moment::Moment;
use crate::outline::Outline;
use crate::variables::is_trained;

/// A classifier made of higher-order residual blocks.
///
/// As a module it takes images `[batch, channels, height, width]` to logits `[batch, classes]`.
pub trait Network: ModuleT + Send + Sync {
    /// The moment that its blocks and layers see; training moves it on.
    fn moment(&self) -> &Moment;

    /// Where its weights are, and where it wants its images: the CPU unless it says otherwise.
    fn device(&self) -> &Device {
        &Device::Cpu
    }

    /// What is around each block, its coefficients among it, from the input to the output.
    fn blocks(&self) -> Vec<&Surroundings> {
        Vec::new()
    }
}

/// A network before it is built: its kind and all that shapes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum NetworkConfig {
    /// Groups of blocks with transitions of their own between them.
    HoResNet(HoResNetConfig),
    /// The network of the published HO-ResNet code, which down-samples inside blocks.
    CfResNet(CfResNetConfig),
    /// A Transformer whose encoder is made of blocks in blocks.
    Vit(VitConfig),
}

/// What every network's configuration tells.
pub trait Describe {
    /// Whether such a network can be built; if not, which setting is wrong and what would be right.
    fn validate(&self) -> Result<()>;

    /// The name of the scheme of its blocks.
    fn scheme(&self) -> String;

    /// How the step sizes of its blocks behave.
    fn coefficients(&self) -> Coefficients;

    /// Convolutions and linear layers along the network.
    fn depth(&self) -> Result<usize>;

    /// Whether it is made for images `[channels, height, width]` of so many classes; if not, what it is made for.
    fn suits(&self, image: [usize; 3], classes: usize) -> Result<(), String>;

    /// Makes it for images `[channels, height, width]` of so many classes.
    fn fit(&mut self, image: [usize; 3], classes: usize);

    /// Its layers and blocks in order, and what each costs for an image `[channels, height, width]`.
    fn parts(&self, image: [usize; 3]) -> Result<Vec<Part>>;

    /// The network of Euler's blocks with the same layers, as many of them: what it compares with. It may have more blocks
    /// than can be trained. There is none where the stages of a block share their layers.
    fn euler(&self) -> Result<Option<Self>>
    where
        Self: Sized;

    /// Builds the network, or fails as [`validate`](Self::validate) does.
    fn build(&self, vb: VarBuilder) -> Result<Box<dyn Network>>;
}

macro_rules! each {
    ($self:expr, $config:ident => $value:expr) => {
        match $self {
            NetworkConfig::HoResNet($config) => $value,
            NetworkConfig::CfResNet($config) => $value,
            NetworkConfig::Vit($config) => $value,
        }
    };
}

impl Default for NetworkConfig {
    fn default() -> Self {
        HoResNetConfig::default().into()
    }
}

impl From<HoResNetConfig> for NetworkConfig {
    fn from(config: HoResNetConfig) -> Self {
        Self::HoResNet(config)
    }
}

impl From<CfResNetConfig> for NetworkConfig {
    fn from(config: CfResNetConfig) -> Self {
        Self::CfResNet(config)
    }
}

impl From<VitConfig> for NetworkConfig {
    fn from(config: VitConfig) -> Self {
        Self::Vit(config)
    }
}

impl NetworkConfig {
    /// The same network with what settings say in place of others, such as `depth`, written out.
    ///
    /// Fails if there is no such network.
    pub fn settled(&self) -> Result<Self> {
        Ok(match self {
            Self::HoResNet(config) => config.settled()?.into(),
            Self::CfResNet(config) => config.settled()?.into(),
            Self::Vit(config) => config.settled()?.into(),
        })
    }

    /// The number of trained scalars.
    pub fn parameters(&self) -> Result<usize> {
        let shapes = Outline::of(self)?;
        let trained = shapes.iter().filter(|(name, _)| is_trained(name));
        Ok(trained.map(|(_, shape)| shape.elem_count()).sum())
    }
}

impl Describe for NetworkConfig {
    fn validate(&self) -> Result<()> {
        each!(self, config => config.validate())
    }

    fn scheme(&self) -> String {
        each!(self, config => config.scheme())
    }

    fn coefficients(&self) -> Coefficients {
        each!(self, config => config.coefficients())
    }

    fn depth(&self) -> Result<usize> {
        each!(self, config => config.depth())
    }

    fn suits(&self, image: [usize; 3], classes: usize) -> Result<(), String> {
        each!(self, config => config.suits(image, classes))
    }

    fn fit(&mut self, image: [usize; 3], classes: usize) {
        each!(self, config => config.fit(image, classes));
    }

    fn parts(&self, image: [usize; 3]) -> Result<Vec<Part>> {
        each!(self, config => config.parts(image))
    }

    fn euler(&self) -> Result<Option<Self>> {
        each!(self, config => Ok(config.euler()?.map(Into::into)))
    }

    fn build(&self, vb: VarBuilder) -> Result<Box<dyn Network>> {
        each!(self, config => config.build(vb))
    }
}
