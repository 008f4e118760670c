//! Rows into files: batch by batch, so that a file may be larger than the memory, and whole or not at all.

mod rows;
mod sheet;

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use chrono::NaiveDate;
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use regtrade_formats::write::{Structure, sdmx_csv, sdmx_json, sdmx_ml};
use regtrade_model::{Dataflow, Instant, Period, Release};
use regtrade_service::shutdown;
use tokio::sync::mpsc;

use crate::bulk::Bulk;
use crate::client::unreadable;
use crate::exit::Exit;
use crate::render::csv;

/// Batches that wait to be written.
const WAITING: usize = 2;
/// A row group of Parquet is written when it has grown to this, in bytes.
const ROW_GROUP: usize = 64 << 20;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Parquet, decimals as decimal(38,10)
    Parquet,
    /// The long csv
    Csv,
    /// A sheet of Excel; numbers lose what a float does not hold
    Xlsx,
    /// SDMX-CSV 2.0: levels that have a value, or are suppressed
    #[value(name = "sdmx.csv")]
    SdmxCsv,
    /// SDMX-JSON 2.0: the same
    #[value(name = "sdmx.json")]
    SdmxJson,
    /// SDMX-ML 3.0: the same
    #[value(name = "sdmx.xml")]
    SdmxXml,
}

/// The ends of names, the longer ones first.
const ENDS: [(&str, Kind); 6] = [
    (".sdmx.csv", Kind::SdmxCsv),
    (".sdmx.json", Kind::SdmxJson),
    (".sdmx.xml", Kind::SdmxXml),
    (".parquet", Kind::Parquet),
    (".csv", Kind::Csv),
    (".xlsx", Kind::Xlsx),
];

impl Kind {
    /// What a file is by the end of its name.
    ///
    /// # Errors
    /// Where the name ends in nothing that is known.
    pub fn of(path: &Path) -> Result<Self, Exit> {
        let name = path.to_string_lossy().to_lowercase();
        let known = ENDS.iter().find(|(end, _)| name.ends_with(end));
        known.map(|(_, kind)| *kind).ok_or_else(|| {
            let ends = ENDS.map(|(end, _)| end);
            Exit::Usage(format!(
                "{}: the name of the file must end in one of {}; or say what it is with --as",
                path.display(),
                ends.join(" ")
            ))
        })
    }
}

/// A batch on its way to the file, or the word that there are no more.
enum Piece {
    Batch(RecordBatch),
    End,
}

/// Why a file was not written.
pub type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Writes all rows into a file, and says how many they are. The file is there when it is whole.
///
/// # Errors
/// Where the rows break off, or the file cannot be written.
pub async fn save(mut bulk: Bulk, kind: Kind, path: &Path) -> Result<u64, Exit> {
    let bar = ProgressBar::no_length();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {human_pos} rows, {per_sec}") {
        bar.set_style(style);
    }
    let (sender, receiver) = mpsc::channel(WAITING);
    let release = &bulk.about.release;
    let structure = Structure {
        dataflow: release.dataflow,
        // The newest release of a vintage may have figures of its own beside those that were made up.
        synthetic: release.synthetic || bulk.about.caveats.iter().any(|(id, _)| id == "SYNTHETIC"),
        prepared: prepared(release),
    };
    let target = path.to_owned();
    let schema = Arc::new(
        bulk.schema
            .project(&rows::figure_columns(&bulk.schema))
            .map_err(unreadable)?,
    );
    // Files are written by functions that block, on a thread that may.
    let writing = tokio::task::spawn_blocking(move || {
        let mut batches = Batches(receiver);
        whole(&target, |out| match kind {
            Kind::Parquet => parquet(schema, &mut batches, out),
            Kind::Csv => long_csv(structure.dataflow, &mut batches, out),
            Kind::Xlsx => sheet::write(structure.dataflow, &mut batches, out),
            Kind::SdmxCsv => Ok(sdmx_csv(out, &structure, rows::observations(&mut batches))?),
            Kind::SdmxJson => Ok(sdmx_json(
                out,
                &structure,
                rows::observations(&mut batches),
            )?),
            Kind::SdmxXml => Ok(sdmx_ml(out, &structure, rows::observations(&mut batches))?),
        })
        .map_err(|error| Exit::no(format!("{}: {error}", target.display())))
    });
    let passing = async {
        while let Some(batch) = bulk.next().await? {
            bar.inc(batch.num_rows() as u64);
            if sender.send(Piece::Batch(batch)).await.is_err() {
                // The writer has failed, and says why.
                return Ok(());
            }
        }
        let _ = sender.send(Piece::End).await;
        Ok(())
    };
    let passed = tokio::select! {
        passed = passing => passed,
        () = shutdown::signal() => Err(Exit::no("told to end before the file was whole; there is none")),
    };
    // Closed without the word for the end, the channel tells the writer that the rows broke off.
    drop(sender);
    let written = writing.await;
    bar.finish_and_clear();
    passed?;
    written.map_err(|error| Exit::failed("the file cannot be made", &error))?
}

/// What messages say of when they were prepared: the end of the last year of the release, and not the time of day, so
/// that the same figures make the same file.
fn prepared(release: &Release) -> Instant {
    let last = release.periods().map(Period::year).max();
    last.and_then(|year| NaiveDate::from_ymd_opt(i32::from(year) + 1, 1, 1))
        .and_then(|day| day.and_hms_opt(0, 0, 0))
        .map_or(Instant::UNIX_EPOCH, |midnight| midnight.and_utc())
}

/// The batches that come through a channel.
struct Batches(mpsc::Receiver<Piece>);

impl Iterator for Batches {
    type Item = Result<RecordBatch, io::Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.0.blocking_recv() {
            Some(Piece::Batch(batch)) => Some(Ok(batch)),
            Some(Piece::End) => None,
            None => Some(Err(io::Error::other("the rows broke off"))),
        }
    }
}

/// Writes into a file beside the one that is meant, and puts it in its place when it is whole. What is no file, such
/// as a pipe, is written as it is.
///
/// # Errors
/// Where it cannot be written.
pub fn whole(
    path: &Path,
    write: impl FnOnce(&mut File) -> Result<u64, Failed>,
) -> Result<u64, Failed> {
    if std::fs::metadata(path).is_ok_and(|at| !at.is_file()) {
        return write(&mut File::options().write(true).open(path)?);
    }
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let mut beside = tempfile::Builder::new();
    beside.prefix(".regtrade-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As of any file; the mask of the user takes its part away.
        beside.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = beside.tempfile_in(folder.unwrap_or(Path::new(".")))?;
    let rows = write(file.as_file_mut())?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(rows)
}

fn parquet(schema: SchemaRef, batches: &mut Batches, out: &mut File) -> Result<u64, Failed> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .build();
    let mut writer = ArrowWriter::try_new(out, schema, Some(properties))?;
    let mut count = 0;
    for batch in batches {
        let batch = rows::figures(&batch?)?;
        count += batch.num_rows() as u64;
        writer.write(&batch)?;
        if writer.in_progress_size() > ROW_GROUP {
            writer.flush()?;
        }
    }
    writer.close()?;
    Ok(count)
}

fn long_csv(dataflow: Dataflow, batches: &mut Batches, out: &mut File) -> Result<u64, Failed> {
    let mut writer = ::csv::Writer::from_writer(out);
    writer.write_record(csv::figure_columns(dataflow))?;
    let mut count = 0;
    for batch in batches {
        let batch = rows::figures(&batch?)?;
        count += batch.num_rows() as u64;
        for row in rows::texts(&batch)? {
            writer.write_record(row)?;
        }
    }
    writer.flush()?;
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_says_what_it_is() {
        for (name, kind) in [
            ("levels.parquet", Kind::Parquet),
            ("LEVELS.CSV", Kind::Csv),
            ("levels.sdmx.csv", Kind::SdmxCsv),
            ("a.b/levels.sdmx.json", Kind::SdmxJson),
            ("levels.xlsx", Kind::Xlsx),
            ("levels.sdmx.xml", Kind::SdmxXml),
        ] {
            assert_eq!(Kind::of(Path::new(name)).unwrap(), kind);
        }
        for name in ["levels.txt", "levels", "levels.json"] {
            assert!(Kind::of(Path::new(name)).is_err(), "{name}");
        }
    }

    #[test]
    fn a_file_that_is_not_finished_is_not_there_and_the_one_before_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("levels.csv");
        std::fs::write(&path, "before").unwrap();
        let (sender, receiver) = mpsc::channel(1);
        drop(sender);
        let mut batches = Batches(receiver);
        let failed = whole(&path, |out| long_csv(Dataflow::Regtrd, &mut batches, out));
        assert!(failed.unwrap_err().to_string().contains("broke off"));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "before");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
