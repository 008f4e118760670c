//! The Delta log: which files are live, and by which commit. Its commits are read and written here, one at a time;
//! `deltalake` opens a log that is there already, keeps its checkpoints, and puts a commit in its place or says that
//! another is there.

use std::{collections::BTreeMap, io::ErrorKind, sync::Arc};

use deltalake::{
    DeltaTable, DeltaTableError, Path,
    kernel::{engine::arrow_conversion::TryIntoKernel as _, transaction::TransactionError},
    logstore::{CommitOrBytes, LogStoreRef, object_store::ObjectStoreExt as _},
    schema::StructType,
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use regtrade_model::{Dataflow, Instant};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use url::Url;

use crate::{
    LakeError,
    files::{self, EVENTS, RELEASES},
    rows,
    schema::{Content, SCHEMA_VERSION, VERSION_PROPERTY, columns},
    state::{Entry, State},
};

/// After how many commits a checkpoint is made, from which a log is opened without reading all commits before it.
const CHECKPOINT_INTERVAL: u64 = 100;

/// The field of a commit that holds the digest of the commit without it.
pub(crate) const COMMIT_DIGEST: &str = "regtrade.sha256";

/// A log, and what was last read of it.
pub(crate) struct Log {
    pub(crate) store: LogStoreRef,
    view: Mutex<Option<Arc<State>>>,
}

impl Log {
    pub(crate) fn new(store: LogStoreRef) -> Self {
        Self {
            store,
            view: Mutex::new(None),
        }
    }

    /// What the log says now; `None` where there is no lake yet.
    pub(crate) async fn current(&self) -> Result<Option<Arc<State>>, LakeError> {
        let mut view = self.view.lock().await;
        // Each step is kept as it is made: a call that is given up half way leaves what was read for the next one.
        let mut state = match &*view {
            Some(state) => Arc::clone(state),
            None => match self.open().await? {
                Some(state) => Arc::new(state),
                None => return Ok(None),
            },
        };
        while let Some(bytes) = self.store.read_commit_entry(state.version + 1).await? {
            let actions = parse(&bytes).map_err(|error| {
                LakeError::Damaged(format!(
                    "the commit {} of the log: {error}",
                    state.version + 1
                ))
            })?;
            let entries = self.entries(&actions).await?;
            state = Arc::new(state.after(entries)?);
            *view = Some(Arc::clone(&state));
        }
        *view = Some(Arc::clone(&state));
        Ok(Some(state))
    }

    /// What the log says now; where there is no lake yet, it is made.
    pub(crate) async fn current_or_new(&self, now: Instant) -> Result<Arc<State>, LakeError> {
        loop {
            if let Some(state) = self.current().await? {
                return Ok(state);
            }
            // The log is made before any file: files without a log are a lake that lost it.
            let folder = Path::from(RELEASES);
            let mut left = self.store.object_store(None).list(Some(&folder));
            if left.try_next().await?.is_some() {
                // Another may have made the log and these files just now: then it is there.
                let state = self.current().await?;
                return state.ok_or_else(|| LakeError::LogLost(self.store.root_url().clone()));
            }
            let url = self.store.root_url();
            if url.scheme() == "file" {
                make_folder(url).await?;
            }
            if self
                .write(0, &creation(url, now)?, "CREATE TABLE", now)
                .await?
            {
                let mut view = self.view.lock().await;
                view.get_or_insert_with(|| Arc::new(State::empty()));
            }
        }
    }

    /// Makes files live, as the next commit after `state`; `None` where another came before.
    pub(crate) async fn append(
        &self,
        state: &State,
        mut actions: Vec<Value>,
        entry: Entry,
        now: Instant,
    ) -> Result<Option<Arc<State>>, LakeError> {
        let (dataflow, sequence) = (entry.dataflow(), entry.sequence());
        actions.push(json!({ "txn": {
            "appId": application(dataflow),
            "version": sequence,
            "lastUpdated": now.timestamp_millis(),
        }}));
        let version = state.version + 1;
        if !self.write(version, &actions, "WRITE", now).await? {
            return Ok(None);
        }
        let after = Arc::new(state.after(vec![entry])?);
        {
            let mut view = self.view.lock().await;
            if view.as_ref().is_none_or(|seen| seen.version < version) {
                *view = Some(Arc::clone(&after));
            }
        }
        if version.is_multiple_of(CHECKPOINT_INTERVAL) {
            let made = self.checkpoint(version).await;
            if let Err(error) = made {
                tracing::debug!(%error, "no checkpoint was made; the next one will do");
            }
        }
        Ok(Some(after))
    }

    /// Puts a commit in its place; `false` where another is there.
    async fn write(
        &self,
        version: u64,
        actions: &[Value],
        operation: &str,
        now: Instant,
    ) -> Result<bool, LakeError> {
        let text = commit_text(actions, operation, now);
        let entry = CommitOrBytes::LogBytes(text.into_bytes().into());
        let written = self
            .store
            .write_commit_entry(version, entry, Default::default());
        match written.await {
            Ok(()) => Ok(true),
            Err(TransactionError::VersionAlreadyExists(_)) => Ok(false),
            Err(TransactionError::ObjectStore { source }) => Err(source.into()),
            Err(error) => Err(DeltaTableError::from(error).into()),
        }
    }

    /// The log as it is found, by its newest checkpoint and the commits after it.
    async fn open(&self) -> Result<Option<State>, LakeError> {
        let mut table = DeltaTable::new(Arc::clone(&self.store));
        if !table.verify_deltatable_existence().await? {
            return Ok(None);
        }
        table.load().await?;
        let snapshot = table.snapshot()?;
        let configuration = snapshot.metadata().configuration();
        let version = configuration.get(VERSION_PROPERTY).map(String::as_str);
        check_version(version, self.store.root_url())?;
        let paths: Vec<String> = snapshot
            .log_data()
            .iter()
            .map(|file| file.path().into())
            .collect();
        let entries: Vec<_> = paths.iter().map(|path| self.entry(path)).collect();
        let entries: Vec<_> = stream::iter(entries)
            .buffered(files::AT_ONCE)
            .try_collect()
            .await?;
        let entries = entries.into_iter().flatten().collect();
        State::opened(snapshot.version(), entries).map(Some)
    }

    /// Makes a checkpoint, and removes the hint where it is: readers find it by its name, and a copy of the log that
    /// has the hint and not yet the checkpoint could not be opened.
    async fn checkpoint(&self, version: u64) -> Result<(), LakeError> {
        let mut table = DeltaTable::new(Arc::clone(&self.store));
        table.load_version(version).await?;
        deltalake::checkpoints::create_checkpoint(&table, None).await?;
        let hint = Path::from("_delta_log/_last_checkpoint");
        Ok(self.store.object_store(None).delete(&hint).await?)
    }

    /// What a commit adds to the history.
    async fn entries(&self, actions: &[Value]) -> Result<Vec<Entry>, LakeError> {
        let mut entries = vec![];
        for action in actions {
            if let Some(configuration) = action["metaData"].get("configuration") {
                let version = configuration[VERSION_PROPERTY].as_str();
                check_version(version, self.store.root_url())?;
            }
            if let Some(path) = action["add"]["path"].as_str() {
                entries.extend(self.entry(path).await?);
            }
        }
        Ok(entries)
    }

    /// The record or event that a file is, if it is one.
    async fn entry(&self, path: &str) -> Result<Option<Entry>, LakeError> {
        let store = self.store.object_store(None);
        match content_of(path) {
            Some(Content::Release) => {
                let batches = files::read(&store, path).await?;
                let record = rows::to_record(&batches, path)?;
                Ok(Some(Entry::Release(Arc::new(record))))
            }
            Some(Content::Event) => {
                let batches = files::read(&store, path).await?;
                let [batch] = &batches[..] else {
                    return Err(LakeError::Damaged(format!("{path} has not one row")));
                };
                let event = rows::to_events(batch)?.pop();
                Ok(event.map(|(dataflow, sequence, event)| Entry::Event {
                    dataflow,
                    sequence,
                    event,
                }))
            }
            _ => Ok(None),
        }
    }
}

/// What the rows of a file are, by its path: `releases/ID/CONTENT-….parquet` or `events/EVENT-….parquet`.
pub(crate) fn content_of(path: &str) -> Option<Content> {
    let parts: Vec<_> = path.split('/').collect();
    let (name, in_events) = match parts[..] {
        [RELEASES, _, name] => (name, false),
        [EVENTS, name] => (name, true),
        _ => return None,
    };
    let word = name.strip_suffix(".parquet")?.split_once('-')?.0;
    let found = Content::ALL
        .into_iter()
        .find(|content| content.as_str() == word)?;
    ((found == Content::Event) == in_events).then_some(found)
}

/// The actions of a commit, one JSON object per line.
pub(crate) fn parse(bytes: &[u8]) -> Result<Vec<Value>, serde_json::Error> {
    bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(serde_json::from_slice)
        .collect()
}

/// The digest that a commit must have: that of its text with the digest left empty. `None` where it says none.
pub(crate) fn commit_digests(text: &str) -> Option<(String, String)> {
    let begin = format!("\"{COMMIT_DIGEST}\":\"");
    let at = text.find(&begin)? + begin.len();
    let said = text.get(at..at + 64)?;
    let without = format!("{}{}", &text[..at], text.get(at + 64..)?);
    Some((
        said.to_owned(),
        files::digest_of(without.as_bytes()).to_string(),
    ))
}

/// Refuses a table that is no lake, or one of another version.
pub(crate) fn check_version(version: Option<&str>, url: &Url) -> Result<(), LakeError> {
    let found = version
        .and_then(|text| text.parse::<u32>().ok())
        .ok_or_else(|| LakeError::NotALake(url.clone()))?;
    let known = SCHEMA_VERSION;
    match found.cmp(&known) {
        std::cmp::Ordering::Less => Err(LakeError::OlderSchema { found, known }),
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(LakeError::NewerSchema { found, known }),
    }
}

fn commit_text(actions: &[Value], operation: &str, now: Instant) -> String {
    let information = json!({ "commitInfo": {
        "timestamp": now.timestamp_millis(),
        "operation": operation,
        "operationParameters": {},
        "engineInfo": concat!("regtrade:", env!("CARGO_PKG_VERSION")),
        COMMIT_DIGEST: "",
    }});
    let lines: Vec<_> = std::iter::once(&information)
        .chain(actions)
        .map(Value::to_string)
        .collect();
    let text = lines.join("\n");
    let digest = files::digest_of(text.as_bytes());
    let empty = format!("\"{COMMIT_DIGEST}\":\"\"");
    text.replacen(&empty, &format!("\"{COMMIT_DIGEST}\":\"{digest}\""), 1)
}

/// The actions that make an empty lake.
fn creation(url: &Url, now: Instant) -> Result<Vec<Value>, LakeError> {
    let schema: StructType = columns().as_ref().try_into_kernel()?;
    let schema = serde_json::to_string(&schema)
        .map_err(|error| LakeError::Damaged(format!("the schema: {error}")))?;
    let properties: BTreeMap<_, _> = [
        (VERSION_PROPERTY, SCHEMA_VERSION.to_string()),
        ("delta.appendOnly", "true".to_owned()),
        ("delta.enableExpiredLogCleanup", "false".to_owned()),
        ("delta.checkpointInterval", CHECKPOINT_INTERVAL.to_string()),
    ]
    .into();
    Ok(vec![
        json!({ "protocol": { "minReaderVersion": 1, "minWriterVersion": 2 } }),
        json!({ "metaData": {
            "id": table_id(url, now),
            "name": "regtrade",
            "description": "Releases of regional foreign-trade statistics; see docs/lake.md of regtrade",
            "format": { "provider": "parquet", "options": {} },
            "schemaString": schema,
            "partitionColumns": [],
            "configuration": properties,
        }}),
    ])
}

/// An id for the table in the form of a UUID, from where and when it was made.
fn table_id(url: &Url, now: Instant) -> String {
    let digest = files::digest_of(format!("{url} {now:?}").as_bytes()).to_string();
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| &digest[part]);
    parts.join("-")
}

/// Makes the folder of the lake, and in it the one of the log, so that a copy of the log can be taken at any time.
async fn make_folder(url: &Url) -> Result<(), LakeError> {
    let path = url.to_file_path().map_err(|()| LakeError::Location {
        location: url.to_string(),
        reason: "it is no path of this system".to_owned(),
    })?;
    tokio::fs::create_dir_all(path.join("_delta_log"))
        .await
        .map_err(|error| match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                LakeError::NoSpace(error.to_string())
            }
            _ => LakeError::Location {
                location: path.display().to_string(),
                reason: format!("the folder cannot be made: {error}"),
            },
        })
}

/// The id of the application transaction that counts the commits of a dataflow.
pub(crate) fn application(dataflow: Dataflow) -> String {
    format!("regtrade.{dataflow}")
}
