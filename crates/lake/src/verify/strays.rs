//! Files that no commit names: what an unfinished ingest left is harmless, anything else should not be there.

use std::collections::{BTreeMap, BTreeSet};

use deltalake::{ObjectStoreError, Path, logstore::object_store::ObjectStoreExt as _};
use futures::TryStreamExt as _;
use regtrade_model::Digest;
use sha2::{Digest as _, Sha256};

use super::{
    ProblemKind::Surplus,
    Verification,
    files::{Held, What},
    log::LogRead,
};
use crate::{Lake, LakeError, files::name_of, log::content_of, schema::Content};

pub(super) async fn check(
    lake: &Lake,
    log: &LogRead,
    held: &BTreeMap<String, Held>,
    objects: &BTreeMap<String, u64>,
    found: &mut Verification,
) -> Result<(), LakeError> {
    let digests: BTreeMap<_, _> = held
        .iter()
        .map(|(path, file)| (file.digest, path))
        .collect();
    let committed: BTreeSet<_> = held
        .values()
        .filter_map(|file| match &file.what {
            What::Record(record) => Some(record.release.id.as_str()),
            _ => None,
        })
        .collect();
    for path in objects.keys() {
        if log.adds.contains_key(path) || path.starts_with("_delta_log/") {
            continue;
        }
        let Some(digest) = digest(lake, path).await? else {
            continue;
        };
        if let Some(live) = digests.get(&digest) {
            found.problem(
                Surplus,
                path,
                format!("it is a copy of {live}, and nothing names it: remove it"),
            );
            continue;
        }
        let content = content_of(path)
            .filter(|content| path.ends_with(&format!("/{}", name_of(*content, &digest))));
        let release = path.split('/').nth(1).unwrap_or_default();
        let superseded = matches!(
            content,
            Some(Content::Release | Content::Observation | Content::Sum)
        );
        match content {
            Some(Content::Event) => found.note(path, "something that happened to a release was not recorded to its end; if it was acknowledged, the log has lost its last commits: compare it with a copy"),
            Some(_) if !committed.contains(release) => found.note(path, format!(
                "an ingest of the release {release} did not come to its end, or has not yet; to ingest it again uses the file or removes it. If it was acknowledged, the log has lost its last commits: compare it with a copy"
            )),
            Some(_) if superseded => found.note(path, format!(
                "another try to commit the release {release} left it; to ingest the release again removes it"
            )),
            _ => found.problem(Surplus, path, "it belongs to nothing in the lake: remove it, once it is clear how it came there"),
        }
    }
    for path in staged(lake).await {
        found.note(&path, "a write that did not come to its end, or has not yet; it may be removed while nothing is ingested");
    }
    Ok(())
}

/// The digest of a file, read bit by bit; `None` where it went in the meantime.
async fn digest(lake: &Lake, path: &str) -> Result<Option<Digest>, LakeError> {
    let store = lake.log.store.object_store(None);
    let got = match store.get(&Path::from(path)).await {
        Ok(got) => got,
        Err(ObjectStoreError::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let hashed = got
        .into_stream()
        .try_fold(Sha256::new(), |mut hash, bytes| async move {
            hash.update(&bytes);
            Ok(hash)
        });
    Ok(Some(Digest(hashed.await?.finalize().into())))
}

/// The files of a folder to which the store was still writing: `NAME#1`. The store itself does not list them.
async fn staged(lake: &Lake) -> Vec<String> {
    let Some(root) = (lake.url().scheme() == "file")
        .then(|| lake.url().to_file_path().ok())
        .flatten()
    else {
        return vec![];
    };
    let (mut folders, mut found) = (vec![root.clone()], vec![]);
    while let Some(folder) = folders.pop() {
        let Ok(mut entries) = tokio::fs::read_dir(&folder).await else {
            continue;
        };
        while let Ok(Some(entry)) = entries.next_entry().await {
            let path = entry.path();
            if entry.file_type().await.is_ok_and(|kind| kind.is_dir()) {
                folders.push(path);
            } else if is_staged(&entry.file_name().to_string_lossy()) {
                let below = path.strip_prefix(&root).unwrap_or(&path);
                found.push(below.display().to_string());
            }
        }
    }
    found
}

fn is_staged(name: &str) -> bool {
    name.rsplit_once('#').is_some_and(|(_, digits)| {
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}
