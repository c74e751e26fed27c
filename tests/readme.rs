//! The README shows the compiler's actual output. (Its Rust example runs as a documentation test.)

use horesnet_compiler::{compile, library};

const README: &str = include_str!("../README.md");

/// The fenced `text` blocks of the README.
fn blocks() -> Vec<&'static str> {
    README
        .split("```text\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect()
}

#[test]
fn the_tableau_is_a_tableau_and_the_error_is_the_error() {
    let blocks = blocks();
    let [tableau, error] = blocks.as_slice() else {
        panic!("two blocks, not {}", blocks.len())
    };
    assert_eq!(compile(tableau).unwrap().verdict.weights[0].order, 3);
    let wrong = tableau.replace("| -1   2", "| 1    2");
    let problems = compile(&wrong).expect_err("the sign is lost");
    let messages: Vec<_> = problems
        .iter()
        .map(|p| p.render("schemes/mine.tab", &wrong))
        .collect();
    assert_eq!(messages.join("\n"), error.trim_end());
}

#[test]
fn the_schemes_it_names_are_bundled() {
    for name in ["rk4", "verner8"] {
        assert!(library::find(name).is_some(), "{name}");
    }
}

#[test]
fn the_number_and_the_orders_of_the_bundled_schemes_are_those_it_says() {
    let orders = library::all().iter().map(|scheme| {
        let rows = compile(scheme.text).unwrap().verdict.weights;
        rows[0].order
    });
    let orders: Vec<_> = orders.collect();
    let (least, most) = (orders.iter().min().unwrap(), orders.iter().max().unwrap());
    let says = format!(
        "{} bundled schemes, of order {least} to {most}",
        orders.len()
    );
    assert!(README.contains(&says), "{says}");
}
