//! Writes the descriptor of `proto/` as it is now: run it when a version is released, and commit the file.
//!
//! `cargo run -p regtrade-proto --example release_descriptor`

fn main() -> std::io::Result<()> {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../proto/released/regtrade.v1.binpb"
    );
    std::fs::write(file, regtrade_proto::DESCRIPTORS)
}
