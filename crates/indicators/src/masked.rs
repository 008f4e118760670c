//! The one door through which observations are read: what a caller may not see is hidden here, before anything is
//! computed of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use futures::{Stream, TryStreamExt as _, stream};
use regtrade_lake::{Changed, Lake, Said, Sums, SumsAsked, SumsWriter};
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
    pub(crate) slices: BTreeMap<Period, Arc<Release>>,
    /// The release whose print stands: its levels are public.
    pub(crate) printer: Release,
    /// The slices of which the caller may not see everything, each with the digest of its observations.
    pub(crate) hiding: BTreeMap<Period, Digest>,
}

impl Masked {
    /// The observations that a pattern chooses, by key.
    pub(crate) async fn observations(&self, pattern: &KeyPattern) -> Result<Vec<Written>, Failure> {
        let slices = self
            .slices
            .iter()
            .map(|(period, release)| (*period, &**release));
        let mut found = self.read(slices.collect(), pattern).await?;
        self.hide(found.iter_mut().collect()).await?;
        Ok(found)
    }

    /// The same, some at a time: year by year, within a year by key. Memory does not grow with them: a few
    /// parts are read ahead of who reads the stream.
    pub(crate) fn scan(
        self,
        pattern: KeyPattern,
    ) -> impl Stream<Item = Result<Vec<Written>, Failure>> + Send + 'static {
        let lake = self.stock.lake.clone();
        let slices = self.slices.iter();
        let writers = slices.map(|(period, release)| (*period, release.id.clone()));
        let batches = lake.scan(writers.collect(), pattern);
        stream::try_unfold((self, Box::pin(batches)), async |(masked, mut batches)| {
            let next = batches.try_next().await;
            let Some(mut found) = next.map_err(|error| of_lake(&error))? else {
                return Ok(None);
            };
            masked.hide(found.iter_mut().collect()).await?;
            Ok(Some((found, (masked, batches))))
        })
    }

    /// The cells that a pattern chooses and that a caller sees otherwise in another vintage, some at a time: year by
    /// year, within a year by key. Memory does not grow with them: of each side a few batches are read ahead of who
    /// reads the stream.
    pub(crate) fn changes(
        self,
        to: Self,
        pattern: KeyPattern,
    ) -> impl Stream<Item = Result<Vec<Changed>, Failure>> + Send + 'static {
        let writers = |of: &Self| -> BTreeMap<Period, ReleaseId> {
            let slices = of.slices.iter();
            slices.map(|(at, of)| (*at, of.id.clone())).collect()
        };
        // What is hidden of the same observations follows from what is printed, too.
        let hiding = self.hiding.keys().chain(to.hiding.keys());
        let hiding: BTreeSet<Period> = hiding.copied().collect();
        let lake = self.stock.lake.clone();
        let cells = lake.changes(writers(&self), writers(&to), pattern, hiding);
        let state = ([self, to], Box::pin(cells));
        stream::try_unfold(state, async |([from, to], mut cells)| {
            let next = cells.try_next().await;
            let Some(mut found) = next.map_err(|error| of_lake(&error))? else {
                return Ok(None);
            };
            // Where nothing is hidden, the lake gives what differs, and nothing else.
            if !from.hiding.is_empty() || !to.hiding.is_empty() {
                from.hide_said(&mut found, 0).await?;
                to.hide_said(&mut found, 1).await?;
                found.retain(|Changed { key, sides }| {
                    let [from, to] = sides.each_ref();
                    let row = |said: &Option<Said>| said.as_ref().map(|said| said.observation(key));
                    row(from) != row(to)
                });
            }
            Ok(Some((found, ([from, to], cells))))
        })
    }

    /// What is asked for, added up of what the caller sees: a sum of which anything is hidden is hidden, too.
    pub(crate) async fn sums(self, asked: &SumsAsked) -> Result<Sums, Failure> {
        let mut writer = SumsWriter::new(self.slices.keys().copied(), asked);
        let is_hiding = |period: &Period| self.hiding.contains_key(period);
        let (hiding, open): (BTreeMap<_, _>, BTreeMap<_, _>) = self
            .slices
            .iter()
            .map(|(period, release)| (*period, release.as_ref()))
            .partition(|(period, _)| is_hiding(period));
        let added = self.stock.lake.add_up(&open, writer).await;
        writer = added.map_err(|error| of_lake(&error))?;
        let hiding = hiding.into_keys();
        let hiding = hiding.filter_map(|period| {
            let release = self.slices.get(&period)?;
            Some((period, Arc::clone(release)))
        });
        let masked = Self {
            slices: hiding.collect(),
            ..self
        };
        let mut found = std::pin::pin!(masked.scan(asked.pattern()));
        while let Some(rows) = found.try_next().await? {
            rows.iter().for_each(|(_, row)| writer.push(row));
        }
        writer.finish().map_err(|error| of_lake(&error))
    }

    /// Hides of what one of two vintages says of cells what the caller may not see.
    async fn hide_said(&self, cells: &mut [Changed], side: usize) -> Result<(), Failure> {
        if self.hiding.is_empty() {
            return Ok(());
        }
        let written = cells.iter().filter_map(|cell| {
            let said = cell.sides[side].as_ref()?;
            Some((said.release.clone(), said.observation(&cell.key)))
        });
        let mut written: Vec<Written> = written.collect();
        self.hide(written.iter_mut().collect()).await?;
        let said = cells
            .iter_mut()
            .filter_map(|cell| cell.sides[side].as_mut());
        for (said, (release, row)) in said.zip(written) {
            *said = Said::by(release, &row);
        }
        Ok(())
    }

    /// Hides of observations what the caller may not see.
    async fn hide(&self, found: Vec<&mut Written>) -> Result<(), Failure> {
        if self.hiding.is_empty() {
            return Ok(());
        }
        let periods: BTreeSet<Period> = found.iter().map(|(_, o)| o.key.period.last()).collect();
        let hiding = periods
            .into_iter()
            .filter_map(|period| Some((period, *self.hiding.get(&period)?)));
        let hiding: Vec<(Period, Digest)> = hiding.collect();
        let mut masks = BTreeMap::new();
        if !hiding.is_empty() {
            let printed = self.printed().await?;
            for (period, digest) in hiding {
                masks.insert(period, self.mask(period, digest, &printed).await?);
            }
        }
        for (_, observation) in found {
            if let Some(mask) = masks.get(&observation.key.period.last()) {
                mask.apply(observation);
            }
        }
        Ok(())
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
        let slice = self.slices.get(&period);
        let slice = slice.map(|release| (period, &**release));
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
