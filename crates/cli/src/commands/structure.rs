//! `structure`: how concentrated a flow is, in what an area is specialised, and how its components balance.

use regtrade_model::Period;
use regtrade_proto::v1;

use crate::args::{Format, StructureArgs};
use crate::client::{self, Client, TIMEOUT, language};
use crate::exit::Exit;
use crate::output::{print, say};
use crate::render::{csv, json, structure};

/// Shows structure indicators.
///
/// # Errors
/// Where no release is visible, the detail is not there, or the gateway does not answer.
pub async fn run(args: &StructureArgs) -> Result<(), Exit> {
    let client = Client::new(&args.client, TIMEOUT)?;
    let period = |period: Option<Period>| period.map(|one| one.to_string()).unwrap_or_default();
    let question = client.request(v1::ListStructureIndicatorsRequest {
        dataflow: v1::Dataflow::from(args.dataflow).into(),
        as_of: Some(v1::AsOf::from(&args.vintage.as_of())),
        indicator: v1::Indicator::from(args.indicator).into(),
        by: v1::Breakdown::from(args.by).into(),
        items: args.items.iter().map(ToString::to_string).collect(),
        ref_areas: args.areas.iter().map(ToString::to_string).collect(),
        from: period(args.from),
        to: period(args.to),
        level: args.level.clone().unwrap_or_default(),
        concept: args.concept.map(|one| one.to_string()).unwrap_or_default(),
        language: language(args.lang),
    });
    let answer = client
        .wait(client.indicators().list_structure_indicators(question))
        .await?;
    let (caveats, uncertain) = (answer.caveats, answer.uncertain);
    let answer = client::answer(answer.release, answer.figures, caveats, uncertain)?;
    for doubt in answer.doubts() {
        say(&doubt);
    }
    print(&match args.client.output.format {
        Format::Table => structure::table(&answer, args),
        Format::Csv => csv::figures(answer.release.dataflow, &answer.figures)?,
        Format::Json => json::text(&json::answer(&answer)),
    })
}
