//! National accounts beside foreign-trade statistics.

use regtrade_lake::Submission;
use regtrade_model::Dataflow;
use regtrade_proto::v1::{self, indicator_service_server::IndicatorService as _};

use super::support::*;

fn months(year: &str, count: u8, value: &str) -> Vec<regtrade_model::Observation> {
    let month = |month| observation("P61.BE2....NAT", &format!("{year}-{month:02}"), value);
    (1..=count).map(month).collect()
}

fn releases() -> [Submission; 2] {
    let mut trade = months("2022", 12, "10.0");
    trade.extend(months("2023", 11, "10.0"));
    trade.extend(months("2024", 11, "10.0"));
    trade.push(observation("P61.BE2....NAT", "2024-12", "10.0c"));
    let accounts =
        ["2021", "2022", "2023", "2024"].map(|year| observation("P61.BE2", year, "90.0"));
    [
        submission(Dataflow::Regtrd, 1, accounts.into()),
        submission(Dataflow::Exttrade, 2, trade),
    ]
}

async fn ask(asked: v1::ListReconciliationRequest) -> v1::ListReconciliationResponse {
    let reader = reader(&releases()).await;
    reader
        .list_reconciliation(public(asked))
        .await
        .unwrap()
        .into_inner()
}

fn question() -> v1::ListReconciliationRequest {
    let [accounts, trade] = releases();
    v1::ListReconciliationRequest {
        items: vec!["P61".to_owned()],
        ref_areas: vec!["BE2".to_owned()],
        regtrd_as_of: as_of(&accounts),
        exttrade_as_of: as_of(&trade),
        ..Default::default()
    }
}

#[tokio::test]
async fn twelve_months_are_a_year_and_eleven_are_missing_one() {
    let answer = ask(question()).await;
    let rows: Vec<_> = answer
        .rows
        .iter()
        .map(|row| {
            let side = |figure: &Option<v1::Figure>| value(figure.as_ref().unwrap());
            (
                row.period.as_str(),
                side(&row.regtrd),
                side(&row.exttrade),
                row.months,
                row.difference.as_str(),
                row.difference_percent.as_str(),
            )
        })
        .collect();
    let text = |text: &str| text.to_owned();
    assert_eq!(
        rows,
        [
            ("2021", text("90.0"), text("NOT_COVERED"), 0, "", ""),
            ("2022", text("90.0"), text("120.0"), 12, "-30.0", "-25.0"),
            ("2023", text("90.0"), text("MISSING"), 11, "", ""),
            ("2024", text("90.0"), text("SUPPRESSED"), 12, "", ""),
        ]
    );
    assert!(answer.causes.iter().any(|cause| cause.id == "PROCESSING"));
    assert!(
        answer.rows.iter().all(|row| row.concept == "NAT"),
        "there is no other"
    );
    let ids: Vec<&str> = answer
        .caveats
        .iter()
        .map(|caveat| caveat.id.as_str())
        .collect();
    assert!(ids.contains(&"FOREIGN_ONLY") && ids.contains(&"CONCEPT"));
}

#[tokio::test]
async fn where_one_of_the_two_is_not_to_be_seen_the_other_stands_alone() {
    let answer = ask(v1::ListReconciliationRequest {
        exttrade_as_of: None,
        ..question()
    })
    .await;
    assert!(answer.exttrade.is_none() && answer.regtrd.is_some());
    assert_eq!(answer.rows.len(), 4 * 2, "of both concepts");
    assert!(
        answer
            .rows
            .iter()
            .all(|row| row.exttrade.is_none() && row.difference.is_empty())
    );
    let answer = ask(v1::ListReconciliationRequest {
        regtrd_as_of: None,
        ..question()
    })
    .await;
    assert!(answer.rows.iter().all(|row| row.regtrd.is_none()));
    assert_eq!(answer.rows.len(), 3);
}

#[tokio::test]
async fn services_are_not_in_foreign_trade_statistics() {
    let reader = reader(&releases()).await;
    let asked = v1::ListReconciliationRequest {
        items: vec!["P62".to_owned()],
        ..question()
    };
    let status = reader.list_reconciliation(public(asked)).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::InvalidArgument);
}
