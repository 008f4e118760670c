//! Sums that are kept beside the observations of a release, so that an answer does not add up millions of rows anew.
//!
//! What by month is kept of a year follows from the rows that the release stores of the year, and from nothing else.
//! Sums by year are of the months that releases before it hold, too ([`super::vintage`]).

use std::collections::BTreeMap;

use regtrade_model::{Code, Decimal, FigureKey, Indicator, Observation, Period, Release};
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;

use super::{
    Partners, Products, Step, SumsAsked,
    adding::{Adding, Bits},
    cell::CellKey,
    exact::Exact,
    vintage::Held,
    years::MONTHS,
};
use crate::{
    LakeError,
    files::{Encoded, Encoder},
    rows::Row,
    schema::{Content, SCALE},
    spool::{Attributes, Group},
};

/// Row groups are no smaller where more follow, so that the footer does not outweigh the rows.
const LEAST_OF_GROUP: usize = 1 << 12;

/// The sums of which a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// By month.
    Months,
    /// By month and partner.
    MonthsPartners,
    /// By month and chapter.
    MonthsChapters,
    /// By month and heading.
    MonthsHeadings,
    /// By month and subheading.
    MonthsSubheadings,
    /// By year.
    Years,
    /// By year and partner.
    YearsPartners,
    /// By year and chapter.
    YearsChapters,
    /// By year and heading.
    YearsHeadings,
    /// By year and subheading.
    YearsSubheadings,
}

impl Kind {
    pub(crate) const ALL: [Self; 10] = [
        Self::Months,
        Self::MonthsPartners,
        Self::MonthsChapters,
        Self::MonthsHeadings,
        Self::MonthsSubheadings,
        Self::Years,
        Self::YearsPartners,
        Self::YearsChapters,
        Self::YearsHeadings,
        Self::YearsSubheadings,
    ];

    /// The step, the digits of products, and whether it is by partner.
    const fn what(self) -> (Step, usize, bool) {
        match self {
            Self::Months => (Step::Period, 0, false),
            Self::MonthsPartners => (Step::Period, 0, true),
            Self::MonthsChapters => (Step::Period, 2, false),
            Self::MonthsHeadings => (Step::Period, 4, false),
            Self::MonthsSubheadings => (Step::Period, 6, false),
            Self::Years => (Step::Year, 0, false),
            Self::YearsPartners => (Step::Year, 0, true),
            Self::YearsChapters => (Step::Year, 2, false),
            Self::YearsHeadings => (Step::Year, 4, false),
            Self::YearsSubheadings => (Step::Year, 6, false),
        }
    }

    /// The one that answers a question about periods, or about years, if there is one.
    pub(super) fn answering(asked: &SumsAsked, step: Step) -> Option<Self> {
        let digits = asked.products.digits();
        let by_partner = match &asked.partners {
            Partners::World => false,
            Partners::Each => true,
            Partners::Codes(codes) if codes.len() == 1 && asked.partners.has_world() => false,
            Partners::Codes(_) if !asked.partners.has_world() => true,
            Partners::Codes(_) => return None,
        };
        Self::ALL.into_iter().find(|kind| {
            let (of, products, partners) = kind.what();
            of == step && partners == by_partner && digits.iter().eq([&products])
        })
    }

    /// What is added up of the rows for it.
    pub(super) fn asked(self) -> SumsAsked {
        let (_, digits, by_partner) = self.what();
        SumsAsked {
            items: Default::default(),
            areas: Default::default(),
            concept: None,
            products: match digits {
                0 => Products::Total,
                digits => Products::Digits(digits),
            },
            partners: if by_partner {
                Partners::Each
            } else {
                Partners::World
            },
            step: Step::Period,
        }
    }
}

/// What is added up at once, each by month and by year.
pub(super) const ADDED: [[Kind; 2]; 5] = [
    [Kind::Months, Kind::Years],
    [Kind::MonthsPartners, Kind::YearsPartners],
    [Kind::MonthsChapters, Kind::YearsChapters],
    [Kind::MonthsHeadings, Kind::YearsHeadings],
    [Kind::MonthsSubheadings, Kind::YearsSubheadings],
];

/// Takes the rows of a release, year by year, and gives each year whose sums are to be kept.
#[derive(Default)]
pub(crate) struct Keeping {
    year: Option<(u16, Adding)>,
}

/// A year of which all rows were taken.
pub(crate) struct Ended(u16, Adding);

impl Ended {
    /// The year, and its sums.
    pub(crate) fn sums(self) -> (u16, OfYear) {
        let Self(year, adding) = self;
        (year, of_year(year, adding).unwrap_or_default())
    }
}

/// The sums of a year by kind, in the order of their rows. Empty where none are to be kept.
pub(crate) type OfYear = BTreeMap<Kind, Vec<Observation>>;

impl Keeping {
    /// Takes one row more, and gives the year before where it is of the next one.
    pub(crate) fn push(&mut self, row: &Observation) -> Option<Ended> {
        let (adding, ended) = self.year(row.key.period.last().year());
        adding.add(row);
        ended
    }

    /// Goes on to the rows of a key, whatever their periods in its year, and gives the year before where that
    /// is the next one.
    pub(crate) fn go_to(&mut self, key: &FigureKey) -> Option<Ended> {
        let (adding, ended) = self.year(key.period.last().year());
        adding.go_to(key);
        ended
    }

    /// Takes a row of that key: the place of its period in the year, its value, and what it says of it.
    pub(crate) fn push_there(&mut self, at: usize, value: Decimal, attributes: &Attributes) {
        if let Some((_, adding)) = &mut self.year {
            adding.push(at, value, attributes);
        }
    }

    fn year(&mut self, year: u16) -> (&mut Adding, Option<Ended>) {
        let ended = match &self.year {
            Some((of, _)) if *of == year => None,
            _ => self.finish(),
        };
        let (_, adding) = self.year.get_or_insert_with(|| {
            let asked = ADDED.map(|[by_month, _]| by_month.asked());
            (year, Adding::of(&asked))
        });
        (adding, ended)
    }

    /// The last year.
    pub(crate) fn finish(&mut self) -> Option<Ended> {
        self.year.take().map(|(year, adding)| Ended(year, adding))
    }
}

/// `None` where sums say less than the rows, or have no room: then the rows are added up, who is told what is wrong.
pub(super) fn of_year(year: u16, adding: Adding) -> Option<OfYear> {
    let (cells, detail) = adding.finish().ok()?;
    let annual = Period::of_year(year)?;
    let cells: Vec<_> = cells.collect();
    let mut in_order: Vec<&_> = cells.iter().collect();
    in_order.sort_unstable_by(|(_, a, _), (_, b, _)| a.cmp(b));
    let mut kept = OfYear::new();
    for (question, cell, levels) in in_order {
        let detail: Bits = detail.get(&cell.group()).copied().unwrap_or_default();
        // A sum of a year does not say which months of a group there are.
        if !cell.is_added_up() {
            return None;
        }
        let [by_month, by_year] = ADDED[*question];
        let mut sum: Option<Exact> = None;
        for (at, level) in levels.iter().enumerate() {
            let Some(level) = *level else { continue };
            // What is observed of a month without detail, and of quarters and years, is told from nothing else.
            if (detail & MONTHS) >> at & 1 == 0 {
                return None;
            }
            sum = Some(sum.map_or(Some(level), |sum| sum.plus(level))?);
            let month = Period::of_month(year, u8::try_from(at.checked_sub(4)?).ok()?)?;
            let of_months = kept.entry(by_month).or_default();
            of_months.push(row(cell.clone(), month, level)?);
        }
        if let Some(sum) = sum {
            let of_years = kept.entry(by_year).or_default();
            of_years.push(row(cell.clone(), annual, sum)?);
        }
    }
    Some(kept)
}

/// `None` where the value has more decimals than are stored.
pub(super) fn row(cell: CellKey, period: Period, level: Exact) -> Option<Observation> {
    let level = level.level().ok()?;
    let most = u32::from(SCALE.unsigned_abs());
    if level.decimals > most || level.value.is_some_and(|value| value.scale() > most) {
        return None;
    }
    Some(Observation {
        key: FigureKey {
            item: cell.item,
            ref_area: cell.area,
            activity: Code::total(),
            product: cell.product,
            counterpart_area: cell.partner,
            concept: cell.concept,
            indicator: Indicator::Level,
            period: period.into(),
        },
        value: level.value,
        decimals: level.decimals,
        unit_mult: 6,
        status: level.status,
        conf: Default::default(),
    })
}

/// The files that sums go into, one of each kind.
pub(crate) struct Files {
    release: Release,
    folder: String,
    files: BTreeMap<Kind, (Vec<Row>, Option<Encoder>)>,
    /// What other releases hold of the years, and who reads it.
    held: BTreeMap<u16, Held>,
    handle: Handle,
    years: Vec<u16>,
    with_others: Vec<u16>,
}

/// The files of sums, and of which years they are.
#[derive(Default)]
pub(crate) struct Kept {
    pub(crate) files: Vec<Encoded>,
    /// All of them.
    pub(crate) years: Vec<u16>,
    /// Those whose sums by year are of what other releases hold, too.
    pub(crate) with_others: Vec<u16>,
}

impl Files {
    pub(crate) fn of(
        release: &Release,
        folder: String,
        held: BTreeMap<u16, Held>,
        handle: Handle,
    ) -> Self {
        Self {
            release: release.clone(),
            folder,
            files: BTreeMap::new(),
            held,
            handle,
            years: vec![],
            with_others: vec![],
        }
    }

    /// Takes the sums of a year.
    pub(crate) fn take(&mut self, year: u16, mut sums: OfYear) -> Result<(), LakeError> {
        if sums.is_empty() {
            return Ok(());
        }
        self.years.push(year);
        if let Some(held) = self.held.remove(&year) {
            let added = self.handle.block_on(held.added())?;
            if let Some(all) = added.and_then(|added| added.with(year, &sums)) {
                sums.extend(all);
                self.with_others.push(year);
            }
        }
        for (kind, sums) in sums {
            let (rows, file) = self.files.entry(kind).or_default();
            for sum in sums {
                let is_same = |row: &Row| {
                    let key = row.key();
                    (key.item, key.ref_area) == (sum.key.item, sum.key.ref_area)
                };
                // A group of one item and area is found by what the footer says of it.
                if rows.len() >= LEAST_OF_GROUP && !rows.last().is_some_and(is_same) {
                    group(&self.release, rows, file)?;
                }
                rows.push(Row::There(sum));
            }
            if rows.len() >= LEAST_OF_GROUP {
                group(&self.release, rows, file)?;
            }
        }
        Ok(())
    }

    /// The files, whole.
    pub(crate) fn finish(self) -> Result<Kept, LakeError> {
        let mut files = vec![];
        for (kind, (mut rows, mut file)) in self.files {
            group(&self.release, &mut rows, &mut file)?;
            if let Some(file) = file {
                files.push(file.finish(&self.folder)?.of_sums(kind));
            }
        }
        Ok(Kept {
            files,
            years: self.years,
            with_others: self.with_others,
        })
    }
}

fn group(
    release: &Release,
    rows: &mut Vec<Row>,
    file: &mut Option<Encoder>,
) -> Result<(), LakeError> {
    if rows.is_empty() {
        return Ok(());
    }
    let group = Group::of(Content::Sum, release, rows)?;
    rows.clear();
    match file {
        Some(file) => file.group(&group),
        None => {
            *file = Some(Encoder::begin(Content::Sum, &group, None)?);
            Ok(())
        }
    }
}
