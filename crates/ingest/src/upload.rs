//! An upload: a header, then for each file its name and its bytes.

mod file;

use regtrade_model::{Dataflow, DatePrecision, Digest, Edition, Instant, ReleaseId, RevisionKind};
use regtrade_proto::{
    InvalidField, instant,
    v1::{self, release_part::Part},
};
use regtrade_service::Failure;
use sha2::{Digest as _, Sha256};
use tokio_stream::{Stream, StreamExt as _};
use tonic::Status;

pub(crate) use file::ComingFile;
use file::Receiving;
pub use file::UploadedFile;

use crate::{config::Settings, error::of_field};

/// Files of one release.
const MOST_FILES: usize = 16;

/// The longest reason, in bytes.
const LONGEST_REASON: usize = 500;

/// What was uploaded.
#[derive(Debug)]
pub struct Upload {
    /// What is said of the release.
    pub header: Header,
    /// At least one.
    pub files: Vec<UploadedFile>,
    /// Whether the files were longer, together, than those of a release may be; the last one is cut then.
    pub too_long: bool,
}

/// What is said of a release before its files.
#[derive(Debug, Default)]
pub struct Header {
    /// `None`: what the files say, else REGTRD.
    pub dataflow: Option<Dataflow>,
    /// `None`: the last period that the files have levels of.
    pub edition: Option<Edition>,
    /// From when on the public may see it; `None`: from now on.
    pub published_at: Option<Instant>,
    /// How precisely that is known.
    pub published_precision: DatePrecision,
    /// What it is for periods that were released before; `None`: a routine revision.
    pub revision: Option<RevisionKind>,
    /// The release that a partial update is to be applied to.
    pub builds_on: Option<ReleaseId>,
    /// Why it is to be taken in although the audit proves it inconsistent.
    pub accept_findings: Option<String>,
}

impl Upload {
    /// The digest of the release: over the sorted digests of its files, so that their order does not matter, and over
    /// the release that it builds on.
    pub(crate) fn digest(&self) -> Digest {
        let mut digests: Vec<Digest> = self.files.iter().map(|file| file.source().digest).collect();
        digests.sort_unstable();
        let mut all = Sha256::new();
        for digest in digests {
            all.update(digest.0);
        }
        // The same update of another state of the statistics is another release.
        if let Some(base) = &self.header.builds_on {
            all.update(base.as_str());
        }
        Digest(all.finalize().into())
    }

    /// Receives an upload, and hands each file on with the header once it begins to come. It stops where the files together
    /// are longer than one may be.
    pub(crate) async fn receive(
        mut parts: impl Stream<Item = Result<Option<v1::ReleasePart>, Status>> + Unpin,
        settings: &Settings,
        mut begun: impl FnMut(&Header, &ComingFile) -> Result<(), Failure>,
    ) -> Result<Self, Status> {
        let order = |description: &str| Failure::invalid_field("UPLOAD_ORDER", "part", description);
        let mut header = None;
        let mut files: Vec<UploadedFile> = vec![];
        let mut open: Option<Receiving> = None;
        let (mut room, mut too_long) = (settings.max_upload_bytes, false);
        while let Some(part) = parts.next().await {
            match (part?.and_then(|part| part.part), &header) {
                (Some(Part::Header(first)), None) => header = Some(read_header(first)?),
                (Some(Part::FileName(name)), Some(header)) => {
                    if let Some(file) = open.take() {
                        files.push(file.finish().await?);
                    }
                    if files.len() == MOST_FILES {
                        return Err(
                            order(&format!("a release has {MOST_FILES} files at most")).into()
                        );
                    }
                    let name = read_name(name)?;
                    if files.iter().any(|file| file.name() == name) {
                        let description =
                            format!("two files of a release are named {name}; rename one");
                        return Err(Failure::invalid_field(
                            "INVALID_FIELD",
                            "file_name",
                            &description,
                        )
                        .into());
                    }
                    let file = open.insert(Receiving::new(name, settings));
                    begun(header, file.coming())?;
                }
                (Some(Part::Chunk(chunk)), Some(_)) => {
                    let file = open
                        .as_mut()
                        .ok_or_else(|| order("bytes came before the name of a file"))?;
                    let bytes = chunk.len() as u64;
                    if bytes > room {
                        too_long = true;
                        break;
                    }
                    room -= bytes;
                    file.take(chunk).await?;
                }
                (Some(Part::Header(_)), Some(_)) => {
                    return Err(order("the header came twice").into());
                }
                (Some(_), None) => return Err(order("the header must come first").into()),
                (None, _) => return Err(order("a part is empty").into()),
            }
        }
        // A cancelled call reads like the end of its stream; the pause lets the cancellation end this call first.
        tokio::task::yield_now().await;
        let header = header.ok_or_else(|| order("the header must come first"))?;
        if let Some(file) = open {
            files.push(file.finish().await?);
        }
        if files.is_empty() {
            return Err(order("a release has at least one file").into());
        }
        Ok(Self {
            header,
            files,
            too_long,
        })
    }
}

fn read_header(wire: v1::ReleaseHeader) -> Result<Header, Failure> {
    let field = |error| of_field(&error);
    let published_at = wire
        .published_at
        .as_ref()
        .map(|at| instant("header.published_at", at));
    let edition = Some(wire.edition)
        .filter(|text| !text.is_empty())
        .map(|text| text.parse());
    let builds_on = Some(wire.builds_on)
        .filter(|text| !text.is_empty())
        .map(|text| text.parse());
    Ok(Header {
        dataflow: v1::Dataflow::read("header.dataflow", wire.dataflow).map_err(field)?,
        edition: edition
            .transpose()
            .map_err(|error| field(InvalidField::new("header.edition", error)))?,
        published_at: published_at.transpose().map_err(field)?,
        published_precision: v1::DatePrecision::read(
            "header.published_precision",
            wire.published_precision,
        )
        .map_err(field)?
        .unwrap_or_default(),
        revision: v1::RevisionKind::read("header.revision", wire.revision).map_err(field)?,
        builds_on: builds_on
            .transpose()
            .map_err(|error| field(InvalidField::new("header.builds_on", error)))?,
        accept_findings: read_reason("header.accept_findings", &wire.accept_findings)?,
    })
}

/// A reason in one line; `None` where none is given.
pub(crate) fn read_reason(field: &str, text: &str) -> Result<Option<String>, Failure> {
    let reason = text.trim();
    let refused =
        |description: String| Err(Failure::invalid_field("INVALID_FIELD", field, description));
    if reason.len() > LONGEST_REASON {
        return refused(format!("is longer than {LONGEST_REASON} bytes"));
    }
    if reason.chars().any(char::is_control) {
        return refused("must be one line without control characters".to_owned());
    }
    Ok((!reason.is_empty()).then(|| reason.to_owned()))
}

fn read_name(name: String) -> Result<String, Failure> {
    let is_plain = (1..=255).contains(&name.len())
        && !name.contains(['/', '\\'])
        && !name.chars().any(char::is_control)
        && !matches!(name.as_str(), "." | "..");
    let description = "must be the name of a file, without folders, at most 255 bytes";
    if is_plain {
        Ok(name)
    } else {
        Err(Failure::invalid_field(
            "INVALID_FIELD",
            "file_name",
            description,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Part {
        Part::Header(v1::ReleaseHeader::default())
    }

    async fn receive(parts: Vec<Part>) -> Result<Upload, String> {
        let parts = parts
            .into_iter()
            .map(|part| Ok(Some(v1::ReleasePart { part: Some(part) })));
        let settings = Settings {
            max_upload_bytes: 5 << 20,
            ..Settings::default()
        };
        let parts = tokio_stream::iter(parts.collect::<Vec<_>>());
        Upload::receive(parts, &settings, |_, _| Ok(()))
            .await
            .map_err(|status| Failure::from_status(&status).reason.to_string())
    }

    #[tokio::test]
    async fn the_order_of_the_files_does_not_make_another_release() {
        let file = |name: &str, text: &str| {
            [
                Part::FileName(name.into()),
                Part::Chunk(text.as_bytes().to_vec().into()),
            ]
        };
        let one = receive([[header()].as_slice(), &file("a", "1"), &file("b", "2")].concat())
            .await
            .unwrap();
        let other = receive([[header()].as_slice(), &file("b", "2"), &file("a", "1")].concat())
            .await
            .unwrap();
        assert_eq!(one.digest(), other.digest());
        assert_eq!(one.files.len(), 2);
    }

    #[tokio::test]
    async fn an_upload_out_of_order_is_refused() {
        let name = || Part::FileName("a".into());
        for parts in [
            vec![],
            vec![name()],
            vec![header()],
            vec![header(), header(), name()],
            vec![header(), Part::Chunk(vec![1].into())],
        ] {
            assert_eq!(receive(parts).await.unwrap_err(), "UPLOAD_ORDER");
        }
        assert_eq!(
            receive(vec![header(), Part::FileName("../a".into())])
                .await
                .unwrap_err(),
            "INVALID_FIELD"
        );
    }

    #[tokio::test]
    async fn files_that_are_too_long_together_are_cut_and_the_upload_says_so() {
        let file = |name: &str, chunks: usize| {
            let mut parts = vec![Part::FileName(name.into())];
            parts.extend(vec![Part::Chunk(vec![b'1'; 1 << 20].into()); chunks]);
            parts
        };
        let parts = [vec![header()], file("a", 3), file("b", 3)].concat();
        let upload = receive(parts).await.unwrap();
        assert!(upload.too_long);
        assert_eq!(upload.files[1].source().bytes, 2 << 20);
        let parts = [vec![header()], file("a", 3), file("b", 2)].concat();
        assert!(!receive(parts).await.unwrap().too_long);
    }
}
