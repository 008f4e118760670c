//! Sums that lakes keep, against those of the rows.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use regtrade_model::{Change, FigureKey, Observation, Period, Release, ReleaseId};

use super::{
    super::{
        Kind, Partners, Products, Step, SumsWriter,
        read::{Use, plan},
    },
    any_row, asked, month, row,
};
use crate::{
    Committed, Lake,
    write::tests::{at, submission, sums_asked},
};

/// Twelve months of two years, of few cells, so that some months lack a cell and some cells are coarse.
fn any_months() -> impl Strategy<Value = BTreeMap<Period, Vec<Observation>>> {
    let rows = prop::collection::vec(any_row(), 1..4);
    let detail = prop::sample::select(vec![0usize, 24, 24, 24]);
    (prop::collection::vec(rows, 24), detail).prop_map(|(months, detail)| {
        let months = months.into_iter().enumerate().map(|(at, rows)| {
            let (year, number) = (
                2023 + u16::from(at >= 12),
                (1..=12).cycle().nth(at).unwrap(),
            );
            let period = month(year, number);
            let always = (at < detail).then(|| row("30021200 FR", period, Some("1.5")));
            let rows = rows.into_iter().chain(always).map(|row| {
                let key = FigureKey {
                    period: period.into(),
                    ..row.key
                };
                (key.clone(), Observation { key, ..row })
            });
            let rows: BTreeMap<_, _> = rows.collect();
            (period, rows.into_values().collect())
        });
        months.collect()
    })
}

/// Some of 24 months, as a release that revises them has them, and how few observations it keeps no sums of.
fn any_revision() -> impl Strategy<Value = (BTreeMap<Period, Vec<Observation>>, u64)> {
    let least = prop::sample::select(vec![0u64, 0, 0, 1000]);
    (any_months(), 0u32..1 << 24, any::<bool>(), least).prop_map(|(months, chosen, few, least)| {
        let chosen = if few { chosen & chosen >> 7 } else { chosen };
        let months = months.into_iter().enumerate();
        let months = months.filter(|(at, _)| chosen >> at & 1 == 1);
        (months.map(|(_, month)| month).collect(), least)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    /// Whatever is kept, whatever months later releases have anew, whichever of them a vintage is made of, and in
    /// however many parts the rest is added up.
    #[test]
    fn kept_sums_are_those_of_the_rows(
        first in any_months(),
        keeps in any::<bool>(),
        second in any_revision(),
        third in any_revision(),
        is_withdrawn in any::<bool>(),
        partitions in prop::sample::select(vec![1usize, 2, 7]),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let first = (first, if keeps { 0 } else { 1000 });
        runtime.block_on(async {
            let mut lake = Lake::in_memory().unwrap();
            lake.partitions = partitions;
            let mut releases = vec![];
            for (number, (rows, least)) in (1..).zip([first, second, third]) {
                lake.least_detail = least;
                let taken = lake.commit(&submission(number, &rows), &|| at(number)).await;
                let Ok(Committed::New(release)) = taken else { panic!("{taken:?}") };
                if number == 2 && is_withdrawn {
                    let change = Change::Withdrawn { because: "wrong".to_owned() };
                    lake.record(&release.id, &change, &|| at(number)).await.unwrap();
                }
                releases.push((release, rows));
            }
            for vintage in [&[0][..], &[0, 1], &[0, 2], &[0, 1, 2], &[1, 2]] {
                let of = vintage.iter().map(|at| &releases[*at]);
                sums_are_those_of_the_rows(&lake, of).await;
            }
            assert_eq!(lake.verify().await.unwrap().problems, []);
        });
    }
}

/// Of the vintage that some releases make, of which each period is that of the last one that has it.
async fn sums_are_those_of_the_rows<'a>(
    lake: &Lake,
    releases: impl Iterator<Item = &'a (Release, BTreeMap<Period, Vec<Observation>>)>,
) {
    let mut slices: BTreeMap<Period, (&Release, &Vec<Observation>)> = BTreeMap::new();
    for (release, rows) in releases {
        slices.extend(rows.iter().map(|(at, rows)| (*at, (release, rows))));
    }
    let vintage = slices.iter().map(|(period, (of, _))| (*period, *of));
    let vintage: BTreeMap<Period, &Release> = vintage.collect();
    for asked in sums_asked() {
        let periods = || vintage.keys().copied();
        let mut of_rows = SumsWriter::new(periods(), &asked);
        let rows = slices.values().flat_map(|(_, rows)| *rows);
        rows.for_each(|row| of_rows.push(row));
        let added = lake.add_up(&vintage, SumsWriter::new(periods(), &asked));
        let added = added.await.unwrap().finish().unwrap();
        assert_eq!(added, of_rows.finish().unwrap(), "{asked:?}");
    }
}

/// Exports of one cell in the months of two years; those of the second year are `value`.
fn two_years(value: &str) -> BTreeMap<Period, Vec<Observation>> {
    let months = (1..=12).flat_map(|at| [month(2023, at), month(2024, at)]);
    let rows = months.map(|at| {
        let value = if at.year() == 2023 { "1" } else { value };
        (at, vec![row("30021200 FR", at, Some(value))])
    });
    rows.collect()
}

/// Which sums a question about years reads, of which releases.
async fn read(lake: &Lake, slices: &BTreeMap<Period, &Release>) -> BTreeSet<(Kind, ReleaseId)> {
    let state = lake.log.current().await.unwrap().unwrap();
    let asked = asked(Products::Digits(6), Partners::World, Step::Year);
    let (kept, rest) = plan(&state, slices, &asked);
    assert!(rest.is_empty());
    let levels = kept.into_keys().filter(|(_, _, of)| *of == Use::Levels);
    levels
        .map(|(release, kind, _)| (kind, release.clone()))
        .collect()
}

#[tokio::test]
async fn a_year_of_which_a_later_release_has_some_months_is_read_from_its_sums_and_from_no_others()
{
    let mut lake = Lake::in_memory().unwrap();
    lake.least_detail = 0;
    let first = two_years("1");
    let months = |of: &[(u16, u8)], value| -> BTreeMap<_, _> {
        let months = of.iter().map(|(year, at)| month(*year, *at));
        months
            .map(|at| (at, vec![row("30021200 FR", at, Some(value))]))
            .collect()
    };
    let second = months(&[(2023, 5), (2024, 1), (2024, 2)], "2");
    let third = months(&[(2024, 2)], "3");
    let mut releases = vec![];
    for (number, rows) in (1..).zip([&first, &second, &third]) {
        let taken = lake.commit(&submission(number, rows), &|| at(number)).await;
        let Ok(Committed::New(release)) = taken else {
            panic!("{taken:?}")
        };
        releases.push(release);
    }
    let vintage = |of: &[usize]| {
        let mut slices: BTreeMap<Period, &Release> = BTreeMap::new();
        for at in of {
            slices.extend(
                releases[*at]
                    .periods()
                    .map(|period| (period, &releases[*at])),
            );
        }
        slices
    };
    let (years, months) = (Kind::YearsSubheadings, Kind::MonthsSubheadings);
    for (of, expected) in [
        (&[0][..], vec![(years, 0)]),
        (&[0, 1], vec![(years, 1)]),
        // 2023 is as the second release left it, 2024 as the third.
        (&[0, 1, 2], vec![(years, 1), (years, 2)]),
        // The third one was made of what the second one has, which is not there for who sees the others alone.
        (&[0, 2], vec![(months, 0), (years, 0), (months, 2)]),
    ] {
        let expected = expected
            .into_iter()
            .map(|(kind, at)| (kind, releases[at].id.clone()));
        assert_eq!(
            read(&lake, &vintage(of)).await,
            expected.collect(),
            "{of:?}"
        );
    }
}

#[tokio::test]
async fn sums_are_kept_of_years_whose_rows_they_say_all_of() {
    let mut lake = Lake::in_memory().unwrap();
    lake.least_detail = 0;
    let mut rows: BTreeMap<Period, Vec<Observation>> = BTreeMap::new();
    for at in (1..=12).flat_map(|at| [2022, 2023, 2024].map(|year| month(year, at))) {
        rows.insert(at, vec![row("30021200 FR", at, Some("1"))]);
    }
    // A group of partners, to which nothing is added up.
    for at in (1..=12).map(|at| month(2022, at)) {
        rows.entry(at)
            .or_default()
            .push(row("_T D6", at, Some("1")));
    }
    // A total of a month without detail.
    let at_once = month(2023, 7);
    rows.insert(at_once, vec![row("_T W1", at_once, Some("1"))]);
    lake.commit(&submission(1, &rows), &|| at(1)).await.unwrap();
    let state = lake.log.current().await.unwrap().unwrap();
    let stored = &state.record(&state.releases[0].id).unwrap().stored;
    assert_eq!(stored.sums_of, [2024]);
    let kinds = stored.files.iter().filter(|file| file.sums.is_some());
    assert_eq!(kinds.count(), 10);
}
