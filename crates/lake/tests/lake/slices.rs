//! Whole slices: one that did not change is stored once, and what a release takes out is known.

use std::fs;

use regtrade_lake::Lake;
use regtrade_model::{Change, KeyPattern, ObsStatus, Release};

use crate::support::{
    change, commit, files_with, instant, key, lake, observation, observed, rows, slice_of, year,
};

/// The products and values of years, each in the slice of a release.
async fn values(lake: &Lake, slices: &[(u16, &Release)]) -> Vec<String> {
    let slices = slices.iter().map(|(at, release)| (year(*at), *release));
    let (slices, all) = (slices.collect(), KeyPattern::default());
    let rows = lake.observations(&slices, &all).await.unwrap();
    rows.iter()
        .map(|(release, row)| {
            let edition = release.as_str().split('-').nth(1).unwrap();
            let value = row.value.map(|value| value.to_string()).unwrap_or_default();
            format!("{edition} {} {}={value}", row.key.period, row.key.product)
        })
        .collect()
}

#[tokio::test]
async fn observations_come_back_exactly_with_the_release_that_wrote_their_slice() {
    let folder = tempfile::tempdir().unwrap();
    let mut submission = observed(
        "1",
        1,
        0,
        &[
            (2020, &[("C", ""), ("A", "12.50"), ("B", "-0.0000000001")]),
            (2021, &[("A", "3")]),
        ],
    );
    change(&mut submission, 2020, |rows| {
        rows[0].decimals = 2;
        rows[2].status = ObsStatus::Q;
    });
    let release = commit(&lake(folder.path()), &submission, 0).await;
    let slice = release.slice(year(2020)).unwrap().observations.unwrap();
    assert_eq!(slice.rows, 3);
    let reopened = lake(folder.path());
    let expected = rows(&submission).remove(&year(2020)).unwrap().into_iter();
    let expected: Vec<_> = expected.map(|row| (release.id.clone(), row)).collect();
    assert_eq!(slice_of(&reopened, 2020, &release).await, expected);
    assert_eq!(
        values(&reopened, &[(2020, &release)]).await[0],
        "1 2020 A=12.50",
        "with the decimals that it says"
    );
}

#[tokio::test]
async fn an_equal_slice_is_not_stored_again_and_is_read_as_the_newer_releases_own() {
    let folder = tempfile::tempdir().unwrap();
    let lake = lake(folder.path());
    let many: Vec<_> = (0..2_000)
        .map(|at| (format!("P{at}"), format!("{at}.5")))
        .collect();
    let many: Vec<_> = many.iter().map(|(p, v)| (p.as_str(), v.as_str())).collect();
    let first = commit(
        &lake,
        &observed("1", 1, 0, &[(2020, &many), (2021, &[("A", "1")])]),
        0,
    )
    .await;
    // The same, in another order and with other zeros; the second year is another.
    let mut second = observed("2", 2, 10, &[(2020, &many), (2021, &[("A", "2")])]);
    change(&mut second, 2020, |rows| {
        rows.reverse();
        let last = rows.iter_mut().find(|row| row.key == key(2020, "P1999"));
        last.unwrap().value = Some("1999.500".parse().unwrap());
    });
    let second = commit(&lake, &second, 0).await;
    // Nothing changed against the second.
    let third = commit(
        &lake,
        &observed("3", 3, 20, &[(2020, &many), (2021, &[("A", "2")])]),
        0,
    )
    .await;

    let bytes = |release: &Release| -> u64 {
        let files = files_with(folder.path(), &format!("{}/OBSERVATION", release.id));
        files
            .iter()
            .map(|file| fs::metadata(file).unwrap().len())
            .sum()
    };
    assert!(bytes(&second) > 0 && bytes(&second) * 3 < bytes(&first));
    assert_eq!(bytes(&third), 0);
    let digest = |release: &Release, at| release.slice(year(at)).unwrap().observations;
    assert_eq!(digest(&first, 2020), digest(&third, 2020));
    assert_ne!(digest(&first, 2021), digest(&third, 2021));
    let read = values(&lake, &[(2020, &third), (2021, &third)]).await;
    assert_eq!(read.len(), 2_001);
    assert!(read.iter().all(|row| row.starts_with("3 ")));
    assert!(read.contains(&"3 2021 A=2.0".to_owned()));
}

#[tokio::test]
async fn a_difference_in_value_decimals_unit_or_status_is_another_slice() {
    let lake = Lake::in_memory().unwrap();
    let base = || observed("x", 1, 0, &[(2020, &[("A", "1.5")])]);
    let first = commit(&lake, &base(), 0).await;
    let changes: [fn(&mut regtrade_model::Observation); 5] = [
        |row| row.value = Some("1.6".parse().unwrap()),
        |row| row.value = None,
        |row| row.decimals = 2,
        |row| row.unit_mult = 9,
        |row| row.status = ObsStatus::P,
    ];
    for (at, made) in (2u8..).zip(changes) {
        let mut other = observed(&format!("{at}"), at, at.into(), &[(2020, &[("A", "1.5")])]);
        change(&mut other, 2020, |rows| made(&mut rows[0]));
        let other = commit(&lake, &other, 0).await;
        assert_ne!(other.slices[0].observations, first.slices[0].observations);
        let read = slice_of(&lake, 2020, &other).await;
        assert_ne!(read[0].1, observation(2020, "A", "1.5"));
    }
}

#[tokio::test]
async fn what_a_release_takes_out_is_recorded_and_no_longer_among_its_observations() {
    let lake = Lake::in_memory().unwrap();
    let first = observed(
        "1",
        1,
        0,
        &[(2020, &[("A", "1"), ("B", "2")]), (2021, &[("A", "3")])],
    );
    let first = commit(&lake, &first, 0).await;
    let second = observed(
        "2",
        2,
        10,
        &[(2020, &[("A", "1"), ("C", "4")]), (2021, &[])],
    );
    let second = commit(&lake, &second, 0).await;
    assert_eq!(
        lake.deleted(&second).await.unwrap(),
        [key(2021, "A"), key(2020, "B")]
    );
    assert_eq!(
        values(&lake, &[(2020, &second), (2021, &second)]).await,
        ["2 2020 A=1.0", "2 2020 C=4.0"]
    );
    assert_eq!(
        second.slice(year(2021)).unwrap().observations.unwrap().rows,
        0
    );
    assert_eq!(values(&lake, &[(2020, &first)]).await.len(), 2);

    let third = observed("3", 3, 20, &[(2020, &[("B", "2")])]);
    let third = commit(&lake, &third, 0).await;
    assert_eq!(
        lake.deleted(&third).await.unwrap(),
        [key(2020, "A"), key(2020, "C")],
        "what was out before is not taken out again"
    );
    assert!(lake.deleted(&first).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_slice_is_compared_with_the_one_before_it_in_order_that_was_not_taken_back() {
    let lake = Lake::in_memory().unwrap();
    let first = commit(&lake, &observed("1", 1, 0, &[(2020, &[("A", "1")])]), 0).await;
    let second = commit(&lake, &observed("2", 2, 10, &[(2020, &[("B", "2")])]), 0).await;
    let because = Change::Withdrawn {
        because: "Wrong".to_owned(),
    };
    lake.record(&second.id, &because, &|| instant(11))
        .await
        .unwrap();
    let third = commit(&lake, &observed("3", 3, 20, &[(2020, &[("C", "3")])]), 12).await;
    assert_eq!(lake.deleted(&third).await.unwrap(), [key(2020, "A")]);
    let between = commit(&lake, &observed("4", 4, 5, &[(2020, &[("A", "1")])]), 13).await;
    assert_eq!(
        between.slices[0].observations, first.slices[0].observations,
        "the first is the one before it, whatever came later"
    );
    assert_eq!(values(&lake, &[(2020, &between)]).await, ["4 2020 A=1.0"]);
    // Stored once: the rows are with the first release, whose withdrawal takes them from nobody.
    lake.record(&first.id, &because, &|| instant(30))
        .await
        .unwrap();
    assert_eq!(values(&lake, &[(2020, &between)]).await, ["4 2020 A=1.0"]);
}

#[tokio::test]
async fn one_period_is_read_out_of_many_without_the_others() {
    let lake = Lake::in_memory().unwrap();
    let products: Vec<_> = (0..1_500).map(|at| format!("P{at}")).collect();
    let rows: Vec<_> = products
        .iter()
        .map(|product| (product.as_str(), "1"))
        .collect();
    let years: Vec<_> = (2000..2012).map(|at| (at, rows.as_slice())).collect();
    let release = commit(&lake, &observed("1", 1, 0, &years), 0).await;
    for at in [2000, 2005, 2011] {
        let read = slice_of(&lake, at, &release).await;
        assert_eq!(read.len(), 1_500);
        assert!(
            read.iter()
                .all(|(_, row)| row.key.period == year(at).into())
        );
    }
}
