//! Dropout and stochastic depth, in training only.
//!
//! The rest is scaled up, so that the mean is that of evaluation, where nothing is dropped.

use candle_core::{Result, Tensor};
use rand::RngExt;

use crate::state::TrainState;

/// The 32-bit words that a draw takes.
const WORDS: usize = 2;

/// Random zeros in a tensor.
#[derive(Clone, Debug)]
pub(crate) struct Dropout {
    /// Probability of a zero, from 0 to below 1.
    rate: f64,
    state: TrainState,
    /// The name of the layer, which chooses its stream of random numbers.
    layer: String,
}

impl Dropout {
    pub(crate) fn new(rate: f64, state: &TrainState, layer: impl Into<String>) -> Self {
        Self {
            rate,
            state: state.clone(),
            layer: layer.into(),
        }
    }

    /// Drops images of `xs` `[batch, …]`. Of the increment of a block this is stochastic depth (Huang et al., arXiv 1603.09382).
    pub(crate) fn drop_path(&self, xs: &Tensor) -> Result<Tensor> {
        let mut shape = vec![1; xs.rank()];
        if let Some(batch) = shape.first_mut() {
            *batch = xs.dim(0)?;
        }
        self.apply(xs, &shape)
    }

    /// Drops elements of `xs` in training (Srivastava et al. 2014).
    pub(crate) fn dropout(&self, xs: Tensor, train: bool) -> Result<Tensor> {
        if train {
            self.apply(&xs, xs.dims())
        } else {
            Ok(xs)
        }
    }

    fn apply(&self, xs: &Tensor, shape: &[usize]) -> Result<Tensor> {
        if self.rate == 0.0 {
            return Ok(xs.clone());
        }
        let each: usize = shape.iter().skip(1).product();
        let mut rng = self.state.rng(&self.layer, WORDS * each);
        let scale = 1.0 / (1.0 - self.rate);
        let mut draw = || {
            let kept = rng.random_range(0.0..1.0) >= self.rate;
            if kept { scale } else { 0.0 }
        };
        let factors: Vec<f64> = (0..shape.iter().product()).map(|_| draw()).collect();
        let factors = Tensor::from_vec(factors, shape, xs.device())?.to_dtype(xs.dtype())?;
        xs.broadcast_mul(&factors)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device, Result, Tensor};

    use super::Dropout;
    use crate::state::{TrainState, with_first_image};

    fn ones(shape: (usize, usize)) -> Tensor {
        Tensor::ones(shape, DType::F64, &Device::Cpu).unwrap()
    }

    #[test]
    fn the_rest_is_scaled_up() -> Result<()> {
        let ys =
            Dropout::new(0.2, &TrainState::default(), "head").dropout(ones((100, 100)), true)?;
        let kept = 1.0 / (1.0 - 0.2);
        for y in ys.flatten_all()?.to_vec1::<f64>()? {
            assert!(y == 0.0 || y == kept, "{y}");
        }
        // A standard deviation of the mean is 0.005.
        let mean = ys.mean_all()?.to_scalar::<f64>()?;
        assert!((mean - 1.0).abs() < 0.025, "{mean}");
        Ok(())
    }

    #[test]
    fn images_are_dropped_whole() -> Result<()> {
        let ys = Dropout::new(0.5, &TrainState::default(), "block").drop_path(&ones((40, 3)))?;
        let rows = ys.to_vec2::<f64>()?;
        assert!(rows.iter().all(|row| *row == [0.0; 3] || *row == [2.0; 3]));
        assert!(rows.iter().any(|row| row[0] == 0.0) && rows.iter().any(|row| row[0] == 2.0));
        Ok(())
    }

    #[test]
    fn parts_of_a_batch_draw_what_the_whole_draws() -> Result<()> {
        let dropout = Dropout::new(0.5, &TrainState::default(), "layer");
        let whole = dropout.dropout(ones((8, 5)), true)?;
        let part = with_first_image(3, || dropout.dropout(ones((4, 5)), true))?;
        assert_eq!(
            whole.narrow(0, 3, 4)?.to_vec2::<f64>()?,
            part.to_vec2::<f64>()?
        );
        Ok(())
    }

    #[test]
    fn draws_depend_on_seed_step_and_layer_alone() {
        let state = TrainState::default();
        let draw = |seed, step, layer: &str| {
            state.set(seed, step, 0.0);
            let ys = Dropout::new(0.5, &state, layer).dropout(ones((8, 8)), true);
            ys.unwrap().to_vec2::<f64>().unwrap()
        };
        let first = draw(1, 2, "a");
        for other in [draw(2, 2, "a"), draw(1, 3, "a"), draw(1, 2, "b")] {
            assert_ne!(first, other);
        }
        assert_eq!(first, draw(1, 2, "a"));
    }
}
