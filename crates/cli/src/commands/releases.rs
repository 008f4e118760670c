//! `releases`: the catalogue, the newest first.

use regtrade_model::Release;
use regtrade_proto::v1::{self, Dataflow, ReleaseState};

use crate::args::{Format, ReleasesArgs};
use crate::client::{Client, TIMEOUT, releases};
use crate::exit::Exit;
use crate::output::print;
use crate::render::{csv, json, published, table};

/// Lists the releases.
///
/// # Errors
/// Where the gateway does not answer.
pub async fn run(args: &ReleasesArgs) -> Result<(), Exit> {
    let client = Client::new(&args.client, TIMEOUT)?;
    let mut found: Vec<(Release, ReleaseState)> = vec![];
    let mut page_token = String::new();
    loop {
        let dataflow = args
            .dataflow
            .map_or(0, |dataflow| Dataflow::from(dataflow).into());
        let page;
        (page, page_token) = page_of(&client, dataflow, page_token, args.ingested).await?;
        found.extend(releases(page)?);
        if page_token.is_empty() {
            break;
        }
    }
    let rows = found
        .iter()
        .map(|(release, state)| csv::release(release, *state));
    print(&match args.client.output.format {
        Format::Table => {
            let rows = found.iter().map(|(release, state)| {
                let mut row = csv::release(release, *state);
                row[3] = published(release);
                row
            });
            table::plain(&csv::RELEASE_COLUMNS, rows)
        }
        Format::Csv => csv::write(Some(&csv::RELEASE_COLUMNS), rows)?,
        Format::Json => json::text(
            &found
                .iter()
                .map(|(release, state)| json::release(release, *state))
                .collect(),
        ),
    })
}

/// A page of the catalogue, or of what the write side has.
async fn page_of(
    client: &Client,
    dataflow: i32,
    page_token: String,
    ingested: bool,
) -> Result<(Vec<v1::Release>, String), Exit> {
    if ingested {
        let question = client.request(v1::ListIngestedReleasesRequest {
            dataflow,
            page_size: 0,
            page_token,
        });
        let page = client
            .wait(client.ingest().list_ingested_releases(question))
            .await?;
        return Ok((page.releases, page.next_page_token));
    }
    let question = client.request(v1::ListReleasesRequest {
        dataflow,
        page_size: 0,
        page_token,
    });
    let page = client
        .wait(client.catalogue().list_releases(question))
        .await?;
    Ok((page.releases, page.next_page_token))
}
