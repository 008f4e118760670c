//! Slices that begin in one row group or file and end in another, whatever is replaced and whatever is asked for.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt as _, TryStreamExt as _};
use proptest::{collection::vec, prelude::*, sample::select};
use regtrade_model::{
    Area, Concept, ConfStatus, Dataflow, Digest, Edition, FigureKey, Indicator, Instant, Item,
    KeyPattern, ObsStatus, Observation, Period, Release, ReleaseId, RevisionKind, Slice,
};

use super::Sizes;
use crate::{
    Committed, Lake, Partners, Products, Slices, Step, Submission, SumsAsked, SumsWriter,
    changes::tests::{self as changes, Vintage},
};

/// A key and a value out of few, so that releases have many keys in common, and patterns choose some of them.
type Cell = (usize, usize, usize, usize, usize, usize);

const PERIODS: [&str; 6] = [
    "2023-11", "2023-12", "2024", "2024-Q1", "2024-02", "2024-03",
];
const ALL: [Says; PERIODS.len()] = [Says::Other; PERIODS.len()];
const ITEMS: [Item; 2] = [Item::P61, Item::P71];
const AREAS: [Area; 3] = [Area::BE, Area::BE1, Area::BE2];
const PRODUCTS: [&str; 5] = ["_T", "01", "0101", "01012100", "84011000"];
/// Those that fit into 18 digits with 6 decimals, and others.
const VALUES: [Option<&str>; 7] = [
    None,
    Some("0.0"),
    Some("1.5"),
    Some("-999999999999.999999"),
    Some("1000000000000.0"),
    Some("-0.0000001"),
    Some("0.2500"),
];
const PARTNERS: [&str; 3] = ["W1", "FR", "NL"];

/// What a release says of a period.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Says {
    /// Nothing: what was before it stands.
    Nothing,
    /// What was before it, again.
    TheSame,
    /// Its own rows.
    Other,
}

/// The rows of a release, and what it says of each period.
fn release() -> impl Strategy<Value = (Vec<Cell>, Vec<Says>)> {
    let says = select(&[Says::Nothing, Says::TheSame, Says::Other][..]);
    (cells(), vec(says, PERIODS.len()))
}

fn cells() -> impl Strategy<Value = Vec<Cell>> {
    vec(
        (
            0..PERIODS.len(),
            0..2usize,
            0..3usize,
            0..5usize,
            0..3usize,
            0..VALUES.len(),
        ),
        0..120,
    )
}

fn patterns() -> impl Strategy<Value = KeyPattern> {
    let freq = select(&["", "A", "M"][..]);
    let area = select(&["", "BE1", "BE1+BE2", "BE3"][..]);
    let item = select(&["", "P61", "P61+P71", "P62"][..]);
    let product = select(&["", "_T", "0101+84011000", "99"][..]);
    let partner = select(&["", "W1", "FR+NL"][..]);
    let concept = select(&["", "NAT", "COM"][..]);
    (freq, area, item, product, partner, concept).prop_map(|(f, a, i, p, c, n)| {
        let text = format!("{f}.{a}.{i}..{p}.{c}.{n}");
        text.parse().unwrap()
    })
}

fn slices(cells: &[Cell], written: &[Says]) -> BTreeMap<Period, Vec<Observation>> {
    let observation = |cell: &Cell| Observation {
        key: FigureKey {
            item: ITEMS[cell.1],
            ref_area: AREAS[cell.2],
            activity: "_T".parse().unwrap(),
            product: PRODUCTS[cell.3].parse().unwrap(),
            counterpart_area: PARTNERS[cell.4].parse().unwrap(),
            concept: Some(Concept::Nat),
            indicator: Indicator::Level,
            period: PERIODS[cell.0].parse::<Period>().unwrap().into(),
        },
        value: VALUES[cell.5].map(|text| text.parse().unwrap()),
        decimals: 1,
        unit_mult: 0,
        status: ObsStatus::A,
        conf: if cell.5 == 1 {
            ConfStatus::C
        } else {
            ConfStatus::F
        },
    };
    let rows: BTreeMap<_, _> = cells
        .iter()
        .map(observation)
        .map(|row| (row.key.clone(), row))
        .collect();
    let periods = PERIODS
        .iter()
        .zip(written)
        .filter(|(_, says)| **says != Says::Nothing);
    let mut slices: BTreeMap<Period, Vec<Observation>> = periods
        .map(|(period, _)| (period.parse().unwrap(), vec![]))
        .collect();
    for row in rows.into_values() {
        if let Some(slice) = slices.get_mut(&row.key.period.last()) {
            slice.push(row);
        }
    }
    slices
}

pub(crate) fn submission(number: u8, slices: &BTreeMap<Period, Vec<Observation>>) -> Submission {
    let edition: Edition = number.to_string().parse().unwrap();
    let (dataflow, digest) = (Dataflow::Exttrade, Digest([number; 32]));
    let periods = slices.keys().map(|period| Slice {
        period: *period,
        kind: RevisionKind::First,
        observations: None,
    });
    Submission {
        release: Release {
            id: ReleaseId::derive(dataflow, &edition, &digest),
            dataflow,
            edition,
            published_at: at(number),
            published_precision: Default::default(),
            loaded_at: at(number),
            digest,
            files: vec![],
            slices: periods.collect(),
            revision: None,
            builds_on: None,
            synthetic: false,
            notes: vec![],
            findings: vec![],
            accepted_because: None,
            withdrawn: None,
        },
        published_now: false,
        published: vec![],
        bounds: vec![],
        observations: Slices::of(slices.clone()).unwrap(),
        made_from: BTreeMap::new(),
    }
}

pub(crate) fn at(number: u8) -> Instant {
    Instant::from_timestamp(1_700_000_000 + i64::from(number), 0).unwrap()
}

async fn check(
    releases: Vec<(Vec<Cell>, Vec<Says>)>,
    pattern: KeyPattern,
    sizes: Sizes,
    least_detail: u64,
) {
    let mut lake = Lake::in_memory().unwrap();
    lake.sizes = sizes;
    lake.least_detail = least_detail;
    let mut vintage: Vintage = BTreeMap::new();
    for (number, (cells, says)) in (1u8..).zip(&releases) {
        let earlier = vintage.clone();
        let mut rows = slices(cells, says);
        for (period, said) in PERIODS.iter().zip(says) {
            let period: Period = period.parse().unwrap();
            if *said == Says::TheSame
                && let Some((_, before)) = vintage.get(&period)
            {
                rows.insert(period, before.clone());
            }
        }
        let taken = lake
            .commit(&submission(number, &rows), &|| at(number))
            .await;
        let Ok(Committed::New(release)) = taken else {
            panic!("{taken:?}")
        };
        let keys = |rows: &[Observation]| -> BTreeSet<FigureKey> {
            rows.iter().map(|row| row.key.clone()).collect()
        };
        let mut gone = BTreeSet::new();
        for (period, rows) in &rows {
            let before = vintage.insert(*period, (release.clone(), rows.clone()));
            let before = before.map(|(_, rows)| keys(&rows)).unwrap_or_default();
            gone.extend(before.difference(&keys(rows)).cloned());
        }
        let gone: Vec<_> = gone.into_iter().collect();
        assert_eq!(lake.deleted(&release).await.unwrap(), gone);

        // What it wrote, and what it and those before it come to.
        let own = vintage.iter().filter(|(_, (of, _))| of.id == release.id);
        reads(&lake, own, &pattern).await;
        reads(&lake, vintage.iter(), &pattern).await;
        changes::are_those_of_the_rows(&lake, &earlier, &vintage, &pattern).await;
        changes::are_those_of_the_rows(&lake, &vintage, &earlier, &pattern).await;
    }
    let found = lake.verify().await.unwrap();
    assert_eq!((found.problems, found.notes), (vec![], vec![]));
}

pub(crate) fn sums_asked() -> Vec<SumsAsked> {
    let products = [
        Products::Total,
        Products::Digits(2),
        Products::Digits(4),
        Products::Digits(6),
        Products::Digits(8),
    ];
    let each = products.into_iter().flat_map(|products| {
        [
            (Partners::World, Step::Period),
            (Partners::Each, Step::Period),
            (Partners::World, Step::Year),
            (Partners::Each, Step::Year),
        ]
        .map(|(partners, step)| SumsAsked {
            items: BTreeSet::new(),
            areas: BTreeSet::new(),
            concept: None,
            products: products.clone(),
            partners,
            step,
        })
    });
    each.collect()
}

/// What the lake has of slices is their rows, each with the release that wrote it, however it is asked.
async fn reads<'a>(
    lake: &Lake,
    slices: impl Iterator<Item = (&'a Period, &'a (Release, Vec<Observation>))> + Clone,
    pattern: &KeyPattern,
) {
    let written: BTreeMap<_, _> = slices.clone().map(|(at, (of, _))| (*at, of)).collect();
    let rows = slices.flat_map(|(_, (of, rows))| rows.iter().map(|row| (of.id.clone(), row)));
    let mut expected: Vec<_> = rows.map(|(of, row)| (of, row.clone())).collect();
    expected.sort_by(|(_, a), (_, b)| a.key.cmp(&b.key));

    let all = lake.observations(&written, &KeyPattern::default()).await;
    assert_eq!(all.unwrap(), expected);
    let all: Vec<_> = expected.iter().map(|(_, row)| row.clone()).collect();

    let chosen = lake.observations(&written, pattern).await.unwrap();
    expected.retain(|(_, row)| pattern.matches(&row.key));
    assert_eq!(chosen, expected, "{pattern:?}");

    let owned = written.iter().map(|(period, r)| (*period, r.id.clone()));
    let scanned = lake.scan(owned.collect(), pattern.clone());
    let scanned: Vec<_> = scanned.try_concat().await.unwrap();
    expected.sort_by_key(|(_, row)| (row.key.period.last().year(), row.key.clone()));
    assert_eq!(scanned, expected, "{pattern:?}");

    // In however many parts it is added up, and wherever files end, the sums are those of the rows themselves.
    for asked in sums_asked().into_iter().step_by(7) {
        let periods = || written.keys().copied();
        let mut of_rows = SumsWriter::new(periods(), &asked);
        all.iter().for_each(|row| of_rows.push(row));
        let expected = of_rows.finish().unwrap();
        let mut lake = lake.clone();
        for partitions in [1, 2, 7] {
            lake.partitions = partitions;
            let added = lake.add_up(&written, SumsWriter::new(periods(), &asked));
            assert_eq!(added.await.unwrap().finish().unwrap(), expected);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn what_is_read_is_what_was_written_wherever_files_and_row_groups_end(
        releases in vec(release(), 1..5),
        pattern in patterns(),
        file in 1..60u64,
        group in 1..30usize,
        least in 1..30usize,
        aligned in 1..30usize,
        page in 1..20usize,
        least_detail in select(&[0, 1000][..]),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let sizes = Sizes { file, group, least, aligned, page };
        runtime.block_on(check(releases, pattern, sizes, least_detail));
    }
}

#[tokio::test]
async fn a_slice_that_is_larger_than_a_file_goes_into_several() {
    let mut lake = Lake::in_memory().unwrap();
    lake.sizes = Sizes {
        file: 20,
        group: 10,
        least: 4,
        aligned: 6,
        page: 3,
    };
    let cells = (0..90).map(|n| (n % 2, n / 2 % 2, n / 4 % 3, n % 5, n / 12 % 3, 1));
    let rows = slices(&cells.collect::<Vec<_>>(), &ALL);
    let taken = lake.commit(&submission(1, &rows), &|| at(1)).await;
    let Ok(Committed::New(release)) = taken else {
        panic!("{taken:?}")
    };
    let state = lake.log.current().await.unwrap().unwrap();
    let files = &state.record(&release.id).unwrap().stored.files;
    let sizes: Vec<u64> = files.iter().map(|file| file.rows).collect();
    assert!(
        sizes.len() > 2 && sizes.iter().all(|rows| *rows <= 20),
        "{sizes:?}"
    );
    let found = lake.verify().await.unwrap();
    assert_eq!(found.problems, []);

    // Nothing is read before it is asked for, and what is asked for comes by year and key.
    let slices = release.periods().map(|period| (period, release.id.clone()));
    let mut scan = Box::pin(lake.scan(slices.collect(), KeyPattern::default()));
    let first = scan.next().await.unwrap().unwrap();
    assert!(first.len() <= 20);
    assert!(
        first
            .iter()
            .all(|(_, row)| row.key.period.last().year() == 2023 && row.key.item == Item::P61)
    );
    assert!(first.windows(2).all(|pair| pair[0].1.key < pair[1].1.key));
}

#[tokio::test]
async fn a_row_that_cannot_be_kept_leaves_nothing_visible_however_far_writing_was() {
    let mut lake = Lake::in_memory().unwrap();
    lake.sizes = Sizes {
        file: 5,
        group: 5,
        least: 1,
        aligned: 1,
        page: 2,
    };
    let cells = (0..60).map(|n| (n % 6, n / 6 % 2, 0, n / 12, 0, 1));
    let mut rows = slices(&cells.collect::<Vec<_>>(), &ALL);
    let last = rows.values_mut().next_back().unwrap().last_mut().unwrap();
    last.value = Some("0.12345678901".parse().unwrap());
    let refused = lake.commit(&submission(1, &rows), &|| at(1)).await;
    assert!(
        matches!(refused, Err(crate::LakeError::TooPrecise(_))),
        "{refused:?}"
    );
    assert!(lake.releases().await.unwrap().is_empty());
    last_is_good(&mut rows);
    assert!(lake.commit(&submission(1, &rows), &|| at(1)).await.is_ok());
    let found = lake.verify().await.unwrap();
    assert_eq!((found.problems, found.notes), (vec![], vec![]));
}

fn last_is_good(rows: &mut BTreeMap<Period, Vec<Observation>>) {
    let last = rows.values_mut().next_back().unwrap().last_mut().unwrap();
    last.value = Some("1.5".parse().unwrap());
}
