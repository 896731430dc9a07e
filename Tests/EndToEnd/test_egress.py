"""Where segments may go, and as whom: every way past the allow-list is tried, and the wire is watched."""

import socket
import struct
import time

import pytest
from scapy.layers.inet import IP, TCP
from scapy.utils import wrpcap

from support import eventually, needs

OURS, THEIRS = "10.99.0.1", "10.99.0.2"
ETH_P_ALL = 3


class Wire:
    """Everything that leaves by the interface `v0`, ARP included, as the other end of the cable gets it."""

    def __init__(self, namespace):
        self.socket = namespace.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.bind(("v1", 0))
        self.socket.setblocking(False)

    def frames(self):
        """What has come since it was last asked: ARP requests, and datagrams with TCP."""
        time.sleep(0.05)
        found = []
        while True:
            try:
                frame = self.socket.recv(65536)
            except BlockingIOError:
                return found
            kind = struct.unpack_from("!H", frame, 12)[0]
            if kind == 0x0806 or kind == 0x0800 and frame[23] == 6:
                found.append(frame)


@pytest.fixture
def wire(namespace):
    """A cable out of the host, a default route through it, and somebody who watches."""
    for command in ("link add v0 type veth peer name v1", f"address add {OURS}/24 broadcast 10.99.0.255 dev v0",
                    "link set v1 arp off up", "link set v0 up",
                    f"neighbour replace {THEIRS} lladdr 02:00:00:00:00:02 dev v0",
                    f"route add default via {THEIRS}"):
        namespace.run(needs("ip"), *command.split(), check=True)
    watcher = Wire(namespace)
    yield watcher
    watcher.socket.close()


def refused(answer, rule, option=None):
    assert answer.status == 403, answer
    if rule == "unbounded":
        rule = "egress"
    assert answer.json["rule"] == rule, answer
    assert answer.json.get("option") == option, answer
    assert answer.json["violations"], answer
    if option:
        assert option in answer.json["detail"], answer
    return answer.json


FAR = "192.0.2.1"
# Each with the member at fault, and the rule.
SEGMENTS = {
    "another destination": ({"ip": {"destination": THEIRS}}, "/ip/destination", "egress"),
    "a loopback address beyond the list": ({"ip": {"destination": "127.1.0.1"}}, "/ip/destination", "egress"),
    "another source": ({"ip": {"source": "127.0.0.9"}}, "/ip/source", "spoofing"),
    "the address of a link of ours as source": ({"ip": {"source": OURS}}, "/ip/source", "spoofing"),
    "a loose source route": ({"ip": {"options": "8307040a63000200"}}, "/ip/options", "sourceRoute"),
    "a strict source route": ({"ip": {"options": "8907040a63000200"}}, "/ip/options", "sourceRoute"),
    "a source route among others": ({"ip": {"options": "0101018307040a63000200" + "00"}}, "/ip/options", "sourceRoute"),
    "a source route after the end of the list": ({"ip": {"options": "0083070401020300"}}, "/ip/options", "sourceRoute"),
    "a source route inside an option of a wrong length": (
        {"ip": {"options": "4428050083070400" + "00" * 32}}, "/ip/options", "sourceRoute"),
    "a source route cut short": ({"ip": {"options": "01010183"}}, "/ip/options", "sourceRoute"),
    "a source route by its number": (
        {"ip": {"options": [{"kind": 131, "data": "040a630002"}]}}, "/ip/options", "sourceRoute"),
    "a source route in the data of another option": (
        {"ip": {"options": [{"kind": 94, "length": 2, "data": "8307040a630002"}]}}, "/ip/options", "sourceRoute"),
    "everybody": ({"ip": {"destination": "255.255.255.255"}}, "/ip/destination", "broadcast"),
    "nobody": ({"ip": {"destination": "0.0.0.0"}}, "/ip/destination", "broadcast"),
    "a group": ({"ip": {"destination": "224.0.0.1"}}, "/ip/destination", "multicast"),
    "a destination that varies by values": (
        {"repeat": {"count": 2}, "vary": [{"field": "ip.destination", "values": ["127.0.0.1", THEIRS]}]},
        "/vary/0", "egress"),
    "a destination that varies in a range": (
        {"repeat": {"count": 2}, "vary": [{"field": "ip.destination", "range": ["127.0.0.1", "127.1.0.0"]}]},
        "/vary/0", "egress"),
    "a destination that is counted up": (
        {"repeat": {"count": 70_000}, "vary": [{"field": "ip.destination", "increment": 1}]}, "/vary/0", "egress"),
    "a destination that is counted down": (
        {"repeat": {"count": 3}, "vary": [{"field": "ip.destination", "increment": -1}]}, "/vary/0", "egress"),
    "any destination": (
        {"repeat": {"count": 2}, "vary": [{"field": "ip.destination", "random": {"seed": 1}}]}, "/vary/0", "unbounded"),
    "a source that varies": (
        {"repeat": {"count": 2}, "vary": [{"field": "ip.source", "values": ["127.0.0.1", "127.0.0.2"]}]},
        "/vary/0", "spoofing"),
    "a second variation that goes too far": (
        {"repeat": {"count": 2}, "vary": [{"field": "ip.destination", "values": ["127.0.0.1"]},
                                          {"field": "ip.destination", "values": [FAR]}]}, "/vary/1", "egress"),
}
OPTIONS = {"egress": "--allow-egress", "multicast": "--allow-egress", "spoofing": "--allow-spoofing"}
LIST = ("--allow-egress", "127.0.0.0/16")


@pytest.mark.parametrize("kind", ["shared", "own"])
def test_no_segment_leaves_the_allow_list(start_daemon, wire, kind):
    api = start_daemon(*LIST).api
    api.create(id="e", role="server", local={"port": 50001}, remote=None, rules=[], socket=kind)
    cursor = api.create(id="peer", role="server", rules=[])["cursor"]
    for name, (segment, place, rule) in SEGMENTS.items():
        base = {"destinationPort": 50000, "ip": {"destination": "127.0.0.1"}}
        body = {**base, **segment, "ip": {**base["ip"], **segment.get("ip", {})}}
        for path in ("/endpoints/e/segments", "/endpoints/e/segments?validate=true", "/endpoints/e/segments?wait=1s"):
            answer = api.post(path, body)
            refused(answer, rule, OPTIONS.get(rule))
            assert answer.pointers == [place], name
        # One wrong segment keeps back the whole list.
        answer = api.post("/endpoints/e/segments", [base, body])
        refused(answer, rule, OPTIONS.get(rule))
        assert answer.pointers == [f"/1{place}"], name
        # Runs, too, are looked at before they begin.
        answer = api.post("/runs", {"steps": [{"send": {"endpoint": "e", "segment": body}}]})
        refused(answer, rule, OPTIONS.get(rule))
        assert answer.pointers == [f"/steps/0/send/segment{place}"], name
    assert wire.frames() == []
    assert api.counters("e")["outcomes"] == {}
    assert api.segments("peer", after=cursor) == []
    # The bench itself works.
    assert api.transmit("e", {"destinationPort": 50000, "ip": {"destination": "127.0.0.1"}})["sent"] == 1
    assert len(api.segments("peer", after=cursor)) == 1


def test_neither_do_openings_and_replies(start_daemon, wire):
    api = start_daemon(*LIST).api
    wrong = [(segment, place, rule) for segment, place, rule in SEGMENTS.values() if "vary" not in segment]
    assert len(wrong) > 10
    for segment, place, rule in wrong:
        for definition, under in (({"opening": [segment]}, "/opening/0"),
                                  ({"rules": [{"reply": [{}, segment]}]}, "/rules/0/reply/1")):
            answer = api.post("/endpoints", {"role": "client", **definition})
            refused(answer, rule, OPTIONS.get(rule))
            assert answer.pointers == [under + place]
    api.create(role="client", opening=[])
    for segment, place, rule in wrong:
        answer = api.request(
            "PATCH", "/endpoints/client", {"rules": [{"reply": [segment]}]},
            headers={"Content-Type": "application/merge-patch+json"})
        refused(answer, rule, OPTIONS.get(rule))
    for remote, rule in ((THEIRS, "egress"), ("255.255.255.255", "broadcast"), ("224.0.0.1", "multicast")):
        answer = api.post("/endpoints", {"role": "server", "remote": {"address": remote}})
        refused(answer, rule, OPTIONS.get(rule))
        assert answer.pointers == ["/remote/address"]
    assert wire.frames() == []


@pytest.mark.parametrize("kind", ["shared", "own"])
def test_an_answer_to_somebody_beyond_the_list_stays_here(namespace, start_daemon, wire, kind):
    """What comes in from there, or pretends to, is answered by nobody, whatever it says."""
    api = start_daemon(*LIST).api
    api.create(role="server", remote=None, pace="0s", socket=kind)
    sources = [THEIRS, FAR, "127.1.0.1", "10.99.0.255", "10.99.0.0"]
    with namespace.raw_socket() as raw:
        for source in sources:
            raw.sendto(bytes(IP(src=source, dst="127.0.0.1") / TCP(sport=9, dport=50000)), ("127.0.0.1", 0))
    counters = eventually(
        lambda: (lambda found: found if found["segmentsReceived"] == len(sources) else None)(api.counters("server")))
    eventually(lambda: api.counters("server")["outcomes"] == {"blocked": len(sources)})
    assert counters["replies"] == 0
    assert wire.frames() == []


def test_a_run_that_answers_a_stranger_is_refused_by_then(namespace, start_daemon, wire):
    api = start_daemon(*LIST).api
    api.create(role="server", remote=None, rules=[])
    begun = api.post("/runs", {"steps": [
        {"expect": {"endpoint": "server", "segment": {"flags": ["SYN"]}, "within": "5s"}},
        {"send": {"endpoint": "server", "segment": {"flags": ["SYN", "ACK"]}}}]}).json
    with namespace.raw_socket() as raw:
        raw.sendto(bytes(IP(src=THEIRS, dst="127.0.0.1") / TCP(sport=9, dport=50000, flags="S")), ("127.0.0.1", 0))
    ended = api.get(f"/runs/{begun['id']}?wait=5s").json
    assert ended["verdict"] == "unsatisfied"
    assert THEIRS in ended["reason"] and "--allow-egress" in ended["reason"], ended
    assert api.counters("server")["outcomes"] == {}
    assert wire.frames() == []


@pytest.mark.parametrize("rewrite", ["none", "endpoint"])
def test_a_capture_is_sent_where_it_may_be(start_daemon, wire, tmp_path, rewrite):
    """As captured, its own addresses count; mapped to the endpoint, what it says of the way does."""
    api = start_daemon(*LIST).api
    api.create(role="client", rules=[], opening=[])
    cases = [(IP(src="127.0.0.1", dst="127.0.0.1", options=b"\x83\x07\x04" + bytes([10, 99, 0, 2]) + b"\0"),
              "sourceRoute")]
    if rewrite == "none":
        cases += [(IP(src="127.0.0.1", dst=THEIRS), "egress"), (IP(src="10.1.1.1", dst="127.0.0.1"), "spoofing"),
                  (IP(src="127.0.0.1", dst="224.0.0.1"), "multicast"),
                  (IP(src="127.0.0.1", dst="255.255.255.255"), "broadcast")]
    for number, (header, rule) in enumerate(cases):
        path = tmp_path / f"{number}.pcap"
        wrpcap(str(path), [header / TCP(sport=50001, dport=50000, flags="S")])
        query = "?rewrite=none" if rewrite == "none" else ""
        answer = api.post(f"/endpoints/client/segments{query}", path.read_bytes(),
                          headers={"Content-Type": "application/vnd.tcpdump.pcap"})
        refused(answer, rule, OPTIONS.get(rule))
    assert api.counters("client")["outcomes"] == {}
    assert wire.frames() == []


def test_a_device_cannot_be_chosen(start_daemon, wire):
    """Only the kernel's routes choose it, so nothing for this host leaves it."""
    api = start_daemon().api
    for name in ("device", "interface", "bindToDevice"):
        assert api.post("/endpoints", {"role": "client", name: "v0"}).status == 422
    # Neither by an endpoint that plays the link's address.
    api.create(role="client", local={"address": OURS}, remote={"address": "127.0.0.1"}, rules=[], opening=[])
    api.create(role="client", id="own", socket="own", local={"address": OURS, "port": 50003}, rules=[], opening=[],
               remote={"address": "127.0.0.1"})
    for endpoint in ("client", "own"):
        api.transmit(endpoint, [{}, {"ip": {"destination": "127.255.255.254"}}])
    assert wire.frames() == []


def test_the_broadcast_address_of_a_link_is_nobodys(start_daemon, wire):
    """It is on the list by the letter; the kernel says that it is every host's."""
    api = start_daemon("--allow-egress", "10.99.0.0/24", "--allow-egress", "127.0.0.0/8").api
    for remote in ("10.99.0.255", "127.255.255.255"):
        answer = api.post("/endpoints", {"role": "client", "remote": {"address": remote}})
        refused(answer, "broadcast")
        assert answer.pointers == ["/remote/address"]
    api.create(role="client", local={"address": OURS}, remote={"address": THEIRS}, rules=[], opening=[])
    for path in ("", "?validate=true"):
        answer = api.post(f"/endpoints/client/segments{path}", [{}, {"ip": {"destination": "10.99.0.255"}}])
        refused(answer, "broadcast")
        assert answer.pointers == ["/1/ip/destination"]
    answer = api.post("/endpoints", {
        "role": "server", "rules": [{"reply": [{"ip": {"destination": "10.99.0.255"}}]}]})
    refused(answer, "broadcast")
    assert answer.pointers == ["/rules/0/reply/0/ip/destination"]
    # Where a range passes over it, the kernel refuses that one segment.
    assert wire.frames() == []
    done = api.transmit("client", {
        "repeat": {"count": 3}, "vary": [{"field": "ip.destination", "values": ["10.99.0.2", "10.99.0.255", "10.99.0.2"]}]})
    assert done["outcomes"] == {"sent": 2, "failed": 1}
    assert done["firstError"]["errno"] == "EACCES"
    assert [frame[30:34] for frame in wire.frames()] == [bytes([10, 99, 0, 2])] * 2


def test_a_group_is_sent_to_when_a_block_is_meant_for_it(start_daemon, wire):
    api = start_daemon("--allow-egress", "0.0.0.0/0").api
    api.create(role="client", local={"address": OURS}, remote={"address": THEIRS}, rules=[], opening=[])
    body = {"ip": {"destination": "224.0.0.9"}}
    refused(api.post("/endpoints/client/segments", body), "multicast", "--allow-egress")
    assert wire.frames() == []
    api = start_daemon("--allow-egress", "10.0.0.0/8", "--allow-egress", "224.0.0.0/24", port=8081).api
    api.create(role="client", local={"address": OURS, "port": 50011}, remote={"address": THEIRS}, rules=[], opening=[])
    assert api.transmit("client", body)["outcomes"] == {"sent": 1}
    (frame,) = wire.frames()
    assert (frame[:6], frame[30:34]) == (bytes.fromhex("01005e000009"), bytes([224, 0, 0, 9]))
    refused(api.post("/endpoints/client/segments", {"ip": {"destination": "224.0.1.1"}}), "multicast", "--allow-egress")


def test_what_may_leave_does_and_as_whom_it_may(start_daemon, wire):
    api = start_daemon("--allow-egress", "127.0.0.0/8", "--allow-egress", f"{THEIRS}/32", "--allow-spoofing").api
    api.create(role="client", local={"address": OURS}, remote={"address": THEIRS}, rules=[], opening=[])
    api.transmit("client", [{}, {"ip": {"source": "198.51.100.7"}}])
    assert [frame[26:34] for frame in wire.frames()] == [
        bytes([10, 99, 0, 1, 10, 99, 0, 2]), bytes([198, 51, 100, 7, 10, 99, 0, 2])]
    problem = refused(api.post("/endpoints/client/segments", {"ip": {"destination": "10.99.0.3"}}),
                      "egress", "--allow-egress")
    assert problem["allowed"] == ["127.0.0.0/8", f"{THEIRS}/32"]
    # Spoofing does not open the way for routes.
    refused(api.post("/endpoints/client/segments", {"ip": {"options": "8307040a63000200"}}), "sourceRoute")


@pytest.mark.parametrize("path", ["/limits", "/egress", "/policy", "/config"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nobody_changes_it_over_http(api, path, method):
    body = {"allowEgress": ["0.0.0.0/0"], "allowSpoofing": True}
    assert api.request(method, path, body).status in (404, 405)
    for name in body:
        assert api.post("/endpoints", {"role": "client", name: body[name]}).status == 422
    refused(api.post("/endpoints", {"role": "client", "remote": {"address": FAR}}), "egress", "--allow-egress")


@pytest.mark.parametrize(("value", "words"), [
    ("255.255.255.255", "all hosts"), ("255.255.255.255/32", "all hosts"), ("10.0.0.1/24", "host bits"),
    ("10.0.0.0/33", "not a prefix"), ("10.0.0.0/", "not a prefix"), ("example.org", "not a prefix"),
    ("::/0", "not a prefix"), ("", "not a prefix")])
def test_a_wrong_block_is_told_at_the_start(namespace, value, words):
    from support import SEGMENTD
    ended = namespace.run(SEGMENTD, "--allow-egress", value, timeout=10)
    assert ended.returncode == 64
    assert words in ended.stderr and "--allow-egress" in ended.stderr, ended.stderr
