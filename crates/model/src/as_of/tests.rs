//! Vintages over small histories.

use super::*;
use crate::{
    Dataflow, DatePrecision, Digest, Edition, RevisionKind, Slice, SliceObservations, Withdrawal,
};

fn instant(day: u32) -> Instant {
    chrono::NaiveDate::from_ymd_opt(2025, 1, day)
        .unwrap()
        .and_hms_opt(0, 0, 0)
        .unwrap()
        .and_utc()
}

fn release(edition: &str, published: u32, loaded: u32) -> Release {
    let edition: Edition = edition.parse().unwrap();
    Release {
        id: ReleaseId::derive(Dataflow::Regtrd, &edition, &Digest([0; 32])),
        dataflow: Dataflow::Regtrd,
        edition,
        published_at: instant(published),
        published_precision: DatePrecision::Instant,
        loaded_at: instant(loaded),
        digest: Digest([0; 32]),
        files: vec![],
        slices: vec![],
        revision: None,
        builds_on: None,
        notes: vec![],
        findings: vec![],
        accepted_because: None,
        synthetic: false,
        withdrawn: None,
    }
}

/// With observations of these years.
fn writing(mut release: Release, years: &[u16]) -> Release {
    release.slices = years
        .iter()
        .map(|year| Slice {
            period: Period::of_year(*year).unwrap(),
            kind: RevisionKind::First,
            observations: Some(SliceObservations {
                rows: 1,
                digest: Digest([0; 32]),
                confidential: 0,
            }),
        })
        .collect();
    release
}

fn withdrawn(mut release: Release, at: u32) -> Release {
    release.withdrawn = Some(Withdrawal {
        at: instant(at),
        because: "a mistake".into(),
    });
    release
}

fn by(day: u32, known: Option<u32>) -> AsOf {
    AsOf {
        at: At::PublishedBy(instant(day)),
        known_at: known.map(instant),
        seen_at: None,
    }
}

fn head(as_of: &AsOf, releases: &[Release]) -> Option<String> {
    as_of
        .vintage(releases)
        .map(|vintage| vintage.head().edition.to_string())
}

fn writers(as_of: &AsOf, releases: &[Release]) -> String {
    let vintage = as_of.vintage(releases).unwrap();
    let slices = vintage.slices();
    let shown = slices
        .iter()
        .map(|(period, release)| format!("{period}:{}", release.edition));
    shown.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_newest_published_by_an_instant_is_chosen_among_what_was_known() {
    let newest_first = [
        release("c", 20, 20),
        release("b", 10, 25),
        release("a", 5, 5),
    ];
    let chosen = |as_of: AsOf| head(&as_of, &newest_first);
    assert_eq!(chosen(AsOf::default()).as_deref(), Some("c"));
    assert_eq!(chosen(by(19, None)).as_deref(), Some("b"));
    assert_eq!(
        chosen(by(19, Some(24))).as_deref(),
        Some("a"),
        "b was loaded late"
    );
    assert_eq!(
        chosen(by(20, None)).as_deref(),
        Some("c"),
        "an instant includes itself"
    );
    assert_eq!(chosen(by(4, None)), None);
    let this = AsOf::release(newest_first[1].id.clone());
    assert_eq!(chosen(this).as_deref(), Some("b"));
}

#[test]
fn a_slice_is_what_the_newest_release_up_to_the_head_wrote() {
    let newest_first = [
        writing(release("c", 20, 20), &[2023]),
        writing(release("b", 10, 25), &[2022, 2023]),
        writing(release("a", 5, 5), &[2021, 2022]),
    ];
    let latest = AsOf::default();
    assert_eq!(writers(&latest, &newest_first), "2021:a 2022:b 2023:c");
    let before_b = AsOf {
        known_at: Some(instant(24)),
        ..latest
    };
    assert_eq!(writers(&before_b, &newest_first), "2021:a 2022:a 2023:c");
    assert_eq!(
        writers(&by(10, None), &newest_first),
        "2021:a 2022:b 2023:b"
    );
}

#[test]
fn a_withdrawn_release_counts_until_it_was_withdrawn_and_never_disappears() {
    let newest_first = [
        writing(release("c", 20, 20), &[2023]),
        withdrawn(writing(release("b", 10, 10), &[2022, 2023]), 25),
        writing(release("a", 5, 5), &[2022]),
    ];
    assert_eq!(writers(&AsOf::default(), &newest_first), "2022:a 2023:c");
    assert_eq!(writers(&by(24, None), &newest_first), "2022:b 2023:c");
    assert_eq!(writers(&by(25, None), &newest_first), "2022:a 2023:c");
    assert_eq!(
        writers(&by(28, Some(24)), &newest_first),
        "2022:b 2023:c",
        "nobody knew of it"
    );
    // By its id it is there, as it was; and so is what built on it.
    let itself = AsOf::release(newest_first[1].id.clone());
    assert_eq!(writers(&itself, &newest_first), "2022:b 2023:b");
    let c = AsOf::release(newest_first[0].id.clone());
    assert_eq!(writers(&c, &newest_first), "2022:b 2023:c");
    let resolved = AsOf::default().resolved(&newest_first[0]);
    assert_eq!(writers(&resolved, &newest_first), "2022:a 2023:c");
    // Pinned, it stays what it was.
    let pinned = AsOf::default()
        .resolved(&newest_first[0])
        .pinned(&newest_first);
    let mut later = newest_first.clone();
    later[2] = withdrawn(later[2].clone(), 26);
    assert_eq!(writers(&pinned, &later), "2022:a 2023:c");
    // Of the newest one, the one before it is what counts again.
    let only = [withdrawn(release("b", 10, 10), 25), release("a", 5, 5)];
    assert_eq!(head(&AsOf::default(), &only).as_deref(), Some("a"));
    assert_eq!(head(&by(24, None), &only).as_deref(), Some("b"));
}

#[test]
fn a_date_known_to_the_month_is_certain_at_its_end_and_possible_within() {
    let mut vague = release("b", 31, 31);
    vague.published_at = "2025-01-31T23:59:59.999999Z".parse().unwrap();
    vague.published_precision = DatePrecision::Month;
    let newest_first = [vague, release("a", 1, 1)];
    let uncertain = |as_of: &AsOf| as_of.uncertain(&newest_first).len();
    let within = by(15, None);
    assert_eq!(head(&within, &newest_first).as_deref(), Some("a"));
    assert_eq!(uncertain(&within), 1);
    assert_eq!(uncertain(&within.resolved(&newest_first[1])), 1);
    assert_eq!(uncertain(&by(15, Some(20))), 0, "it was not loaded then");
    let mut after = by(15, None);
    after.at = At::PublishedBy("2025-01-31T23:59:59.999999Z".parse().unwrap());
    assert_eq!(head(&after, &newest_first).as_deref(), Some("b"));
    assert_eq!(uncertain(&after), 0);
}
