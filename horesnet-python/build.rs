//! Lets macOS link the module without Python's library, as Linux does.

fn main() {
    pyo3_build_config::add_extension_module_link_args();
}
