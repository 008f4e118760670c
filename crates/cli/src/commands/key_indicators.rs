//! `key-indicators`: the table of a release.

use regtrade_model::{AsOf, Dataflow, FigureValue, Language};
use regtrade_proto::v1;

use crate::args::{Format, KeyIndicatorsArgs};
use crate::client::{self, Client, TIMEOUT, language};
use crate::exit::Exit;
use crate::output::{print, say};
use crate::render::{Answer, csv, json, key_table::key_table};

/// Shows the key indicators.
///
/// # Errors
/// Where no release is visible, or the gateway does not answer.
pub async fn run(args: &KeyIndicatorsArgs) -> Result<(), Exit> {
    let client = Client::new(&args.client, TIMEOUT)?;
    let as_of = args.vintage.as_of();
    let answer = ask(&client, args.dataflow, &as_of, args.lang).await?;
    show(&answer, args.lang, args.client.output.format)
}

/// Asks for the key indicators.
///
/// # Errors
/// Where no release is visible, or the gateway does not answer.
pub async fn ask(
    client: &Client,
    dataflow: Dataflow,
    as_of: &AsOf,
    lang: Language,
) -> Result<Answer, Exit> {
    let question = client.request(v1::GetKeyIndicatorsRequest {
        dataflow: v1::Dataflow::from(dataflow).into(),
        as_of: Some(v1::AsOf::from(as_of)),
        language: language(lang),
        indicators: vec![],
    });
    let answer = client
        .wait(client.indicators().get_key_indicators(question))
        .await?;
    client::answer(
        answer.release,
        answer.figures,
        answer.caveats,
        answer.uncertain,
    )
}

/// Shows the key indicators.
///
/// # Errors
/// Where nobody reads them.
pub fn show(answer: &Answer, lang: Language, format: Format) -> Result<(), Exit> {
    for doubt in answer.doubts() {
        say(&doubt);
    }
    match format {
        Format::Table => print(&key_table(answer, lang)),
        Format::Json => print(&json::text(&json::answer(answer))),
        Format::Csv => {
            let text = csv::figures(answer.release.dataflow, &answer.figures)?;
            note_differences(answer);
            print(&text)
        }
    }
}

/// The columns of csv have no place for what was printed otherwise.
fn note_differences(answer: &Answer) {
    if let Some(accepted) = answer.accepted() {
        say(&accepted);
    }
    for figure in &answer.figures {
        if let (Some(print), FigureValue::Exact(value)) = (figure.print_differs, &figure.value) {
            say(&format!(
                "note: {} is computed as {value} and printed as {print}",
                figure.key
            ));
        }
    }
}
