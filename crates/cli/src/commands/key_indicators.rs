//! `key-indicators`: the table of a release.

use regtrade_model::{FigureValue, Language, Period};
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
    let text = |period: Option<Period>| period.map(|p| p.to_string()).unwrap_or_default();
    let question = v1::GetKeyIndicatorsRequest {
        dataflow: v1::Dataflow::from(args.dataflow).into(),
        as_of: Some(v1::AsOf::from(&args.vintage.as_of())),
        language: language(args.lang),
        indicators: vec![],
        from: text(args.from),
        to: text(args.to),
        freq: args.freq.clone().unwrap_or_default(),
    };
    let answer = ask(&client, question).await?;
    show(&answer, args.lang, args.client.output.format)
}

/// Asks for the key indicators.
///
/// # Errors
/// Where no release is visible, or the gateway does not answer.
pub async fn ask(client: &Client, question: v1::GetKeyIndicatorsRequest) -> Result<Answer, Exit> {
    let question = client.request(question);
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
