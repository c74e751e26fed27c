//! The layers in terms of candle's own, for devices and shapes that the fast ones do not cover.

use candle_core::{Result, Tensor};
use candle_nn::{BatchNorm, Conv2d, Module};

use super::cpu::window::{ConvShape, ConvWindow};
use super::{batch_norm, channels_first, channels_last};

/// `conv(xs)`, channels last; weights are rounded to the dtype of `xs`.
pub(crate) fn conv(layer: &Conv2d, xs: &Tensor) -> Result<Tensor> {
    let (xs, dtype) = (fill_up(layer, &channels_first(xs)?)?, xs.dtype());
    if layer.weight().dtype() == dtype {
        return channels_last(&layer.forward(&xs)?);
    }
    let bias = layer.bias().map(|bias| bias.to_dtype(dtype));
    let layer = Conv2d::new(
        layer.weight().to_dtype(dtype)?,
        bias.transpose()?,
        *layer.config(),
    );
    channels_last(&layer.forward(&xs)?)
}

/// Pads images so that the stride of a convolution leaves equally many rows and columns over.
///
/// Candle's backward pass of a convolution uses the remainder of the rows for both.
fn fill_up(layer: &Conv2d, xs: &Tensor) -> Result<Tensor> {
    let config = layer.config();
    let (_, _, kernel, _) = layer.weight().dims4()?;
    let reach = config.dilation * kernel.saturating_sub(1) + 1;
    let remainder = |size: usize| {
        let offsets = (size + 2 * config.padding).checked_sub(reach);
        offsets.map_or(0, |offsets| offsets % config.stride.max(1))
    };
    let (_, _, height, width) = xs.dims4()?;
    let (rows, columns) = (remainder(height), remainder(width));
    let most = rows.max(columns);
    xs.pad_with_zeros(2, 0, most - rows)?
        .pad_with_zeros(3, 0, most - columns)
}

/// `relu(norm(xs))`, channels last, computed in the dtype of the running statistics.
pub(crate) fn norm_relu(norm: &BatchNorm, xs: &Tensor, train: bool) -> Result<Tensor> {
    let wide = xs.to_dtype(norm.running_mean().dtype())?;
    // Candle's layer has channels in the second dimension.
    let pixels = wide.flatten_to(wide.rank().saturating_sub(2))?;
    let normal = batch_norm(norm, &pixels, train)?.relu()?;
    normal.reshape(xs.shape())?.to_dtype(xs.dtype())
}

/// Max pooling, channels last, along one axis after the other.
pub(crate) fn max_pool(xs: &Tensor, shape: ConvShape) -> Result<Tensor> {
    let rows = max_pool_1d(&xs.contiguous()?, 1, shape.window, shape.output.height)?;
    max_pool_1d(&rows, 2, shape.window, shape.output.width)
}

fn max_pool_1d(xs: &Tensor, axis: usize, window: ConvWindow, count: usize) -> Result<Tensor> {
    let padded = if window.padding == 0 {
        xs.clone()
    } else {
        let mut border = xs.dims().to_vec();
        border[axis] = window.padding;
        let border = Tensor::full(f32::NEG_INFINITY, border, xs.device())?.to_dtype(xs.dtype())?;
        Tensor::cat(&[&border, xs, &border], axis)?.contiguous()?
    };
    let shifted = |offset: usize| {
        let indices = (0..count).map(|i| (i * window.stride + offset) as u32);
        padded.index_select(&Tensor::from_iter(indices, xs.device())?, axis)
    };
    (1..window.kernel).try_fold(shifted(0)?, |max, offset| max.maximum(&shifted(offset)?))
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device, Result, Tensor, Var};
    use candle_nn::{
        Conv2d, Conv2dConfig, Module, ModuleT, VarBuilder, VarMap, batch_norm, conv2d,
    };

    use super::max_pool;
    use crate::layers::NormRelu;
    use crate::layers::cpu::window::{ConvShape, ConvWindow, Extent};

    #[test]
    fn windows_have_the_largest_numbers_and_their_gradients() -> Result<()> {
        for (kernel, stride, padding) in [(3, 2, 1), (2, 2, 0), (3, 1, 1), (1, 1, 0), (5, 3, 2)] {
            let window = ConvWindow {
                kernel,
                stride,
                padding,
            };
            let input = Extent {
                height: 7,
                width: 9,
                channels: 3,
            };
            let xs = Var::randn(0f32, 1.0, (2, 7, 9, 3), &Device::Cpu)?;
            let shape = ConvShape::new(window, input, 3)?;
            let reference = max_pool(xs.as_tensor(), shape)?;
            let fast = crate::layers::max_pool(xs.as_tensor(), kernel, stride, padding)?;
            assert_eq!(values(&reference)?, values(&fast)?);
            let gradient = |ys: &Tensor| values(ys.sqr()?.sum_all()?.backward()?.get(&xs).unwrap());
            for (reference, fast) in std::iter::zip(gradient(&reference)?, gradient(&fast)?) {
                assert!((reference - fast).abs() < 1e-5, "{reference}, {fast}");
            }
        }
        Ok(())
    }

    /// Asserts that two ways to compute a function of variables agree in results and all gradients.
    fn expect_equal(
        vars: &[&Var],
        reference: impl Fn() -> Result<Tensor>,
        fast: impl Fn() -> Result<Tensor>,
    ) -> Result<()> {
        let found = |ys: Tensor| -> Result<Vec<Vec<f32>>> {
            let gradients = crate::autograd::backward(&ys.sqr()?.sum_all()?)?;
            let mut all = vec![values(&ys)?];
            for var in vars {
                all.push(values(gradients.get(var.as_tensor()).expect("a gradient"))?);
            }
            Ok(all)
        };
        for (reference, fast) in std::iter::zip(found(reference()?)?, found(fast()?)?) {
            assert_eq!(reference.len(), fast.len());
            let largest = fast.iter().fold(1.0, |most: f32, x| most.max(x.abs()));
            for (reference, fast) in std::iter::zip(reference, fast) {
                assert!(
                    (reference - fast).abs() < 1e-5 * largest,
                    "{reference}, {fast}"
                );
            }
        }
        Ok(())
    }

    #[test]
    fn convolutions_are_the_fast_ones_for_images_of_any_shape() -> Result<()> {
        for (kernel, stride, padding) in [(3, 1, 1), (3, 2, 1), (1, 2, 0), (3, 3, 0), (5, 4, 2)] {
            for (height, width) in [(7, 8), (8, 7), (9, 6), (8, 8)] {
                let config = Conv2dConfig {
                    padding,
                    stride,
                    ..Conv2dConfig::default()
                };
                let xs = Var::randn(0f32, 1.0, (2, height, width, 3), &Device::Cpu)?;
                let weights = Var::randn(0f32, 1.0, (5, 3, kernel, kernel), &Device::Cpu)?;
                let layer = Conv2d::new(weights.as_tensor().clone(), None, config);
                let fast = crate::layers::Conv2d::from(layer.clone());
                expect_equal(
                    &[&xs, &weights],
                    || super::conv(&layer, xs.as_tensor()),
                    || fast.forward(xs.as_tensor()),
                )?;
            }
        }
        Ok(())
    }

    #[test]
    fn norms_are_the_fast_ones_for_any_number_of_dimensions() -> Result<()> {
        for shape in [vec![6, 3], vec![2, 5, 3], vec![2, 4, 5, 3]] {
            let xs = Var::randn(0f32, 1.0, shape, &Device::Cpu)?;
            let layer = || {
                let vb = VarBuilder::from_varmap(&VarMap::new(), DType::F32, &Device::Cpu);
                batch_norm(3, 1e-5, vb)
            };
            for train in [true, false] {
                expect_equal(
                    &[&xs],
                    || super::norm_relu(&layer()?, xs.as_tensor(), train),
                    || NormRelu::from(layer()?).forward_t(xs.as_tensor(), train),
                )?;
            }
        }
        Ok(())
    }

    #[test]
    fn layers_with_weights_of_another_type_round_to_that_of_the_input() -> Result<()> {
        let variables = VarMap::new();
        let vb = VarBuilder::from_varmap(&variables, DType::F64, &Device::Cpu);
        let conv = conv2d(3, 5, 3, Conv2dConfig::default(), vb.pp("conv"))?;
        let norm = batch_norm(3, 1e-5, vb.pp("norm"))?;
        let xs = Tensor::randn(0f64, 1.0, (2, 6, 7, 3), &Device::Cpu)?;
        // Candle has no product of 16-bit matrices on the CPU, so 32 bits stand in for 16.
        let half = xs.to_dtype(DType::F32)?;
        let pairs = [
            (super::conv(&conv, &xs)?, super::conv(&conv, &half)?),
            (
                super::norm_relu(&norm, &xs, true)?,
                super::norm_relu(&norm, &half, true)?,
            ),
        ];
        for (full, half) in pairs {
            assert_eq!((full.dtype(), half.dtype()), (DType::F64, DType::F32));
            let apart = (&full - half.to_dtype(DType::F64)?)?.abs()?.max_all()?;
            let largest = full.abs()?.max_all()?.to_scalar::<f64>()?;
            let apart = apart.to_scalar::<f64>()? / largest;
            assert!(apart > 0.0 && apart < 1e-6, "{apart}");
        }
        Ok(())
    }

    fn values(tensor: &Tensor) -> Result<Vec<f32>> {
        tensor.flatten_all()?.to_vec1()
    }
}
