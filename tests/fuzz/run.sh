#!/bin/sh
# Fuzzes a target: tests/fuzz/run.sh TARGET [SECONDS]. Ends with an error where an input crashes it.
#
# The instrumentation that libFuzzer is guided by comes from the compiler itself, so the stable toolchain does, with a C++
# compiler for libFuzzer. What is found is kept in target/fuzz, away from the seeds in corpus/.
set -eu
target=${1:?usage: run.sh TARGET [SECONDS]}
seconds=${2:-600}
cd "$(dirname "$0")"
built=${CARGO_TARGET_DIR:-target}
host=$(rustc -vV | sed -n 's/^host: //p')

export RUSTFLAGS="--cfg fuzzing \
-Cpasses=sancov-module \
-Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
-Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares \
-Ccodegen-units=1"
# With a --target, build scripts and macros are left without instrumentation.
cargo build --release --locked --target "$host" --bin "$target"

mkdir -p "$built/fuzz/$target/found"
exec "$built/$host/release/$target" \
    -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 \
    -artifact_prefix="$built/fuzz/$target/" \
    "$built/fuzz/$target/found" "corpus/$target"
