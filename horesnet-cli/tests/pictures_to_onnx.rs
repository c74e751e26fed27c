//! The section "From pictures to ONNX" of README.md, on sixty pictures of mixed sizes in three classes.

mod tiny;

use std::fs;
use std::path::{Path, PathBuf};

use image::{Rgb, RgbImage};
use serde_json::Value;
use tiny::{horesnet, json};

const CLASSES: [(&str, [u8; 3]); 3] = [
    ("amber", [230, 160, 30]),
    ("teal", [20, 140, 140]),
    ("violet", [130, 60, 190]),
];

/// A disc of a colour on grey, with some texture.
fn picture(width: u32, height: u32, colour: [u8; 3], variant: u32) -> RgbImage {
    let grey = [90 + (variant * 17 % 60) as u8; 3];
    RgbImage::from_fn(width, height, |x, y| {
        let [dx, dy] =
            [(x, width), (y, height)].map(|(at, side)| 2 * i64::from(at) - i64::from(side));
        let side = i64::from(width.min(height));
        let inside = dx * dx + dy * dy < side * side * 6 / 10;
        let noise = ((x * 31 + y * 57 + variant * 13) % 24) as u8;
        let base = if inside { colour } else { grey };
        Rgb(base.map(|value| value.saturating_add(noise)))
    })
}

fn save(path: &Path, picture: &RgbImage) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    picture.save(path).unwrap();
}

/// The commands of the section, without what follows `#`.
fn commands() -> Vec<Vec<String>> {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = fs::read_to_string(readme).unwrap();
    let (_, section) = readme.split_once("## From pictures to ONNX").unwrap();
    let (_, block) = section.split_once("```console\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let lines = block.lines().map(|line| line.split('#').next().unwrap());
    lines
        .map(|line| line.split_whitespace().map(str::to_owned).collect())
        .collect()
}

#[test]
fn pictures_become_an_onnx_file_in_six_commands() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path();
    for (class, colour) in CLASSES {
        for index in 0..20 {
            let (width, height) = (40 + 7 * (index % 5), 36 + 5 * (index % 7));
            let kind = if index % 3 == 0 { "png" } else { "jpg" };
            let path = directory.join(format!("pictures/{class}/{index}.{kind}"));
            save(&path, &picture(width, height, colour, index));
        }
    }
    let (class, colour) = CLASSES[1];
    save(&directory.join("new.jpg"), &picture(97, 61, colour, 99));

    let commands = commands();
    let programs: Vec<&str> = commands.iter().map(|words| words[0].as_str()).collect();
    assert_eq!(
        programs,
        [
            "horesnet", "horesnet", "horesnet", "horesnet", "pip", "python"
        ]
    );
    let run = |words: &[String], more: &[&str]| {
        let words: Vec<&str> = words[1..].iter().map(String::as_str).collect();
        let output = horesnet(directory, &[&words[..], more].concat());
        assert_eq!(
            output.status.code(),
            Some(0),
            "{words:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        output
    };
    let [train, eval, predict, export, ..] = &commands[..] else {
        unreachable!("there are six")
    };
    run(train, &[]);
    let report = json(&run(eval, &["--json"]));
    assert!(report["test_accuracy"].as_f64() > Some(0.9), "{report}");
    let page = fs::read_to_string(directory.join("test.html")).unwrap();
    assert!(page.contains("Confusion matrix, 12 images"));
    let prediction = json(&run(predict, &["--json"]));
    assert_eq!(prediction["label"], Value::from(class), "{prediction}");
    run(export, &[]);

    // The last commands are Python's: `.ci/export.py` runs them on this folder.
    if let Some(exports) = std::env::var_os("HORESNET_EXPORTS") {
        let kept = PathBuf::from(exports).join("pictures");
        fs::create_dir_all(&kept).unwrap();
        for name in ["pictures.onnx", "new.jpg"] {
            fs::copy(directory.join(name), kept.join(name)).unwrap();
        }
        fs::write(kept.join("class"), class).unwrap();
    }
}
