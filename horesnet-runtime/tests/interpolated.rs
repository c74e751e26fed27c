//! Residual functions whose weights are interpolated in time.

// Builders are passed by value, as everywhere in candle.
#![expect(clippy::needless_pass_by_value)]

use candle_core::{DType, Device, Result, Tensor, Var};
use candle_nn::{Activation, Linear, ModuleT, Sequential, VarBuilder, VarMap};
use candle_nn::{batch_norm, linear, seq};
use horesnet_runtime::{Grid, backward, ho_block};

ho_block!(rk4);
ho_block!(midpoint);

const CPU: Device = Device::Cpu;

fn variables() -> (VarMap, VarBuilder<'static>) {
    let map = VarMap::new();
    let vb = VarBuilder::from_varmap(&map, DType::F64, &CPU);
    (map, vb)
}

fn variable(map: &VarMap, name: &str) -> Var {
    map.data().lock().unwrap()[name].clone()
}

fn dense(vb: VarBuilder) -> Result<Sequential> {
    let layers = seq().add(linear(2, 3, vb.pp("in"))?);
    Ok(layers
        .add(Activation::Silu)
        .add(linear(3, 2, vb.pp("out"))?))
}

fn numbers(tensor: &Tensor) -> Vec<f64> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

#[test]
fn weights_are_those_of_the_grid_and_linear_in_between() {
    let (map, vb) = variables();
    let grid = Grid::new(3, vb.pp("grid"), |vb| {
        vb.get(1, "w").map(|w| Linear::new(w, None))
    })
    .unwrap();
    for (point, value) in [("1", 10.0), ("2", 20.0), ("3", 40.0)] {
        let value = Tensor::new(&[value], &CPU).unwrap();
        variable(&map, &format!("grid.{point}.w"))
            .set(&value)
            .unwrap();
    }
    for (time, expected) in [
        (0.0, 10.0),
        (0.25, 15.0),
        (0.5, 20.0),
        (0.75, 30.0),
        (1.0, 40.0),
        (-3.0, 10.0),
        (f64::INFINITY, 40.0),
    ] {
        let function = grid.at(time, vb.pp("own")).unwrap();
        assert_eq!(numbers(function.function().unwrap().weight()), [expected]);
    }
    assert!(grid.at(f64::NAN, vb.pp("own")).is_err());
    assert!(Grid::new(1, vb, dense).is_err());
}

#[test]
fn equal_points_are_the_function_itself() {
    let (map, vb) = variables();
    let grid = Grid::new(2, vb.pp("grid"), dense).unwrap();
    for name in ["in.weight", "in.bias", "out.weight", "out.bias"] {
        let value = variable(&map, &format!("grid.1.{name}"));
        variable(&map, &format!("grid.2.{name}"))
            .set(&value)
            .unwrap();
    }
    let plain = dense(vb.pp("grid.1")).unwrap();
    let xs = Tensor::new(&[[0.5, -1.0]], &CPU).unwrap();
    let expected = numbers(&Rk4::shared(plain).forward_t(&xs, true).unwrap());
    let block = Rk4::build(|i| grid.at(Rk4::<()>::C[i], vb.pp(i))).unwrap();
    let found = numbers(&block.forward_t(&xs, true).unwrap());
    for (a, b) in std::iter::zip(found, expected) {
        assert!((a - b).abs() < 1e-15, "{a} {b}");
    }
}

#[test]
fn gradients_of_all_points_are_those_of_finite_differences() {
    let (map, vb) = variables();
    let grid = Grid::new(3, vb.pp("grid"), dense).unwrap();
    let block = Rk4::build(|i| grid.at(0.2 + 0.5 * Rk4::<()>::C[i], vb.pp(i))).unwrap();
    let xs = Tensor::new(&[[0.5, -1.0], [0.3, 0.7]], &CPU).unwrap();
    let loss = || {
        block
            .forward_t(&xs, true)
            .unwrap()
            .sqr()
            .unwrap()
            .sum_all()
            .unwrap()
    };
    let gradients = backward(&loss()).unwrap();
    let value = || loss().to_scalar::<f64>().unwrap();
    for (name, var) in map.data().lock().unwrap().iter() {
        let gradient = numbers(gradients.get(var).unwrap());
        let start = numbers(var);
        for index in 0..start.len() {
            let step = 1e-6;
            let moved = |by: f64| {
                let mut values = start.clone();
                values[index] += by;
                var.set(&Tensor::from_vec(values, var.shape(), &CPU).unwrap())
                    .unwrap();
                value()
            };
            let slope = (moved(step) - moved(-step)) / (2.0 * step);
            moved(0.0);
            assert!(
                (slope - gradient[index]).abs() < 1e-7 * (1.0 + slope.abs()),
                "{name} {index}"
            );
        }
    }
}

#[test]
fn running_statistics_are_of_each_evaluation() {
    let (map, vb) = variables();
    let norm = |vb: VarBuilder| batch_norm(2, 1e-5, vb.pp("norm"));
    let grid = Grid::new(2, vb.pp("grid"), norm).unwrap();
    let block = Rk4::build(|i| grid.at(Rk4::<()>::C[i], vb.pp(format!("stage{}", i + 1)))).unwrap();
    let xs = Tensor::new(&[[1.0, 2.0], [3.0, 6.0]], &CPU).unwrap();
    block.forward_t(&xs, true).unwrap();
    let names: Vec<String> = map.data().lock().unwrap().keys().cloned().collect();
    assert_eq!(names.len(), 2 * 2 + 4 * 2, "{names:?}");
    let mean = |stage: usize| numbers(&variable(&map, &format!("stage{stage}.norm.running_mean")));
    assert_eq!(mean(1), [0.2, 0.4]);
    // The second stage is evaluated at other numbers, whose mean is the same: the increment of a norm is centred.
    let variance =
        |stage: usize| numbers(&variable(&map, &format!("stage{stage}.norm.running_var")));
    assert_ne!(variance(1), variance(2));
}

#[test]
fn an_interpolated_block_contributes_its_increment() {
    let (_, vb) = variables();
    let make = |vb: VarBuilder| Midpoint::build(|i| dense(vb.pp(i)));
    let grid = Grid::new(2, vb.pp("grid"), make).unwrap();
    let inner = grid.at(0.0, vb.pp("own")).unwrap();
    let xs = Tensor::new(&[[0.5, -1.0]], &CPU).unwrap();
    let increment = inner.function().unwrap().increment(&xs).unwrap();
    let block = horesnet_runtime::__private0::Stages::<_, 1>::Shared(inner);
    let found = block.call(1, &xs, false).unwrap();
    assert_eq!(numbers(&found), numbers(&increment));
}

#[test]
fn what_was_not_asked_for_at_first_is_an_error() {
    let (_, vb) = variables();
    let calls = std::sync::atomic::AtomicUsize::new(0);
    let make = move |vb: VarBuilder| {
        let call = calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        vb.get(1, if call < 3 { "first" } else { "later" })
            .map(|w| Linear::new(w, None))
    };
    let grid = Grid::new(2, vb.pp("grid"), make).unwrap();
    let function = grid.at(0.5, vb).unwrap();
    let error = function
        .forward_t(&Tensor::ones(1, DType::F64, &CPU).unwrap(), true)
        .unwrap_err();
    assert!(error.to_string().contains("later"), "{error}");
}
