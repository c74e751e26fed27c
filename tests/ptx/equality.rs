//! Sums by kernels are bit-identical to those by the CPU.

use horesnet_compiler::emit::ptx::{Element, Kernel, MAX_OPERANDS, passes};

use crate::memory::Memory;
use crate::program;
use crate::sums::{Random, Sum, launch};

fn kernel(element: Element, operands: usize) -> Kernel {
    Kernel::new(element, operands).expect("a kernel")
}

#[test]
fn texts_declare_what_a_launch_passes() {
    for kernel in Element::ALL.into_iter().flat_map(Kernel::all) {
        let program = program::parse(&kernel.text).expect(&kernel.entry);
        assert_eq!(program.entry, kernel.entry);
        let mut names = vec!["len".to_owned(), "out".to_owned()];
        for j in 0..kernel.operands {
            names.extend([format!("k{j}"), format!("c{j}")]);
        }
        let declared: Vec<_> = program
            .parameters
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(declared, names);
        assert!(kernel.text.is_ascii(), "assemblers read nothing else");
    }
}

#[test]
fn sums_of_every_kernel_are_those_of_the_cpu() {
    let mut random = Random(1);
    for kernel in Element::ALL.into_iter().flat_map(Kernel::all) {
        // A little more than one block; fewer than one thread takes; random.
        let lanes = kernel.element.lanes();
        let lens = [
            256 * lanes + 1 + random.below(lanes),
            1 + random.below(lanes),
            random.below(600),
        ];
        for len in lens {
            let sum = Sum::random(kernel.element, kernel.operands, len, random.bits());
            assert_eq!(
                sum.by(&kernel),
                Ok(sum.expected()),
                "{} of {len}",
                kernel.entry
            );
        }
    }
}

#[test]
fn every_length_around_a_vector_and_a_block_is_covered() {
    for element in Element::ALL {
        let kernel = kernel(element, 3);
        let block = 256 * element.lanes();
        for len in (0..40).chain(block - 2..block + 3).chain([3 * block]) {
            let sum = Sum::random(element, 3, len, len as u64);
            assert_eq!(sum.by(&kernel), Ok(sum.expected()), "{element:?}, {len}");
        }
    }
}

#[test]
fn tensors_may_begin_anywhere() {
    for element in Element::ALL {
        let kernel = kernel(element, 2);
        for skew in 0..=element.lanes() {
            for out in 0..=element.lanes() {
                for len in [1, 7, 16, 100] {
                    let sum = Sum::random(element, 2, len, 5);
                    let found = sum.to_place(&kernel, &kernel.text, skew, out);
                    let expected = Ok(sum.expected());
                    assert_eq!(found, expected, "{element:?}, {skew}, {out}, {len}");
                }
            }
        }
    }
}

#[test]
fn numbers_that_are_special_stay_so() {
    // Zeros of both signs, subnormal numbers, the largest numbers, infinities, and ties between two 16-bit numbers.
    let special = [
        0.0,
        -0.0,
        1e-40,
        -1e-45,
        3e38,
        65504.0,
        65520.0,
        f64::INFINITY,
        f64::NEG_INFINITY,
        1.0,
    ];
    let ties = [
        1.003_906_25,
        1.011_718_75,
        1.000_488_281_25,
        1.001_464_843_75,
        6e-8,
        2.98e-8,
        8.9e-8,
    ];
    let values: Vec<f64> = special
        .into_iter()
        .chain(ties)
        .chain(ties.map(|x| -x))
        .collect();
    for element in Element::ALL {
        for c in [1.0, -1.0, 0.5, 1e-3] {
            let one = Sum::new(element, &[(c, values.clone())]);
            assert_eq!(
                one.by(&kernel(element, 1)),
                Ok(one.expected()),
                "{element:?}, {c}"
            );
            // No opposite infinities: the sign of the resulting NaN is unspecified.
            let second: Vec<f64> = values.iter().map(|x| x.abs() * 0.75).collect();
            let two = Sum::new(
                element,
                &[
                    (c.abs(), values.iter().map(|x| x.abs()).collect()),
                    (0.3, second),
                ],
            );
            assert_eq!(
                two.by(&kernel(element, 2)),
                Ok(two.expected()),
                "{element:?}, {c}"
            );
        }
    }
}

#[test]
fn what_is_not_a_number_stays_so() {
    for element in Element::ALL {
        let sum = Sum::new(
            element,
            &[(1.0, vec![f64::NAN, 1.0]), (0.0, vec![1.0, f64::INFINITY])],
        );
        let found = sum.by(&kernel(element, 2)).expect("a sum");
        for value in found.chunks(element.bytes()) {
            // A NaN has all exponent bits set and a bit of the fraction, here among the upper bits of every type.
            let upper = u16::from_le_bytes([value[value.len() - 2], value[value.len() - 1]]);
            let exponent = match element {
                Element::F16 => 0x7c00,
                Element::F64 => 0x7ff0,
                _ => 0x7f80,
            };
            assert!(
                upper & exponent == exponent && upper & !exponent & 0x7fff != 0,
                "{element:?}: {value:?}"
            );
        }
    }
}

#[test]
fn several_passes_form_one_sum() {
    for element in [Element::F32, Element::F64] {
        for operands in [17, 31, 32, 50] {
            let whole = Sum::random(element, operands, 70, 3);
            let mut random = Random(3);
            let terms: Vec<(f64, Vec<f64>)> = (0..operands)
                .map(|_| (random.next(), (0..70).map(|_| random.next()).collect()))
                .collect();
            let (mut next, mut so_far) = (0, None);
            for pass in passes(operands) {
                let first = so_far.take().map(|sum| (1.0, sum));
                let fresh = pass - usize::from(first.is_some());
                let terms: Vec<_> = first
                    .into_iter()
                    .chain(terms[next..next + fresh].iter().cloned())
                    .collect();
                next += fresh;
                let sum = Sum::new(element, &terms)
                    .by(&kernel(element, pass))
                    .expect("a pass");
                so_far = Some(numbers(element, &sum));
            }
            assert_eq!(so_far, Some(numbers(element, &whole.expected())));
        }
    }
}

fn numbers(element: Element, bytes: &[u8]) -> Vec<f64> {
    let one = |bytes: &[u8]| match element {
        Element::F32 => f64::from(f32::from_le_bytes(bytes.try_into().expect("4 bytes"))),
        _ => f64::from_le_bytes(bytes.try_into().expect("8 bytes")),
    };
    bytes.chunks(element.bytes()).map(one).collect()
}

#[test]
fn places_beyond_32_bits_are_found() {
    for element in Element::ALL {
        let kernel = kernel(element, MAX_OPERANDS);
        let program = program::parse(&kernel.text).expect("a program");
        let size = element.bytes() as u64;
        // The last block, 3·2³¹ elements from the first, has one full thread and one with a single element.
        let (block, lanes) = (256 * element.lanes() as u64, element.lanes() as u64);
        let first = 3 * (1u64 << 31);
        let len = first + lanes + 1;
        let mut memory = Memory::default();
        let out = memory.result(len * size, 0);
        let sum = Sum::random(element, MAX_OPERANDS, lanes as usize + 1, 9);
        let operands: Vec<u64> = (0..MAX_OPERANDS)
            .map(|_| memory.large_operand(len * size))
            .collect();
        for (operand, bytes) in operands.iter().zip(sum.bytes()) {
            memory.fill(operand + first * size, bytes);
        }
        let blocks = kernel.blocks(len as usize) as u64;
        assert_eq!((first % block, blocks), (0, first / block + 1));
        let launch = launch(&program, len, out, sum.coefficients(), &operands);
        launch
            .block(first / block, &mut memory)
            .expect("the last block");
        let found = memory.written(out + first * size, (lanes as usize + 1) * element.bytes());
        assert_eq!(found, Ok(sum.expected()));
    }
}
