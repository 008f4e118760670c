//! Press tables: no bytes make the reader panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use regtrade_formats::press_table;
use regtrade_model::{Dataflow, TableDescription};

fuzz_target!(|bytes: &[u8]| {
    let reading = press_table::read(bytes, &TableDescription::shipped(Dataflow::Regtrd));
    assert!(reading.issue_count >= reading.issues.len());
});
