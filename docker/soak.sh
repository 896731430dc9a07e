#!/usr/bin/env bash
# The long forms of what docker/test.sh checks in a bounded one.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=docker/setup.sh
. docker/setup.sh

usage() {
    cat <<'USAGE'
Usage: docker/soak.sh [PART…]

Builds for release, then runs the parts named, or all of them:

  http    50,000 mutated requests, 300 trickling clients, 128 and 256 clients at once, a minute above the rate

As root, or in a user namespace. Logs stay in .build/soak-logs/.
USAGE
}

all_parts=(http)
parts=()
for argument in "$@"; do
    case $argument in
        -h | --help)
            usage
            exit 0
            ;;
        http) parts+=("$argument") ;;
        *)
            usage >&2
            die "no such part or option: $argument"
            ;;
    esac
done
[ "${#parts[@]}" -gt 0 ] || parts=("${all_parts[@]}")

logs=.build/soak-logs

# `endtoend NAME ARGUMENT…`: tests of Tests/EndToEnd against the release build.
endtoend() {
    local name=$1 binary venv=.build/venv
    local -a around=()
    shift
    if [ ! -x "$venv/bin/python" ]; then
        /usr/bin/python3 -m venv --system-site-packages "$venv"
        "$venv/bin/pip" install --quiet --disable-pip-version-check -r Tests/EndToEnd/requirements.txt
    fi
    [ "$(id -u)" -eq 0 ] || around=(unshare --user --map-root-user)
    binary=$(swift build -c release --product segmentd --show-bin-path)/segmentd
    mkdir -p "$logs"
    SEGMENTD=$binary "${around[@]}" "$venv/bin/python" -m pytest -q -rP -p no:cacheprovider "$@" 2>&1 |
        tee "$logs/$name.log" >&2
}

# A seed of the day, so that each run finds other mutants; SEGMENTD_SEED repeats one.
part_http() {
    SEGMENTD_MUTANTS=${SEGMENTD_MUTANTS:-50000} SEGMENTD_SEED=${SEGMENTD_SEED:-$(date +%Y%m%d)} \
        SEGMENTD_LOAD_SECONDS=${SEGMENTD_LOAD_SECONDS:-60} \
        endtoend http Tests/EndToEnd/test_hostile_http.py
}

install_packages build run test
find_swift
swift build -c release >&2

for part in "${parts[@]}"; do
    say "== $part"
    began=$SECONDS
    "part_$part"
    say "== $part passed after $((SECONDS - began)) s"
done
