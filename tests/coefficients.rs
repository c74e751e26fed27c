//! The generated code gives back the tableau: its matrix and weights are measured through probing residual
//! functions, not read from the constants.

use std::cell::RefCell;

use candle_core::{Device, Result, Tensor};
use horesnet::candle_nn::ModuleT;
use horesnet::{for_each_scheme, ho_block};
use horesnet_compiler::number::Number;
use horesnet_compiler::{Scheme, compile, library};

/// Records the input of stage `i`, and returns the unit vector `e_i`.
///
/// In a step from the zero vector, the input of stage `i` is `Σ a_ij e_j`, the row of `A`, and the step ends at `Σ b_i e_i`,
/// the weights.
struct Probe<'a> {
    stage: usize,
    stages: usize,
    seen: &'a RefCell<Vec<(usize, Vec<f64>)>>,
}

impl ModuleT for Probe<'_> {
    fn forward_t(&self, xs: &Tensor, _: bool) -> Result<Tensor> {
        self.seen.borrow_mut().push((self.stage, xs.to_vec1()?));
        let unit: Vec<f64> = (0..self.stages)
            .map(|j| f64::from(u8::from(j == self.stage)))
            .collect();
        Tensor::new(unit, &Device::Cpu)
    }
}

/// The rows of `A` and the weights, as revealed by a step with `h = 1` from zero.
fn measure(
    stages: usize,
    step: impl FnOnce(&RefCell<Vec<(usize, Vec<f64>)>>, &Tensor) -> Result<Tensor>,
) -> Result<(Vec<Vec<f64>>, Vec<f64>)> {
    let seen = RefCell::default();
    let zero = Tensor::zeros(stages, candle_core::DType::F64, &Device::Cpu)?;
    let weights = step(&seen, &zero)?.to_vec1()?;
    let seen = seen.into_inner();
    assert!(
        seen.iter().map(|(stage, _)| *stage).eq(0..stages),
        "each stage is called once, in order"
    );
    Ok((seen.into_iter().map(|(_, row)| row).collect(), weights))
}

/// The stages of the tableau that reach the propagated weights, found independently from the definition.
fn mattering(scheme: &Scheme) -> Vec<usize> {
    let tableau = &scheme.tableau;
    let zero = Number::from(0);
    let reaches = |i: usize| {
        let mut frontier: Vec<usize> = (0..tableau.stages())
            .filter(|&j| tableau.weights[0].values[j] != zero)
            .collect();
        let mut seen = frontier.clone();
        while let Some(j) = frontier.pop() {
            for k in (0..tableau.stages()).filter(|&k| tableau.matrix[(j, k)] != zero) {
                if !seen.contains(&k) {
                    seen.push(k);
                    frontier.push(k);
                }
            }
        }
        seen.contains(&i)
    };
    (0..tableau.stages()).filter(|&i| reaches(i)).collect()
}

macro_rules! declare {
    ($(($name:ident, $type:ident)),*) => {
        $(ho_block!($name);)*

        fn measured(name: &str) -> Result<(Vec<Vec<f64>>, Vec<f64>)> {
            $(if name == stringify!($name) {
                const STAGES: usize = $type::<()>::STAGES;
                return measure(STAGES, |seen, zero| {
                    let block = $type::build(|stage| Ok(Probe { stage, stages: STAGES, seen }))?;
                    block.step(1.0, zero)
                });
            })*
            panic!("no scheme {name}")
        }
    };
}
for_each_scheme!(declare);

#[test]
fn generated_code_gives_back_the_matrix_and_the_weights_exactly() -> Result<()> {
    for bundled in library::all() {
        let scheme = compile(bundled.text).unwrap();
        let stages = mattering(&scheme);
        let (matrix, weights) = measured(bundled.name)?;
        assert_eq!(matrix.len(), stages.len(), "{}", bundled.name);
        for (row, &i) in matrix.iter().zip(&stages) {
            let expected: Vec<_> = stages
                .iter()
                .map(|&j| scheme.tableau.matrix[(i, j)].to_f64())
                .collect();
            assert_eq!(row, &expected, "row {} of {}", i + 1, bundled.name);
        }
        let expected: Vec<_> = stages
            .iter()
            .map(|&i| scheme.tableau.weights[0].values[i].to_f64())
            .collect();
        assert_eq!(weights, expected, "weights of {}", bundled.name);
    }
    Ok(())
}

/// An independent value of each coefficient: the expressions of the file in floating point, by hand.
#[test]
fn coefficients_are_the_numbers_in_the_literature() {
    let r = 6_f64.sqrt();
    // Verner 1978: a_{12,7} = (154922 − 40458√6)/135, b_12 = 3/7280.
    assert!((Verner8::<()>::A[11][6] - (154_922.0 - 40_458.0 * r) / 135.0).abs() < 1e-10);
    assert_eq!(Verner8::<()>::B[11], 3.0 / 7280.0);
    assert_eq!((Verner8::<()>::STAGES, Verner8::<()>::ORDER), (14, 8));
    assert_eq!((Dopri5::<()>::STAGES, Dopri5::<()>::ORDER), (6, 5));
    assert_eq!(Rk4::<()>::B, [1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0]);
    assert_eq!(Rk4::<()>::C, [0.0, 0.5, 0.5, 1.0]);
    // 1 − 1/√2 to more digits than f64 holds.
    assert_eq!(Gill4::<()>::A[2][1], 0.292_893_218_813_452_5);
}

/// `step_with_error` measured likewise: the difference of the two rows of weights over all stages.
#[test]
fn the_estimate_is_the_difference_of_the_two_rows_of_weights() -> Result<()> {
    // x′ = x from 1: the step is the stability polynomial, and so is the estimate.
    let identity = |x: &Tensor| Ok(x.clone());
    let one = Tensor::new(&[1.0_f64], &Device::Cpu)?;
    let h = 0.5;
    for (name, (step, estimate)) in [
        (
            "verner8",
            Verner8::shared(identity).step_with_error(h, &one)?,
        ),
        ("dopri5", Dopri5::shared(identity).step_with_error(h, &one)?),
        (
            "cash_karp5",
            CashKarp5::shared(identity).step_with_error(h, &one)?,
        ),
        (
            "fehlberg45",
            Fehlberg45::shared(identity).step_with_error(h, &one)?,
        ),
        (
            "bogacki_shampine3",
            BogackiShampine3::shared(identity).step_with_error(h, &one)?,
        ),
        (
            "rdpk3_5_fsal",
            Rdpk35Fsal::shared(identity).step_with_error(h, &one)?,
        ),
        (
            "verner_robust9",
            VernerRobust9::shared(identity).step_with_error(h, &one)?,
        ),
        (
            "feagin12",
            Feagin12::shared(identity).step_with_error(h, &one)?,
        ),
    ] {
        let scheme = compile(library::find(name).unwrap().text).unwrap();
        let tableau = &scheme.tableau;
        let values: Vec<f64> = (0..tableau.weights.len())
            .map(|row| polynomial(&scheme, row, h))
            .collect();
        assert!(
            (step.to_vec1::<f64>()?[0] - values[0]).abs() < 1e-14,
            "{name}"
        );
        assert!(
            (estimate.to_vec1::<f64>()?[0] - (values[0] - values[1])).abs() < 1e-14,
            "{name}"
        );
    }
    Ok(())
}

/// `1 + h·bᵀ(I − hA)⁻¹e` by forward substitution over all stages of the tableau.
fn polynomial(scheme: &Scheme, row: usize, h: f64) -> f64 {
    let tableau = &scheme.tableau;
    let mut k: Vec<f64> = Vec::new();
    for i in 0..tableau.stages() {
        let sum: f64 = k
            .iter()
            .enumerate()
            .map(|(j, k)| tableau.matrix[(i, j)].to_f64() * k)
            .sum();
        k.push(1.0 + h * sum);
    }
    1.0 + h * k
        .iter()
        .enumerate()
        .map(|(i, k)| tableau.weights[row].values[i].to_f64() * k)
        .sum::<f64>()
}
