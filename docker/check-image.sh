#!/usr/bin/env bash
# Builds the images of docker/Dockerfile and runs them as docs/image.md, docker/compose.yaml and docker/kubernetes.yaml
# say. As root. The engine is podman, with storage, /run, cgroups and a network of its own, so that nothing of this
# machine's is touched. No registry is asked: debian:… is a fresh root by mmdebstrap, and swift:… such a root with this
# machine's toolchain mounted while it builds.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=docker/setup.sh
. docker/setup.sh
# shellcheck source=docker/engine.sh
. docker/engine.sh

[ "$(id -u)" -eq 0 ] || die "an engine of its own needs root"
here=$PWD

# What the image may add to the one that it is from, uncompressed.
most_octets=$((100 * 1000 * 1000))

# ---- the documents

# The blocks of commands of docs/image.md that this runs as they stand, with podman as docker, and without sudo.
prepare_blocks() {
    local programs=$roots/programs
    mkdir -p "$programs"
    printf '#!/bin/sh\nexec "$@"\n' >"$programs/sudo"
    cat >"$programs/docker" <<PROGRAM
#!/bin/bash
if [ "\$1" = build ]; then
    mapfile -t options <"$roots/build-options"
    set -- build "\${options[@]}" "\${@:2}"
fi
exec /usr/bin/podman --log-level=fatal "\$@"
PROGRAM
    chmod +x "$programs"/*
    export PATH=$programs:$PATH
    awk -v block="$roots/block-" '
        /^<!-- run by: .*check-image/ { ours = 1; next }
        /^```sh$/ && ours { number++; on = 1; next }
        /^```$/ { on = 0; ours = 0 }
        on { print >(block number) }' docs/image.md
}

# `run_block DIRECTORY WORDS`: the one block that has these words.
run_block() {
    local -a found
    local directory=$1
    shift
    mapfile -t found < <(grep -lF -e "$1" "$roots"/block-*)
    [ "${#found[@]}" -eq 1 ] || die "docs/image.md has ${#found[@]} blocks with: $1"
    (cd "$directory" && bash -euo pipefail "${found[0]}") </dev/null >"$roots/block.log" 2>&1 || {
        cat "$roots/block.log" >&2
        podman logs segmentd >&2 || true
        die "a block of docs/image.md fails: $(<"${found[0]}")"
    }
}

# ---- what is built

# Healthy within ten seconds, by the health check that the image or the options have.
until_healthy() {
    for _ in {1..100}; do
        ! podman healthcheck run "$1" >/dev/null 2>&1 || return 0
        sleep 0.1
    done
    podman logs "$1" >&2
    die "the health check of $1 does not succeed"
}

stop_daemon() {
    local waiter
    podman wait segmentd >"$roots/status" &
    waiter=$!
    sleep 0.2
    podman kill --signal TERM segmentd >/dev/null
    wait "$waiter"
    [ "$(<"$roots/status")" -eq 0 ] || die "the daemon ended with status $(<"$roots/status") when asked to stop"
    podman rm --force --ignore segmentd >/dev/null
}

size_of() { podman image inspect --format '{{.Size}}' "$1"; }

check_daemon() {
    local octets attribute status
    octets=$(($(size_of segmentd) - $(size_of debian:bookworm-slim)))
    say "the image adds $((octets / 1000000)) MB to Debian's"
    [ "$octets" -le "$most_octets" ] || die "that is more than $((most_octets / 1000000)) MB"
    [[ $(podman image inspect --format '{{.Config.User}}' segmentd) =~ ^[1-9][0-9]*:[1-9][0-9]*$ ]] ||
        die "the image's user is no number"

    run_block "$roots" '--cap-add NET_RAW segmentd'
    until_healthy segmentd
    curl -fsS localhost:8080/endpoints -d '[{"role": "server"}, {"role": "client"}]' >/dev/null
    curl -fsSG localhost:8080/segments -d endpoint=server -d wait=5s | grep -q '"Hello server"' ||
        die "the pair in the container does not talk"
    attribute=$(podman exec segmentd getcap /usr/local/bin/segmentd)
    [[ $attribute == *cap_net_raw=ep ]] || die "the file has: $attribute"
    status=$(podman exec segmentd sh -c 'cat /proc/1/status; touch /x 2>&1 || true')
    grep -qE '^Uid:\s+65532\s' <<<"$status" || die "it runs as: $(grep ^Uid <<<"$status")"
    grep -qE '^CapBnd:\s+0+2000$' <<<"$status" || die "it has: $(grep ^CapBnd <<<"$status")"
    grep -q 'Read-only file system' <<<"$status" || die "its root can be written to"
    stop_daemon

    # Where the engine gives a user other than root no capability, the file's does it.
    podman run --detach --quiet --name segmentd --network host --cap-drop ALL --cap-add NET_RAW --read-only \
        --entrypoint '["/usr/bin/setpriv", "--ambient-caps=-all", "--inh-caps=-all", "--", "/usr/local/bin/segmentd"]' \
        segmentd >/dev/null
    curl -fsS --retry 5 --retry-connrefused localhost:8080/endpoints -d '{"role": "server"}' >/dev/null || {
        podman logs segmentd >&2
        die "without ambient capabilities no endpoint starts"
    }
    stop_daemon
    say "healthy as a user of its own, with NET_RAW alone, on a read-only root"
}

check_socket() {
    run_block "$roots" '--unix-socket /run/segmentd/socket localhost'
    until_healthy segmentd
    stop_daemon
    say "reached by a Unix socket"
}

check_address() {
    local files=$roots/segmentd role
    mkdir "$files"
    for role in read control; do echo "$role $role $(openssl rand -hex 32)" >>"$files/tokens"; done
    awk '$1 == "control" { print "Authorization: Bearer " $3 }' "$files/tokens" >"$roots/bench.header"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=bench.example.com \
        -addext subjectAltName=DNS:bench.example.com -keyout "$files/key.pem" -out "$files/certificate.pem" 2>/dev/null
    cp "$files/certificate.pem" "$roots"
    chown 65532:65532 "$files"/*
    chmod 0400 "$files"/*
    { cat /etc/hosts && echo '127.0.0.1 bench.example.com'; } >"$roots/hosts"
    mount --bind "$roots/hosts" /etc/hosts
    run_block "$roots" https://bench.example.com
    umount /etc/hosts
    stop_daemon
    say "reached by a listen address, with tokens and TLS"
}

# What docker/kubernetes.yaml says of its pod, and its probes, with the secret as a kubelet lays it out.
check_pod() {
    local secret=$roots/secret probe
    local -a words
    mkdir -p "$secret/..data.1"
    for probe in probe bench; do echo "$probe read $(openssl rand -hex 32)"; done >"$secret/..data.1/tokens"
    awk '$1 == "probe" { print $3 }' "$secret/..data.1/tokens" >"$secret/..data.1/probe.token"
    ln -s ..data.1 "$secret/..data"
    ln -s ..data/tokens ..data/probe.token "$secret"
    chgrp -R 65532 "$secret"
    chmod 0440 "$secret"/..data.1/*
    chmod 1777 "$secret"
    mapfile -t words < <("$venv/bin/python" docker/pod-as-run.py run "$secret")
    podman run --detach --quiet --name segmentd "${words[@]}" >"$roots/block.log" 2>&1 || {
        cat "$roots/block.log" >&2
        die "the pod of docker/kubernetes.yaml does not start"
    }
    for probe in startupProbe readinessProbe livenessProbe; do
        mapfile -t words < <("$venv/bin/python" docker/pod-as-run.py "$probe")
        for _ in {1..50}; do
            ! podman exec segmentd "${words[@]}" >"$roots/block.log" 2>&1 || continue 2
            sleep 0.1
        done
        cat "$roots/block.log" >&2
        podman logs segmentd >&2
        die "the $probe of docker/kubernetes.yaml fails"
    done
    stop_daemon
    say "the pod of docker/kubernetes.yaml starts, is ready and lives"
}

# The CI job of docs/automation, in the image that it names.
check_bench() {
    mkdir -p "$roots/checkout/tests"
    cp -r docs/automation "$roots/checkout/tests/firewall"
    podman run --rm --privileged --network none -v "$roots/checkout:/checkout" -w /checkout segmentd-bench \
        tests/firewall/firewall-test.sh tests/firewall/firewall.nft reports >&2 || die "the firewall test failed"
    [ "$(find "$roots/checkout/reports" -name '*.xml' | wc -l)" -eq 3 ] || die "there are no reports"
}

compose() {
    "$venv/bin/podman-compose" -f docker/compose.yaml "$@" </dev/null 2>>"$roots/compose.log"
}

# `compose_test RULES`: the test of docker/compose.yaml with a firewall. What the services wait for is waited for here:
# this engine has no timers for health checks.
compose_test() {
    local status=0 service
    export RULES=$1
    compose up --detach left right firewall left-route right-route >/dev/null
    for service in left right firewall; do until_healthy "segmentd_${service}_1"; done
    for service in left-route right-route; do
        [ "$(podman wait "segmentd_${service}_1")" -eq 0 ] || die "$service of docker/compose.yaml fails"
    done
    compose run --no-deps --rm -T test >"$roots/verdicts" || status=$?
    compose down --volumes --timeout 5 >/dev/null || true
    return "$status"
}

# With the firewall of the documents; and with one that lets SYNs through, with which the test must fail.
check_compose() {
    local word=satisfied
    compose_test "$here/docs/automation/firewall.nft" || word=failed
    cat "$roots/verdicts" >&2
    if [ "$word" = failed ] || [ "$(grep -c ^satisfied: "$roots/verdicts")" -ne 3 ]; then
        cat "$roots/compose.log" >&2
        die "the test of docker/compose.yaml fails"
    fi
    sed 's/== syn counter drop/== syn counter accept/' docs/automation/firewall.nft >"$roots/open.nft"
    ! compose_test "$roots/open.nft" || die "the test of docker/compose.yaml succeeds though the firewall is open"
    cat "$roots/verdicts" >&2
    [[ $(head -n 1 "$roots/verdicts") == unsatisfied*SYN* ]] || die "an open firewall is not what the test finds"
}

# ----

case ${1:-} in
    --inside)
        roots=$2
        configure_engine
        find_swift
        prepare_blocks
        prepare_bases
        build_options >"$roots/build-options"
        quietly "the images segmentd and segmentd-bench" run_block "$here" 'docker build'
        # A network of its own: the engine makes bridges and rules, and the API's port may be in use here.
        unshare --net "$0" --run "$roots"
        ;;
    --run)
        roots=$2
        ip link set lo up
        # As docs/image.md says: otherwise the engine's rules rewrite what passes between its bridges.
        sysctl -q -w net.bridge.bridge-nf-call-iptables=0
        check_daemon
        check_socket
        check_address
        check_pod
        check_bench
        check_compose
        ;;
    *)
        install_packages test image
        make_venv || die "the tests' Python could not be made"
        mkdir -p .build
        roots=$(mktemp -d -p "$PWD/.build" image.XXXXXX)
        trap 'rm -rf --one-file-system "$roots"' EXIT
        status=0
        timeout -k 10 1500 unshare --mount --propagation private --pid --fork --kill-child --mount-proc \
            "$0" --inside "$roots" || status=$?
        [ "$status" -ne 124 ] || say "not done after 25 minutes"
        exit "$status"
        ;;
esac
