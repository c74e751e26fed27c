//! Pictures of a user as they are: of mixed sizes, among other files, in classes with any names.

mod tiny;

use std::fs;
use std::path::Path;
use std::process::Output;

use image::{Rgb, RgbImage};
use serde_json::Value;
use tiny::{horesnet, json, refused};

/// Class names with what CSV, JSON, HTML and terminals quote.
const DARK: &str = "dark, \"night\"\n=1+1";
const LIGHT: &str = "<script>light 🌞'; é";

/// A picture with some texture around a brightness.
fn save(path: &Path, width: u32, height: u32, brightness: u8) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let pixel = |x, y| Rgb([brightness, brightness + ((7 * x + 13 * y) % 30) as u8, 90]);
    RgbImage::from_fn(width, height, pixel).save(path).unwrap();
}

/// Pictures of mixed sizes in two classes, `train` and `val`.
fn mixed() -> tempfile::TempDir {
    let temporary = tempfile::tempdir().unwrap();
    for (part, count) in [("train", 12), ("val", 4)] {
        for index in 0..count {
            for (class, brightness) in [(DARK, 20), (LIGHT, 200)] {
                let path = temporary
                    .path()
                    .join(format!("data/{part}/{class}/{index}.png"));
                save(&path, 9 + index, 20 - index, brightness);
            }
        }
    }
    temporary
}

fn train(dir: &Path, more: &[&str]) -> Output {
    let usual = [
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
        "--device",
        "cpu",
        "--run",
        "run",
        "--json",
    ];
    horesnet(dir, &[&usual, more].concat())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn mixed_sizes_are_trained_on_predicted_and_tested() {
    let temporary = mixed();
    let dir = temporary.path();
    let message = refused(&train(dir, &[]), 2);
    for expected in [
        "1.png` has 10×19 pixels, but `",
        "0.png` has 9×20; resize all with --image-size N",
    ] {
        assert!(message.contains(expected), "{message}");
    }
    let report = json(&train(dir, &["--image-size", "8x10"]));
    assert_eq!(report["test_accuracy"], 1.0);
    let config: Value =
        serde_json::from_str(&fs::read_to_string(dir.join("run/config.json")).unwrap()).unwrap();
    assert_eq!(config["image_size"], "8x10");
    assert_eq!(config["model"]["input_size"], serde_json::json!([3, 8, 10]));
    assert_eq!(config["model"]["crop_pct"], 0.875);

    let all = json(&horesnet(dir, &["eval", "run", "--json"]));
    assert_eq!(all["reproduced"], true);
    let alone = ["eval", "run", "--json", "--test-only", "data"];
    let alone = json(&horesnet(dir, &alone));
    assert_eq!(alone["test_loss"], all["test_loss"]);
    let resumed = horesnet(dir, &["train", "--resume", "run"]);
    assert_eq!(resumed.status.code(), Some(0), "{}", text(&resumed.stderr));
    let resumed = ["train", "--resume", "run", "--image-size", "9"];
    let message = refused(&horesnet(dir, &resumed), 2);
    assert!(message.contains("image_size is \"8x10\""), "{message}");
}

#[test]
fn whole_pictures_are_resized_for_a_test_too() {
    let temporary = mixed();
    let dir = temporary.path();
    let report = json(&train(
        dir,
        &["--image-size=8", "--crop-pct=1", "--set=training.epochs=1"],
    ));
    assert!(report["test_accuracy"].is_number());
    let all = json(&horesnet(dir, &["eval", "run", "--json"]));
    let alone = ["eval", "run", "--json", "--test-only", "data/val"];
    let alone = json(&horesnet(dir, &alone));
    assert_eq!(alone["test_loss"], all["test_loss"]);
}

#[test]
fn class_names_are_escaped_in_every_format() {
    let temporary = mixed();
    let dir = temporary.path();
    json(&train(dir, &["--image-size", "8"]));
    save(&dir.join("new, \"one\".png"), 30, 12, 200);
    let new = ["predict", "run", "new, \"one\".png", "--top", "2"];
    let csv = horesnet(dir, &[&new[..], &["--csv"]].concat());
    let csv = text(&csv.stdout);
    let (_, row) = csv.split_once('\n').unwrap();
    let start = format!("\"new, \"\"one\"\".png\",{LIGHT},");
    assert!(row.starts_with(&start), "{row}");
    assert!(row.contains(",\"dark, \"\"night\"\"\n=1+1\","), "{row}");
    let line = json(&horesnet(dir, &[&new[..], &["--json"]].concat()));
    assert_eq!(line["label"], LIGHT);
    assert_eq!(line["top"][1]["label"], DARK);
    let table = text(&horesnet(dir, &new).stdout);
    assert_eq!(table.lines().count(), 1, "{table}");
    let page = fs::read_to_string(dir.join("run/report.html")).unwrap();
    assert!(page.contains("&lt;script&gt;light 🌞"), "{page}");
    assert!(!page.contains("<script"), "{page}");
}

#[test]
fn a_single_class_is_nothing_to_learn() {
    let temporary = mixed();
    let dir = temporary.path();
    for part in ["train", "val"] {
        fs::remove_dir_all(dir.join("data").join(part).join(DARK)).unwrap();
    }
    let message = refused(&train(dir, &["--image-size", "8"]), 2);
    let expected = format!("it has one class, `{LIGHT}`; a network needs 2 or more");
    assert!(message.contains(&expected), "{message}");
}

#[test]
fn files_that_are_no_images_are_noted_once() {
    let temporary = mixed();
    let dir = temporary.path();
    for name in ["Thumbs.db", "desktop.ini"] {
        fs::write(dir.join(format!("data/train/{LIGHT}/{name}")), "").unwrap();
    }
    let size = ["--image-size", "8", "--set", "training.epochs=1"];
    let output = train(dir, &size);
    json(&output);
    let note = format!(
        "note: skipped 2 files that are not .png, .jpg or .jpeg, the first is `{}/data/train/{LIGHT}/Thumbs.db`\n",
        dir.display()
    );
    let once = |output: &Output| {
        let message = text(&output.stderr);
        assert_eq!(message.matches(&note).count(), 1, "{message}");
        assert_eq!(message.matches("skipped").count(), 1, "{message}");
    };
    once(&output);
    once(&horesnet(dir, &["eval", "run"]));
    // The test images are among no other files.
    let output = horesnet(dir, &["eval", "run", "--test-only", "data/val"]);
    assert_eq!(text(&output.stderr), "");
    let compare = [
        "compare",
        "--batch-size",
        "8",
        "--schemes",
        "euler,midpoint",
        "--seeds",
        "2",
        "--out",
        "all",
        "--data",
        "folder",
        "--data-dir",
        "data",
        "--widths",
        "2",
        "--blocks",
        "1",
        "--device",
        "cpu",
    ];
    let output = horesnet(dir, &[&compare[..], &size].concat());
    assert_eq!(output.status.code(), Some(0));
    once(&output);
}

#[test]
fn sizes_that_cannot_be_used_are_refused() {
    let temporary = mixed();
    let dir = temporary.path();
    for (options, expected) in [
        (
            &["--image-size", "8", "--set", "data=digits"][..],
            "image_size: images of `digits` have one size and are not resized",
        ),
        (
            &["--crop-pct", "0.9"],
            "crop_pct: it is the share of pictures that are resized; set image_size too",
        ),
        (
            &["--image-size", "8", "--crop-pct", "0.4"],
            "crop_pct: 0.4 is not from 0.5 to 1",
        ),
        (
            &["--image-size", "8", "--crop-pct", "nan"],
            "crop_pct: NaN is not from 0.5 to 1",
        ),
        (
            &["--image-size", "0"],
            "image_size: 0 is not from 1 to 4096",
        ),
        (
            &["--image-size", "8x5000"],
            "image_size: 5000 is not from 1 to 4096",
        ),
        (
            &["--image-size", "8x"],
            "expected N or HxW pixels, such as 64 or 48x64",
        ),
        (
            &["--set", "image_size=big"],
            "image_size: expected N or HxW pixels",
        ),
        (&["--set", "image_size=[8, 8]"], "expected N or HxW pixels"),
        (&["--set", "image_size=-1"], "expected N or HxW pixels"),
    ] {
        let folder = ["train", "--data-dir", "data", "--set", "data=folder"];
        let message = refused(&horesnet(dir, &[&folder[..], options].concat()), 2);
        assert!(message.contains(expected), "{message}");
    }
}
