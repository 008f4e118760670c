//! The quick way says what the slow one says.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{self, BufRead, BufReader, Read};

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;
use crate::{
    Mappings,
    data_file::{Entry, Summary},
};

/// What a file says: each entry, with the scale of its value, which does not make two values unequal.
type Said = (Vec<(Entry, Option<u32>)>, Summary);

fn read_by(read: impl FnOnce(&mut Taker<'_>, &mut Issues)) -> Said {
    let mut entries = vec![];
    let mut take = |entry: Entry| {
        let scale = match &entry {
            Entry::Observation { observation, .. } => observation.value.map(|value| value.scale()),
            Entry::Update(_) | Entry::Figure(_) => None,
        };
        entries.push((entry, scale));
    };
    let mut taker = Taker::new(Mappings::shipped(), &mut take, false);
    let mut issues = Issues::default();
    read(&mut taker, &mut issues);
    let summary = taker.finish(issues);
    (entries, summary)
}

fn slow(source: &dyn Source) -> Said {
    read_by(|taker, issues| csv::read(source, taker, issues))
}

fn quick(source: &dyn Source, bytes: usize, threads: usize) -> Said {
    read_by(|taker, issues| read_in(source, Share { bytes, threads }, taker, issues))
}

/// Bytes of which reading fails behind the last one.
struct Broken<'b>(&'b [u8]);

struct Fails;

impl Read for Fails {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("the medium"))
    }
}

impl Source for Broken<'_> {
    fn open(&self) -> io::Result<Box<dyn BufRead + '_>> {
        Ok(Box::new(BufReader::with_capacity(50, self.0.chain(Fails))))
    }
}

const EXTTRADE: &str = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,ITEM,ACTIVITY,PRODUCT,COUNTERPART_AREA,CONCEPT,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE,UNIT_MULT,DECIMALS,OBS_STATUS,CONF_STATUS";
const REGTRD: &str =
    "DATAFLOW,FREQ,ITEM,REF_AREA,PRODUCT,TIME_PERIOD,OBS_VALUE,UNIT_MULT,OBS_STATUS,";
const LABELS: &str = "STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,FREQ,Frequency,REF_AREA,Area,ITEM,Item,PRODUCT,Product,TIME_PERIOD,TIME_PERIOD,OBS_VALUE,OBS_VALUE,UNIT_MULT,Multiple";
const NAMES: &str = "STRUCTURE,STRUCTURE_ID,ITEM: Item,FREQ: Frequency,REF_AREA: Area,PRODUCT: Product,TIME_PERIOD: Year,OBS_VALUE: Value,UNIT_MULT: Multiple,DECIMALS: Decimals";
const UNITS: &str = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,ITEM,REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT,UNIT_MEASURE,UNIT_MULT";
const NBB: &str =
    "DATAFLOW,FREQ,REPORTING,FLOW,COUNTRY,PRODUCT,CONCEPT,TIME_PERIOD,OBS_VALUE,UNIT,UNIT_MULT";

/// What can stand in the columns of each of them: what is likely first.
fn cells(heading: &str) -> &'static [&'static str] {
    match heading.split(':').next().unwrap() {
        "STRUCTURE" => &["dataflow", "datastructure", "x"],
        "STRUCTURE_ID" => &[
            "BE2:REGTRD(1.0)",
            "BE2:EXTTRADE(1.0)",
            "SYNTH:EXTTRADE(1.0)",
            "",
        ],
        "DATAFLOW" => &[
            "BE2:REGTRD(1.0)",
            "BE2:DF_EXTTRADEBENAT_Overview(1.0)",
            "NO:NO",
        ],
        "ACTION" => &["I", "", "A", "M", "D", "X"],
        "FREQ" => &["M", "A", "A: Annual", "Q", "", "*"],
        "REF_AREA" => &["BE2", "BE", " BE1 ", "BE3: Région wallonne", "be", "", "*"],
        "REPORTING" => &["VL", "BE", "354", "310", "zz"],
        "ITEM" => &["P61", "P62", "P6", "B11", "P61: Exports", "x", "", "*"],
        "FLOW" => &["X", "I", "B", "TOT", "x"],
        "ACTIVITY" => &["_T", "C29", "nix", ""],
        "PRODUCT" => &[
            "_T",
            "01012100",
            "SA",
            "30",
            "3004: Medicaments of all kinds",
            "x",
            "",
        ],
        "COUNTERPART_AREA" => &["W1", "DE", "FR", "XX9", ""],
        "COUNTRY" => &["D0", "A1", "DE", "E1", "FR"],
        "CONCEPT" => &["NAT", "COM", "N", "", "*"],
        "TIME_PERIOD" => &[
            "2024-07",
            "2024",
            "2024-M08",
            "2023",
            "2024-A1",
            "2024-13",
            "",
            "2023: 2023",
        ],
        "OBS_VALUE" => &[
            "12.345678",
            "-0.0",
            "",
            "007",
            "5.",
            ".5",
            "1e3",
            "1,5",
            "NaN",
            "-",
            "+7",
            "1234567890123456789.5",
            " 8",
            "4: 4",
        ],
        "UNIT_MEASURE" | "UNIT" => &["EUR", "", "USD", "PC"],
        "UNIT_MULT" => &["6", "0", "16", "", "6: Millions", "x"],
        "DECIMALS" => &["6", "", "29", "0"],
        "OBS_STATUS" => &["A", "", "E", "O", "M", "?"],
        "CONF_STATUS" => &["F", "", "C", "?"],
        _ => &["", "x", "é"],
    }
}

/// A file: its header, and lines of cells that are mostly sound.
fn files() -> impl Strategy<Value = String> {
    let headers = select(&[EXTTRADE, EXTTRADE, REGTRD, LABELS, NAMES, UNITS, NBB][..]);
    let picks = vec((vec((any::<u8>(), any::<u8>()), 24), any::<u8>()), 0..30);
    let style = (
        select(&[",", ";", "\t"][..]),
        any::<bool>(),
        any::<bool>(),
        0..40_u8,
    );
    (headers, picks, style).prop_map(|(header, lines, (mark, crlf, is_ended, odd))| {
        let mut text = header.to_owned();
        for (picks, how) in lines {
            let cells = header.split(',').zip(picks).enumerate();
            let cells = cells.map(|(at, (heading, (which, of)))| {
                let all = self::cells(heading);
                let is_odd = which < odd;
                // Mostly what fits the header, in turns where that is several.
                let sound = match (header == EXTTRADE, heading) {
                    (true, "STRUCTURE_ID") => &all[1..2],
                    (_, "FREQ") if header == EXTTRADE || header == NBB => &all[..1],
                    (_, "DATAFLOW") if header == NBB => &all[1..2],
                    (_, "FREQ: Frequency") => &all[1..3],
                    (_, "FREQ") => &all[1..2],
                    (true, "TIME_PERIOD") => &["2024-07", "2024-08"],
                    (false, "TIME_PERIOD" | "TIME_PERIOD: Year") if header != NBB => {
                        &["2024", "2023"]
                    }
                    (_, "CONCEPT" | "ITEM" | "REF_AREA") => &all[..2],
                    (_, "OBS_VALUE") => &all[..4],
                    (true, "PRODUCT") => &all[..2],
                    (false, "PRODUCT" | "PRODUCT: Product") if header != NBB => &all[..3],
                    (true, "OBS_STATUS") => &all[1..2],
                    (true, "COUNTERPART_AREA") => &all[..3],
                    _ if header == LABELS && at > 1 && at % 2 == 0 => &["", "x", "a name"],
                    _ => &all[..1],
                };
                let from = if is_odd { all } else { sound };
                from[usize::from(of) % from.len()]
            });
            let cells: Vec<_> = cells.collect();
            text.push('\n');
            match how {
                0 => {}
                1..4 => text.push_str(&format!("{},", cells.join(","))),
                4 => text.push_str(&cells[1..].join(",")),
                5..8 => text.push_str(&format!("\"{}\"", cells.join("\",\""))),
                8 => text.push_str(&format!("\"a\n\"\"{}", cells.join(","))),
                9 => text.push_str(&cells[..cells.len() - 1].join(",")),
                10 => text.push_str(&",".repeat(cells.len() - 1)),
                _ => text.push_str(&cells.join(",")),
            }
        }
        let text = text.replace(',', mark) + if is_ended { "\n" } else { "" };
        if crlf {
            text.replace('\n', "\r\n")
        } else {
            text
        }
    })
}

fn edits() -> impl Strategy<Value = Vec<(u16, u8, u8)>> {
    let telling = select(&b"\t\n\r\",;|: .-+#*~eADIMR0169BP[]\x00\x7f\xff\xc3\xa9"[..]);
    vec((any::<u16>(), telling, 0..4_u8), 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_quick_way_says_what_the_slow_one_says(file in files(), edits in edits(), at_once in 1..3_000_usize, threads in 0..3_usize) {
        let mut bytes = file.into_bytes();
        for (place, byte, how) in edits {
            let at = usize::from(place) * bytes.len().saturating_sub(1) / usize::from(u16::MAX);
            match how {
                _ if bytes.is_empty() => {}
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => { bytes.remove(at); }
                _ => bytes.truncate(at.max(bytes.len() / 2)),
            }
        }
        let bytes = bytes.as_slice();
        prop_assert_eq!(quick(&bytes, at_once, threads), slow(&bytes));
        prop_assert_eq!(quick(&Broken(bytes), at_once, threads), slow(&Broken(bytes)));
    }
}

/// A file of EXTTRADE whose lines are alike for a while, but for product and value.
fn seldom_other() -> impl Strategy<Value = String> {
    let area = select(&["BE1", "BE2", "BE2", "be"][..]);
    let item = select(&["P61", "P61", "P71", "x"][..]);
    let month = select(&["2024-07", "2024-08", "2024-13"][..]);
    let behind = select(
        &[
            "EUR,6,1,A,F",
            "EUR,6,1,A,F",
            "EUR,6,2,E,F",
            "EUR,6,1,A,C",
            "EUR,6,1,?,F",
            "EUR,6,1,A,FF",
            "EUR,6,1,A,F,7",
            "EUR,6,1,A",
        ][..],
    );
    let stretch = (area, item, month, behind, 1..25_usize);
    vec(stretch, 2..25).prop_map(|stretches| {
        let mut text = EXTTRADE.to_owned();
        let mut nth = 0;
        for (area, item, month, behind, lines) in stretches {
            for _ in 0..lines {
                nth += 1;
                text.push_str(&format!(
                    "\ndataflow,BE2:EXTTRADE(1.0),I,M,{area},{item},_T,01{nth:06},DE,NAT,{month},{nth}.5,{behind}"
                ));
            }
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_seldom_changes_is_not_taken_for_what_it_was_before(file in seldom_other(), at_once in 500..5_000_usize, threads in 0..3_usize) {
        let bytes = file.as_bytes();
        prop_assert_eq!(quick(&bytes, at_once, threads), slow(&bytes));
    }
}

/// A file of EXTTRADE in which some lines are replaced.
fn with(lines: &[(usize, &str)]) -> String {
    let sound = |nth: usize| {
        let partner = ["DE", "FR", "W1"][nth % 3];
        format!(
            "dataflow,BE2:EXTTRADE(1.0),I,M,BE2,P61,_T,0101{:02},{partner},NAT,2024-07,{nth}.5,EUR,6,1,A,F",
            nth / 3
        )
    };
    let mut all: Vec<String> = (0..100).map(sound).collect();
    for (at, line) in lines {
        all[*at] = (*line).to_owned();
    }
    format!("{EXTTRADE}\n{}\n", all.join("\n"))
}

#[test]
fn a_sound_file_has_no_doubtful_line() {
    let file = with(&[(7, "")]);
    let mut taken = 0;
    let mut take = |_| taken += 1;
    let mut taker = Taker::new(Mappings::shipped(), &mut take, false);
    let mut issues = Issues::default();
    let bytes = file.as_bytes();
    let mut reader = Reader::open(&bytes, &mut taker, &mut issues).unwrap();
    assert!(reader.row(&mut taker, &mut issues));
    let first = file.lines().nth(1).unwrap().as_bytes();
    let line = crate::csv::Line {
        bytes: first,
        number: 2,
    };
    let mut lines = Lines::new(Arc::new(Plan::of(line, &reader, &taker).unwrap()));
    let block = reader.block(1 << 20).unwrap();
    let plan = Arc::clone(&lines.plan);
    let parsed = lines.read(Work::all(block, plan));
    assert_eq!((parsed.rows.len(), parsed.doubtful.len()), (98, 0));
    assert_eq!(parsed.rows[97].0, 101);
}

#[test]
fn what_is_wrong_is_told_in_the_order_of_the_file_and_nothing_else_is_lost() {
    let file = with(&[
        (
            20,
            "dataflow,BE2:EXTTRADE(1.0),I,M,BE2,P61,_T,01,ZZ9,NAT,2024-07,1,EUR,6,1,A,F",
        ),
        (
            40,
            "dataflow,BE2:EXTTRADE(1.0),I,M,BE2,P61,_T,01,DE,NAT,2024-07,1,5,EUR,6,1,A,F",
        ),
        (
            60,
            "dataflow,BE2:REGTRD(1.0),I,A,BE2,P61,_T,01,DE,,2024,1,EUR,6,1,A,F",
        ),
    ]);
    let bytes = file.as_bytes();
    for at_once in [100, 1_000, 100_000] {
        let (entries, summary) = quick(&bytes, at_once, 2);
        let lines: Vec<_> = summary
            .issues
            .iter()
            .map(|issue| (issue.line, issue.rule.id()))
            .collect();
        assert_eq!(
            lines,
            [
                (22, "code.unknown"),
                (42, "row.too-many-cells"),
                (62, "structure.other")
            ]
        );
        assert_eq!((entries.len(), summary.rows), (97, 98));
    }
}

#[test]
fn a_line_that_is_not_taken_in_is_no_example_for_those_behind_it() {
    let odd = "dataflow,BE2:EXTTRADE(1.0),X,M,BE2,P61,_T,01,DE,NAT,2024-07,1,EUR,6,1,A,F";
    let other = "dataflow,NO:NO(1.0),I,M,BE2,P61,_T,01,DE,NAT,2024-07,1,EUR,6,1,A,F";
    let file = with(&[
        (0, other),
        (1, odd),
        (2, odd),
        (49, other),
        (50, odd),
        (51, odd),
    ]);
    let bytes = file.as_bytes();
    for at_once in (80..5_000).step_by(60) {
        let (entries, summary) = quick(&bytes, at_once, 2);
        assert_eq!((entries.len(), summary.issue_count), (94, 6));
    }
}

#[test]
fn what_is_no_text_is_found_in_columns_that_nothing_is_read_from() {
    let line = |name: &str, area: &str| {
        format!("dataflow,BE2:REGTRD(1.0),{name},A,,{area},,P61,,30,,2024,,1.5,,6,")
    };
    for odd in [&b"\x7f"[..], b"\x00", b"\xff", "é".as_bytes()] {
        for at in [1, 7, 40] {
            let lines = (0..60).map(|nth| line("", ["BE1", "BE2", "BE3"][nth / 7 % 3]));
            let mut lines: Vec<Vec<u8>> = lines.map(String::into_bytes).collect();
            let place = lines[at].iter().position(|byte| *byte == b')').unwrap() + 2;
            lines[at].splice(place..place, odd.iter().copied());
            let file = [LABELS.as_bytes(), b"\n", &lines.join(&b'\n')].concat();
            let bytes = file.as_slice();
            for at_once in [200, 1_000, 100_000] {
                assert_eq!(quick(&bytes, at_once, 1), slow(&bytes), "{odd:?} in {at}");
            }
        }
    }
}
