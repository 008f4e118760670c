//! Keys: from the cells of a row to the key that it names, or the part of one.

use regtrade_model::{Code, Concept, Dataflow, FigureKey, Indicator, Item, Kind, Side};

use crate::{
    Rule,
    issue::{Issues, shown},
    mapping::{
        codes::{described, is_item_of},
        target::Target,
    },
};

use super::{
    PartialKey,
    cells::{Cells, Reported},
    row::Rows,
};

const DIMENSIONS: [Target; 8] = [
    Target::Freq,
    Target::RefArea,
    Target::Item,
    Target::Activity,
    Target::Product,
    Target::CounterpartArea,
    Target::Concept,
    Target::TimePeriod,
];

impl Rows {
    /// The key of the observation that a row names.
    pub(super) fn key(
        &mut self,
        cells: &Cells<'_>,
        issues: &mut Issues,
    ) -> Result<FigureKey, Reported> {
        let mut is_whole = true;
        for target in DIMENSIONS {
            if target.is_of(cells.dataflow) {
                is_whole &= self.needs_dimension(target, cells, issues).is_ok();
            }
        }
        let partial = self.dimensions(cells, true, issues)?;
        let (true, Some(item), Some(ref_area), Some(period)) =
            (is_whole, partial.item, partial.ref_area, partial.period)
        else {
            return Err(Reported);
        };
        Ok(FigureKey {
            item,
            ref_area,
            activity: partial.activity.unwrap_or_else(Code::total),
            product: partial.product.unwrap_or_else(Code::total),
            counterpart_area: partial.counterpart_area.unwrap_or_else(Code::world),
            indicator: Indicator::Level,
            concept: partial.concept,
            period: period.into(),
        })
    }

    /// The dimensions that a row gives; a cell that is empty or `*` gives none. In a row that has to name its observation, a
    /// column that is not there gives the constant of the dataflow; in one that deletes it does where the dataflow never has
    /// that column.
    pub(super) fn dimensions(
        &mut self,
        cells: &Cells<'_>,
        is_whole: bool,
        issues: &mut Issues,
    ) -> Result<PartialKey, Reported> {
        let text = |target: Target, issues: &mut Issues| {
            let text = cells.text(target, issues)?;
            let holds = is_whole || !cells.mapping.is_given(target);
            let constant = || cells.constant(target).filter(|_| holds);
            Ok(text.or_else(constant).filter(|text| *text != "*"))
        };
        let period = cells.period(issues);
        let dataflow = cells.dataflow;
        let ref_area = text(Target::RefArea, issues).and_then(|text| {
            let area = |text| self.codes.area(dataflow, text).ok_or(text);
            known(text.map(area), Target::RefArea, cells, issues)
        });
        let item = text(Target::Item, issues).and_then(|text| item(text, cells, issues));
        let kind = item.as_ref().ok().copied().flatten().map(Item::kind);
        let mut code = |target, kind: Option<Kind>| {
            let text = text(target, issues)?;
            let code = |text| self.codes.code(dataflow, target, kind, text).ok_or(text);
            known(text.map(code), target, cells, issues)
        };
        let activity = code(Target::Activity, None);
        // Without its item a product can be of goods or of services.
        let kind = kind.or((dataflow == Dataflow::Exttrade).then_some(Kind::Goods));
        let product = match item.is_ok() {
            true => code(
                Target::Product,
                kind.filter(|_| is_whole || dataflow == Dataflow::Exttrade),
            ),
            false => code(Target::Product, None),
        };
        let counterpart_area = code(Target::CounterpartArea, None);
        let concept = match dataflow.has_concept() {
            true => concept(cells, is_whole, issues),
            false => Ok(None),
        };
        Ok(PartialKey {
            item: item?,
            ref_area: ref_area?,
            activity: activity?,
            product: product?,
            counterpart_area: counterpart_area?,
            concept: concept?,
            period: period?,
        })
    }

    /// That a row which does not delete has a dimension; one of those that have a constant need not have a column.
    pub(super) fn needs_dimension(
        &mut self,
        target: Target,
        cells: &Cells<'_>,
        issues: &mut Issues,
    ) -> Result<(), Reported> {
        if !cells.has_column(target) && (self.has_columns || cells.constant(target).is_some()) {
            return self.needs_column(target, cells, issues);
        }
        if cells.is_given(target) && !cells.is_any(target) {
            return Ok(());
        }
        Err(cells.report(target, Rule::DimensionMissing, issues, |_| {
            let total = match target {
                Target::Activity | Target::Product => "; write _T for all together",
                Target::CounterpartArea => "; write W1 for the world",
                _ => "",
            };
            format!(
                "the row names no {}; only a row that deletes can leave it open{total}",
                cells.name(target)
            )
        }))
    }

    /// That the file has a column, or the dataflow a constant; reported once. A message in XML or JSON need not name a
    /// component that none of its rows has something in.
    pub(super) fn needs_column(
        &mut self,
        target: Target,
        cells: &Cells<'_>,
        issues: &mut Issues,
    ) -> Result<(), Reported> {
        if !self.has_columns || cells.has_column(target) || cells.constant(target).is_some() {
            return Ok(());
        }
        if self.missing.insert(target) {
            issues.report(self.end, Rule::ColumnMissing, "", || {
                let why = match target {
                    Target::UnitMult => ": without it a value could be euro or millions of euro",
                    _ => "",
                };
                format!("the file has no column {}{why}; add it", cells.name(target))
            });
        }
        Err(Reported)
    }
}

/// A code of a list, or an issue of the text that is none.
fn known<T>(
    read: Option<Result<T, &str>>,
    target: Target,
    cells: &Cells<'_>,
    issues: &mut Issues,
) -> Result<Option<T>, Reported> {
    read.transpose().map_err(|text| {
        cells.report(target, Rule::CodeUnknown, issues, |_| {
            format!(
                "{} ‘{}’ is not {}",
                cells.name(target),
                shown(text),
                described(target, cells.dataflow)
            )
        })
    })
}

fn item(
    text: Option<&str>,
    cells: &Cells<'_>,
    issues: &mut Issues,
) -> Result<Option<Item>, Reported> {
    let Some(text) = text else { return Ok(None) };
    match text.parse::<Item>() {
        Ok(item) if item.side() == Side::Net => {
            Err(cells.report(Target::Item, Rule::ItemDerived, issues, |found| {
                format!("‘{found}’ is a balance, which is computed from exports and imports; hand in those")
            }))
        }
        Ok(item) if is_item_of(cells.dataflow, item) => Ok(Some(item)),
        _ => known(Some(Err(text)), Target::Item, cells, issues),
    }
}

fn concept(
    cells: &Cells<'_>,
    is_whole: bool,
    issues: &mut Issues,
) -> Result<Option<Concept>, Reported> {
    let text = cells.text(Target::Concept, issues)?;
    let holds = is_whole || !cells.mapping.is_given(Target::Concept);
    let text = text.or_else(|| cells.constant(Target::Concept).filter(|_| holds));
    let read = text
        .filter(|text| *text != "*")
        .map(|text| text.parse().map_err(|_| text));
    known(read, Target::Concept, cells, issues)
}
