//! `revisions`: what changed from one vintage to another, and how figures were revised over all of them.

use std::collections::BTreeMap;

use regtrade_model::{Decimal, Figure, FigureKey, Release, RevisionClass};
use regtrade_proto::v1::{self, ReleaseState};

use crate::args::{Format, RevisionsArgs};
use crate::client::{Client, TIMEOUT, release, unreadable};
use crate::exit::Exit;
use crate::output::print;
use crate::render::{csv, json, revision_rows as rows, revisions as tables};

/// What changed from one vintage to another.
pub struct Comparison {
    /// The earlier vintage.
    pub from: (Release, ReleaseState),
    /// The later vintage.
    pub to: (Release, ReleaseState),
    /// The cells.
    pub revisions: Vec<Revision>,
    /// How many cells there are of each class, shown or not.
    pub counts: BTreeMap<RevisionClass, u64>,
}

/// A figure in two vintages.
pub struct Revision {
    /// Which figure.
    pub key: FigureKey,
    /// As the earlier vintage has it.
    pub from: Option<Figure>,
    /// As the later vintage has it.
    pub to: Option<Figure>,
    /// Later less earlier.
    pub change: Option<Decimal>,
    /// Between which two values the true change lies.
    pub between: Option<(Decimal, Decimal)>,
    /// Of the earlier value.
    pub percent: Option<Decimal>,
    /// What became of it.
    pub class: RevisionClass,
}

/// How figures were revised.
pub struct Review {
    /// The vintages, the newest first.
    pub releases: Vec<(Release, ReleaseState)>,
    /// One for each figure.
    pub statistics: Vec<v1::RevisionStatistics>,
}

/// Shows revisions, or statistics of them.
///
/// # Errors
/// Where no release is as asked, or the gateway does not answer.
pub async fn run(args: &RevisionsArgs) -> Result<(), Exit> {
    let client = Client::new(&args.client, TIMEOUT)?;
    let format = args.client.output.format;
    if args.statistics {
        let review = review(&client, args).await?;
        return print(&match format {
            Format::Table => tables::statistics_table(&review, args.lang)?,
            Format::Csv => csv::write(
                Some(&rows::statistics_columns()),
                review.statistics.iter().map(rows::statistics),
            )?,
            Format::Json => json::text(&rows::review_json(&review)?),
        });
    }
    let comparison = compare(&client, args).await?;
    print(&match format {
        Format::Table => {
            let everything = args.all || !args.classes.is_empty();
            tables::revision_table(&comparison, everything, args.lang)
        }
        Format::Csv => csv::write(
            Some(&rows::revision_columns()),
            comparison.revisions.iter().map(rows::revision),
        )?,
        Format::Json => json::text(&rows::comparison_json(&comparison)),
    })
}

async fn compare(client: &Client, args: &RevisionsArgs) -> Result<Comparison, Exit> {
    let mut request = v1::ListRevisionsRequest {
        dataflow: v1::Dataflow::from(args.dataflow).into(),
        from: Some(v1::AsOf::from(&args.from())),
        to: Some(v1::AsOf::from(&args.to())),
        key: args.key.clone(),
        indicators: indicators(args),
        classes: args
            .classes
            .iter()
            .map(|class| v1::RevisionClass::from(*class).into())
            .collect(),
        page_size: 0,
        page_token: String::new(),
    };
    let mut found: Option<Comparison> = None;
    loop {
        let question = client.request(request.clone());
        let page = client
            .wait(client.indicators().list_revisions(question))
            .await?;
        let more = page.revisions.into_iter().map(read);
        let more = more.collect::<Result<Vec<_>, _>>()?;
        match &mut found {
            Some(found) => found.revisions.extend(more),
            None => {
                // The pages that follow are of these vintages, whatever is published or loaded in between.
                (request.from, request.to) = (page.from_as_of, page.to_as_of);
                let (from, to) = (release(page.from)?, release(page.to)?);
                found = Some(Comparison {
                    from,
                    to,
                    revisions: more,
                    counts: page.counts.iter().map(count).collect::<Result<_, _>>()?,
                });
            }
        }
        match found {
            Some(found) if page.next_page_token.is_empty() => return Ok(found),
            _ => request.page_token = page.next_page_token,
        }
    }
}

async fn review(client: &Client, args: &RevisionsArgs) -> Result<Review, Exit> {
    let mut request = v1::ListRevisionStatisticsRequest {
        dataflow: v1::Dataflow::from(args.dataflow).into(),
        as_of: Some(v1::AsOf::from(&args.latest())),
        key: args.key.clone(),
        indicators: indicators(args),
        page_size: 0,
        page_token: String::new(),
    };
    let mut found: Option<Review> = None;
    loop {
        let question = client.request(request.clone());
        let page = client
            .wait(client.indicators().list_revision_statistics(question))
            .await?;
        match &mut found {
            Some(found) => found.statistics.extend(page.statistics),
            None => {
                request.as_of = page.as_of;
                let releases = page.releases.into_iter().map(|wire| release(Some(wire)));
                let releases = releases.collect::<Result<Vec<_>, _>>()?;
                found = Some(Review {
                    releases,
                    statistics: page.statistics,
                });
            }
        }
        match found {
            Some(found) if page.next_page_token.is_empty() => return Ok(found),
            _ => request.page_token = page.next_page_token,
        }
    }
}

fn indicators(args: &RevisionsArgs) -> Vec<i32> {
    let wire = |indicator: &_| v1::Indicator::from(*indicator).into();
    args.indicators.iter().map(wire).collect()
}

fn count(wire: &v1::RevisionCount) -> Result<(RevisionClass, u64), Exit> {
    Ok((class(wire.class)?, wire.cells))
}

fn class(number: i32) -> Result<RevisionClass, Exit> {
    v1::RevisionClass::read("class", number)
        .map_err(unreadable)?
        .ok_or_else(|| unreadable("a revision has no class"))
}

fn read(wire: v1::Revision) -> Result<Revision, Exit> {
    let figure = |wire: Option<v1::Figure>| {
        let figure = wire.map(Figure::try_from).transpose();
        figure.map_err(unreadable)
    };
    let (from, to) = (figure(wire.from)?, figure(wire.to)?);
    let key = from.as_ref().or(to.as_ref()).map(|f| f.key.clone());
    Ok(Revision {
        key: key.ok_or_else(|| unreadable("a revision has no figure"))?,
        from,
        to,
        change: decimal(&wire.change)?,
        between: wire.change_between.as_ref().map(interval).transpose()?,
        percent: decimal(&wire.change_percent)?,
        class: class(wire.class)?,
    })
}

/// A number of an answer; none where it is empty.
///
/// # Errors
/// Where it is none.
pub fn decimal(text: &str) -> Result<Option<Decimal>, Exit> {
    let value = (!text.is_empty()).then(|| text.parse());
    value.transpose().map_err(unreadable)
}

/// An interval of an answer.
///
/// # Errors
/// Where its ends are no numbers.
pub fn interval(wire: &v1::Interval) -> Result<(Decimal, Decimal), Exit> {
    let end = |text: &str| text.parse().map_err(unreadable);
    Ok((end(&wire.lower)?, end(&wire.upper)?))
}
