//! Each reason why a figure has no value, as the service tells it.

use regtrade_model::{Dataflow, Indicator};
use regtrade_proto::v1::{
    self, catalogue_service_server::CatalogueService as _,
    indicator_service_server::IndicatorService as _,
};

use super::support::*;
use crate::grpc::Reader;

/// The growth of exports of goods from 2022 to 2023.
async fn growth(before: &str, after: &str) -> String {
    let release = submission(
        Dataflow::Regtrd,
        1,
        vec![
            observation("P61.BE2", "2022", before),
            observation("P61.BE2", "2023", after),
        ],
    );
    let reader = reader(std::slice::from_ref(&release)).await;
    let asked = v1::GetKeyIndicatorsRequest {
        as_of: as_of(&release),
        ..Default::default()
    };
    let answer = reader
        .get_key_indicators(public(asked))
        .await
        .unwrap()
        .into_inner();
    let growth: i32 = v1::Indicator::from(Indicator::Growth).into();
    value(
        answer
            .figures
            .iter()
            .find(|figure| figure.indicator == growth)
            .unwrap(),
    )
}

#[tokio::test]
async fn growth_from_nothing_has_a_base_of_zero() {
    assert_eq!(growth("0.0", "5.0").await, "BASE_ZERO");
    assert_eq!(growth("4.0", "5.0").await, "25.0");
}

#[tokio::test]
async fn growth_from_a_negative_level_has_a_negative_base() {
    assert_eq!(growth("-3.0", "5.0").await, "BASE_NEGATIVE");
}

#[tokio::test]
async fn what_has_no_value_is_missing() {
    assert_eq!(growth("", "5.0").await, "MISSING");
}

#[tokio::test]
async fn what_is_confidential_is_suppressed() {
    assert_eq!(growth("4.0c", "5.0").await, "SUPPRESSED");
}

async fn total(reader: &Reader, asked: v1::ListContributionsRequest) -> (String, String) {
    let answer = reader
        .list_contributions(public(asked))
        .await
        .unwrap()
        .into_inner();
    let set = &answer.sets[0];
    (
        contributed(set.total.as_ref().unwrap()),
        contributed(set.uncovered.as_ref().unwrap()),
    )
}

#[tokio::test]
async fn goods_and_services_together_have_no_products_and_a_region_has_no_regions() {
    let levels =
        ["2022", "2023"].map(|year| ["P6.BE2", "P6.BE"].map(|cell| observation(cell, year, "5.0")));
    let release = submission(Dataflow::Regtrd, 1, levels.into_iter().flatten().collect());
    let reader = reader(std::slice::from_ref(&release)).await;
    for (by, area) in [
        (v1::Breakdown::Product, "BE2"),
        (v1::Breakdown::Region, "BE2"),
    ] {
        let (total, uncovered) = total(&reader, contributions_of(&release, by, "P6", area)).await;
        assert_eq!(
            (total.as_str(), uncovered.as_str()),
            ("NOT_APPLICABLE", "NOT_APPLICABLE")
        );
    }
    // What could be broken down and is not in the data is not covered: neither the parts, nor the area.
    let asked = contributions_of(&release, v1::Breakdown::Activity, "P6", "BE2");
    assert_eq!(
        total(&reader, asked).await,
        ("0.00".to_owned(), "NOT_COVERED".to_owned())
    );
    let asked = contributions_of(&release, v1::Breakdown::Activity, "P6", "BE1");
    assert_eq!(total(&reader, asked).await.0, "NOT_COVERED");
}

#[tokio::test]
async fn a_release_that_only_prints_does_not_print_what_contributions_need() {
    let mut release = submission(
        Dataflow::Regtrd,
        1,
        vec![observation("P6.BE2", "2023", "5.0")],
    );
    release.observations.clear();
    release.published = vec![print("P6.BE2", Indicator::Level, "2023", "5.0")];
    let reader = reader(std::slice::from_ref(&release)).await;
    let asked = contributions_of(&release, v1::Breakdown::Activity, "P6", "BE2");
    assert_eq!(total(&reader, asked).await.0, "NOT_PRINTED");
    let asked = v1::GetReleaseRequest {
        release: release.release.id.to_string(),
    };
    assert!(reader.get_release(public(asked)).await.is_ok());
}
