//! A model that knows its images and classes: `horesnet predict`, and `horesnet eval` on data that has changed.

mod tiny;

use std::fs;
use std::path::Path;
use std::process::Output;

use image::{DynamicImage, GrayImage, ImageBuffer, Luma, Rgba, RgbaImage};
use serde_json::Value;
use tiny::{horesnet, json, refused};

/// Class names as people write them.
const DARK: &str = "dark, \"night\"";
const LIGHT: &str = "<b>light ☀";

/// A grey image with some texture around a brightness.
fn picture(width: u32, height: u32, brightness: u8, seed: u32) -> GrayImage {
    GrayImage::from_fn(width, height, |x, y| {
        Luma([brightness + ((7 * x + 13 * y + 5 * seed) % 30) as u8])
    })
}

fn save(path: &Path, image: &GrayImage) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    image.save(path).unwrap();
}

/// A data set of 8×8 pixels in two classes, and a run that tells them apart.
fn trained() -> tempfile::TempDir {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path();
    for (part, count) in [("train", 16), ("test", 4)] {
        for seed in 0..count {
            for (class, brightness) in [(DARK, 20), (LIGHT, 200)] {
                let path = dir.join(format!("data/{part}/{class}/{seed}.png"));
                save(&path, &picture(8, 8, brightness, seed));
            }
        }
    }
    let output = horesnet(
        dir,
        &[
            "train",
            "--data",
            "folder",
            "--data-dir",
            "data",
            "--scheme",
            "euler",
            "--widths",
            "4",
            "--blocks",
            "1",
            "--epochs",
            "6",
            "--batch-size",
            "8",
            "--crop",
            "0",
            "--device",
            "cpu",
            "--run",
            "run",
            "--json",
        ],
    );
    assert_eq!(json(&output)["test_accuracy"], 1.0);
    temporary
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn predict(dir: &Path, arguments: &[&str]) -> Output {
    horesnet(dir, &[&["predict", "run"], arguments].concat())
}

#[test]
fn images_of_any_size_and_colour_type_are_classified() {
    let temporary = trained();
    let dir = temporary.path();
    save(&dir.join("new/a/dark.png"), &picture(30, 20, 10, 99));
    let deep = ImageBuffer::from_fn(9, 12, |x, _| Luma([55_000 + 100 * x as u16]));
    DynamicImage::ImageLuma16(deep)
        .save(dir.join("new/deep.png"))
        .unwrap();
    // Black that cannot be seen is white.
    let clear = RgbaImage::from_pixel(16, 16, Rgba([0, 0, 0, 0]));
    clear.save(dir.join("new/clear.png")).unwrap();
    let colour = DynamicImage::from(picture(50, 8, 190, 1)).into_rgb8();
    colour.save(dir.join("new/wide.jpeg")).unwrap();
    fs::write(dir.join("new/notes.txt"), "no image").unwrap();
    let output = predict(dir, &["new", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    let lines: Vec<Value> = text(&output)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let found: Vec<_> = lines
        .iter()
        .map(|line| {
            (
                line["file"].as_str().unwrap(),
                line["label"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("new/a/dark.png", DARK),
        ("new/clear.png", LIGHT),
        ("new/deep.png", LIGHT),
        ("new/wide.jpeg", LIGHT),
    ];
    assert_eq!(found, expected);
    for line in &lines {
        assert!(line["probability"].as_f64().unwrap() > 0.5);
        assert_eq!(line["top"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn formats_quote_and_rank_classes() {
    let temporary = trained();
    let dir = temporary.path();
    save(&dir.join("dark.png"), &picture(8, 8, 20, 50));
    let csv = text(&predict(dir, &["dark.png", "--csv", "--top", "5"]));
    let (head, row) = csv.split_once('\n').unwrap();
    assert_eq!(head, "file,label,probability,label_2,probability_2");
    assert!(
        row.starts_with("dark.png,\"dark, \"\"night\"\"\",0."),
        "{row}"
    );
    assert!(row.contains(&format!(",{LIGHT},0.")), "{row}");
    let table = text(&predict(dir, &["dark.png", "--top", "2"]));
    assert!(table.starts_with(&format!("dark.png  {DARK} ")), "{table}");
    let line = json(&predict(
        dir,
        &["dark.png", "--top", "2", "--json", "--flip"],
    ));
    let of = |rank: usize| line["top"][rank]["probability"].as_f64().unwrap();
    assert!((of(0) + of(1) - 1.0).abs() < 1e-5 && of(0) > of(1));
}

#[test]
fn images_that_cannot_be_read_are_named_and_the_others_classified() {
    let temporary = trained();
    let dir = temporary.path();
    save(&dir.join("new/good.png"), &picture(8, 8, 20, 50));
    fs::write(dir.join("new/bad.png"), "no image").unwrap();
    let output = predict(dir, &["new", "absent.png"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).starts_with("new/good.png  "));
    let message = String::from_utf8(output.stderr).unwrap();
    for expected in [
        "`new/bad.png`",
        "`absent.png`",
        "2 of 3 images cannot be read",
    ] {
        assert!(message.contains(expected), "{message}");
    }
    fs::create_dir(dir.join("empty")).unwrap();
    let message = refused(&predict(dir, &["empty"]), 2);
    assert!(message.contains("holds no PNG or JPEG images"), "{message}");
}

#[test]
fn a_test_does_not_depend_on_the_training_images() {
    let temporary = trained();
    let dir = temporary.path();
    let before = json(&horesnet(dir, &["eval", "run", "--json"]));
    for seed in 0..12 {
        fs::remove_file(dir.join(format!("data/train/{LIGHT}/{seed}.png"))).unwrap();
    }
    let output = horesnet(dir, &["eval", "run", "--json"]);
    assert_eq!(json(&output)["test_loss"], before["test_loss"]);
    assert_eq!(json(&output)["reproduced"], true);
    // Only the test images, some of one class.
    let alone = ["eval", "run", "--json", "--test-only"];
    let test = |folder: &str| horesnet(dir, &[&alone[..], &[folder]].concat());
    assert_eq!(json(&test("data"))["test_loss"], before["test_loss"]);
    assert_eq!(json(&test("data/test"))["test_loss"], before["test_loss"]);
    save(
        &dir.join(format!("more/{DARK}/1.png")),
        &picture(8, 8, 25, 7),
    );
    let report = json(&test("more"));
    assert_eq!(
        (&report["test_accuracy"], &report["reproduced"]),
        (&Value::from(1.0), &Value::Null)
    );
}

#[test]
fn other_classes_and_shapes_are_refused_with_the_difference() {
    let temporary = trained();
    let dir = temporary.path();
    for part in ["train", "test"] {
        let part = dir.join("data").join(part);
        fs::rename(part.join(DARK), part.join("zero")).unwrap();
    }
    let message = refused(&horesnet(dir, &["eval", "run"]), 2);
    let difference = format!("`{DARK}` is missing, `zero` is unknown");
    assert!(message.contains(&difference), "{message}");
    let message = refused(&horesnet(dir, &["eval", "run", "--test-only", "data"]), 2);
    assert!(
        message.contains("has a class `zero`, which the model does not know"),
        "{message}"
    );
    save(
        &dir.join(format!("wide/{DARK}/1.png")),
        &picture(9, 8, 25, 7),
    );
    let message = refused(&horesnet(dir, &["eval", "run", "--test-only", "wide"]), 2);
    assert!(message.contains("9×8"), "{message}");
}

#[test]
fn changed_images_are_told_from_other_weights() {
    let temporary = trained();
    let dir = temporary.path();
    for seed in 0..4 {
        save(
            &dir.join(format!("data/test/{LIGHT}/{seed}.png")),
            &picture(8, 8, 20, seed),
        );
    }
    let output = horesnet(dir, &["eval", "run"]);
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    let reason = "the images or labels are not those of the training";
    assert!(message.contains(reason), "{message}");
}

#[test]
fn runs_of_versions_that_saved_no_classes_load_with_a_note() {
    let temporary = trained();
    let dir = temporary.path();
    let path = dir.join("run/config.json");
    let mut config: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let model = config.as_object_mut().unwrap().remove("model").unwrap();
    assert_eq!(model["label_names"][1], DARK);
    fs::write(&path, config.to_string()).unwrap();
    let output = horesnet(dir, &["eval", "run", "--json"]);
    assert_eq!(json(&output)["reproduced"], true);
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("does not say which classes"), "{message}");
    // Resuming the run, which has ended, adds them.
    let resumed = horesnet(dir, &["train", "--resume", "run"]);
    assert_eq!(resumed.status.code(), Some(0));
    let config: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(config["model"], model);
}
