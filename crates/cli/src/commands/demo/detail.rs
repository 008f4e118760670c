//! `demo --detail`: what the figures consist of, in synthetic data, and the three charts that a release draws of it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Parser as _;
use regtrade_model::{Dataflow, Figure, FigureValue, Item, Language, labels};
use regtrade_proto::v1::{self, Outcome, ReleaseHeader};
use regtrade_synth::{RegtrdOptions, regtrd};

use super::super::ingest::{Content, Upload, send};
use super::super::{contributions, synth};
use crate::args::{Cli, Command, DemoArgs, Format};
use crate::client::{self, Client, language};
use crate::exit::Exit;
use crate::output::{print, say};
use crate::render::{csv, json, numbers::plain, table};

/// Takes the synthetic release in beside the others, and shows the data of the three charts.
///
/// # Errors
/// Where it cannot be written or taken in, or a service fails.
pub async fn show(handing_in: &Client, client: &Client, args: &DemoArgs) -> Result<(), Exit> {
    say("making synthetic detail …");
    let folder = tempfile::tempdir()
        .map_err(|error| Exit::failed("no temporary folder for the detail", &error))?;
    let path = folder.path().join("synthetic-detail.csv");
    let rows = regtrd(&RegtrdOptions::default());
    synth::write(&path, false, Dataflow::Regtrd, rows)?;
    say("taking in the synthetic detail …");
    let header = ReleaseHeader {
        edition: "synthetic".into(),
        ..ReleaseHeader::default()
    };
    let file = tokio::fs::File::open(&path).await;
    let file = file.map_err(|error| Exit::file(&path, "cannot be read", &error))?;
    let upload = Upload {
        path: PathBuf::from("synthetic-detail.csv"),
        content: Content::File(file),
    };
    let taken = send(handing_in, header, vec![upload], false).await?;
    if taken.outcome == Outcome::Refused {
        return Err(Exit::Service("the synthetic detail is refused".into()));
    }
    let format = args.output.format;
    if format == Format::Table {
        print(&format!(
            "\n{}\n\n",
            table::bold(
                "SYNTHETIC DATA: all that follows was made up by a generator. Only its totals agree with the release of 2024."
            )
        ))?;
    } else {
        say("what follows is synthetic: it was made up by a generator");
    }
    flows(client, args).await?;
    for by in ["product", "partner-group"] {
        let line = format!(
            "regtrade contributions --by {by} --item P62+P72 --area BE1+BE2+BE3 --from 2019 --to 2024"
        );
        if let Ok(Command::Contributions(mut asked)) =
            Cli::try_parse_from(line.split(' ')).map(|cli| cli.command)
        {
            asked.lang = args.lang;
            asked.client.output = args.output;
            contributions::show(client, &asked).await?;
        }
    }
    Ok(())
}

/// Exports, imports and net exports of each region over time.
async fn flows(client: &Client, args: &DemoArgs) -> Result<(), Exit> {
    let question = client.request(v1::ListObservationsRequest {
        dataflow: v1::Dataflow::Regtrd.into(),
        key: "A.BE1+BE2+BE3.P6+P7+B11._T._T.W1".into(),
        language: language(args.lang),
        ..Default::default()
    });
    let page = client
        .wait(client.indicators().list_observations(question))
        .await?;
    let (caveats, uncertain) = (page.caveats, page.uncertain);
    let answer = client::answer(page.release, page.figures, caveats, uncertain)?;
    print(&match args.output.format {
        Format::Table => over_time(&answer.figures, args.lang),
        Format::Csv => csv::figures(Dataflow::Regtrd, &answer.figures)?,
        Format::Json => json::text(&json::answer(&answer)),
    })
}

/// A line for each flow and region, a column for each year.
fn over_time(figures: &[Figure], language: Language) -> String {
    let mut lines: BTreeMap<(Item, String), BTreeMap<String, String>> = BTreeMap::new();
    let mut years: Vec<String> = figures
        .iter()
        .map(|figure| figure.key.period.to_string())
        .collect();
    years.sort();
    years.dedup();
    for figure in figures {
        let key = &figure.key;
        let area = labels().area(&key.ref_area, language);
        if let FigureValue::Exact(value) = &figure.value {
            let line = lines.entry((key.item, area)).or_default();
            line.insert(key.period.to_string(), plain(*value, 1, language));
        }
    }
    let mut header = vec![String::new()];
    header.extend(years.iter().cloned());
    let rows = lines.into_iter().map(|((item, area), cells)| {
        let mut row = vec![format!("{}, {area}", labels().item(item, language))];
        let cell = |year| cells.get(year).cloned().unwrap_or_default();
        row.extend(years.iter().map(cell));
        row
    });
    format!("{}\n", table::aligned(&header, rows, 1))
}
