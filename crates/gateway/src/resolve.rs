//! Which release is meant: every vintage that can be asked for becomes one release id that the caller may see.

use regtrade_model::{AsOf, At, Dataflow, Instant, Period, Release, ReleaseId};
use regtrade_proto::{IndicatorSet, InvalidField, key_pattern, v1};
use regtrade_service::{Cause, Failure};

use crate::grpc::Onward;

/// A vintage of a dataflow, as it is asked for.
#[derive(Debug)]
pub(crate) struct Asked {
    dataflow: Dataflow,
    /// The field of the request that says which.
    field: &'static str,
    as_of: AsOf,
}

impl Asked {
    /// Checks each field of the request.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`, with the field: `INVALID_FIELD`, or `FUTURE_INSTANT` where it lies after `now`.
    pub(crate) fn by_key_indicators(
        request: &v1::GetKeyIndicatorsRequest,
        now: Instant,
    ) -> Result<Self, Failure> {
        request.language_asked().map_err(invalid)?;
        IndicatorSet::read(&request.indicators).map_err(invalid)?;
        Self::of(request.dataflow_asked(), request.as_of_asked(), now)
    }

    /// Checks each field of the request but the page, which the service that made its token checks.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`, with the field: `INVALID_FIELD`, or `FUTURE_INSTANT` where it lies after `now`.
    pub(crate) fn by_observations(
        request: &v1::ListObservationsRequest,
        now: Instant,
    ) -> Result<Self, Failure> {
        let read = || {
            request.language_asked()?;
            key_pattern("key", &request.key)?;
            for (field, text) in [("from", &request.from), ("to", &request.to)] {
                if !text.is_empty() {
                    text.parse::<Period>()
                        .map_err(|error| InvalidField::new(field, error))?;
                }
            }
            Ok(())
        };
        read().map_err(invalid)?;
        Self::of(request.dataflow_asked(), request.as_of_asked(), now)
    }

    /// The earlier and the later vintage of a comparison; each field but the page is checked.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`, with the field: `INVALID_FIELD`, or `FUTURE_INSTANT` where it lies after `now`.
    pub(crate) fn by_revisions(
        request: &v1::ListRevisionsRequest,
        now: Instant,
    ) -> Result<(Self, Self), Failure> {
        let read = || {
            key_pattern("key", &request.key)?;
            IndicatorSet::read(&request.indicators)?;
            request.classes_asked()?;
            let dataflow = request.dataflow_asked()?;
            let asked = |field, as_of| Self {
                dataflow,
                field,
                as_of,
            };
            let (from, to) = request.vintages_asked()?;
            Ok((asked("from", from), asked("to", to)))
        };
        let (from, to) = read().map_err(invalid)?;
        Ok((from.not_after(now)?, to.not_after(now)?))
    }

    /// The latest vintage that counts in statistics; each field but the page is checked.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`, with the field: `INVALID_FIELD`, or `FUTURE_INSTANT` where it lies after `now`.
    pub(crate) fn by_statistics(
        request: &v1::ListRevisionStatisticsRequest,
        now: Instant,
    ) -> Result<Self, Failure> {
        key_pattern("key", &request.key).map_err(invalid)?;
        IndicatorSet::read(&request.indicators).map_err(invalid)?;
        Self::of(request.dataflow_asked(), request.as_of_asked(), now)
    }

    /// The one vintage of a request of which the service that answers checks the other fields.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`, with the field: `INVALID_FIELD`, or `FUTURE_INSTANT` where it lies after `now`.
    pub(crate) fn of(
        dataflow: Result<Dataflow, InvalidField>,
        as_of: Result<AsOf, InvalidField>,
        now: Instant,
    ) -> Result<Self, Failure> {
        let asked = Self {
            dataflow: dataflow.map_err(invalid)?,
            field: "as_of",
            as_of: as_of.map_err(invalid)?,
        };
        asked.not_after(now)
    }

    /// The vintages of the two dataflows that are reconciled; the service that answers checks the other fields.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`, with the field: `INVALID_FIELD`, or `FUTURE_INSTANT` where it lies after `now`.
    pub(crate) fn by_reconciliation(
        request: &v1::ListReconciliationRequest,
        now: Instant,
    ) -> Result<(Self, Self), Failure> {
        let read = || {
            request.language_asked()?;
            let asked = |dataflow, field, as_of| Self {
                dataflow,
                field,
                as_of,
            };
            let (regtrd, exttrade) = request.vintages_asked()?;
            Ok((
                asked(Dataflow::Regtrd, "regtrd_as_of", regtrd),
                asked(Dataflow::Exttrade, "exttrade_as_of", exttrade),
            ))
        };
        let (regtrd, exttrade) = read().map_err(invalid)?;
        Ok((regtrd.not_after(now)?, exttrade.not_after(now)?))
    }

    /// What a later instant would show is not settled yet, so an answer as of then would not stay true.
    fn not_after(self, now: Instant) -> Result<Self, Failure> {
        let (published_by, known_at) = match self.as_of.at {
            At::PublishedBy(instant) => (Some(instant), self.as_of.known_at),
            // What is known of a release only grows, so a later instant is no question that an answer could fail.
            At::Release(_) => (None, None),
            At::Latest if self.as_of.known_at.is_some() => {
                return Err(Failure::invalid_field(
                    "INVALID_FIELD",
                    format!("{}.known_at", self.field),
                    "needs an instant (published_by) or a release: what was the latest then is a matter of both",
                ));
            }
            At::Latest => (None, None),
        };
        for (field, instant) in [("published_by", published_by), ("known_at", known_at)] {
            if instant.is_some_and(|instant| instant > now) {
                return Err(Failure::invalid_field(
                    "FUTURE_INSTANT",
                    format!("{}.{field}", self.field),
                    format!(
                        "lies in the future: it is {} now; ask as of now or earlier",
                        now.format("%Y-%m-%dT%H:%M:%SZ")
                    ),
                ));
            }
        }
        Ok(self)
    }

    /// The vintage that is meant, out of the releases that the caller may see, named by its newest release.
    ///
    /// # Errors
    /// `NOT_FOUND`: `NO_RELEASE` where none is visible as of what is asked, or what the backend says of the release
    /// that is asked for by its id; and what can happen to a call of the backend.
    pub(crate) async fn resolved(&self, backend: &Onward) -> Result<v1::AsOf, Failure> {
        if let At::Release(id) = &self.as_of.at {
            let release = get(backend, id).await?;
            return self.choose([&release]).ok_or_else(|| self.none(&[]));
        }
        let mut page_token = String::new();
        // Mostly the newest one is meant, or one of the last few.
        let mut page_size = 1;
        let mut uncertain = vec![];
        loop {
            let request = v1::ListReleasesRequest {
                dataflow: v1::Dataflow::from(self.dataflow).into(),
                page_size,
                page_token,
            };
            page_size = (page_size * 8).min(64);
            let page = backend
                .catalogue()
                .list_releases(backend.request(request))
                .await
                .map_err(|status| backend.failure(&status))?
                .into_inner();
            let releases = page
                .releases
                .into_iter()
                .map(read)
                .collect::<Result<Vec<_>, _>>()?;
            // The newest come first, so a later page has nothing better.
            if let Some(chosen) = self.choose(&releases) {
                return Ok(chosen);
            }
            let doubtful = self.as_of.uncertain(&releases).into_iter();
            uncertain.extend(doubtful.map(|release| release.id.to_string()));
            if page.next_page_token.is_empty() {
                return Err(self.none(&uncertain));
            }
            page_token = page.next_page_token;
        }
    }

    /// As [`Self::resolved`], but `None` where the caller may see no release at all as of what is asked.
    ///
    /// # Errors
    /// Those of [`Self::resolved`], but `NO_RELEASE`.
    pub(crate) async fn resolved_if_any(
        &self,
        backend: &Onward,
    ) -> Result<Option<v1::AsOf>, Failure> {
        match self.resolved(backend).await {
            Ok(as_of) => Ok(Some(as_of)),
            Err(failure) if failure.reason == "NO_RELEASE" => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    fn choose<'a>(&self, newest_first: impl IntoIterator<Item = &'a Release>) -> Option<v1::AsOf> {
        let vintage = self.as_of.vintage(newest_first)?;
        let resolved = self.as_of.resolved(vintage.head());
        Some(v1::AsOf::from(&resolved))
    }

    fn none(&self, uncertain: &[String]) -> Failure {
        let dataflow = self.dataflow;
        let at = match &self.as_of.at {
            At::Latest => "now".to_owned(),
            At::PublishedBy(instant) => format!("{instant:?}"),
            At::Release(id) => format!("release {id}"),
        };
        let known = match self.as_of.known_at {
            Some(instant) => format!(", known at {instant:?}"),
            None => String::new(),
        };
        let message = format!(
            "no release of {dataflow} is visible as of {at}{known}; ingest one with `regtrade ingest FILE`, or ask for a later instant"
        );
        let message = match uncertain {
            [] => message,
            ids => format!(
                "{message}; of the date of {} not enough is known: it may have been public by then",
                ids.join(", ")
            ),
        };
        Failure::new(Cause::NotFound, "NO_RELEASE", message)
            .with_metadata("dataflow", dataflow.as_str())
    }
}

async fn get(backend: &Onward, id: &ReleaseId) -> Result<Release, Failure> {
    let request = v1::GetReleaseRequest {
        release: id.to_string(),
    };
    let answer = backend
        .catalogue()
        .get_release(backend.request(request))
        .await
        .map_err(|status| backend.failure(&status))?;
    // An empty record is refused as one that cannot be read.
    read(answer.into_inner().release.unwrap_or_default())
}

/// A release that a backend answers and that cannot be read is a mistake of ours, not of the caller.
fn read(release: v1::Release) -> Result<Release, Failure> {
    Release::try_from(release).map_err(|error| Failure::internal(&error))
}

pub(crate) fn invalid(error: InvalidField) -> Failure {
    Failure::invalid_field("INVALID_FIELD", error.field, error.description)
}

#[cfg(test)]
mod tests {
    use regtrade_proto::timestamp;

    use super::*;

    fn now() -> Instant {
        "2026-06-30T10:00:00Z".parse().unwrap()
    }

    fn published_by(instant: &str) -> Option<v1::AsOf> {
        let instant: Instant = instant.parse().unwrap();
        Some(v1::AsOf {
            at: Some(v1::as_of::At::PublishedBy(timestamp(instant))),
            ..Default::default()
        })
    }

    fn key_indicators(as_of: Option<v1::AsOf>) -> Result<Asked, Failure> {
        let request = v1::GetKeyIndicatorsRequest {
            as_of,
            ..Default::default()
        };
        Asked::by_key_indicators(&request, now())
    }

    #[test]
    fn an_instant_in_the_future_is_refused_and_the_present_one_is_not() {
        let refused = key_indicators(published_by("2026-06-30T10:00:01Z")).unwrap_err();
        assert_eq!(refused.cause, Cause::InvalidArgument);
        assert_eq!(refused.reason, "FUTURE_INSTANT");
        assert_eq!(refused.violations[0].field, "as_of.published_by");
        assert!(key_indicators(published_by("2026-06-30T10:00:00Z")).is_ok());

        let known_late = v1::AsOf {
            at: published_by("2026-01-01T00:00:00Z").unwrap().at,
            known_at: Some(timestamp("2027-01-01T00:00:00Z".parse().unwrap())),
            ..Default::default()
        };
        let refused = key_indicators(Some(known_late)).unwrap_err();
        assert_eq!(refused.reason, "FUTURE_INSTANT");
        assert_eq!(refused.violations[0].field, "as_of.known_at");
    }

    #[test]
    fn a_field_that_is_wrong_is_named() {
        let wrong = |request: v1::ListObservationsRequest| {
            let failure = Asked::by_observations(&request, now()).unwrap_err();
            assert_eq!(failure.reason, "INVALID_FIELD");
            failure.violations[0].field.clone()
        };
        let request = v1::ListObservationsRequest::default;
        assert_eq!(
            wrong(v1::ListObservationsRequest {
                key: "A B".into(),
                ..request()
            }),
            "key"
        );
        assert_eq!(
            wrong(v1::ListObservationsRequest {
                from: "soon".into(),
                ..request()
            }),
            "from"
        );
        assert_eq!(
            wrong(v1::ListObservationsRequest {
                to: "20244".into(),
                ..request()
            }),
            "to"
        );
        assert_eq!(
            wrong(v1::ListObservationsRequest {
                dataflow: 77,
                ..request()
            }),
            "dataflow"
        );
        let as_of = Some(v1::AsOf {
            at: Some(v1::as_of::At::Release("../x".into())),
            ..Default::default()
        });
        assert_eq!(
            wrong(v1::ListObservationsRequest { as_of, ..request() }),
            "as_of.release"
        );
        assert!(Asked::by_observations(&request(), now()).is_ok());
    }

    #[test]
    fn where_nothing_is_visible_the_caller_learns_what_to_do() {
        let none = key_indicators(published_by("2020-01-01T00:00:00Z"))
            .unwrap()
            .none(&["REGTRD-2019-0".to_owned()]);
        assert_eq!(none.cause, Cause::NotFound);
        assert_eq!(none.reason, "NO_RELEASE");
        for part in [
            "REGTRD",
            "2020-01-01T00:00:00Z",
            "regtrade ingest FILE",
            "REGTRD-2019-0",
        ] {
            assert!(none.message.contains(part), "{}", none.message);
        }
    }
}
