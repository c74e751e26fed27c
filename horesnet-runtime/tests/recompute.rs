//! Recomputed blocks give the bits of others: outputs, gradients, running statistics.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use candle_core::{DType, Device, Result, Tensor, Var};
use candle_nn::{
    BatchNorm, Conv2dConfig, Init, VarBuilder, VarMap, batch_norm, conv2d_no_bias, linear,
};
use horesnet_runtime::layers::{NormReluConv, batch_norm as synchronised_norm};
use horesnet_runtime::{
    Block, Coefficients, Grid, Interpolated, ModuleT, Recomputable, Recompute, Recomputed,
    Schedule, Tableau, backward, checkpoint, checkpoint_sequence, ho_block,
};

ho_block!(rk4);
ho_block!(midpoint);
ho_block!(dopri5);
ho_block!(pub struct LearnedRk4 = bundled::rk4, coefficients = learned(all));
ho_block!(pub struct AdaptiveDopri5 = bundled::dopri5, coefficients = adaptive(1e-3));

const MODES: [Recompute; 4] = [
    Recompute::None,
    Recompute::Stage,
    Recompute::Block,
    Recompute::BlockAndStage,
];

/// Two fused units, as the residual functions of image networks.
struct Units([NormReluConv; 2]);

impl Units {
    fn new(vb: &VarBuilder) -> Result<Self> {
        let config = Conv2dConfig {
            padding: 1,
            ..Conv2dConfig::default()
        };
        let unit = |name: &str| {
            let vb = vb.pp(name);
            let norm = batch_norm(4, 1e-5, vb.pp("norm"))?;
            let conv = conv2d_no_bias(4, 4, 3, config, vb.pp("conv"))?;
            Ok::<_, candle_core::Error>(NormReluConv::new(norm, conv))
        };
        Ok(Self([unit("first")?, unit("second")?]))
    }
}

impl ModuleT for Units {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
        self.0[1].forward_t(&self.0[0].forward_t(xs, train)?, train)
    }
}

/// Layers in candle's own ops, which read their input several times.
struct Candle {
    norm: BatchNorm,
    weight: Tensor,
}

impl Candle {
    fn new(vb: &VarBuilder) -> Result<Self> {
        let init = Init::Uniform { lo: -0.4, up: 0.4 };
        Ok(Self {
            norm: batch_norm(4, 1e-5, vb.pp("norm"))?,
            weight: vb.get_with_hints((4, 4), "weight", init)?,
        })
    }
}

impl ModuleT for Candle {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
        let pixels = xs.flatten_to(2)?;
        let normal = synchronised_norm(&self.norm, &pixels, train)?.silu()?;
        normal.matmul(&self.weight)?.reshape(xs.shape())
    }
}

fn images(seed: usize) -> Result<Tensor> {
    let wave = |i: usize| ((i * i + 7 * i + 31 * seed) as f32 * 0.37).sin();
    Tensor::from_iter((0..2 * 5 * 5 * 4).map(wave), &Device::Cpu)?.reshape((2, 5, 5, 4))
}

fn bits(tensor: &Tensor) -> Result<Vec<u32>> {
    let values = tensor
        .to_dtype(DType::F32)?
        .flatten_all()?
        .to_vec1::<f32>()?;
    Ok(values.into_iter().map(f32::to_bits).collect())
}

/// Output, gradients and running statistics of two steps of a module whose variables start alike.
fn found<M: ModuleT>(
    make: impl Fn(VarBuilder) -> Result<M>,
    is_input_tracked: bool,
) -> Result<Vec<(String, Vec<u32>)>> {
    let variables = VarMap::new();
    let vb = VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu);
    let module = make(vb)?;
    let sorted = || {
        let data = variables.data().lock().unwrap();
        let mut all: Vec<_> = data.iter().map(|(n, v)| (n.clone(), v.clone())).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    };
    for (index, (name, var)) in sorted().into_iter().enumerate() {
        if var.rank() > 1 || name.contains("coefficients") {
            let wave = |i: usize| ((i * i + 17 * index) as f32 * 0.23).sin() * 0.3;
            let values = Tensor::from_iter((0..var.elem_count()).map(wave), &Device::Cpu)?;
            var.set(&values.reshape(var.shape())?)?;
        }
    }
    let x = Var::from_tensor(&images(1)?)?;
    let input = if is_input_tracked {
        (x.as_tensor() * 0.5)?
    } else {
        images(1)?
    };
    let mut found = Vec::new();
    for step in 0..2 {
        let y = module.forward_t(&input, true)?;
        found.push((format!("output {step}"), bits(&y)?));
        let gradients = backward(&(y.sqr()? * images(2)?)?.sum_all()?)?;
        for (name, var) in sorted() {
            if let Some(gradient) = gradients.get(var.as_tensor()) {
                found.push((format!("gradient {step} of {name}"), bits(gradient)?));
            }
            found.push((format!("{name} after {step}"), bits(var.as_tensor())?));
        }
        if is_input_tracked {
            let gradient = gradients.get(x.as_tensor()).expect("a gradient");
            found.push((format!("gradient {step} of x"), bits(gradient)?));
        }
    }
    Ok(found)
}

/// Expects the same bits with every mode.
fn expect_same<M: ModuleT>(make: impl Fn(VarBuilder, Recompute) -> Result<M>) -> Result<()> {
    for is_input_tracked in [false, true] {
        let plain = found(|vb| make(vb, Recompute::None), is_input_tracked)?;
        assert!(plain.iter().any(|(name, _)| name.contains("gradient 1 of")));
        for mode in MODES {
            let other = found(|vb| make(vb, mode), is_input_tracked)?;
            assert_eq!(plain.len(), other.len(), "{mode:?}");
            for ((name, plain), (other_name, other)) in plain.iter().zip(&other) {
                assert_eq!(name, other_name);
                assert!(plain == other, "{mode:?}, {is_input_tracked}: {name}");
            }
        }
    }
    Ok(())
}

#[test]
fn blocks_of_fused_layers_keep_their_bits() -> Result<()> {
    expect_same(|vb, mode| Ok(Rk4::build(|i| Units::new(&vb.pp(i)))?.recompute(mode)))?;
    expect_same(|vb, mode| Ok(Dopri5::shared(Units::new(&vb)?).recompute(mode)))
}

#[test]
fn blocks_of_candles_layers_keep_their_bits() -> Result<()> {
    expect_same(|vb, mode| Ok(Rk4::build(|i| Candle::new(&vb.pp(i)))?.recompute(mode)))?;
    expect_same(|vb, mode| Ok(Midpoint::shared(Candle::new(&vb)?).recompute(mode)))
}

#[test]
fn learned_and_adaptive_coefficients_keep_their_bits() -> Result<()> {
    expect_same(|vb, mode| {
        let block = LearnedRk4::build(|i| Units::new(&vb.pp(i)), vb.clone())?;
        Ok(block.recompute(mode))
    })?;
    expect_same(|vb, mode| Ok(AdaptiveDopri5::shared(Units::new(&vb)?).recompute(mode)))
}

#[test]
fn nested_blocks_keep_their_bits() -> Result<()> {
    expect_same(|vb, mode| {
        let inner = |i: usize| {
            let inner = Midpoint::build(|j| Units::new(&vb.pp(i).pp(j)))?;
            Ok(inner.recompute(mode))
        };
        Ok(Rk4::build(inner)?.recompute(mode))
    })?;
    // The increment of a recomputed block, not its output.
    let x = images(1)?;
    let decay = |x: &Tensor| x.neg();
    let plain = Rk4::shared(Midpoint::shared(decay)).forward_t(&x, true)?;
    let again = Rk4::shared(Midpoint::shared(decay).recompute(Recompute::Block));
    assert_eq!(bits(&plain)?, bits(&again.forward_t(&x, true)?)?);
    Ok(())
}

#[test]
fn weights_that_several_blocks_interpolate_keep_their_bits() -> Result<()> {
    struct Two([Recomputed<Rk4<Interpolated<Units>>>; 2]);

    impl ModuleT for Two {
        fn forward_t(&self, xs: &Tensor, train: bool) -> Result<Tensor> {
            self.0[1].forward_t(&self.0[0].forward_t(xs, train)?, train)
        }
    }

    expect_same(|vb, mode| {
        let grid = Grid::new(3, vb.pp("grid"), |vb| Units::new(&vb))?;
        let block = |index: usize| {
            let stage = |i: usize| {
                let time = (index as f64 + Rk4::<()>::C[i]) / 2.0;
                grid.at(time, vb.pp(index).pp(i))
            };
            Ok::<_, candle_core::Error>(Rk4::build(stage)?.recompute(mode))
        };
        Ok(Two([block(0)?, block(1)?]))
    })
}

#[test]
fn sequences_keep_their_bits_with_any_number_of_snapshots() -> Result<()> {
    struct Sequence(Vec<Recomputable>, Option<usize>);

    impl ModuleT for Sequence {
        fn forward_t(&self, xs: &Tensor, _: bool) -> Result<Tensor> {
            match self.1 {
                Some(snapshots) => {
                    let schedule = Schedule::new(self.0.len(), snapshots);
                    checkpoint_sequence(&self.0, schedule, xs)
                }
                None => { self.0.iter() }.try_fold(xs.clone(), |xs, function| {
                    // The plain call: each function keeps its graph.
                    function.call(&xs)
                }),
            }
        }
    }

    let make = |vb: VarBuilder, snapshots| {
        let functions = (0..5).map(|index| {
            let block = Midpoint::build(|i| Units::new(&vb.pp(index).pp(i)))?;
            let name = format!("block {index}");
            Ok(Recomputable::new(name, move |xs| block.forward_t(xs, true)))
        });
        Ok(Sequence(functions.collect::<Result<_>>()?, snapshots))
    };
    let plain = found(|vb| make(vb, None), true)?;
    for snapshots in 0..5 {
        assert!(
            plain == found(|vb| make(vb, Some(snapshots)), true)?,
            "{snapshots}"
        );
    }
    Ok(())
}

#[test]
fn a_function_runs_once_more_and_only_where_gradients_are_needed() -> Result<()> {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let function = Recomputable::new("square", move |x: &Tensor| {
        counted.fetch_add(1, Ordering::Relaxed);
        x.sqr()
    });
    let x = Var::new(&[1.0, 2.0], &Device::Cpu)?;
    let y = checkpoint(&function, &x)?.sum_all()?;
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    // The graph can be differentiated again.
    for pass in 1..=2 {
        let gradients = backward(&y)?;
        assert_eq!(gradients.get(&x).unwrap().to_vec1::<f64>()?, [2.0, 4.0]);
        assert_eq!(calls.load(Ordering::Relaxed), 1 + pass);
    }
    horesnet_runtime::no_grad(|| checkpoint(&function, &x))?;
    assert_eq!(calls.load(Ordering::Relaxed), 4);
    Ok(())
}

#[test]
fn what_a_function_ignores_has_gradients_of_zero() -> Result<()> {
    let x = Var::new(&[1.0, 2.0], &Device::Cpu)?;
    let ones = Recomputable::new("ones", |x: &Tensor| x.ones_like());
    let input = (x.as_tensor() * 2.0)?;
    let gradients = backward(&checkpoint(&ones, &input)?.sum_all()?)?;
    assert_eq!(gradients.get(&x).unwrap().to_vec1::<f64>()?, [0.0, 0.0]);
    let same = Recomputable::new("same", |x: &Tensor| Ok(x.clone()));
    let gradients = backward(&checkpoint(&same, &input)?.sum_all()?)?;
    assert_eq!(gradients.get(&x).unwrap().to_vec1::<f64>()?, [2.0, 2.0]);
    Ok(())
}

#[test]
fn functions_that_change_are_named_and_refused() -> Result<()> {
    let draws = AtomicUsize::new(1);
    let random = Recomputable::new("noise", move |x: &Tensor| {
        x * draws.fetch_add(1, Ordering::Relaxed) as f64
    });
    let x = Var::new(&[1.0, 2.0], &Device::Cpu)?;
    let error = backward(&checkpoint(&random, &x)?.sum_all()?)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("expected noise to give the output"),
        "{error}"
    );

    // In the block, the stage is named.
    let draws = Arc::new(AtomicUsize::new(1));
    let noise = move |x: &Tensor| x * draws.fetch_add(1, Ordering::Relaxed) as f64;
    let block = Rk4::shared(noise).recompute(Recompute::Stage);
    let error = backward(&block.forward_t(&x, true)?.sum_all()?)
        .unwrap_err()
        .to_string();
    assert!(error.contains("stage 4 of RK4"), "{error}");
    Ok(())
}

#[test]
fn candles_own_backward_is_refused() -> Result<()> {
    let x = Var::new(&[1.0, 2.0], &Device::Cpu)?;
    let square = Recomputable::new("square", |x: &Tensor| x.sqr());
    let error = checkpoint(&square, &x)?
        .sum_all()?
        .backward()
        .unwrap_err()
        .to_string();
    assert!(error.contains("expected horesnet::backward"), "{error}");
    Ok(())
}

#[test]
fn a_schedule_for_other_functions_is_refused() -> Result<()> {
    let x = Tensor::new(1.0, &Device::Cpu)?;
    let error = checkpoint_sequence(&[], Schedule::new(2, 1), &x)
        .unwrap_err()
        .to_string();
    assert!(error.contains("expected 2 functions"), "{error}");
    Ok(())
}

#[test]
fn blocks_that_do_not_evaluate_stages_alone_say_so() -> Result<()> {
    struct Decay(Cell<f64>);
    impl Block for Decay {
        fn tableau(&self) -> Tableau {
            Rk4::<()>::TABLEAU
        }

        fn coefficients(&self) -> &dyn Coefficients {
            &1.0
        }

        fn step_t(&self, _: &dyn Coefficients, x: &Tensor, _: bool) -> Result<Tensor> {
            x * self.0.get()
        }

        fn increment_t(&self, _: &dyn Coefficients, x: &Tensor, _: bool) -> Result<Tensor> {
            x * (self.0.get() - 1.0)
        }
    }
    let error = Decay(Cell::new(0.5))
        .stage_t(1, &images(1)?, true)
        .unwrap_err();
    assert!(error.to_string().contains("implement `Block::stage_t`"));
    Ok(())
}

#[test]
fn gradients_are_those_of_finite_differences() -> Result<()> {
    let variables = VarMap::new();
    let vb = VarBuilder::from_varmap(&variables, DType::F64, &Device::Cpu);
    let layer = Arc::new(linear(3, 3, vb)?);
    let function = move |x: &Tensor| candle_nn::Module::forward(&*layer, x)?.tanh();
    let block = Rk4::shared(function).recompute(Recompute::BlockAndStage);
    let x = Tensor::new(&[[0.3, -0.2, 0.5]], &Device::Cpu)?;
    let loss = || block.forward_t(&x, true)?.sqr()?.sum_all();
    let gradients = backward(&loss()?)?;
    for var in variables.all_vars() {
        let gradient = gradients.get(&var).expect("a gradient").flatten_all()?;
        let values = var.flatten_all()?.to_vec1::<f64>()?;
        for (index, gradient) in gradient.to_vec1::<f64>()?.into_iter().enumerate() {
            let at = |shift: f64| -> Result<f64> {
                let mut moved = values.clone();
                moved[index] += shift;
                var.set(&Tensor::from_vec(moved, var.shape(), &Device::Cpu)?)?;
                loss()?.to_scalar()
            };
            let slope = (at(1e-5)? - at(-1e-5)?) / 2e-5;
            at(0.0)?;
            assert!((slope - gradient).abs() < 1e-8, "{slope}, {gradient}");
        }
    }
    Ok(())
}
