#!/usr/bin/env bash
# Tests a firewall with segmentd, curl and jq. As root: firewall-test.sh [RULES [REPORTS]]
#
#   RULES      the file of nftables rules (firewall.nft)
#   REPORTS    a directory for a JUnit report of each scenario
#
# Ends with 0 when all scenarios are satisfied, with 1 when one is not.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
rules=${1:-$here/firewall.nft}
reports=${2:-}

"$here/bench.sh" up "$rules"
work=$(mktemp -d)
daemon=

clean_up() {
    if [ -n "$daemon" ]; then
        kill "$daemon" || cat "$work/log" >&2
        wait "$daemon" || true
    fi
    "$here/bench.sh" down
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# `api PATH [CURL-OPTION…]`: the answer, or what is wrong with the request.
api() {
    curl -sS --max-time 30 --fail-with-body --unix-socket "$work/socket" "http://localhost$1" "${@:2}" >"$work/answer" || {
        cat "$work/answer" >&2
        return 1
    }
    cat "$work/answer"
}

# By a Unix socket: there is no port to collide with, and nobody else is let in.
segmentd --listen none --unix-socket "$work/socket" \
    --allow-egress 10.1.0.0/24 --allow-egress 10.2.0.0/24 2>"$work/log" &
daemon=$!
for _ in {1..100}; do
    ! api /healthz >/dev/null 2>&1 || break
    kill -0 "$daemon"
    sleep 0.1
done
api /endpoints -d @"$here/endpoints.json" >/dev/null

failed=0
for scenario in "$here"/scenarios/*.json; do
    run=$(api '/runs?wait=20s' -d @"$scenario")
    jq -r '"\(.verdict): \(.name)" + if .reason then " (\(.reason))" else "" end' <<<"$run"
    [ "$(jq -r .verdict <<<"$run")" = satisfied ] || failed=1
    if [ -n "$reports" ]; then
        mkdir -p "$reports"
        api "/runs/$(jq -r .id <<<"$run")" -H 'Accept: application/xml' >"$reports/$(basename "$scenario" .json).xml"
    fi
done
[ "$failed" -eq 0 ]
