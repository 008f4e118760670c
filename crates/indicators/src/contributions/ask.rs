//! Contributions of a vintage: which levels are read, and which parts a whole has.

use std::collections::BTreeSet;

use regtrade_lake::Step;
use regtrade_model::{
    Area, Breakdown, Code, Concept, ContributionMethod, Item, KeyPattern, Language, Period, Side,
    Undefined,
};
use regtrade_service::Failure;

use super::{Contributions, Series, changed_members, contributions, without_value};
use crate::{
    detail::Broken,
    levels::{Cell, Level, Levels, Wanted},
    masked::Stock,
    parts::{self, Classification},
    side_by_side::side_by_side,
    vintage::Chosen,
};

/// What is asked for: for each item and area, the parts of one whole.
pub(crate) struct Question {
    pub(crate) by: Breakdown,
    pub(crate) items: Vec<Item>,
    pub(crate) areas: Vec<Area>,
    pub(crate) activity: Code,
    pub(crate) product: Code,
    pub(crate) partner: Code,
    pub(crate) concept: Option<Concept>,
    /// From the first year to the last one, at least two.
    pub(crate) years: Vec<Period>,
    pub(crate) method: ContributionMethod,
    pub(crate) level: Option<String>,
    pub(crate) top: usize,
    pub(crate) decimals: u32,
    pub(crate) language: Language,
}

/// The contributions to one whole.
pub(crate) struct Set {
    pub(crate) whole: Cell,
    pub(crate) contributions: Contributions,
    pub(crate) notes: Vec<String>,
}

/// The contributions, by item, then by area.
///
/// # Errors
/// Where the lake cannot be read.
pub(crate) async fn ask(
    vintage: &Chosen,
    stock: &Stock,
    question: &Question,
) -> Result<Vec<Set>, Failure> {
    let within = |period: Period| {
        let years = (question.years.first(), question.years.last());
        matches!(years, (Some(first), Some(last)) if (first.year()..=last.year()).contains(&period.year()))
    };
    let slices = vintage.slices();
    let levels = match vintage.broken(stock, &question.broken(), &within).await? {
        Some(sums) => {
            let years = slices.keys().filter_map(|of| Period::of_year(of.year()));
            Levels::of_sums(sums, years.collect())
        }
        None => {
            let pattern = question.pattern();
            let observations = vintage.observations(stock, &pattern, &within).await?;
            Levels::of(observations, slices.into_keys().collect())
        }
    };
    let mut sets = vec![];
    for &item in &question.items {
        for &area in &question.areas {
            sets.push(question.set(item, area, vintage, &levels));
        }
    }
    Ok(sets)
}

impl Question {
    fn broken(&self) -> Broken<'_> {
        let items = self.items.iter().flat_map(|&item| Cell::items(item));
        Broken {
            by: self.by,
            items: items.collect(),
            areas: self.areas.iter().copied().collect(),
            activity: &self.activity,
            product: &self.product,
            partner: &self.partner,
            concept: self.concept,
            level: self.level.as_deref(),
            step: Step::Year,
        }
    }

    /// Chooses all codes of the dimension that is broken down, and of the others the ones that are asked for.
    fn pattern(&self) -> KeyPattern {
        let unless = |by: &[Breakdown], code: &Code| {
            if by.contains(&self.by) {
                BTreeSet::new()
            } else {
                BTreeSet::from([code.to_string()])
            }
        };
        let areas = self.areas.iter().map(ToString::to_string).collect();
        let items = self.items.iter().flat_map(|&item| Cell::items(item));
        let wanted = Wanted {
            areas: if self.by == Breakdown::Region {
                BTreeSet::new()
            } else {
                areas
            },
            items: items.map(|item| item.to_string()).collect(),
            activities: unless(&[Breakdown::Activity], &self.activity),
            products: unless(&[Breakdown::Product], &self.product),
            partners: unless(
                &[Breakdown::Partner, Breakdown::PartnerGroup],
                &self.partner,
            ),
            concept: self.concept,
        };
        wanted.pattern()
    }

    fn set(&self, item: Item, area: Area, vintage: &Chosen, levels: &Levels) -> Set {
        let whole = Cell {
            item,
            ref_area: area,
            activity: self.activity.clone(),
            product: self.product.clone(),
            partner: self.partner.clone(),
            concept: self.concept,
        };
        let head = vintage.head();
        let classification = Classification {
            published_at: head.published_at,
            periods: &self.years,
        };
        let codes = parts::codes(
            head.dataflow,
            self.by,
            &whole,
            self.level.as_deref(),
            levels,
            classification,
        );
        let mut series = self.series(&whole, codes.as_deref(), levels);
        series.is_net = item.side() == Side::Net;
        let contributions = contributions(&series, self.method, self.top, self.decimals);
        let mut notes = vec![];
        let list = parts::list(head.dataflow, self.by, item);
        if let (Breakdown::PartnerGroup, Some(list)) = (self.by, list) {
            let groups: Vec<Code> = series.parts.iter().map(|(code, _)| code.clone()).collect();
            notes.extend(changed_members(&groups, &self.years, list, self.language));
        }
        notes.extend(without_value(contributions.left_out, self.language));
        Set {
            whole,
            contributions,
            notes,
        }
    }

    fn series(&self, whole: &Cell, codes: Result<&[Code], &Undefined>, levels: &Levels) -> Series {
        let years = || self.years.iter();
        let (whole_levels, parts): (Vec<Level>, _) = match codes {
            Err(reason) => (years().map(|_| Err(*reason)).collect(), vec![]),
            Ok(codes) => {
                let levels_of = |code: &Code| {
                    let is_there = parts::is_there(self.by, whole, code, levels, &self.years);
                    let of_years = || parts::of_years(self.by, whole, code, levels, &self.years);
                    is_there.then(|| (code.clone(), of_years()))
                };
                let of_whole = levels.of_years(whole, &self.years);
                let parts = side_by_side(codes, levels_of).into_iter().flatten();
                (of_whole, parts.collect())
            }
        };
        Series {
            years: self.years.clone(),
            whole: whole_levels,
            parts,
            is_net: false,
        }
    }
}
