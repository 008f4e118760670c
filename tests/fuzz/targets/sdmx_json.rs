//! SDMX-JSON: no message makes the reader panic, or hand on a row that breaks its promises.
#![no_main]

use libfuzzer_sys::fuzz_target;
use regtrade_fuzz::Checked;

fuzz_target!(|bytes: &[u8]| Checked::read(regtrade_formats::sdmx::json::read, &bytes));
