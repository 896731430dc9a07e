#!/usr/bin/env bash
# The firewall test of docker/compose.yaml: compose-test.sh LEFT-SOCKET RIGHT-SOCKET
#
# A SYN from left to right is dropped, what is established passes both ways, the rest is rejected with a reset. Each
# side has a daemon of its own here, so a scenario is a run at each: what the one expects is begun before the other sends.
set -euo pipefail

declare -A sockets=([left]=$1 [right]=$2)
left=10.1.0.10
right=10.2.0.10

# `api SIDE PATH [CURL-OPTION…]`: the answer, or what is wrong with the request.
api() {
    local answer
    answer=$(curl -sS --max-time 30 --fail-with-body --unix-socket "${sockets[$1]}" "http://localhost$2" "${@:3}") || {
        printf '%s\n' "$answer" >&2
        return 1
    }
    printf '%s\n' "$answer"
}

# `begin SIDE STEPS`: a run that goes on; its path.
begin() {
    printf '/runs/%s\n' "$(api "$1" /runs -d "{\"steps\": $2}" | jq -r .id)"
}

failed=0

# `verdict WHAT SIDE PATH SIDE PATH`: both runs must end satisfied.
verdict() {
    local what=$1 run result=satisfied
    shift
    while [ $# -gt 0 ]; do
        run=$(api "$1" "$2?wait=20s")
        [ "$(jq -r .verdict <<<"$run")" = satisfied ] || result="$(jq -r '"\(.verdict) (\(.reason))"' <<<"$run") at $1"
        shift 2
    done
    printf '%s: %s\n' "$result" "$what"
    [ "$result" = satisfied ] || failed=1
}

for side in left right; do api "$side" /reset -X POST >/dev/null; done
api left /endpoints -d "[
  {\"id\": \"client\", \"role\": \"client\", \"opening\": [], \"rules\": [],
   \"local\": {\"address\": \"$left\", \"port\": 0}, \"remote\": {\"address\": \"$right\", \"port\": 80}},
  {\"id\": \"web\", \"role\": \"server\", \"rules\": [],
   \"local\": {\"address\": \"$left\", \"port\": 80}, \"remote\": null},
  {\"id\": \"telnet\", \"role\": \"server\", \"rules\": [],
   \"local\": {\"address\": \"$left\", \"port\": 23}, \"remote\": null}]" >/dev/null
api right /endpoints -d "[
  {\"id\": \"web\", \"role\": \"server\", \"rules\": [],
   \"local\": {\"address\": \"$right\", \"port\": 80}, \"remote\": null},
  {\"id\": \"client\", \"role\": \"client\", \"opening\": [], \"rules\": [],
   \"local\": {\"address\": \"$right\", \"port\": 0}, \"remote\": {\"address\": \"$left\", \"port\": 80}},
  {\"id\": \"stranger\", \"role\": \"client\", \"opening\": [], \"rules\": [],
   \"local\": {\"address\": \"$right\", \"port\": 0}, \"remote\": {\"address\": \"$left\", \"port\": 23}}]" >/dev/null

there=$(begin right '[{"expectNone": {"endpoint": "web", "for": "500ms"}}]')
here=$(begin left '[{"send": {"endpoint": "client", "segment": {"flags": ["SYN"], "sequenceNumber": 100}}},
  {"expectNone": {"endpoint": "client", "for": "300ms"}}]')
verdict "a SYN from left to right is dropped" left "$here" right "$there"

there=$(begin left '[{"expect": {"endpoint": "web", "segment": {"flags": ["SYN"]}, "within": "5s"}},
  {"send": {"endpoint": "web", "segment": {"flags": ["SYN", "ACK"], "sequenceNumber": 5000,
    "acknowledgmentNumber": {"received": "end"}}}},
  {"expect": {"endpoint": "web", "segment": {"flags": ["ACK"], "acknowledgmentNumber": 5001}}},
  {"send": {"endpoint": "web", "segment": {"flags": ["PSH", "ACK"], "sequenceNumber": 5001,
    "acknowledgmentNumber": {"received": "end"}, "payload": "from the left"}}}]')
here=$(begin right '[{"send": {"endpoint": "client", "segment": {"flags": ["SYN"], "sequenceNumber": 100}}},
  {"expect": {"endpoint": "client", "segment": {"flags": ["SYN", "ACK"], "acknowledgmentNumber": 101}}},
  {"send": {"endpoint": "client", "segment": {"flags": ["ACK"], "sequenceNumber": 101,
    "acknowledgmentNumber": {"received": "end"}}}},
  {"expect": {"endpoint": "client", "segment": {"payload": "from the left"}}}]')
verdict "an established connection passes both ways" left "$there" right "$here"

there=$(begin left '[{"expectNone": {"endpoint": "telnet", "for": "500ms"}}]')
here=$(begin right '[{"send": {"endpoint": "stranger", "segment": {"flags": ["SYN"], "sequenceNumber": 100}}},
  {"expect": {"endpoint": "stranger", "segment": {"flags": ["RST", "ACK"], "acknowledgmentNumber": 101}}}]')
verdict "what is not allowed is rejected with a reset" left "$there" right "$here"

[ "$failed" -eq 0 ]
