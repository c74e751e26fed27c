//! The schemes networks can be built with, as blocks of residual functions, by name.

use candle_core::{Result as CandleResult, Tensor};
use horesnet::{Block, Operand, Stages, combine, weighted_sum};

use crate::error::{Error, Result};
use crate::residual::ResidualFunction;

/// A block whose scheme is chosen at run time.
pub type DynBlock = Box<dyn Block + Send + Sync>;

type Make<'a> = &'a mut dyn FnMut(usize) -> CandleResult<ResidualFunction>;

/// A scheme that networks can be built with.
#[derive(Clone, Copy, Debug)]
pub struct Scheme {
    /// The name it is looked up by, such as `rk4`.
    pub name: &'static str,
    /// The name its tableau gives, such as `RK4`.
    pub title: &'static str,
    /// The proven order.
    pub order: usize,
    /// Residual functions a block.
    pub stages: usize,
    build: fn(Make) -> CandleResult<DynBlock>,
}

impl Scheme {
    /// A block; `make(i)` gives the residual function of stage `i`, counted from 0.
    pub fn build(
        &self,
        mut make: impl FnMut(usize) -> CandleResult<ResidualFunction>,
    ) -> CandleResult<DynBlock> {
        (self.build)(&mut make)
    }
}

/// The names of all schemes.
pub fn names() -> impl Iterator<Item = &'static str> + Clone {
    SCHEMES.iter().map(|scheme| scheme.name)
}

/// The scheme called `name`, or [`Error::Unknown`] with the names there are.
pub fn find(name: &str) -> Result<&'static Scheme> {
    SCHEMES
        .iter()
        .find(|scheme| scheme.name == name)
        .ok_or_else(|| Error::unknown("scheme", name, names()))
}

macro_rules! table {
    ($(($name:ident, $block:ident)),* $(,)?) => {
        const SCHEMES: &[Scheme] = &[$(
            Scheme {
                name: stringify!($name),
                title: $block::NAME,
                order: $block::ORDER,
                stages: $block::STAGES,
                build: |make| Ok(Box::new($block::build(make)?)),
            },
        )*];
    };
}

table! { (euler, Euler), (midpoint, Midpoint), (rk4, Rk4) }

/// `x + h·F(x)`.
struct Euler(Stages<ResidualFunction, 1>);

impl Euler {
    const NAME: &'static str = "Euler";
    const ORDER: usize = 1;
    const STAGES: usize = 1;

    fn build(make: Make) -> CandleResult<Self> {
        Stages::build(make).map(Self)
    }

    fn stages(&self, _h: f64, x: &Operand, train: bool) -> CandleResult<[Operand; 1]> {
        Ok([self.0.call(0, x.tensor(), train)?])
    }
}

impl Block for Euler {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn order(&self) -> usize {
        Self::ORDER
    }

    fn stages(&self) -> usize {
        Self::STAGES
    }

    fn h(&self) -> f64 {
        1.0
    }

    fn step_t(&self, h: f64, x: &Tensor, train: bool) -> CandleResult<Tensor> {
        let x = Operand::new(x.clone())?;
        let k = Self::stages(self, h, &x, train)?;
        combine(&x, &[(h, &k[0])])
    }

    fn increment_t(&self, h: f64, x: &Tensor, train: bool) -> CandleResult<Tensor> {
        let x = Operand::new(x.clone())?;
        let k = Self::stages(self, h, &x, train)?;
        weighted_sum(&[(h, &k[0])])
    }
}

/// Half a step, then a whole one with the slope found there.
struct Midpoint(Stages<ResidualFunction, 2>);

impl Midpoint {
    const NAME: &'static str = "Midpoint";
    const ORDER: usize = 2;
    const STAGES: usize = 2;

    fn build(make: Make) -> CandleResult<Self> {
        Stages::build(make).map(Self)
    }

    fn stages(&self, h: f64, x: &Operand, train: bool) -> CandleResult<[Operand; 2]> {
        let k1 = self.0.call(0, x.tensor(), train)?;
        let k2 = self.0.call(1, &combine(x, &[(h / 2.0, &k1)])?, train)?;
        Ok([k1, k2])
    }
}

impl Block for Midpoint {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn order(&self) -> usize {
        Self::ORDER
    }

    fn stages(&self) -> usize {
        Self::STAGES
    }

    fn h(&self) -> f64 {
        1.0
    }

    fn step_t(&self, h: f64, x: &Tensor, train: bool) -> CandleResult<Tensor> {
        let x = Operand::new(x.clone())?;
        let k = Self::stages(self, h, &x, train)?;
        combine(&x, &[(h, &k[1])])
    }

    fn increment_t(&self, h: f64, x: &Tensor, train: bool) -> CandleResult<Tensor> {
        let x = Operand::new(x.clone())?;
        let k = Self::stages(self, h, &x, train)?;
        weighted_sum(&[(h, &k[1])])
    }
}

/// Kutta’s classical scheme of order 4.
struct Rk4(Stages<ResidualFunction, 4>);

impl Rk4 {
    const NAME: &'static str = "RK4";
    const ORDER: usize = 4;
    const STAGES: usize = 4;

    fn build(make: Make) -> CandleResult<Self> {
        Stages::build(make).map(Self)
    }

    fn stages(&self, h: f64, x: &Operand, train: bool) -> CandleResult<[Operand; 4]> {
        let k1 = self.0.call(0, x.tensor(), train)?;
        let k2 = self.0.call(1, &combine(x, &[(h / 2.0, &k1)])?, train)?;
        let k3 = self.0.call(2, &combine(x, &[(h / 2.0, &k2)])?, train)?;
        let k4 = self.0.call(3, &combine(x, &[(h, &k3)])?, train)?;
        Ok([k1, k2, k3, k4])
    }
}

impl Block for Rk4 {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn order(&self) -> usize {
        Self::ORDER
    }

    fn stages(&self) -> usize {
        Self::STAGES
    }

    fn h(&self) -> f64 {
        1.0
    }

    fn step_t(&self, h: f64, x: &Tensor, train: bool) -> CandleResult<Tensor> {
        let x = Operand::new(x.clone())?;
        let k = Self::stages(self, h, &x, train)?;
        combine(
            &x,
            &[
                (h / 6.0, &k[0]),
                (h / 3.0, &k[1]),
                (h / 3.0, &k[2]),
                (h / 6.0, &k[3]),
            ],
        )
    }

    fn increment_t(&self, h: f64, x: &Tensor, train: bool) -> CandleResult<Tensor> {
        let x = Operand::new(x.clone())?;
        let k = Self::stages(self, h, &x, train)?;
        weighted_sum(&[
            (h / 6.0, &k[0]),
            (h / 3.0, &k[1]),
            (h / 3.0, &k[2]),
            (h / 6.0, &k[3]),
        ])
    }
}
