//! What is asked, of whom, and what it may cost.

use serde_json::{Value, json};

use super::data::{AREA, Picked};

/// The first and the last year of contributions.
pub const YEARS: [&str; 2] = ["2019", "2024"];
/// The years of the filter.
pub const FILTER_YEARS: [u16; 2] = [2015, 2024];
/// The flow whose contributions are asked for.
pub const ITEM: &str = "P61";
/// The decimals of contributions.
pub const DECIMALS: u32 = 2;
/// The longest that one series may take, in milliseconds.
pub const SERIES_MS: f64 = 5.0;

/// A question, which is one request but for the series, of which there are many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Question {
    KeyIndicators,
    ByPartner,
    ByHs6,
    Totals,
    Filter,
    Series,
    Revisions,
}

/// Which files a peer answers from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The Parquet file with all observations.
    Plain,
    /// Summary tables as well.
    Summaries,
}

impl Form {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Summaries => "summaries",
        }
    }

    /// In words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Plain => "its file",
            Self::Summaries => "with summary tables",
        }
    }
}

impl Question {
    pub const ALL: [Self; 7] = [
        Self::KeyIndicators,
        Self::ByPartner,
        Self::ByHs6,
        Self::Totals,
        Self::Filter,
        Self::Series,
        Self::Revisions,
    ];

    /// What is asked, in words without a comma.
    pub const fn title(self) -> &'static str {
        match self {
            Self::KeyIndicators => "key indicators of 2024",
            Self::ByPartner => "contributions by partner 2019 to 2024",
            Self::ByHs6 => "contributions by HS6 2019 to 2024",
            Self::Totals => "monthly totals by region",
            Self::Filter => "products × partners × region × years",
            Self::Series => "one series by key (p50)",
            Self::Revisions => "revisions between two vintages",
        }
    }

    /// The most that it may cost, as a multiple of the time of the fastest peer.
    pub const fn bar(self) -> f64 {
        match self {
            Self::KeyIndicators | Self::ByPartner | Self::ByHs6 | Self::Totals => 0.1,
            Self::Filter => 0.8,
            Self::Series => 1.0,
            Self::Revisions => 0.5,
        }
    }

    /// From what a peer can answer it.
    pub const fn forms(self) -> &'static [Form] {
        match self {
            Self::KeyIndicators | Self::ByPartner | Self::ByHs6 | Self::Totals => {
                &[Form::Plain, Form::Summaries]
            }
            Self::Filter | Self::Series | Self::Revisions => &[Form::Plain],
        }
    }

    /// Of how many decimals the rates are of which a row that is not there is zero; `None`: it is just not there.
    pub const fn zero(self) -> Option<i32> {
        match self {
            Self::ByPartner | Self::ByHs6 => Some(DECIMALS as i32),
            _ => None,
        }
    }

    /// How many requests it is.
    pub const fn requests(self, picked: &Picked) -> usize {
        match self {
            Self::Series => picked.series.len(),
            _ => 1,
        }
    }

    /// A request, for a peer.
    pub fn of_peer(self, form: Form, picked: &Picked, at: usize) -> Value {
        let area = AREA.to_string();
        let contributions = |by: &str| json!({ "question": "contributions", "form": form.name(), "by": by, "item": ITEM, "area": area });
        let mut request = match self {
            Self::KeyIndicators => json!({ "question": "key_indicators", "form": form.name() }),
            Self::ByPartner => contributions("partner"),
            Self::ByHs6 => contributions("hs6"),
            Self::Totals => json!({ "question": "totals", "form": form.name() }),
            Self::Filter => json!({
                "question": "filtered", "area": area, "products": picked.products, "partners": picked.partners,
                "first": FILTER_YEARS[0], "last": FILTER_YEARS[1],
            }),
            Self::Series => {
                let mut request = serde_json::to_value(picked.series.get(at)).unwrap_or_default();
                request["question"] = json!("series");
                request
            }
            Self::Revisions => json!({ "question": "revisions" }),
        };
        request["do"] = json!("ask");
        request
    }
}
