//! Second derivatives, with candle set to keep the graph of its backward pass. The setting is an environment variable,
//! read once per process, so this file has a single test.

use candle_core::{DType, Device, Result, Tensor, Var};
use candle_nn::{VarBuilder, VarMap};
use horesnet_runtime::{Operand, combine, ho_block};

ho_block!(euler, coefficients = learned);

#[test]
fn combinations_can_be_differentiated_twice() -> Result<()> {
    // SAFETY: no other test runs in this process, and nothing has read the environment on another thread.
    unsafe { std::env::set_var("CANDLE_GRAD_DO_NOT_DETACH", "1") };
    // y = x + x³/2 + x²/4, so y' = 1 + 3x²/2 + x/2 and y'' = 3x + 1/2.
    let x = Var::new(&[1.0, 2.0, -3.0], &Device::Cpu)?;
    let square = x.sqr()?;
    let cube = (&square * x.as_tensor())?;
    let operand = |tensor| Operand::new(tensor);
    let y = combine(
        &operand(x.as_tensor().clone())?,
        &[(0.5, &operand(cube)?), (0.25, &operand(square)?)],
    )?;
    let first = y.backward()?.remove(&x).expect("a gradient");
    assert_eq!(first.to_vec1::<f64>()?, [3.0, 8.0, 13.0]);
    let second = first.backward()?.remove(&x).expect("a gradient");
    assert_eq!(second.to_vec1::<f64>()?, [3.5, 6.5, -8.5]);

    // Learned coefficients have no second derivatives: they return an error, not a wrong gradient.
    let variables = VarMap::new();
    let vb = VarBuilder::from_varmap(&variables, DType::F64, &Device::Cpu);
    let block = Euler::shared(|x: &Tensor| x.neg(), vb)?;
    let error = block.increment(&x)?.backward().expect_err("an error");
    assert!(
        error.to_string().contains("no second derivatives"),
        "{error}"
    );
    Ok(())
}
