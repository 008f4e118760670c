//! Code lists, and what vintages have of their codes.

use regtrade_model::Dataflow;
use regtrade_proto::v1::{self, catalogue_service_server::CatalogueService as _};

use super::support::*;

#[tokio::test]
async fn codes_come_with_what_the_vintage_has_of_them() {
    let first = submission(
        Dataflow::Regtrd,
        1,
        vec![
            observation("P62.BE2..SJ", "2022", "1.0"),
            observation("P62.BE2", "2022", "3.0c"),
        ],
    );
    let second = submission(
        Dataflow::Regtrd,
        2,
        vec![observation("P62.BE2..SJ", "2023", "2.0")],
    );
    let reader = reader(&[first.clone(), second.clone()]).await;
    let ask = async |as_of: Option<v1::AsOf>, code: &str| {
        let asked = v1::GetCodelistRequest {
            codelist: "CL_PRODUCT_SERVICES".to_owned(),
            as_of,
            ..Default::default()
        };
        let answer = reader
            .get_codelist(public(asked))
            .await
            .unwrap()
            .into_inner();
        let found = answer
            .codes
            .into_iter()
            .find(|entry| entry.code == code)
            .unwrap();
        (found.observations, found.first_period, found.last_period)
    };
    let text = |text: &str| text.to_owned();
    assert_eq!(
        ask(as_of(&second), "SJ").await,
        (2, text("2022"), text("2023"))
    );
    assert_eq!(
        ask(as_of(&first), "SJ").await,
        (1, text("2022"), text("2022")),
        "kept apart"
    );
    assert_eq!(
        ask(as_of(&second), "_T").await,
        (1, text("2022"), text("2022")),
        "hidden, and there"
    );
    assert_eq!(ask(as_of(&second), "SK").await, (0, text(""), text("")));
    assert_eq!(
        ask(None, "SJ").await,
        (0, text(""), text("")),
        "nothing is to be seen"
    );
}

#[tokio::test]
async fn pages_of_a_level_are_the_level() {
    let release = submission(
        Dataflow::Regtrd,
        1,
        vec![observation("P62.BE2", "2022", "1.0")],
    );
    let reader = reader(std::slice::from_ref(&release)).await;
    let (mut codes, mut page_token) = (vec![], String::new());
    loop {
        let asked = v1::GetCodelistRequest {
            codelist: "CL_ACTIVITY".to_owned(),
            as_of: as_of(&release),
            level: "A10".to_owned(),
            page_size: 4,
            page_token,
            ..Default::default()
        };
        let answer = reader
            .get_codelist(public(asked))
            .await
            .unwrap()
            .into_inner();
        codes.extend(answer.codes.into_iter().map(|entry| entry.code));
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(
        codes,
        ["A", "BTE", "F", "GTI", "J", "K", "L", "M_N", "OTQ", "RTU"]
    );
}

#[tokio::test]
async fn lists_are_named_and_others_are_not_there() {
    let reader = reader(&[]).await;
    let lists = reader
        .list_codelists(public(v1::ListCodelistsRequest {}))
        .await
        .unwrap();
    let lists = lists.into_inner().codelists;
    let areas = lists
        .iter()
        .find(|list| list.codelist == "CL_AREA")
        .unwrap();
    assert_eq!(areas.name.as_ref().unwrap().en, "Reference areas");
    assert!(areas.codes > 50);
    let ask = async |codelist: &str, level: &str| {
        let asked = v1::GetCodelistRequest {
            codelist: codelist.to_owned(),
            level: level.to_owned(),
            ..Default::default()
        };
        reader
            .get_codelist(public(asked))
            .await
            .map_err(|status| status.code())
    };
    assert_eq!(ask("CL_NONE", "").await.unwrap_err(), tonic::Code::NotFound);
    assert_eq!(
        ask("CL_AREA", "A10").await.unwrap_err(),
        tonic::Code::InvalidArgument
    );
    let groups = ask("CL_COUNTERPART_AREA", "GROUP")
        .await
        .unwrap()
        .into_inner();
    let euro_area = groups
        .codes
        .iter()
        .find(|entry| entry.code == "U2")
        .unwrap();
    let croatia = euro_area
        .members
        .iter()
        .find(|member| member.code == "HR")
        .unwrap();
    assert_eq!(
        (croatia.from.as_str(), croatia.to.as_str(), euro_area.memo),
        ("2023-01", "", true)
    );
}
