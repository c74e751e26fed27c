//! The settings of a `CfResNet`.

use candle_nn::VarBuilder;

use super::StridedBlock;
use crate::config::config;
use crate::error::Result;
use crate::limits::ensure;
use crate::network::coefficients::BlockCoefficients;
use crate::network::horesnet::{self, HoResNetConfig};
use crate::network::{Describe, Input, Layers, Tableaux, check, schemes};
use crate::state::TrainState;

config! {
    /// The settings of a [`CfResNet`](crate::CfResNet).
    ///
    /// By default, RK4 at depth 26, for colour images of ten classes.
    ///
    /// ```
    /// use horesnet_train::{CfResNetConfig, Describe};
    ///
    /// let config = CfResNetConfig { scheme: "huta6".to_owned(), ..CfResNetConfig::default() };
    /// assert_eq!((config.depth()?, config.parameters()?), (50, 755_706));
    /// # Ok::<(), horesnet_train::Error>(())
    /// ```
    pub struct CfResNetConfig {
        /// The scheme of all blocks, or several nested ones, see [`Nesting`](crate::Nesting).
        #[serde(deserialize_with = "schemes::text")]
        pub scheme: String = "rk4".to_owned(),
        /// The tableaux of schemes that are not bundled, by name.
        #[serde(skip_serializing_if = "Tableaux::is_empty")]
        pub tableaux: Tableaux = Tableaux::default(),
        /// The coefficients of the blocks; the published code has `fixed(1)`.
        pub coefficients: BlockCoefficients = BlockCoefficients::default(),
        /// Channels of the images.
        pub in_channels: usize = 3,
        /// Number of classes.
        pub classes: usize = 10,
        /// Channels of each group of blocks; the first block of each but the first group halves height and width.
        pub widths: Vec<usize> = vec![16, 32, 64],
        /// Blocks in each group, as many numbers as `widths`.
        pub blocks: Vec<usize> = vec![1, 1, 1],
        /// In place of `blocks`: the [depth](Describe::depth), with the same number of blocks in each group.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub depth: Option<usize> = None,
        /// Probability of skipping the last block in training, from 0 to below 1; 0 in the published code.
        pub drop_path: f64 = 0.0,
        /// Dropout before the classifier, from 0 to below 1; 0 in the published code.
        pub dropout: f64 = 0.0,
    }
}

impl Describe for CfResNetConfig {
    fn validate(&self) -> Result<()> {
        for (from, to) in self.widths.iter().zip(self.widths.iter().skip(1)) {
            ensure("widths", from <= to, || {
                format!("{to} after {from}; the shortcut of this network can only add channels")
            })?;
        }
        self.as_horesnet().check()?;
        check::parameters("widths", self)
    }

    fn scheme(&self) -> String {
        self.as_horesnet().scheme()
    }

    fn tableaux(&self) -> &Tableaux {
        &self.tableaux
    }

    fn coefficients(&self) -> BlockCoefficients {
        self.coefficients
    }

    /// Convolutions and the linear layer along the network: `2 + 2·stages`.
    fn depth(&self) -> Result<usize> {
        self.as_horesnet().depth()
    }

    fn input(&self) -> Input {
        self.as_horesnet().input()
    }

    fn set_input(&mut self, [channels, ..]: [usize; 3], classes: usize) {
        (self.in_channels, self.classes) = (channels, classes);
    }

    /// Writes `blocks` out, in place of `depth`, and the scheme as `HoResNet` does.
    fn resolved(&self) -> Result<Self> {
        let resolved = self.as_horesnet().resolved()?;
        Ok(Self {
            scheme: resolved.scheme,
            tableaux: resolved.tableaux,
            blocks: resolved.blocks,
            depth: None,
            ..self.clone()
        })
    }

    fn euler(&self) -> Result<Option<Self>> {
        let euler = self.as_horesnet().euler()?;
        Ok(euler.map(|euler| Self {
            scheme: euler.scheme,
            tableaux: euler.tableaux,
            blocks: euler.blocks,
            depth: None,
            ..self.clone()
        }))
    }

    fn layers(&self, vb: &VarBuilder, state: &TrainState) -> Result<Layers> {
        horesnet::layers(&self.as_horesnet(), Some(StridedBlock::layer), vb, state)
    }
}

impl CfResNetConfig {
    /// The network of the same groups, but for its transitions.
    fn as_horesnet(&self) -> HoResNetConfig {
        HoResNetConfig {
            scheme: self.scheme.clone(),
            tableaux: self.tableaux.clone(),
            coefficients: self.coefficients,
            in_channels: self.in_channels,
            classes: self.classes,
            widths: self.widths.clone(),
            blocks: self.blocks.clone(),
            depth: self.depth,
            stem_stride: 2,
            post_activation: true,
            drop_path: self.drop_path,
            dropout: self.dropout,
            ..HoResNetConfig::default()
        }
    }
}
