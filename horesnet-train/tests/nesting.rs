//! Blocks inside blocks by name: the same as by type, and as the mathematics says.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::{Module, VarBuilder, linear_no_bias};
use horesnet::ho_block;
use horesnet_train::{
    Describe, DynBlock, Error, HoResNet, HoResNetConfig, Nesting, StageFunction, Variables,
};

ho_block!(euler);
ho_block!(midpoint);
ho_block!(rk4);

fn nesting(text: &str) -> Nesting {
    text.parse().unwrap()
}

fn input() -> Tensor {
    Tensor::new(&[[0.3, -1.2, 0.5], [2.0, 0.1, -0.7]], &Device::Cpu).unwrap()
}

fn builder(variables: &Variables) -> VarBuilder<'static> {
    variables.builder(DType::F64, &Device::Cpu)
}

/// `tanh(W·x)` with the weights of that name.
fn residual(vb: &VarBuilder, name: &str) -> Result<impl Fn(&Tensor) -> Result<Tensor> + use<>> {
    let linear = linear_no_bias(3, 3, vb.pp(name))?;
    Ok(move |xs: &Tensor| linear.forward(xs)?.tanh())
}

fn build(text: &str, vb: &VarBuilder) -> DynBlock {
    let make = |name: &str| residual(vb, name).map(StageFunction::new);
    nesting(text).build(|place| make(&place.name)).unwrap()
}

fn step(block: &DynBlock) -> Vec<Vec<f64>> {
    let ys = block.step_t(&0.5, &input(), false).unwrap();
    ys.to_vec2().unwrap()
}

#[test]
fn euler_inside_changes_nothing() {
    let variables = Variables::seeded(1);
    let vb = builder(&variables);
    let plain = build("rk4", &vb);
    // The same weights under the names of the nested block.
    let nested = nesting("rk4(euler)");
    let nested = nested
        .build(|place| {
            let (outer, inner) = place.name.split_once('.').unwrap();
            assert_eq!(inner, "stage1");
            residual(&vb, outer).map(StageFunction::new)
        })
        .unwrap();
    assert_eq!(step(&nested), step(&plain));
}

#[test]
fn by_name_is_by_type() {
    let variables = Variables::seeded(2);
    let vb = builder(&variables);
    let euler = |i| Euler::build(|j| residual(&vb, &format!("stage{}.stage{}", i + 1, j + 1)));
    let typed = Rk4::build(euler).unwrap();
    let typed = typed.step(0.5, &input()).unwrap().to_vec2::<f64>().unwrap();
    assert_eq!(step(&build("rk4(euler)", &vb)), typed);

    let midpoint =
        |i| Midpoint::build(|j| residual(&vb, &format!("stage{}.stage{}", i + 1, j + 1)));
    let typed = Rk4::build(midpoint).unwrap();
    let typed = typed.step(0.5, &input()).unwrap().to_vec2::<f64>().unwrap();
    assert_eq!(step(&build("rk4(midpoint)", &vb)), typed);
}

#[test]
fn shared_blocks_have_the_order_of_the_outermost_scheme() {
    // Inside, a step of size 1 of a linear field `a·x` has the increment `R(a) − 1`, times x, with R of the inner scheme.
    let a = 0.3;
    let field = (1.0 + a + a * a / 2.0) - 1.0;
    let block = nesting("rk4(midpoint)").shared(StageFunction::new(move |xs: &Tensor| xs * a));
    let x = Tensor::new(1.0, &Device::Cpu).unwrap();
    let error = |h: f64| {
        let y = block.step_t(&h, &x, false).unwrap().to_scalar::<f64>();
        (y.unwrap() - (h * field).exp()).abs()
    };
    let order = (error(0.5) / error(0.25)).log2() - 1.0;
    assert!((order - 4.0).abs() < 0.1, "{order}");
}

#[test]
fn places_are_counted_and_named_from_the_outermost_stage() {
    let mut places = Vec::new();
    nesting("midpoint(rk4(euler))")
        .build(|place| {
            places.push(place.clone());
            Ok(StageFunction::new(|xs: &Tensor| Ok(xs.clone())))
        })
        .unwrap();
    let numbers: Vec<usize> = places.iter().map(|place| place.index).collect();
    assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(places[0].name, "stage1.stage1.stage1");
    assert_eq!(places[6].name, "stage2.stage3.stage1");
    let nodes: Vec<f64> = places.iter().map(|place| place.node).collect();
    assert_eq!(nodes, [0.0, 0.0, 0.0, 0.0, 0.5, 0.5, 0.5, 0.5]);
    assert_eq!(nesting("midpoint(rk4(euler))").nodes(), nodes);
}

#[test]
fn networks_of_nested_blocks_count_all_their_layers() {
    let config = HoResNetConfig {
        scheme: "rk4(midpoint)".to_owned(),
        widths: vec![2, 3],
        blocks: vec![1, 1],
        ..HoResNetConfig::default()
    };
    assert_eq!(config.depth().unwrap(), 2 + 2 * 2 * 8);
    let variables = Variables::seeded(0);
    HoResNet::new(&config, variables.builder(DType::F32, &Device::Cpu)).unwrap();
    assert_eq!(variables.parameters(), config.parameters().unwrap());
    let names: Vec<String> = { variables.trained() }.into_iter().map(|v| v.0).collect();
    let name = "group2.block1.stage4.stage2.conv2.weight".to_owned();
    assert!(names.contains(&name), "{names:?}");
}

#[test]
fn names_are_read_with_free_white_space_and_printed_without() {
    for text in ["rk4", "rk4(midpoint)", "rk4(midpoint(euler))"] {
        assert_eq!(nesting(text).to_string(), text);
    }
    let spaced = nesting("  rk4 ( midpoint( euler ) ) ");
    assert_eq!(spaced.to_string(), "rk4(midpoint(euler))");
    assert_eq!((spaced.order(), spaced.stages()), (4, 8));
}

#[test]
fn what_is_no_name_is_refused_where_it_is_wrong() {
    let refused = |text: &str| text.parse::<Nesting>().unwrap_err();
    assert!(matches!(refused("midpont"), Error::Unknown { .. }));
    assert!(matches!(refused(""), Error::Unknown { .. }));
    for (text, column, problem) in [
        (
            "rk4(midpont)",
            5,
            "unknown scheme `midpont`; `horesnet list` shows all",
        ),
        ("rk4( )", 6, "unknown scheme ``; `horesnet list` shows all"),
        (
            "rk5(euler)",
            1,
            "unknown scheme `rk5`; `horesnet list` shows all",
        ),
        ("rk4(midpoint", 13, "`)` is missing"),
        ("rk4(midpoint(euler)", 20, "`)` is missing"),
        ("rk4(euler))", 11, "nothing may follow the last `)`"),
        ("rk4(euler) x", 12, "nothing may follow the last `)`"),
        ("rk4)", 4, "nothing may follow the last `)`"),
        ("rk4(euler)(euler)", 11, "nothing may follow the last `)`"),
        ("é(rk4)", 1, "unknown scheme `é`"),
        (
            "euler(euler(euler(euler(euler(euler(euler(euler(euler))))))))",
            49,
            "more than 8 nested schemes",
        ),
        (
            "verner8(verner8(verner8(verner8)))",
            1,
            "more than 4096 residual functions a block",
        ),
    ] {
        let message = refused(text).to_string();
        let start = format!("scheme: `{text}`, column {column}: {problem}");
        assert!(message.starts_with(&start), "{message}");
    }
    let message = refused("rk4(midpont)").to_string();
    assert!(message.ends_with("did you mean `midpoint`?"), "{message}");
}
