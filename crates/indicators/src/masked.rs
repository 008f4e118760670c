//! The one door through which observations are read: what a caller may not see is hidden here, before anything is
//! computed of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use futures::{Stream, stream};
use regtrade_lake::Lake;
use regtrade_model::{
    Digest, FigureKey, Indicator, KeyPattern, Observation, Period, Release, ReleaseId,
};
use regtrade_service::Failure;

use crate::{codelists::Counts, confidential::Mask, error::of_lake, recent::Recent, vintage::Seen};

/// An observation, and the release that wrote it.
pub(crate) type Written = (ReleaseId, Observation);

/// The lake, and what is kept of it from call to call.
#[derive(Clone)]
pub(crate) struct Stock {
    pub(crate) lake: Lake,
    /// What vintages have of each code.
    pub(crate) counts: Recent<Seen, Counts>,
    masks: Recent<Origin, Mask>,
}

/// What a mask follows from: the observations of a slice, and the levels of it that are printed. Equal observations have
/// the same, whatever release has them.
type Origin = (Digest, BTreeSet<FigureKey>);

/// How many vintages are counted, and how many slices masked, before the first is forgotten.
const VINTAGES: usize = 16;
const MASKS: usize = 512;

impl Stock {
    pub(crate) fn new(lake: Lake) -> Self {
        Self {
            lake,
            counts: Recent::new(VINTAGES),
            masks: Recent::new(MASKS),
        }
    }
}

/// The slices of a vintage, as a caller may see them.
pub(crate) struct Masked {
    pub(crate) stock: Stock,
    /// The release that has the observations of each period.
    pub(crate) slices: BTreeMap<Period, Release>,
    /// The release whose print stands: its levels are public.
    pub(crate) printer: Release,
    /// Whether confidential observations are shown.
    pub(crate) shows_confidential: bool,
}

impl Masked {
    /// The observations that a pattern chooses, by key.
    pub(crate) async fn observations(&self, pattern: &KeyPattern) -> Result<Vec<Written>, Failure> {
        let slices = self
            .slices
            .iter()
            .map(|(period, release)| (*period, release));
        let mut found = self.read(slices.collect(), pattern).await?;
        let periods: BTreeSet<Period> = found.iter().map(|(_, o)| o.key.period.last()).collect();
        let hiding = periods
            .into_iter()
            .filter_map(|period| Some((period, self.digest(period)?)));
        let hiding: Vec<(Period, Digest)> = hiding.collect();
        let mut masks = BTreeMap::new();
        if !hiding.is_empty() {
            let printed = self.printed().await?;
            for (period, digest) in hiding {
                masks.insert(period, self.mask(period, digest, &printed).await?);
            }
        }
        for (_, observation) in &mut found {
            if let Some(mask) = masks.get(&observation.key.period.last()) {
                mask.apply(observation);
            }
        }
        Ok(found)
    }

    /// The same, one period after the other and no more than one of them in memory. Nothing is read ahead of who reads
    /// the stream.
    pub(crate) fn scan(
        mut self,
        pattern: KeyPattern,
    ) -> impl Stream<Item = Result<Vec<Written>, Failure>> + Send + 'static {
        let slices = std::mem::take(&mut self.slices);
        let state = (self, slices.into_iter(), pattern);
        stream::try_unfold(state, async |(mut masked, mut slices, pattern)| {
            let Some(slice) = slices.next() else {
                return Ok(None);
            };
            masked.slices = BTreeMap::from([slice]);
            let found = masked.observations(&pattern).await?;
            Ok(Some((found, (masked, slices, pattern))))
        })
    }

    /// What is hidden of a period.
    async fn mask(
        &self,
        period: Period,
        digest: Digest,
        printed: &BTreeSet<FigureKey>,
    ) -> Result<Arc<Mask>, Failure> {
        let of_period = printed.iter().filter(|key| key.period == period.into());
        let origin = (digest, of_period.cloned().collect());
        if let Some(mask) = self.stock.masks.get(&origin) {
            return Ok(mask);
        }
        let slice = self.slices.get(&period).map(|release| (period, release));
        let slice = self
            .read(slice.into_iter().collect(), &KeyPattern::default())
            .await?;
        // It may take a while, in which other calls go on.
        let printed: BTreeSet<FigureKey> = BTreeSet::clone(&origin.1);
        let made = tokio::task::spawn_blocking(move || {
            Mask::of(slice.iter().map(|(_, observation)| observation), &printed)
        });
        let mask = Arc::new(made.await.map_err(|error| Failure::internal(&error))?);
        self.stock.masks.keep(origin, &mask);
        Ok(mask)
    }

    /// The digest of a slice of which the caller may not see everything.
    fn digest(&self, period: Period) -> Option<Digest> {
        let slice = self.slices.get(&period)?.slice(period)?;
        let observations = slice.observations.filter(|held| held.confidential > 0)?;
        (!self.shows_confidential).then_some(observations.digest)
    }

    /// The levels that are printed.
    async fn printed(&self) -> Result<BTreeSet<FigureKey>, Failure> {
        let printed = self.stock.lake.published(&self.printer).await;
        let printed = printed.map_err(|error| of_lake(&error))?.into_iter();
        let is_level = |indicator| matches!(indicator, Indicator::Level | Indicator::Net);
        Ok(printed
            .filter(|figure| figure.value.is_some() && is_level(figure.key.indicator))
            .map(|figure| figure.key)
            .collect())
    }

    /// What the lake has, unmasked.
    async fn read(
        &self,
        slices: BTreeMap<Period, &Release>,
        pattern: &KeyPattern,
    ) -> Result<Vec<Written>, Failure> {
        let found = self.stock.lake.observations(&slices, pattern).await;
        found.map_err(|error| of_lake(&error))
    }
}
