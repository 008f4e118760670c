//! That no answer to the public depends on what is hidden from it: the same calls in two worlds that differ in the
//! hidden values alone.

mod worlds;

use std::collections::{BTreeMap, BTreeSet};

use regtrade_model::{Dataflow, Indicator, PublishedFigure};
use regtrade_proto::v1::{
    self, catalogue_service_server::CatalogueService as _,
    indicator_service_server::IndicatorService as _,
};
use tonic::Request;

use super::support::*;
use crate::grpc::Reader;
use worlds::*;

/// What each call answers, by the name of the call.
async fn answers(world: &[Submission; 3], public_calls: bool) -> BTreeMap<String, String> {
    let reader = reader(world).await;
    let mut asking = Asking {
        reader,
        public_calls,
        found: BTreeMap::new(),
    };
    let [first, second, trade] = world;
    asking.catalogue(world).await;
    for (at, release) in [first, second].into_iter().enumerate() {
        asking.figures(at, release).await;
        asking.parts(at, release).await;
    }
    asking.comparisons(first, second, trade).await;
    asking.found
}

struct Asking {
    reader: Reader,
    public_calls: bool,
    found: BTreeMap<String, String>,
}

macro_rules! ask {
    ($self:ident, $call:ident, $name:expr, $message:expr) => {
        let answer = $self
            .reader
            .$call($self.request($message))
            .await
            .unwrap()
            .into_inner();
        $self.found.insert(
            format!("{} {}", stringify!($call), $name),
            format!("{answer:?}"),
        );
    };
}

impl Asking {
    fn request<T>(&self, message: T) -> Request<T> {
        if self.public_calls {
            public(message)
        } else {
            trusted(message)
        }
    }

    async fn catalogue(&mut self, world: &[Submission; 3]) {
        ask!(self, list_releases, "", v1::ListReleasesRequest::default());
        for (at, release) in world.iter().enumerate() {
            let id = release.release.id.to_string();
            ask!(self, get_release, at, v1::GetReleaseRequest { release: id });
            for codelist in [
                "CL_AREA",
                "CL_PRODUCT_GOODS",
                "CL_OBS_STATUS",
                "CL_CONF_STATUS",
            ] {
                let asked = v1::GetCodelistRequest {
                    codelist: codelist.to_owned(),
                    dataflow: v1::Dataflow::from(release.release.dataflow).into(),
                    as_of: as_of(release),
                    ..Default::default()
                };
                ask!(self, get_codelist, format!("{codelist} {at}"), asked);
            }
        }
    }

    async fn figures(&mut self, at: usize, release: &Submission) {
        let asked = v1::GetKeyIndicatorsRequest {
            as_of: as_of(release),
            ..Default::default()
        };
        ask!(self, get_key_indicators, at, asked);
        for key in ["", "A.BE2.P61", ".....W1", "..P6+P71._T._T.W1"] {
            let asked = v1::ListObservationsRequest {
                as_of: as_of(release),
                key: key.to_owned(),
                ..Default::default()
            };
            ask!(self, list_observations, format!("{key} {at}"), asked);
        }
    }

    async fn parts(&mut self, at: usize, release: &Submission) {
        use v1::{Breakdown, ContributionMethod, Indicator};
        let texts = |texts: &[&str]| {
            texts
                .iter()
                .map(|&text| text.to_owned())
                .collect::<Vec<_>>()
        };
        for by in [
            Breakdown::Product,
            Breakdown::Partner,
            Breakdown::PartnerGroup,
            Breakdown::Activity,
            Breakdown::Region,
        ] {
            for method in [
                ContributionMethod::CagrShare,
                ContributionMethod::MeanOfAnnual,
                ContributionMethod::Simple,
            ] {
                for top in [0, 1] {
                    let asked = v1::ListContributionsRequest {
                        items: texts(&["P6", "P61", "P62", "P71", "P72", "B11", "B111"]),
                        ref_areas: texts(&["BE1", "BE2", "BE3", "BE"]),
                        method: method.into(),
                        top,
                        ..contributions_of(release, by, "", "")
                    };
                    ask!(
                        self,
                        list_contributions,
                        format!("{by:?} {method:?} {top} {at}"),
                        asked
                    );
                }
            }
            for indicator in [Indicator::Herfindahl, Indicator::Rca, Indicator::Coverage] {
                if by == Breakdown::Region {
                    continue;
                }
                let asked = v1::ListStructureIndicatorsRequest {
                    as_of: as_of(release),
                    indicator: indicator.into(),
                    by: by.into(),
                    items: texts(&["P6", "P61", "P62", "P71", "P72"]),
                    ref_areas: texts(&["BE1", "BE2", "BE3", "BE"]),
                    ..Default::default()
                };
                ask!(
                    self,
                    list_structure_indicators,
                    format!("{by:?} {indicator:?} {at}"),
                    asked
                );
            }
        }
    }

    async fn comparisons(&mut self, first: &Submission, second: &Submission, trade: &Submission) {
        for (name, from, to) in [
            ("forth", first, second),
            ("back", second, first),
            ("same", second, second),
        ] {
            let asked = v1::ListRevisionsRequest {
                from: as_of(from),
                to: as_of(to),
                ..Default::default()
            };
            ask!(self, list_revisions, name, asked);
        }
        let asked = v1::ListRevisionStatisticsRequest {
            as_of: as_of(second),
            ..Default::default()
        };
        ask!(self, list_revision_statistics, "", asked);
        for release in [first, second] {
            let asked = v1::ListReconciliationRequest {
                regtrd_as_of: as_of(release),
                exttrade_as_of: as_of(trade),
                ..Default::default()
            };
            ask!(
                self,
                list_reconciliation,
                release.release.edition.to_string(),
                asked
            );
        }
    }
}

#[tokio::test]
async fn no_answer_to_the_public_depends_on_what_is_hidden() {
    let (one, other) = (
        answers(&world(), true).await,
        answers(&other_world(), true).await,
    );
    for (call, answer) in &one {
        assert_eq!(Some(answer), other.get(call), "{call}");
    }
    // Those who may see it are told, in each kind of call that tells of values.
    let (one, other) = (
        answers(&world(), false).await,
        answers(&other_world(), false).await,
    );
    let differs: BTreeSet<&str> = one
        .iter()
        .filter(|(call, answer)| other.get(*call) != Some(answer))
        .filter_map(|(call, _)| call.split(' ').next())
        .collect();
    for call in [
        "get_key_indicators",
        "get_release",
        "list_contributions",
        "list_observations",
        "list_reconciliation",
        "list_releases",
        "list_revision_statistics",
        "list_revisions",
        "list_structure_indicators",
    ] {
        assert!(
            differs.contains(call),
            "{call} says nothing of what it should"
        );
    }
}

#[tokio::test]
async fn what_is_confidential_is_suppressed_and_what_was_free_before_stays_so() {
    let world = world();
    let reader = reader(&world).await;
    let ask = async |release: &Submission,
                     request: fn(
        v1::ListObservationsRequest,
    ) -> Request<v1::ListObservationsRequest>| {
        let asked = v1::ListObservationsRequest {
            as_of: as_of(release),
            key: "A.BE2.P61._T.87.FR".to_owned(),
            from: "2023".to_owned(),
            ..Default::default()
        };
        let answer = reader
            .list_observations(request(asked))
            .await
            .unwrap()
            .into_inner();
        value(&answer.figures[0])
    };
    let [first, second, _] = &world;
    assert_eq!(ask(second, public).await, "SUPPRESSED");
    assert_ne!(ask(second, trusted).await, "SUPPRESSED");
    assert_eq!(ask(first, public).await, ask(first, trusted).await);
    // A revision from a value to none tells no change, and of what both hide there is no row.
    let revisions = async |from: &Submission, to: &Submission| {
        let asked = v1::ListRevisionsRequest {
            from: as_of(from),
            to: as_of(to),
            key: "A.BE2.P61._T.87.FR".to_owned(),
            ..Default::default()
        };
        reader
            .list_revisions(public(asked))
            .await
            .unwrap()
            .into_inner()
            .revisions
    };
    let found = revisions(first, second).await;
    let hidden = found
        .iter()
        .find(|revision| revision.period == "2023")
        .unwrap();
    assert_eq!(hidden.class, i32::from(v1::RevisionClass::NotPrinted));
    assert!(hidden.change.is_empty() && hidden.change_between.is_none());
    let found = revisions(second, second).await;
    assert!(
        found.iter().all(|revision| revision.period != "2023"),
        "nothing is known of it"
    );
}

#[tokio::test]
async fn what_the_release_prints_stays_as_it_is_printed() {
    let mut release = submission(
        Dataflow::Regtrd,
        1,
        vec![
            observation("P61.BE2", "2022", "100.0"),
            observation("P61.BE2", "2023", "110.0c"),
            observation("P71.BE2", "2023", "50.0c"),
        ],
    );
    let printed: [PublishedFigure; 2] = [
        print("P61.BE2", Indicator::Level, "2023", "110.0"),
        print("P71.BE2", Indicator::Growth, "2023", "3.5"),
    ];
    release.published = printed.into();
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
    let of = |item: &str, indicator: v1::Indicator, period: &str| {
        let is = |figure: &&v1::Figure| {
            (
                figure.item.as_str(),
                figure.indicator,
                figure.period.as_str(),
            ) == (item, i32::from(indicator), period)
        };
        answer.figures.iter().find(is).map(value)
    };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        of("P61", v1::Indicator::Level, "2023"),
        text("110.0"),
        "printed, so public"
    );
    assert_eq!(of("P71", v1::Indicator::Level, "2023"), text("SUPPRESSED"));
    assert_eq!(of("P71", v1::Indicator::Growth, "2023"), text("3.5"));
    assert_eq!(of("B111", v1::Indicator::Net, "2023"), text("SUPPRESSED"));
    assert_eq!(
        of("P61", v1::Indicator::Coverage, "2023"),
        text("SUPPRESSED")
    );
}
