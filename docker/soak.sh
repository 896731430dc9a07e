#!/usr/bin/env bash
# What takes longer than a change may wait for: the full forms of tests that docker/test.sh runs bounded.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=docker/setup.sh
. docker/setup.sh

usage() {
    cat <<'USAGE'
Usage: docker/soak.sh [PART…]

Runs the parts named, or all of them, with a release build:

  segments    5 million mutated datagrams (SEGMENTD_SEGMENTS) through all that reads, matches, answers and shows them,
              guided by coverage (libFuzzer); and as many through a running daemon, whose memory must stay as it is.
              What is worth keeping goes into Tests/SegmentFuzzingTests/corpus.hex, what fails into .build/test-logs/
  kills       kill -9 at 200 random moments under load, with a state file (SEGMENTD_KILLS, SEGMENTD_SEED)
  http        50,000 mutated requests (SEGMENTD_MUTANTS, SEGMENTD_SEED), 300 trickling clients, 128 and 256 clients at
              once, and a minute of requests far above the rate (SEGMENTD_LOAD_SECONDS)
  load        an hour of everything at once, the last ten minutes of it with a build under the thread sanitizer
              (SEGMENTD_MIXED_SECONDS, SEGMENTD_SANITIZED_SECONDS, SEGMENTD_SEED)
  --help      this text
USAGE
}

all_parts=(segments kills http load)
venv=.build/venv

# `endtoend SECONDS TEST…`: end-to-end tests by their names, so long at most.
endtoend() {
    local seconds=$1
    local -a around=()
    shift
    [ "$(id -u)" -eq 0 ] || around=(unshare --user --map-root-user)
    SEGMENTD=$binary timeout -k 10 "$seconds" "${around[@]}" \
        "$venv/bin/python" -m pytest -q -rA -p no:cacheprovider "$@"
}

corpus_file=Tests/SegmentFuzzingTests/corpus.hex

# The kept datagrams, a line each, as files in a directory, and back; libFuzzer knows them by the names it gives.
unpack_corpus() {
    /usr/bin/python3 - "$corpus_file" "$1" <<'PYTHON'
import pathlib, sys
for number, line in enumerate(pathlib.Path(sys.argv[1]).read_text().split()):
    (pathlib.Path(sys.argv[2]) / f"kept-{number}").write_bytes(bytes.fromhex(line))
PYTHON
}

pack_corpus() {
    /usr/bin/python3 - "$1" "$corpus_file" <<'PYTHON'
import pathlib, sys
kept = {path.read_bytes().hex() for path in pathlib.Path(sys.argv[1]).iterdir()}
lines = sorted(filter(None, kept), key=lambda line: (len(line), line))
pathlib.Path(sys.argv[2]).write_text("".join(line + "\n" for line in lines))
PYTHON
}

part_segments() {
    local count=${SEGMENTD_SEGMENTS:-5000000} work fuzzer
    # Nearly every target is instrumented, so this is a build of its own.
    SEGMENTD_FUZZ=1 swift build -c release --scratch-path .build-fuzz --product segments-fuzzer >&2 || return
    fuzzer=.build-fuzz/release/segments-fuzzer
    work=$(mktemp -d)
    mkdir -p "$work/all" "$work/least" .build/test-logs
    unpack_corpus "$work/all"
    "$fuzzer" "$work/all" -runs="$count" -max_len=256 -timeout=5 -rss_limit_mb=512 -print_final_stats=1 \
        -artifact_prefix=.build/test-logs/ 2>&1 | tail -n 20 >&2 || return
    # Of all that was found, as little as reaches as far.
    "$fuzzer" -set_cover_merge=1 "$work/least" "$work/all" 2>&1 | tail -n 2 >&2 || return
    pack_corpus "$work/least"
    rm -r "$work"

    HOSTILE_DATAGRAMS=$count endtoend 3600 Tests/EndToEnd/test_hostile_datagrams.py::test_mutants_of_what_fuzzing_found
}

part_kills() {
    SEGMENTD_KILLS=${SEGMENTD_KILLS:-200} endtoend 900 \
        Tests/EndToEnd/test_state.py::test_what_was_acknowledged_survives_kills_in_any_moment
}

# A seed of the day, so that each run finds other mutants.
part_http() {
    SEGMENTD_MUTANTS=${SEGMENTD_MUTANTS:-50000} SEGMENTD_SEED=${SEGMENTD_SEED:-$(date +%Y%m%d)} \
        SEGMENTD_LOAD_SECONDS=${SEGMENTD_LOAD_SECONDS:-60} endtoend 1800 Tests/EndToEnd/test_hostile_http.py
}

# `mixed SECONDS`: the mixed load on $binary for so long. Warming up takes up to ten minutes more, and ends take their time.
mixed() {
    SEGMENTD_MIXED_SECONDS=$1 SEGMENTD_SEED=${SEGMENTD_SEED:-$(date +%Y%m%d)} endtoend $(($1 + 1200)) \
        Tests/EndToEnd/test_mixed_load.py
}

# Whatever the sanitizer reports ends the daemon with status 66, which fails the test; that it is on at all, the
# daemon's symbols show.
part_load() {
    local seconds=${SEGMENTD_MIXED_SECONDS:-3600} sanitized=${SEGMENTD_SANITIZED_SECONDS:-600}
    local binary=$binary
    mixed $((seconds - sanitized)) || return 1
    swift build --sanitize thread --scratch-path .build-tsan --product segmentd >&2 || return 1
    binary=$(swift build --sanitize thread --scratch-path .build-tsan --show-bin-path)/segmentd
    grep -q __tsan_init "$binary" || die "$binary is not sanitized"
    TSAN_OPTIONS="halt_on_error=1 exitcode=66" mixed "$sanitized"
}

parts=()
for argument in "$@"; do
    case $argument in
        -h | --help)
            usage
            exit 0
            ;;
        segments | kills | http | load) parts+=("$argument") ;;
        *)
            usage >&2
            die "no such part: $argument"
            ;;
    esac
done
[ "${#parts[@]}" -gt 0 ] || parts=("${all_parts[@]}")

install_packages build run test
find_swift
build_programs segmentd
binary=$programs/segmentd
if [ ! -x "$venv/bin/pytest" ]; then
    /usr/bin/python3 -m venv --clear --system-site-packages "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r Tests/EndToEnd/requirements.txt
fi

failed=0
for part in "${parts[@]}"; do
    say "== $part"
    began=$SECONDS
    verdict=passed
    "part_$part" || {
        verdict=FAILED
        failed=$((failed + 1))
    }
    say "== $part $verdict after $((SECONDS - began)) s"
done
[ "$failed" -eq 0 ]
