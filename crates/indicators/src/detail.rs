//! Levels of foreign trade that are sums of its detail: by coarser products, over all partners, of years.

use std::collections::{BTreeMap, BTreeSet};

use regtrade_lake::{Partners, Products, Step, Sums, SumsAsked};
use regtrade_model::{
    Area, Breakdown, Code, Concept, ConfStatus, Dataflow, FigureKey, Indicator, Item, Observation,
    Period, ReleaseId, codelist,
};
use regtrade_service::Failure;

use crate::{
    masked::{Stock, Written},
    vintage::Chosen,
};

/// Digits of the products of a level below the one before; sections of the list of goods have none.
const LEVELS: [(&str, usize); 4] = [("CHAPTER", 2), ("HS4", 4), ("HS6", 6), ("CN8", 8)];

/// The levels of products that detail is added up to, and that no list has the codes of.
pub(crate) const LEVELS_OF_DETAIL: [&str; 3] = ["HS4", "HS6", "CN8"];

/// How many digits the products of a level have.
pub(crate) fn digits_of(level: &str) -> Option<usize> {
    let found = LEVELS.iter().find(|(name, _)| *name == level);
    found.map(|(_, digits)| *digits)
}

/// The level right below a product; `None` where it has none, or none that detail is added up to.
pub(crate) fn level_below(product: &Code) -> Option<&'static str> {
    let digits = match product.as_str() {
        "_T" => 0,
        code if code.bytes().all(|byte| byte.is_ascii_digit()) => code.len(),
        _ => return None,
    };
    let found = LEVELS.iter().find(|(_, below)| *below > digits);
    found.map(|(name, _)| *name)
}

fn sections() -> BTreeSet<Code> {
    let list = codelist("CL_PRODUCT_GOODS").into_iter();
    let sections = list.flat_map(|list| list.level("SECTION"));
    sections.map(|entry| entry.code.clone()).collect()
}

/// Wholes, and the parts that they are broken down into.
pub(crate) struct Broken<'a> {
    pub(crate) by: Breakdown,
    pub(crate) items: BTreeSet<Item>,
    pub(crate) areas: BTreeSet<Area>,
    pub(crate) activity: &'a Code,
    pub(crate) product: &'a Code,
    pub(crate) partner: &'a Code,
    pub(crate) concept: Option<Concept>,
    /// Of the parts. `None`: the one below the whole.
    pub(crate) level: Option<&'a str>,
    pub(crate) step: Step,
}

impl Broken<'_> {
    /// The sums that are the wholes and the parts; `None` where they are none of detail.
    pub(crate) fn asked(&self) -> Option<Vec<SumsAsked>> {
        if *self.activity != Code::total() || self.by == Breakdown::Activity {
            return None;
        }
        let one = |code: &Code| BTreeSet::from([code.clone()]);
        let whole = SumsAsked {
            items: self.items.clone(),
            areas: self.areas.clone(),
            concept: self.concept,
            products: Products::Codes(one(self.product)),
            partners: Partners::Codes(one(self.partner)),
            step: self.step,
        };
        let mut parts = whole.clone();
        let mut asked = vec![];
        match self.by {
            Breakdown::Product => {
                let level = self.level.or_else(|| level_below(self.product));
                parts.products = Products::Digits(digits_of(level?)?);
                if self.level.is_none() && *self.product == Code::total() {
                    // Nothing is added up to sections; where they were observed, they come before chapters.
                    asked.push(SumsAsked {
                        products: Products::Codes(sections()),
                        ..whole.clone()
                    });
                }
            }
            Breakdown::Partner | Breakdown::PartnerGroup => parts.partners = Partners::Each,
            Breakdown::Region => parts.areas.clear(),
            Breakdown::Activity => {}
        }
        asked.extend([whole, parts]);
        Some(asked)
    }
}

/// Sums, and of each of their periods the newest release that has a part of it.
pub(crate) struct Summed {
    pub(crate) sums: Sums,
    pub(crate) writers: Vec<ReleaseId>,
}

impl Chosen {
    /// Wholes and their parts, as the caller may see them: `None` where they are no sums of detail.
    pub(crate) async fn broken(
        &self,
        stock: &Stock,
        broken: &Broken<'_>,
        periods: &(dyn Fn(Period) -> bool + Sync),
    ) -> Result<Option<Vec<Summed>>, Failure> {
        let Some(asked) = broken.asked().filter(|_| self.is_detail()) else {
            return Ok(None);
        };
        let mut found = vec![];
        for asked in &asked {
            found.push(self.sums(stock, asked, periods).await?);
        }
        Ok(Some(found))
    }

    /// Whether what it has is detail, of which sums are made.
    pub(crate) fn is_detail(&self) -> bool {
        self.head().dataflow == Dataflow::Exttrade
    }

    /// The sums of some periods, as the caller may see them.
    pub(crate) async fn sums(
        &self,
        stock: &Stock,
        asked: &SumsAsked,
        periods: &(dyn Fn(Period) -> bool + Sync),
    ) -> Result<Summed, Failure> {
        let sums = self.masked(stock, periods).sums(asked).await?;
        let writers = self.writers(asked.step, &sums);
        Ok(Summed { sums, writers })
    }

    /// The release of each period of sums.
    fn writers(&self, step: Step, sums: &Sums) -> Vec<ReleaseId> {
        let slices = self.slices();
        let mut of_years: BTreeMap<u16, Vec<&ReleaseId>> = BTreeMap::new();
        for (period, release) in &slices {
            let of_year = of_years.entry(period.year()).or_default();
            if !of_year.contains(&&release.id) {
                of_year.push(&release.id);
            }
        }
        let writer = |period: &Period| match (step, slices.get(period)) {
            (Step::Period, Some(release)) => release.id.clone(),
            _ => self.newest_of(of_years.get(&period.year()).map_or(&[], Vec::as_slice)),
        };
        sums.periods.iter().map(writer).collect()
    }
}

impl Summed {
    /// The same as observations, by key.
    pub(crate) fn observations(self) -> Vec<Written> {
        let mut found = vec![];
        for series in self.sums.series {
            let key = |period: Period| FigureKey {
                item: series.item,
                ref_area: series.ref_area,
                activity: Code::total(),
                product: series.product.clone(),
                counterpart_area: series.counterpart_area.clone(),
                concept: series.concept,
                indicator: Indicator::Level,
                period: period.into(),
            };
            let periods = self.sums.periods.iter().zip(&self.writers);
            found.extend(periods.zip(&series.levels).filter_map(|(of, level)| {
                let ((period, writer), level) = (of, (*level)?);
                let observation = Observation {
                    key: key(*period),
                    value: level.value,
                    decimals: level.decimals,
                    unit_mult: 6,
                    status: level.status,
                    conf: ConfStatus::F,
                };
                Some((writer.clone(), observation))
            }));
        }
        found
    }
}
