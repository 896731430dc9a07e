#!/usr/bin/env bash
# Tests a firewall with segmentd and Hurl (hurl.dev). As root: hurl-test.sh [RULES [REPORT]]
#
#   RULES     the file of nftables rules (firewall.nft)
#   REPORT    a file for a JUnit report
set -euo pipefail

here=$(dirname "$(realpath "$0")")
rules=${1:-$here/firewall.nft}
report=${2:-}
options=(--test --file-root "$here" --variable api=http://127.0.0.1:8080)
[ -z "$report" ] || options+=(--report-junit "$report")

"$here/bench.sh" up "$rules"
trap 'kill $(jobs -p) && wait; "$here/bench.sh" down' EXIT
trap 'exit 130' INT TERM

segmentd --listen 127.0.0.1:8080 --allow-egress 10.1.0.0/24 --allow-egress 10.2.0.0/24 &
hurl "${options[@]}" "$here/firewall.hurl"
