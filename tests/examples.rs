//! The examples run, and show what they say.

#[expect(dead_code, reason = "examples are programs")]
#[path = "../examples/bottleneck.rs"]
mod bottleneck;
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
fn the_bottleneck_learns_stripes() {
    assert!(bottleneck::learn(30).unwrap() > 0.9);
}
