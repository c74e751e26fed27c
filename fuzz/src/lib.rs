//! Targets for fuzzing: each takes any bytes, and panics only if the program is wrong.
//!
//! `cargo fuzz` drives them with libFuzzer; the program `short` replays the corpora and changes them for some seconds.

#[path = "../../horesnet-compiler/examples/slowest/commands.rs"]
mod commands;
pub mod compiler;
#[path = "../../horesnet-compiler/tests/definition/mod.rs"]
mod definition;
#[cfg(feature = "train")]
pub mod train;

/// A target by name.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: &[Target] = &[
    ("tab", compiler::tab),
    ("json", compiler::json),
    ("latex", compiler::latex),
    ("julia", compiler::julia),
    ("python", compiler::python),
    ("format", compiler::format),
    ("orders", compiler::orders),
    #[cfg(feature = "train")]
    ("settings", train::settings),
    #[cfg(feature = "train")]
    ("safetensors", train::safetensors),
    #[cfg(feature = "train")]
    ("idx", train::idx),
    #[cfg(feature = "train")]
    ("cifar", train::cifar),
];
