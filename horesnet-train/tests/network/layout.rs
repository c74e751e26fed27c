//! Blocks from a depth, and from the shapes of known networks.

use horesnet_train::{Describe, HoResNetConfig, NetworkConfig, Residual, Shape, Stem, Transition};

use super::{config, refused};

fn shaped(shape: Shape, scheme: &str) -> HoResNetConfig {
    HoResNetConfig {
        shape: Some(shape),
        in_channels: 3,
        classes: 1000,
        ..config(scheme, &[], &[])
    }
}

fn deep(depth: usize, scheme: &str, widths: &[usize]) -> HoResNetConfig {
    HoResNetConfig {
        depth: Some(depth),
        ..config(scheme, widths, &[])
    }
}

#[test]
fn depth_picks_the_blocks() {
    for (depth, scheme, groups, blocks) in [
        (26, "rk4", 3, 1),
        (26, "midpoint", 3, 2),
        (26, "euler", 3, 4),
        (50, "huta6", 3, 1),
        (86, "verner8", 3, 1),
        (18, "euler", 4, 2),
    ] {
        let config = deep(depth, scheme, &vec![4; groups]);
        assert_eq!(
            config.resolved().unwrap().blocks,
            vec![blocks; groups],
            "{depth} {scheme}"
        );
        assert_eq!(config.depth().unwrap(), depth);
        config.validate().unwrap();
    }
    let bottleneck = HoResNetConfig {
        residual: Residual::Bottleneck,
        ..deep(26, "rk4", &[8, 8])
    };
    assert_eq!(bottleneck.resolved().unwrap().blocks, [1, 1]);
}

#[test]
fn impossible_depths_are_answered_with_the_nearest() {
    assert_eq!(
        refused(deep(30, "rk4", &[4, 8, 16])),
        "depth: 30 is none for 3 groups of equally many rk4 blocks: each block more a group is 24 layers more, after 2; \
         the nearest is 26 and 50"
    );
    for depth in [0, 1, 2, 25] {
        assert!(
            refused(deep(depth, "rk4", &[4, 8, 16])).ends_with("the nearest is 26"),
            "{depth}"
        );
    }
    refused(deep(usize::MAX, "rk4", &[4]));
    assert_eq!(
        refused(deep(26, "rk4", &[])),
        "widths: 0 groups of blocks; there must be 1 to 16"
    );
}

#[test]
fn shapes_are_those_of_residual_networks_for_imagenet() {
    for (shape, scheme, depth, blocks) in [
        (Shape::ResNet18, "euler", 18, [2, 2, 2, 2]),
        (Shape::ResNet18, "midpoint", 18, [1, 1, 1, 1]),
        (Shape::ResNet34, "euler", 34, [3, 4, 6, 3]),
        (Shape::ResNet50, "euler", 50, [3, 4, 6, 3]),
    ] {
        let config = shaped(shape, scheme);
        config.validate().unwrap();
        assert_eq!(config.depth().unwrap(), depth);
        let resolved = config.resolved().unwrap();
        assert_eq!(resolved.blocks, blocks);
        assert_eq!(resolved.shape, None);
    }
    let resolved = shaped(Shape::ResNet50, "euler").resolved().unwrap();
    assert_eq!(resolved.widths, [256, 512, 1024, 2048]);
    assert_eq!(resolved.residual, Residual::Bottleneck);
}

#[test]
fn shapes_have_about_the_parameters_of_their_models() {
    // torchvision's ResNet-18 has 11.7, its ResNet-50 25.6 million parameters. Ours down-sample in layers of their own.
    let like = |shape, scheme| HoResNetConfig {
        stem: Stem::ResNetD,
        transition: Transition::ResNetD,
        ..shaped(shape, scheme)
    };
    for (shape, scheme, parameters) in [
        (Shape::ResNet18, "midpoint", 13_257_160),
        (Shape::ResNet50, "euler", 26_276_808),
    ] {
        let config = like(shape, scheme);
        assert_eq!(config.parameters().unwrap(), parameters);
        assert_eq!(
            NetworkConfig::from(config).parameters().unwrap(),
            parameters
        );
    }
}

#[test]
fn schemes_that_do_not_divide_a_shape_are_answered_with_those_that_do() {
    let text = refused(shaped(Shape::ResNet34, "rk4"));
    let start = "shape: resnet34 has 3,4,6,3 residual functions in its groups, and a block of rk4 takes 4; \
                 schemes that fit are euler; near is depth 34 with widths 64,128,256,512 and blocks 1,1,1,1; \
                 near is depth 42 with widths 64,128,256,512 and blocks 1,1,2,1";
    assert_eq!(text, start);
    let text = refused(shaped(Shape::ResNet18, "rk4"));
    assert!(
        text.contains("midpoint") && text.contains("near is depth 34"),
        "{text}"
    );
    let both = HoResNetConfig {
        depth: Some(18),
        ..shaped(Shape::ResNet18, "euler")
    };
    assert_eq!(
        refused(both),
        "depth: that of resnet18 is given by its shape; leave out one of the two"
    );
}

#[test]
fn fitting_to_data_writes_the_layout_out() {
    let mut config = shaped(Shape::ResNet18, "midpoint");
    config.fit([1, 28, 28], 10);
    assert_eq!(
        (config.shape, config.blocks.as_slice()),
        (None, &[1, 1, 1, 1][..])
    );
    assert_eq!((config.in_channels, config.classes), (1, 10));
    let mut impossible = deep(3, "rk4", &[4]);
    impossible.fit([1, 28, 28], 10);
    assert!(refused(impossible).starts_with("depth: 3 is none"));
}
