//! Contributions and structure indicators as the service answers them.

use regtrade_lake::Submission;
use regtrade_model::Dataflow;
use regtrade_proto::v1::{self, indicator_service_server::IndicatorService as _};
use tonic_types::StatusExt as _;

use super::support::*;

fn services() -> Submission {
    let year = |year: &str, values: [&str; 6]| {
        let cells = [
            "P62.BE2",
            "P62.BE2..SC",
            "P62.BE2..SJ",
            "P62.BE2..SJ2",
            "P62.BE2...HR",
            "P62.BE2...FR",
        ];
        cells
            .into_iter()
            .zip(values)
            .map(|(cell, value)| observation(cell, year, value))
            .collect::<Vec<_>>()
    };
    let mut levels = year("2022", ["100.0", "40.0", "50.0", "20.0", "8.0", "70.0"]);
    levels.extend(year(
        "2023",
        ["120.0", "45.0", "60.0", "25.0", "9.0", "72.0"],
    ));
    levels.push(observation("P62.BE", "2022", "400.0"));
    levels.push(observation("P62.BE", "2023", "400.0"));
    levels.push(observation("P62.BE..SJ", "2023", "100.0"));
    submission(Dataflow::Regtrd, 1, levels)
}

fn shown(set: &v1::ContributionSet) -> Vec<String> {
    let all = set
        .parts
        .iter()
        .map(|part| format!("{} {}", part.code, contributed(part)));
    all.collect()
}

#[tokio::test]
async fn services_by_type_come_with_labels_levels_and_years() {
    let release = services();
    let reader = reader(std::slice::from_ref(&release)).await;
    let asked = v1::ListContributionsRequest {
        language: v1::Language::Fr.into(),
        ..contributions_of(&release, v1::Breakdown::Product, "P62", "BE2")
    };
    let answer = reader
        .list_contributions(public(asked.clone()))
        .await
        .unwrap()
        .into_inner();
    let set = &answer.sets[0];
    assert_eq!(
        shown(set),
        ["SJ 10.00", "SC 5.00"],
        "one level of the list, the highest"
    );
    assert_eq!(contributed(set.total.as_ref().unwrap()), "20.00");
    assert_eq!(contributed(set.uncovered.as_ref().unwrap()), "5.00");
    assert_eq!(
        (set.unit.as_str(), set.decimals, set.rounding.as_str()),
        ("PP", 2, "0.00")
    );
    assert_eq!(set.parts[1].label, "Transport");
    assert_eq!(
        (
            set.parts[1].from_level.as_str(),
            set.parts[1].to_level.as_str()
        ),
        ("40", "45")
    );
    assert_eq!(set.parts[1].years[0].period, "2023");
    assert!(
        answer
            .caveats
            .iter()
            .any(|caveat| caveat.text.starts_with("Valeurs nominales"))
    );
    let deeper = v1::ListContributionsRequest {
        level: "EBOPS2".to_owned(),
        ..asked
    };
    let answer = reader
        .list_contributions(public(deeper))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(shown(&answer.sets[0]), ["SJ2 5.00"]);
}

#[tokio::test]
async fn a_country_that_joins_the_euro_area_moves_and_is_named() {
    let release = services();
    let reader = reader(std::slice::from_ref(&release)).await;
    let asked = contributions_of(&release, v1::Breakdown::PartnerGroup, "P62", "BE2");
    let answer = reader
        .list_contributions(public(asked))
        .await
        .unwrap()
        .into_inner();
    let set = &answer.sets[0];
    // 2022: FR 70; 2023: FR 72 and HR 9. Outside the euro area is nobody in 2023.
    assert_eq!(shown(set), ["U2 11.00", "B6_X_U2 NOT_COVERED"]);
    assert_eq!(contributed(set.uncovered.as_ref().unwrap()), "9.00");
    assert_eq!(set.notes[0], "Euro area, 2023: joined by Croatia");
}

#[tokio::test]
async fn regions_add_up_to_their_country_and_nets_change_by_euro() {
    let level = |cell: &str, year: &str, value: &str| observation(cell, year, value);
    let release = submission(
        Dataflow::Regtrd,
        1,
        vec![
            level("P61.BE", "2022", "30.0"),
            level("P61.BE", "2023", "36.0"),
            level("P61.BE1", "2022", "10.0"),
            level("P61.BE1", "2023", "16.0"),
            level("P61.BE2", "2022", "20.0"),
            level("P61.BE2", "2023", "20.0"),
            level("P71.BE", "2022", "40.0"),
            level("P71.BE", "2023", "41.0"),
            level("P71.BE1", "2022", "20.0"),
            level("P71.BE1", "2023", "15.0"),
            level("P71.BE2", "2022", "20.0"),
            level("P71.BE2", "2023", "26.0"),
        ],
    );
    let reader = reader(std::slice::from_ref(&release)).await;
    let mut asked = contributions_of(&release, v1::Breakdown::Region, "P61", "BE");
    asked.items.push("B111".to_owned());
    let answer = reader
        .list_contributions(public(asked))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(shown(&answer.sets[0]), ["BE1 20.00", "BE2 0.00"]);
    assert_eq!(
        contributed(answer.sets[0].uncovered.as_ref().unwrap()),
        "0.00"
    );
    let net = &answer.sets[1];
    assert_eq!((net.unit.as_str(), net.unit_mult), ("EUR", 6));
    assert_eq!(contributed(net.total.as_ref().unwrap()), "5.00");
    assert_eq!(shown(net), ["BE1 11.00", "BE2 -6.00"]);
    assert!(
        answer
            .caveats
            .iter()
            .any(|caveat| caveat.id == "NOT_A_BALANCE")
    );
}

#[tokio::test]
async fn a_field_that_is_wrong_is_named() {
    let release = services();
    let reader = reader(std::slice::from_ref(&release)).await;
    let good = || contributions_of(&release, v1::Breakdown::Product, "P62", "BE2");
    let text = |text: &str| text.to_owned();
    let cases: [(&str, v1::ListContributionsRequest); 9] = [
        ("by", v1::ListContributionsRequest { by: 0, ..good() }),
        (
            "items",
            v1::ListContributionsRequest {
                items: vec![],
                ..good()
            },
        ),
        (
            "items",
            v1::ListContributionsRequest {
                items: vec![text("P99")],
                ..good()
            },
        ),
        (
            "ref_areas",
            v1::ListContributionsRequest {
                ref_areas: vec![],
                ..good()
            },
        ),
        (
            "from",
            v1::ListContributionsRequest {
                from: text("2022-01"),
                ..good()
            },
        ),
        (
            "to",
            v1::ListContributionsRequest {
                to: text("2022"),
                ..good()
            },
        ),
        (
            "level",
            v1::ListContributionsRequest {
                level: text("A38"),
                ..good()
            },
        ),
        (
            "concept",
            v1::ListContributionsRequest {
                concept: text("NAT"),
                ..good()
            },
        ),
        (
            "decimals",
            v1::ListContributionsRequest {
                decimals: Some(11),
                ..good()
            },
        ),
    ];
    for (field, asked) in cases {
        let status = reader.list_contributions(public(asked)).await.unwrap_err();
        let violations = status
            .get_error_details()
            .bad_request()
            .unwrap()
            .field_violations
            .clone();
        assert_eq!(violations[0].field, field);
    }
}

#[tokio::test]
async fn structure_is_told_by_period_and_by_component() {
    let release = services();
    let reader = reader(std::slice::from_ref(&release)).await;
    let ask = async |indicator: v1::Indicator, item: &str| {
        let asked = v1::ListStructureIndicatorsRequest {
            as_of: as_of(&release),
            indicator: indicator.into(),
            by: v1::Breakdown::Product.into(),
            items: vec![item.to_owned()],
            ref_areas: vec!["BE2".to_owned()],
            from: "2023".to_owned(),
            ..Default::default()
        };
        let answer = reader
            .list_structure_indicators(public(asked))
            .await
            .unwrap()
            .into_inner();
        let shown =
            |figure: &v1::Figure| format!("{} {} {}", figure.product, figure.period, value(figure));
        answer.figures.iter().map(shown).collect::<Vec<_>>()
    };
    // (45/120)² + (60/120)², and the 15 that are in neither.
    assert_eq!(
        ask(v1::Indicator::Herfindahl, "P62").await,
        ["_T 2023 0.3906 to 0.4063"]
    );
    // 60 of 120 over 100 of 400; of transport the country has nothing.
    assert_eq!(
        ask(v1::Indicator::Rca, "P62").await,
        ["SC 2023 NOT_COVERED", "SJ 2023 2.00"]
    );
    assert_eq!(
        ask(v1::Indicator::Coverage, "P62").await,
        ["SC 2023 NOT_COVERED", "SJ 2023 NOT_COVERED"]
    );
    assert_eq!(
        ask(v1::Indicator::Rca, "P72").await,
        ["_T 2023 NOT_APPLICABLE"]
    );
}

#[tokio::test]
async fn a_year_of_monthly_data_is_the_sum_of_its_months() {
    let year = |year: u16, whole: &str, chapter: &str, months: u8| {
        let month = move |month: u8| {
            let period = format!("{year}-{month:02}");
            let chapter =
                (month <= months).then(|| observation("P61.BE2..87..COM", &period, chapter));
            [observation("P61.BE2....COM", &period, whole)]
                .into_iter()
                .chain(chapter)
        };
        (1..=12).flat_map(month).collect::<Vec<_>>()
    };
    let ask = async |months: u8| {
        let levels = [
            year(2022, "10.0", "4.0", 12),
            year(2023, "12.0", "5.0", months),
        ]
        .concat();
        let release = submission(Dataflow::Exttrade, 1, levels);
        let reader = reader(std::slice::from_ref(&release)).await;
        let asked = v1::ListContributionsRequest {
            dataflow: v1::Dataflow::Exttrade.into(),
            concept: "COM".to_owned(),
            ..contributions_of(&release, v1::Breakdown::Product, "P61", "BE2")
        };
        let answer = reader
            .list_contributions(public(asked))
            .await
            .unwrap()
            .into_inner();
        let set = answer.sets.into_iter().next().unwrap();
        (
            contributed(set.total.as_ref().unwrap()),
            shown(&set),
            set.concept,
        )
    };
    let whole = || ("20.00".to_owned(), "COM".to_owned());
    let (total, parts, concept) = ask(12).await;
    assert_eq!(
        ((total, concept), parts),
        (whole(), vec!["87 10.00".to_owned()])
    );
    let (total, parts, concept) = ask(11).await;
    assert_eq!(
        ((total, concept), parts),
        (whole(), vec!["87 MISSING".to_owned()])
    );
}

#[tokio::test]
async fn a_territory_is_not_added_to_the_country_that_it_lies_in() {
    let level = |cell: &str, year: &str, value: &str| observation(cell, year, value);
    let release = submission(
        Dataflow::Regtrd,
        1,
        vec![
            level("P62.BE2", "2022", "10.0"),
            level("P62.BE2", "2023", "12.0"),
            level("P62.BE2...FR", "2022", "10.0"),
            level("P62.BE2...FR", "2023", "12.0"),
            level("P62.BE2...RE", "2022", "1.0"),
            level("P62.BE2...RE", "2023", "2.0"),
            level("P62.BE2...U2", "2022", "10.0"),
            level("P62.BE2...U2", "2023", "12.0"),
        ],
    );
    let reader = reader(std::slice::from_ref(&release)).await;
    let asked = contributions_of(&release, v1::Breakdown::Partner, "P62", "BE2");
    let answer = reader
        .list_contributions(public(asked))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(shown(&answer.sets[0]), ["FR 20.00"]);
    assert_eq!(
        contributed(answer.sets[0].uncovered.as_ref().unwrap()),
        "0.00"
    );
}
