//! The gRPC face: decode, call, map, encode.

use std::sync::Arc;

use regtrade_lake::Lake;
use regtrade_model::{At, Dataflow, Figure, Item, Language, Release, ReleaseId, caveats};
use regtrade_proto::{
    IndicatorSet, InvalidField,
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
    key_indicators::key_indicators,
    observations::{Selection, select},
};

/// What every call of this service needs.
#[derive(Clone)]
pub(crate) struct Reader {
    pub(crate) lake: Lake,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rows: u32,
}

impl Reader {
    /// The releases that a caller with `roles` may see now, the newest first.
    async fn visible(&self, roles: &Roles) -> Result<Vec<Release>, Failure> {
        let now = self.clock.now();
        let releases = self
            .lake
            .releases()
            .await
            .map_err(|error| of_lake(&error))?;
        let preview = roles.have(Role::Preview);
        Ok(releases
            .iter()
            .filter(|release| preview || release.published_at <= now)
            .cloned()
            .collect())
    }

    async fn find(&self, roles: &Roles, id: &ReleaseId) -> Result<Release, Failure> {
        let found = self
            .visible(roles)
            .await?
            .into_iter()
            .find(|release| release.id == *id);
        found.ok_or_else(|| {
            let message =
                format!("there is no release {id}; `regtrade releases` lists those there are");
            Failure::new(Cause::NotFound, "RELEASE_NOT_FOUND", message)
        })
    }

    /// The release that a request names. Between services it is always named by its id.
    async fn named(
        &self,
        roles: &Roles,
        dataflow: Result<Dataflow, InvalidField>,
        as_of: Result<regtrade_model::AsOf, InvalidField>,
    ) -> Result<Release, Failure> {
        let (dataflow, as_of) = (
            dataflow.map_err(|e| of_field(&e))?,
            as_of.map_err(|e| of_field(&e))?,
        );
        let At::Release(id) = as_of.at else {
            return Err(Failure::invalid_field(
                "RELEASE_NEEDED",
                "as_of.release",
                "must name a release",
            ));
        };
        let release = self.find(roles, &id).await?;
        if release.dataflow != dataflow {
            let description = format!(
                "{id} is a release of {}, not of {dataflow}",
                release.dataflow
            );
            return Err(Failure::invalid_field(
                "OTHER_DATAFLOW",
                "as_of.release",
                &description,
            ));
        }
        Ok(release)
    }

    async fn figures(&self, release: &Release) -> Result<Vec<Figure>, Failure> {
        let printed = self
            .lake
            .published(release)
            .await
            .map_err(|error| of_lake(&error))?;
        Ok(key_indicators(&printed, &release.id))
    }

    fn shown(&self, release: &Release) -> v1::Release {
        v1::Release::shown(release, self.clock.now())
    }
}

/// The caveats that go with figures.
fn caveats_of(release: &Release, figures: &[Figure], language: Language) -> Vec<v1::Caveat> {
    let items: Vec<Item> = figures.iter().map(|figure| figure.key.item).collect();
    caveats(release.dataflow, &items)
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
        let mut releases = self.visible(&roles).await?;
        releases.retain(|release| dataflow.is_none_or(|dataflow| release.dataflow == dataflow));
        let size = page::size(asked.page_size, self.rows);
        let (releases, next_page_token) =
            page::page(releases, &asked.page_token, size, |release| {
                release.id.to_string()
            })?;
        let releases = releases.iter().map(|release| self.shown(release)).collect();
        Ok(Response::new(v1::ListReleasesResponse {
            releases,
            next_page_token,
        }))
    }

    async fn get_release(
        &self,
        request: Request<v1::GetReleaseRequest>,
    ) -> Result<Response<v1::GetReleaseResponse>, Status> {
        let roles = Roles::on(request.metadata());
        let id = request.into_inner().release.parse();
        let id = id.map_err(|error| of_field(&InvalidField::new("release", error)))?;
        let release = self.find(&roles, &id).await?;
        Ok(Response::new(v1::GetReleaseResponse {
            release: Some(self.shown(&release)),
        }))
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
        let indicators = IndicatorSet::read(&asked.indicators).map_err(|error| of_field(&error))?;
        let release = self
            .named(&roles, asked.dataflow_asked(), asked.as_of_asked())
            .await?;
        let mut figures = self.figures(&release).await?;
        figures.retain(|figure| indicators.contains(figure.key.indicator));
        if figures.len() > page::size(0, self.rows) {
            let message = format!(
                "the answer has {} figures, and {} are allowed",
                figures.len(),
                self.rows
            );
            return Err(Failure::new(Cause::ResourceExhausted, "ROWS", message).into());
        }
        Ok(Response::new(v1::GetKeyIndicatorsResponse {
            release: Some(self.shown(&release)),
            caveats: caveats_of(&release, &figures, language),
            figures: figures.iter().map(v1::Figure::from).collect(),
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
        let release = self
            .named(&roles, asked.dataflow_asked(), asked.as_of_asked())
            .await?;
        let bounds = self
            .lake
            .bounds(&release)
            .await
            .map_err(|error| of_lake(&error))?;
        let figures = select(
            self.figures(&release).await?,
            bounds,
            &release.id,
            &selection,
        );
        let size = page::size(asked.page_size, self.rows);
        // The token holds the release: pages of two releases are never put together.
        let name = |figure: &Figure| format!("{}:{}", release.id, figure.key);
        let (figures, next_page_token) = page::page(figures, &asked.page_token, size, name)?;
        Ok(Response::new(v1::ListObservationsResponse {
            release: Some(self.shown(&release)),
            caveats: caveats_of(&release, &figures, language),
            figures: figures.iter().map(v1::Figure::from).collect(),
            next_page_token,
        }))
    }
}

fn selection(asked: &v1::ListObservationsRequest) -> Result<Selection, InvalidField> {
    let period = |field: &str, text: &str| {
        let parsed = (!text.is_empty()).then(|| text.parse());
        parsed
            .transpose()
            .map_err(|error: regtrade_model::InvalidCode| InvalidField::new(field, error))
    };
    Ok(Selection {
        key: asked.key.parse()?,
        from: period("from", &asked.from)?,
        to: period("to", &asked.to)?,
    })
}
