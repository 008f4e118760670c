//! SDMX-CSV messages of any dataflow: which components, structures, actions and cells each form of the format has.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use regtrade_formats::{
    Issues, Rule,
    sdmx::{
        csv,
        message::{Row, Sink, StructureRef},
    },
};

/// Writes down what it is told.
#[derive(Default)]
struct Notes {
    components: Vec<String>,
    lines: Vec<String>,
}

impl Sink for Notes {
    fn structure(&mut self, structure: &StructureRef, at: (u32, u32), _: &mut Issues) {
        let StructureRef {
            kind,
            agency,
            id,
            version,
        } = structure;
        let line = format!("{}: {kind:?} {agency} {id} {version}", at.0);
        self.lines.push(line);
    }

    fn component(&mut self, number: usize, id: &str, _: (u32, u32), _: &mut Issues) {
        assert_eq!(number, self.components.len());
        self.components.push(id.to_owned());
    }

    fn row(&mut self, row: &Row<'_>, _: &mut Issues) {
        let cell = |cell: &regtrade_formats::sdmx::message::Cell<'_>| {
            assert!(!cell.text.is_empty());
            format!("{}={}", self.components[cell.component], cell.text)
        };
        let cells: Vec<_> = row.cells.iter().map(cell).collect();
        let line = format!("{}: {:?} {}", row.line, row.action, cells.join(" "));
        self.lines.push(line);
    }
}

fn read(text: &str) -> (Notes, Vec<(u32, u32, Rule)>) {
    let (mut notes, mut issues) = (Notes::default(), Issues::default());
    csv::read(&text.as_bytes(), &mut notes, &mut issues);
    let issues = issues.finish().0;
    let places = issues.iter().map(|i| (i.line, i.column, i.rule));
    (notes, places.collect())
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let (notes, issues) = read(text);
    assert_eq!(issues, [], "{text}");
    assert_eq!(notes.lines, expected, "{text}");
}

#[test]
fn each_row_is_of_its_structure_and_has_its_action() {
    check(
        "STRUCTURE,STRUCTURE_ID,ACTION,AREA,CURRENCY,RATE,NOTE\n\
         dataflow,ECB:RATES(1.6.0),I,BE,,1.5,\"a, b\"\n\
         dataflow,ECB:RATES(1.6.0),,NL,EUR,NaN,\n\
         DataStructure,ECB.X:DSD(1.0),A,BE,,1,\n\
         dataprovision,RATES,D,BE,,,\n\
         dataprovision,ECB:RATES,R,BE,,2,\n\
         dataflow,ECB:RATES(1.6.0),M,BE,,2,\n",
        &[
            "2: Dataflow ECB RATES 1.6.0",
            "2: Information AREA=BE RATE=1.5 NOTE=a, b",
            "3: Information AREA=NL CURRENCY=EUR RATE=NaN",
            "4: DataStructure ECB.X DSD 1.0",
            "4: Append AREA=BE RATE=1",
            "5: ProvisionAgreement  RATES ",
            "5: Delete AREA=BE",
            "6: ProvisionAgreement ECB RATES ",
            "6: Replace AREA=BE RATE=2",
            "7: Dataflow ECB RATES 1.6.0",
            "7: Merge AREA=BE RATE=2",
        ],
    );
    check(
        "DATAFLOW,LAST UPDATE,freq,OBS_VALUE\nESTAT:EI$V(1.0),30/10/25 23:00:00,Q,\n",
        &[
            "2: Dataflow ESTAT EI$V 1.0",
            "2: Information LAST UPDATE=30/10/25 23:00:00 freq=Q",
        ],
    );
}

#[test]
fn names_beside_ids_are_not_read() {
    let expected = [
        "2: DataStructure MD TEST 1.0",
        "2: Merge AREA=BE RATE=1 NOTE=C",
    ];
    for text in [
        "STRUCTURE,STRUCTURE_ID,ACTION,AREA,RATE,NOTE\ndatastructure,MD:TEST(1.0),M,BE,1,C\n",
        "STRUCTURE,STRUCTURE_ID,ACTION,AREA: Area: of whom,RATE: Rate,NOTE\ndatastructure,MD:TEST(1.0): Tests: of all,M,BE: Belgium,1: 1,C\n",
        "STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,ACTION,AREA,Area,RATE,RATE,NOTE,Note\ndatastructure,MD:TEST(1.0),Test,M,BE,\"Belgium:\nall\",1,,C,Name\n",
        "STRUCTURE[|];STRUCTURE_ID;ACTION;SERIES_KEY;OBS_KEY;AREA;RATE;NOTE[]\ndatastructure;MD:TEST(1.0);M;BE;BE.1;BE;1;C\n",
        "STRUCTURE[;]|STRUCTURE_ID|ACTION|OBS_KEY|AREA|RATE|NOTE[en;fr]\ndatastructure|MD:TEST(1.0)|M|BE.1|BE|1|C\n",
        "\u{feff}STRUCTURE\tSTRUCTURE_ID\tACTION\tAREA\tRATE\tNOTE\t\r\n\r\ndatastructure\tMD:TEST(1.0)\tM\tBE\t1\tC\t\r\n",
    ] {
        let (notes, issues) = read(text);
        assert_eq!(issues, [], "{text}");
        let lines = notes.lines.iter().map(|line| line.replace("3: ", "2: "));
        let lines: Vec<_> = lines.collect();
        assert_eq!(lines, expected, "{text}");
        assert_eq!(notes.components, ["AREA", "RATE", "NOTE"], "{text}");
    }
    // Names in some columns alone do not swallow the columns that have none.
    let some = "STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,FREQ,REF_AREA,Area,OBS_VALUE,CONF_STATUS\ndataflow,A:B(1),Name,A,BE,Belgium,1,N\n";
    assert_eq!(
        read(some).0.lines[1],
        "2: Information FREQ=A REF_AREA=BE OBS_VALUE=1 CONF_STATUS=N"
    );
}

#[test]
fn what_is_no_message_is_refused_where_it_is_none() {
    let header = "STRUCTURE,STRUCTURE_ID,ACTION,AREA";
    for (text, expected) in [
        ("FREQ,AREA\nA,BE\n".to_owned(), (1, 1, Rule::HeaderUnknown)),
        ("STRUCTURE,AREA\n".to_owned(), (1, 3, Rule::ColumnMissing)),
        (
            format!("{header},\"\",X\ndataflow,A:B(1),I,BE,,\n"),
            (1, 5, Rule::ColumnUnknown),
        ),
        (
            format!("{header},AREA\ndataflow,A:B(1),I,BE,\n"),
            (1, 5, Rule::ColumnTwice),
        ),
        (
            format!("{header},ACTION\ndataflow,A:B(1),I,BE,\n"),
            (1, 5, Rule::ColumnTwice),
        ),
        (format!("{header}\n"), (1, 1, Rule::HeaderWithoutRows)),
        (
            format!("{header}\ndataTEST,A:B(1),I,BE\n"),
            (2, 1, Rule::StructureUnknown),
        ),
        (
            format!("{header}\ndataflow,A:(1),I,BE\n"),
            (2, 2, Rule::StructureUnknown),
        ),
        (
            format!("{header}\ndataflow,,I,BE\n"),
            (2, 2, Rule::StructureUnknown),
        ),
        (
            format!("{header}\ndataflow,A:B(1),E,BE\n"),
            (2, 3, Rule::ActionUnknown),
        ),
        (
            format!("{header}\ndataflow,A:B(1),I\n"),
            (2, 4, Rule::RowTruncated),
        ),
        (
            format!("{header}\ndataflow,A:B(1),I,1,5\n"),
            (2, 5, Rule::RowTooManyCells),
        ),
        (
            format!("{header}\ndataflow,A:B(1),I,\"BE\n"),
            (2, 4, Rule::QuoteMalformed),
        ),
        ("\n,,\n".to_owned(), (1, 1, Rule::FileEmpty)),
    ] {
        let (_, issues) = read(&text);
        assert_eq!(issues, [expected], "{text}");
    }
}

#[test]
fn a_record_is_found_wherever_the_bytes_of_the_reader_end() {
    let rows: String = (0..20_000)
        .map(|row| {
            format!(
                "dataflow,A:B(1),I,\"é{row}\n\"\"{}\"\r\n",
                "x".repeat(row % 97)
            )
        })
        .collect();
    let (notes, issues) = read(&format!("STRUCTURE,STRUCTURE_ID,ACTION,AREA\n{rows}"));
    assert_eq!(issues, []);
    assert_eq!(notes.lines.len(), 20_001);
    let last = notes.lines.last().unwrap();
    assert!(
        last.starts_with("40000: Information AREA=é19999\n\"xx"),
        "{last}"
    );
}

#[test]
fn a_file_that_breaks_off_in_the_reader_says_so() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is gone"))
        }
    }
    struct File;
    impl regtrade_formats::sdmx::message::Source for File {
        fn open(&self) -> std::io::Result<Box<dyn std::io::BufRead + '_>> {
            use std::io::Read as _;
            let start = &b"STRUCTURE,STRUCTURE_ID,ACTION,AREA\ndataflow,A:B(1),I,BE\n"[..];
            Ok(Box::new(std::io::BufReader::new(start.chain(Broken))))
        }
    }
    let mut issues = Issues::default();
    csv::read(&File, &mut Notes::default(), &mut issues);
    let issues = issues.finish().0;
    assert_eq!(issues.len(), 1, "{issues:?}");
    assert_eq!(issues[0].rule, Rule::FileUnreadable);
    assert!(issues[0].explanation.contains("the disk is gone"));
}
