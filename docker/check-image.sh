#!/usr/bin/env bash
# Runs the steps of docker/Dockerfile in clean roots, without an engine for images: each FROM becomes a fresh Debian of
# that name, with this machine's Swift toolchain mounted into the build stage. Then runs what the image would run: as
# its user, with CAP_NET_RAW and no other capability, on a read-only root, until its health check says so.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=docker/setup.sh
. docker/setup.sh

dockerfile=docker/Dockerfile
[ "$(id -u)" -eq 0 ] || die "clean roots need root"

# ---- outside: a directory and namespaces that vanish with us

if [ "${1:-}" != --inside ]; then
    find_swift
    if ! command -v mmdebstrap >/dev/null; then
        say "installing mmdebstrap"
        { DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends mmdebstrap; } \
            </dev/null >/dev/null 2>&1 || die "mmdebstrap could not be installed"
    fi
    mkdir -p .build
    roots=$(mktemp -d -p "$PWD/.build" image.XXXXXX)
    trap 'rm -rf --one-file-system "$roots"' EXIT
    status=0
    timeout -k 10 1500 unshare --mount --propagation private --pid --fork --kill-child --mount-proc \
        "$0" --inside "$roots" || status=$?
    [ "$status" -ne 124 ] || say "not done after 25 minutes"
    exit "$status"
fi

# ---- inside

roots=$2
swift=$(readlink -f "$(command -v swift)")
toolchain=${swift%/bin/*}
[ "$toolchain" != /usr ] || die "Swift is installed in /usr and cannot be mounted into a clean root from there"

# What the image swift:… brings beside the toolchain itself.
toolchain_packages=binutils,git,gnupg2,libc6-dev,libcurl4-openssl-dev,libedit2,libgcc-12-dev,libncurses-dev,libpython3-dev,libsqlite3-0,libstdc++-12-dev,libxml2-dev,libz3-dev,pkg-config,tzdata,zlib1g-dev

root=
path=
network=()
stage=0
directory=/
user=root
entrypoint=()
command=()
health=()
declare -A root_of=()

in_root() {
    # shellcheck disable=SC2016 # expanded by the inner shell
    "${network[@]}" chroot "$root" /usr/bin/env -i HOME=/root PATH="$path" LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        sh -c 'cd "$1" && shift && exec "$@"' sh "$directory" "$@"
}

# Addresses that this machine's git takes from a local directory are taken from there in the root too.
share_git_mirrors() {
    local key value from
    while read -r key value; do
        from=${key#url.}
        from=${from%.insteadof}
        [[ $from == /* && -d $from ]] || continue
        if ! mountpoint -q "$root$from"; then
            mkdir -p "$root$from"
            mount --bind -o ro "$from" "$root$from"
        fi
        git config --file "$root/etc/gitconfig" --add "url.$from.insteadOf" "$value"
        git config --file "$root/etc/gitconfig" --replace-all safe.directory '*'
    done < <(git config --get-regexp '^url\..*\.insteadof$' 2>/dev/null || true)
}

do_from() {
    local image=$1 suite extra=()
    suite=${image##*[:-]}
    [ "$suite" != slim ] || { suite=${image%-slim} && suite=${suite##*[:-]}; }
    path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    stage=$((stage + 1))
    root=$roots/$stage
    directory=/
    user=root
    entrypoint=()
    command=()
    health=()
    [[ $image != swift:* ]] || extra=("--include=$toolchain_packages")
    mmdebstrap --quiet --variant=minbase "${extra[@]}" "$suite" "$root" >"$roots/log" 2>&1 || {
        tail -n 20 "$roots/log" >&2
        die "no clean root of $suite"
    }
    mount --bind "$root" "$root"
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    cp -L /etc/resolv.conf "$root/etc/resolv.conf"
    if [[ $image == swift:* ]]; then
        mkdir -p "$root$toolchain"
        mount --bind -o ro "$toolchain" "$root$toolchain"
        path=$toolchain/bin:$path
        share_git_mirrors
    fi
    if [[ ${2:-} == [Aa][Ss] ]]; then root_of[$3]=$root; fi
}

# COPY [--from=STAGE] SOURCE… TARGET
do_copy() {
    local from=$PWD target
    if [[ $1 == --from=* ]]; then
        from=${root_of[${1#--from=}]}
        shift
    fi
    target=${*: -1}
    [[ $target == /* ]] || target=$directory/$target
    mkdir -p "$root$(dirname "$target")"
    [ $# -eq 2 ] || mkdir -p "$root$target"
    local source
    for source in "${@:1:$#-1}"; do
        cp -rT "$from/$source" "$root$target"
    done
}

# The words of a JSON list of strings.
words_of() {
    grep -oE '"[^"]*"' <<<"$1" | tr -d '"'
}

while IFS= read -r line; do
    say "-- $line"
    read -r instruction rest <<<"$line"
    case $instruction in
        FROM)
            read -ra words <<<"$rest"
            do_from "${words[@]}"
            ;;
        WORKDIR)
            directory=$rest
            mkdir -p "$root$directory"
            ;;
        COPY)
            read -ra words <<<"$rest"
            do_copy "${words[@]}"
            ;;
        RUN)
            in_root sh -c "$rest" </dev/null >"$roots/log" 2>&1 || {
                tail -n 40 "$roots/log" >&2
                die "this step failed: $line"
            }
            ;;
        USER) user=$rest ;;
        ENTRYPOINT) mapfile -t entrypoint < <(words_of "$rest") ;;
        CMD) mapfile -t command < <(words_of "$rest") ;;
        HEALTHCHECK) mapfile -t health < <(words_of "${rest#*CMD}") ;;
        *) die "docker/check-image.sh does not know the instruction $instruction" ;;
    esac
done < <(grep -vE '^ *(#|$)' "$dockerfile" | sed -e ':join' -e '/\\$/ { N; s/ *\\\n */ /; b join' -e '}')

# ---- what the image would run

as_user() {
    in_root setpriv --reuid="$user" --regid="$user" --clear-groups --bounding-set=-all,+net_raw --inh-caps=-all -- "$@"
}

[ "$user" != root ] || die "the image runs as root"
mount -o remount,bind,ro "$root"
as_user "${entrypoint[@]}" --version || die "segmentd --version failed as $user with CAP_NET_RAW alone"

# A network namespace of its own, because the API's port may be in use here.
unshare --net sleep 300 &
holder=$!
for _ in {1..50}; do
    [ "$(readlink /proc/self/ns/net)" = "$(readlink "/proc/$holder/ns/net")" ] || break
    sleep 0.1
done
network=(nsenter "--net=/proc/$holder/ns/net")
"${network[@]}" ip link set lo up

as_user "${entrypoint[@]}" "${command[@]}" </dev/null >"$roots/log" 2>&1 &
daemon=$!
for attempt in {1..100}; do
    if as_user "${health[@]}" >/dev/null 2>&1; then break; fi
    if [ "$attempt" -eq 100 ]; then
        as_user "${health[@]}" >&2 || true
        cat "$roots/log" >&2
        die "the health check did not succeed within 10 s"
    fi
    sleep 0.1
done
kill "$(pgrep -P "$daemon")"
status=0
wait "$daemon" || status=$?
[ "$status" -eq 0 ] || die "the daemon ended with status $status when asked to stop"
say "healthy as $user with CAP_NET_RAW alone, on a read-only root"
