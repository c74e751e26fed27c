//! The Rust peers as `compare.py` uses them: what they answer, and that both compute the same.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use candle_core::{DType, Device, Tensor, safetensors};
use serde_json::{Value, json};

/// A peer's answers to requests.
fn ask(peer: &str, requests: &[Value]) -> Vec<Value> {
    let mut process = Command::new(env!("CARGO_BIN_EXE_horesnet-peers"))
        .args([peer, "cpu"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = process.stdin.take().unwrap();
    let mut answers = BufReader::new(process.stdout.take().unwrap()).lines();
    let found = requests
        .iter()
        .map(|request| {
            writeln!(input, "{request}").unwrap();
            serde_json::from_str(&answers.next().unwrap().unwrap()).unwrap()
        })
        .collect();
    drop(input);
    assert!(process.wait().unwrap().success());
    found
}

fn network(scheme: &str, folder: &Path) -> Value {
    let file = folder.join(scheme);
    json!({ "scheme": scheme, "widths": [4, 6], "blocks": [2, 1], "batch": 3, "size": 9, "file": file })
}

#[test]
fn stock_network_and_horesnet_have_the_same_logits_and_gradients() {
    let folder = tempfile::tempdir().unwrap();
    for scheme in ["euler", "rk4", "verner8"] {
        let network = network(scheme, folder.path());
        ask("horesnet", &[json!({ "do": "export", "network": network })]);
        let answers = |peer: &str, double: bool| -> HashMap<String, Tensor> {
            let file = folder.path().join("answers");
            let check =
                json!({ "do": "check", "network": network, "double": double, "answers": file });
            assert_eq!(ask(peer, &[check]), [json!({})]);
            safetensors::load(file, &Device::Cpu).unwrap()
        };
        for (double, only, limit) in [(true, "", 1e-9), (false, "logits", 1e-4)] {
            let (ours, stock) = (answers("horesnet", double), answers("candle", double));
            assert_eq!(ours.len(), stock.len(), "{scheme}");
            for (name, ours) in ours.iter().filter(|(name, _)| name.contains(only)) {
                let difference = relative_difference(ours, &stock[name]);
                assert!(
                    difference < limit,
                    "{scheme}: {name} differs by {difference}"
                );
            }
        }
    }
}

/// The largest difference, relative to the largest entry.
fn relative_difference(expected: &Tensor, found: &Tensor) -> f64 {
    let largest = |tensor: &Tensor| -> f64 {
        let tensor = tensor.to_dtype(DType::F64).unwrap().abs().unwrap();
        tensor.max_all().unwrap().to_scalar().unwrap()
    };
    let scale = largest(expected);
    largest(&(found - expected).unwrap()) / if scale > 0.0 { scale } else { 1.0 }
}

#[test]
fn both_peers_compute_the_same_in_every_row() {
    let rows = [
        json!({ "kind": "combination", "terms": 3, "shape": [2, 3, 4, 5], "backward": true }),
        json!({ "kind": "convolution", "batch": 2, "channels": 5, "size": 6, "backward": true }),
        json!({ "kind": "norm", "batch": 2, "channels": 5, "size": 6, "backward": true }),
    ];
    for row in rows {
        let prepare = json!({ "do": "prepare", "row": row });
        let numbers = |peer: &str| -> Vec<f64> {
            let answers = ask(peer, &[prepare.clone(), json!({ "do": "run", "times": 2 })]);
            assert_eq!(answers[1]["seconds"].as_array().unwrap().len(), 2, "{row}");
            let numbers = answers[0]["fingerprint"].as_array().unwrap();
            numbers
                .iter()
                .map(|number| number.as_f64().unwrap())
                .collect()
        };
        let (ours, stock) = (numbers("horesnet"), numbers("candle"));
        assert_eq!(ours.len(), stock.len(), "{row}");
        for (ours, stock) in ours.iter().zip(stock) {
            assert!(
                (ours - stock).abs() <= 1e-4 * ours.abs().max(1e-3),
                "{row}: {ours} and {stock}"
            );
        }
    }
}

#[test]
fn networks_train_and_evaluate() {
    let folder = tempfile::tempdir().unwrap();
    let network = network("rk4", folder.path());
    for peer in ["horesnet", "candle"] {
        let mut requests = vec![json!({ "do": "export", "network": network })];
        for train in [false, true] {
            let row = json!({ "kind": "network", "network": network, "train": train });
            requests.push(json!({ "do": "prepare", "row": row }));
            requests.push(json!({ "do": "run", "times": 2 }));
        }
        for answer in ask(peer, &requests) {
            assert_eq!(answer.get("error"), None, "{peer}");
        }
    }
}

#[test]
fn a_mistake_is_answered_and_not_the_end() {
    let answers = ask(
        "horesnet",
        &[
            json!({ "do": "run", "times": 1 }),
            json!({ "do": "dance" }),
            json!({ "do": "tableau", "scheme": "rk5" }),
            json!({ "do": "tableau", "scheme": "rk4" }),
        ],
    );
    assert_eq!(answers[0]["error"], "no row is ready: prepare one first");
    assert!(
        answers[1]["error"]
            .as_str()
            .unwrap()
            .contains("unknown variant `dance`")
    );
    assert!(
        answers[2]["error"]
            .as_str()
            .unwrap()
            .contains("unknown scheme `rk5`")
    );
    assert_eq!(answers[3]["b"].as_array().unwrap().len(), 4);
}
