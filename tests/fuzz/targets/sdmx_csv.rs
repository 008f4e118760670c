//! SDMX-CSV and what our mappings make of it: no bytes make a reader panic or break its promises, or what is read as changes
//! the applying of them; and a file without an issue says the same to who keeps all of it as to who takes row by row.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use regtrade_formats::{Mappings, data_file, sdmx};
use regtrade_fuzz::Checked;

fuzz_target!(|bytes: &[u8]| {
    Checked::read(sdmx::csv::read, &bytes);
    let reading = data_file::read_all(&bytes, Mappings::shipped());
    assert!(reading.summary.issue_count > 0 || !reading.entries.is_empty());
    let mut taken = vec![];
    let summary = data_file::read(&bytes, Mappings::shipped(), &mut |entry| taken.push(entry));
    assert!(summary.issue_count <= reading.summary.issue_count);
    if reading.summary.issue_count == 0 {
        assert!(summary == reading.summary && taken == reading.entries);
    }
    if let Some(updates) = reading.updates() {
        drop(data_file::apply(&BTreeMap::new(), &updates));
    }
});
