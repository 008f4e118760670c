//! Lists of figures: no bytes make the reader panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use regtrade_formats::figure_list;

fuzz_target!(|bytes: &[u8]| {
    let reading = figure_list::read(bytes);
    assert!(reading.issue_count > 0 || !reading.figures.is_empty());
});
