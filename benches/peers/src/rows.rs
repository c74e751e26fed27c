//! The rows of the table, each implemented for both Rust peers, side by side.
//!
//! Inputs come from a formula, so the few numbers that summarise a row's results must agree between all peers.

use std::hint::black_box;

use candle_core::{DType, Shape, Tensor, Var};
use candle_nn::{BatchNorm, Conv2d, Conv2dConfig, Module, ModuleT};
use horesnet::layers::{self, NormRelu, channels_last};
use horesnet::{Operand, combine};
use horesnet_train::Precision;

use crate::model::Model;
use crate::network::combination;
use crate::request::Row;
use crate::{Layers, Peer, Result};

/// One repetition of a row.
pub(crate) type Work = Box<dyn FnMut() -> Result<()>>;

type Forward = Box<dyn Fn(&[Tensor]) -> Result<Tensor>>;

/// Prepares a row, and returns it with the mean squares of its result and of its gradients.
pub(crate) fn prepare(peer: &Peer, row: &Row) -> Result<(Work, Vec<f64>)> {
    match row {
        Row::Combination {
            terms,
            shape,
            backward,
        } => ready(combination_of(peer, *terms, *shape, *backward)?),
        Row::Convolution {
            batch,
            channels,
            size,
            backward,
        } => ready(convolution(
            peer,
            [*batch, *channels, *size, *size],
            *backward,
        )?),
        Row::Norm {
            batch,
            channels,
            size,
            backward,
        } => ready(norm(peer, [*batch, *channels, *size, *size], *backward)?),
        Row::Network { network, train } => {
            let mut model = Model::load(peer, network, DType::F32)?;
            let train = *train;
            let work = move || {
                if train {
                    model.train()?;
                } else {
                    black_box(model.evaluate()?);
                }
                Ok(())
            };
            Ok((Box::new(work), Vec::new()))
        }
    }
}

/// A function of inputs. With `backward`, a repetition also computes the gradients of the sum of its result.
struct Job {
    peer: Peer,
    inputs: Vec<Tensor>,
    backward: bool,
    forward: Forward,
}

fn ready(job: Job) -> Result<(Work, Vec<f64>)> {
    let result = (job.forward)(&job.inputs)?;
    let mut fingerprint = vec![mean_square(&result)?];
    if job.backward {
        let gradients = job.peer.backward(&result.sum_all()?)?;
        for input in &job.inputs {
            let gradient = gradients.get(input).ok_or("an input has no gradient")?;
            fingerprint.push(mean_square(gradient)?);
        }
    }
    let work = move || {
        let result = (job.forward)(&job.inputs)?;
        if job.backward {
            black_box(job.peer.backward(&result.sum_all()?)?);
        } else {
            black_box(result);
        }
        Ok(())
    };
    Ok((Box::new(work), fingerprint))
}

fn combination_of(peer: &Peer, terms: usize, shape: [usize; 4], backward: bool) -> Result<Job> {
    let inputs = (0..=terms)
        .map(|salt| activation(peer, &values(peer, &shape, salt)?, backward))
        .collect::<Result<_>>()?;
    let coefficients: Vec<f64> = (0..terms).map(|i| 1.0 / (i as f64 + 2.0)).collect();
    Ok(Job {
        peer: peer.clone(),
        inputs,
        backward,
        forward: match peer.layers {
            Layers::Candle => Box::new(move |inputs| {
                let (x, ks) = inputs.split_first().ok_or("no operands")?;
                Ok(combination(x, &coefficients, ks)?)
            }),
            Layers::Horesnet => Box::new(move |inputs| {
                // Made anew each time, as in blocks, where the values are new each time.
                let operands = inputs
                    .iter()
                    .map(|tensor| Operand::new(tensor.clone()))
                    .collect::<candle_core::Result<Vec<_>>>()?;
                let (x, ks) = operands.split_first().ok_or("no operands")?;
                let terms: Vec<_> = coefficients.iter().copied().zip(ks).collect();
                Ok(combine(x, &terms)?)
            }),
        },
    })
}

fn convolution(peer: &Peer, shape: [usize; 4], backward: bool) -> Result<Job> {
    let channels = shape[1];
    let config = Conv2dConfig {
        padding: 1,
        ..Conv2dConfig::default()
    };
    let kernel = input(values(peer, &[channels, channels, 3, 3], 1)?, backward)?;
    let layer = Conv2d::new(kernel.clone(), None, config);
    Ok(Job {
        peer: peer.clone(),
        inputs: vec![image(peer, shape, backward)?, kernel],
        backward,
        forward: match peer.layers {
            Layers::Candle => Box::new(move |inputs| Ok(layer.forward(&inputs[0])?)),
            Layers::Horesnet => {
                let layer = layers::Conv2d::from(layer);
                Box::new(move |inputs| Ok(layer.forward(&inputs[0])?))
            }
        },
    })
}

fn norm(peer: &Peer, shape: [usize; 4], backward: bool) -> Result<Job> {
    let channels = shape[1];
    let scale = input((values(peer, &[channels], 1)? + 1.0)?, backward)?;
    let shift = input(values(peer, &[channels], 2)?, backward)?;
    let (mean, variance) = (
        values(peer, &[channels], 3)?,
        (values(peer, &[channels], 4)? + 1.0)?,
    );
    let layer = BatchNorm::new(channels, mean, variance, scale.clone(), shift.clone(), 1e-5)?;
    Ok(Job {
        peer: peer.clone(),
        inputs: vec![image(peer, shape, backward)?, scale, shift],
        backward,
        forward: match peer.layers {
            Layers::Candle => {
                Box::new(move |inputs| Ok(layer.forward_t(&inputs[0], true)?.relu()?))
            }
            Layers::Horesnet => {
                let layer = NormRelu::from(layer);
                Box::new(move |inputs| Ok(layer.forward_t(&inputs[0], true)?))
            }
        },
    })
}

/// `[batch, channels, height, width]` in the layout of a peer.
fn image(peer: &Peer, shape: [usize; 4], tracked: bool) -> Result<Tensor> {
    let values = values(peer, &shape, 0)?;
    let laid_out = match peer.layers {
        Layers::Candle => values,
        Layers::Horesnet => channels_last(&values)?,
    };
    activation(peer, &laid_out, tracked)
}

fn activation(peer: &Peer, values: &Tensor, tracked: bool) -> Result<Tensor> {
    let dtype = match peer.precision {
        Precision::Full => DType::F32,
        Precision::Bf16 => DType::BF16,
    };
    input(values.to_dtype(dtype)?, tracked)
}

fn input(values: Tensor, tracked: bool) -> Result<Tensor> {
    Ok(if tracked {
        Var::from_tensor(&values)?.into_inner()
    } else {
        values
    })
}

/// Numbers in `[−½, ½)` that every peer can reproduce: multiples of one prime modulo another.
fn values(peer: &Peer, shape: &[usize], salt: usize) -> Result<Tensor> {
    let shape = Shape::from(shape);
    let value = |i| ((i * 7919 + salt * 31) % 1009) as f32 / 1009.0 - 0.5;
    let values: Vec<f32> = (0..shape.elem_count()).map(value).collect();
    Ok(Tensor::from_vec(values, shape, &peer.device)?)
}

fn mean_square(tensor: &Tensor) -> Result<f64> {
    let tensor = tensor.to_dtype(DType::F64)?;
    Ok(tensor.sqr()?.mean_all()?.to_scalar()?)
}
