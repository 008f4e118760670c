//! Our answers, through the gateway by its generated clients, as anyone asks it.

use std::time::{Duration, Instant as Stopwatch};

use arrow::{
    array::{Array, AsArray as _, Decimal128Array, RecordBatch},
    datatypes::Decimal128Type,
};
use arrow_flight::{
    Ticket,
    decode::{DecodedPayload, FlightDataDecoder},
    error::FlightError,
    flight_service_client::FlightServiceClient,
};
use futures::StreamExt as _;
use prost::Message as _;
use regtrade_model::{Concept, Decimal};
use regtrade_proto::v1::{self, indicator_service_client::IndicatorServiceClient};
use regtrade_service::LARGEST_FRAME;
use tonic::transport::{Channel, Endpoint};

use super::{
    answer::{Cell, Row},
    data::{AREA, Picked},
    question::{DECIMALS, FILTER_YEARS, ITEM, Question, YEARS},
};
use crate::error::BenchError;

/// The largest answer that is taken.
const MESSAGE_BYTES: usize = 256 << 20;

const DATAFLOW: i32 = v1::Dataflow::Exttrade as i32;

/// An answer as rows by key, and how long it took until it was there as messages.
pub type Answered = Result<(Duration, Vec<Row>), String>;

/// The gateway.
pub struct Ours {
    channel: Channel,
    /// The ids of the releases of the two vintages.
    releases: [String; 2],
}

/// What came back, before it is turned into rows.
enum Found {
    Figures(Vec<v1::Figure>),
    Contributions(Vec<v1::ContributionSet>),
    Batches(Vec<RecordBatch>),
}

impl Ours {
    /// Connects to the gateway.
    ///
    /// # Errors
    /// Where nobody is there.
    pub async fn connect(address: &str, releases: [String; 2]) -> Result<Self, BenchError> {
        let endpoint = Endpoint::from_shared(address.to_owned());
        let endpoint = endpoint.map_err(|error| BenchError::Made(error.to_string()))?;
        // As the command line does.
        let endpoint = endpoint.tcp_nodelay(true);
        let channel = endpoint.max_frame_size(LARGEST_FRAME).connect().await;
        let channel = channel.map_err(|error| BenchError::Services(error.to_string()))?;
        Ok(Self { channel, releases })
    }

    /// Asks a question: one of its requests.
    pub async fn ask(&self, question: Question, picked: &Picked, at: usize) -> Answered {
        let begin = Stopwatch::now();
        let found = self.found(question, picked, at).await;
        let taken = begin.elapsed();
        let mut rows = rows(question, found?)?;
        rows.sort_by(|a, b| a.key.cmp(&b.key));
        Ok((taken, rows))
    }

    async fn found(&self, question: Question, picked: &Picked, at: usize) -> Result<Found, String> {
        match question {
            Question::KeyIndicators => self.key_indicators(["2024", "2024"], "A", vec![]).await,
            Question::Totals => {
                let levels = vec![v1::Indicator::Level as i32];
                self.key_indicators(["2002-01", "2024-12"], "M", levels)
                    .await
            }
            Question::ByPartner => self.contributions(v1::Breakdown::Partner, "COUNTRY").await,
            Question::ByHs6 => self.contributions(v1::Breakdown::Product, "HS6").await,
            Question::Filter => {
                let (products, partners) = (picked.products.join("+"), picked.partners.join("+"));
                let key = format!("M.{AREA}.._T.{products}.{partners}.{}", Concept::Nat);
                let [first, last] = FILTER_YEARS;
                let request = v1::ListObservationsRequest {
                    dataflow: DATAFLOW,
                    key,
                    from: format!("{first}-01"),
                    to: format!("{last}-12"),
                    ..Default::default()
                };
                self.bulk(request.encode_to_vec()).await
            }
            Question::Series => {
                let key = picked.series.get(at).ok_or("no such series")?;
                let (item, area, product, partner) =
                    (&key.item, &key.area, &key.product, &key.partner);
                let key = format!("M.{area}.{item}._T.{product}.{partner}.{}", Concept::Nat);
                self.observations(key).await
            }
            Question::Revisions => self.revisions().await,
        }
    }

    fn client(&self) -> IndicatorServiceClient<Channel> {
        IndicatorServiceClient::new(self.channel.clone()).max_decoding_message_size(MESSAGE_BYTES)
    }

    async fn key_indicators(
        &self,
        [from, to]: [&str; 2],
        freq: &str,
        indicators: Vec<i32>,
    ) -> Result<Found, String> {
        let request = v1::GetKeyIndicatorsRequest {
            dataflow: DATAFLOW,
            indicators,
            from: from.to_owned(),
            to: to.to_owned(),
            freq: freq.to_owned(),
            ..Default::default()
        };
        let answer = self.client().get_key_indicators(request).await;
        Ok(Found::Figures(
            answer.map_err(refused)?.into_inner().figures,
        ))
    }

    async fn contributions(&self, by: v1::Breakdown, level: &str) -> Result<Found, String> {
        let request = v1::ListContributionsRequest {
            dataflow: DATAFLOW,
            by: by.into(),
            items: vec![ITEM.to_owned()],
            ref_areas: vec![AREA.to_string()],
            from: YEARS[0].to_owned(),
            to: YEARS[1].to_owned(),
            level: level.to_owned(),
            concept: Concept::Nat.to_string(),
            decimals: Some(DECIMALS),
            ..Default::default()
        };
        let answer = self.client().list_contributions(request).await;
        Ok(Found::Contributions(
            answer.map_err(refused)?.into_inner().sets,
        ))
    }

    async fn observations(&self, key: String) -> Result<Found, String> {
        let mut request = v1::ListObservationsRequest {
            dataflow: DATAFLOW,
            key,
            ..Default::default()
        };
        let mut figures = vec![];
        loop {
            let page = self.client().list_observations(request.clone()).await;
            let page = page.map_err(refused)?.into_inner();
            figures.extend(page.figures);
            if page.next_page_token.is_empty() {
                return Ok(Found::Figures(figures));
            }
            request.as_of = page.as_of;
            request.page_token = page.next_page_token;
        }
    }

    async fn bulk(&self, ticket: Vec<u8>) -> Result<Found, String> {
        let mut client =
            FlightServiceClient::new(self.channel.clone()).max_decoding_message_size(MESSAGE_BYTES);
        let messages = client.do_get(Ticket::new(ticket)).await;
        let messages = messages.map_err(refused)?.into_inner();
        let failed = |error: FlightError| match error {
            FlightError::Tonic(status) => refused(*status),
            error => error.to_string(),
        };
        let messages = messages.map(|message| message.map_err(FlightError::from));
        let mut messages = FlightDataDecoder::new(messages);
        let mut batches = vec![];
        while let Some(message) = messages.next().await {
            if let DecodedPayload::RecordBatch(batch) = message.map_err(failed)?.payload {
                batches.push(batch);
            }
        }
        Ok(Found::Batches(batches))
    }

    /// Every cell that changed.
    async fn revisions(&self) -> Result<Found, String> {
        let [from, to] = self.releases.clone().map(|release| v1::AsOf {
            at: Some(v1::as_of::At::Release(release)),
            ..Default::default()
        });
        let request = v1::ListRevisionsRequest {
            dataflow: DATAFLOW,
            from: Some(from),
            to: Some(to),
            ..Default::default()
        };
        self.bulk(request.to_command()).await
    }
}

fn refused(status: tonic::Status) -> String {
    format!("{:?}: {}", status.code(), status.message())
}

fn rows(question: Question, found: Found) -> Result<Vec<Row>, String> {
    match found {
        Found::Figures(figures) => {
            let row = |figure: &v1::Figure| {
                Ok(Row {
                    key: figure_key(question, figure),
                    cells: vec![figure_cell(figure)?],
                })
            };
            figures.iter().map(row).collect()
        }
        Found::Contributions(sets) => contribution_rows(&sets),
        Found::Batches(batches) => {
            let mut rows = vec![];
            for batch in &batches {
                let values: &[&str] = match question {
                    Question::Revisions => &["from_value", "to_value"],
                    _ => &["value"],
                };
                batch_rows(batch, values, &mut rows)?;
            }
            Ok(rows)
        }
    }
}

fn figure_key(question: Question, figure: &v1::Figure) -> String {
    let v1::Figure {
        item,
        ref_area,
        product,
        counterpart_area,
        period,
        ..
    } = figure;
    match question {
        Question::KeyIndicators => {
            let indicator = figure.indicator().as_str_name();
            let indicator = indicator.trim_start_matches("INDICATOR_");
            format!("{item}|{ref_area}|{indicator}|{period}")
        }
        Question::Totals => format!("{item}|{ref_area}|{period}"),
        _ => format!("{item}|{ref_area}|{product}|{counterpart_area}|{period}"),
    }
}

fn figure_cell(figure: &v1::Figure) -> Result<Cell, String> {
    let Some(v1::figure::Value::Exact(value)) = &figure.value else {
        return Ok(Cell::Absent);
    };
    let value = decimal(value)?;
    let is_money = figure.unit == "EUR";
    Ok(if is_money {
        Cell::Exact(value)
    } else {
        Cell::Shown(value, figure.decimals)
    })
}

fn contribution_rows(sets: &[v1::ContributionSet]) -> Result<Vec<Row>, String> {
    let mut rows = vec![];
    for set in sets {
        let amount = |text: &str| match text {
            "" => Ok(Cell::Absent),
            text => decimal(text).map(Cell::Exact),
        };
        let rate = |text: Option<&String>| match text {
            None => Ok(Cell::Absent),
            Some(text) => decimal(text).map(|value| Cell::Shown(value, set.decimals)),
        };
        let row = |found: &v1::Contribution| -> Result<Row, String> {
            let whole = match &found.value {
                Some(v1::contribution::Value::Exact(text)) => Some(text),
                _ => None,
            };
            let mut cells = vec![
                amount(&found.from_level)?,
                amount(&found.to_level)?,
                rate(whole)?,
            ];
            for year in &found.years {
                let value = match &year.value {
                    Some(v1::annual_contribution::Value::Exact(text)) => Some(text),
                    _ => None,
                };
                cells.push(rate(value)?);
            }
            Ok(Row {
                key: found.code.clone(),
                cells,
            })
        };
        if let Some(total) = &set.total {
            rows.push(Row {
                key: "total".to_owned(),
                ..row(total)?
            });
        }
        for part in &set.parts {
            rows.push(row(part)?);
        }
        // Peers have nothing that is in no part: where there is something of it, it is one row too many.
        if let Some(rest) = &set.uncovered {
            let row = row(rest)?;
            let is_zero = |cell: &Cell| matches!(cell, Cell::Exact(value) | Cell::Shown(value, _) if value.is_zero());
            if !row.cells.iter().all(is_zero) {
                rows.push(Row {
                    key: "uncovered".to_owned(),
                    ..row
                });
            }
        }
    }
    Ok(rows)
}

fn batch_rows(batch: &RecordBatch, values: &[&str], rows: &mut Vec<Row>) -> Result<(), String> {
    let column = |name: &str| {
        let found = batch.column_by_name(name);
        found.ok_or_else(|| format!("there is no column {name}"))
    };
    let names = ["item", "ref_area", "product", "counterpart_area", "period"];
    let mut texts = Vec::with_capacity(names.len());
    for name in names {
        let text = column(name)?.as_string_opt::<i32>();
        texts.push(text.ok_or_else(|| format!("{name} is no text"))?);
    }
    let mut decimals = Vec::with_capacity(values.len());
    for name in values {
        let values = column(name)?.as_primitive_opt::<Decimal128Type>();
        decimals.push(values.ok_or_else(|| format!("{name} is no decimal"))?);
    }
    for at in 0..batch.num_rows() {
        let key: Vec<&str> = texts.iter().map(|text| text.value(at)).collect();
        let cell = |values: &&Decimal128Array| {
            if values.is_null(at) {
                return Ok(Cell::Absent);
            }
            let scale = u32::try_from(values.scale()).map_err(|error| error.to_string())?;
            let value = Decimal::try_from_i128_with_scale(values.value(at), scale);
            Ok(Cell::Exact(value.map_err(|error| error.to_string())?))
        };
        let cells: Result<Vec<Cell>, String> = decimals.iter().map(cell).collect();
        rows.push(Row {
            key: key.join("|"),
            cells: cells?,
        });
    }
    Ok(())
}

fn decimal(text: &str) -> Result<Decimal, String> {
    text.parse().map_err(|error| format!("{text}: {error}"))
}
