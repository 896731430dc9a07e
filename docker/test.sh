#!/usr/bin/env bash
# Everything a change must pass, in the order that fails fastest.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=docker/setup.sh
. docker/setup.sh

usage() {
    cat <<'USAGE'
Usage: docker/test.sh [--raw] [STAGE…]

Installs what is missing, then runs the stages named, or all of them:

  scripts     shellcheck
  format      swift format lint
  layers      which target imports what
  api         the OpenAPI document is valid
  unit        tests that need no privilege, in a build without warnings
  raw         tests with raw sockets, in a network namespace of their own
  thread      both under the thread sanitizer
  address     both under the address sanitizer
  endtoend    the release build of segmentd, driven over HTTP
  image       the images of docker/Dockerfile, built and run (as root, and only when named)

  --raw       a test that is skipped counts as failed
  --help      this text

Without root the raw tests run in a user namespace. The last line is the sum of all stages.
Logs stay in .build/test-logs/.
USAGE
}

all_stages=(scripts format layers api unit raw thread address endtoend)
stages=()
raw=no
for argument in "$@"; do
    case $argument in
        --raw) raw=yes ;;
        -h | --help)
            usage
            exit 0
            ;;
        scripts | format | layers | api | unit | raw | thread | address | endtoend | image) stages+=("$argument") ;;
        *)
            usage >&2
            die "no such stage or option: $argument"
            ;;
    esac
done
if [ "${#stages[@]}" -eq 0 ]; then
    stages=("${all_stages[@]}")
fi

logs=.build/test-logs
passed=0
failed=0
skipped=0

fail() {
    say "FAILED: $*"
    failed=$((failed + 1))
}

pass() { passed=$((passed + 1)); }

# `check WHAT COMMAND…`: one more that passed or failed.
check() {
    local what=$1
    shift
    if "$@"; then pass; else fail "$what"; fi
}

# ---- gates

stage_scripts() {
    check "shellcheck" shellcheck -x docker/*.sh docs/automation/*.sh .ci/run
}

stage_format() {
    check "swift format lint" swift format lint --strict --recursive Package.swift Sources Tests
}

# Sources/TARGET imports no module but these. SwiftPM does not catch an undeclared import of a module that some
# dependency imports.
declare -A allowed=(
    [AccessControl]="CNettle Synchronization"
    [TCPWire]=""
    [JSONText]=""
    [Locking]="Glibc"
    [Measuring]="Synchronization"
    [CaptureFilter]="CPcap LinuxSystem Locking"
    [CaptureFile]="TCPWire"
    [LinuxSystem]="CLinuxShims Glibc"
    [CommandClient]="ArgumentParser CCurl Glibc JSONText LinuxSystem"
    [StateStore]="GRDB Glibc"
    [HTTPMessage]="JSONText Locking Measuring Synchronization"
    [HTTPDaemon]="AccessControl CGnuTLS CMicroHTTPD Glibc HTTPMessage JSONText Locking Synchronization"
    [SegmentEngine]="CNettle CaptureFilter LinuxSystem Locking Measuring Synchronization TCPWire"
    [ControlAPI]="AccessControl CaptureFile CaptureFilter HTTPMessage JSONText LinuxSystem Locking Measuring SegmentEngine StateStore TCPWire WebFiles"
    [WebFiles]="CWebFiles JSONText"
    [APIDocumentPlugin]="Foundation PackagePlugin"
    [api-document-compiler]="Foundation JSONText Yams"
    [segmentd-benchmark]="ArgumentParser CFloor ControlAPI Glibc HTTPMessage JSONText LinuxSystem Locking SegmentEngine Synchronization TCPWire"
    [segmentd]="AccessControl ArgumentParser CommandClient ControlAPI Glibc HTTPDaemon HTTPMessage LinuxSystem Locking Logging SegmentEngine StateStore Synchronization TCPWire"
)

check_layers() {
    local target module broken=0
    local -a modules
    for target in Sources/*/; do
        target=$(basename "$target")
        [ -n "$(find "Sources/$target" -name '*.swift' -print -quit)" ] || continue
        if [ -z "${allowed[$target]+set}" ]; then
            say "Sources/$target has no row in the table of imports in docker/test.sh"
            broken=1
            continue
        fi
        mapfile -t modules < <(
            grep -rhoE '^(@[A-Za-z_]+(\([^)]*\))? +)*((public|package|internal|private|fileprivate) +)?import +((struct|class|enum|protocol|func|var|let|typealias) +)?[A-Za-z_]+' \
                --include='*.swift' "Sources/$target" | awk '{ print $NF }' | sort -u
        )
        for module in "${modules[@]}"; do
            if [[ " ${allowed[$target]} " != *" $module "* ]]; then
                say "Sources/$target imports $module"
                broken=1
            fi
        done
    done
    return "$broken"
}

stage_layers() {
    check "imports between targets" check_layers
}

stage_api() {
    check "Python environment of the tests" make_venv
    check "api/openapi.yaml" "$venv/bin/openapi-spec-validator" api/openapi.yaml
    # Above all keys that are there twice, and texts that YAML takes for something else.
    check "yamllint" "$venv/bin/yamllint" --strict \
        -d '{extends: default, rules: {line-length: disable, document-start: disable, indentation: disable}}' api/openapi.yaml
}

# ---- Swift tests

# In a network namespace where nothing but `lo` is and nothing else talks.
isolated() {
    local -a namespaces=(unshare --net)
    [ "$(id -u)" -eq 0 ] || namespaces=(unshare --user --map-root-user --net)
    # shellcheck disable=SC2016 # expanded by the inner shell
    "${namespaces[@]}" sh -c 'ip link set lo up && exec "$@"' sh "$@"
}

# Passed, failed and skipped tests of a Swift Testing log, one line of output for each test.
count_swift_tests() {
    local log=$1 status=$2 ok bad left
    ok=$(grep -cE '^. Test .* passed after ' "$log" || true)
    ok=$((ok - $(grep -cE '^. Test run with .* passed after ' "$log" || true)))
    bad=$(grep -cE '^. Test .* failed after ' "$log" || true)
    bad=$((bad - $(grep -cE '^. Test run with .* failed after ' "$log" || true)))
    left=$(grep -cE '^. (Test|Suite) .* skipped' "$log" || true)
    if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
        bad=1
        say "the tests ended with status $status before their end"
    fi
    if [ "$status" -eq 0 ] && [ "$ok" -eq 0 ]; then
        bad=1
        say "no test was run"
    fi
    passed=$((passed + ok))
    failed=$((failed + bad))
    skipped=$((skipped + left))
    if [ "$status" -eq 0 ]; then
        grep -E '^. Test run with ' "$log" >&2 || true
    else
        grep -vE '(^. (Test|Suite) .*|^. Test case .*) started\.$' "$log" | tail -n 200 >&2
        say "the whole log is $log"
    fi
    if [ "$raw" = yes ] && [ "$left" -gt 0 ]; then
        grep -E '^. (Test|Suite) .* skipped' "$log" >&2
        fail "$left skipped, none may be"
    fi
}

# `swift_tests NAME OPTION…`: the tests of a build that is there. Fifteen minutes at most.
swift_tests() {
    local name=$1 status=0
    shift
    mkdir -p "$logs"
    "${around[@]}" timeout -k 10 900 swift test --skip-build --disable-xctest "$@" >"$logs/$name.log" 2>&1 || status=$?
    count_swift_tests "$logs/$name.log" "$status"
}

unit_tests() {
    local -a around=()
    swift_tests "$1-unit" --skip '^LoopbackTests\.' "${@:2}"
}

raw_tests() {
    local -a around=(isolated)
    swift_tests "$1-raw" --filter '^LoopbackTests\.' "${@:2}"
}

built=no
build_tests() {
    [ "$built" = no ] || return 0
    swift build --build-tests -Xswiftc -warnings-as-errors >&2 || return 1
    built=yes
}

stage_unit() {
    if build_tests; then pass && unit_tests debug; else fail "the build"; fi
}

stage_raw() {
    if build_tests; then raw_tests debug; else fail "the build"; fi
}

sanitized_tests() {
    local sanitizer=$1 scratch=$2
    if ! swift build --build-tests --sanitize "$sanitizer" --scratch-path "$scratch" >&2; then
        fail "the build with the $sanitizer sanitizer"
        return 0
    fi
    unit_tests "$sanitizer" --sanitize "$sanitizer" --scratch-path "$scratch"
    raw_tests "$sanitizer" --sanitize "$sanitizer" --scratch-path "$scratch"
}

stage_thread() {
    TSAN_OPTIONS=halt_on_error=1 sanitized_tests thread .build-tsan
}

stage_address() {
    sanitized_tests address .build-asan
}

# ---- the daemon

# The suite makes namespaces, so without root it gets a user namespace in which it is root.
stage_endtoend() {
    local status=0 summary count
    local -a around=()
    if ! build_programs segmentd segmentd-benchmark segmentd-benchmark-http; then
        fail "the release build"
        return 0
    fi
    check "Python environment of the tests" make_venv
    [ "$(id -u)" -eq 0 ] || around=(unshare --user --map-root-user)
    mkdir -p "$logs"
    SEGMENTD=$programs/segmentd timeout -k 10 1200 "${around[@]}" "$venv/bin/python" -m pytest -q -ra -p no:cacheprovider \
        Tests/EndToEnd 2>&1 | tee "$logs/endtoend.log" >&2 || status=$?
    summary=$(grep -E '^(=+ )?([0-9]+ (passed|failed|skipped|errors?|warnings?|deselected)(, )?)+ in ' "$logs/endtoend.log" | tail -n 1 || true)
    count_of() { grep -oE "[0-9]+ $1" <<<"$summary" | cut -d' ' -f1 || true; }
    count=$(count_of passed)
    passed=$((passed + ${count:-0}))
    count=$(($(count_of failed || true) + 0 + $(count_of 'error' || true) + 0))
    if [ "$status" -ne 0 ] && [ "$count" -eq 0 ]; then count=1; fi
    failed=$((failed + count))
    count=$(count_of skipped)
    skipped=$((skipped + ${count:-0}))
    if [ "$raw" = yes ] && [ "${count:-0}" -gt 0 ]; then fail "$count skipped, none may be"; fi
}

stage_image() {
    check "the images of docker/Dockerfile" docker/check-image.sh
}

# ----

install_packages build run test
find_swift

for stage in "${stages[@]}"; do
    say "== $stage"
    began=$SECONDS
    before=$failed
    "stage_$stage"
    verdict="passed"
    [ "$failed" -eq "$before" ] || verdict="FAILED"
    say "== $stage $verdict after $((SECONDS - began)) s"
done

summary="$passed passed, $failed failed"
[ "$skipped" -eq 0 ] || summary+=", $skipped skipped"
printf '%s\n' "$summary"
[ "$failed" -eq 0 ]
