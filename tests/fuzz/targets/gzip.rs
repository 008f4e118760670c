//! The envelope: no bytes make it panic, or hand on more than allowed; what comes out of it goes to the reader of its format.
#![no_main]

use std::io::Read;

use libfuzzer_sys::fuzz_target;
use regtrade_formats::sdmx::{
    envelope::Unpacked,
    format::{self, Format},
    json,
    message::Source,
    ml,
};
use regtrade_fuzz::Checked;

const MAXIMUM: u64 = 1 << 20;

fuzz_target!(|bytes: &[u8]| {
    let source = Unpacked::new(&bytes, MAXIMUM);
    let mut text = vec![];
    let read = source.open().and_then(|mut bytes| bytes.read_to_end(&mut text));
    assert!(text.len() as u64 <= MAXIMUM);
    match format::of(&text) {
        Format::Ml => Checked::read(ml::read, &source),
        Format::Json => Checked::read(json::read, &source),
        Format::Csv => drop(read),
    }
});
