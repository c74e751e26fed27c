//! Step sizes as text.

use horesnet_train::Coefficients;

#[test]
fn text_reads_and_prints_back() {
    for text in [
        "fixed(1)",
        "fixed(0.5)",
        "decaying(0.9)",
        "decaying(0.9, 0.5)",
    ] {
        let coefficients: Coefficients = text.parse().unwrap();
        assert_eq!(coefficients.to_string(), text);
        let json = serde_json::to_string(&coefficients).unwrap();
        assert_eq!(json, format!("\"{text}\""));
        let back: Coefficients = serde_json::from_str(&json).unwrap();
        assert_eq!(back, coefficients);
    }
    let spaced: Coefficients = " decaying ( 0.9 ,1 ) ".parse().unwrap();
    assert_eq!(spaced.to_string(), "decaying(0.9)");
}

#[test]
fn decay_is_geometric() {
    let coefficients: Coefficients = "decaying(0.5, 2)".parse().unwrap();
    let h: Vec<f64> = (0..4).map(|depth| coefficients.h(depth)).collect();
    assert_eq!(h, [2.0, 1.0, 0.5, 0.25]);
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
        "fixed(1))",
    ] {
        let refused = text.parse::<Coefficients>().map(|c| c.to_string());
        let error = refused.expect_err(text).to_string();
        assert!(error.starts_with("coefficients: "), "{error}");
    }
}
