//! SDMX-CSV: no bytes make the reader panic, or what it reads as changes the applying of them.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use regtrade_formats::sdmx_csv::{self, Content};

fuzz_target!(|bytes: &[u8]| {
    let reading = sdmx_csv::read(bytes);
    assert_eq!(reading.file.is_none(), reading.issue_count > 0);
    if let Some(Content::Partial(updates)) = reading.file.map(|file| file.content) {
        drop(sdmx_csv::apply(&BTreeMap::new(), &updates));
    }
});
