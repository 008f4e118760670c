//! Compiles the protobuf files of the workspace without protoc.

use std::{env, error::Error, fs, path::PathBuf};

use prost::Message;
use prost_types::FileDescriptorSet;

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
        .compile_fds(descriptors.clone())?;
    passed(descriptors, out.join("passed"))
}

/// The services of indicators once more, with answers that are not decoded.
fn passed(mut descriptors: FileDescriptorSet, out: PathBuf) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(&out)?;
    let mut passed = tonic_prost_build::configure()
        .out_dir(out)
        .extern_path(".regtrade.v1", "crate::v1");
    for file in &mut descriptors.file {
        file.service
            .retain(|service| service.name() == "IndicatorService");
        let methods = file.service.iter().flat_map(|service| &service.method);
        for method in methods {
            passed = passed.extern_path(method.output_type(), "crate::Passed");
        }
    }
    passed.compile_fds(descriptors)?;
    Ok(())
}
