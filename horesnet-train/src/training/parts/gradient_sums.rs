//! Sums of the gradients of all trained variables, as plain numbers.

use std::collections::HashSet;
use std::ops::Range;

use candle_core::backprop::GradStore;
use candle_core::{DType, Device, Result, Tensor, TensorId, Var, bail};

use crate::cluster::{Addend, Communicator, sum_slices};

/// The gradients of all trained variables, one after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct GradientSums {
    /// Gradients of `f64` variables.
    double: Vec<f64>,
    /// Gradients of all other variables.
    single: Vec<f32>,
    /// For each variable, the number of parts in which it has a gradient.
    counts: Vec<u32>,
}

impl GradientSums {
    /// Takes the gradients of `vars` out of `store`; variables without have zeros, as have those that the part has handed over.
    pub(super) fn take(
        vars: &[Var],
        store: &mut GradStore,
        handed_over: impl Fn(TensorId) -> bool,
    ) -> Result<Self> {
        let mut sums = Self::zeros(vars);
        let (mut single, mut double) = (&mut sums.single[..], &mut sums.double[..]);
        for (var, count) in vars.iter().zip(&mut sums.counts) {
            let len = var.elem_count();
            let gradient = store.remove(var);
            if handed_over(var.id()) && gradient.is_some() {
                bail!("a gradient has got terms after the last one of the first step")
            }
            *count = u32::from(gradient.is_some() || handed_over(var.id()));
            if var.dtype() == DType::F64 {
                double = fill(double, len, gradient)?;
            } else {
                single = fill(single, len, gradient)?;
            }
        }
        Ok(sums)
    }

    /// No gradients.
    pub(super) fn zeros(vars: &[Var]) -> Self {
        let len = |double: bool| {
            let own = vars
                .iter()
                .filter(|var| (var.dtype() == DType::F64) == double);
            own.map(|var| var.elem_count()).sum()
        };
        Self {
            double: vec![0.0; len(true)],
            single: vec![0.0; len(false)],
            counts: vec![0; vars.len()],
        }
    }

    /// Adds those of the parts that follow.
    pub(super) fn add(&mut self, right: &Self) {
        add(&mut self.double, &right.double);
        add(&mut self.single, &right.single);
        for (count, right) in self.counts.iter_mut().zip(&right.counts) {
            *count += right;
        }
    }

    /// For each variable, the number of parts in which it has a gradient.
    pub(super) fn counts(&self) -> &[u32] {
        &self.counts
    }

    /// Returns the `f32` gradient of the variable `index` of `vars`.
    pub(super) fn of(&self, vars: &[Var], index: usize) -> &[f32] {
        self.single.get(range(vars, index)).unwrap_or_default()
    }

    /// Replaces the gradients by their sums over all processes; `counts` are those over all processes, and `early` the sums that
    /// have been formed already, by the index of the variable.
    pub(super) fn sum_over(
        &mut self,
        vars: &[Var],
        cluster: &dyn Communicator,
        counts: Vec<u32>,
        early: Vec<(usize, Vec<f32>)>,
    ) {
        self.counts = counts;
        sum_slices(cluster, &mut self.double);
        if early.is_empty() {
            sum_slices(cluster, &mut self.single);
            return;
        }
        let is_early: HashSet<usize> = early.iter().map(|(index, _)| *index).collect();
        let is_late = |index: &usize| !is_early.contains(index);
        let late = || {
            (0..vars.len())
                .filter(is_late)
                .map(|index| range(vars, index))
        };
        let mut numbers: Vec<f32> = late().flat_map(|own| self.single[own].to_vec()).collect();
        sum_slices(cluster, &mut numbers);
        let mut rest = numbers.as_slice();
        for own in late() {
            let (sum, others) = rest.split_at(own.len());
            self.single[own].copy_from_slice(sum);
            rest = others;
        }
        for (index, sum) in early {
            self.single[range(vars, index)].copy_from_slice(&sum);
        }
    }

    /// Puts the gradients of `vars` into a store.
    pub(super) fn into_store(self, vars: &[Var]) -> Result<GradStore> {
        let mut store = empty_store()?;
        let (mut single, mut double) = (&self.single[..], &self.double[..]);
        for (var, count) in vars.iter().zip(self.counts) {
            let gradient = if var.dtype() == DType::F64 {
                tensor(&mut double, var)?
            } else {
                tensor(&mut single, var)?.to_dtype(var.dtype())?
            };
            if count > 0 {
                store.insert(var, gradient.to_device(var.device())?);
            }
        }
        Ok(store)
    }
}

/// Where the `f32` gradient of a variable is.
fn range(vars: &[Var], index: usize) -> Range<usize> {
    let len = |var: &Var| match var.dtype() {
        DType::F64 => 0,
        _ => var.elem_count(),
    };
    let start = vars.iter().take(index).map(len).sum();
    start..start + vars.get(index).map_or(0, len)
}

/// Writes a gradient to the first `len` of `numbers`; returns the rest.
fn fill<T: Addend + candle_core::WithDType>(
    numbers: &mut [T],
    len: usize,
    gradient: Option<Tensor>,
) -> Result<&mut [T]> {
    let (own, rest) = numbers.split_at_mut(len);
    if let Some(gradient) = gradient {
        let gradient = gradient
            .detach()
            .to_device(&Device::Cpu)?
            .to_dtype(T::DTYPE)?;
        own.copy_from_slice(&gradient.flatten_all()?.to_vec1::<T>()?);
    }
    Ok(rest)
}

/// Takes a gradient from the front of `numbers`.
fn tensor<T: candle_core::WithDType>(numbers: &mut &[T], var: &Var) -> Result<Tensor> {
    let (own, rest) = numbers.split_at(var.elem_count());
    *numbers = rest;
    Tensor::from_slice(own, var.shape(), &Device::Cpu)
}

/// Adds numbers to others, one by one.
pub(super) fn add<T: Addend>(left: &mut [T], right: &[T]) {
    for (left, right) in left.iter_mut().zip(right) {
        *left += *right;
    }
}

/// A store without gradients; candle makes stores in its backward pass only.
pub(super) fn empty_store() -> Result<GradStore> {
    let var = Var::zeros((), DType::F32, &Device::Cpu)?;
    let mut store = var.sqr()?.backward()?;
    store.remove(&var);
    Ok(store)
}
