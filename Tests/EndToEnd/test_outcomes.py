"""Each way a send can end, made real: the firewall, a small MTU, no route, a tiny queue, broadcast; and ICMP errors."""

import socket

import pytest
from scapy.layers.inet import ICMP, IP, TCP
from scapy.layers.l2 import Ether

from support import eventually, needs

OWN, PEER = "10.9.0.1", "10.9.0.2"
HARDWARE = "02:00:00:00:00:01"
UP = ("link set d0 mtu 1000 up", f"neighbour replace {PEER} lladdr 02:00:00:00:00:02 dev d0")


@pytest.fixture
def api(namespace, start_daemon):
    """A daemon with a client on a link that leads nowhere, and takes everything."""
    for command in (f"link add d0 address {HARDWARE} type veth peer name d1",
                    f"address add {OWN}/24 broadcast 10.9.0.255 dev d0", "link set d1 up", *UP):
        namespace.run(needs("ip"), *command.split(), check=True)
    daemon = start_daemon("--allow-egress", "0.0.0.0/0")
    daemon.api.create(role="client", local={"address": OWN}, remote={"address": PEER}, rules=[], opening=[])
    return daemon.api


def nft(namespace, *rules):
    namespace.run(needs("nft"), "add table ip t; " + "; ".join(rules), check=True)


def output_chain(rule):
    return "add chain ip t output { type filter hook output priority 0; }", f"add rule ip t output {rule}"


def check(api, done, outcomes, errno, detail, sent_octets=None):
    """The transmission, its endpoint and the totals all say the same."""
    assert done["outcomes"] == outcomes
    assert done["sent"] == outcomes.get("sent", 0)
    assert done["attempted"] == done["requested"] == sum(outcomes.values())
    error = done["firstError"]
    kinds = [kind for kind in outcomes if kind != "sent"]
    assert (error["outcome"], error["errno"]) == (kinds[0], errno)
    assert detail in error["detail"], error
    for counters in (api.counters("client"), api.counters()["total"]):
        assert counters["outcomes"] == outcomes
        assert counters["sendErrors"] == {errno: sum(outcomes[kind] for kind in kinds)}
        assert counters["segmentsSent"] == outcomes.get("sent", 0)
        assert counters["octetsSent"] == done["octetsSent"]
    sent = api.segments("client", direction="sent", limit=1000)
    assert len(sent) == outcomes.get("sent", 0)
    return error


def test_blocked_by_the_firewall(namespace, api):
    nft(namespace, *output_chain("tcp dport 50000 ip ttl 9 drop"))
    body = [{"sequenceNumber": number, "ip": {"timeToLive": 9 if number % 3 else 64}} for number in range(9)]
    done = api.transmit("client", body)
    check(api, done, {"sent": 3, "blocked": 6}, "EPERM", "firewall")
    assert [each["sequenceNumber"] for each in api.segments("client", direction="sent")] == [0, 3, 6]
    assert done["octetsSent"] == 60


def test_too_big_for_the_link(namespace, api):
    done = api.transmit("client", [{"payload": {"length": 960}}, {"payload": {"length": 961}}, {"payload": "x"}])
    error = check(api, done, {"sent": 2, "tooBig": 1}, "EMSGSIZE", "1000")
    assert error["mtu"] == 1000


def test_no_route(namespace, api):
    done = api.transmit("client", [{"ip": {"destination": "192.0.2.1"}}, {}])
    check(api, done, {"sent": 1, "noRoute": 1}, "ENETUNREACH", "")


def test_an_interface_that_went_down_and_came_back(namespace, api):
    namespace.run("ip", "link", "set", "d0", "down", check=True)
    answer = api.post("/endpoints/client/segments?wait=5s", {})
    assert answer.json["outcomes"] == {"noRoute": 1}, answer
    for command in UP:
        namespace.run("ip", *command.split(), check=True)
    assert api.transmit("client", {})["outcomes"] == {"sent": 1}


def test_an_interface_that_is_deleted_and_made_again(namespace, api):
    """The endpoint that played its address sends nothing meanwhile, and ends and begins as any other."""
    api.create(role="client", id="own", socket="own", local={"address": OWN, "port": 50007}, remote={"address": PEER},
               rules=[], opening=[])
    namespace.run("ip", "link", "delete", "d0", check=True)
    for endpoint in ("client", "own"):
        done = api.post(f"/endpoints/{endpoint}/segments?wait=5s", [{}, {}]).json
        assert done["outcomes"] == {"noRoute": 2}, done
        assert done["firstError"]["errno"] == "ENETUNREACH"
    # What does not need it goes on.
    api.create(role="client", id="here", local={"port": 50009}, rules=[], opening=[])
    assert api.transmit("here", {})["outcomes"] == {"sent": 1}
    refused = api.post("/endpoints", {"role": "server", "local": {"address": OWN}})
    assert (refused.status, refused.pointers) == (422, ["/local/address"])
    assert api.post("/endpoints/client/stop").status == 200
    assert api.post("/endpoints/client/start").status == 422
    for command in ("link add d0 type veth peer name d1", f"address add {OWN}/24 dev d0", "link set d1 up", *UP):
        namespace.run("ip", *command.split(), check=True)
    assert api.post("/endpoints/client/start").status == 200
    for endpoint in ("client", "own"):
        assert api.transmit(endpoint, {})["outcomes"] == {"sent": 1}
        api.remove(endpoint)


@pytest.mark.parametrize(("route", "outcome", "errno", "detail"), [
    ("blackhole", "failed", "EINVAL", "black hole"), ("prohibit", "failed", "EACCES", "prohibits"),
    ("unreachable", "noRoute", "EHOSTUNREACH", "")])
def test_a_route_that_leads_nowhere(namespace, api, route, outcome, errno, detail):
    namespace.run("ip", "route", "add", route, "192.0.2.0/24", check=True)
    done = api.transmit("client", [{"ip": {"destination": "192.0.2.1"}}, {}])
    check(api, done, {"sent": 1, outcome: 1}, errno, detail)


def test_a_neighbour_that_is_not_there(namespace, api):
    """The kernel says nothing of it when it takes the segment; so sent is all that is claimed."""
    namespace.run("ip", "neighbour", "del", PEER, "dev", "d0", check=True)
    assert api.transmit("client", {})["outcomes"] == {"sent": 1}


def test_a_full_send_buffer_delays(namespace, start_daemon):
    """Half of it is more than a qdisc takes at a time; the rest waits for room, and all of it leaves."""
    for command in ("link add d0 type veth peer name d1", f"address add {OWN}/24 dev d0", "link set d1 up", *UP):
        namespace.run(needs("ip"), *command.split(), check=True)
    namespace.run(needs("tc"), *"qdisc add dev d0 root tbf rate 400mbit burst 20000 limit 100000000".split(), check=True)
    api = start_daemon("--allow-egress", "10.9.0.0/24").api
    api.create(role="client", local={"address": OWN}, remote={"address": PEER}, rules=[], opening=[])
    done = api.transmit("client", {"payload": {"length": 900}, "repeat": {"count": 20_000, "record": 0}})
    assert done["outcomes"] == {"sent": 20_000}
    # 18.8 MB at 50 MB/s.
    assert done["rate"] < 100_000


def test_a_tiny_queue(namespace, api):
    namespace.run(needs("tc"), *"qdisc add dev d0 root tbf rate 1kbit burst 1600 limit 3000".split(), check=True)
    done = api.transmit("client", {"payload": {"length": 900}, "repeat": {"count": 6}})
    assert done["outcomes"]["queueFull"] >= 1
    assert done["outcomes"]["sent"] >= 1
    check(api, done, done["outcomes"], "ENOBUFS", "queue")


def test_what_a_full_queue_held_back_does_not_leave_after_it_was_cancelled(namespace, api):
    namespace.run(needs("tc"), *"qdisc add dev d0 root tbf rate 1kbit burst 1600 limit 3000".split(), check=True)
    begun = api.post("/endpoints/client/segments", {"payload": {"length": 900}, "repeat": {"count": 60}}).json
    path = f"/transmissions/{begun['id']}"
    eventually(lambda: api.get(path).json["attempted"] >= 1)
    ended = api.request("DELETE", path).json
    assert ended["state"] == "cancelled"
    assert ended["attempted"] < 60, "the queue was meant to hold back the rest"
    # The retries of what was held back would come within some 50 ms each.
    namespace.run("tc", *"qdisc del dev d0 root".split(), check=True)
    after = api.transmit("client", {})
    assert after["outcomes"] == {"sent": 1}
    counted = api.get("/endpoints/client/counters").json
    assert sum(counted["outcomes"].values()) == ended["attempted"] + 1


def test_answers_that_a_full_queue_held_back_are_counted_when_their_endpoint_stops(namespace, api):
    # As the peer is not there, its segments come in by way of the link.
    namespace.run("sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.d0.rp_filter=0", check=True)
    namespace.run(needs("tc"), *"qdisc add dev d0 root tbf rate 1kbit burst 1600 limit 3000".split(), check=True)
    api.create(role="client", id="answering", local={"address": OWN, "port": 50002}, remote={"address": PEER},
               opening=[], rules=[{"pace": "0s", "reply": [{"payload": {"length": 900}}]}])
    link = namespace.socket(socket.AF_PACKET, socket.SOCK_RAW)
    link.bind(("d1", 0))
    segment = Ether(dst=HARDWARE) / IP(src=PEER, dst=OWN) / TCP(sport=50000, dport=50002)
    for _ in range(40):
        link.send(bytes(segment))
    eventually(lambda: api.counters("answering")["segmentsReceived"] == 40)
    # Each is given up after a third of a second; by now a few have been at most.
    assert api.post("/endpoints/answering/stop").status == 200
    counted = api.counters("answering")
    assert counted["outcomes"]["queueFull"] >= 30
    assert sum(counted["outcomes"].values()) == 40
    assert api.counters()["total"]["outcomes"] == counted["outcomes"]


def test_a_broadcast_address_of_the_link(namespace, api):
    done = api.transmit("client", {
        "repeat": {"count": 2}, "vary": [{"field": "ip.destination", "values": ["10.9.0.255", PEER]}]})
    check(api, done, {"sent": 1, "failed": 1}, "EACCES", "broadcast")


def test_many_failures_cost_nothing_but_themselves(namespace, api):
    nft(namespace, *output_chain("tcp dport 50000 drop"))
    done = api.transmit("client", {"repeat": {"count": 20_000}})
    check(api, done, {"blocked": 20_000}, "EPERM", "firewall")
    assert done["octetsSent"] == 0


@pytest.mark.parametrize("kind", ["shared", "own"])
@pytest.mark.parametrize(("reject", "type_", "code", "errno"), [
    ("port-unreachable", 3, 3, "ECONNREFUSED"), ("host-unreachable", 3, 1, "EHOSTUNREACH"),
    ("net-unreachable", 3, 0, "ENETUNREACH"), ("admin-prohibited", 3, 13, "EHOSTUNREACH"),
    ("prot-unreachable", 3, 2, "ENOPROTOOPT")])
def test_an_icmp_error_can_be_read(namespace, start_daemon, kind, reject, type_, code, errno):
    api = start_daemon().api
    nft(namespace, "add chain ip t input { type filter hook input priority 0; }",
        f"add rule ip t input tcp dport 50777 reject with icmp type {reject}")
    cursor = api.create(role="client", remote={"port": 50777}, rules=[], opening=[], socket=kind)["cursor"]
    # Another one, which the kernel tells as well, but which it does not concern.
    api.create(role="client", id="other", local={"port": 50002}, remote={"port": 50777}, rules=[], opening=[])
    sent = []
    for number in range(5):
        done = api.transmit("client", {"flags": ["SYN"], "sequenceNumber": 100 + number, "payload": "why"})
        # An error that is still to be read must not take the place of a segment.
        assert done["outcomes"] == {"sent": 1}
        sent.append(number)
    errors = eventually(lambda: (lambda found: found if len(found) == 5 else None)(
        api.segments("client", direction="error", after=cursor)))
    for number, error in enumerate(errors):
        assert (error["direction"], error["endpoint"]) == ("error", "client")
        assert error["error"] == {"icmpType": type_, "icmpCode": code, "offender": "127.0.0.1", "errno": errno}
        assert (error["sourcePort"], error["destinationPort"]) == (50001, 50777)
        assert (error["ip"]["source"], error["ip"]["destination"]) == ("127.0.0.1", "127.0.0.1")
        assert error["sequenceNumber"] == 100 + number
        whole = api.get(f"/segments/{error['id']}").json
        original = api.get(f"/segments/{api.segments('client', direction='sent')[number]['id']}").json
        assert len(whole["octets"]) >= 2 * 28
        assert original["octets"].startswith(whole["octets"][:2 * 28])
    assert api.counters("client")["icmpErrors"] == 5
    assert api.counters()["total"]["icmpErrors"] == 5
    assert api.counters("other")["icmpErrors"] == 0
    assert api.counters("client")["segmentsReceived"] == 0
    assert api.segments("client") == []
    assert [each["direction"] for each in api.segments("client", direction="any")].count("error") == 5


def test_fragmentation_needed_tells_the_mtu(namespace, start_daemon):
    api = start_daemon().api
    api.create(role="client", local={"address": "127.0.0.3"}, rules=[], opening=[])
    api.transmit("client", {"sequenceNumber": 77})
    quoted = bytes.fromhex(api.get(f"/segments/{api.segments('client', direction='sent')[0]['id']}").json["octets"])
    with namespace.raw_socket() as raw:
        # From a router that is none.
        raw.sendto(bytes(IP(src="127.0.0.99", dst="127.0.0.3") / ICMP(type=3, code=4, nexthopmtu=900) / quoted),
                   ("127.0.0.3", 0))
    (error,) = eventually(lambda: api.segments("client", direction="error"))
    assert error["error"] == {
        "icmpType": 3, "icmpCode": 4, "offender": "127.0.0.99", "errno": "EMSGSIZE", "mtu": 900}
    assert error["sequenceNumber"] == 77
    assert api.transmit("client", {})["outcomes"] == {"sent": 1}


def test_foreign_icmp_errors_concern_nobody(namespace, start_daemon):
    api = start_daemon().api
    api.create(role="client", rules=[], opening=[])
    with namespace.raw_socket() as raw:
        for source, destination, ports in (
                ("127.0.0.1", "127.0.0.1", "c352c350"), ("127.0.0.1", "127.0.0.1", "c351c351"),
                ("127.0.0.5", "127.0.0.1", "c351c350"), ("127.0.0.1", "127.0.0.5", "c351c350")):
            quoted = bytes(IP(src=source, dst=destination, proto=6) / bytes.fromhex(ports + "00000001" + "00" * 12))
            raw.sendto(bytes(IP(src="127.0.0.99", dst="127.0.0.1") / ICMP(type=3, code=3) / quoted), ("127.0.0.1", 0))
    for number in range(3):
        assert api.transmit("client", {"sequenceNumber": number})["outcomes"] == {"sent": 1}
    assert api.counters()["total"]["icmpErrors"] == 0
    assert api.segments("client", direction="error") == []
