//! Blocks with learned coefficients, and the same step as a chain of candle's own operations.

use candle_core::{DType, Device, Result, Tensor, Var};
use candle_nn::{VarBuilder, VarMap};
use horesnet::candle_nn::ModuleT;
use horesnet::{Block, Learned, Tableau, ho_block};

ho_block!(euler);
ho_block!(midpoint);
ho_block!(rk4);
ho_block!(dopri5);
ho_block!(cooper_verner8);
ho_block!(verner8);

/// Few stages and many, weights that are 0, and entries in the hundreds.
pub(crate) const SCHEMES: [&str; 6] = [
    "euler",
    "midpoint",
    "rk4",
    "dopri5",
    "cooper_verner8",
    "verner8",
];

/// `tanh(x·W)`.
#[derive(Clone)]
pub(crate) struct Residual(pub(crate) Var);

impl ModuleT for Residual {
    fn forward_t(&self, xs: &Tensor, _: bool) -> Result<Tensor> {
        xs.matmul(&self.0)?.tanh()
    }
}

/// A block by name: with one residual function for all stages, or with several, taken in turn.
pub(crate) fn block(name: &str, residuals: &[Residual], shared: bool) -> Box<dyn Block> {
    macro_rules! of {
        ($type:ident) => {
            if shared {
                Box::new($type::shared(residuals[0].clone()))
            } else {
                Box::new($type::build(|i| Ok(residuals[i % residuals.len()].clone())).unwrap())
            }
        };
    }
    match name {
        "euler" => of!(Euler),
        "midpoint" => of!(Midpoint),
        "rk4" => of!(Rk4),
        "dopri5" => of!(Dopri5),
        "cooper_verner8" => of!(CooperVerner8),
        _ => of!(Verner8),
    }
}

/// A fixed, irregular matrix: entries are sines of large steps.
pub(crate) fn irregular(rows: usize, columns: usize, seed: usize, dtype: DType) -> Result<Tensor> {
    let values: Vec<f64> = (0..rows * columns)
        .map(|i| ((i + 31 * seed + 1) as f64 * 12.9898).sin() * 0.7)
        .collect();
    Tensor::from_vec(values, (rows, columns), &Device::Cpu)?.to_dtype(dtype)
}

/// The coefficients that are learned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    StepSize,
    All,
    Projected,
}

impl Form {
    pub(crate) const ALL: [Self; 3] = [Self::StepSize, Self::All, Self::Projected];
}

/// Learned coefficients and their variable.
pub(crate) fn learned(form: Form, tableau: Tableau, dtype: DType) -> Result<(Learned, Var)> {
    let variables = VarMap::new();
    let vb = VarBuilder::from_varmap(&variables, dtype, &Device::Cpu);
    let learned = match form {
        Form::StepSize => Learned::new(1.0, vb)?,
        Form::All => Learned::all(tableau, vb)?,
        Form::Projected => Learned::all(tableau, vb)?.projected(),
    };
    Ok((learned, variables.all_vars().remove(0)))
}

/// The step as candle's own operations, each coefficient a tensor made from the variable.
pub(crate) fn chain(
    form: Form,
    tableau: Tableau,
    variable: &Tensor,
    residuals: &[Residual],
    x: &Tensor,
) -> Result<Tensor> {
    let stages = tableau.stages();
    let entries = (1..=stages)
        .flat_map(|i| (1..i).map(move |j| (i, j)))
        .filter(|(i, j)| tableau.a(*i, *j) != 0.0);
    let weights: Vec<usize> = (1..=stages).filter(|i| tableau.b(*i) != 0.0).collect();
    let entries: Vec<(usize, usize)> = entries.collect();
    let scalar = |at: usize, entry: f64| -> Result<Tensor> {
        match form {
            Form::StepSize => variable * entry,
            Form::All | Form::Projected => variable.narrow(0, at, 1)? + entry,
        }
    };
    let mut b = Vec::new();
    for (at, &i) in weights.iter().enumerate() {
        b.push(scalar(entries.len() + at, tableau.b(i))?);
    }
    if form == Form::Projected {
        let missing = ((1.0 - Tensor::stack(&b, 0)?.sum(0)?)? / b.len() as f64)?;
        b = b.iter().map(|b| b + &missing).collect::<Result<_>>()?;
    }
    let mut ks: Vec<Tensor> = Vec::new();
    for i in 1..=stages {
        let mut y = x.clone();
        for (at, &(_, j)) in entries.iter().enumerate().filter(|(_, entry)| entry.0 == i) {
            y = (y + ks[j - 1].broadcast_mul(&scalar(at, tableau.a(i, j))?)?)?;
        }
        ks.push(residuals[(i - 1) % residuals.len()].forward_t(&y, true)?);
    }
    let mut y = x.clone();
    for (b, i) in b.iter().zip(weights) {
        y = (y + ks[i - 1].broadcast_mul(b)?)?;
    }
    Ok(y)
}
