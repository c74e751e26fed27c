//! The gradients of a block match those of the same arithmetic written as a chain of candle ops, and finite differences.

mod tableau;

use candle_core::{DType, Result, Tensor, Var};
use candle_nn::ModuleT;
use tableau::Arithmetic::{Chain, Fused};
use tableau::{
    Arithmetic, Hand, Layer, MIDPOINT, RK4, Stages, Tableau, dense, distance, loss, random,
};

const WIDTH: usize = 6;

/// A block, the variables within it, and how to build it either way.
struct Case {
    variables: Vec<Var>,
    #[expect(clippy::type_complexity)]
    forward: Box<dyn Fn(&Tensor, Arithmetic) -> Result<Tensor>>,
}

fn separate<const N: usize>(tableau: Tableau<N>, dtype: DType) -> Result<Case> {
    let layers: Vec<Layer> = (0..N)
        .map(|i| Layer::new(WIDTH, dtype, i as u64))
        .collect::<Result<_>>()?;
    Ok(Case {
        variables: layers.iter().map(|layer| layer.w.clone()).collect(),
        forward: Box::new(move |x, arithmetic| {
            let stages = Stages::build(|i| Ok(layers[i].clone()))?;
            Hand::new(tableau.clone(), stages, arithmetic).forward_t(x, true)
        }),
    })
}

fn shared<const N: usize>(tableau: Tableau<N>, dtype: DType) -> Result<Case> {
    let layer = Layer::new(WIDTH, dtype, 7)?;
    Ok(Case {
        variables: vec![layer.w.clone()],
        forward: Box::new(move |x, arithmetic| {
            let stages = Stages::Shared(layer.clone());
            Hand::new(tableau.clone(), stages, arithmetic).forward_t(x, true)
        }),
    })
}

fn nested<const N: usize>(tableau: Tableau<N>, dtype: DType) -> Result<Case> {
    let layers: Vec<Layer> = (0..N)
        .map(|i| Layer::new(WIDTH, dtype, i as u64))
        .collect::<Result<_>>()?;
    Ok(Case {
        variables: layers.iter().map(|layer| layer.w.clone()).collect(),
        forward: Box::new(move |x, arithmetic| {
            let inner = |i: usize| {
                let stages = Stages::Shared(layers[i].clone());
                Ok(Hand::new(MIDPOINT, stages, arithmetic))
            };
            let stages = Stages::build(inner)?;
            Hand::new(tableau.clone(), stages, arithmetic).forward_t(x, true)
        }),
    })
}

fn chained<const N: usize>(tableau: Tableau<N>, dtype: DType) -> Result<Case> {
    let (first, second) = (separate(tableau.clone(), dtype)?, shared(tableau, dtype)?);
    let variables = [first.variables, second.variables].concat();
    Ok(Case {
        variables,
        forward: Box::new(move |x, arithmetic| {
            (second.forward)(&(first.forward)(x, arithmetic)?, arithmetic)
        }),
    })
}

fn same_as_the_chain(case: Result<Case>) -> Result<()> {
    let Case {
        mut variables,
        forward,
    } = case?;
    let x = Var::from_tensor(&random(&[5, WIDTH], DType::F32, 1)?)?;
    let fused = forward(&x, Fused)?;
    let chain = forward(&x, Chain)?;
    assert_eq!(fused.to_vec2::<f32>()?, chain.to_vec2::<f32>()?);

    let found = loss(&fused)?.backward()?;
    let expected = loss(&chain)?.backward()?;
    variables.push(x);
    for variable in &variables {
        let found = found.get(variable).expect("a gradient");
        let expected = expected.get(variable).expect("a gradient");
        assert!(distance(found, expected)? < 1e-6);
    }
    Ok(())
}

fn same_as_finite_differences(case: Result<Case>) -> Result<()> {
    const STEP: f64 = 1e-5;
    let Case {
        mut variables,
        forward,
    } = case?;
    let x = Var::from_tensor(&random(&[2, WIDTH], DType::F64, 1)?)?;
    variables.push(x.clone());
    let gradients = loss(&forward(&x, Fused)?)?.backward()?;
    let value = || loss(&forward(&x, Fused)?)?.to_scalar::<f64>();
    for variable in &variables {
        let at = variable.as_detached_tensor().copy()?;
        let gradient = gradients.get(variable).expect("a gradient");
        let mut slopes = Vec::new();
        for i in 0..variable.elem_count() {
            let mut step = vec![0.0; variable.elem_count()];
            step[i] = STEP;
            let step = Tensor::from_vec(step, variable.shape(), variable.device())?;
            variable.set(&(&at + &step)?)?;
            let above = value()?;
            variable.set(&(&at - &step)?)?;
            let below = value()?;
            slopes.push((above - below) / (2.0 * STEP));
        }
        variable.set(&at)?;
        let slopes = Tensor::from_vec(slopes, variable.shape(), variable.device())?;
        assert!(distance(gradient, &slopes)? < 1e-8);
    }
    Ok(())
}

macro_rules! cases {
    ($($name:ident: $case:expr;)*) => {
        mod agree_with_the_chain {
            use super::*;
            const DTYPE: DType = DType::F32;
            $(#[test] fn $name() -> Result<()> { same_as_the_chain($case(DTYPE)) })*
        }

        mod agree_with_finite_differences {
            use super::*;
            const DTYPE: DType = DType::F64;
            $(#[test] fn $name() -> Result<()> { same_as_finite_differences($case(DTYPE)) })*
        }
    };
}

cases! {
    rk4_of_separate_layers: |dtype| separate(RK4, dtype);
    rk4_of_one_layer: |dtype| shared(RK4, dtype);
    rk4_of_midpoints: |dtype| nested(RK4, dtype);
    two_rk4_in_a_row: |dtype| chained(RK4, dtype);
    fourteen_stages_of_separate_layers: |dtype| separate(dense::<14>(1), dtype);
    fourteen_stages_of_one_layer: |dtype| shared(dense::<14>(2), dtype);
    fourteen_stages_of_midpoints: |dtype| nested(dense::<14>(3), dtype);
    two_of_fourteen_stages_in_a_row: |dtype| chained(dense::<14>(4), dtype);
}
