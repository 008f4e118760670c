//! Mappings: no text makes the loader panic, or a mapping that it accepts the reading of a file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use regtrade_formats::{Mappings, data_file};

const FILE: &[u8] = include_bytes!("../corpus/sdmx_csv/whole.csv");

fuzz_target!(|text: &str| match Mappings::default().with("own.toml", text) {
    Ok(mappings) => drop(data_file::read_all(&FILE, &mappings)),
    Err(error) => assert!(!error.issues.is_empty()),
});
