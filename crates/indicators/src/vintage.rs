//! A vintage out of what a caller may see, and what the lake has of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use futures::Stream;
use regtrade_lake::{Partners, Products, Step, SumsAsked};
use regtrade_model::{
    AsOf, BoundedFigure, Digest, Figure, FigureKey, FigureValue, KeyPattern, Period, Provenance,
    Release, ReleaseId, Vintage,
};
use regtrade_service::{
    Failure,
    roles::{Role, Roles},
};

use crate::{
    error::of_lake,
    key_indicators::{Observed, Wanted, key_indicators, observed_figure},
    masked::{Masked, Stock, Written},
};

/// A vintage that was chosen, and the releases that it was chosen from.
pub(crate) struct Chosen {
    releases: Vec<Release>,
    as_of: AsOf,
    shows_confidential: bool,
}

/// All that is known of a vintage.
#[derive(Default)]
pub(crate) struct Known {
    /// The key indicators, the observations, and the bounds of what is not known better.
    pub(crate) figures: Vec<Figure>,
    /// With the release that wrote each.
    pub(crate) observations: Vec<Written>,
    /// What the print of the newest release proves.
    pub(crate) bounds: Vec<BoundedFigure>,
}

/// What a caller sees of which slices: what follows from observations is the same where this is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    slices: BTreeMap<Period, Digest>,
    printer: ReleaseId,
    shows_confidential: bool,
}

impl Chosen {
    /// Out of the releases that a caller with `roles` may see. `None` where no release is as asked.
    pub(crate) fn of(releases: Vec<Release>, as_of: AsOf, roles: &Roles) -> Option<Self> {
        let chosen = Self {
            releases,
            as_of,
            shows_confidential: roles.have(Role::Confidential),
        };
        chosen
            .as_of
            .vintage(&chosen.releases)
            .is_some()
            .then_some(chosen)
    }

    fn vintage(&self) -> Vintage<'_> {
        self.as_of
            .vintage(&self.releases)
            .unwrap_or_else(|| unreachable!("it was there when this was made"))
    }

    /// The newest release of the vintage.
    pub(crate) fn head(&self) -> &Release {
        self.vintage().head()
    }

    /// Whether anything of it was made up by a generator: figures of one release can stand beside those of another.
    pub(crate) fn is_synthetic(&self) -> bool {
        let slices = self.slices();
        let mut releases = slices
            .values()
            .copied()
            .chain([self.head(), self.printer()]);
        releases.any(|release| release.synthetic)
    }

    /// The release whose print stands: the newest one, or where that is a partial update, what it builds on, since an
    /// update of observations takes nothing back that was printed.
    fn printer(&self) -> &Release {
        let mut printer = self.head();
        while let Some(base) = &printer.builds_on
            && let Some(base) = self.releases.iter().find(|release| release.id == *base)
        {
            printer = base;
        }
        printer
    }

    /// The release that has the observations of each period.
    pub(crate) fn slices(&self) -> BTreeMap<Period, &Release> {
        self.vintage().slices()
    }

    /// The same vintage, as it is known now.
    pub(crate) fn pinned(&self) -> AsOf {
        self.as_of.pinned(&self.releases)
    }

    /// The releases of which nobody can say whether they were public at the instant that was asked for.
    pub(crate) fn uncertain(&self) -> Vec<&Release> {
        self.as_of.uncertain(&self.releases)
    }

    /// What the caller sees of which slices.
    pub(crate) fn seen(&self) -> Seen {
        let slices = self.slices().into_iter();
        let digests = slices.filter_map(|(period, release)| {
            let held = release.slice(period)?.observations?;
            Some((period, held.digest))
        });
        Seen {
            slices: digests.collect(),
            printer: self.printer().id.clone(),
            shows_confidential: self.shows_confidential,
        }
    }

    /// The slices, as the caller may see them: nothing else reads observations.
    pub(crate) fn masked(
        &self,
        stock: &Stock,
        periods: &(dyn Fn(Period) -> bool + Sync),
    ) -> Masked {
        let slices = self.slices().into_iter();
        let slices = slices.filter(|(period, _)| periods(*period));
        // A release that wrote many of them is held once.
        let mut held: BTreeMap<&ReleaseId, Arc<Release>> = BTreeMap::new();
        let slices = slices.map(|(period, release)| {
            let own = held.entry(&release.id);
            let own = own.or_insert_with(|| Arc::new(release.clone()));
            (period, Arc::clone(own))
        });
        let slices: BTreeMap<Period, Arc<Release>> = slices.collect();
        let of_each = held.values().filter(|_| !self.shows_confidential);
        let hiding = of_each.flat_map(|release| {
            let written = release.slices.iter().filter(|slice| {
                let writer = slices.get(&slice.period);
                writer.is_some_and(|writer| Arc::ptr_eq(writer, release))
            });
            written.filter_map(|slice| {
                let observations = slice.observations.filter(|held| held.confidential > 0)?;
                Some((slice.period, observations.digest))
            })
        });
        let hiding = hiding.collect();
        Masked {
            stock: stock.clone(),
            slices,
            printer: self.printer().clone(),
            hiding,
        }
    }

    /// The observations of some periods that a pattern chooses, as the caller may see them, by key.
    pub(crate) async fn observations(
        &self,
        stock: &Stock,
        pattern: &KeyPattern,
        periods: &(dyn Fn(Period) -> bool + Sync),
    ) -> Result<Vec<Written>, Failure> {
        self.masked(stock, periods).observations(pattern).await
    }

    /// The same as a stream: year by year, within a year by key, some at a time.
    pub(crate) fn scan(
        &self,
        stock: &Stock,
        pattern: KeyPattern,
        periods: &(dyn Fn(Period) -> bool + Sync),
    ) -> impl Stream<Item = Result<Vec<Written>, Failure>> + Send + use<> {
        self.masked(stock, periods).scan(pattern)
    }

    /// The newest of some releases of the vintage, which is the one that a figure made of them all is of; the newest
    /// of all where there is none.
    pub(crate) fn newest_of(&self, releases: &[&ReleaseId]) -> ReleaseId {
        let of = self
            .releases
            .iter()
            .find(|release| releases.contains(&&release.id));
        of.map_or_else(|| self.head().id.clone(), |release| release.id.clone())
    }

    async fn figures(
        &self,
        stock: &Stock,
        observations: &[Written],
        wanted: &(dyn Fn(&FigureKey) -> bool + Sync),
    ) -> Result<Vec<Figure>, Failure> {
        let head = self.head();
        let printed = stock.lake.published(self.printer()).await;
        let printed = printed.map_err(|error| of_lake(&error))?;
        let overall: Vec<Observed<'_>> = observations
            .iter()
            .filter(|(_, observation)| observation.key.is_overall())
            .map(|(release, observation)| (release, observation))
            .collect();
        let before: Vec<ReleaseId> = self
            .releases
            .iter()
            .skip_while(|release| release.id != head.id)
            .skip(1)
            .map(|release| release.id.clone())
            .collect();
        let release = if printed.is_empty() {
            head
        } else {
            self.printer()
        };
        Ok(key_indicators(
            &printed,
            &overall,
            &release.id,
            &before,
            wanted,
        ))
    }

    /// The key indicators of the vintage that are wanted.
    pub(crate) async fn key_indicators(
        &self,
        stock: &Stock,
        wanted: &Wanted,
    ) -> Result<Vec<Figure>, Failure> {
        let observations = self.overall(stock, wanted).await?;
        self.figures(stock, &observations, &|key| wanted.has(key))
            .await
    }

    /// The levels over all activities, products and partners that key indicators are computed from: as observed, and of
    /// foreign trade what its detail adds up to.
    async fn overall(&self, stock: &Stock, wanted: &Wanted) -> Result<Vec<Written>, Failure> {
        let needed = |period: Period| wanted.needs(period);
        if !self.is_detail() {
            let overall = KeyPattern::overall();
            return self.observations(stock, &overall, &needed).await;
        }
        let asked = SumsAsked {
            items: BTreeSet::new(),
            areas: BTreeSet::new(),
            concept: None,
            products: Products::Total,
            partners: Partners::World,
            step: if wanted.freq.as_deref() == Some("A") {
                Step::Year
            } else {
                Step::Period
            },
        };
        Ok(self.sums(stock, &asked, &needed).await?.observations())
    }

    /// The levels of some periods that a pattern chooses, none of which is over all activities, products and partners:
    /// no print has any, and no other figure follows from them.
    pub(crate) async fn detailed(
        &self,
        stock: &Stock,
        pattern: &KeyPattern,
        periods: &(dyn Fn(Period) -> bool + Sync),
    ) -> Result<Vec<Figure>, Failure> {
        let found = self.observations(stock, pattern, periods).await?;
        let found = found.iter();
        Ok(found
            .map(|(writer, observation)| observed_figure((writer, observation)))
            .collect())
    }

    /// All that is known of levels: every observation that a pattern chooses or that is over all activities, products
    /// and partners, every key indicator, and what the print proves of levels that it does not print. A known figure
    /// stands in place of its bounds.
    pub(crate) async fn known(
        &self,
        stock: &Stock,
        pattern: &KeyPattern,
    ) -> Result<Known, Failure> {
        let overall = KeyPattern::overall();
        let mut observations = self.observations(stock, &overall, &|_| true).await?;
        let figures = self.figures(stock, &observations, &|_| true).await?;
        if *pattern != overall {
            let chosen = self.observations(stock, pattern, &|_| true).await?;
            observations.extend(chosen.into_iter().filter(|(_, o)| !o.key.is_overall()));
        }
        let bounds = stock.lake.bounds(self.printer()).await;
        let bounds = bounds.map_err(|error| of_lake(&error))?;
        let release = &self.printer().id;
        let detailed = observations
            .iter()
            .filter(|(_, observation)| !observation.key.is_overall())
            .map(|(writer, observation)| observed_figure((writer, observation)));
        let known = bounds
            .iter()
            .map(|bound| bounded(bound.clone(), release))
            .chain(detailed)
            .chain(figures);
        // A figure that is printed as missing does not replace its bounds.
        let mut found: BTreeMap<FigureKey, Figure> = BTreeMap::new();
        for figure in known {
            let missing = matches!(figure.value, FigureValue::Undefined(_));
            if !(missing && found.contains_key(&figure.key)) {
                found.insert(figure.key.clone(), figure);
            }
        }
        Ok(Known {
            figures: found.into_values().collect(),
            observations,
            bounds,
        })
    }
}

/// What a print proves of a figure, as a figure.
pub(crate) fn bounded(bound: BoundedFigure, release: &ReleaseId) -> Figure {
    let decimals = bound.lower.scale().max(bound.upper.scale());
    let is_money = bound.key.indicator.unit() == regtrade_model::Unit::Euro;
    Figure {
        key: bound.key,
        value: FigureValue::Between {
            lower: bound.lower,
            upper: bound.upper,
        },
        unit_mult: if is_money { 6 } else { 0 },
        decimals: i32::try_from(decimals).unwrap_or_default(),
        provenance: Provenance::Bounded,
        release: release.clone(),
        print_differs: None,
        obs_status: regtrade_model::ObsStatus::A,
        source: None,
    }
}
