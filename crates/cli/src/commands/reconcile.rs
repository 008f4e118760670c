//! `reconcile`: national accounts and foreign-trade statistics side by side.

use regtrade_model::{AsOf, At, Period, ReleaseId};
use regtrade_proto::v1;

use crate::args::{Format, ReconcileArgs};
use crate::client::{Client, TIMEOUT, language, release, texts};
use crate::exit::Exit;
use crate::output::print;
use crate::render::reconcile::{Reconciled, table, text_csv, text_json};

/// Shows both statistics, their difference, and its causes.
///
/// # Errors
/// Where no release is visible, or the gateway does not answer.
pub async fn run(args: &ReconcileArgs) -> Result<(), Exit> {
    let client = Client::new(&args.client, TIMEOUT)?;
    let period = |period: Option<Period>| period.map(|one| one.to_string()).unwrap_or_default();
    let as_of = |release: &Option<ReleaseId>| {
        let at = match (release, args.as_of) {
            (Some(id), _) => At::Release(id.clone()),
            (None, Some(instant)) => At::PublishedBy(instant),
            (None, None) => At::Latest,
        };
        Some(v1::AsOf::from(&AsOf {
            at,
            known_at: None,
            seen_at: None,
        }))
    };
    let question = client.request(v1::ListReconciliationRequest {
        items: args.items.iter().map(ToString::to_string).collect(),
        ref_areas: args.areas.iter().map(ToString::to_string).collect(),
        from: period(args.from),
        to: period(args.to),
        regtrd_as_of: as_of(&args.regtrd_release),
        exttrade_as_of: as_of(&args.exttrade_release),
        concept: args.concept.map(|one| one.to_string()).unwrap_or_default(),
        language: language(args.lang),
    });
    let answer = client
        .wait(client.indicators().list_reconciliation(question))
        .await?;
    let shown = Reconciled {
        regtrd: answer.regtrd.map(|one| release(Some(one))).transpose()?,
        exttrade: answer.exttrade.map(|one| release(Some(one))).transpose()?,
        rows: answer.rows,
        causes: texts(answer.causes),
        caveats: texts(answer.caveats),
    };
    print(&match args.client.output.format {
        Format::Table => table(&shown, args.lang)?,
        Format::Csv => text_csv(&shown)?,
        Format::Json => text_json(&shown)?,
    })
}
