//! `contributions`: what each product, partner, activity or region adds to the growth of a flow.

use regtrade_proto::v1;

use crate::args::{ContributionsArgs, Format};
use crate::client::{self, Client, TIMEOUT, language};
use crate::exit::Exit;
use crate::output::{print, say};
use crate::render::contributions::{Contributions, tables, text_csv, text_json};

/// Shows contributions.
///
/// # Errors
/// Where no release is visible, the detail is not there, or the gateway does not answer.
pub async fn run(args: &ContributionsArgs) -> Result<(), Exit> {
    let client = Client::new(&args.client, TIMEOUT)?;
    show(&client, args).await
}

/// Asks for contributions, and shows them.
///
/// # Errors
/// As of [`run`].
pub async fn show(client: &Client, args: &ContributionsArgs) -> Result<(), Exit> {
    let code = |code: &Option<regtrade_model::Code>| {
        code.as_ref().map(ToString::to_string).unwrap_or_default()
    };
    let question = client.request(v1::ListContributionsRequest {
        dataflow: v1::Dataflow::from(args.dataflow).into(),
        as_of: Some(v1::AsOf::from(&args.vintage.as_of())),
        by: v1::Breakdown::from(args.by).into(),
        items: args.items.iter().map(ToString::to_string).collect(),
        ref_areas: args.areas.iter().map(ToString::to_string).collect(),
        from: args.from.to_string(),
        to: args.to.to_string(),
        method: v1::ContributionMethod::from(args.method).into(),
        level: args.level.clone().unwrap_or_default(),
        top: args.top.unwrap_or(0),
        concept: args.concept.map(|one| one.to_string()).unwrap_or_default(),
        language: language(args.lang),
        activity: code(&args.activity),
        product: code(&args.product),
        counterpart_area: code(&args.partner),
        decimals: args.decimals,
    });
    let answer = client
        .wait(client.indicators().list_contributions(question))
        .await?;
    let (caveats, uncertain) = (answer.caveats, answer.uncertain);
    let shown = Contributions {
        about: client::answer(answer.release, vec![], caveats, uncertain)?,
        sets: answer.sets,
    };
    for doubt in shown.about.doubts() {
        say(&doubt);
    }
    print(&match args.client.output.format {
        Format::Table => tables(&shown, args)?,
        Format::Csv => text_csv(&shown, args)?,
        Format::Json => text_json(&shown, args.by)?,
    })
}
