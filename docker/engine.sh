# shellcheck shell=bash disable=SC2154
# The engine that docker/check-image.sh builds and runs images with. Sourced, not run; takes docker/setup.sh and a
# directory $roots.
#
#   configure_engine    podman, with its storage in $roots, and /run and cgroups that no one else sees: call it in a
#                       mount namespace of its own
#   prepare_bases       images of the names that docker/Dockerfile is from
#   build_options       what `podman build` takes besides, one a line

# What the image swift:… brings beside the toolchain itself.
toolchain_packages=binutils,git,gnupg2,libc6-dev,libcurl4-openssl-dev,libedit2,libgcc-12-dev,libncurses-dev,libpython3-dev,libsqlite3-0,libstdc++-12-dev,libxml2-dev,libz3-dev,pkg-config,tzdata,zlib1g-dev
# What the image debian:…-slim leaves out.
slim=(--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright'
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*'
    --dpkgopt='path-exclude=/usr/share/info/*')

# `quietly WHAT COMMAND…`: its output only when it fails.
quietly() {
    local what=$1 log
    shift
    log=$roots/$((++step)).log
    say "-- $what"
    # In a shell of its own, so that what ends it is told all the same.
    ("$@") </dev/null >"$log" 2>&1 || {
        tail -n 40 "$log" >&2
        die "$what: failed"
    }
}
step=0

# Without its complaints that there is no systemd, whose timers it would use for health checks.
podman() { command podman --log-level=fatal "$@"; }

configure_engine() {
    mkdir -p "$roots/networks"
    cat >"$roots/containers.conf" <<CONF
[containers]
# Where root may not raise its own limits, the engine's usual ones are refused.
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
cgroups = "disabled"
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
network_config_dir = "$roots/networks"
CONF
    cat >"$roots/storage.conf" <<CONF
[storage]
driver = "overlay"
graphroot = "$roots/storage"
runroot = "/run/containers/storage"
CONF
    echo 'unqualified-search-registries = ["docker.io"]' >"$roots/registries.conf"
    export CONTAINERS_CONF=$roots/containers.conf CONTAINERS_STORAGE_CONF=$roots/storage.conf
    export CONTAINERS_REGISTRIES_CONF=$roots/registries.conf
    cp -L /etc/resolv.conf "$roots/resolv.conf"
    mount -t tmpfs none /run
    if [ ! -e /etc/resolv.conf ]; then
        mkdir -p "$(dirname "$(readlink -m /etc/resolv.conf)")"
        cp "$roots/resolv.conf" "$(readlink -m /etc/resolv.conf)"
    fi
    # Of both versions at once the runtime takes neither.
    umount -R /sys/fs/cgroup
    mount -t cgroup2 none /sys/fs/cgroup
}

# `import_base IMAGE MMDEBSTRAP-OPTION…`: a root of the suite that the image's name has.
import_base() {
    local image=$1 suite=${1##*:}
    shift
    suite=${suite%-slim}
    podman image exists "$image" || mmdebstrap --quiet --variant=apt "$@" "${suite##*-}" - |
        podman import --quiet --change "ENV PATH=$path" --change 'CMD ["bash"]' - "docker.io/library/$image"
}

# Addresses that this machine's git takes from a local directory are taken from there in the build too.
git_mirrors() {
    local key value from
    git config --file "$roots/gitconfig" --replace-all safe.directory '*'
    while read -r key value; do
        from=${key#url.}
        from=${from%.insteadof}
        [[ $from == /* && -d $from ]] || continue
        git config --file "$roots/gitconfig" --add "url.$from.insteadOf" "$value"
        mounts+=(-v "$from:$from:ro")
    done < <(git config --get-regexp '^url\..*\.insteadof$' 2>/dev/null || true)
    mounts+=(-v "$roots/gitconfig:/etc/gitconfig:ro")
}

# The toolchain of this machine, which is mounted where it is.
find_toolchain() {
    local swift
    swift=$(readlink -f "$(command -v swift)")
    toolchain=${swift%/bin/*}
    [ "$toolchain" != /usr ] || die "Swift is installed in /usr and cannot be mounted into the build from there"
}

prepare_bases() {
    local image toolchain path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    local -a images
    find_toolchain
    mapfile -t images < <(awk '$1 == "FROM" && $2 ~ /:/ { print $2 }' docker/Dockerfile | sort -u)
    for image in "${images[@]}"; do
        case $image in
            debian:*) quietly "a root for $image" import_base "$image" "${slim[@]}" ;;
            swift:*)
                path=$toolchain/bin:$path quietly "a root for $image" import_base "$image" "--include=$toolchain_packages"
                ;;
            *) die "docker/Dockerfile is from $image, and there is no such root to be had" ;;
        esac
    done
}

build_options() {
    local toolchain
    local -a mounts
    find_toolchain
    mounts=(-v "$toolchain:$toolchain:ro")
    git_mirrors
    printf '%s\n' --pull=never --format docker --network host --isolation chroot "${mounts[@]}"
}
