//! The interpreter of these tests detects mistakes: each is planted in a correct kernel.

use horesnet_compiler::emit::ptx::{Element, Kernel};

use crate::sums::Sum;

/// Runs a kernel for three operands whose first `right` is replaced by `wrong`, and returns what is found.
fn planted(element: Element, right: &str, wrong: &str, len: usize, skew: usize) -> Found {
    let kernel = Kernel::new(element, 3).expect("a kernel");
    let (at, _) = kernel.text.match_indices(right).next().expect(right);
    let mut text = kernel.text.clone();
    text.replace_range(at..at + right.len(), wrong);
    found(element, &kernel, &text, len, skew)
}

fn found(element: Element, kernel: &Kernel, text: &str, len: usize, skew: usize) -> Found {
    let sum = Sum::random(element, 3, len, 11);
    // The kernel itself is correct.
    assert_eq!(sum.by_text(kernel, &kernel.text, skew), Ok(sum.expected()));
    match sum.by_text(kernel, text, skew) {
        Ok(bytes) if bytes == sum.expected() => Found::Nothing,
        Ok(_) => Found::OtherSum,
        Err(what) => Found::Stop(what),
    }
}

#[derive(Debug, PartialEq)]
enum Found {
    Nothing,
    OtherSum,
    Stop(String),
}

fn stops(found: &Found, why: &str) {
    let Found::Stop(what) = found else {
        panic!("{found:?} where it should stop: {why}")
    };
    assert!(what.contains(why), "{what}");
}

#[test]
fn a_wrong_coefficient() {
    for element in Element::ALL {
        let sum = element.sum();
        let (right, wrong) = (
            format!("ld.param.{sum} %c, [c1];"),
            format!("ld.param.{sum} %c, [c0];"),
        );
        assert_eq!(planted(element, &right, &wrong, 100, 0), Found::OtherSum);
    }
}

#[test]
fn a_wrong_operand() {
    for element in Element::ALL {
        let kernel = Kernel::new(element, 3).expect("a kernel");
        let text = kernel.text.replace("[k2]", "[k1]");
        assert_eq!(found(element, &kernel, &text, 100, 0), Found::OtherSum);
    }
}

#[test]
fn a_missed_tail() {
    for element in Element::ALL {
        // Full vectors only: reads past the end.
        let lanes = element.lanes();
        let right = format!("setp.lt.u64 %yes, %left, {lanes};");
        let wrong = "setp.lt.u64 %yes, %left, 0;";
        stops(
            &planted(element, &right, wrong, lanes + 1, 0),
            "out of bounds",
        );
        // No tail at all: its elements are left out.
        let right = format!("min.u64 %left, %left, {lanes};");
        stops(
            &planted(element, &right, "ret;", lanes + 1, 0),
            "were written",
        );
        // Only one element of the tail.
        let right = "@%yes bra NEXT;";
        if lanes > 2 {
            stops(&planted(element, right, "", lanes + 2, 0), "were written");
        }
    }
}

#[test]
fn off_by_one() {
    for element in Element::ALL {
        let lanes = element.lanes();
        // One thread too many, which has no element.
        let whole = 256 * lanes / 2;
        let found = planted(
            element,
            "setp.ge.u64 %yes, %first, %left;",
            "setp.gt.u64 %yes, %first, %left;",
            whole,
            0,
        );
        assert_ne!(found, Found::Nothing);
        // A full vector where one element is missing.
        let right = format!("setp.lt.u64 %yes, %left, {lanes};");
        let wrong = format!("setp.lt.u64 %yes, %left, {};", lanes - 1);
        stops(
            &planted(element, &right, &wrong, 2 * lanes - 1, 0),
            "out of bounds",
        );
        // One element too many in the loop over single elements.
        let right = format!("min.u64 %left, %left, {lanes};");
        let wrong = format!("min.u64 %left, %left, {};", lanes + 1);
        assert_ne!(
            planted(element, &right, &wrong, 3 * lanes, 1),
            Found::Nothing
        );
        // Threads that begin at half the distance from each other.
        let right = format!("shl.b64 %first, %first, {};", lanes.ilog2());
        let wrong = format!("shl.b64 %first, %first, {};", lanes.ilog2() - 1);
        assert_ne!(
            planted(element, &right, &wrong, 3 * lanes, 0),
            Found::Nothing
        );
    }
}

#[test]
fn a_place_of_another_block() {
    let right = "mad.wide.u32 %first, %block, %threads, %first;";
    for element in Element::ALL {
        let wrong = "mad.wide.u32 %first, %thread, %threads, %first;";
        assert_ne!(
            planted(element, right, wrong, 600 * element.lanes(), 0),
            Found::Nothing
        );
    }
}

#[test]
fn a_missing_check_of_alignment() {
    for element in Element::ALL {
        stops(
            &planted(
                element,
                "setp.ne.u64 %yes, %low, 0;",
                "setp.ne.u64 %yes, %low, %low;",
                64,
                1,
            ),
            "misaligned",
        );
        // One operand left out of the check: this shows only if all others are aligned.
        let kernel = Kernel::new(element, 3).expect("a kernel");
        let text = kernel.text.replacen(
            "ld.param.u64 %address, [k1];\n    or.b64 %low, %low, %address;\n",
            "",
            1,
        );
        let lanes = element.lanes();
        // `out` at 0, `k0` at `skew`, `k1` at `2·skew`: with a skew of half a vector, only `k0` and `k2` are misaligned.
        assert_eq!(
            found(element, &kernel, &text, 64, lanes / 2),
            Found::Nothing
        );
        let text = text.replacen(
            "ld.param.u64 %address, [k0];\n    or.b64 %low, %low, %address;\n",
            "",
            1,
        );
        let text = text.replacen(
            "ld.param.u64 %address, [k2];\n    or.b64 %low, %low, %address;\n",
            "",
            1,
        );
        stops(&found(element, &kernel, &text, 64, lanes / 2), "misaligned");
    }
}

#[test]
fn a_missing_check_of_the_alignment_of_the_result() {
    for element in Element::ALL {
        let kernel = Kernel::new(element, 2).expect("a kernel");
        let text = kernel.text.replacen(
            "ld.param.u64 %low, [out];",
            "sub.u64 %low, %first, %first;",
            1,
        );
        assert_ne!(text, kernel.text);
        let sum = Sum::random(element, 2, 64, 3);
        let found = |text: &str| sum.to_place(&kernel, text, 0, 1);
        assert_eq!(found(&kernel.text), Ok(sum.expected()));
        let stopped = found(&text).expect_err("a misaligned store");
        assert!(stopped.contains("misaligned"), "{stopped}");
    }
}

#[test]
fn rounding_of_16_bits() {
    // Halfway between two numbers: rounded up instead of to even, and always down.
    let ties = Sum::new(
        Element::BF16,
        &[(1.0, vec![1.0, 1.007_812_5]), (0.5, vec![0.007_812_5; 2])],
    );
    let kernel = Kernel::new(Element::BF16, 2).expect("a kernel");
    assert_eq!(ties.by(&kernel), Ok(ties.expected()));
    for wrong in ["0x8000", "0"] {
        let wrong = format!("add.u32 %up, %up, {wrong};");
        let text = kernel.text.replace("add.u32 %up, %up, 0x7fff;", &wrong);
        let found = ties.by_text(&kernel, &text, 0);
        assert_ne!(found, Ok(ties.expected()), "{wrong}");
        assert!(found.is_ok());
    }
    let found = planted(
        Element::F16,
        "mov.b32 %pair0, {%half, %upper};",
        "mov.b32 %pair0, {%upper, %half};",
        64,
        0,
    );
    assert_eq!(found, Found::OtherSum);
}

#[test]
fn writes_where_nothing_is_to_be_written() {
    for element in Element::ALL {
        let right = "add.u64 %offset, %offset, ";
        let found = planted(element, right, "add.u64 %offset, %left, ", 64, 1);
        assert_ne!(found, Found::Nothing);
        // The result instead of an operand: nothing is there yet.
        let found = planted(
            element,
            "// k1\n    ld.param.u64 %address, [k1];",
            "ld.param.u64 %address, [out];",
            64,
            0,
        );
        stops(&found, "is read");
        // An operand instead of the result.
        let found = planted(
            element,
            "// out\n    ld.param.u64 %address, [out];",
            "ld.param.u64 %address, [k0];",
            64,
            0,
        );
        stops(&found, "is written");
    }
}

#[test]
fn a_thread_without_an_end() {
    for element in Element::ALL {
        let found = planted(element, "NEXT:", "NEXT:\n    bra NEXT;", 1, 0);
        stops(&found, "does not end");
    }
}
