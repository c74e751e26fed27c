//! Networks at inference as data: a tree of modules with their weights, from which exports are written.
//!
//! Names and shapes of weights are `PyTorch`'s; images are `[batch, channels, height, width]`.

use candle_core::{Result as CandleResult, Tensor};
use candle_nn::BatchNorm;
use horesnet::{Coefficients, Tableau};

use crate::error::{Error, Result};

/// A module: its kind, weights and submodules. Dropout and stochastic depth are left out.
///
/// ```
/// use candle_core::{DType, Device};
/// use horesnet_train::spec::ModuleSpec;
/// use horesnet_train::{Describe, HoResNetConfig, Variables};
///
/// let vb = Variables::seeded(0).builder(DType::F32, &Device::Cpu);
/// let network = HoResNetConfig { widths: vec![8], blocks: vec![1], ..Default::default() }.build(vb)?;
/// let ModuleSpec::Sequence(layers) = network.spec()? else { panic!("a network is a sequence") };
/// let names: Vec<&str> = layers.iter().map(|(name, _)| name.as_str()).collect();
/// assert_eq!(names, ["stem", "group1.block1", "head"]);
/// # Ok::<(), horesnet_train::Error>(())
/// ```
#[derive(Clone, Debug)]
pub enum ModuleSpec {
    /// A convolution.
    Conv(ConvSpec),
    /// A linear layer, of weights `[out, in]`, over the last dimension.
    Linear(Affine),
    /// Batch norm over channels, with its running statistics.
    BatchNorm(BatchNormSpec),
    /// Group norm over channels.
    GroupNorm {
        /// The number of groups, which divides the channels.
        groups: usize,
        /// Scale and shift of each channel.
        affine: Affine,
        /// Added to variances before their roots are taken.
        eps: f64,
    },
    /// Layer norm over the last dimension.
    LayerNorm {
        /// Scale and shift of each number of a token.
        affine: Affine,
        /// Added to variances before their roots are taken.
        eps: f64,
    },
    /// `max(x, 0)`.
    Relu,
    /// `x·Φ(x)` with the distribution function Φ of the standard normal.
    Gelu,
    /// `x/(1 + e⁻ˣ)`.
    Silu,
    /// The largest pixel of each window.
    MaxPool {
        /// Height and width of a window.
        kernel: usize,
        /// The distance of windows.
        stride: usize,
        /// Pixels at each edge that are ignored.
        padding: usize,
    },
    /// The mean of each 2×2 pixels; at an odd edge, of fewer.
    MeanPool,
    /// The mean over pixels, to `[batch, channels]`.
    PixelMean,
    /// The mean over tokens, `[batch, tokens, width]` to `[batch, width]`.
    TokenMean,
    /// `x·σ(up(relu(down(mean(x)))))`, a weight for each channel.
    SqueezeExcite {
        /// To fewer channels.
        down: Affine,
        /// Back to all channels.
        up: Affine,
    },
    /// Patches of an image, row by row, through a linear layer, plus their positions: `[batch, tokens, width]`.
    Patches {
        /// Height and width of a patch.
        patch: usize,
        /// The linear layer, of weights `[width, channels·patch·patch]`.
        linear: Affine,
        /// The positions, `[tokens, width]`.
        position: Tensor,
    },
    /// Multi-head attention of queries, keys and values side by side, `[batch, tokens, 3·width]` to `[batch, tokens, width]`.
    Attention {
        /// The number of heads, which divides the width.
        heads: usize,
        /// The width of each.
        width: usize,
    },
    /// `f(x) + g(x + f(x))` for the increments of two blocks.
    Encoder {
        /// The block of `f`.
        attention: BlockSpec,
        /// The block of `g`.
        perceptron: BlockSpec,
    },
    /// A block.
    Block(BlockSpec),
    /// One module after another, by name.
    Sequence(Vec<(String, ModuleSpec)>),
}

/// A square convolution without bias.
#[derive(Clone, Debug)]
pub struct ConvSpec {
    /// `[out, in, kernel, kernel]`
    pub weight: Tensor,
    /// The stride.
    pub stride: usize,
    /// Zeros at each edge.
    pub padding: usize,
}

/// Batch norm with running statistics, each `[channels]`.
#[derive(Clone, Debug)]
pub struct BatchNormSpec {
    /// Scale and shift.
    pub affine: Affine,
    /// The running mean.
    pub mean: Tensor,
    /// The running variance.
    pub variance: Tensor,
    /// Added to variances before their roots are taken.
    pub eps: f64,
}

/// A weight and a bias.
#[derive(Clone, Debug)]
pub struct Affine {
    /// The factors.
    pub weight: Tensor,
    /// The summands.
    pub bias: Tensor,
}

/// A step of a Runge–Kutta scheme, or of nested ones.
#[derive(Clone, Debug)]
pub struct BlockSpec {
    /// The schemes, the outermost first. Inner ones contribute their increments.
    pub steps: Vec<StepSpec>,
    /// The residual functions by name, `stage1.stage2`, in order of evaluation; a single one is that of all stages.
    pub functions: Vec<(String, ModuleSpec)>,
    /// Channels before and after, if the block down-samples: its first residual function reads its input, and all else the
    /// shortcut, every second pixel between channels of zeros.
    pub shortcut: Option<[usize; 2]>,
    /// The activation after the block.
    pub activation: Option<Box<ModuleSpec>>,
}

/// The coefficients of a step at inference: `kᵢ = Fᵢ(x + Σ aᵢⱼkⱼ)`, and the increment `Σ bᵢkᵢ`.
#[derive(Clone, Debug, PartialEq)]
pub struct StepSpec {
    /// The non-zero `h·aᵢⱼ` of each stage.
    pub stages: Vec<Terms>,
    /// The non-zero `h·bᵢ`.
    pub weights: Terms,
}

/// Stages, counted from 0, and their coefficients.
pub type Terms = Vec<(usize, f64)>;

/// A module that describes itself as data.
pub trait Specify {
    /// Describes the module at inference.
    ///
    /// # Errors
    /// A module that cannot be described.
    fn spec(&self) -> Result<ModuleSpec>;
}

impl ModuleSpec {
    /// A batch norm.
    pub(crate) fn batch_norm(norm: &BatchNorm) -> CandleResult<Self> {
        let mean = norm.running_mean();
        let affine = match norm.weight_and_bias() {
            Some((weight, bias)) => Affine::of(weight, bias),
            None => Affine::of(&mean.ones_like()?, &mean.zeros_like()?),
        };
        Ok(Self::BatchNorm(BatchNormSpec {
            affine,
            mean: mean.clone(),
            variance: norm.running_var().clone(),
            eps: norm.eps(),
        }))
    }

    /// Modules with names, one after another.
    pub(crate) fn sequence<const N: usize>(modules: [(&str, Self); N]) -> Self {
        let named = modules.map(|(name, module)| (name.to_owned(), module));
        Self::Sequence(named.into())
    }
}

impl Affine {
    pub(crate) fn of(weight: &Tensor, bias: &Tensor) -> Self {
        Self {
            weight: weight.clone(),
            bias: bias.clone(),
        }
    }
}

impl StepSpec {
    /// The coefficients of a block, without those that are zero in its tableau or in all members of its family.
    ///
    /// # Errors
    /// [`Error::Setting`] for coefficients that are not finite, or that depend on the input of the block.
    pub fn new(coefficients: &dyn Coefficients, tableau: Tableau) -> Result<Self> {
        let step = coefficients.of(tableau)?;
        if step.is_adaptive() {
            let problem = "adaptive coefficients depend on the image, and an exported network has constants; train with \
                           fixed, decaying or learned ones, or export a folder for model hubs (`--to hub`), which \
                           HoresNet runs";
            return Err(Error::setting("coefficients", problem));
        }
        let stages = 1..=tableau.stages();
        let row = |i| {
            let row = (1..i).filter(move |j| tableau.is_used(i, *j));
            row.map(|j| (j - 1, step.a(i, j).value())).collect()
        };
        let row_of_weights = tableau.stages() + 1;
        let weights = stages
            .clone()
            .filter(|i| tableau.is_used(row_of_weights, *i));
        let spec = Self {
            weights: weights.map(|i| (i - 1, step.b(i).value())).collect(),
            stages: stages.map(row).collect(),
        };
        let all = spec.stages.iter().chain([&spec.weights]).flatten();
        if let Some((_, value)) = { all }.find(|(_, value)| !value.is_finite()) {
            let problem = format!("a coefficient of {} is {value}", tableau.name());
            return Err(Error::setting("coefficients", problem));
        }
        Ok(spec)
    }
}
