//! Properties of the readers of data files: they never panic, and they read back what was written.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::BTreeMap, convert::Infallible};

use proptest::{collection::vec, prelude::*, sample::select};
use regtrade_formats::{
    Kind as FileKind, Mappings,
    data_file::{self, Action, PartialKey, Reading, Update},
    figure_list, sniff, write,
};
use regtrade_model::{
    Code, Decimal, FigureKey, Indicator, Item, Kind, ObsStatus, Observation, Period, Side,
};

fn code(words: &'static [&'static str]) -> impl Strategy<Value = Code> {
    select(words).prop_map(|word| word.parse().unwrap())
}

fn keys() -> impl Strategy<Value = FigureKey> {
    let items: Vec<_> = Item::ALL
        .iter()
        .copied()
        .filter(|item| item.side() != Side::Net)
        .collect();
    (
        select(items),
        select(&["BE", "BE1", "BE2", "BE3", "BEZ"][..]),
        code(&["_T", "C29", "G46"]),
        any::<prop::sample::Index>(),
        code(&["W1", "DE", "FR"]),
        1995..2030_u16,
    )
        .prop_map(
            |(item, area, activity, product, counterpart_area, year)| FigureKey {
                item,
                ref_area: area.parse().unwrap(),
                activity,
                product: {
                    let products: &[&str] = match item.kind() {
                        Kind::Goods => &["_T", "I", "30", "3004", "30049000"],
                        Kind::Services => &["_T", "SA", "SJ34"],
                        Kind::Total => &["_T"],
                    };
                    products[product.index(products.len())].parse().unwrap()
                },
                counterpart_area,
                indicator: Indicator::Level,
                concept: None,
                period: Period::of_year(year).unwrap().into(),
            },
        )
}

fn observations() -> impl Strategy<Value = Vec<Observation>> {
    let value = prop::option::of((any::<i64>(), 0..12_u32));
    let one = (
        keys(),
        value,
        0..29_u32,
        0..16_i32,
        any::<prop::sample::Index>(),
    );
    vec(one, 1..40).prop_map(|list| {
        let observation = |(key, value, decimals, unit_mult, status): (
            FigureKey,
            Option<(i64, u32)>,
            u32,
            i32,
            prop::sample::Index,
        )| {
            let missing = ["H", "L", "M", "O", "Q"];
            let statuses: Vec<_> = ObsStatus::ALL
                .iter()
                .filter(|status| value.is_none() || !missing.contains(&status.as_str()))
                .collect();
            let observation = Observation {
                key: key.clone(),
                value: value.map(|(digits, scale)| Decimal::new(digits, scale)),
                decimals,
                unit_mult,
                status: *statuses[status.index(statuses.len())],
                conf: regtrade_model::ConfStatus::F,
            };
            ((key.period, key), observation)
        };
        let by_key: BTreeMap<_, _> = list.into_iter().map(observation).collect();
        by_key.into_values().collect()
    })
}

fn by_period(observations: &[Observation]) -> BTreeMap<Period, Vec<Observation>> {
    let mut slices = BTreeMap::<_, Vec<_>>::new();
    for observation in observations {
        let slice = slices.entry(observation.key.period.last()).or_default();
        slice.push(observation.clone());
    }
    slices
}

fn read(bytes: &[u8]) -> Reading {
    data_file::read_all(&bytes, Mappings::shipped())
}

fn written(observations: &[Observation]) -> String {
    let structure = write::Structure {
        dataflow: regtrade_model::Dataflow::Regtrd,
        synthetic: false,
        prepared: regtrade_model::Instant::UNIX_EPOCH,
    };
    let mut file = vec![];
    let rows = observations.iter().cloned().map(Ok::<_, Infallible>);
    write::sdmx_csv(&mut file, &structure, rows).unwrap();
    String::from_utf8(file).unwrap()
}

fn whole(text: &str) -> Vec<Observation> {
    let reading = read(text.as_bytes());
    assert_eq!(reading.summary.issues, [], "{text}");
    let rows = reading.whole().unwrap().into_iter();
    rows.map(|(observation, _)| observation).collect()
}

const UPDATE: &str = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,ITEM,TIME_PERIOD,OBS_VALUE,UNIT_MULT\ndataflow,REGTRD,D,,BE,*,,,\ndataflow,REGTRD,A,A,BE,P6,2024,\"1.5\",6\ndataflow,REGTRD,M,A,BE,P7,2024,,6\n";
const LABELS: &str = "DATAFLOW;FREQ: Frequency;REF_AREA: Area;ITEM: Item;TIME_PERIOD: Year;OBS_VALUE: Value;UNIT_MULT: Multiple\r\nBE2:REGTRD(1.0): Trade;A: Annual;\"BE1: \"\"B\"\"\r\n\";P62: Services;2023: 2023;4.5e1;6: Millions\r\n";
const LIST: &str = "# note: provisional\nitem,ref_area,indicator,period,value,unit_mult,decimals,source,note\nP7,BE1,level,2013,62.7,9,1,\"an office, regional\",\nP6,BE2,growth,2019-2021,-10.0,,1,,x\n";

fn edits() -> impl Strategy<Value = Vec<(u16, u8, u8)>> {
    let telling = select(&b"\t\n\r\",;|: .-+#*~eADIMR0169BP[]\x00\xff\xc3\xa9"[..]);
    vec(
        (any::<u16>(), prop_oneof![telling, any::<u8>()], 0..4_u8),
        1..10,
    )
}

fn read_all(bytes: &[u8]) {
    let _ = sniff(bytes);
    let reading = read(bytes);
    let taken = reading.entries.len() as u64;
    assert!(taken <= reading.summary.rows);
    assert!(reading.summary.issue_count > 0 || taken > 0);
    if let Some(updates) = reading.updates() {
        drop(data_file::apply(&BTreeMap::new(), &updates));
    }
    let reading = figure_list::read(bytes);
    assert!(reading.issue_count > 0 || !reading.figures.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in vec(any::<u8>(), 0..2_000)) {
        read_all(&bytes);
    }

    #[test]
    fn arbitrary_text_of_the_marks_of_such_files_never_panics(
        text in "(STRUCTURE,STRUCTURE_ID,ACTION,ITEM\n|DATAFLOW;ITEM\n|item,value\n)?([0-9]{1,4}|[.,;|\"#*~eé-]|\t|\n|\r\n| |: |dataflow|REGTRD|D|M|P61|BE2|level|NaN){0,80}"
    ) {
        read_all(text.as_bytes());
    }

    #[test]
    fn a_mutated_file_never_panics(file in select(&[UPDATE, LABELS, LIST][..]), edits in edits()) {
        let mut bytes = file.as_bytes().to_vec();
        for (place, byte, how) in edits {
            let at = usize::from(place) * bytes.len().saturating_sub(1) / usize::from(u16::MAX);
            match how {
                _ if bytes.is_empty() => {}
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => { bytes.remove(at); }
                _ => bytes.truncate(at.max(1)),
            }
        }
        read_all(&bytes);
    }

    #[test]
    fn what_is_written_is_read_back(observations in observations()) {
        let text = written(&observations);
        prop_assert_eq!(sniff(text.as_bytes()), FileKind::DataFile);
        let read = whole(&text);
        prop_assert_eq!(&read, &observations);
        let scale = |list: &[Observation]| list.iter().map(|o| o.value.map(|value| value.scale())).collect::<Vec<_>>();
        prop_assert_eq!(scale(&read), scale(&observations));
    }

    #[test]
    fn every_separator_and_line_end_says_the_same(observations in observations(), separator in select(&[";", "\t", "|"][..]), crlf in any::<bool>()) {
        let text = written(&observations).replace(',', separator);
        let text = if crlf { text.replace('\n', "\r\n") } else { text };
        prop_assert_eq!(whole(&text), observations);
    }

    #[test]
    fn a_pattern_names_what_has_all_its_dimensions(one in keys(), other in keys(), given in any::<[bool; 6]>()) {
        let [item, ref_area, activity, product, counterpart_area, period] = given;
        let pattern = PartialKey {
            item: item.then_some(one.item),
            ref_area: ref_area.then_some(one.ref_area),
            activity: activity.then(|| one.activity.clone()),
            product: product.then(|| one.product.clone()),
            counterpart_area: counterpart_area.then(|| one.counterpart_area.clone()),
            concept: None,
            period: period.then_some(one.period.last()),
        };
        let differs = [
            one.item != other.item,
            one.ref_area != other.ref_area,
            one.activity != other.activity,
            one.product != other.product,
            one.counterpart_area != other.counterpart_area,
            one.period != other.period,
        ];
        let named = given.iter().zip(differs).all(|(given, differs)| !(*given && differs));
        prop_assert_eq!(pattern.matches(&other), named);
        prop_assert!(pattern.matches(&one));
    }

    #[test]
    fn from_one_data_set_to_another_by_deleting_and_replacing(before in observations(), after in observations()) {
        let line = 2;
        let period = |o: &Observation| o.key.period.last();
        let gone = before.iter().filter(|o| !after.iter().any(|other| other.key == o.key));
        let deletes = gone.map(|o| Action::Delete(PartialKey {
            item: Some(o.key.item),
            ref_area: Some(o.key.ref_area),
            activity: Some(o.key.activity.clone()),
            product: Some(o.key.product.clone()),
            counterpart_area: Some(o.key.counterpart_area.clone()),
            concept: None,
            period: Some(period(o)),
        }));
        let replaces = after.iter().cloned().map(Action::Replace);
        let updates: Vec<_> = deletes.chain(replaces).map(|action| Update { line, action }).collect();
        let mut slices = by_period(&before);
        let changed = data_file::apply(&slices, &updates);
        if before == after {
            prop_assert!(changed.is_err());
        } else {
            slices.extend(changed.unwrap());
            slices.retain(|_, slice| !slice.is_empty());
            prop_assert_eq!(slices, by_period(&after));
        }
    }
}

#[test]
fn the_files_that_are_mutated_are_whole() {
    for text in [UPDATE, LABELS] {
        assert_eq!(read(text.as_bytes()).summary.issues, []);
    }
    assert_eq!(figure_list::read(LIST.as_bytes()).issues, []);
}
