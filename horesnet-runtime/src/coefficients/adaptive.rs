//! Adaptive coefficients: steps are scaled down where their error estimate is too large.

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{DType, Error, Result, Tensor};

use super::{Coefficients, Step, Tableau, step_size};
use crate::autograd::is_replayed;

/// Coefficients that scale a step down where its estimated error exceeds a tolerance.
///
/// The step is `y = x + φ·Σ bᵢkᵢ`. The factor `φ` is 1 as long as the error that the embedded weights estimate is within the
/// tolerance, and smaller beyond it.
///
/// The norm of the estimate `e = Σ (bᵢ − b̂ᵢ)kᵢ` is the root mean square of `e/(1 + |x|)` over all but the first dimension,
/// so each sample of a batch has its own factor. With [`per_batch`](Self::per_batch), the mean is over the whole batch. The
/// factor is that of the usual step size controller (Hairer, Nørsett, Wanner 1993, §II.4, (4.13)),
///
/// ```text
/// φ = clamp((tolerance/‖e‖)^(1/(q + 1)), 1/5, 1)     q the lower of the two orders
/// ```
///
/// with two differences, because a block is evaluated only once. The factor never exceeds 1. And it has no safety factor: in
/// a solver, that makes it likely that a repeated step is accepted; here, it would make `φ` jump where the error leaves the
/// tolerance.
///
/// Gradients flow through `φ` too. A solver of differential equations repeats a step until it is accepted; here, the output
/// depends on `φ`, and a gradient without that dependence would be wrong. `φ` is constant where it is 1 or at its minimum.
///
/// The estimate is meaningful only for a block whose stages share one residual function: over unrelated functions, the
/// difference of the two rows of weights is not an error. Blocks with separate functions are therefore refused, and so are
/// schemes without embedded weights.
///
/// ```
/// # use horesnet_runtime as horesnet;
/// use horesnet::candle_core::{Device, Result, Tensor};
/// use horesnet::ho_block;
///
/// ho_block!(dopri5, coefficients = adaptive(1e-2));
///
/// # fn main() -> Result<()> {
/// // x′ = −cx: slow for the first sample, much too fast for the second.
/// let rates = Tensor::new(&[[0.5], [50.0]], &Device::Cpu)?;
/// let block = Dopri5::shared(move |x: &Tensor| x * rates.neg()?);
/// let y = block.increment(&Tensor::new(&[[1.0], [1.0]], &Device::Cpu)?)?;
/// let control = block.coefficients().last().unwrap();
/// assert_eq!(control.factors, [1.0, 0.2]);
/// assert!(control.errors[0] < 1e-2 && control.errors[1] > 1e-2);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Adaptive {
    tolerance: f64,
    batch: bool,
    last: Arc<Mutex<Option<Control>>>,
}

/// The error estimate of a block's last evaluation, per sample or for the batch.
#[derive(Clone, Debug, PartialEq)]
pub struct Control {
    /// `‖e‖`; NaN where a stage was NaN.
    pub errors: Vec<f64>,
    /// `φ`.
    pub factors: Vec<f64>,
}

/// The smallest factor, as in the authors' own programs (Hairer, Nørsett, Wanner 1993, appendix, `DOPRI5`).
const LEAST: f64 = 0.2;

impl Adaptive {
    /// Creates coefficients with a factor for each sample: 1 as long as its error norm is at most `tolerance`.
    #[must_use]
    pub fn new(tolerance: f64) -> Self {
        Self {
            tolerance,
            batch: false,
            last: Arc::default(),
        }
    }

    /// Uses one factor for all samples of a batch.
    #[must_use]
    pub fn per_batch(self) -> Self {
        Self {
            batch: true,
            ..self
        }
    }

    /// Returns the error estimate of the last evaluation of any block with these coefficients or a clone of them.
    ///
    /// `None` before the first evaluation; an empty batch does not count as one.
    #[must_use]
    pub fn last(&self) -> Option<Control> {
        self.last
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// `φ − 1` for each sample of `x`, in a shape that broadcasts to `x`; `None` if every `φ` is 1.
    pub(crate) fn excess(
        &self,
        x: &Tensor,
        error: &Tensor,
        tableau: Tableau,
    ) -> Result<Option<Tensor>> {
        if x.elem_count() == 0 {
            return Ok(None);
        }
        let squares = self.squares(x, error)?;
        let (errors, factors, phi) = self.factors(&squares, tableau)?;
        let within = factors.iter().all(|factor| *factor == 1.0);
        if !is_replayed() {
            *self.last.lock().unwrap_or_else(PoisonError::into_inner) =
                Some(Control { errors, factors });
        }
        if within {
            return Ok(None);
        }
        let mut shape = vec![1; x.rank()];
        if let Some(samples) = shape.first_mut() {
            *samples = phi.elem_count();
        }
        (phi.reshape(shape)? - 1.0)?.to_dtype(x.dtype()).map(Some)
    }

    /// `‖e‖²` of each sample, in `f64`: squares of numbers of the other dtypes cannot overflow there.
    fn squares(&self, x: &Tensor, error: &Tensor) -> Result<Tensor> {
        let samples = match x.dims().first() {
            Some(samples) if !self.batch => *samples,
            _ => 1,
        };
        let scale = (x.to_dtype(DType::F64)?.abs()? + 1.0)?;
        let relative = (error.to_dtype(DType::F64)? / scale)?;
        relative.reshape((samples, ()))?.sqr()?.mean(1)
    }

    /// `‖e‖` and `φ` of each sample, and `φ` in candle's graph.
    fn factors(&self, squares: &Tensor, tableau: Tableau) -> Result<(Vec<f64>, Vec<f64>, Tensor)> {
        let Some(embedded) = tableau.embedded_order() else {
            return Err(lacking(tableau));
        };
        let order = tableau.order().min(embedded);
        let power = 0.5 / (order + 1) as f64;
        let values = squares.to_vec1::<f64>()?;
        let allowed = self.tolerance * self.tolerance;
        // A square may be infinite, or NaN if a stage is infinite: both count as far beyond the tolerance.
        let factor = |square: f64| {
            if square <= allowed {
                1.0
            } else {
                (allowed / square).powf(power).max(LEAST)
            }
        };
        let factors: Vec<f64> = values.iter().map(|square| factor(*square)).collect();
        let moves: Vec<u8> = factors
            .iter()
            .map(|factor| u8::from(*factor < 1.0 && *factor > LEAST))
            .collect();
        let device = squares.device();
        let count = values.len();
        let moves = Tensor::from_vec(moves, count, device)?;
        let constant = Tensor::from_vec(factors.clone(), count, device)?;
        // Where the factor is constant, its formula may be infinite, and so may its derivative.
        let tame = moves.where_cond(squares, &squares.ones_like()?)?;
        let formula = (tame / allowed)?.powf(-power)?;
        let phi = moves.where_cond(&formula, &constant)?;
        Ok((values.into_iter().map(f64::sqrt).collect(), factors, phi))
    }
}

impl Coefficients for Adaptive {
    fn of(&self, tableau: Tableau) -> Result<Step<'_>> {
        match tableau.embedded_order() {
            Some(_) => Ok(Step::controlled(self, tableau)),
            None => Err(lacking(tableau)),
        }
    }

    /// Returns `h`, which is 1, and, once a block has been evaluated, the smallest factor `φ` and the largest `error`.
    fn values(&self) -> Result<Vec<(String, f64)>> {
        let mut values = vec![step_size(1.0)];
        if let Some(Control { errors, factors }) = self.last() {
            let least = factors.into_iter().fold(1.0, f64::min);
            let largest = errors.into_iter().fold(0.0, f64::max);
            values.push(("φ".to_owned(), least));
            values.push(("error".to_owned(), largest));
        }
        Ok(values)
    }
}

fn lacking(tableau: Tableau) -> Error {
    Error::Msg(format!(
        "adaptive coefficients need embedded weights, which estimate the error, and {} has none: use a scheme that has \
         them, such as heun2, bogacki_shampine3, dopri5 or verner8",
        tableau.name()
    ))
    .bt()
}
