//! The gRPC face: decode, call, map, encode.

mod codelists;
mod contributions;
mod fields;
mod flight;
mod reconciliation;
mod revisions;
mod state;
mod structure;

use std::sync::Arc;

use regtrade_lake::Lake;
use regtrade_model::{
    AsOf, At, Dataflow, Figure, Instant, Item, Language, Release, ReleaseId, caveats,
};
use regtrade_proto::{
    IndicatorSet, InvalidField, key_pattern,
    v1::{
        self, catalogue_service_server::CatalogueService,
        indicator_service_server::IndicatorService,
    },
};
use regtrade_service::{
    Cause, Clock, Failure, page,
    roles::{Role, Roles},
};
use tonic::{Request, Response, Status};

use crate::{
    error::{of_field, of_lake},
    key_indicators::Wanted,
    masked::Stock,
    observations::{Selection, select},
    vintage::Chosen,
};

/// The services of the read side, over a lake.
#[derive(Clone)]
pub struct Reader {
    pub(crate) stock: Stock,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rows: u32,
    /// When this reader was made, by the clock: what it says of the catalogue is said by no other reader.
    made_at: Instant,
}

impl Reader {
    /// `rows` is the most that an answer has.
    #[must_use]
    pub fn new(lake: Lake, clock: Arc<dyn Clock>, rows: u32) -> Self {
        Self {
            stock: Stock::new(lake),
            made_at: clock.now(),
            clock,
            rows,
        }
    }

    /// The releases that a caller with `roles` may see now, the newest first.
    pub(crate) async fn visible(&self, roles: &Roles) -> Result<Vec<Release>, Failure> {
        let now = self.clock.now();
        let releases = self
            .stock
            .lake
            .releases()
            .await
            .map_err(|error| of_lake(&error))?;
        let preview = roles.have(Role::Preview);
        Ok(releases
            .iter()
            .filter(|release| preview || release.is_public(now))
            .cloned()
            .collect())
    }

    /// The vintage that a field of a request names. Between services it is always named by a release.
    pub(crate) async fn vintage(
        &self,
        roles: &Roles,
        dataflow: Result<Dataflow, InvalidField>,
        field: &str,
        as_of: Result<AsOf, InvalidField>,
    ) -> Result<Chosen, Failure> {
        let (dataflow, as_of) = (
            dataflow.map_err(|e| of_field(&e))?,
            as_of.map_err(|e| of_field(&e))?,
        );
        let field = format!("{field}.release");
        let At::Release(id) = &as_of.at else {
            return Err(Failure::invalid_field(
                "RELEASE_NEEDED",
                field,
                "must name a release",
            ));
        };
        let mut releases = self.visible(roles).await?;
        let named = releases.iter().find(|release| release.id == *id);
        let named = named.ok_or_else(|| no_release(id))?;
        if named.dataflow != dataflow {
            let description = format!("{id} is a release of {}, not of {dataflow}", named.dataflow);
            return Err(Failure::invalid_field("OTHER_DATAFLOW", field, description));
        }
        releases.retain(|release| release.dataflow == dataflow);
        Chosen::of(releases, as_of, roles).ok_or_else(no_release_known)
    }

    /// The record of a release as a caller may see it.
    pub(crate) fn shown(&self, release: &Release, roles: &Roles) -> v1::Release {
        let now = self.clock.now();
        if roles.have(Role::Confidential) {
            v1::Release::whole(release, now)
        } else {
            v1::Release::shown(release, now)
        }
    }

    pub(crate) fn all_shown<'a>(
        &self,
        releases: impl IntoIterator<Item = &'a Release>,
        roles: &Roles,
    ) -> Vec<v1::Release> {
        releases.into_iter().map(|r| self.shown(r, roles)).collect()
    }
}

fn no_release(id: &ReleaseId) -> Failure {
    let message = format!("there is no release {id}; `regtrade releases` lists those there are");
    Failure::new(Cause::NotFound, "RELEASE_NOT_FOUND", message)
}

fn no_release_known() -> Failure {
    Failure::new(
        Cause::NotFound,
        "NO_RELEASE",
        "the release was not loaded yet at the instant of `known_at`; ask for a later one",
    )
}

/// The caveats that go with figures.
fn caveats_of(vintage: &Chosen, figures: &[Figure], language: Language) -> Vec<v1::Caveat> {
    let items: Vec<Item> = figures.iter().map(|figure| figure.key.item).collect();
    caveats_with(vintage, &items, language)
}

/// The caveats that go with items of a vintage.
fn caveats_with(vintage: &Chosen, items: &[Item], language: Language) -> Vec<v1::Caveat> {
    caveats(vintage.head().dataflow, vintage.is_synthetic(), items)
        .map(|caveat| v1::Caveat {
            id: caveat.id.clone(),
            text: caveat.text(language).to_owned(),
        })
        .collect()
}

#[tonic::async_trait]
impl CatalogueService for Reader {
    async fn list_releases(
        &self,
        request: Request<v1::ListReleasesRequest>,
    ) -> Result<Response<v1::ListReleasesResponse>, Status> {
        let roles = Roles::on(request.metadata());
        let asked = request.into_inner();
        let dataflow =
            v1::Dataflow::read("dataflow", asked.dataflow).map_err(|error| of_field(&error))?;
        let state = self.state(&roles).await?;
        let mut releases = self.visible(&roles).await?;
        releases.retain(|release| dataflow.is_none_or(|dataflow| release.dataflow == dataflow));
        let size = page::size_of_releases(asked.page_size, self.rows);
        let (releases, next_page_token) =
            page::page(releases, &asked.page_token, size, |release| {
                release.id.to_string()
            })?;
        let releases = releases
            .iter()
            .map(|release| self.shown(release, &roles))
            .collect();
        let mut response = Response::new(v1::ListReleasesResponse {
            releases,
            next_page_token,
        });
        state.put_on(response.metadata_mut());
        Ok(response)
    }

    async fn get_release(
        &self,
        request: Request<v1::GetReleaseRequest>,
    ) -> Result<Response<v1::GetReleaseResponse>, Status> {
        let roles = Roles::on(request.metadata());
        let id = request.into_inner().release.parse();
        let id = id.map_err(|error| of_field(&InvalidField::new("release", error)))?;
        let releases = self.visible(&roles).await?;
        let release = releases.iter().find(|release| release.id == id);
        let release = release.ok_or_else(|| no_release(&id))?;
        Ok(Response::new(v1::GetReleaseResponse {
            release: Some(self.shown(release, &roles)),
        }))
    }

    async fn list_codelists(
        &self,
        _request: Request<v1::ListCodelistsRequest>,
    ) -> Result<Response<v1::ListCodelistsResponse>, Status> {
        Ok(Response::new(codelists::all()))
    }

    async fn get_codelist(
        &self,
        request: Request<v1::GetCodelistRequest>,
    ) -> Result<Response<v1::GetCodelistResponse>, Status> {
        let roles = Roles::on(request.metadata());
        Ok(Response::new(
            codelists::get(self, &roles, request.into_inner()).await?,
        ))
    }
}

#[tonic::async_trait]
impl IndicatorService for Reader {
    async fn get_key_indicators(
        &self,
        request: Request<v1::GetKeyIndicatorsRequest>,
    ) -> Result<Response<v1::GetKeyIndicatorsResponse>, Status> {
        let roles = Roles::on(request.metadata());
        let asked = request.into_inner();
        let language = asked.language_asked().map_err(|error| of_field(&error))?;
        let wanted = wanted(&asked).map_err(|error| of_field(&error))?;
        let vintage = self
            .vintage(&roles, asked.dataflow_asked(), "as_of", asked.as_of_asked())
            .await?;
        let figures = vintage.key_indicators(&self.stock, &wanted).await?;
        if figures.len() > page::size(0, self.rows) {
            let message = format!(
                "the answer has {} figures, and {} are allowed; name some indicators or periods, or ask for observations, which come in pages",
                figures.len(),
                self.rows
            );
            return Err(Failure::new(Cause::ResourceExhausted, "ROWS", message).into());
        }
        Ok(Response::new(v1::GetKeyIndicatorsResponse {
            release: Some(self.shown(vintage.head(), &roles)),
            caveats: caveats_of(&vintage, &figures, language),
            figures: figures.iter().map(v1::Figure::from).collect(),
            uncertain: self.all_shown(vintage.uncertain(), &roles),
        }))
    }

    async fn list_observations(
        &self,
        request: Request<v1::ListObservationsRequest>,
    ) -> Result<Response<v1::ListObservationsResponse>, Status> {
        let roles = Roles::on(request.metadata());
        let asked = request.into_inner();
        let language = asked.language_asked().map_err(|error| of_field(&error))?;
        let selection = selection(&asked).map_err(|error| of_field(&error))?;
        let vintage = self
            .vintage(&roles, asked.dataflow_asked(), "as_of", asked.as_of_asked())
            .await?;
        let found = if selection.key.chooses_overall() {
            vintage.known(&self.stock, &selection.key).await?.figures
        } else {
            let within = |period| selection.covers(period);
            vintage
                .detailed(&self.stock, &selection.key, &within)
                .await?
        };
        let figures = select(found, &selection);
        let release = vintage.head();
        let size = page::size(asked.page_size, self.rows);
        // The token holds the release: pages of two releases are never put together.
        let name = |figure: &Figure| format!("{}:{}", release.id, figure.key);
        let (figures, next_page_token) = page::page(figures, &asked.page_token, size, name)?;
        Ok(Response::new(v1::ListObservationsResponse {
            release: Some(self.shown(release, &roles)),
            caveats: caveats_of(&vintage, &figures, language),
            figures: figures.iter().map(v1::Figure::from).collect(),
            next_page_token,
            uncertain: self.all_shown(vintage.uncertain(), &roles),
            as_of: Some(v1::AsOf::from(&vintage.pinned())),
        }))
    }

    async fn list_revisions(
        &self,
        request: Request<v1::ListRevisionsRequest>,
    ) -> Result<Response<v1::ListRevisionsResponse>, Status> {
        let roles = Roles::on(request.metadata());
        Ok(Response::new(
            revisions::list(self, &roles, request.into_inner()).await?,
        ))
    }

    async fn list_revision_statistics(
        &self,
        request: Request<v1::ListRevisionStatisticsRequest>,
    ) -> Result<Response<v1::ListRevisionStatisticsResponse>, Status> {
        let roles = Roles::on(request.metadata());
        Ok(Response::new(
            revisions::statistics(self, &roles, request.into_inner()).await?,
        ))
    }

    async fn list_contributions(
        &self,
        request: Request<v1::ListContributionsRequest>,
    ) -> Result<Response<v1::ListContributionsResponse>, Status> {
        let roles = Roles::on(request.metadata());
        Ok(Response::new(
            contributions::list(self, &roles, request.into_inner()).await?,
        ))
    }

    async fn list_structure_indicators(
        &self,
        request: Request<v1::ListStructureIndicatorsRequest>,
    ) -> Result<Response<v1::ListStructureIndicatorsResponse>, Status> {
        let roles = Roles::on(request.metadata());
        Ok(Response::new(
            structure::list(self, &roles, request.into_inner()).await?,
        ))
    }

    async fn list_reconciliation(
        &self,
        request: Request<v1::ListReconciliationRequest>,
    ) -> Result<Response<v1::ListReconciliationResponse>, Status> {
        let roles = Roles::on(request.metadata());
        Ok(Response::new(
            reconciliation::list(self, &roles, request.into_inner()).await?,
        ))
    }
}

fn wanted(asked: &v1::GetKeyIndicatorsRequest) -> Result<Wanted, InvalidField> {
    let freq = asked.freq.as_str();
    if !["", "A", "Q", "M"].contains(&freq) {
        return Err(InvalidField::new("freq", "must be A, Q or M, or empty"));
    }
    let wanted = Wanted {
        indicators: IndicatorSet::read(&asked.indicators)?,
        from: fields::optional("from", &asked.from)?,
        to: fields::optional("to", &asked.to)?,
        freq: (!freq.is_empty()).then(|| freq.to_owned()),
    };
    if wanted
        .from
        .zip(wanted.to)
        .is_some_and(|(from, to)| from.year() > to.year())
    {
        return Err(InvalidField::new("to", "must not be before `from`"));
    }
    Ok(wanted)
}

fn selection(asked: &v1::ListObservationsRequest) -> Result<Selection, InvalidField> {
    let period = |field: &str, text: &str| {
        let parsed = (!text.is_empty()).then(|| text.parse());
        parsed
            .transpose()
            .map_err(|error: regtrade_model::InvalidCode| InvalidField::new(field, error))
    };
    Ok(Selection {
        key: key_pattern("key", &asked.key)?,
        from: period("from", &asked.from)?,
        to: period("to", &asked.to)?,
    })
}

#[cfg(test)]
mod tests;
