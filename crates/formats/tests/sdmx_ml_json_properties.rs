//! Whatever bytes they are given, the readers of SDMX-ML and SDMX-JSON do not panic, and say what is wrong.

mod messages;

use messages::{edited, read_from};
use proptest::{collection::vec, prelude::*, sample::select};
use regtrade_formats::sdmx::{json, ml};

const XML: [&str; 3] = [
    include_str!("samples/generic-2.1.xml"),
    include_str!("samples/structure-specific-2.1.xml"),
    include_str!("samples/structure-specific-3.0.xml"),
];
const JSON: [&str; 3] = [
    include_str!("samples/message-1.0.json"),
    include_str!("samples/message-2.0.json"),
    include_str!("samples/message-flat-2.0.json"),
];

/// Edits, with bytes that mean something in XML or JSON.
fn edits() -> impl Strategy<Value = Vec<messages::Edit>> {
    let telling = select(&b"<>/&;\"'= !?[]{}-:,#x0123 ntf\\.e\0\xff\xc3\xa9"[..]);
    vec(
        (any::<u16>(), prop_oneof![telling, any::<u8>()], 0..5_u8),
        1..8,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_are_refused(bytes in vec(any::<u8>(), 0..2_000)) {
        for reader in [ml::read, json::read] {
            let read = read_from(reader, &&bytes[..]);
            prop_assert!(read.count > 0 && read.kept.rows.is_empty());
        }
    }

    #[test]
    fn a_mutated_message_never_panics(
        xml in select(&XML[..]),
        json in select(&JSON[..]),
        edits in edits(),
    ) {
        read_from(ml::read, &&edited(xml.as_bytes(), &edits)[..]);
        read_from(json::read, &&edited(json.as_bytes(), &edits)[..]);
    }

    #[test]
    fn a_message_that_is_cut_off_is_refused(
        (reader, message) in prop_oneof![
            select(&XML[..]).prop_map(|message| (ml::read as messages::Reader, message)),
            select(&JSON[..]).prop_map(|message| (json::read as messages::Reader, message)),
        ],
        length in any::<prop::sample::Index>(),
    ) {
        let cut = &message.as_bytes()[..length.index(message.trim_end().len())];
        prop_assert_eq!(read_from(reader, &cut).count, 1);
    }
}
