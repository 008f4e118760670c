//! All that a public caller can ask and try, and every byte that it is given.

use prost::Message;
use regtrade_model::AsOf;
use regtrade_proto::v1::{
    self, catalogue_service_client::CatalogueServiceClient,
    catalogue_service_server::CatalogueService as _,
    indicator_service_server::IndicatorService as _,
};
use tonic::{Response, Status};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

use crate::{oracle::Question, world::World};

impl World {
    /// Every byte that a public caller is given for these questions, and who knows or guesses these ids.
    pub async fn public_bytes(&self, questions: &[Question], ids: &[String]) -> Vec<Vec<u8>> {
        let mut bytes = vec![encoded(self.list(false).await)];
        for question in questions {
            bytes.push(encoded(self.observations(question).await));
            match self.resolved(question).await {
                Ok(as_of) => self.of_vintage(as_of, ids, &mut bytes).await,
                Err(status) => bytes.push(encoded::<v1::ListReleasesResponse>(Err(status))),
            }
        }
        for id in ids {
            self.of_id(id, &mut bytes).await;
        }
        if let Self::Gateway(services) = self {
            let later = self.now() + chrono::TimeDelta::days(40);
            let question = Question {
                by: Some(later),
                ..Question::default()
            };
            bytes.push(encoded(self.observations(&question).await));
            let mut health = HealthClient::new(services.channel.clone());
            let health = health.check(HealthCheckRequest::default()).await;
            bytes.push(encoded(health.map(Response::into_inner)));
        }
        bytes
    }

    async fn of_vintage(&self, as_of: v1::AsOf, ids: &[String], bytes: &mut Vec<Vec<u8>>) {
        let message = v1::GetKeyIndicatorsRequest {
            as_of: Some(as_of.clone()),
            ..v1::GetKeyIndicatorsRequest::default()
        };
        let request = self.request(false, message);
        let answer = match self {
            Self::Direct { reader, .. } => reader.get_key_indicators(request).await,
            Self::Gateway(services) => services.indicators().get_key_indicators(request).await,
        };
        bytes.push(encoded(answer.map(Response::into_inner)));
        let message = v1::ListRevisionStatisticsRequest {
            as_of: Some(as_of.clone()),
            ..v1::ListRevisionStatisticsRequest::default()
        };
        let request = self.request(false, message);
        let answer = match self {
            Self::Direct { reader, .. } => reader.list_revision_statistics(request).await,
            Self::Gateway(services) => {
                services
                    .indicators()
                    .list_revision_statistics(request)
                    .await
            }
        };
        bytes.push(encoded(answer.map(Response::into_inner)));
        for id in ids {
            let from = AsOf::release(id.parse().unwrap());
            let message = v1::ListRevisionsRequest {
                from: Some(v1::AsOf::from(&from)),
                to: Some(as_of.clone()),
                ..v1::ListRevisionsRequest::default()
            };
            let request = self.request(false, message);
            let answer = match self {
                Self::Direct { reader, .. } => reader.list_revisions(request).await,
                Self::Gateway(services) => services.indicators().list_revisions(request).await,
            };
            bytes.push(encoded(answer.map(Response::into_inner)));
        }
    }

    /// What a public caller can do with an id: ask for it, guess that it is a page token, begin a watch after it, and
    /// try to change it.
    async fn of_id(&self, id: &str, bytes: &mut Vec<Vec<u8>>) {
        let message = v1::GetReleaseRequest {
            release: id.to_owned(),
        };
        let request = self.request(false, message);
        let answer = match self {
            Self::Direct { reader, .. } => reader.get_release(request).await,
            Self::Gateway(services) => {
                let mut client = CatalogueServiceClient::new(services.channel.clone());
                client.get_release(request).await
            }
        };
        bytes.push(encoded(answer.map(Response::into_inner)));
        let message = v1::ListReleasesRequest {
            page_token: id.to_owned(),
            page_size: 1,
            ..v1::ListReleasesRequest::default()
        };
        let request = self.request(false, message);
        let answer = match self {
            Self::Direct { reader, .. } => reader.list_releases(request).await,
            Self::Gateway(services) => {
                let mut client = CatalogueServiceClient::new(services.channel.clone());
                client.list_releases(request).await
            }
        };
        bytes.push(encoded(answer.map(Response::into_inner)));
        let Self::Gateway(services) = self else {
            return;
        };
        let message = v1::WatchReleasesRequest {
            after_release: id.to_owned(),
            ..v1::WatchReleasesRequest::default()
        };
        let answer = services
            .ingest()
            .watch_releases(self.request(false, message))
            .await;
        bytes.push(encoded(answer.map(|_| v1::ListReleasesResponse::default())));
        let message = v1::WithdrawReleaseRequest {
            release: id.to_owned(),
            because: "why not".to_owned(),
        };
        let answer = services
            .ingest()
            .withdraw_release(self.request(false, message))
            .await;
        bytes.push(encoded(answer.map(Response::into_inner)));
    }

    /// Begins to watch, as a public caller of a gateway.
    pub async fn watch(&self) -> Option<tonic::Streaming<v1::WatchReleasesResponse>> {
        let Self::Gateway(services) = self else {
            return None;
        };
        let request = self.request(false, v1::WatchReleasesRequest::default());
        Some(
            services
                .ingest()
                .watch_releases(request)
                .await
                .unwrap()
                .into_inner(),
        )
    }
}

fn encoded<T: Message>(answer: Result<T, Status>) -> Vec<u8> {
    match answer {
        Ok(answer) => answer.encode_to_vec(),
        Err(status) => {
            let head = format!("{:?} {} ", status.code(), status.message());
            [head.as_bytes(), status.details()].concat()
        }
    }
}
