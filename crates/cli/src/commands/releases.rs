//! `releases`: the catalogue, the newest first.

use regtrade_model::Release;
use regtrade_proto::v1::{Dataflow, ListReleasesRequest, ReleaseState};

use crate::args::{Format, ReleasesArgs};
use crate::client::{Client, TIMEOUT, release};
use crate::exit::Exit;
use crate::output::print;
use crate::render::{csv, json, table};

/// Lists the releases.
///
/// # Errors
/// Where the gateway does not answer.
pub async fn run(args: &ReleasesArgs) -> Result<(), Exit> {
    let client = Client::new(&args.client, TIMEOUT)?;
    let mut found: Vec<(Release, ReleaseState)> = vec![];
    let mut page_token = String::new();
    loop {
        let question = client.request(ListReleasesRequest {
            dataflow: args
                .dataflow
                .map_or(0, |dataflow| Dataflow::from(dataflow).into()),
            page_size: 0,
            page_token,
        });
        let page = client
            .wait(client.catalogue().list_releases(question))
            .await?;
        for wire in page.releases {
            found.push(release(Some(wire))?);
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    let rows = found
        .iter()
        .map(|(release, state)| csv::release(release, *state));
    print(&match args.client.output.format {
        Format::Table => table::plain(&csv::RELEASE_COLUMNS, rows),
        Format::Csv => csv::write(Some(&csv::RELEASE_COLUMNS), rows)?,
        Format::Json => json::text(
            &found
                .iter()
                .map(|(release, state)| json::release(release, *state))
                .collect(),
        ),
    })
}
