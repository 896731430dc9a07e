# shellcheck shell=bash
# Set-up that docker/run.sh and docker/test.sh share. Sourced, not run:
#
#   . docker/setup.sh
#   install_packages build run      # Debian packages of these groups of docker/packages.txt
#   find_swift                      # puts swift on PATH or says how to get it
#   build_programs segmentd         # for release, into the directory $programs
#   make_venv                       # the tests' Python, in $venv

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "$*" >&2; }

die() {
    say "$(basename "$0"): $*"
    exit 1
}

# The packages of the groups given, one a line.
packages_of() {
    awk -v groups=" $* " '!/^#/ && NF == 2 && index(groups, " " $1 " ") { print $2 }' "$project/docker/packages.txt" |
        sort -u
}

# Those of the packages given that are not installed. A name that an installed package provides counts as installed.
missing_packages() {
    dpkg-query -W -f '${db:Status-Status} ${Package} ${Provides}\n' 2>/dev/null |
        awk -v wanted="$*" '
            $1 == "installed" {
                gsub(/\([^)]*\)|,/, " ")
                for (i = 2; i <= NF; i++) have[$i] = 1
            }
            END {
                count = split(wanted, names, " ")
                for (i = 1; i <= count; i++) if (!(names[i] in have)) print names[i]
            }'
}

# Quiet when nothing is missing. As root, or by sudo.
install_packages() {
    local -a wanted missing as_root=()
    mapfile -t wanted < <(packages_of "$@")
    [ "${#wanted[@]}" -gt 0 ] || die "docker/packages.txt has no group of: $*"
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        say "this is not Debian; install what corresponds to: ${wanted[*]}"
        return 0
    fi
    mapfile -t missing < <(missing_packages "${wanted[*]}")
    [ "${#missing[@]}" -gt 0 ] || return 0

    say "installing ${missing[*]}"
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || die "not root and no sudo; install by hand: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    local log
    log=$(mktemp)
    # shellcheck disable=SC2024 # the log is ours, not root's
    if ! {
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
            "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
    } </dev/null >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        die "apt-get could not install ${missing[*]}"
    fi
    rm -f "$log"
}

# Under sudo PATH is a short one, so look where Swift's own installers put it too.
find_swift() {
    local home directory
    if ! command -v swift >/dev/null; then
        home=$HOME
        [ -z "${SUDO_USER:-}" ] || home=$(getent passwd "$SUDO_USER" | cut -d: -f6)
        for directory in "${SWIFTLY_BIN_DIR:-}" "$home/.local/share/swiftly/bin" "$home/.swiftly/bin" \
            /usr/local/swift/usr/bin /opt/swift/usr/bin /usr/libexec/swift/bin; do
            if [ -n "$directory" ] && [ -x "$directory/swift" ]; then
                PATH=$directory:$PATH
                break
            fi
        done
    fi
    command -v swift >/dev/null || die "Swift 6.3 is needed and no 'swift' is on PATH: see https://www.swift.org/install/linux"
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p')
    if [ -n "$version" ] && [ "$(printf '6.3\n%s\n' "$version" | sort -V | head -n 1)" != 6.3 ]; then
        die "Swift 6.3 or newer is needed, this is $version ($(command -v swift))"
    fi
}

# Swift's libraries are inside, as in the image: loading them one by one takes longer than all else that the daemon does
# at its start. One product after another: to build them all builds libraries of dependencies too that nobody uses, and
# of which one cannot be linked like this where it has been linked otherwise before.
build_programs() {
    local product
    for product in "$@"; do
        swift build -c release --static-swift-stdlib --product "$product" >&2 || return
    done
    # shellcheck disable=SC2034 # for whoever calls this
    programs=$(swift build -c release --static-swift-stdlib --show-bin-path)
}

venv=$project/.build/venv

# The tests' Python: Debian's, which has scapy, and the rest in a virtual environment.
make_venv() {
    local wanted
    wanted=$(sha256sum "$project/Tests/EndToEnd/requirements.txt" | cut -d' ' -f1)
    [ "$(cat "$venv/installed" 2>/dev/null || true)" != "$wanted" ] || return 0
    say "making $venv"
    mkdir -p "$project/.build"
    /usr/bin/python3 -m venv --clear --system-site-packages "$venv" &&
        "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$project/Tests/EndToEnd/requirements.txt" &&
        printf '%s\n' "$wanted" >"$venv/installed"
}
