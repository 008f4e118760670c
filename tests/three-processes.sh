#!/usr/bin/env bash
# The three services as three plain processes on free ports; what they answer is written to a file.
#
#   bash tests/three-processes.sh BINARY CSV
#
# BINARY is the compiled `regtrade`; CSV receives what `regtrade key-indicators --format csv` prints once the
# shipped release is ingested. It must be what `regtrade up`, three services in one process, gives.
set -euo pipefail

if [ "$#" -ne 2 ] || [ ! -x "$1" ]; then
    echo "usage: bash tests/three-processes.sh BINARY CSV" >&2
    exit 2
fi
binary="$(realpath "$1")"
csv="$(realpath "$2")"
release="$(cd "$(dirname "$0")/.." && pwd)/crates/cli/releases/regtrd-2024.tsv"

scratch="$(mktemp -d)"
processes=()
clean_up() {
    local status=$? process
    trap - EXIT
    for process in ${processes[@]+"${processes[@]}"}; do
        kill "${process}" 2>/dev/null || true
    done
    wait
    if [ "${status}" -ne 0 ]; then
        tail -n 20 "${scratch}"/*.log >&2 || true
    fi
    rm -rf "${scratch}"
    exit "${status}"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# within SECONDS COMMAND…: tries the command until it succeeds or the time is over.
within() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        if [ "${SECONDS}" -ge "${deadline}" ]; then
            echo "not within the time given: $*" >&2
            return 1
        fi
        sleep 0.1
    done
}

# serve NAME ARGUMENT…: starts a server and sets `address` to where it answers.
serve() {
    local name="$1"
    shift
    "${binary}" "$@" --listen 127.0.0.1:0 2>"${scratch}/${name}.log" &
    processes+=("$!")
    within 30 grep -qs 'listening on http://' "${scratch}/${name}.log"
    address="$(grep -oE 'listening on http://[0-9.]+:[0-9]+' "${scratch}/${name}.log" | head -n 1 | cut -d ' ' -f 3)"
    within 30 is_healthy "${address}"
}
is_healthy() { "${binary}" health --endpoint "$1" >/dev/null 2>&1; }

# answer CSV: ingests the shipped release at `address` and asks for its figures.
answer() {
    "${binary}" ingest "${release}" --endpoint "${address}" >/dev/null
    "${binary}" key-indicators --format csv --endpoint "${address}" >"$1"
}

export REGTRADE_BACKEND_SECRET_FILE="${scratch}/secret"
serve ingest serve ingest --lake "${scratch}/lake"
ingest="${address}"
serve indicators serve indicators --lake "${scratch}/lake"
indicators="${address}"
serve gateway serve gateway --ingest "${ingest}" --indicators "${indicators}"
answer "${scratch}/three.csv"

unset REGTRADE_BACKEND_SECRET_FILE
serve up up --lake "${scratch}/lake-of-one"
answer "${scratch}/one.csv"

cmp "${scratch}/three.csv" "${scratch}/one.csv"
cp "${scratch}/three.csv" "${csv}"
echo "three processes and one give the same $(wc -l <"${csv}") lines"
