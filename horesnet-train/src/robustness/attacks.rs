//! Perturbations of images: Gaussian noise, and the attacks FGSM and PGD.
//!
//! Strengths are fractions of the range from the darkest to the brightest pixel value, and no pixel leaves that range.

use std::fmt;
use std::str::FromStr;

use candle_core::{Device, Result as CandleResult, Tensor, Var, bail};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use serde::Serialize;

use crate::data::{Batch, Normalisation};
use crate::error::{Error, Result};
use crate::network::Network;
use crate::training::cross_entropy;

/// A perturbation of images, written `noise(0.1)`, `fgsm(8/255)` or `pgd(8/255, 10)`.
///
/// ```
/// use horesnet_train::Attack;
///
/// let attack: Attack = "pgd(8/255, 10)".parse()?;
/// assert_eq!(attack, Attack::Pgd { epsilon: 8.0 / 255.0, steps: 10 });
/// # Ok::<(), horesnet_train::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(into = "String")]
pub enum Attack {
    /// Independent Gaussian noise on every value.
    Noise {
        /// The standard deviation, as a fraction of the range of values.
        sigma: f64,
    },
    /// The fast gradient sign method: one step of `epsilon` along the sign of the loss's gradient (Goodfellow, Shlens and
    /// Szegedy, arXiv 1412.6572).
    Fgsm {
        /// The largest change of a value, as a fraction of the range.
        epsilon: f64,
    },
    /// Projected gradient descent: a random start within `epsilon`, then steps of `2.5·epsilon/steps` along the sign of
    /// the gradient, each projected back (Madry et al., arXiv 1706.06083).
    Pgd {
        /// The largest change of a value, as a fraction of the range.
        epsilon: f64,
        /// The number of steps.
        steps: usize,
    },
}

impl Attack {
    /// Returns the images of `batch`, perturbed so as to raise the loss of `network` in evaluation, with the running statistics
    /// of its norms.
    pub fn perturb(
        self,
        network: &dyn Network,
        batch: &Batch,
        range: &PixelRange,
        rng: &mut ChaCha8Rng,
    ) -> CandleResult<Tensor> {
        let images = &batch.images;
        let noise = |draw: &mut dyn FnMut() -> f32| {
            let values: Vec<f32> = (0..images.elem_count()).map(|_| draw()).collect();
            Tensor::from_vec(values, images.shape(), images.device())?.broadcast_mul(&range.unit)
        };
        let perturbed = match self {
            Self::Noise { sigma } => {
                let normal = noise(&mut || StandardNormal.sample(rng))?;
                (images + (normal * sigma)?)?
            }
            Self::Fgsm { epsilon } => {
                let change = (grad_sign(network, images, batch)? * epsilon)?;
                (images + range.unit.broadcast_mul(&change)?)?
            }
            Self::Pgd { epsilon, steps } => {
                let reach = (&range.unit * epsilon)?;
                let (low, high) = (images.broadcast_sub(&reach)?, images.broadcast_add(&reach)?);
                let start = noise(&mut || rng.random_range(-1.0..=1.0))?;
                let mut now = range.clip(&(images + (start * epsilon)?)?)?;
                let step = 2.5 * epsilon / steps as f64;
                for _ in 0..steps {
                    let direction = (grad_sign(network, &now, batch)? * step)?;
                    now = (now + range.unit.broadcast_mul(&direction)?)?;
                    now = range.clip(&now.maximum(&low)?.minimum(&high)?)?;
                }
                now
            }
        };
        range.clip(&perturbed)
    }
}

/// Returns the sign of the gradient of the loss with respect to the images.
fn grad_sign(network: &dyn Network, images: &Tensor, batch: &Batch) -> CandleResult<Tensor> {
    let images = Var::from_tensor(&images.detach())?;
    let logits = network.forward_t(images.as_tensor(), false)?;
    let loss = cross_entropy(&logits, &batch.labels, 0.0)?;
    match horesnet::backward(&loss)?.remove(images.as_tensor()) {
        Some(gradient) => gradient.detach().sign(),
        None => bail!("images cannot be attacked: the loss does not depend on them"),
    }
}

/// The range of pixel values, in the units of normalised images.
#[derive(Clone, Debug)]
pub struct PixelRange {
    /// The length of the range in each channel: `[1, channels, 1, 1]`.
    unit: Tensor,
    low: Tensor,
    high: Tensor,
}

impl PixelRange {
    /// The range from 0 to `brightest`, normalised.
    pub fn new(
        normalisation: &Normalisation,
        brightest: u8,
        device: &Device,
    ) -> CandleResult<Self> {
        let brightest = f32::from(brightest);
        let of = |value: &dyn Fn(f32, f32) -> f32| {
            let channels = normalisation.channels();
            let values = channels.iter().map(|&(mean, std)| value(mean, std));
            Tensor::from_iter(values, device)?.reshape((1, channels.len(), 1, 1))
        };
        Ok(Self {
            unit: of(&|_, std| brightest / std)?,
            low: of(&|mean, std| -mean / std)?,
            high: of(&|mean, std| (brightest - mean) / std)?,
        })
    }

    fn clip(&self, images: &Tensor) -> CandleResult<Tensor> {
        let images = images.broadcast_maximum(&self.low)?;
        images.broadcast_minimum(&self.high)
    }
}

impl fmt::Display for Attack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Noise { sigma } => write!(f, "noise({})", Share(*sigma)),
            Self::Fgsm { epsilon } => write!(f, "fgsm({})", Share(*epsilon)),
            Self::Pgd { epsilon, steps } => write!(f, "pgd({}, {steps})", Share(*epsilon)),
        }
    }
}

/// A strength, displayed as a number of 255ths where it is one, as papers write it.
struct Share(f64);

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let levels = (self.0 * 255.0).round();
        if levels > 0.0 && levels / 255.0 == self.0 && self.0 < 1.0 {
            write!(f, "{levels}/255")
        } else {
            self.0.fmt(f)
        }
    }
}

impl FromStr for Attack {
    type Err = Error;

    /// Parses the format of [`Display`](fmt::Display); strengths are numbers or fractions, above 0 and at most 1.
    fn from_str(text: &str) -> Result<Self> {
        let wrong =
            |problem: &str| Error::setting("attacks", format!("`{text}` {problem}; write {FORMS}"));
        let open = text.trim().strip_suffix(')');
        let parts = open.and_then(|text| text.split_once('('));
        let (kind, arguments) = parts.ok_or_else(|| wrong("is not an attack"))?;
        let mut arguments = arguments.split(',').map(str::trim);
        let strength = arguments.next().and_then(share);
        let strength = strength.ok_or_else(|| wrong("has no strength above 0 and at most 1"))?;
        let steps = arguments.next().map(str::parse::<usize>);
        match (kind.trim(), steps, arguments.next()) {
            ("noise", None, None) => Ok(Self::Noise { sigma: strength }),
            ("fgsm", None, None) => Ok(Self::Fgsm { epsilon: strength }),
            ("pgd", Some(Ok(steps)), None) if (1..=1000).contains(&steps) => Ok(Self::Pgd {
                epsilon: strength,
                steps,
            }),
            ("pgd", ..) => Err(wrong("needs a number of steps from 1 to 1000")),
            _ => Err(wrong("is not an attack")),
        }
    }
}

const FORMS: &str =
    "`noise(sigma)`, `fgsm(epsilon)` or `pgd(epsilon, steps)`, such as `fgsm(8/255)`";

/// Parses `0.1` or `8/255`.
fn share(text: &str) -> Option<f64> {
    let number = |text: &str| text.trim().parse::<f64>().ok();
    let value = match text.split_once('/') {
        Some((over, under)) => number(over)? / number(under)?,
        None => number(text)?,
    };
    (value > 0.0 && value <= 1.0).then_some(value)
}

crate::choice::as_text!(Attack, FORMS.to_owned());
