//! Structure indicators: decode, call, map, encode.

use regtrade_model::{Breakdown, Indicator};
use regtrade_proto::{InvalidField, v1};
use regtrade_service::{Failure, roles::Roles};

use super::{Reader, caveats_with, fields};
use crate::{
    error::of_field,
    structure::{Question, ask},
};

/// How concentrated flows are, and in what areas are specialised.
pub(super) async fn list(
    reader: &Reader,
    roles: &Roles,
    asked: v1::ListStructureIndicatorsRequest,
) -> Result<v1::ListStructureIndicatorsResponse, Failure> {
    let question = question(&asked).map_err(|error| of_field(&error))?;
    let language = asked.language_asked().map_err(|error| of_field(&error))?;
    fields::allowed(question.items.len() * question.areas.len(), reader.rows)?;
    let vintage = reader
        .vintage(roles, asked.dataflow_asked(), "as_of", asked.as_of_asked())
        .await?;
    let figures = ask(&vintage, &reader.stock, &question).await?;
    fields::allowed(figures.len(), reader.rows)?;
    Ok(v1::ListStructureIndicatorsResponse {
        figures: figures.iter().map(v1::Figure::from).collect(),
        caveats: caveats_with(&vintage, &question.items, language),
        uncertain: reader.all_shown(vintage.uncertain(), roles),
        release: Some(reader.shown(vintage.head(), roles)),
    })
}

fn question(asked: &v1::ListStructureIndicatorsRequest) -> Result<Question, InvalidField> {
    let (dataflow, by) = (asked.dataflow_asked()?, fields::by(asked.by)?);
    if by == Breakdown::Region {
        return Err(InvalidField::new("by", "must not be the region"));
    }
    let indicator = v1::Indicator::read("indicator", asked.indicator)?
        .filter(|indicator| {
            matches!(
                indicator,
                Indicator::Herfindahl | Indicator::Rca | Indicator::Coverage
            )
        })
        .ok_or_else(|| InvalidField::new("indicator", "must be herfindahl, rca or coverage"))?;
    let (items, areas) = fields::items_and_areas(&asked.items, &asked.ref_areas)?;
    Ok(Question {
        level: fields::level(dataflow, by, &items, &asked.level)?,
        indicator,
        by,
        items,
        areas,
        concept: fields::concept(dataflow, &asked.concept)?,
        from: fields::optional("from", &asked.from)?,
        to: fields::optional("to", &asked.to)?,
    })
}
