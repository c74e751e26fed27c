#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| horesnet_fuzz::train::idx(data));
