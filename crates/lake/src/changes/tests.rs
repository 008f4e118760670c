//! What changes between slices, against the rows of both.

use std::collections::{BTreeMap, BTreeSet};

use futures::TryStreamExt as _;
use regtrade_model::{
    Area, FigureKey, Indicator, Item, KeyPattern, Observation, Period, Release, ReleaseId,
};

use super::{Changed, Said};
use crate::{
    Committed, Lake,
    write::tests::{at, submission},
};

/// The rows of each period, and the release that wrote them.
pub(crate) type Vintage = BTreeMap<Period, (Release, Vec<Observation>)>;

/// The changes from one vintage to another are those of their rows, whatever is chosen of them, and in their order.
pub(crate) async fn are_those_of_the_rows(
    lake: &Lake,
    from: &Vintage,
    to: &Vintage,
    pattern: &KeyPattern,
) {
    let cells = |of: &Vintage| -> BTreeMap<(u16, FigureKey), (ReleaseId, Observation)> {
        let written = of.values();
        let rows = written.flat_map(|(of, rows)| rows.iter().map(|row| (of.id.clone(), row)));
        let chosen = rows.filter(|(_, row)| pattern.matches(&row.key));
        let place = |row: &Observation| (row.key.period.last().year(), row.key.clone());
        chosen
            .map(|(of, row)| (place(row), (of, row.clone())))
            .collect()
    };
    let writers = |of: &Vintage| -> BTreeMap<Period, ReleaseId> {
        of.iter()
            .map(|(at, (of, _))| (*at, of.id.clone()))
            .collect()
    };
    let (earlier, later) = (cells(from), cells(to));
    let keys: BTreeSet<_> = earlier.keys().chain(later.keys()).collect();
    let third = from.keys().chain(to.keys()).copied().step_by(3);
    for whole in [BTreeSet::new(), third.collect()] {
        let said = |cell: Option<&(ReleaseId, Observation)>| {
            cell.map(|(release, row)| Said::by(release.clone(), row))
        };
        let all = keys.iter().map(|key| Changed {
            key: key.1.clone(),
            sides: [said(earlier.get(key)), said(later.get(key))],
        });
        let is_changed = |cell: &Changed| {
            let [from, to] = cell
                .sides
                .each_ref()
                .map(|said| said.as_ref().map(|said| said.observation(&cell.key)));
            from != to || whole.contains(&cell.key.period.last())
        };
        let expected: Vec<Changed> = all.filter(is_changed).collect();
        let found = lake.changes(writers(from), writers(to), pattern.clone(), whole);
        let found: Vec<_> = found.try_concat().await.unwrap();
        assert_eq!(found, expected, "{pattern:?}");
    }
}

#[tokio::test]
async fn a_value_that_changes_by_its_decimals_alone_is_a_change_and_zeros_at_its_end_are_none() {
    let lake = Lake::in_memory().unwrap();
    let period: Period = "2024-01".parse().unwrap();
    let row = |area, value: &str, decimals| Observation {
        key: FigureKey {
            concept: Some(regtrade_model::Concept::Nat),
            ..FigureKey::overall(Item::P61, area, Indicator::Level, period)
        },
        value: Some(value.parse().unwrap()),
        decimals,
        unit_mult: 6,
        status: Default::default(),
        conf: Default::default(),
    };
    let first = vec![
        row(Area::BE1, "1.5", 1),
        row(Area::BE2, "2", 1),
        row(Area::BE3, "3", 0),
    ];
    let second = vec![
        row(Area::BE1, "1.50", 1),
        row(Area::BE2, "2.0", 2),
        row(Area::BE3, "4", 0),
    ];
    let mut ids = vec![];
    for (number, rows) in (1..).zip([first, second]) {
        let rows = BTreeMap::from([(period, rows)]);
        let taken = lake
            .commit(&submission(number, &rows), &|| at(number))
            .await;
        let Ok(Committed::New(release)) = taken else {
            panic!("{taken:?}")
        };
        ids.push(BTreeMap::from([(period, release.id)]));
    }
    let changes = lake.changes(
        ids[0].clone(),
        ids[1].clone(),
        KeyPattern::default(),
        BTreeSet::new(),
    );
    let found: Vec<Changed> = changes.try_concat().await.unwrap();
    assert!(
        found
            .iter()
            .flat_map(|cell| &cell.sides)
            .all(Option::is_some)
    );
    let areas = found.iter().map(|cell| cell.key.ref_area);
    assert_eq!(areas.collect::<Vec<_>>(), [Area::BE2, Area::BE3]);
}
