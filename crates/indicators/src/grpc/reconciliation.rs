//! Reconciliation: decode, call, map, encode.

use regtrade_model::{Area, AsOf, Caveat, Dataflow, Item, Language, causes_of_difference};
use regtrade_proto::{InvalidField, v1};
use regtrade_service::{Failure, roles::Roles};

use super::{Reader, caveats_with, fields};
use crate::{
    error::of_field,
    reconciliation::{Question, Row, reconcile},
    vintage::Chosen,
};

/// National accounts and foreign-trade statistics side by side.
pub(super) async fn list(
    reader: &Reader,
    roles: &Roles,
    asked: v1::ListReconciliationRequest,
) -> Result<v1::ListReconciliationResponse, Failure> {
    let question = question(&asked).map_err(|error| of_field(&error))?;
    let language = asked.language_asked().map_err(|error| of_field(&error))?;
    let (regtrd, exttrade) = asked.vintages_asked().map_err(|error| of_field(&error))?;
    let named = |wire: &Option<v1::AsOf>, as_of: AsOf| wire.as_ref().map(|_| as_of);
    let regtrd = named(&asked.regtrd_as_of, regtrd);
    let regtrd = vintage(reader, roles, Dataflow::Regtrd, "regtrd_as_of", regtrd).await?;
    let exttrade = named(&asked.exttrade_as_of, exttrade);
    let exttrade = vintage(
        reader,
        roles,
        Dataflow::Exttrade,
        "exttrade_as_of",
        exttrade,
    )
    .await?;
    let rows = reconcile(regtrd.as_ref(), exttrade.as_ref(), &reader.stock, &question).await?;
    fields::allowed(rows.len(), reader.rows)?;
    let vintages = [&regtrd, &exttrade].into_iter().flatten();
    let shown = |of: &Option<Chosen>| of.as_ref().map(|of| reader.shown(of.head(), roles));
    Ok(v1::ListReconciliationResponse {
        regtrd: shown(&regtrd),
        exttrade: shown(&exttrade),
        rows: rows.iter().map(row).collect(),
        causes: causes_of_difference(&question.items)
            .map(|cause| caveat(cause, language))
            .collect(),
        caveats: vintages
            .flat_map(|vintage| caveats_with(vintage, &question.items, language))
            .collect(),
    })
}

/// The vintage of a dataflow; `None` where the caller may see none.
async fn vintage(
    reader: &Reader,
    roles: &Roles,
    dataflow: Dataflow,
    field: &str,
    as_of: Option<AsOf>,
) -> Result<Option<Chosen>, Failure> {
    match as_of {
        Some(as_of) => Ok(Some(
            reader
                .vintage(roles, Ok(dataflow), field, Ok(as_of))
                .await?,
        )),
        None => Ok(None),
    }
}

fn caveat(cause: &Caveat, language: Language) -> v1::Caveat {
    v1::Caveat {
        id: cause.id.clone(),
        text: cause.text(language).to_owned(),
    }
}

fn question(asked: &v1::ListReconciliationRequest) -> Result<Question, InvalidField> {
    let mut items: Vec<Item> = fields::codes("items", &asked.items)?;
    let goods = [Item::P61, Item::P71];
    if items.iter().any(|item| !goods.contains(item)) {
        let description = "must be P61 or P71: foreign-trade statistics are of goods";
        return Err(InvalidField::new("items", description));
    }
    if items.is_empty() {
        items = goods.into();
    }
    let mut areas: Vec<Area> = fields::codes("ref_areas", &asked.ref_areas)?;
    if areas.is_empty() {
        areas = vec![Area::BE1, Area::BE2, Area::BE3, Area::BE];
    }
    let year = |field: &str, text: &str| {
        (!text.is_empty())
            .then(|| fields::year(field, text))
            .transpose()
    };
    Ok(Question {
        items,
        areas,
        from: year("from", &asked.from)?,
        to: year("to", &asked.to)?,
        concept: fields::optional("concept", &asked.concept)?,
    })
}

fn row(row: &Row) -> v1::Reconciliation {
    v1::Reconciliation {
        item: row.item.to_string(),
        ref_area: row.area.to_string(),
        period: row.year.to_string(),
        concept: row.concept.to_string(),
        regtrd: row.regtrd.as_ref().map(v1::Figure::from),
        exttrade: row.exttrade.as_ref().map(v1::Figure::from),
        months: row.months,
        difference: fields::text(row.difference),
        difference_percent: fields::text(row.percent),
    }
}
