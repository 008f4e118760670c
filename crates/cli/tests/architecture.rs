//! The arrows between the crates, and the habits of every file.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::BTreeMap, fs, path::Path, process::Command};

/// Which crates of the workspace a crate may use.
const MAY_USE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("formats", &["model"]),
    ("audit", &["model"]),
    ("synth", &["model"]),
    ("lake", &["model"]),
    ("proto", &["model"]),
    ("service", &["model"]),
    (
        "ingest",
        &["model", "formats", "audit", "lake", "proto", "service"],
    ),
    ("indicators", &["model", "lake", "proto", "service"]),
    ("gateway", &["model", "proto", "service"]),
    (
        "cli",
        &[
            "model",
            "formats",
            "audit",
            "lake",
            "proto",
            "service",
            "ingest",
            "indicators",
            "gateway",
            "synth",
        ],
    ),
    (
        "bench",
        &[
            "model",
            "formats",
            "audit",
            "lake",
            "proto",
            "service",
            "ingest",
            "indicators",
            "gateway",
            "synth",
        ],
    ),
];

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

#[test]
fn crates_use_each_other_only_along_the_allowed_arrows() {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(ROOT)
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut arrows = BTreeMap::new();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"]
            .as_str()
            .unwrap()
            .trim_start_matches("regtrade-")
            .to_owned();
        let uses = package["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|dependency| {
                dependency["name"]
                    .as_str()
                    .unwrap()
                    .strip_prefix("regtrade-")
                    .map(str::to_owned)
            });
        arrows.insert(name, uses.collect::<Vec<_>>());
    }
    assert_eq!(
        arrows.len(),
        MAY_USE.len(),
        "a crate is not in the table: {:?}",
        arrows.keys()
    );
    for (name, uses) in arrows {
        let (_, allowed) = MAY_USE.iter().find(|(known, _)| *known == name).unwrap();
        for used in uses {
            assert!(
                allowed.contains(&used.as_str()),
                "{name} may not use {used}"
            );
        }
    }
}

#[test]
fn every_file_says_what_it_is_and_none_grows_beyond_four_hundred_lines() {
    let mut files = vec![];
    rust_files(&Path::new(ROOT).join("crates"), &mut files);
    assert!(files.len() > 60, "the sources were not found");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        assert!(
            text.starts_with("//!"),
            "{} does not open with //!",
            file.display()
        );
        let lines = text.lines().count();
        assert!(lines <= 400, "{} has {lines} lines", file.display());
    }
}

fn rust_files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}
