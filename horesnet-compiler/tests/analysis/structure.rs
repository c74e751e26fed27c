//! Reducibility, shared nodes, storage, and the size of coefficients.

use horesnet_compiler::analysis::LiveTensors;
use horesnet_compiler::number::Number;

use super::{analysed, assert_near, bundled};

#[test]
fn unused_and_equivalent_stages_are_found() {
    // The implicit midpoint rule with its stage written twice.
    let twice = "1/2 | 1/4 1/4\n1/2 | 1/4 1/4\n---\norder 2 | 1/2 1/2\n";
    let (_, analysis) = analysed(twice);
    assert_eq!(analysis.equivalent_stages, Ok(vec![vec![1, 2]]));
    assert!(analysis.unused_stages.is_empty());
    // RK4 with its second stage computed twice.
    let doubled = "0 |\n1/2 | 1/2\n1/2 | 1/2 0\n1/2 | 0 1/4 1/4\n1 | 0 0 0 1\n---\norder 4 | 1/6 1/6 1/6 1/3 1/6\n";
    let (_, analysis) = analysed(doubled);
    assert_eq!(analysis.equivalent_stages, Ok(vec![vec![2, 3]]));
    assert_eq!(analysis.confluent_nodes, [[2, 3, 4]]);
    // A stage that nothing uses.
    let (_, analysis) = analysed("0 |\n1/3 | 1/3\n1/2 | 1/2 0\n---\norder 2 | 0 0 1\n");
    assert_eq!(
        (analysis.unused_stages, analysis.effective_stages),
        (vec![2], 2)
    );
    for name in ["rk4", "dopri5", "verner8", "cooper_verner8", "ssprk104"] {
        assert_eq!(bundled(name).equivalent_stages, Ok(vec![]), "{name}");
        assert!(bundled(name).unused_stages.is_empty(), "{name}");
    }
}

#[test]
fn first_same_as_last_is_seen() {
    assert!(bundled("dopri5").fsal() && bundled("bogacki_shampine3").fsal());
    assert!(!bundled("rk4").fsal() && !bundled("euler").fsal());
    let radau = analysed(super::implicit::RADAU_IIA_2).1;
    assert!(radau.stiffly_accurate && !radau.fsal());
}

#[test]
fn live_tensors_are_those_of_the_generated_block() {
    let live = |block, without_last_use, without_dead_stages, without_either| LiveTensors {
        block,
        without_last_use,
        without_dead_stages,
        without_either,
    };
    assert_eq!(bundled("euler").live_tensors, Ok(live(1, 1, 1, 1)));
    assert_eq!(bundled("rk4").live_tensors, Ok(live(4, 4, 4, 4)));
    assert_eq!(bundled("dopri5").live_tensors, Ok(live(6, 6, 6, 7)));
    assert_eq!(bundled("verner8").live_tensors, Ok(live(10, 14, 12, 16)));
    // Each stage uses the one before it only: two at a time, however many there are.
    let chain = "0 |\n1/4 | 1/4\n1/3 | 0 1/3\n1/2 | 0 0 1/2\n---\norder 2 | 0 0 0 1\n";
    assert_eq!(analysed(chain).1.live_tensors, Ok(live(2, 4, 2, 4)));
}

/// Williamson 1980, case 7: A = 0, −5/9, −153/128; B = 1/3, 15/16, 8/15.
#[test]
fn williamsons_form_is_found_where_it_exists() {
    let text = "0 |\n1/3 | 1/3\n3/4 | -3/16 15/16\n---\norder 3 | 1/6 3/10 8/15\n";
    let form = analysed(text).1.low_storage.unwrap().unwrap();
    let print = |numbers: &[Number]| numbers.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(print(&form.a), ["0", "-5/9", "-153/128"]);
    assert_eq!(print(&form.b), ["1/3", "15/16", "8/15"]);
    for name in ["rk4", "kutta3", "ssprk3", "dopri5", "ssprk104"] {
        assert_eq!(bundled(name).low_storage, Ok(None), "{name}");
    }
    // Designed in this form, and bundled as tableaux: Carpenter, Kennedy 1994; Niegemann, Diehl, Busch 2012.
    for name in ["carpenter_kennedy4", "niegemann4_12", "niegemann4_14"] {
        assert!(bundled(name).low_storage.unwrap().is_some(), "{name}");
    }
}

#[test]
fn coefficients_that_swamp_are_warned_of() {
    let sizes = bundled("verner8").sizes;
    assert_eq!(sizes.stage, Some(12));
    let warning = sizes.warning().unwrap();
    assert!(
        warning.starts_with("stage 12 has coefficients up to 626.9"),
        "{warning}"
    );
    for name in ["rk4", "dopri5", "cooper_verner8"] {
        assert_eq!(bundled(name).sizes.warning(), None, "{name}");
    }
    assert_eq!(bundled("rk4_38").sizes.max_row_norm, 3.0);
}

/// A stage for the embedded weights alone is large, and neither computed nor swamping.
#[test]
fn sizes_are_those_of_the_stages_that_count() {
    let text = "0 |\n1/2 | 1/2\n* | -900 901\n---\norder 2 | 0 1 0\norder 1 | 3 -2 0\n| 99 -99 1\n";
    let sizes = analysed(text).1.sizes;
    assert_eq!((sizes.max_abs_coefficient, sizes.max_row_norm), (1.0, 1.0));
    assert_eq!((sizes.stage, sizes.warning()), (None, None));
    assert_eq!(bundled("enright_verner7").sizes.warning(), None);
    assert_near(bundled("verner_efficient7").sizes.max_row_norm, 109.9, 0.1);
}
