//! The regional breakdown that is made: what it agrees with, what adds up, and the story that it tells.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod print;
mod seeds;
mod story;
mod sums;

use std::collections::BTreeMap;

use regtrade_model::{Area, Indicator, Item, KeyPattern, Observation};
use regtrade_synth::{Activities, Products, RegtrdOptions, regtrd};

/// Item, area, activity, product, partner and year.
type Place = (Item, Area, String, String, String, u16);

/// Levels in euro.
type Levels = BTreeMap<Place, i128>;

/// What the options make, every observation of which is checked for what all have in common.
fn levels(options: &RegtrdOptions) -> Levels {
    let mut levels = Levels::new();
    for observation in regtrd(options) {
        let Observation { key, value, .. } = &observation;
        assert_eq!(key.indicator, Indicator::Level);
        assert_eq!(key.concept, None);
        // The totals of the print are as precise as the print, all else is to the euro.
        let decimals = if key.is_overall() && options.vintage == 0 {
            1
        } else {
            6
        };
        assert_eq!((observation.unit_mult, observation.decimals), (6, decimals));
        let mut value = value.unwrap();
        assert_eq!(value.scale(), decimals, "{key}");
        value.rescale(6);
        assert!(value.mantissa() > 0, "{key} is not above zero");
        let place = (
            key.item,
            key.ref_area,
            key.activity.to_string(),
            key.product.to_string(),
            key.counterpart_area.to_string(),
            key.period.last().year(),
        );
        assert_eq!(
            levels.insert(place, value.mantissa()),
            None,
            "{key} is there twice"
        );
    }
    levels
}

/// The level over all activities, products and partners, with one of them replaced.
fn level(levels: &Levels, item: Item, area: Area, part: Part, year: u16) -> i128 {
    let mut codes = ["_T", "_T", "W1"];
    match part {
        Part::Whole => {}
        Part::Activity(code) => codes[0] = code,
        Part::Product(code) => codes[1] = code,
        Part::Partner(code) => codes[2] = code,
    }
    let [activity, product, partner] = codes.map(str::to_owned);
    let place = (item, area, activity, product, partner, year);
    levels.get(&place).copied().unwrap_or(0)
}

#[derive(Clone, Copy)]
enum Part<'a> {
    Whole,
    Activity(&'a str),
    Product(&'a str),
    Partner(&'a str),
}

#[test]
fn observations_come_by_period_and_then_by_key() {
    let places: Vec<_> = regtrd(&RegtrdOptions::default())
        .map(|it| (it.key.period.last(), it.key))
        .collect();
    assert!(places.is_sorted());
}

#[test]
fn the_default_is_as_large_as_it_says_and_options_make_it_smaller() {
    let count = |options: &RegtrdOptions| regtrd(options).count();
    let default = RegtrdOptions::default();
    let all = count(&default);
    assert!((115_000..125_000).contains(&all), "{all}");
    let totals = RegtrdOptions {
        partners: 0,
        products: Products::Total,
        activities: Activities::Total,
        ..default.clone()
    };
    // Six items, four areas, six years.
    assert_eq!(count(&totals), 6 * 4 * 6);
    let margins = RegtrdOptions {
        crossed: false,
        ..default.clone()
    };
    let margins = count(&margins);
    assert!(margins < all / 5, "{margins}");
    let every_partner = RegtrdOptions {
        partners: usize::MAX,
        products: Products::First,
        ..default
    };
    let partners: std::collections::BTreeSet<_> = regtrd(&every_partner)
        .map(|it| it.key.counterpart_area)
        .collect();
    assert!(partners.len() > 220, "{}", partners.len());
}

#[test]
fn values_do_not_depend_on_what_is_shown() {
    let default = RegtrdOptions::default();
    let few = RegtrdOptions {
        products: Products::First,
        activities: Activities::A10,
        crossed: false,
        ..default.clone()
    };
    let (all, few) = (levels(&default), levels(&few));
    assert!(
        few.iter()
            .all(|(place, value)| all.get(place) == Some(value))
    );
    let pattern: KeyPattern = "A.BE2.P62._T.SJ.W1".parse().unwrap();
    let chosen = regtrd(&default).filter(|it| pattern.matches(&it.key));
    assert_eq!(chosen.count(), 6);
}
