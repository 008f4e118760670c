//! Committing a release: write its files, then make them live with one commit, or start over.

use arrow::array::RecordBatch;
use chrono::TimeDelta;
use deltalake::{
    DeltaTable, DeltaTableError,
    kernel::{
        Action, Add, Transaction,
        engine::arrow_conversion::TryIntoKernel as _,
        transaction::{CommitBuilder, CommitProperties, TransactionError},
    },
    operations::create::CreateBuilder,
    protocol::{DeltaOperation, SaveMode},
    schema::StructType,
    writer::{DeltaWriter, RecordBatchWriter},
};
use parquet::{
    basic::{Compression, ZstdLevel},
    file::properties::WriterProperties,
};

use regtrade_model::Instant;

use crate::{
    Committed, Lake, LakeError, Submission, read, rows,
    schema::{SCHEMA_VERSION, VERSION_PROPERTY, columns},
};

/// How often a commit that others overtake is tried.
const TRIES: u32 = 50;

pub(crate) async fn commit(
    lake: &Lake,
    submission: &Submission,
    now: &(dyn Fn() -> Instant + Sync),
) -> Result<Committed, LakeError> {
    let mut release = submission.release.clone();
    let mut figures: Option<Vec<Add>> = None;
    for _ in 0..TRIES {
        // The snapshot comes first: what is committed after it makes this commit fail, what came before is seen
        // in the releases, so the same bytes are never stored twice.
        let table = table(lake).await?;
        let known = lake.releases().await?;
        let before = known
            .iter()
            .find(|known| known.dataflow == release.dataflow && known.digest == release.digest);
        if let Some(before) = before {
            return Ok(Committed::Before(before.clone()));
        }
        // In the order of commit, also where the clock stands still or goes back: who has seen a release has seen
        // all that were loaded before it.
        let last = known.iter().map(|known| known.loaded_at).max();
        let after_last = last.map(|last| last + TimeDelta::microseconds(1));
        release.loaded_at = after_last.map_or_else(now, |after| now().max(after));
        let log = table.log_store();
        let application = format!("regtrade.{}", release.dataflow);
        let state = table.snapshot()?;
        let last = state
            .snapshot()
            .transaction_version(log.as_ref(), &application)
            .await?;
        let sequence = last.unwrap_or_default() + 1;
        if figures.is_none() {
            let mut adds =
                write(&table, rows::of_published(&release, &submission.published)?).await?;
            adds.extend(write(&table, rows::of_bounds(&release, &submission.bounds)?).await?);
            figures = Some(adds);
        }
        let mut adds = figures.clone().unwrap_or_default();
        adds.extend(write(&table, rows::of_release(&release, sequence)?).await?);
        let properties = CommitProperties::default()
            .with_max_retries(0)
            .with_application_transaction(Transaction::new(application, sequence));
        let operation = DeltaOperation::Write {
            mode: SaveMode::Append,
            partition_by: None,
            predicate: None,
        };
        let outcome = CommitBuilder::from(properties)
            .with_actions(adds.into_iter().map(Action::Add).collect())
            .build(Some(state), log, operation)
            .await;
        match outcome {
            Ok(_) => return Ok(Committed::New(release)),
            Err(error) if overtaken(&error) => {
                tracing::debug!("overtaken by another commit; trying again")
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(LakeError::Contended(TRIES))
}

/// Whether a commit failed only because another came first.
fn overtaken(error: &DeltaTableError) -> bool {
    let DeltaTableError::Transaction { source } = error else {
        return false;
    };
    matches!(
        source,
        TransactionError::VersionAlreadyExists(_)
            | TransactionError::MaxCommitAttempts(_)
            | TransactionError::CommitConflict(_)
    )
}

/// The table as it is now; made where there is none yet.
async fn table(lake: &Lake) -> Result<DeltaTable, LakeError> {
    let mut view = lake.view.lock().await;
    if !read::refresh(&mut view.table).await? {
        if lake.url.scheme() == "file" {
            let path = lake.url.to_file_path().map_err(|()| LakeError::Location {
                location: lake.url.to_string(),
                reason: "it is no path of this system".to_owned(),
            })?;
            tokio::fs::create_dir_all(&path)
                .await
                .map_err(|error| LakeError::Location {
                    location: path.display().to_string(),
                    reason: format!("the folder cannot be made: {error}"),
                })?;
        }
        let schema: StructType = columns().as_ref().try_into_kernel()?;
        let created = CreateBuilder::new()
            .with_log_store(view.table.log_store())
            .with_table_name("regtrade")
            .with_comment(
                "Releases of regional foreign-trade statistics; see docs/lake.md of regtrade",
            )
            .with_columns(schema.fields().cloned())
            .with_raise_if_key_not_exists(false)
            .with_configuration([(VERSION_PROPERTY, Some(SCHEMA_VERSION.to_string()))])
            .with_save_mode(SaveMode::Ignore)
            .await;
        match created {
            Ok(_) => {}
            Err(error) if overtaken(&error) => {}
            Err(error) => return Err(error.into()),
        }
        read::refresh(&mut view.table).await?;
    }
    Ok(view.table.clone())
}

/// Writes rows to files that are not live yet.
async fn write(table: &DeltaTable, batch: RecordBatch) -> Result<Vec<Add>, LakeError> {
    if batch.num_rows() == 0 {
        return Ok(vec![]);
    }
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .build();
    let mut writer = RecordBatchWriter::for_table(table)?.with_writer_properties(properties);
    writer.write(batch).await?;
    Ok(writer.flush().await?)
}
