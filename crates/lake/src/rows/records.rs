//! The records of releases, with what the lake itself knows of them, and what happened to them.

use std::{collections::BTreeMap, sync::Arc};

use arrow::{
    array::{ArrayRef, AsArray, Int64Array, RecordBatch, TimestampMicrosecondArray},
    datatypes::Int64Type,
};
use regtrade_model::{Dataflow, Digest, Event, Instant, Period, Release, ReleaseId, RevisionKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{LakeError, Texts, batch, column, constant, damaged};
use crate::{
    schema::Content,
    sums::{Kind, Others},
};

/// The part of a record that is the lake's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stored {
    /// The files of the release but for the one of the record itself, whose name tells its digest.
    pub(crate) files: Vec<StoredFile>,
    /// Of each slice whose observations were there before: the release whose file holds them.
    pub(crate) stored_in: BTreeMap<Period, ReleaseId>,
    /// The years whose sums are kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) sums_of: Vec<u16>,
    /// Those of them whose sums by year are of more than the release stores: which other releases hold the rest.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) sums_with: Others,
}

/// A file of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredFile {
    /// Its name, without the folder of the release.
    pub(crate) name: String,
    /// What its rows are.
    pub(crate) content: Content,
    /// SHA-256 of its bytes.
    pub(crate) digest: Digest,
    /// How many bytes it has.
    pub(crate) bytes: u64,
    /// How many rows it has.
    pub(crate) rows: u64,
    /// Which sums its rows are, if they are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sums: Option<Kind>,
}

/// A release as it was committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    /// What was handed in. The kind of each slice is not told yet.
    pub(crate) release: Release,
    /// As which commit of its dataflow.
    pub(crate) sequence: i64,
    /// Where its rows are.
    pub(crate) stored: Stored,
    /// The file of the record, below the root of the lake.
    pub(crate) path: String,
}

impl Record {
    /// The periods of a year that it stores itself.
    pub(crate) fn own_periods(&self, year: u16) -> impl Iterator<Item = Period> {
        let slices = self.release.slices.iter();
        let own = slices.filter(move |slice| slice.period.year() == year);
        let periods = own.filter(|slice| slice.observations.is_some());
        let periods = periods.map(|slice| slice.period);
        periods.filter(|period| !self.stored.stored_in.contains_key(period))
    }

    /// How many rows of observations it stores.
    pub(crate) fn rows(&self) -> u64 {
        let files = self.stored.files.iter();
        let observed = files.filter(|file| file.content == Content::Observation);
        observed.map(|file| file.rows).sum()
    }

    /// The release whose files hold the observations of a period.
    pub(crate) fn holder(&self, period: Period) -> &ReleaseId {
        let elsewhere = self.stored.stored_in.get(&period);
        elsewhere.unwrap_or(&self.release.id)
    }
}

/// The row of a record.
pub(crate) fn of_release(
    release: &Release,
    stored: &Stored,
    sequence: i64,
) -> Result<RecordBatch, LakeError> {
    let document = to_document(release, stored).map_err(unreadable)?;
    let instant = |at: Instant| -> ArrayRef {
        Arc::new(TimestampMicrosecondArray::from(vec![at.timestamp_micros()]).with_timezone("UTC"))
    };
    batch(&[
        ("content", constant(Content::Release.as_str(), 1)),
        ("dataflow", constant(release.dataflow, 1)),
        ("release", constant(&release.id, 1)),
        ("edition", constant(&release.edition, 1)),
        ("published_at", instant(release.published_at)),
        ("loaded_at", instant(release.loaded_at)),
        ("digest", constant(release.digest, 1)),
        ("sequence", Arc::new(Int64Array::from(vec![sequence]))),
        ("document", constant(document, 1)),
    ])
}

/// The row of an event.
pub(crate) fn of_event(
    dataflow: Dataflow,
    event: &Event,
    sequence: i64,
) -> Result<RecordBatch, LakeError> {
    let document = serde_json::to_string(event).map_err(unreadable)?;
    batch(&[
        ("content", constant(Content::Event.as_str(), 1)),
        ("dataflow", constant(dataflow, 1)),
        ("release", constant(&event.release, 1)),
        ("sequence", Arc::new(Int64Array::from(vec![sequence]))),
        ("document", constant(document, 1)),
    ])
}

/// The record that the rows of a file are, which must be one row.
pub(crate) fn to_record(batches: &[RecordBatch], path: &str) -> Result<Record, LakeError> {
    let [batch] = batches else {
        return Err(damaged("a file of a record has not one row"));
    };
    let (sequences, documents) = (sequences(batch)?, Texts::of(batch, "document")?);
    let [sequence] = sequences[..] else {
        return Err(damaged("a file of a record has not one row"));
    };
    let (release, stored) = of_document(documents.at(0)?).map_err(unreadable)?;
    Ok(Record {
        release,
        sequence,
        stored,
        path: path.to_owned(),
    })
}

/// The events of a batch, each with its dataflow and its sequence.
pub(crate) fn to_events(batch: &RecordBatch) -> Result<Vec<(Dataflow, i64, Event)>, LakeError> {
    let (dataflows, documents) = (Texts::of(batch, "dataflow")?, Texts::of(batch, "document")?);
    let sequences = sequences(batch)?.into_iter().enumerate();
    sequences
        .map(|(row, sequence)| {
            let event = serde_json::from_str(documents.at(row)?).map_err(unreadable)?;
            Ok((dataflows.parsed(row)?, sequence, event))
        })
        .collect()
}

fn sequences(batch: &RecordBatch) -> Result<Vec<i64>, LakeError> {
    let sequences = column(batch, "sequence")?;
    let sequences = sequences
        .as_primitive_opt::<Int64Type>()
        .ok_or_else(|| damaged("sequence is no number"))?;
    Ok(sequences.values().to_vec())
}

/// The record as JSON. What a release is for a period follows from the releases before it, which may change by events:
/// it is left out.
fn to_document(release: &Release, stored: &Stored) -> serde_json::Result<String> {
    let mut document = serde_json::to_value(release)?;
    for slice in slices(&mut document) {
        slice.remove("kind");
    }
    document["lake"] = serde_json::to_value(stored)?;
    Ok(document.to_string())
}

fn of_document(text: &str) -> serde_json::Result<(Release, Stored)> {
    let mut document: Value = serde_json::from_str(text)?;
    for slice in slices(&mut document) {
        slice.insert("kind".to_owned(), RevisionKind::First.as_str().into());
    }
    let stored = document.get_mut("lake").map(Value::take);
    Ok((
        serde_json::from_value(document)?,
        serde_json::from_value(stored.unwrap_or_default())?,
    ))
}

fn slices(document: &mut Value) -> impl Iterator<Item = &mut serde_json::Map<String, Value>> {
    let slices = document.get_mut("slices").and_then(Value::as_array_mut);
    slices
        .into_iter()
        .flatten()
        .filter_map(Value::as_object_mut)
}

fn unreadable(error: serde_json::Error) -> LakeError {
    LakeError::Damaged(format!("a document: {error}"))
}
