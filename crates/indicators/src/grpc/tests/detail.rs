//! Sums of detail as the service answers them: of coarser products, of all partners, of years.

use regtrade_model::{Dataflow, Observation};
use regtrade_proto::v1::{self, indicator_service_server::IndicatorService as _};

use super::support::*;

/// Twelve months of each year, of the same values.
fn years(cells: &[(&str, &str, &str)]) -> Vec<Observation> {
    let months = |year: &'static str, at: usize| {
        let cells = cells.to_vec();
        (1..=12).flat_map(move |month| {
            let period = format!("{year}-{month:02}");
            let of_month = cells.clone().into_iter().map(move |cell| {
                let value = if at == 0 { cell.1 } else { cell.2 };
                observation(cell.0, &period, value)
            });
            of_month.collect::<Vec<_>>()
        })
    };
    months("2022", 0).chain(months("2023", 1)).collect()
}

/// Detail alone: Flemish exports and imports of three products.
fn detail() -> Vec<Observation> {
    let mut rows = years(&[
        ("P61.BE2..30021200.FR.NAT", "1.0", "2.0"),
        ("P61.BE2..30029000.DE.NAT", "2.5", "2.5"),
        ("P61.BE2..84011000.DE.NAT", "4.0", "3.5"),
        ("P71.BE2..30021200.US.NAT", "5.0", "5.0"),
    ]);
    // In one month alone.
    rows.push(observation("P61.BE2..84021000.IT.NAT", "2023-05", "1.2"));
    rows
}

async fn key_indicators(
    release: &Submission,
    change: impl Fn(v1::GetKeyIndicatorsRequest) -> v1::GetKeyIndicatorsRequest,
) -> Vec<String> {
    let reader = reader(std::slice::from_ref(release)).await;
    let asked = change(v1::GetKeyIndicatorsRequest {
        dataflow: v1::Dataflow::Exttrade.into(),
        as_of: as_of(release),
        ..Default::default()
    });
    let answer = reader.get_key_indicators(public(asked)).await.unwrap();
    let figures = answer.into_inner().figures.into_iter().map(|figure| {
        let indicator = v1::Indicator::try_from(figure.indicator).unwrap();
        let name = indicator.as_str_name().trim_start_matches("INDICATOR_");
        let value = value(&figure);
        format!(
            "{} {} {name} {} {value}",
            figure.item, figure.ref_area, figure.period
        )
    });
    figures.collect()
}

#[tokio::test]
async fn key_indicators_of_a_year_are_computed_from_the_detail_of_its_months() {
    let release = submission(Dataflow::Exttrade, 1, detail());
    let of_year = |asked| v1::GetKeyIndicatorsRequest {
        from: "2023".to_owned(),
        to: "2023".to_owned(),
        freq: "A".to_owned(),
        ..asked
    };
    assert_eq!(
        key_indicators(&release, of_year).await,
        [
            "P61 BE2 LEVEL 2023 97.2",
            "P61 BE2 GROWTH 2023 8.0",
            "P61 BE2 COVERAGE 2023 162.0",
            "P71 BE2 LEVEL 2023 60.0",
            "P71 BE2 GROWTH 2023 0.0",
            "B111 BE2 NET 2023 37.2",
        ]
    );
    let levels_of_months = |asked| v1::GetKeyIndicatorsRequest {
        from: "2023-04".to_owned(),
        to: "2023-05".to_owned(),
        indicators: vec![v1::Indicator::Level.into()],
        ..asked
    };
    assert_eq!(
        key_indicators(&release, levels_of_months).await,
        [
            "P61 BE2 LEVEL 2023-04 8.0",
            "P61 BE2 LEVEL 2023-05 9.2",
            "P71 BE2 LEVEL 2023-04 5.0",
            "P71 BE2 LEVEL 2023-05 5.0",
        ]
    );
}

#[tokio::test]
async fn periods_that_are_none_are_refused_by_their_field() {
    let release = submission(Dataflow::Exttrade, 1, detail());
    let reader = reader(std::slice::from_ref(&release)).await;
    for (from, to, freq, field) in [
        ("2023", "2022", "", "to"),
        ("soon", "", "", "from"),
        ("", "", "W", "freq"),
    ] {
        let asked = v1::GetKeyIndicatorsRequest {
            dataflow: v1::Dataflow::Exttrade.into(),
            as_of: as_of(&release),
            from: from.to_owned(),
            to: to.to_owned(),
            freq: freq.to_owned(),
            ..Default::default()
        };
        let refused = reader.get_key_indicators(public(asked)).await.unwrap_err();
        assert_eq!(refused.code(), tonic::Code::InvalidArgument);
        assert!(refused.message().contains(field), "{refused}");
    }
}

fn contributions(
    release: &Submission,
    by: v1::Breakdown,
    level: &str,
    product: &str,
) -> v1::ListContributionsRequest {
    v1::ListContributionsRequest {
        dataflow: v1::Dataflow::Exttrade.into(),
        concept: "NAT".to_owned(),
        level: level.to_owned(),
        product: product.to_owned(),
        method: v1::ContributionMethod::Simple.into(),
        ..contributions_of(release, by, "P61", "BE2")
    }
}

async fn shown(release: &Submission, asked: v1::ListContributionsRequest) -> (String, Vec<String>) {
    let reader = reader(std::slice::from_ref(release)).await;
    let answer = reader.list_contributions(public(asked)).await.unwrap();
    let set = answer.into_inner().sets.remove(0);
    let total = contributed(set.total.as_ref().unwrap());
    let parts = set.parts.iter();
    let parts = parts.map(|part| {
        let value = contributed(part);
        format!(
            "{} {} {} {value}",
            part.code, part.from_level, part.to_level
        )
    });
    (total, parts.collect())
}

#[tokio::test]
async fn contributions_go_down_to_headings_subheadings_and_single_products() {
    let release = submission(Dataflow::Exttrade, 1, detail());
    let ask = |by, level: &'static str, product: &'static str| {
        shown(&release, contributions(&release, by, level, product))
    };
    let by_product = v1::Breakdown::Product;
    let of_all = "8.00".to_owned();
    assert_eq!(
        ask(by_product, "", "").await,
        (
            of_all.clone(),
            vec!["30 42 54 13.33".to_owned(), "84 48 43.2 -5.33".to_owned()]
        )
    );
    assert_eq!(
        ask(by_product, "HS4", "").await.1,
        ["3002 42 54 13.33", "8401 48 42 -6.67", "8402 0 1.2 1.33"],
        "what was not traded in a year with detail is zero"
    );
    assert_eq!(
        ask(by_product, "HS6", "").await.1,
        [
            "300212 12 24 13.33",
            "840110 48 42 -6.67",
            "840210 0 1.2 1.33",
            "300290 30 30 0.00",
        ]
    );
    // Below a whole, the next level down is the one that is meant.
    assert_eq!(
        ask(by_product, "", "84").await,
        (
            "-10.00".to_owned(),
            vec!["8401 48 42 -12.50".to_owned(), "8402 0 1.2 2.50".to_owned()]
        )
    );
    assert_eq!(
        ask(by_product, "CN8", "3002").await.1,
        ["30021200 12 24 28.57", "30029000 30 30 0.00"]
    );
    assert_eq!(
        ask(v1::Breakdown::Partner, "", "").await,
        (
            of_all,
            vec![
                "FR 12 24 13.33".to_owned(),
                "DE 78 72 -6.67".to_owned(),
                "IT 0 1.2 1.33".to_owned(),
            ]
        )
    );
}

#[tokio::test]
async fn observed_sections_come_before_chapters_and_a_group_is_never_made_zero() {
    let mut rows = detail();
    for month in 1..=12 {
        for (key, year, value) in [
            ("P61.BE2..VI..NAT", "2022", "3.5"),
            ("P61.BE2..VI..NAT", "2023", "4.5"),
            ("P61.BE2...D6.NAT", "2023", "1.0"),
        ] {
            rows.push(observation(key, &format!("{year}-{month:02}"), value));
        }
    }
    let release = submission(Dataflow::Exttrade, 1, rows);
    let ask = |by| shown(&release, contributions(&release, by, "", ""));
    assert_eq!(ask(v1::Breakdown::Product).await.1, ["VI 42 54 13.33"]);
    let groups = ask(v1::Breakdown::PartnerGroup).await.1;
    assert!(groups.contains(&"D6  12 MISSING".to_owned()), "{groups:?}");
}

#[tokio::test]
async fn a_sum_with_a_hidden_part_is_hidden_from_the_public_and_no_other() {
    let mut rows = detail();
    let hidden = |row: &&mut Observation| {
        row.key.product.as_str() == "84011000" && row.key.period.to_string() == "2023-02"
    };
    for row in rows.iter_mut().filter(|row| hidden(row)) {
        row.conf = regtrade_model::ConfStatus::C;
    }
    let release = submission(Dataflow::Exttrade, 1, rows);
    let reader = reader(std::slice::from_ref(&release)).await;
    let asked = contributions(&release, v1::Breakdown::Product, "HS4", "");
    let parts = async |request| {
        let answer: v1::ListContributionsResponse = reader
            .list_contributions(request)
            .await
            .unwrap()
            .into_inner();
        let set = &answer.sets[0];
        let parts = set.parts.iter().map(contributed).collect::<Vec<_>>();
        (contributed(set.total.as_ref().unwrap()), parts)
    };
    let (total, seen) = parts(public(asked.clone())).await;
    assert_eq!(total, "SUPPRESSED");
    assert!(seen.iter().all(|part| part == "SUPPRESSED"), "{seen:?}");
    let (total, seen) = parts(trusted(asked)).await;
    assert_eq!((total.as_str(), seen.len()), ("8.00", 3));
    let levels = |asked| v1::GetKeyIndicatorsRequest {
        from: "2023-01".to_owned(),
        to: "2023-03".to_owned(),
        indicators: vec![v1::Indicator::Level.into()],
        ..asked
    };
    assert_eq!(
        key_indicators(&release, levels).await[..3],
        [
            "P61 BE2 LEVEL 2023-01 8.0",
            "P61 BE2 LEVEL 2023-02 SUPPRESSED",
            "P61 BE2 LEVEL 2023-03 8.0",
        ]
    );
}
