//! Slices: all observations of a period as one thing, which is stored once, however many releases have it.

mod digits;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use regtrade_model::{
    AsOf, Concept, ConfStatus, Decimal, Indicator, Item, Observation, Period, Release, ReleaseId,
    SliceObservations, Span,
};
use sha2::{Digest as _, Sha256};

use crate::{
    LakeError,
    scratch::TemporaryFolder,
    spool::{
        Attributes, Duplicates, PARTS, Packed, Place, Rows, SpoolWriter, Spooled, Vocabulary, part,
        period,
    },
    state::State,
    sums::Others,
};

/// How many bytes of lines go into a digest at once.
const TOGETHER: usize = 1 << 12;

/// The observations of a release: of each of its periods that it has observations of, all of them. They are in memory,
/// or where they are many in the temporary folder, until the last clone goes. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Slices {
    rows: Rows,
    summaries: BTreeMap<Period, SliceObservations>,
    duplicates: Duplicates,
}

/// Which slices a release stores, and which are there already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Of each slice that is there already: the release whose file holds it.
    pub(crate) stored_in: BTreeMap<Period, ReleaseId>,
    /// Of each slice that is stored and replaces another: the release whose file holds that other.
    pub(crate) replaced: BTreeMap<Period, ReleaseId>,
    /// Of the years of which it stores some periods: the others, each with the release whose file holds it.
    pub(crate) others: Others,
}

/// The digest of the observations of a period, which are given by key, one at a time.
pub(crate) struct Counter {
    period: Period,
    /// As it is written.
    period_text: String,
    rows: u64,
    confidential: u64,
    digest: Sha256,
    /// Lines that are not in the digest yet.
    lines: Vec<u8>,
}

/// The digests of the slices of observations that are given by year and key: those of a year are open until the next
/// year begins.
#[derive(Default)]
pub(crate) struct Counters {
    year: u16,
    open: [Option<Box<Counter>>; PARTS],
    ended: BTreeMap<Period, SliceObservations>,
}

/// The texts of a key, but for its period.
pub(crate) struct KeyTexts<'a> {
    pub(crate) ref_area: &'a str,
    pub(crate) item: Item,
    pub(crate) activity: &'a str,
    pub(crate) product: &'a str,
    pub(crate) counterpart_area: &'a str,
    pub(crate) concept: Option<Concept>,
    pub(crate) indicator: Indicator,
}

impl Slices {
    pub(crate) const fn sorted(
        rows: Rows,
        summaries: BTreeMap<Period, SliceObservations>,
        duplicates: Duplicates,
    ) -> Self {
        Self {
            rows,
            summaries,
            duplicates,
        }
    }

    /// Slices that are in memory. One without a row says that the release has none of what was there before.
    ///
    /// # Errors
    /// Where an observation is not of its period, or there are so many that they go to the temporary folder of the
    /// system, and that takes no more.
    pub fn of(observations: BTreeMap<Period, Vec<Observation>>) -> Result<Self, LakeError> {
        let periods: Vec<Period> = observations.keys().copied().collect();
        let mut writer = SpoolWriter::new(TemporaryFolder::default());
        for (period, rows) in observations {
            for row in rows {
                if row.key.period != Span::at(period) {
                    let why = format!("{} is among the observations of {period}", row.key);
                    return Err(LakeError::Contradictory(why));
                }
                writer.push(row, Place::default())?;
            }
        }
        let mut slices = writer.finish()?;
        for period in periods {
            let empty = || Counter::of(period).finish();
            slices.summaries.entry(period).or_insert_with(empty);
        }
        Ok(slices)
    }

    /// What each slice is.
    #[must_use]
    pub const fn summaries(&self) -> &BTreeMap<Period, SliceObservations> {
        &self.summaries
    }

    /// How many observations there are.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.summaries.values().map(|slice| slice.rows).sum()
    }

    /// The observations whose key is there more than once. A lake takes no such slices.
    #[must_use]
    pub const fn duplicates(&self) -> &Duplicates {
        &self.duplicates
    }

    /// All observations, by year and key.
    pub fn iter(&self) -> impl Iterator<Item = Result<Spooled, LakeError>> + use<> {
        self.rows.iter()
    }

    /// The same, packed, many at a time and each time of one year: codes are by their rank in the vocabulary.
    pub(crate) fn packed(&self) -> impl Iterator<Item = Result<Vec<Packed>, LakeError>> + use<> {
        self.rows.packed()
    }

    /// The codes of all observations.
    pub(crate) fn vocabulary(&self) -> &Arc<Vocabulary> {
        self.rows.vocabulary()
    }

    /// Whether they are what a release can have.
    ///
    /// # Errors
    /// Where an observation is there twice, or of a period that the release does not name.
    pub(crate) fn check(&self, release: &Release) -> Result<(), LakeError> {
        let refuse = |why: String| Err(LakeError::Contradictory(why));
        let mut periods = self.summaries.keys();
        if let Some(period) = periods.find(|period| release.slice(**period).is_none()) {
            return refuse(format!(
                "it has observations of {period}, which is not among its periods"
            ));
        }
        match self.duplicates.first.first() {
            Some(twice) => refuse(format!("{} is there twice", twice.key)),
            None => Ok(()),
        }
    }

    /// Writes into a release what its slices are.
    pub(crate) fn describe(&self, release: &mut Release) {
        for slice in &mut release.slices {
            slice.observations = self.summaries.get(&slice.period).copied();
        }
    }

    /// What is to be stored of a release, after what comes before it.
    pub(crate) fn plan(&self, state: &State, release: &Release) -> Plan {
        let vintage = AsOf::default().vintage(state.before(release.dataflow, release.published_at));
        let before = vintage.map(|vintage| vintage.slices()).unwrap_or_default();
        let mut plan = Plan {
            stored_in: BTreeMap::new(),
            replaced: BTreeMap::new(),
            others: Others::new(),
        };
        for (period, summary) in &self.summaries {
            let Some(writer) = before.get(period) else {
                continue;
            };
            let Some(record) = state.record(&writer.id) else {
                continue;
            };
            let same = writer.slice(*period).and_then(|slice| slice.observations) == Some(*summary);
            let list = if same {
                &mut plan.stored_in
            } else {
                &mut plan.replaced
            };
            list.insert(*period, record.holder(*period).clone());
        }
        let stored = self.summaries.keys();
        let stored = stored.filter(|period| !plan.stored_in.contains_key(period));
        let years: BTreeSet<u16> = stored.map(|period| period.year()).collect();
        let left = before.iter().filter_map(|(period, writer)| {
            let holder = state.record(&writer.id)?.holder(*period);
            Some((*period, holder.clone()))
        });
        let left = left.filter(|(period, _)| !self.summaries.contains_key(period));
        for (period, holder) in left.chain(plan.stored_in.clone()) {
            if years.contains(&period.year()) {
                let of_year = plan.others.entry(period.year()).or_default();
                of_year.insert(period, holder);
            }
        }
        plan
    }
}

impl Counter {
    pub(crate) fn of(period: Period) -> Self {
        Self {
            period,
            period_text: period.to_string(),
            rows: 0,
            confidential: 0,
            digest: Sha256::default(),
            lines: vec![],
        }
    }

    /// Counts one observation more, which must be of the period.
    pub(crate) fn count(&mut self, row: &Observation) {
        let key = &row.key;
        let texts = KeyTexts {
            ref_area: key.ref_area.as_str(),
            item: key.item,
            activity: key.activity.as_str(),
            product: key.product.as_str(),
            counterpart_area: key.counterpart_area.as_str(),
            concept: key.concept,
            indicator: key.indicator,
        };
        let mut middle = String::new();
        middle_of(&texts, &mut middle);
        self.add(&middle, row.value, &tail_of(&Attributes::of(row)), row.conf);
    }

    /// The same, of its texts: that of its key between the frequency and the period, and what comes behind the value. Its
    /// text is exact, and the same however many zeros its value ends in.
    pub(crate) fn add(
        &mut self,
        middle: &str,
        value: Option<Decimal>,
        tail: &str,
        conf: ConfStatus,
    ) {
        let lines = &mut self.lines;
        // As a key is written, put together without the machinery of formats: this is done for every row.
        lines.extend_from_slice(self.period.frequency().as_bytes());
        lines.extend_from_slice(middle.as_bytes());
        lines.extend_from_slice(self.period_text.as_bytes());
        lines.push(b'\t');
        if let Some(value) = value {
            digits::push(value, lines);
        }
        lines.extend_from_slice(tail.as_bytes());
        self.rows += 1;
        self.confidential += u64::from(!conf.is_free());
        if lines.len() >= TOGETHER {
            self.digest.update(&lines);
            lines.clear();
        }
    }

    pub(crate) fn finish(mut self) -> SliceObservations {
        self.digest.update(&self.lines);
        SliceObservations {
            rows: self.rows,
            digest: regtrade_model::Digest(self.digest.finalize().into()),
            confidential: self.confidential,
        }
    }
}

/// Appends the text of a key from behind its frequency to before its period.
pub(crate) fn middle_of(key: &KeyTexts<'_>, into: &mut String) {
    for text in [
        ".",
        key.ref_area,
        ".",
        key.item.as_str(),
        ".",
        key.activity,
        ".",
        key.product,
        ".",
        key.counterpart_area,
    ] {
        into.push_str(text);
    }
    if let Some(concept) = key.concept {
        into.push('.');
        into.push_str(concept.as_str());
    }
    for text in [":", key.indicator.as_str(), ":"] {
        into.push_str(text);
    }
}

/// What a line says behind the value.
pub(crate) fn tail_of(row: &Attributes) -> String {
    let (status, conf) = (row.status.as_str(), row.conf.as_str());
    format!("\t{}\t{}\t{status}\t{conf}\n", row.decimals, row.unit_mult)
}

impl Counters {
    /// That of the slice of a period, which is of the same year as the one before, or of a later year.
    pub(crate) fn of(&mut self, period: Period) -> &mut Counter {
        let counter = self.at(period.year(), part(period));
        counter.get_or_insert_with(|| Box::new(Counter::of(period)))
    }

    /// The same of a period by its number in its year; `None` where there is none.
    pub(crate) fn of_part(&mut self, year: u16, part: u8) -> Option<&mut Counter> {
        if usize::from(part) >= PARTS {
            return None;
        }
        let counter = self.at(year, part);
        if counter.is_none() {
            *counter = Some(Box::new(Counter::of(period(year, part)?)));
        }
        counter.as_deref_mut()
    }

    fn at(&mut self, year: u16, part: u8) -> &mut Option<Box<Counter>> {
        if year != self.year {
            self.end_year();
            self.year = year;
        }
        &mut self.open[usize::from(part)]
    }

    fn end_year(&mut self) {
        let open = self.open.iter_mut().filter_map(Option::take);
        self.ended
            .extend(open.map(|counter| (counter.period, counter.finish())));
    }

    /// The slices, each with its digest.
    pub(crate) fn finish(mut self) -> BTreeMap<Period, SliceObservations> {
        self.end_year();
        self.ended
    }
}

#[cfg(test)]
mod tests {
    use regtrade_model::{Area, FigureKey};

    use super::*;

    #[test]
    fn the_line_of_an_observation_begins_as_its_key_is_written() {
        let period: Period = "2024-03".parse().unwrap();
        for concept in [None, Some(Concept::Com)] {
            let key = FigureKey {
                product: "01012100".parse().unwrap(),
                concept,
                ..FigureKey::overall(Item::P61, Area::BE2, Indicator::Level, period)
            };
            let mut counter = Counter::of(period);
            counter.count(&Observation {
                key: key.clone(),
                value: Some("12.500".parse().unwrap()),
                decimals: 2,
                unit_mult: 6,
                status: regtrade_model::ObsStatus::E,
                conf: regtrade_model::ConfStatus::F,
            });
            let line = String::from_utf8(counter.lines).unwrap();
            assert_eq!(line, format!("{key}\t12.5\t2\t6\tE\tF\n"));
        }
    }
}
