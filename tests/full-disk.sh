#!/usr/bin/env bash
# A full disk: a lake on a file system of a few MB, in a mount namespace of its own, until nothing more fits.
#
#   bash tests/full-disk.sh BINARY
#
# BINARY is the compiled `regtrade`. Needs Linux and `unshare`: as root, or where users may make namespaces. Where
# that is not so the script says so and fails, since a test that was not run has not passed.
set -euo pipefail

if [ "$#" -ne 1 ] || [ ! -x "$1" ]; then
    echo "usage: bash tests/full-disk.sh BINARY" >&2
    exit 2
fi
binary="$(realpath "$1")"

# The same script again, inside the namespace, whose mounts go with it.
if [ -z "${REGTRADE_TEST_INSIDE:-}" ]; then
    inside=(unshare --user --map-root-user --mount)
    if ! reason="$("${inside[@]}" mount -t tmpfs -o size=64k none /mnt 2>&1)"; then
        echo "cannot mount a small file system in a namespace (${inside[*]}): ${reason}" >&2
        echo "run this as root, or allow user namespaces (sysctl kernel.unprivileged_userns_clone," \
            "kernel.apparmor_restrict_unprivileged_userns)" >&2
        exit 3
    fi
    REGTRADE_TEST_INSIDE=1 exec "${inside[@]}" bash "$0" "${binary}"
fi

scratch="$(mktemp -d)"
disk="${scratch}/disk"
lake="${disk}/lake"
processes=()
passed=0
failed=0

clean_up() {
    local status=$? process
    trap - EXIT
    for process in ${processes[@]+"${processes[@]}"}; do
        kill "${process}" 2>/dev/null || true
    done
    wait
    if [ "${failed}" -gt 0 ] || { [ "${status}" -ne 0 ] && [ "${passed}" -gt 0 ]; }; then
        tail -n 20 "${scratch}/server.log" || true
    fi
    umount "${disk}" 2>/dev/null || true
    rm -rf "${scratch}"
    exit "${status}"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# check NAME COMMAND…: one test, passed when the command succeeds.
check() {
    local name="$1"
    shift
    if "$@" >"${scratch}/check" 2>&1; then
        passed=$((passed + 1))
        echo "ok    ${name}"
    else
        failed=$((failed + 1))
        echo "FAIL  ${name}"
        sed 's/^/      /' "${scratch}/check" | head -n 20
    fi
}

# within SECONDS COMMAND…: tries the command until it succeeds or the time is over.
within() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        if [ "${SECONDS}" -ge "${deadline}" ]; then
            echo "not within the time given: $*"
            return 1
        fi
        sleep 0.1
    done
}

start() {
    "${binary}" up --lake "${lake}" --listen 127.0.0.1:0 2>"${scratch}/server.log" &
    processes+=("$!")
    within 30 grep -qs 'listening on http://' "${scratch}/server.log"
    endpoint="$(grep -oE 'listening on http://[0-9.]+:[0-9]+' "${scratch}/server.log" | tail -n 1 | cut -d ' ' -f 3)"
    within 30 is_healthy
}
is_healthy() { "${binary}" health --endpoint "${endpoint}" >/dev/null 2>&1; }

# data_file NUMBER: a data file of two years that no other number gives, on standard output.
data_file() {
    awk -v number="$1" 'BEGIN {
        print "DATAFLOW,FREQ,REF_AREA,ITEM,PRODUCT,COUNTERPART_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MULT"
        srand(number)
        for (year = 2020; year <= 2021; year++)
            for (row = 0; row < 800; row++)
                printf "BE2:REGTRD(1.0),A,BE1,P61,84%06d,FR,%d,%d.%d,6\n", row, year, rand() * 100000, number
    }'
}
# ingest NUMBER: hands it in; what was said is in `out` and `err`.
ingest() {
    data_file "$1" >"${scratch}/rows-$1.csv"
    "${binary}" ingest "${scratch}/rows-$1.csv" --edition "n$1" --format csv --endpoint "${endpoint}" \
        >"${scratch}/out" 2>"${scratch}/err"
}
ingests() { ingest "$1" || { cat "${scratch}/err"; return 1; }; }

# The editions that are visible, one a line.
editions() { "${binary}" releases --format csv --endpoint "${endpoint}" | tail -n +2 | cut -d , -f 3 | sort; }
observations() {
    "${binary}" observations --release "$1" --format csv --endpoint "${endpoint}" | tail -n +2 | wc -l
}

fills_up() {
    local number=0 status
    while [ "${number}" -lt 1000 ]; do
        number=$((number + 1))
        status=0
        ingest "${number}" || status=$?
        if [ "${status}" -ne 0 ]; then
            refused="${number}"
            refused_with="${status}"
            cp "${scratch}/err" "${scratch}/refusal"
            echo "${number} did not fit"
            return 0
        fi
        echo "n${number}" >>"${scratch}/acknowledged"
    done
    echo "1000 releases fit"
    return 1
}
says_that_there_is_no_space() {
    echo "exit code ${refused_with}: $(cat "${scratch}/refusal")"
    [ "${refused_with}" -eq "$1" ] && grep -Eiq 'no space|no room' "${scratch}/refusal"
}
says_what_to_do() {
    cat "${scratch}/refusal"
    grep -Eiq 'make room|make space' "${scratch}/refusal"
}
some_were_acknowledged() { [ "$(wc -l <"${scratch}/acknowledged")" -ge 5 ]; }
# Byte for byte: nothing acknowledged is lost, and nothing else is there.
shows_what_was_acknowledged() {
    editions >"${scratch}/visible"
    sort "${scratch}/acknowledged" | diff - "${scratch}/visible"
}
shows_all_rows_of_each() {
    local release rows
    "${binary}" releases --format csv --endpoint "${endpoint}" | tail -n +2 | cut -d , -f 1 >"${scratch}/ids"
    while read -r release; do
        rows="$(observations "${release}")"
        [ "${rows}" -eq 1600 ] || { echo "${release} shows ${rows} observations, not 1600"; return 1; }
    done <"${scratch}/ids"
}
verifies() { "${binary}" verify --lake "${lake}"; }
is_refused_again() {
    local status=0
    ingest "${refused}" || status=$?
    echo "exit code ${status}: $(cat "${scratch}/err")"
    [ "${status}" -eq "${refused_with}" ]
}
# A press table is small: it may still fit, and is whole if so.
is_whole_or_refused() {
    local status=0
    "${binary}" ingest "$(dirname "$0")/../crates/cli/releases/regtrd-2024.tsv" --edition table \
        --endpoint "${endpoint}" >/dev/null 2>"${scratch}/err" || status=$?
    echo "exit code ${status}: $(cat "${scratch}/err")"
    if [ "${status}" -eq 0 ]; then
        echo table >>"${scratch}/acknowledged"
        return 0
    fi
    [ "${status}" -eq "${refused_with}" ] && grep -Eiq 'no space|no room' "${scratch}/err"
}
# One block after the other is freed, so that the disk is full at each step of an ingest: at the first file, at the
# record, at the commit.
is_whole_or_refused_at_each_step() {
    local status tries=0
    while [ "${tries}" -lt 60 ]; do
        tries=$((tries + 1))
        size=$((size + 4))
        mount -o "remount,size=${size}k" "${disk}"
        status=0
        ingest "${refused}" || status=$?
        if [ "${status}" -eq 0 ]; then
            echo "n${refused}" >>"${scratch}/acknowledged"
            echo "it fits after ${tries} blocks"
            [ "${tries}" -gt 1 ]
            return
        fi
        [ "${status}" -eq "${refused_with}" ] || { cat "${scratch}/err"; return 1; }
        shows_what_was_acknowledged && verifies || return 1
    done
    echo "it does not fit after ${tries} blocks"
    return 1
}
changes_nothing() { ingests "${refused}" && grep -Eiq already "${scratch}/out"; }
has_no_notes() {
    verifies >"${scratch}/verified"
    cat "${scratch}/verified"
    ! grep -q 'note' "${scratch}/verified"
}
starts_again() {
    kill "${processes[-1]}"
    wait "${processes[-1]}" || true
    start
}

mkdir "${disk}"
size=640
mount -t tmpfs -o "size=${size}k" none "${disk}"
: >"${scratch}/acknowledged"
start

echo "== until the disk is full"
check "releases are taken in until one does not fit" fills_up
check "several were" some_were_acknowledged
check "the refusal says that there is no space, with exit code 3" says_that_there_is_no_space 3
check "and what to do" says_what_to_do
check "what is visible is what was acknowledged" shows_what_was_acknowledged
check "each release shows all of its rows" shows_all_rows_of_each
check "the lake verifies" verifies
check "the same file is refused again" is_refused_again
check "a smaller release is whole or refused" is_whole_or_refused
check "what is visible is what was acknowledged" shows_what_was_acknowledged
check "a restart finds the same" starts_again
check "what is visible is what was acknowledged" shows_what_was_acknowledged

echo "== block by block"
check "the same file is refused or whole, and the lake sound, whatever block is the last" \
    is_whole_or_refused_at_each_step
check "what is visible is what was acknowledged" shows_what_was_acknowledged
check "the lake verifies" verifies

echo "== with room again"
mount -o "remount,size=16m" "${disk}"
check "the same file again changes nothing" changes_nothing
check "the next release is taken in" ingests 2000
echo n2000 >>"${scratch}/acknowledged"
check "what is visible is what was acknowledged" shows_what_was_acknowledged
check "the lake verifies" verifies

echo "${passed} passed, ${failed} failed"
[ "${failed}" -eq 0 ]
