//! Step sizes as text.

use candle_core::{DType, Device};
use candle_nn::VarBuilder;
use horesnet::Clock;
use horesnet_train::{BlockCoefficients, DynCoefficients, Variables, schemes};

#[test]
fn text_reads_and_prints_back() {
    for text in [
        "fixed(1)",
        "fixed(0.5)",
        "decaying(0.9)",
        "decaying(0.9, 0.5)",
        "decaying(0.9, epochs)",
        "decaying(0.9, 0.5, epochs)",
        "learned",
        "learned(0.5)",
        "learned(params)",
        "learned(all)",
        "learned(all, projected)",
        "adaptive(0.01)",
        "adaptive(0.01, batch)",
    ] {
        let coefficients: BlockCoefficients = text.parse().unwrap();
        assert_eq!(coefficients.to_string(), text);
        let json = serde_json::to_string(&coefficients).unwrap();
        assert_eq!(json, format!("\"{text}\""));
        let back: BlockCoefficients = serde_json::from_str(&json).unwrap();
        assert_eq!(back, coefficients);
    }
    let spaced: BlockCoefficients = " decaying ( 0.9 ,1 ) ".parse().unwrap();
    assert_eq!(spaced.to_string(), "decaying(0.9)");
    for (other, same) in [
        ("learned(1)", "learned"),
        ("adaptive(1/4, sample)", "adaptive(0.25)"),
        ("decaying(1/2,1,epochs)", "decaying(0.5, epochs)"),
    ] {
        let coefficients: BlockCoefficients = other.parse().unwrap();
        assert_eq!(coefficients.to_string(), same);
    }
}

fn step_size(text: &str, depth: usize, clock: &Clock) -> f64 {
    let coefficients: BlockCoefficients = text.parse().unwrap();
    let tableau = schemes::find("rk4").unwrap().tableau;
    let vb = VarBuilder::zeros(DType::F32, &Device::Cpu);
    let made = coefficients.at_depth(depth, tableau, clock, vb).unwrap();
    let values = made.values().unwrap();
    assert_eq!((values.len(), values[0].0.as_str()), (1, "h"));
    values[0].1
}

#[test]
fn decay_is_geometric() {
    let h = |depth| step_size("decaying(0.5, 2)", depth, &Clock::default());
    assert_eq!([0, 1, 2, 3].map(h), [2.0, 1.0, 0.5, 0.25]);
}

#[test]
fn decay_along_training_is_that_of_the_clock_at_every_depth() {
    let clock = Clock::default();
    for (epochs, h) in [(0.0, 2.0), (0.5, 1.0), (2.0, 0.125)] {
        clock.set(epochs);
        for depth in [0, 7] {
            assert_eq!(step_size("decaying(0.25, 2, epochs)", depth, &clock), h);
        }
    }
}

/// What is made for a block of `scheme`, and the names and shapes of its variables.
fn made(text: &str, scheme: &str) -> (candle_core::Result<DynCoefficients>, Vec<(String, usize)>) {
    let variables = Variables::seeded(0);
    let vb = variables.builder(DType::F32, &Device::Cpu);
    let coefficients: BlockCoefficients = text.parse().unwrap();
    let tableau = schemes::find(scheme).unwrap().tableau;
    let made = coefficients.at_depth(3, tableau, &Clock::default(), vb.pp("block1"));
    let variables = variables.trained().into_iter();
    let shapes = variables.map(|(name, var)| (name, var.elem_count()));
    (made, shapes.collect())
}

#[test]
fn what_is_learned_are_variables_of_the_block() {
    let (h, variables) = made("learned(0.5)", "rk4");
    assert_eq!(variables, [("block1.h".to_owned(), 1)]);
    assert_eq!(h.unwrap().values().unwrap(), [("h".to_owned(), 0.5)]);
    for text in ["learned(all)", "learned(all, projected)"] {
        let (all, variables) = made(text, "rk4");
        assert_eq!(variables, [("block1.coefficients".to_owned(), 7)]);
        let values = all.unwrap().values().unwrap();
        assert_eq!(values[2], ("a43".to_owned(), 1.0));
        assert_eq!(values[3], ("b1".to_owned(), 1.0 / 6.0));
    }
}

#[test]
fn what_adapts_needs_a_scheme_with_an_estimate() {
    for text in ["adaptive(0.01)", "adaptive(0.01, batch)"] {
        let (adaptive, variables) = made(text, "dopri5");
        assert!(variables.is_empty());
        assert_eq!(adaptive.unwrap().values().unwrap(), [("h".to_owned(), 1.0)]);
        let error = made(text, "rk4").0.unwrap_err().to_string();
        assert!(error.contains("RK4 has none"), "{error}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused() {
    for text in [
        "",
        "fixed",
        "fixed()",
        "fixed(0)",
        "fixed(-1)",
        "fixed(nan)",
        "fixed(inf)",
        "fixed(1, 2)",
        "fixed(1",
        "decaying(0)",
        "decaying(1.1)",
        "decaying(nan)",
        "decaying(0.9, 0)",
        "decaying(1, 2, 3)",
        "learnt(1)",
        "learned()",
        "learned(0)",
        "learned(projected)",
        "learned(all, all)",
        "adaptive",
        "adaptive(0)",
        "adaptive(batch)",
        "adaptive(0.1, stage)",
        "decaying(epochs)",
        "decaying(0.9, epochs, 1)",
        "decaying(0.9, batch)",
        "fixed(1))",
    ] {
        let refused = text.parse::<BlockCoefficients>().map(|c| c.to_string());
        let error = refused.expect_err(text).to_string();
        assert!(error.starts_with("coefficients: "), "{error}");
    }
}
