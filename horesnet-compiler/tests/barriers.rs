//! Claims that no scheme of so many stages can keep.

use horesnet_compiler::check;

/// A scheme of so many stages and the order claimed for it; explicit with one entry less a row, or full.
fn claiming(stages: usize, order: usize, full: bool) -> String {
    let row = |i: usize| {
        let entries = if full { stages } else { i };
        format!("* | {}", "1/7 ".repeat(entries))
    };
    let rows: Vec<_> = (0..stages).map(row).collect();
    let weights = format!("1/{stages} ").repeat(stages);
    format!("{}\n---\norder {order} | {weights}\n", rows.join("\n"))
}

fn barrier(text: &str) -> Option<String> {
    let problems = check(text, None).unwrap().problems;
    let help = problems[0].help_lines().iter();
    let mut help = help.filter(|line| line.contains("needs at least"));
    help.next().cloned()
}

/// Butcher 2016, §324, table 324(I): 1, 2, 3, 4, 6, 7, 9 and 11 stages for orders 1 to 8.
#[test]
fn explicit_schemes_below_the_barrier_are_told_so() {
    for (order, least) in [
        (2, 2),
        (3, 3),
        (4, 4),
        (5, 6),
        (6, 7),
        (7, 9),
        (8, 11),
        (9, 12),
        (10, 13),
    ] {
        assert!(
            barrier(&claiming(least - 1, order, false)).is_some(),
            "order {order}"
        );
        assert!(
            barrier(&claiming(least, order, false)).is_none(),
            "order {order}"
        );
    }
    insta::assert_snapshot!(barrier(&claiming(9, 8, false)).unwrap(), @r"
    no change of coefficients can help: an explicit scheme of order 8 needs at least 11 stages, and this one has 9
    (J. C. Butcher, BIT 25 (1985) 521-540)
    ");
    insta::assert_snapshot!(barrier(&claiming(3, 4, false)).unwrap(), @r"
    no change of coefficients can help: an explicit scheme of order 4 needs at least 4 stages, and this one has 3
    (Butcher 2016, §323)
    ");
}

#[test]
fn implicit_schemes_have_at_most_twice_as_many_orders_as_stages() {
    assert!(barrier(&claiming(2, 4, true)).is_none());
    insta::assert_snapshot!(barrier(&claiming(2, 5, true)).unwrap(), @r"
    no change of coefficients can help: a scheme of order 5 needs at least 3 stages, and this one has 2
    (the order of a quadrature formula, Butcher 2016, §342)
    ");
}
