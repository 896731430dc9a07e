#!/usr/bin/env bash
# Builds segmentd, starts it, and lets a server and a client endpoint talk to each other.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=docker/setup.sh
. docker/setup.sh

usage() {
    cat <<'USAGE'
Usage: docker/run.sh [--listen ADDRESS:PORT] [--foreground] [-- SEGMENTD-OPTION…]

Installs what is missing, builds segmentd for release, starts it and lets a server and a client
endpoint talk. It goes on in the background; its log and its process id are in .build/run/.

  --listen ADDRESS:PORT   where the HTTP API listens (127.0.0.1:8080)
  --foreground            stay, show the log, stop the daemon on Ctrl-C
  --help                  this text

Raw sockets need CAP_NET_RAW: run as root, or as a user who may use sudo. By sudo the daemon
runs as you, with CAP_NET_RAW and no other capability.
USAGE
}

listen=127.0.0.1:8080
foreground=no
while [ $# -gt 0 ]; do
    case $1 in
        --listen)
            [ $# -ge 2 ] || die "--listen takes ADDRESS:PORT"
            listen=$2
            shift
            ;;
        --listen=*) listen=${1#*=} ;;
        --foreground) foreground=yes ;;
        -h | --help)
            usage
            exit 0
            ;;
        --)
            shift
            break
            ;;
        *)
            usage >&2
            die "unknown option: $1"
            ;;
    esac
    shift
done
[[ $listen =~ ^([0-9.]+):([0-9]{1,5})$ ]] || die "--listen takes ADDRESS:PORT, such as 127.0.0.1:8081, not '$listen'"
address=${BASH_REMATCH[1]}
port=${BASH_REMATCH[2]}
api=http://$listen
state=$PWD/.build/run
log=$state/segmentd-$port.log
pid_file=$state/segmentd-$port.pid

# `request GET /path` or `request POST /path BODY`: the answer, and its status on a last line. Five seconds at most.
request() {
    local -a body=()
    [ $# -lt 3 ] || body=(-H 'Content-Type: application/json' --data-binary "$3")
    curl -sS --noproxy '*' --max-time 5 -X "$1" "${body[@]}" -w '\n%{http_code}' "$api$2"
}

# Before the long part: is the address free?
check_address() {
    local answer holder
    (exec 3<>"/dev/tcp/$address/$port") 2>/dev/null || return 0
    answer=$(curl -sS --noproxy '*' --max-time 5 "$api/version" 2>/dev/null || true)
    if [[ $answer == *'"api"'* && $answer == *'"version"'* ]]; then
        say "segmentd already runs on $listen: $answer"
        if [ -r "$pid_file" ] && kill -0 "$(cat "$pid_file")" 2>/dev/null; then
            say "Stop it with: kill $(cat "$pid_file")"
        else
            say "Stop it where it was started, or with: kill \$(pidof segmentd)"
        fi
    else
        holder=$(ss -Hltnp "sport = :$port" 2>/dev/null | sed -n 's/.*users:((\(.*\))).*/\1/p' | head -n 1 || true)
        say "Another program listens on $listen${holder:+: $holder}."
    fi
    say "Or take another port: docker/run.sh --listen $address:$((port + 1))"
    exit 1
}

# How the daemon gets CAP_NET_RAW (bit 13): it is there, or sudo and setpriv hand on that one alone.
launcher=()
find_privilege() {
    local effective
    effective=$(awk '/^CapEff:/ { print $2 }' /proc/self/status)
    if ((16#$effective & 1 << 13)); then
        [ "$(id -u)" -eq 0 ] || launcher=(setpriv --inh-caps=+net_raw --ambient-caps=+net_raw --)
        return 0
    fi
    if [ "$(id -u)" -eq 0 ]; then
        die "even root has no CAP_NET_RAW here; in a container add it: --cap-add NET_RAW"
    fi
    if ! command -v sudo >/dev/null; then
        die "raw sockets need CAP_NET_RAW, and there is no sudo: run this as root"
    fi
    sudo -v || die "raw sockets need CAP_NET_RAW, and sudo refused"
    launcher=(sudo setpriv "--reuid=$(id -u)" "--regid=$(id -g)" --init-groups
        '--bounding-set=-all,+net_raw' '--inh-caps=-all,+net_raw' '--ambient-caps=-all,+net_raw' --)
}

install_packages build run try
find_swift
check_address
find_privilege

say "building segmentd for release"
build_programs segmentd
binary=$programs/segmentd

mkdir -p "$state"
rm -f "$pid_file"
# shellcheck disable=SC2016 # expanded by the inner shell, whose process becomes the daemon
setsid "${launcher[@]}" sh -c 'echo $$ >"$0" && exec "$@"' "$pid_file" "$binary" --listen "$listen" "$@" \
    </dev/null >"$log" 2>&1 &
started=$!

stop_daemon() {
    local pid
    pid=$(cat "$pid_file" 2>/dev/null || true)
    [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
    wait "$started" 2>/dev/null || true
    rm -f "$pid_file"
}

give_up() {
    say "$1"
    [ ! -s "$log" ] || { say "The end of $log:" && tail -n 20 "$log" >&2; }
    stop_daemon
    exit 1
}

# Ready within ten seconds, or never.
for attempt in {1..100}; do
    [ -n "$(jobs -pr)" ] || give_up "segmentd ended before it was ready"
    answer=$(request GET /readyz 2>/dev/null || true)
    [ "${answer##*$'\n'}" != 200 ] || break
    [ "$attempt" -lt 100 ] || give_up "segmentd is not ready: ${answer%$'\n'*}"
    sleep 0.1
done

for role in server client; do
    answer=$(request POST /endpoints "{\"id\":\"$role\",\"role\":\"$role\"}" || true)
    [ "${answer##*$'\n'}" = 201 ] || give_up "the $role endpoint could not be made: ${answer%$'\n'*}"
done

# One segment from each side, within five seconds.
for role in server client; do
    peer=client
    [ "$role" = server ] || peer=server
    for attempt in {1..50}; do
        answer=$(request GET "/segments?endpoint=$role&limit=1" || true)
        if grep -q "\"text\" *: *\"Hello $role\"" <<<"$answer"; then
            say "$role received \"Hello $role\" from $peer"
            break
        fi
        [ "$attempt" -lt 50 ] || give_up "the $role endpoint received nothing: ${answer%$'\n'*}"
        sleep 0.1
    done
done

cat <<MESSAGE

segmentd runs on $api (process $(cat "$pid_file"), log $log), and its pair is talking. Try:

  curl -s '$api/segments?endpoint=server&limit=2'
  curl -s $api/endpoints/client/segments -d '{"flags":["SYN","FIN"],"checksum":"incorrect","payload":"Hello server"}'
  curl -s $api/counters

Stop it with: kill $(cat "$pid_file")
MESSAGE

if [ "$foreground" = yes ]; then
    trap 'stop_daemon; exit 0' INT TERM
    tail -n +1 -f --pid="$(cat "$pid_file")" "$log" &
    wait "$started" || give_up "segmentd ended"
fi
