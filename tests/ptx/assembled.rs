//! NVIDIA's assembler accepts every kernel.
//!
//! `HORESNET_PTXAS` lists the assemblers, separated as in `PATH`: the newest no longer supports `sm_70`. Without it, `ptxas`
//! from the `PATH` is used, and architectures that it does not support are skipped with a message.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::{env, fs};

use horesnet_compiler::emit::ptx::{Element, Kernel};

const ARCHITECTURES: [&str; 3] = ["sm_70", "sm_80", "sm_90"];

/// Assembles a text for an architecture, and returns the assembler's report or its reason to refuse.
fn assemble(ptxas: &Path, architecture: &str, name: &str, text: &str) -> Result<String, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ptx");
    fs::create_dir_all(&folder).expect("a folder");
    let [ptx, cubin] =
        ["ptx", "cubin"].map(|kind| folder.join(format!("{name}_{architecture}.{kind}")));
    fs::write(&ptx, text).expect("a file");
    let output = Command::new(ptxas)
        .args(["-v", "-arch", architecture, "-o"])
        .args([&cubin, &ptx])
        .output()
        .map_err(|error| error.to_string())?;
    let report = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() {
        Ok(report)
    } else {
        Err(report)
    }
}

/// For each architecture, the first assembler that supports it. Found only once, because tests run in parallel.
static ASSEMBLERS: LazyLock<Vec<Option<PathBuf>>> =
    LazyLock::new(|| ARCHITECTURES.into_iter().map(assembler).collect());

/// The architectures that have an assembler.
fn assemblers() -> impl Iterator<Item = (&'static str, &'static PathBuf)> {
    let all = std::iter::zip(ARCHITECTURES, ASSEMBLERS.iter());
    all.filter_map(|(architecture, ptxas)| Some((architecture, ptxas.as_ref()?)))
}

fn assembler(architecture: &str) -> Option<PathBuf> {
    let named = env::var_os("HORESNET_PTXAS");
    let candidates: Vec<PathBuf> = match &named {
        Some(list) => env::split_paths(list).collect(),
        None => vec!["ptxas".into()],
    };
    let empty = ".version 6.0\n.target sm_70\n.address_size 64\n";
    let found = candidates
        .into_iter()
        .find(|ptxas| assemble(ptxas, architecture, "empty", empty).is_ok());
    assert!(
        found.is_some() || named.is_none(),
        "no assembler of HORESNET_PTXAS knows {architecture}"
    );
    if found.is_none() {
        println!("skipped for {architecture}: no `ptxas` that knows it; see docs/gpu.md");
    }
    found
}

/// The number before some words.
fn count(report: &str, words: &str) -> usize {
    let (before, _) = report.split_once(words).expect(words);
    let number = before.split_whitespace().last().expect("a number");
    number.parse().expect("a number")
}

#[test]
fn every_kernel_assembles_and_keeps_its_numbers_in_registers() {
    for (architecture, ptxas) in assemblers() {
        for element in Element::ALL {
            let mut registers = Vec::new();
            for kernel in Kernel::all(element) {
                let report = assemble(ptxas, architecture, &kernel.entry, &kernel.text);
                let report = report.unwrap_or_else(|why| panic!("{}: {why}", kernel.entry));
                for words in [
                    " bytes stack frame",
                    " bytes spill stores",
                    " bytes spill loads",
                ] {
                    assert_eq!(count(&report, words), 0, "{}: {report}", kernel.entry);
                }
                registers.push(count(&report, " registers"));
            }
            println!(
                "{architecture}, {}, registers by operands: {registers:?}",
                element.name()
            );
            // With 32 registers per thread, a multiprocessor reaches full occupancy, with 40 three quarters: enough to hide
            // the latency of memory.
            assert!(registers.iter().all(|count| *count <= 40), "{registers:?}");
        }
    }
}

#[test]
fn what_is_wrong_does_not_assemble() {
    for (architecture, ptxas) in assemblers() {
        let kernel = Kernel::new(Element::F32, 2).expect("a kernel");
        let mistakes = [
            ("mul.rn.f32 %sum0", "mul.rn.f64 %sum0"),
            ("%left", "%right"),
            ("bra NEXT", "bra LAST"),
            (".param .u64 out,", ""),
            ("ret;", "ret"),
        ];
        for (i, (right, wrong)) in mistakes.into_iter().enumerate() {
            let text = kernel.text.replacen(right, wrong, 1);
            assert_ne!(text, kernel.text, "{right}");
            let refused = assemble(ptxas, architecture, &format!("wrong{i}"), &text);
            assert!(refused.is_err(), "{wrong} passes for {architecture}");
        }
    }
}
