//! Compiles the protobuf files of the workspace without protoc.

use std::{env, error::Error, fs, path::PathBuf};

use prost::Message;

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../proto");
    println!("cargo::rerun-if-changed={}", root.display());
    let files = ["figures", "catalogue", "indicators", "ingest"]
        .map(|name| format!("regtrade/v1/{name}.proto"));
    let descriptors = protox::compile(files, [&root])?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("descriptors.bin"), descriptors.encode_to_vec())?;
    tonic_prost_build::configure()
        // Bytes of files pass through without being copied.
        .bytes(".regtrade.v1.ReleasePart.chunk")
        .compile_fds(descriptors)?;
    Ok(())
}
