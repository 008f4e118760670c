#!/usr/bin/env bash
# Takes in a large synthetic data file, and holds the memory of the services against its bound:
#
#     cargo build --release --package regtrade-cli
#     bash tests/large-file.sh target/release/regtrade 10000000
#
# The services run in one process, over a lake in a temporary folder, on a port of loopback. It prints how long it took,
# how many observations a second, the processor time, and the peak memory of the process (VmHWM of /proc, Linux). The
# memory is asserted, times are not.
set -euo pipefail

binary="$(realpath "${1:?usage: large-file.sh BINARY [ROWS]}")"
rows="${2:-10000000}"
most_megabytes=600
folder="$(mktemp -d)"
passed=0
failed=0
server=""

finish() {
    local status=$?
    trap - EXIT
    [ -z "${server}" ] || { kill "${server}" 2>/dev/null || true; wait "${server}" 2>/dev/null || true; }
    rm -rf "${folder}"
    [ "${status}" -eq 0 ] || [ "${failed}" -gt 0 ] || failed=1
    echo "${passed} passed, ${failed} failed"
    exit "${status}"
}
trap finish EXIT
trap 'exit 130' INT TERM

# check WHAT COMMAND…: counts whether a command succeeds.
check() {
    local what="$1"
    shift
    if "$@"; then
        passed=$((passed + 1))
        echo "ok: ${what}"
    else
        failed=$((failed + 1))
        echo "FAILED: ${what}"
    fi
}

# Seconds that the processors spent on the process so far, for a machine that is shared.
processor_seconds() {
    awk -v ticks="$(getconf CLK_TCK)" '{ sub(/.*[)] /, ""); print ($12 + $13) / ticks }' "/proc/${server}/stat"
}
peak_megabytes() { awk '/^VmHWM:/ { print int($2 / 1024) }' "/proc/${server}/status"; }

TMPDIR="${folder}" "${binary}" up --lake "${folder}/lake" --listen 127.0.0.1:0 2>"${folder}/log" &
server=$!
for _ in $(seq 300); do
    endpoint="$(grep -oE 'listening on [^ ]+' "${folder}/log" | head -n 1 | cut -d ' ' -f 3 | tr -d '"' || true)"
    [ -z "${endpoint}" ] || break
    sleep 0.1
done
[ -n "${endpoint}" ] || { cat "${folder}/log"; exit 1; }
export REGTRADE_ENDPOINT="${endpoint}"

"${binary}" synth exttrade --rows "${rows}" -o "${folder}/large.csv"
echo "file: $(stat --format %s "${folder}/large.csv") bytes"
idle="$(peak_megabytes)"
before="$(processor_seconds)"
"${binary}" ingest "${folder}/large.csv"
echo "processor time of the three services: $(echo "$(processor_seconds) ${before}" | awk '{ print $1 - $2 }') s"
peak="$(peak_megabytes)"
echo "peak memory of the three services: ${peak} MB (${idle} MB before the file)"
echo "lake: $(du --summarize --bytes "${folder}/lake" | cut -f 1) bytes"
check "the services took the file in within ${most_megabytes} MB" [ "${peak}" -lt "${most_megabytes}" ]

"${binary}" observations --dataflow EXTTRADE -o "${folder}/back.sdmx.csv"
out="$(peak_megabytes)"
echo "peak memory after all of it was read back: ${out} MB"
check "and gave it all back within them" [ "${out}" -lt "${most_megabytes}" ]
check "as many observations as were taken in" \
    [ "$(wc -l <"${folder}/back.sdmx.csv")" -eq "$(wc -l <"${folder}/large.csv")" ]
# The generator goes by month and the lake by year, and both write a row alike.
by_text() { LC_ALL=C sort --buffer-size 512M --temporary-directory "${folder}" "$1"; }
check "and the same" cmp --silent <(by_text "${folder}/back.sdmx.csv") <(by_text "${folder}/large.csv")
exit "$((failed > 0))"
