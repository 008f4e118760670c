//! Revisions: decode, call, map, encode.

use regtrade_model::{AsOf, Decimal, FigureKey, KeyPattern, Release, RevisionClass};
use regtrade_proto::{IndicatorSet, key_pattern, v1};
use regtrade_service::{Failure, page, roles::Roles};

use super::Reader;
use crate::{
    error::of_field,
    revisions::{Held, RevisedPeriod, Revision, Statistics, Triangle, compare},
    vintage::Chosen,
};

/// What changed between two vintages.
pub(super) async fn list(
    reader: &Reader,
    roles: &Roles,
    asked: v1::ListRevisionsRequest,
) -> Result<v1::ListRevisionsResponse, Failure> {
    let pattern = key_pattern("key", &asked.key).map_err(|error| of_field(&error))?;
    let indicators = IndicatorSet::read(&asked.indicators).map_err(|error| of_field(&error))?;
    let classes = asked.classes_asked().map_err(|error| of_field(&error))?;
    let (from, to) = asked.vintages_asked().map_err(|error| of_field(&error))?;
    let dataflow = asked.dataflow_asked();
    let from = reader
        .vintage(roles, dataflow.clone(), "from", Ok(from))
        .await?;
    let to = reader.vintage(roles, dataflow, "to", Ok(to)).await?;
    let mut revisions = compare(
        &held(reader, &from, &pattern).await?,
        &held(reader, &to, &pattern).await?,
    );
    revisions.retain(|r| is_chosen(&r.key, &pattern, &indicators));
    // Of all cells that the key and the indicators choose, whatever the classes that are shown.
    let counts = counts(&revisions);
    revisions.retain(|r| classes.is_empty() || classes.contains(&r.class));
    let size = page::size(asked.page_size, reader.rows);
    // The token holds the releases: pages of other vintages are never put together.
    let name = |r: &Revision| format!("{}:{}:{}", from.head().id, to.head().id, r.key);
    let (revisions, next_page_token) = page::page(revisions, &asked.page_token, size, name)?;
    Ok(v1::ListRevisionsResponse {
        from: Some(reader.shown(from.head(), roles)),
        to: Some(reader.shown(to.head(), roles)),
        revisions: revisions.iter().map(revision).collect(),
        counts,
        next_page_token,
        from_as_of: Some(v1::AsOf::from(&from.pinned())),
        to_as_of: Some(v1::AsOf::from(&to.pinned())),
    })
}

/// How figures were revised over all vintages.
pub(super) async fn statistics(
    reader: &Reader,
    roles: &Roles,
    asked: v1::ListRevisionStatisticsRequest,
) -> Result<v1::ListRevisionStatisticsResponse, Failure> {
    let pattern = key_pattern("key", &asked.key).map_err(|error| of_field(&error))?;
    let indicators = IndicatorSet::read(&asked.indicators).map_err(|error| of_field(&error))?;
    let as_of = asked.as_of_asked().map_err(|error| of_field(&error))?;
    let dataflow = asked.dataflow_asked();
    let chosen = reader
        .vintage(roles, dataflow, "as_of", Ok(as_of.clone()))
        .await?;
    let newest = chosen.head();
    let mut releases = reader.visible(roles).await?;
    releases.retain(|release| release.dataflow == newest.dataflow);
    let counting: Vec<Release> = releases
        .iter()
        .skip_while(|release| release.id != newest.id)
        .filter(|release| release.id == newest.id || stands(release, &as_of, newest))
        .cloned()
        .collect();
    let mut triangle = Triangle::default();
    for release in counting.iter().rev() {
        let at = AsOf {
            known_at: as_of.known_at,
            ..AsOf::release(release.id.clone())
        };
        let Some(vintage) = Chosen::of(releases.clone(), at, roles) else {
            continue;
        };
        let mut held = held(reader, &vintage, &pattern).await?;
        held.figures
            .retain(|key, _| is_chosen(key, &pattern, &indicators));
        triangle.add(held, &release.edition);
    }
    let found = triangle.statistics();
    // A row is a figure with all its periods; as many rows make a page as have the periods of so many rows.
    let longest = found.iter().map(|row| row.periods.len()).max().unwrap_or(1);
    let size = page::size(asked.page_size, reader.rows) / longest.max(1);
    let name = |row: &Statistics| format!("{}:{}", newest.id, row.series);
    let (found, next_page_token) = page::page(found, &asked.page_token, size.max(1), name)?;
    Ok(v1::ListRevisionStatisticsResponse {
        releases: reader.all_shown(&counting, roles),
        statistics: found.iter().map(row).collect(),
        next_page_token,
        as_of: Some(v1::AsOf::from(&chosen.pinned())),
    })
}

/// What a vintage has of what a pattern chooses, and what that is computed from.
async fn held(reader: &Reader, vintage: &Chosen, pattern: &KeyPattern) -> Result<Held, Failure> {
    let known = vintage.known(&reader.stock, pattern).await?;
    // Comparing takes a while without a pause; here a call whose deadline passed ends.
    tokio::task::yield_now().await;
    Ok(Held::of(
        known.figures,
        &known.observations,
        &known.bounds,
        vintage.slices().into_keys(),
    ))
}

/// Whether a release before `newest` counts: it was loaded, and not withdrawn, as of what is asked.
fn stands(release: &Release, as_of: &AsOf, newest: &Release) -> bool {
    let seen_at = as_of.seen_at.unwrap_or(newest.published_at);
    let known = |at| as_of.known_at.is_none_or(|known| at <= known);
    let withdrawn = release.withdrawn.as_ref();
    known(release.loaded_at) && !withdrawn.is_some_and(|w| w.at <= seen_at && known(w.at))
}

fn is_chosen(key: &FigureKey, pattern: &KeyPattern, indicators: &IndicatorSet) -> bool {
    pattern.matches(key) && indicators.contains(key.indicator)
}

fn counts(revisions: &[Revision]) -> Vec<v1::RevisionCount> {
    let mut counts = std::collections::BTreeMap::<RevisionClass, u64>::new();
    for revision in revisions {
        *counts.entry(revision.class).or_default() += 1;
    }
    let count = |(class, cells)| v1::RevisionCount {
        class: v1::RevisionClass::from(class).into(),
        cells,
    };
    counts.into_iter().map(count).collect()
}

fn revision(revision: &Revision) -> v1::Revision {
    let key = &revision.key;
    v1::Revision {
        item: key.item.to_string(),
        ref_area: key.ref_area.to_string(),
        activity: key.activity.to_string(),
        product: key.product.to_string(),
        counterpart_area: key.counterpart_area.to_string(),
        indicator: v1::Indicator::from(key.indicator).into(),
        period: key.period.to_string(),
        from: revision.from.as_ref().map(v1::Figure::from),
        to: revision.to.as_ref().map(v1::Figure::from),
        change: text(revision.change),
        change_between: interval(revision.between),
        change_percent: text(revision.percent),
        class: v1::RevisionClass::from(revision.class).into(),
        concept: concept(key),
    }
}

fn row(row: &Statistics) -> v1::RevisionStatistics {
    let key = &row.series;
    v1::RevisionStatistics {
        item: key.item.to_string(),
        ref_area: key.ref_area.to_string(),
        activity: key.activity.to_string(),
        product: key.product.to_string(),
        counterpart_area: key.counterpart_area.to_string(),
        indicator: v1::Indicator::from(key.indicator).into(),
        unit: row.unit.to_string(),
        unit_mult: row.unit_mult,
        count: row.count,
        mean_revision: text(row.mean),
        mean_revision_between: interval(row.mean_between),
        mean_absolute_revision: text(row.mean_absolute),
        relative_mean_absolute_revision: text(row.relative),
        root_mean_square_revision: text(row.root_mean_square),
        minimum: text(row.minimum),
        maximum: text(row.maximum),
        upward_share: text(row.upward_share),
        within_rounding: row.within_rounding,
        p_value: text(row.p_value),
        periods: row.periods.iter().map(period).collect(),
        concept: concept(key),
    }
}

fn concept(key: &FigureKey) -> String {
    key.concept
        .map(|concept| concept.to_string())
        .unwrap_or_default()
}

fn period(period: &RevisedPeriod) -> v1::RevisionOfPeriod {
    v1::RevisionOfPeriod {
        period: period.period.to_string(),
        first: Some(v1::Figure::from(&period.first)),
        last: Some(v1::Figure::from(&period.last)),
        change: text(period.change),
        change_between: interval(period.between),
        vintages: period.vintages,
    }
}

fn interval(ends: Option<(Decimal, Decimal)>) -> Option<v1::Interval> {
    ends.map(|(lower, upper)| v1::Interval {
        lower: lower.to_string(),
        upper: upper.to_string(),
    })
}

fn text(value: Option<Decimal>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
