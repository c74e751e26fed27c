//! What the published network is made of.

use candle_nn::VarBuilder;
use serde::{Deserialize, Serialize};

use super::CfResNet;
use crate::chance;
use crate::coefficients::Coefficients;
use crate::complexity::Part;
use crate::error::{Error, Result};
use crate::nesting::Nesting;
use crate::network::{Describe, Network, check, layout};
use crate::residual::Residual;

/// The shape of a [`CfResNet`].
///
/// ```
/// use horesnet_train::{CfResNetConfig, Describe};
///
/// let config = CfResNetConfig { scheme: "huta6".to_owned(), ..CfResNetConfig::default() };
/// assert_eq!((config.depth()?, config.parameters()?), (50, 755_706));
/// # Ok::<(), horesnet_train::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CfResNetConfig {
    /// The scheme of all blocks, or several in each other, see [`Nesting`].
    pub scheme: String,
    /// The step size of the blocks over the depth; the published code has `fixed(1)`.
    pub coefficients: Coefficients,
    /// Channels of the images.
    pub in_channels: usize,
    /// Number of classes.
    pub classes: usize,
    /// Channels of each group of blocks; the first block of each but the first group halves height and width.
    pub widths: Vec<usize>,
    /// Blocks in each group, as many numbers as `widths`.
    pub blocks: Vec<usize>,
    /// In place of `blocks`: as many in each group as come to this [depth](Describe::depth).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depth: Option<usize>,
    /// How likely training leaves out the last block, from 0 to below 1; the published code has none of that.
    pub drop_path: f64,
    /// How likely training leaves out a feature before the classifier, from 0 to below 1; nor of that.
    pub dropout: f64,
}

impl Default for CfResNetConfig {
    /// RK4 at depth 26, for colour images of ten classes.
    fn default() -> Self {
        Self {
            scheme: "rk4".to_owned(),
            coefficients: Coefficients::default(),
            in_channels: 3,
            classes: 10,
            widths: vec![16, 32, 64],
            blocks: vec![1, 1, 1],
            depth: None,
            drop_path: 0.0,
            dropout: 0.0,
        }
    }
}

impl Describe for CfResNetConfig {
    fn validate(&self) -> Result<()> {
        let settled = self.settled()?;
        check::ends(settled.in_channels, settled.classes)?;
        check::groups(&settled.widths, &settled.blocks)?;
        let blocks: usize = settled.blocks.iter().sum();
        check::stages(blocks * settled.nesting()?.stages())?;
        let tableau = settled.nesting()?.tableau();
        settled.coefficients.suits(tableau, false)?;
        let narrower = |(from, to): &(&usize, &usize)| to < from;
        let mut next = std::iter::zip(&self.widths, self.widths.iter().skip(1));
        if let Some((from, to)) = next.find(narrower) {
            let problem =
                format!("{to} after {from}; the shortcut of this network can only add channels");
            return Err(Error::setting("widths", problem));
        }
        chance::check("drop_path", settled.drop_path)?;
        chance::check("dropout", settled.dropout)?;
        check::parameters("widths", settled.parameters()? as u64)
    }

    fn scheme(&self) -> String {
        self.scheme.clone()
    }

    fn coefficients(&self) -> Coefficients {
        self.coefficients
    }

    /// Convolutions and the linear layer along the network: `2 + 2·stages`.
    fn depth(&self) -> Result<usize> {
        let stages = self.nesting()?.stages();
        Ok(2 + 2 * stages * self.settled()?.blocks.iter().sum::<usize>())
    }

    fn suits(&self, [channels, ..]: [usize; 3], classes: usize) -> Result<(), String> {
        check::suits((self.in_channels, self.classes), (channels, classes))
    }

    fn fit(&mut self, [channels, ..]: [usize; 3], classes: usize) {
        self.in_channels = channels;
        self.classes = classes;
        // What cannot be settled stays for validation to refuse.
        if let Ok(settled) = self.settled() {
            *self = settled;
        }
    }

    fn parts(&self, image: [usize; 3]) -> Result<Vec<Part>> {
        self.costs(image)
    }

    fn euler(&self) -> Result<Option<Self>> {
        let (stages, settled) = (self.nesting()?.stages(), self.settled()?);
        Ok(Some(Self {
            scheme: "euler".to_owned(),
            blocks: layout::of_euler(&settled.blocks, stages),
            ..settled
        }))
    }

    fn build(&self, vb: VarBuilder) -> Result<Box<dyn Network>> {
        Ok(Box::new(CfResNet::new(self, vb)?))
    }
}

impl CfResNetConfig {
    /// The same network with `blocks` written out, in place of `depth`.
    ///
    /// Fails if there is no such network, and says which depths are near.
    pub fn settled(&self) -> Result<Self> {
        let scheme = self.nesting()?;
        let mut settled = self.clone();
        if let Some(depth) = settled.depth.take() {
            let layers = Residual::Basic.layers();
            settled.blocks = layout::of_depth(depth, &scheme, self.widths.len(), layers)?;
        }
        Ok(settled)
    }

    pub(in crate::network) fn nesting(&self) -> Result<Nesting> {
        self.scheme.parse()
    }
}
