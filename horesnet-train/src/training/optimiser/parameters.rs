//! The variables of an optimiser, with their decays and moments.

use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, DType, Result, Storage, Tensor, Var, bail};

use super::inplace;

/// Last parts of the names of coefficients that blocks learn.
const COEFFICIENTS: [&str; 3] = ["h", "coefficients", "parameters"];

/// Returns true if a variable of this name is a coefficient that a block learns.
pub(crate) fn is_coefficient(name: &str) -> bool {
    let last = name.rsplit('.').next();
    last.is_some_and(|last| COEFFICIENTS.contains(&last))
}

/// The floating-point variables of an optimiser, with `N` moments each.
#[derive(Debug)]
pub(crate) struct Parameters<const N: usize>(Vec<Parameter<N>>);

#[derive(Debug)]
pub(super) struct Parameter<const N: usize> {
    name: String,
    pub(super) var: Var,
    pub(super) decay: f64,
    pub(super) moments: Moments<N>,
}

/// Running sums over gradients, of the shape of a variable.
#[derive(Debug)]
pub(super) enum Moments<const N: usize> {
    /// Numbers of the fused update.
    Fused([CpuStorage; N]),
    /// On a GPU, or of another dtype.
    Tensors([Tensor; N]),
}

impl<const N: usize> Parameters<N> {
    /// Takes the floating-point variables among `vars`, with moments of 0.
    pub(super) fn new(
        vars: impl IntoIterator<Item = (String, Var)>,
        weight_decay: f64,
        coefficient_decay: f64,
    ) -> Result<Self> {
        let vars = vars.into_iter().filter(|(_, var)| var.dtype().is_float());
        let parameter = |(name, var): (String, Var)| {
            let decay = if is_coefficient(&name) {
                coefficient_decay
            } else if var.rank() > 1 {
                weight_decay
            } else {
                0.0
            };
            Ok(Parameter {
                moments: Moments::zeros(&var)?,
                name,
                var,
                decay,
            })
        };
        Ok(Self(vars.map(parameter).collect::<Result<_>>()?))
    }

    /// Calls `act` with each variable that has a gradient, and the gradient.
    pub(super) fn each(
        &mut self,
        gradients: &GradStore,
        mut act: impl FnMut(&mut Parameter<N>, &Tensor) -> Result<()>,
    ) -> Result<()> {
        for parameter in &mut self.0 {
            if let Some(gradient) = gradients.get(&parameter.var) {
                // Detached, or each moment would hold the graphs of all steps before it.
                act(parameter, &gradient.detach())?;
            }
        }
        Ok(())
    }

    /// Returns the factor that scales the gradient of all variables together down to the norm `limit`; 0 is no limit.
    pub(super) fn clip_scale(&self, gradients: &GradStore, limit: f64) -> Result<f64> {
        if limit == 0.0 {
            return Ok(1.0);
        }
        let mut squares = 0.0;
        for parameter in &self.0 {
            if let Some(gradient) = gradients.get(&parameter.var) {
                squares += sum_of_squares(gradient)?;
            }
        }
        let norm = squares.sqrt();
        Ok(if norm > limit { limit / norm } else { 1.0 })
    }

    /// Returns the moments of all variables: a prefix for each moment, then the name of the variable.
    pub(super) fn moments(&self, prefixes: [&str; N]) -> Result<Vec<(String, Tensor)>> {
        let mut all = Vec::new();
        for parameter in &self.0 {
            let tensors = parameter.moments.tensors(&parameter.var)?;
            let named = prefixes.iter().zip(tensors);
            all.extend(
                named.map(|(prefix, moment)| (format!("{prefix}{}", parameter.name), moment)),
            );
        }
        Ok(all)
    }

    /// Restores the moment `name`; returns false if it has none of the prefixes.
    pub(super) fn restore(
        &mut self,
        prefixes: [&str; N],
        name: &str,
        value: &Tensor,
    ) -> Result<bool> {
        let mut rests = prefixes.iter().map(|prefix| name.strip_prefix(prefix));
        let Some(at) = rests.position(|rest| rest.is_some()) else {
            return Ok(false);
        };
        let name = &name[prefixes[at].len()..];
        let Some(parameter) = self.0.iter_mut().find(|parameter| parameter.name == name) else {
            bail!("no variable `{name}` is trained")
        };
        parameter.moments.set(at, &parameter.var, value)?;
        Ok(true)
    }
}

impl<const N: usize> Moments<N> {
    fn zeros(var: &Var) -> Result<Self> {
        let zeros = var.zeros_like()?;
        if !inplace::is_fused(var) {
            return Ok(Self::Tensors(std::array::from_fn(|_| zeros.clone())));
        }
        let zeros = storage(&zeros)?;
        Ok(Self::Fused(std::array::from_fn(|_| zeros.clone())))
    }

    fn set(&mut self, at: usize, var: &Var, value: &Tensor) -> Result<()> {
        match self {
            Self::Fused(moments) => moments[at] = storage(value)?,
            Self::Tensors(moments) => moments[at] = value.to_device(var.device())?,
        }
        Ok(())
    }

    fn tensors(&self, var: &Var) -> Result<Vec<Tensor>> {
        let (shape, device) = (var.shape(), var.device());
        match self {
            Self::Tensors(moments) => Ok(moments.to_vec()),
            Self::Fused(moments) => {
                let tensor = |moment: &CpuStorage| match moment {
                    CpuStorage::F32(values) => Tensor::from_slice(values, shape, device),
                    CpuStorage::F64(values) => Tensor::from_slice(values, shape, device),
                    _ => bail!("expected a moment of f32 or f64"),
                };
                moments.iter().map(tensor).collect()
            }
        }
    }
}

/// Copies a tensor of `f32` or `f64` from the CPU.
fn storage(tensor: &Tensor) -> Result<CpuStorage> {
    let flat = tensor.flatten_all()?;
    Ok(match tensor.dtype() {
        DType::F64 => CpuStorage::F64(flat.to_vec1()?),
        _ => CpuStorage::F32(flat.to_vec1()?),
    })
}

/// Sums in one order and in double precision, so that the sum is the same in every run.
fn sum_of_squares(gradient: &Tensor) -> Result<f64> {
    let gradient = gradient.contiguous()?;
    let (storage, layout) = gradient.storage_and_layout();
    let (start, end) = layout.contiguous_offsets().unwrap_or_default();
    match &*storage {
        Storage::Cpu(CpuStorage::F32(values)) => {
            let values = values[start..end].iter();
            Ok(values.map(|g| f64::from(*g) * f64::from(*g)).sum())
        }
        Storage::Cpu(CpuStorage::F64(values)) => Ok(values[start..end].iter().map(|g| g * g).sum()),
        _ => gradient.to_dtype(DType::F64)?.sqr()?.sum_all()?.to_scalar(),
    }
}
