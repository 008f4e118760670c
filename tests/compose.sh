#!/usr/bin/env bash
# The three services as containers, end to end: the image of deploy/Dockerfile, docker-compose.yml as it is.
#
#   bash tests/compose.sh BINARY EXPECTED_CSV
#
# BINARY is the compiled `regtrade`; EXPECTED_CSV is what `regtrade key-indicators --format csv` printed when
# the shipped release was ingested into plain processes. Needs Docker, docker-compose (or the compose plugin),
# debootstrap and root. Everything that it starts bears a name of its own, and is gone when it ends.
set -euo pipefail

if [ "$#" -ne 2 ] || [ ! -x "$1" ] || [ ! -f "$2" ]; then
    echo "usage: bash tests/compose.sh BINARY EXPECTED_CSV" >&2
    exit 2
fi
binary="$(realpath "$1")"
expected="$(realpath "$2")"
repository="$(cd "$(dirname "$0")/.." && pwd)"
cd "${repository}"

base="${REGTRADE_TEST_BASE:-regtrade-base:bookworm}"
project="regtrade-test-$$"
export REGTRADE_IMAGE="regtrade:test-$$"
export REGTRADE_BUILD_IMAGE="${base}" REGTRADE_RUNTIME_IMAGE="${base}"
export REGTRADE_BINARY="target/image/$$/regtrade"
# No port: Docker chooses a free one.
export REGTRADE_PUBLISH="127.0.0.1:"

if command -v docker-compose >/dev/null; then
    compose() { docker-compose --project-name "${project}" "$@"; }
else
    compose() { docker compose --project-name "${project}" "$@"; }
fi

scratch="$(mktemp -d)"
passed=0
failed=0

clean_up() {
    local status=$?
    trap - EXIT
    if [ "${failed}" -gt 0 ] || { [ "${status}" -ne 0 ] && [ "${passed}" -gt 0 ]; }; then
        compose logs --no-color --tail 40 || true
    fi
    compose down --volumes --timeout 10 >/dev/null 2>&1 || true
    docker image rm --force "${REGTRADE_IMAGE}" "${REGTRADE_IMAGE}-build" >/dev/null 2>&1 || true
    rm -rf "${scratch}" "${repository}/target/image/$$"
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

milliseconds() { date +%s%3N; }

# within SECONDS COMMAND…: tries the command until it succeeds or the time is over.
within() {
    local deadline=$(($(milliseconds) + $1 * 1000))
    shift
    until "$@" >"${scratch}/last" 2>&1; do
        if [ "$(milliseconds)" -ge "${deadline}" ]; then
            cat "${scratch}/last"
            echo "not within the time given: $*"
            return 1
        fi
        sleep 0.1
    done
}

# By label, since only some versions of compose list a container that does not run.
container() {
    docker ps --all --quiet --filter "label=com.docker.compose.project=${project}" \
        --filter "label=com.docker.compose.service=$1" --filter label=com.docker.compose.oneoff=False
}
inspect() { docker inspect --format "$2" "$(container "$1")"; }
inside() { docker exec "$(container "$1")" "${@:2}"; }
is_healthy() { [ "$(inspect "$1" '{{.State.Health.Status}}' 2>/dev/null)" = healthy ]; }
all_healthy() { is_healthy ingest && is_healthy indicators && is_healthy gateway; }

find_endpoint() {
    endpoint="http://$(docker port "$(container gateway)" 50051/tcp | head -n 1)"
}
key_indicators() { timeout 20 "${binary}" key-indicators --format csv --endpoint "${endpoint}"; }

answers_nothing_yet() {
    local status=0
    key_indicators >"${scratch}/out" 2>"${scratch}/err" || status=$?
    echo "exit code ${status}: $(cat "${scratch}/out" "${scratch}/err")"
    [ "${status}" -eq 1 ] && [ ! -s "${scratch}/out" ]
}
answers_as_expected() {
    key_indicators >"${scratch}/answer" || return 1
    cmp "${expected}" "${scratch}/answer"
}
ingests() { compose run --rm ingest-release; }

is_not_root() {
    [ "$(inside "$1" id -u)" = 10001 ] && inside "$1" grep -q '^CapEff:\s*0*$' /proc/1/status
}
root_is_read_only() {
    [ "$(inspect "$1" '{{.HostConfig.ReadonlyRootfs}}')" = true ] || return 1
    ! inside "$1" touch /var/lib/regtrade/here && ! inside "$1" touch /usr/local/bin/here && inside "$1" touch /tmp/here
}
lake_is_read_only() { ! inside indicators touch /var/lib/regtrade/lake/here; }
# Asked of the settings: on a network without a way out Docker publishes no port, whatever is set.
publishes_nothing() { [ "$(inspect "$1" '{{len .HostConfig.PortBindings}}')" -eq 0 ]; }
publishes_one_port_on_loopback() {
    local ports
    ports="$(docker port "$(container gateway)")"
    echo "${ports}"
    [ "$(wc -l <<<"${ports}")" -eq 1 ] && grep -q '^50051/tcp -> 127\.0\.0\.1:' <<<"${ports}"
}
secret_is_private() {
    [ "$(inside gateway stat -c '%a %u' /var/lib/regtrade/secret/backend)" = '600 10001' ]
}
# A caller in the backends' own network, without the secret: the answer is a refusal, not a figure and not an
# address where nobody listens.
backend_refuses() {
    local status=0
    inside gateway regtrade "${@:2}" --endpoint "$1" >"${scratch}/out" 2>"${scratch}/err" || status=$?
    echo "exit code ${status}: $(cat "${scratch}/out" "${scratch}/err")"
    [ "${status}" -ne 0 ] && [ ! -s "${scratch}/out" ] \
        && grep -Eiq 'answers to the gateway alone' "${scratch}/err"
}
public_caller_may_not_ingest() {
    local status=0
    timeout 20 "${binary}" ingest crates/cli/releases/regtrd-2024.tsv --endpoint "${endpoint}" \
        >"${scratch}/out" 2>"${scratch}/err" || status=$?
    echo "exit code ${status}: $(cat "${scratch}/out" "${scratch}/err")"
    [ "${status}" -ne 0 ]
}

# Eight callers keep asking while indicators is killed: each is answered or told that the service is away, none
# is left waiting past its deadline (`timeout` would say 124). No caller asks more than a hundred times.
is_unavailable_under_load() {
    local caller statuses outcome=0
    for caller in 1 2 3 4 5 6 7 8; do
        (
            for _ in {1..100}; do
                [ ! -e "${scratch}/load.over" ] || break
                status=0
                key_indicators >/dev/null 2>&1 || status=$?
                echo "${status}"
            done
        ) >"${scratch}/load.${caller}" &
    done
    within 20 test -s "${scratch}/load.1" || outcome=1
    docker kill "$(container indicators)" >/dev/null
    is_unavailable || outcome=1
    touch "${scratch}/load.over"
    wait
    statuses="$(sort -n "${scratch}"/load.? | uniq -c)"
    echo "exit codes under load: ${statuses}"
    if grep -Evq '^ *[0-9]+ [03]$' <<<"${statuses}"; then
        return 1
    fi
    return "${outcome}"
}
is_unavailable() {
    local status=0
    key_indicators >"${scratch}/out" 2>"${scratch}/err" || status=$?
    echo "exit code ${status}: $(cat "${scratch}/out" "${scratch}/err")"
    [ "${status}" -eq 3 ] && [ ! -s "${scratch}/out" ] && grep -Eiq 'unavailable|away' "${scratch}/err"
}
gateway_was_not_restarted() { [ "$(inspect gateway '{{.State.StartedAt}} {{.RestartCount}}')" = "${gateway_before}" ]; }
serves_inside() { inside "$1" regtrade health --endpoint "$2" >/dev/null 2>&1; }
comes_back() {
    docker start "$(container indicators)" >/dev/null
    within 30 serves_inside indicators http://127.0.0.1:50053 || return 1
    within 2 answers_as_expected
}

# First line to last: a log line that is not an object with a level breaks whoever collects the logs.
logs_are_json() {
    docker logs "$(container "$1")" >"${scratch}/log" 2>&1
    [ -s "${scratch}/log" ] || { echo 'no log'; return 1; }
    python3 -c '
import json, sys
for line in open(sys.argv[1], encoding="utf-8"):
    assert "level" in json.loads(line), line
' "${scratch}/log"
}
stops_in_order() {
    local service
    compose stop --timeout 20 >/dev/null 2>&1
    for service in gateway indicators ingest; do
        echo "${service} ended with $(docker inspect --format '{{.State.ExitCode}}' "${ids[${service}]}")"
        [ "$(docker inspect --format '{{.State.ExitCode}}' "${ids[${service}]}")" -eq 0 ] || return 1
    done
}
lake_outlives_the_containers() {
    compose down >/dev/null 2>&1
    compose up --detach --no-build >/dev/null 2>&1 || return 1
    within 90 all_healthy || return 1
    find_endpoint
    within 2 answers_as_expected
}

echo "== image"
bash deploy/base-image.sh "${base}"
# Without its symbols the binary is a tenth of its size, and so is the build context.
install -D -m 0755 "${binary}" "${REGTRADE_BINARY}"
strip "${REGTRADE_BINARY}"
# The build stage is given a name first, so that it can be removed; what compose builds begins with it.
docker build --file deploy/Dockerfile --target build --tag "${REGTRADE_IMAGE}-build" \
    --build-arg BUILD_IMAGE="${base}" --build-arg RUNTIME_IMAGE="${base}" --build-arg BINARY="${REGTRADE_BINARY}" \
    --build-arg PROFILE=release . >"${scratch}/build" 2>&1 || { cat "${scratch}/build"; exit 1; }
compose build gateway >"${scratch}/build" 2>&1 || { cat "${scratch}/build"; exit 1; }
check "the image holds a binary that runs there" docker run --rm "${REGTRADE_IMAGE}" --version

echo "== services"
compose up --detach --no-build >"${scratch}/up" 2>&1 || { cat "${scratch}/up"; exit 1; }
check "the three services become healthy" within 90 all_healthy
find_endpoint
declare -A ids
for service in ingest indicators gateway; do
    ids[${service}]="$(container "${service}")"
    check "${service} runs as a user without rights" is_not_root "${service}"
    check "${service} has a read-only root file system" root_is_read_only "${service}"
done
check "ingest publishes no port" publishes_nothing ingest
check "indicators publishes no port" publishes_nothing indicators
check "the gateway publishes one port, on loopback" publishes_one_port_on_loopback
check "the backend secret can be read by the services' user alone" secret_is_private
check "indicators cannot write to the lake" lake_is_read_only

echo "== figures"
check "an empty lake answers that there is nothing to answer from" answers_nothing_yet
check "a caller from outside may not ingest" public_caller_may_not_ingest
check "the job ingests the shipped release" ingests
check "the job changes nothing the second time, and succeeds" ingests
check "the answer is that of three plain processes, byte for byte" answers_as_expected
check "indicators refuses a caller without the secret" \
    backend_refuses http://indicators:50053 key-indicators --format csv
check "ingest refuses a caller without the secret" \
    backend_refuses http://ingest:50052 ingest /etc/hostname

echo "== a backend goes and comes back"
gateway_before="$(inspect gateway '{{.State.StartedAt}} {{.RestartCount}}')"
check "without indicators the gateway says that it is unavailable, in time" is_unavailable_under_load
check "with indicators back the gateway answers within two seconds" comes_back
check "the gateway was not restarted meanwhile" gateway_was_not_restarted

echo "== the end"
for service in ingest indicators gateway; do
    check "every line that ${service} logs is JSON" logs_are_json "${service}"
done
check "the services end by themselves when asked to" stops_in_order
check "the lake outlives its containers" lake_outlives_the_containers

echo "${passed} passed, ${failed} failed"
[ "${failed}" -eq 0 ]
