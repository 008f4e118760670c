//! Whatever the order and however many runs: what goes in comes out sorted, and what is there twice is told.

use std::collections::BTreeMap;

use proptest::{collection::vec, prelude::*};
use regtrade_model::{
    Area, Code, Concept, ConfStatus, Decimal, Indicator, Item, ObsStatus, Observation, Period,
};

use super::*;
use crate::slices::Counter;

fn observation() -> impl Strategy<Value = Observation> {
    let code = |codes: &'static [&'static str]| proptest::sample::select(codes);
    let period = code(&["2023", "2024", "2024-Q1", "2024-02", "2024-11", "2025"]);
    let codes = (
        code(&["_T", "A", "AB", "A1", "B", "a"]),
        code(&["_T", "01", "0101", "01012100", "1"]),
        code(&["W1", "FR", "F", "D0"]),
    );
    let rest = (
        any::<Option<i64>>(),
        0..20u32,
        0..12u32,
        0..10i32,
        proptest::sample::select(ObsStatus::ALL),
        proptest::sample::select(ConfStatus::ALL),
    );
    let key = (
        proptest::sample::select(Item::ALL),
        proptest::sample::select(&[Area::BE, Area::BE1, Area::BEZ][..]),
        codes,
        proptest::option::of(proptest::sample::select(Concept::ALL)),
        period,
    );
    (key, rest).prop_map(|((item, ref_area, codes, concept, period), rest)| {
        let code = |text: &str| text.parse::<Code>().unwrap();
        let (value, scale, decimals, unit_mult, status, conf) = rest;
        Observation {
            key: FigureKey {
                item,
                ref_area,
                activity: code(codes.0),
                product: code(codes.1),
                counterpart_area: code(codes.2),
                concept,
                indicator: Indicator::Level,
                period: period.parse::<Period>().unwrap().into(),
            },
            value: value.map(|value| Decimal::new(value, scale)),
            decimals,
            unit_mult,
            status,
            conf,
        }
    })
}

fn spooled(rows: &[Observation], rows_per_run: usize) -> Slices {
    let mut writer = SpoolWriter::new(TemporaryFolder::default());
    writer.rows_per_run = rows_per_run;
    for (row, line) in rows.iter().zip(2..) {
        let file = line % 3;
        writer.push(row.clone(), Place { file, line }).unwrap();
    }
    writer.finish().unwrap()
}

proptest! {
    #[test]
    fn any_order_in_is_sorted_out_over_any_number_of_runs(
        rows in vec(observation(), 0..200),
        rows_per_run in 1..70usize,
    ) {
        let slices = spooled(&rows, rows_per_run);
        let out: Vec<Spooled> = slices.iter().map(Result::unwrap).collect();
        let mut expected: Vec<Spooled> = rows.iter().zip(2..).map(|(row, line)| Spooled {
            observation: row.clone(),
            place: Place { file: line % 3, line },
        }).collect();
        expected.sort_by_key(|row| {
            let key = &row.observation.key;
            (key.period.last().year(), key.clone(), row.place)
        });
        prop_assert_eq!(&out, &expected);
        prop_assert_eq!(&slices.iter().map(Result::unwrap).collect::<Vec<_>>(), &expected);

        let of = |period| expected.iter().filter(move |row| row.observation.key.period.last() == period);
        let periods: BTreeMap<_, _> = expected.iter().map(|row| {
            let period = row.observation.key.period.last();
            let mut counter = Counter::of(period);
            of(period).for_each(|row| counter.count(&row.observation));
            (period, counter.finish())
        }).collect();
        prop_assert_eq!(slices.summaries(), &periods);

        let pairs: Vec<_> = expected.windows(2)
            .filter(|pair| pair[0].observation.key == pair[1].observation.key)
            .map(|pair| (pair[1].observation.key.clone(), pair[1].place))
            .collect();
        let told: Vec<_> = slices.duplicates().first.iter()
            .map(|duplicate| (duplicate.key.clone(), duplicate.again))
            .collect();
        prop_assert_eq!(slices.duplicates().count, pairs.len() as u64);
        prop_assert_eq!(told, pairs);
    }
}

#[test]
fn what_is_there_three_times_is_told_twice_with_where_it_stood_first() {
    let row = Observation {
        key: FigureKey::overall(
            Item::P61,
            Area::BE2,
            Indicator::Level,
            Period::of_year(2024).unwrap(),
        ),
        value: None,
        decimals: 0,
        unit_mult: 6,
        status: ObsStatus::O,
        conf: ConfStatus::F,
    };
    for rows_per_run in [1, 2, 10] {
        let mut writer = SpoolWriter::new(TemporaryFolder::default());
        writer.rows_per_run = rows_per_run;
        for (file, line) in [(1, 4), (0, 7), (1, 2)] {
            writer.push(row.clone(), Place { file, line }).unwrap();
        }
        let slices = writer.finish().unwrap();
        let told: Vec<_> = slices
            .duplicates()
            .first
            .iter()
            .map(|duplicate| {
                let Duplicate { first, again, .. } = duplicate;
                ((first.file, first.line), (again.file, again.line))
            })
            .collect();
        assert_eq!(told, [((0, 7), (1, 2)), ((0, 7), (1, 4))]);
    }
}

#[test]
fn what_fits_into_one_run_stays_in_memory_and_more_goes_to_the_folder() {
    let row = |product: u32| Observation {
        key: FigureKey {
            product: format!("{product:08}").parse().unwrap(),
            ..FigureKey::overall(
                Item::P61,
                Area::BE2,
                Indicator::Level,
                Period::of_year(2024).unwrap(),
            )
        },
        value: None,
        decimals: 0,
        unit_mult: 6,
        status: ObsStatus::O,
        conf: ConfStatus::F,
    };
    let nowhere = TemporaryFolder::at(std::path::Path::new("/nonexistent"));
    let mut writer = SpoolWriter::new(nowhere.clone());
    writer.rows_per_run = 3;
    for line in 0..3 {
        let place = Place { file: 0, line };
        writer.push(row(line), place).unwrap();
    }
    assert_eq!(writer.finish().unwrap().rows(), 3);
    let mut writer = SpoolWriter::new(nowhere);
    writer.rows_per_run = 3;
    // A run goes to the folder while the next one is filled.
    let taken = (0..5).map(|line| writer.push(row(line), Place::default()));
    assert!(taken.take(4).all(|taken| taken.is_ok()));
    let refused = writer.finish().unwrap_err();
    assert!(matches!(refused, LakeError::Temporary(_)), "{refused}");
}
