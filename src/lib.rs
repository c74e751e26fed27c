//! HoresNet turns Butcher tableaux into residual blocks for [candle](candle_core).
//!
//! A residual block `x + F(x)` is one step of Euler's method. [`ho_block!`] generates a block that takes a step of any
//! explicit Runge–Kutta scheme, after proving the scheme's order. This page goes from a block to a trained network.
//!
//! # A block
//!
//! `ho_block!(rk4)` reads the bundled tableau `rk4` and generates the type `Rk4<F>`. `F` is the residual function: any
//! [`ModuleT`], such as a layer or a closure.
//!
//! ```
//! use horesnet::{Result, Tensor, candle_core::Device, ho_block};
//!
//! ho_block!(rk4);
//!
//! # fn main() -> Result<()> {
//! // One function for all stages: a step for the differential equation x′ = −x.
//! let block = Rk4::shared(|x: &Tensor| x.neg());
//! let x = Tensor::new(&[1.0, 2.0], &Device::Cpu)?;
//! let y = block.step(0.1, &x)?.to_vec1::<f64>()?;
//! assert!((y[0] - (-0.1_f64).exp()).abs() < 1e-6);
//! assert_eq!((Rk4::<()>::ORDER, Rk4::<()>::STAGES), (4, 4));
//! # Ok(())
//! # }
//! ```
//!
//! # A network, trained
//!
//! In a network, each stage has its own layers. `build` makes them one by one. A block is a [`ModuleT`], so it goes wherever
//! a layer goes, and into another block: `Rk4<Midpoint<F>>`. Train with any [`candle_nn::Optimizer`]. [`backward`] takes the
//! place of [`Tensor::backward`]: both give the same gradients, and `backward` sums those of stages and fast layers in fewer
//! passes over memory.
//!
//! ```
//! use horesnet::candle_core::{D, DType, Device};
//! use horesnet::candle_nn::{Activation, AdamW, Linear, Optimizer, ParamsAdamW, Sequential, VarBuilder, VarMap};
//! use horesnet::candle_nn::{linear, loss, seq};
//! use horesnet::{ModuleT, Result, Tensor, backward, ho_block};
//!
//! ho_block!(rk4);
//!
//! /// Two features to two classes: a layer in, two RK4 blocks, a layer out.
//! struct Net {
//!     stem: Linear,
//!     blocks: Vec<Rk4<Sequential>>,
//!     head: Linear,
//! }
//!
//! impl Net {
//!     fn new(vb: VarBuilder) -> Result<Self> {
//!         let stage = |vb: VarBuilder| Ok(seq().add(linear(8, 8, vb)?).add(Activation::Swish));
//!         let block = |i: usize| Rk4::build(|j| stage(vb.pp(format!("blocks.{i}.{j}"))));
//!         Ok(Self {
//!             stem: linear(2, 8, vb.pp("stem"))?,
//!             blocks: (0..2).map(block).collect::<Result<_>>()?,
//!             head: linear(8, 2, vb.pp("head"))?,
//!         })
//!     }
//! }
//!
//! impl ModuleT for Net {
//!     fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
//!         let mut xs = self.stem.forward_t(xs, train)?; // [batch, 8]
//!         for block in &self.blocks {
//!             xs = block.forward_t(&xs, train)?;
//!         }
//!         self.head.forward_t(&xs, train) // [batch, classes]
//!     }
//! }
//!
//! # fn main() -> Result<()> {
//! // Points of a square; those within a circle are class 1.
//! let grid = |i: u16| f32::from(i) / 10.0 - 1.0;
//! let points: Vec<Vec<f32>> = (0..=20).flat_map(|i| (0..=20).map(move |j| vec![grid(i), grid(j)])).collect();
//! let classes: Vec<u32> = points.iter().map(|p| u32::from(p[0] * p[0] + p[1] * p[1] < 0.6)).collect();
//! let points = Tensor::new(points, &Device::Cpu)?; // [441, 2]
//! let classes = Tensor::new(classes, &Device::Cpu)?;
//!
//! let variables = VarMap::new();
//! let net = Net::new(VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu))?;
//! let settings = ParamsAdamW { lr: 0.02, ..Default::default() };
//! let mut optimizer = AdamW::new(variables.all_vars(), settings)?;
//! for _epoch in 0..200 {
//!     let logits = net.forward_t(&points, true)?;
//!     let loss = loss::cross_entropy(&logits, &classes)?;
//!     optimizer.step(&backward(&loss)?)?;
//! }
//!
//! let predicted = net.forward_t(&points, false)?.argmax(D::Minus1)?;
//! let right = predicted.eq(&classes)?.to_dtype(DType::F32)?.mean_all()?.to_scalar::<f32>()?;
//! assert!(right > 0.95, "{right}");
//! # Ok(())
//! # }
//! ```
//!
//! The crate `horesnet-train` has this ready-made for images: `HoResNet` networks, data sets, an SGD optimizer, checkpoints
//! and reports. The program `horesnet` runs it: `horesnet train`.
//!
//! # Where to go from here
//!
//! | to | see |
//! |---|---|
//! | choose a scheme, or use one from your own file | [`ho_block!`], [`for_each_scheme!`] |
//! | set the step size: constant, decaying, learned, adaptive | [`Decaying`], [`Annealed`], [`Learned`], [`Adaptive`] |
//! | write code for any scheme | [`Block`], [`Tableau`], [`Coefficients`] |
//! | nest a block inside a wrapper or a trait object | [`Increment`] |
//! | train networks for images faster on the CPU: fused convolution, batch norm, `ReLU` and pooling | [`layers`], [`backward`] |
//! | share weights between depths by interpolation | [`Interpolated`], [`Grid`] |
//! | form weighted sums of tensors in one pass | [`combine`], [`weighted_sum`], [`Operand`] |
//! | run on a GPU | [`gpu`] |
//! | write a tableau file | [the tableau language](https://github.com/horesnet/horesnet/blob/main/docs/language.md) |
//! | check, analyse, repair and draw schemes | the program `horesnet`: `cargo install --locked horesnet-cli` |
//! | know what a network costs, or how fast it is | [costs](https://github.com/horesnet/horesnet/blob/main/docs/complexity.md), [performance](https://github.com/horesnet/horesnet/blob/main/docs/performance.md) |
//! | know which published tableaux are wrong | [found](https://github.com/horesnet/horesnet/blob/main/docs/found.md) |
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `cuda` | blocks on NVIDIA's GPUs; building needs the [CUDA toolkit](https://github.com/horesnet/horesnet/blob/main/docs/gpu.md) |
//! | `cudnn` | the same, with convolutions by cuDNN |
//!
//! No feature is on by default.

pub use horesnet_runtime::*;

/// Compiles the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
