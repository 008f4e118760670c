//! `observations`: levels by key and period, on screen or in a file.

use regtrade_proto::v1;

use crate::args::{Format, ObservationsArgs};
use crate::bulk;
use crate::client::{self, Client, TIMEOUT, figures, language};
use crate::exit::Exit;
use crate::files::{self, Kind};
use crate::output::{print, say};
use crate::render::{Answer, csv, json, table};

/// Shows levels, or writes them to a file.
///
/// # Errors
/// Where no release is visible, the gateway does not answer, or the file cannot be written.
pub async fn run(args: &ObservationsArgs) -> Result<(), Exit> {
    let client = Client::new(&args.client, TIMEOUT)?;
    let request = request(args);
    if let Some(path) = &args.file {
        let kind = args.kind.map_or_else(|| Kind::of(path), Ok)?;
        let rows = bulk::ask(&client, &request).await?;
        note(&rows.about);
        caveats(&rows.about);
        let release = rows.about.release.id.clone();
        let count = files::save(rows, kind, path).await?;
        say(&format!(
            "{count} figures of {release} in {}",
            path.display()
        ));
        return Ok(());
    }
    let answer = ask(&client, request).await?;
    note(&answer);
    let dataflow = answer.release.dataflow;
    print(&match args.client.output.format {
        Format::Table => {
            caveats(&answer);
            let rows = answer.figures.iter().map(|one| csv::figure(dataflow, one));
            table::plain(&csv::figure_columns(dataflow), rows)
        }
        Format::Csv => csv::figures(dataflow, &answer.figures)?,
        Format::Json => json::text(&json::answer(&answer)),
    })
}

fn note(answer: &Answer) {
    if let Some(accepted) = answer.accepted() {
        say(&accepted);
    }
    for doubt in answer.doubts() {
        say(&doubt);
    }
}

fn caveats(answer: &Answer) {
    for (_, caveat) in &answer.caveats {
        say(&format!("- {caveat}"));
    }
}

fn request(args: &ObservationsArgs) -> v1::ListObservationsRequest {
    let period = |period: Option<regtrade_model::Period>| {
        period.map(|period| period.to_string()).unwrap_or_default()
    };
    v1::ListObservationsRequest {
        dataflow: v1::Dataflow::from(args.dataflow).into(),
        as_of: Some(v1::AsOf::from(&args.vintage.as_of())),
        key: args.key.clone(),
        from: period(args.from),
        to: period(args.to),
        language: language(args.lang),
        page_size: 0,
        page_token: String::new(),
    }
}

/// All pages of an answer.
async fn ask(client: &Client, mut request: v1::ListObservationsRequest) -> Result<Answer, Exit> {
    let mut found: Option<Answer> = None;
    loop {
        let question = client.request(request.clone());
        let page = client
            .wait(client.indicators().list_observations(question))
            .await?;
        match &mut found {
            Some(found) => found.figures.extend(figures(page.figures)?),
            None => {
                // The pages that follow are of this vintage, whatever is published in between.
                request.as_of = page.as_of;
                let (caveats, uncertain) = (page.caveats, page.uncertain);
                let first = client::answer(page.release, page.figures, caveats, uncertain)?;
                found = Some(first);
            }
        }
        match found {
            Some(found) if page.next_page_token.is_empty() => return Ok(found),
            _ => request.page_token = page.next_page_token,
        }
    }
}
