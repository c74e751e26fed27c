//! A block whose scheme is known only at run time. It makes the calls that generated code makes, in the same order, so
//! outputs and gradients are bit-identical.

use std::sync::Arc;

use candle_core::{Result, Tensor, bail};
use candle_nn::ModuleT;

use super::stages::Functions;
use super::{Block, Evaluation, OutputKind, wanted};
use crate::autograd::Operand;
use crate::coefficients::{Coefficients, Tableau};

/// A block of any explicit tableau.
///
/// [`ho_block!`](crate::ho_block) proves the order of a tableau and generates a type for it. `TableauBlock` takes the numbers as
/// they are.
///
/// ```
/// # use horesnet_runtime as horesnet;
/// use horesnet::candle_core::{Device, Result, Tensor};
/// use horesnet::{ModuleT, TableauBlock, ho_block};
///
/// ho_block!(rk4);
///
/// # fn main() -> Result<()> {
/// let decay = |x: &Tensor| x.neg();
/// let x = Tensor::new(&[1.0, 2.0], &Device::Cpu)?;
/// let block = TableauBlock::shared(Rk4::<()>::TABLEAU, decay).with_coefficients(0.5);
/// let (ys, generated) = (block.forward_t(&x, false)?, Rk4::shared(decay).step(0.5, &x)?);
/// assert_eq!(ys.to_vec1::<f64>()?, generated.to_vec1::<f64>()?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct TableauBlock<F> {
    tableau: Tableau,
    functions: OwnedFunctions<F>,
    coefficients: Arc<dyn Coefficients>,
}

#[derive(Clone, Debug)]
enum OwnedFunctions<F> {
    Separate(Vec<F>),
    Shared(F),
}

impl<F> TableauBlock<F> {
    /// A block with a residual function for each stage of `tableau`, and step size 1.
    ///
    /// # Errors
    /// Another number of functions.
    pub fn new(tableau: Tableau, functions: Vec<F>) -> Result<Self> {
        let (stages, found) = (tableau.stages(), functions.len());
        if found != stages {
            let name = tableau.name();
            bail!("expected {stages} residual functions for a block of {name}, found {found}")
        }
        Ok(Self::with(tableau, OwnedFunctions::Separate(functions)))
    }

    /// A block with residual functions made by `make`, which is called with each stage's number, counted from 0.
    ///
    /// # Errors
    /// The first error of `make`.
    pub fn build(tableau: Tableau, make: impl FnMut(usize) -> Result<F>) -> Result<Self> {
        let functions = (0..tableau.stages()).map(make).collect::<Result<_>>()?;
        Self::new(tableau, functions)
    }

    /// A block with one residual function for all stages: a step of the differential equation `x′ = f(x)`.
    #[must_use]
    pub fn shared(tableau: Tableau, function: F) -> Self {
        Self::with(tableau, OwnedFunctions::Shared(function))
    }

    /// Sets the coefficients of the block as a module: a number is a fixed step size.
    #[must_use]
    pub fn with_coefficients(self, coefficients: impl Coefficients + 'static) -> Self {
        Self {
            coefficients: Arc::new(coefficients),
            ..self
        }
    }

    fn with(tableau: Tableau, functions: OwnedFunctions<F>) -> Self {
        Self {
            tableau,
            functions,
            coefficients: Arc::new(1.0),
        }
    }
}

impl<F: ModuleT> TableauBlock<F> {
    fn run(
        &self,
        h: &dyn Coefficients,
        x: &Tensor,
        train: bool,
        output: OutputKind,
    ) -> Result<Tensor> {
        let (tableau, h) = (self.tableau, &h.of(self.tableau)?);
        let functions = match &self.functions {
            OwnedFunctions::Separate(functions) => Functions::Separate(functions),
            OwnedFunctions::Shared(function) => Functions::Shared(function),
        };
        let mut evaluation = Evaluation::new(functions, h, x, train, output)?;
        // A value is dropped after its last use, as in generated code.
        let mut values: Vec<Option<Operand>> = Vec::with_capacity(tableau.stages());
        for i in 1..=tableau.stages() {
            let terms = used(&values, |j| tableau.is_used(i, j));
            let terms: Vec<_> = terms.map(|(j, k)| (h.a(i, j), k)).collect();
            let k = evaluation.stage(i, &terms)?;
            for (j, value) in (1..).zip(&mut values) {
                if !(i + 1..=tableau.stages() + 1).any(|row| tableau.is_used(row, j)) {
                    *value = None;
                }
            }
            values.push(Some(k));
        }
        let weights = used(&values, |i| tableau.is_used(tableau.stages() + 1, i));
        let weights: Vec<_> = weights.map(|(i, k)| (h.b(i), k)).collect();
        evaluation.finish(&weights)
    }
}

/// The values so far of the stages that `is_used` selects, with their numbers, counted from 1.
fn used(
    values: &[Option<Operand>],
    is_used: impl Fn(usize) -> bool,
) -> impl Iterator<Item = (usize, &Operand)> {
    let values = (1..).zip(values).filter(move |(j, _)| is_used(*j));
    values.filter_map(|(j, value)| Some((j, value.as_ref()?)))
}

impl<F: ModuleT> ModuleT for TableauBlock<F> {
    fn forward_t(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        self.run(&*self.coefficients, x, train, wanted(self))
    }
}

impl<F: ModuleT> Block for TableauBlock<F> {
    fn tableau(&self) -> Tableau {
        self.tableau
    }

    fn coefficients(&self) -> &dyn Coefficients {
        &*self.coefficients
    }

    fn step_t(&self, h: &dyn Coefficients, x: &Tensor, train: bool) -> Result<Tensor> {
        self.run(h, x, train, OutputKind::Output)
    }

    fn increment_t(&self, h: &dyn Coefficients, x: &Tensor, train: bool) -> Result<Tensor> {
        self.run(h, x, train, OutputKind::Increment)
    }
}
