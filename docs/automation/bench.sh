#!/bin/sh
# left (10.1.0.1) -- firewall -- right (10.2.0.1): three network namespaces joined by two cables. As root.
#
#   bench.sh up RULES    makes them and loads the file of nftables rules into the one in the middle
#   bench.sh down        removes them
set -eu

# A cable from one side to the firewall, which is that side's way to everywhere.
join() {
    ip link add eth0 netns "$1" type veth peer name "to-$1" netns firewall
    ip -n "$1" address add "$2.1/24" dev eth0
    ip -n firewall address add "$2.254/24" dev "to-$1"
    ip -n "$1" link set eth0 up
    ip -n firewall link set "to-$1" up
    ip -n "$1" route add default via "$2.254"
}

up() {
    for name in left firewall right; do
        if [ -e "/run/netns/$name" ]; then
            echo "bench.sh: there is a network namespace $name already; 'bench.sh down' removes it" >&2
            exit 1
        fi
    done
    trap 'test $? -eq 0 || down' EXIT
    for name in left firewall right; do
        ip netns add "$name"
        ip -n "$name" link set lo up
    done
    join left 10.1.0
    join right 10.2.0
    ip netns exec firewall sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
    ip netns exec firewall nft -f "$1"
}

down() {
    for name in left firewall right; do
        if [ -e "/run/netns/$name" ]; then ip netns delete "$name"; fi
    done
}

case "$#:${1:-}" in
    2:up) up "$2" ;;
    1:down) down ;;
    *)
        sed -n 's/^# \{0,1\}//p' "$0" >&2
        exit 64
        ;;
esac
