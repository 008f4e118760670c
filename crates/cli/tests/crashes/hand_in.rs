//! Releases to hand in, each with bytes of its own, the client that hands them in, and what a fresh reader sees of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::Path,
    time::{Duration, Instant},
};

use regtrade_lake::Lake;
use regtrade_model::{KeyPattern, Release};
use regtrade_proto::v1::{
    self, catalogue_service_client::CatalogueServiceClient,
    ingest_service_client::IngestServiceClient, release_part::Part,
};
use tonic::{Code, Status, transport::Channel};

const TABLE: &[u8] = include_bytes!("../../releases/regtrd-2024.tsv");

/// How long a server may take to be there again, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// What sorts of releases there are.
pub const KINDS: [Kind; 4] = [Kind::Data, Kind::Table, Kind::Both, Kind::Partial];

/// What is handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A data file with several slices.
    Data,
    /// A press table.
    Table,
    /// A data file and a list of figures, as one release.
    Both,
    /// A partial update of two slices.
    Partial,
}

/// A release that was not handed in yet.
#[derive(Clone)]
pub struct HandIn {
    header: v1::ReleaseHeader,
    files: Vec<(&'static str, Vec<u8>)>,
}

impl HandIn {
    /// A release of a kind, with bytes that no other number gives. A partial update is one of `base`.
    pub fn new(kind: Kind, number: usize, base: &str) -> Self {
        let files = match kind {
            Kind::Data => vec![("rows.csv", data(number))],
            Kind::Table => vec![("table.tsv", table(number))],
            Kind::Both => vec![("rows.csv", data(number)), ("text.csv", figures(number))],
            Kind::Partial => vec![("update.csv", update(number))],
        };
        let builds_on = if kind == Kind::Partial { base } else { "" };
        let header = v1::ReleaseHeader {
            edition: format!("n{number}"),
            builds_on: builds_on.to_owned(),
            ..v1::ReleaseHeader::default()
        };
        Self { header, files }
    }
}

/// A whole data set: four years, 600 observations each.
fn data(number: usize) -> Vec<u8> {
    let mut text =
        "DATAFLOW,FREQ,REF_AREA,ITEM,PRODUCT,COUNTERPART_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MULT\n"
            .to_owned();
    for year in 2020..2024 {
        for row in 0..600 {
            let (area, product) = (row % 3 + 1, row / 3);
            writeln!(
                text,
                "BE2:REGTRD(1.0),A,BE{area},P61,84{product:04},FR,{year},{row}.{number},6"
            )
            .unwrap();
        }
    }
    text.into_bytes()
}

/// A partial update of two years of it.
fn update(number: usize) -> Vec<u8> {
    let mut text = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,ITEM,PRODUCT,COUNTERPART_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MULT\n".to_owned();
    for year in [2021, 2023] {
        writeln!(
            text,
            "dataflow,BE2:REGTRD(1.0),M,A,BE1,P61,840007,FR,{year},{number}.5,6"
        )
        .unwrap();
    }
    text.into_bytes()
}

/// The shipped table with a line of its own at the end.
fn table(number: usize) -> Vec<u8> {
    [TABLE, format!("Source: copy {number}\n").as_bytes()].concat()
}

/// What a text prints.
fn figures(number: usize) -> Vec<u8> {
    let mut text = format!(
        "# note: Text {number}.\nitem,ref_area,indicator,period,value,unit_mult,decimals,source\n"
    );
    for year in 2013..2023 {
        writeln!(text, "P7,BE1,level,{year},{number}.7,9,1,a notice").unwrap();
    }
    text.into_bytes()
}

/// A platform that hands releases in, over the gateway.
#[derive(Clone)]
pub struct Client(Channel);

impl Client {
    pub fn of(gateway: &str) -> Self {
        let endpoint = Channel::from_shared(gateway.to_owned()).unwrap();
        Self(endpoint.connect_lazy())
    }

    /// Hands a release in, once.
    pub async fn hand_in(&self, release: &HandIn) -> Result<(v1::Outcome, String), Status> {
        let mut parts = vec![Part::Header(release.header.clone())];
        for (name, bytes) in &release.files {
            parts.push(Part::FileName((*name).to_owned()));
            parts.extend(
                bytes
                    .chunks(64 << 10)
                    .map(|chunk| Part::Chunk(chunk.to_vec().into())),
            );
        }
        let messages = parts.into_iter().map(|part| v1::IngestReleaseRequest {
            part: Some(v1::ReleasePart { part: Some(part) }),
        });
        let upload = tokio_stream::iter(messages.collect::<Vec<_>>());
        let answer = IngestServiceClient::new(self.0.clone())
            .ingest_release(upload)
            .await?
            .into_inner();
        assert_ne!(answer.outcome(), v1::Outcome::Refused, "{answer:?}");
        Ok((answer.outcome(), answer.release.unwrap().release))
    }

    /// Hands a release in, again while the service is away.
    pub async fn hand_in_until_taken(&self, release: &HandIn) -> (v1::Outcome, String) {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.hand_in(release).await {
                Ok(taken) => return taken,
                Err(status) if status.code() == Code::Unavailable && Instant::now() < end => {
                    tokio::task::yield_now().await;
                }
                Err(status) => panic!("{status:?}"),
            }
        }
    }

    /// The ids of all releases that the indicators process shows.
    pub async fn releases(&self) -> BTreeSet<String> {
        let (mut ids, mut page_token) = (BTreeSet::new(), String::new());
        loop {
            let request = v1::ListReleasesRequest {
                page_token: page_token.clone(),
                ..v1::ListReleasesRequest::default()
            };
            let answer = CatalogueServiceClient::new(self.0.clone())
                .list_releases(request)
                .await
                .unwrap()
                .into_inner();
            ids.extend(answer.releases.into_iter().map(|release| release.release));
            page_token = answer.next_page_token;
            if page_token.is_empty() {
                return ids;
            }
        }
    }
}

/// How many observations, printed figures and bounds there are of a release.
pub type Rows = [usize; 3];

/// What a reader that was not there before sees in a lake, by the edition.
pub struct Fresh {
    lake: Lake,
    releases: Vec<Release>,
}

impl Fresh {
    pub async fn of(lake: &Path) -> Self {
        let lake = Lake::at(&lake.display().to_string()).unwrap();
        let releases = lake.releases().await.unwrap().to_vec();
        Self { lake, releases }
    }

    /// The ids of all releases.
    pub fn ids(&self) -> BTreeSet<String> {
        let ids = self.releases.iter().map(|release| release.id.to_string());
        ids.collect()
    }

    /// The id of the newest release.
    pub fn newest(&self) -> String {
        self.releases[0].id.to_string()
    }

    /// The release of an edition, of which there is at most one.
    pub fn of_edition(&self, number: usize) -> Option<&Release> {
        let edition = format!("n{number}");
        let mut found = self
            .releases
            .iter()
            .filter(|release| release.edition.to_string() == edition);
        let first = found.next();
        assert_eq!(found.next(), None, "two releases of one file");
        first
    }

    /// Reads all rows of a release.
    pub async fn rows(&self, release: &Release) -> Rows {
        let slices: BTreeMap<_, _> = release.periods().map(|period| (period, release)).collect();
        [
            self.lake
                .observations(&slices, &KeyPattern::default())
                .await
                .unwrap()
                .len(),
            self.lake.published(release).await.unwrap().len(),
            self.lake.bounds(release).await.unwrap().len(),
        ]
    }

    /// What is wrong with the lake.
    pub async fn problems(&self) -> Vec<regtrade_lake::Problem> {
        self.lake.verify().await.unwrap().problems
    }

    /// What is wrong with a lake that perhaps cannot be read.
    pub async fn verify(lake: &Path) -> Vec<regtrade_lake::Problem> {
        let lake = Lake::at(&lake.display().to_string()).unwrap();
        lake.verify().await.unwrap().problems
    }
}
