//! The files of the lake: Parquet, named by what they hold and by the digest of their bytes, so that the same rows have
//! the same name whoever writes them, and however often.

mod choice;
mod chunk;
mod groups;
mod hybrid;
mod numbered;
mod pages;
mod read;
mod statistics;
mod value;
mod write;

use regtrade_model::{Digest, ReleaseId};
use sha2::{Digest as _, Sha256};

use crate::schema::Content;

pub(crate) use choice::Choice;
pub(crate) use chunk::Column;
pub(crate) use groups::{EncodedGroup, Encoder};
pub(crate) use numbered::{NOTHING, Numbers};
pub(crate) use read::{OpenFiles, decode, read};
pub(crate) use statistics::Statistics;
pub(crate) use write::{Encoded, Written, encode};

/// The folder of the files of releases, and in it one folder for each.
pub(crate) const RELEASES: &str = "releases";
/// The folder of the files of events.
pub(crate) const EVENTS: &str = "events";

/// How many digits of its digest are in the name of a file.
pub(crate) const DIGITS: usize = 32;

/// How many files are read at once.
pub(crate) const AT_ONCE: usize = 8;

/// The folder of the files of a release.
pub(crate) fn folder_of(release: &ReleaseId) -> String {
    format!("{RELEASES}/{release}")
}

/// SHA-256 of bytes.
pub(crate) fn digest_of(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}

/// The name of the file of a content that has a digest.
pub(crate) fn name_of(content: Content, digest: &Digest) -> String {
    let digest = digest.to_string();
    format!("{}-{}.parquet", content.as_str(), &digest[..DIGITS])
}
