//! The examples run, and show what they say.

#[expect(dead_code, reason = "examples are programs")]
#[path = "../examples/bottleneck.rs"]
mod bottleneck;
#[expect(dead_code, reason = "examples are programs")]
#[path = "../examples/learned.rs"]
mod learned;
#[expect(dead_code, reason = "examples are programs")]
#[path = "../examples/nested.rs"]
mod nested;
#[expect(dead_code, reason = "examples are programs")]
#[path = "../examples/separate.rs"]
mod separate;
#[expect(dead_code, reason = "examples are programs")]
#[path = "../examples/spiral.rs"]
mod spiral;

#[test]
fn separate_stages_have_as_many_parameters_and_learn_in_either_wiring() {
    let (euler, rk4) = (separate::learn("euler", 100), separate::learn("rk4", 100));
    let ((parameters, euler), (same, rk4)) = (euler.unwrap(), rk4.unwrap());
    assert_eq!(parameters, same);
    println!("{euler} {rk4}");
    assert!(euler > 0.9 && rk4 > 0.9, "{euler}, {rk4}");
}

#[test]
fn the_spiral_is_fitted_and_the_order_shows() {
    let shown = spiral::run(120).unwrap();
    println!("{:?} {:?}", shown.errors, shown.gains);
    let (first, last) = (shown.errors[0], shown.errors[shown.errors.len() - 1]);
    assert!(last < first / 5.0, "{:?}", shown.errors);
    for ((scheme, gain), order) in std::iter::zip(shown.gains, [1.0, 2.0, 4.0]) {
        assert!((gain.log2() - order).abs() < 0.3, "{scheme}: {gain}");
    }
}

#[test]
fn nested_blocks_contribute_increments() {
    let shown = nested::run().unwrap();
    assert_eq!((shown.weights, shown.distance), (8, 0.0));
    for pair in shown.errors.windows(2) {
        let order = (pair[0] / pair[1]).log2() - 1.0;
        assert!((order - 4.0).abs() < 0.1, "{order}");
    }
}

#[test]
fn learned_coefficients_start_at_the_tableau_and_end_where_the_step_is_exact() {
    let shown = learned::run(50).unwrap();
    let [before, after] = shown.values.map(|values| {
        let names: Vec<&str> = values.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a21", "b1", "b2"]);
        [values[0].1, values[1].1, values[2].1]
    });
    assert_eq!(before, [1.0, 0.5, 0.5]);
    assert!((after[1] + after[2] - 1.0).abs() < 1e-12, "{after:?}");
    // The factor of a step of size 1 is 1 − (b1 + b2) + b2·a21.
    assert!(
        (after[2] * after[0] - (-1.0_f64).exp()).abs() < 1e-3,
        "{after:?}"
    );
    assert!(shown.errors[0] > 0.1 && shown.errors[1] < 1e-3);
}

#[test]
fn the_bottleneck_learns_stripes() {
    assert!(bottleneck::learn(30).unwrap() > 0.9);
}
