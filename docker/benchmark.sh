#!/usr/bin/env bash
# Measures everything, and shows it in docs/performance.md.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=docker/setup.sh
. docker/setup.sh

usage() {
    cat <<'USAGE'
Usage: docker/benchmark.sh [--dry-run] [OPTION…]

Installs what is missing, builds for release, measures each path beside its floor in C, and puts
the result into docs/performance.md and docs/endpoints.svg. Takes less than five minutes, on a
machine that has nothing else to do.

  --dry-run   measure, and leave the documents alone
  --help      this text
  OPTION…     goes to segmentd-benchmark, whose --help lists them; such as --json, or with
              --dry-run: --quick, --only NAME

Raw sockets and network namespaces need root: run it as root, or as a user who may use sudo.
Other senders are measured where they are installed: hping3, nping (nmap), scapy (python3-scapy),
trafgen (netsniff-ng), tcpreplay.
USAGE
}

documents=(--markdown docs/performance.md --svg docs/endpoints.svg)
options=()
for argument in "$@"; do
    case $argument in
        --dry-run) documents=() ;;
        -h | --help)
            usage
            exit 0
            ;;
        *) options+=("$argument") ;;
    esac
done

install_packages build run benchmark
find_swift
build_programs segmentd segmentd-benchmark segmentd-benchmark-http
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "not root and no sudo"
    as_root=(sudo env "PATH=$PATH")
fi
exec "${as_root[@]}" "$programs/segmentd-benchmark" "${documents[@]}" "${options[@]}"
