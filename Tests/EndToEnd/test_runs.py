"""Scenarios with a verdict, against the host's own TCP and against endpoints of the same daemon."""

import contextlib
import datetime
import re
import socket
import threading
import time
import xml.etree.ElementTree

import pytest

from support import Namespace, eventually

CLIENT, SERVER = "10.99.0.1", "10.99.0.2"


def begin(api, steps, name=None, wait=None, **options):
    query = f"?wait={wait}" if wait else ""
    answer = api.post(f"/runs{query}", {"name": name, "steps": steps}, timeout=30, **options)
    assert answer.status in (200, 202), answer
    assert answer.headers["Location"] == f"/runs/{answer.json['id']}"
    return answer.json


def run(api, *steps, name=None, wait="20s"):
    """The run when it has ended."""
    ended = begin(api, list(steps), name, wait)
    assert ended["state"] == "done", ended
    return ended


def states(run):
    return [step["state"] for step in run["steps"]]


def send(endpoint, **segment):
    return {"send": {"endpoint": endpoint, "segment": segment}}


def expect(endpoint, within="5s", since=None, **segment):
    return {"expect": {"endpoint": endpoint, "segment": segment, "within": within, "since": since}}


def expect_none(endpoint, length="100ms", since=None, **segment):
    return {"expectNone": {"endpoint": endpoint, "segment": segment, "for": length, "since": since}}


# The other end is the host's own TCP, in a namespace of its own.


@pytest.fixture
def kernel_peer(namespace, start_daemon):
    """A namespace at the other end of a cable, and the daemon's API."""
    peer = Namespace()
    for command in (
            ["ip", "link", "add", "wire0", "type", "veth", "peer", "name", "wire1", "netns", peer.pid],
            ["ip", "address", "add", f"{CLIENT}/24", "dev", "wire0"],
            ["ip", "link", "set", "wire0", "up"]):
        done = namespace.run(*command)
        assert done.returncode == 0, done.stderr
    for command in (
            ["ip", "address", "add", f"{SERVER}/24", "dev", "wire1"],
            ["ip", "link", "set", "wire1", "up"]):
        done = peer.run(*command)
        assert done.returncode == 0, done.stderr
    daemon = start_daemon("--allow-egress", "10.99.0.0/24")
    yield peer, daemon.api
    peer.close()


def handshake(port_of_peer, initial=1000):
    return [
        send("client", flags=["SYN"], sequenceNumber=initial),
        expect("client", flags=["SYN", "ACK"], acknowledgmentNumber=initial + 1),
        send("client", flags=["ACK"], sequenceNumber=initial + 1, acknowledgmentNumber={"received": "end"}),
    ]


@pytest.mark.parametrize("guard", ["listener", "md5", "nftables"])
def test_a_raw_client_talks_to_a_kernel_listener(kernel_peer, guard):
    peer, api = kernel_peer
    heard = []
    with peer.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind((SERVER, 7000))
        listener.listen()
        listener.settimeout(20)

        def serve():
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(20)
                while piece := connection.recv(100):
                    heard.append(piece)
                connection.sendall(b"goodbye")

        for attempt in range(20):
            heard.clear()
            server = threading.Thread(target=serve)
            server.start()
            api.create(id="client", role="client", local={"address": CLIENT, "port": 6000 + attempt}, guard=guard,
                       remote={"address": SERVER, "port": 7000}, opening=[], rules=[])
            ended = run(
                api, *handshake(7000),
                send("client", flags=["PSH", "ACK"], sequenceNumber=1001, acknowledgmentNumber={"received": "end"},
                     payload="hello"),
                expect("client", flags=["ACK"], acknowledgmentNumber=1006),
                send("client", flags=["FIN", "ACK"], sequenceNumber=1006,
                     acknowledgmentNumber={"received": "sequenceNumber"}),
                expect("client", payload="goodbye"),
                expect("client", flags=["FIN", "ACK"]),
                send("client", flags=["ACK"], sequenceNumber=1007, acknowledgmentNumber={"received": "end"}),
                expect_none("client", "50ms", flags=["RST"]))
            assert ended["verdict"] == "satisfied", ended
            assert ended["lost"] == {"kernel": 0, "ring": 0}
            server.join(timeout=20)
            assert b"".join(heard) == b"hello"
            assert api.remove("client")["counters"]["kernelResets"] == 0


def test_without_a_guard_the_kernel_spoils_the_handshake_and_the_run_shows_how(kernel_peer):
    peer, api = kernel_peer
    with peer.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind((SERVER, 7000))
        listener.listen()
        api.create(id="client", role="client", local={"address": CLIENT, "port": 6000}, guard="none",
                   remote={"address": SERVER, "port": 7000}, opening=[], rules=[])
        ended = run(api, *handshake(7000), expect_none("client", "500ms", flags=["RST"]))
        assert ended["verdict"] == "unsatisfied", ended
        assert states(ended) == ["passed", "passed", "passed", "failed"]
        assert ended["steps"][3]["segment"]["flags"] == ["RST"]
        assert_kernel_reset(ended["steps"][3]["nearMisses"][0])

        # And so it is when something is waited for that the reset prevents.
        ended = run(api, *handshake(7000, 5000), expect("client", "200ms", payload={"contains": "welcome"}))
        assert ended["verdict"] == "unsatisfied", ended
        assert_kernel_reset(ended["steps"][3]["nearMisses"][0])
        assert [miss["segment"]["direction"] for miss in ended["steps"][3]["nearMisses"][1:]] == ["received"] * 2


def assert_kernel_reset(miss):
    assert miss["segment"]["direction"] == "kernel"
    assert miss["segment"]["id"] is None
    assert "RST" in miss["segment"]["flags"]
    assert miss["segment"]["ip"]["destination"] == SERVER
    difference = miss["differences"][0]
    assert (difference["field"], difference["expected"], difference["actual"]) == ("direction", "received", "kernel")
    assert difference["hint"].startswith("the kernel's own RST:")
    assert 'guard is "none"' in difference["hint"]


@pytest.mark.parametrize("guard", ["listener", "md5", "nftables"])
def test_a_kernel_client_talks_to_a_raw_server_that_knows_no_peer_before(kernel_peer, guard):
    peer, api = kernel_peer
    api.create(id="server", role="server", local={"address": CLIENT, "port": 6000}, remote=None, guard=guard, rules=[])
    steps = [
        expect("server", "10s", flags=["SYN"], withoutFlags=["ACK"]),
        send("server", flags=["SYN", "ACK"], sequenceNumber=9000, acknowledgmentNumber={"received": "end"},
             options=[{"kind": "maximumSegmentSize", "value": 1460}]),
        expect("server", flags=["ACK"], withoutFlags=["SYN"], acknowledgmentNumber=9001),
        expect("server", payload="hello", acknowledgmentNumber=9001),
        send("server", flags=["PSH", "ACK"], sequenceNumber=9001, acknowledgmentNumber={"received": "end"},
             payload="welcome"),
        expect("server", flags=["FIN", "ACK"], acknowledgmentNumber=9008),
        send("server", flags=["FIN", "ACK"], sequenceNumber=9008, acknowledgmentNumber={"received": "end"}),
        expect("server", flags=["ACK"], acknowledgmentNumber=9009),
        expect_none("server", "50ms", flags=["RST"]),
    ]
    for _ in range(20):
        begun = begin(api, steps)
        with peer.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:
            connection.settimeout(10)
            connection.connect((CLIENT, 6000))
            connection.sendall(b"hello")
            assert connection.recv(100) == b"welcome"
        ended = api.get(f"/runs/{begun['id']}?wait=10s", timeout=20).json
        assert ended["verdict"] == "satisfied", ended
    assert api.remove("server")["counters"]["kernelResets"] == 0


# Both ends are the daemon's.

ECHO = {"match": {"flags": ["PSH"]}, "pace": "0s", "reply": [{
    "flags": ["ACK"], "sequenceNumber": {"received": "acknowledgmentNumber"},
    "acknowledgmentNumber": {"received": "end"}, "payload": "pong"}]}


@pytest.fixture
def pair(api):
    """A client, and a server that answers pushed data."""
    api.create(id="server", role="server", rules=[ECHO])
    api.create(id="client", role="client", opening=[], rules=[])
    return api


def exchanges(count, within="5s"):
    steps = []
    for number in range(count):
        steps.append(send("client", flags=["PSH", "ACK"], sequenceNumber=1000 + 4 * number,
                          acknowledgmentNumber={"received": "end"} if number else 500, payload="ping"))
        steps.append(expect("client", within, flags=["ACK"], acknowledgmentNumber=1004 + 4 * number,
                            sequenceNumber=500 + 4 * number, payload="pong"))
    return steps


def test_twenty_exchanges_are_satisfied_a_thousand_times(pair):
    steps = exchanges(20)
    began = time.monotonic()
    for _ in range(1000):
        ended = begin(pair, steps, wait="10s", checked=False)
        assert ended["verdict"] == "satisfied", ended
    assert time.monotonic() - began < 60
    checked = run(pair, *steps)
    assert states(checked) == ["passed"] * 40
    assert all(step["segment"]["payload"]["text"] == "pong" for step in checked["steps"][1::2])
    assert all(step["outcomes"] == {"sent": 1} for step in checked["steps"][0::2])
    assert pair.counters("client")["segmentsReceived"] == 20 * 1001


def test_one_reply_that_does_not_come_is_missed_and_nothing_else(api):
    api.create(id="server", role="server", rules=[{**ECHO, "limit": 12}])
    api.create(id="client", role="client", opening=[], rules=[])
    ended = run(api, *exchanges(20, within="100ms"))
    assert ended["verdict"] == "unsatisfied"
    assert states(ended) == ["passed"] * 25 + ["failed"] + ["skipped"] * 14
    assert ended["reason"] == ended["steps"][25]["reason"] == "no such segment came within 100ms"
    nearest = ended["steps"][25]["nearMisses"][0]
    assert nearest["segment"] == ended["steps"][23]["segment"], "the reply before is the nearest"
    assert nearest["differences"] == [
        {"field": "sequenceNumber", "expected": 548, "actual": 544,
         "hint": "sequence number is 4 too small: perhaps sent again"},
        {"field": "acknowledgmentNumber", "expected": 1052, "actual": 1048,
         "hint": "acknowledgment number is 4 too small: 4 octets are not acknowledged"},
        {"field": "takenBy", "expected": "no step", "actual": 23, "hint": "step 23 has taken this segment already"},
    ]
    assert len(ended["steps"][25]["nearMisses"]) == 3


def test_what_comes_in_another_order_than_expected_is_not_missed(pair):
    ended = run(
        pair,
        {"send": {"endpoint": "client", "segment": [
            {"flags": ["PSH"], "sequenceNumber": number, "acknowledgmentNumber": number, "payload": "x"}
            for number in range(8)]}},
        {"pause": "20ms"},
        *[expect("client", acknowledgmentNumber=number + 1) for number in (5, 0, 7, 1, 6, 2, 4, 3)],
        expect_none("client", "10ms"))
    assert ended["verdict"] == "satisfied", ended


def test_a_segment_is_taken_once(pair):
    ended = run(
        pair, send("client", flags=["PSH"], acknowledgmentNumber=77, payload="x"),
        expect("client", sequenceNumber=77), expect("client", "50ms", sequenceNumber=77))
    assert states(ended) == ["passed", "passed", "failed"]
    [miss] = ended["steps"][2]["nearMisses"]
    assert miss["differences"] == [
        {"field": "takenBy", "expected": "no step", "actual": 1, "hint": "step 1 has taken this segment already"}]


def test_a_step_may_look_only_at_what_came_since_another_one(pair):
    push = send("client", flags=["PSH"], payload="x")
    steps = [push, expect("client"), push, {"pause": "20ms"}, {"pause": {"for": "0s"}}]
    early = run(pair, *steps, expect_none("client", "10ms"))
    assert states(early)[-1] == "failed", "what came before the step counts"
    assert run(pair, *steps, expect_none("client", "10ms", since=2))["verdict"] == "unsatisfied"
    assert run(pair, *steps, expect_none("client", "10ms", since=4))["verdict"] == "satisfied"
    assert run(pair, *steps, expect("client", "10ms", since=4))["verdict"] == "unsatisfied"


def test_expect_none_fails_at_once(pair):
    began = time.monotonic()
    ended = run(pair, send("client", flags=["PSH"], payload="x"), expect_none("client", "15s", flags=["ACK"]))
    assert time.monotonic() - began < 5
    assert ended["verdict"] == "unsatisfied"
    assert ended["steps"][1]["segment"]["flags"] == ["ACK"]
    assert ended["steps"][1]["reason"].startswith("such a segment came a")


def test_what_is_lost_makes_silence_inconclusive(start_daemon):
    api = start_daemon("--receive-buffer", "4096").api
    api.create(id="server", role="server", rules=[])
    api.create(id="client", role="client", opening=[], rules=[])
    flood = send("client", flags=["PSH"], payload="x", repeat={"count": 20000})
    ended = run(api, flood, expect_none("server", "50ms", flags=["RST"]))
    assert ended["verdict"] == "inconclusive", ended
    assert states(ended) == ["passed", "inconclusive"]
    assert ended["lost"]["kernel"] > 0
    assert re.match(r"the socket's buffer lost \d+ segments while it waited", ended["reason"])
    received = api.counters("server")["segmentsReceived"]
    assert received + ended["lost"]["kernel"] == 20000

    # What did come is a fact, whatever was lost beside it.
    ended = run(api, flood, expect_none("server", "50ms", flags=["PSH"]))
    assert ended["verdict"] == "unsatisfied"
    ended = run(api, flood, expect("server", flags=["PSH"]))
    assert ended["verdict"] == "satisfied"
    ended = run(api, flood, expect("server", "50ms", flags=["RST"]))
    assert ended["verdict"] == "inconclusive"
    # And nothing is lost in a run that comes after the flood.
    ended = run(api, expect_none("server", "10ms"))
    assert ended["verdict"] == "satisfied"
    assert ended["lost"] == {"kernel": 0, "ring": 0}


def test_what_left_the_ring_unseen_makes_silence_inconclusive(start_daemon):
    api = start_daemon("--ring-segments", "16").api
    api.create(id="server", role="server", rules=[])
    api.create(id="client", role="client", opening=[], rules=[])
    flood = send("client", flags=["PSH"], payload="x", repeat={"count": 1000, "record": 0})
    ended = run(api, flood, expect_none("server", "20ms", flags=["RST"]))
    assert ended["verdict"] == "inconclusive", ended
    assert ended["lost"]["kernel"] == 0
    assert ended["lost"]["ring"] > 500
    assert "segments left the ring unseen" in ended["reason"]


@pytest.mark.parametrize(("sent", "expected", "field", "hint"), [
    ({"acknowledgmentNumber": 100}, {"acknowledgmentNumber": 101}, "acknowledgmentNumber",
     "acknowledgment number is one too small: a SYN and a FIN count one each"),
    ({"acknowledgmentNumber": 1}, {"acknowledgmentNumber": {"from": 4294967295, "to": 0}}, "acknowledgmentNumber", None),
    ({"sequenceNumber": 0}, {"sequenceNumber": 4294967295}, "sequenceNumber",
     "sequence number is one too large: only a SYN and a FIN count one"),
    ({"sequenceNumber": 50}, {"sequenceNumber": 40}, "sequenceNumber",
     "sequence number is 10 too large: 10 octets before it are missing"),
    ({"flags": ["RST", "ACK"]}, {"flags": ["SYN", "ACK"]}, "flags",
     "a reset: the peer has no such connection, or refuses it"),
    ({"flags": ["SYN", "ACK"]}, {"flags": ["ACK", "FIN", "PSH"]}, "flags", "FIN, PSH are not set"),
    ({"flags": ["ACK", "URG"]}, {"withoutFlags": ["URG"]}, "withoutFlags", "URG is set"),
    ({"checksum": "incorrect"}, {"checksum": "correct"}, "checksum", "checksum is incorrect"),
    ({}, {"checksum": "incorrect"}, "checksum", "checksum is right"),
    ({"window": 0}, {"window": {"from": 1}}, "window", "the receiver takes no more: its window is closed"),
    ({"payload": "Hello clie"}, {"payload": "Hello client"}, "payload", "2 octets at the end are missing"),
    ({"payload": "Hello server"}, {"payload": "Hello client"}, "payload", "differs from octet 6 on, counted from 0"),
    ({"payload": "Hello"}, {"payload": {"contains": "help"}}, "payload", "does not contain it"),
    ({}, {"payload": "x"}, "payload", "there is no payload"),
    ({"ip": {"timeToLive": 62}}, {"ip": {"timeToLive": 64}}, "ip.timeToLive", "2 more routers on the way"),
    ({"ip": {"dontFragment": False}}, {"ip": {"dontFragment": True}}, "ip.dontFragment", None),
    ({"sourcePort": 4}, {"sourcePort": {"anyOf": [1, {"from": 2, "to": 3}]}}, "sourcePort", "came from another port"),
    ({"reservedBits": 5}, {"reservedBits": {"mask": 3, "value": 2}}, "reservedBits", None),
])
def test_a_near_miss_says_what_differs(api, sent, expected, field, hint):
    api.create(id="server", role="server", remote=None, rules=[])
    api.create(id="client", role="client", opening=[], rules=[])
    segment = {"flags": ["ACK"], **sent}
    ended = run(api, send("client", **segment), expect("server", "30ms", **expected))
    assert ended["verdict"] == "unsatisfied"
    [miss] = ended["steps"][1]["nearMisses"]
    [difference] = miss["differences"]
    assert difference["field"] == field
    assert difference["hint"] == hint
    if field != "payload":
        asked = expected
        for part in field.split("."):
            asked = asked[part]
        if "from" not in str(asked):
            assert difference["expected"] == asked


def test_a_step_may_have_a_filter(pair):
    push = send("client", flags=["PSH"], acknowledgmentNumber=9, payload="x")
    ended = run(
        pair, push, {"expect": {"endpoint": "client", "filter": "tcp[4:4] = 9 and tcp[tcpflags] & tcp-ack != 0"}},
        push, {"expect": {"endpoint": "client", "segment": {"flags": ["ACK"]}, "filter": "tcp[4:4] = 8",
                          "within": "20ms"}})
    assert states(ended) == ["passed", "passed", "passed", "failed"]
    assert ended["steps"][3]["nearMisses"][0]["differences"] == [
        {"field": "filter", "expected": "tcp[4:4] = 8", "actual": None, "hint": "does not pass the filter"}]
    answer = pair.post("/runs", {"steps": [{"expectNone": {"endpoint": "client", "filter": "tcp[", "for": "0s"}}]})
    assert answer.status == 422
    assert answer.pointers == ["/steps/0/expectNone/filter"]


def test_a_segment_from_another_port_than_the_remote_is_a_near_miss(namespace, pair):
    pair.create(id="stranger", role="client", local={"port": 50009}, opening=[], rules=[])
    ended = run(
        pair, send("stranger", flags=["SYN"], sequenceNumber=5), expect("server", "30ms", sequenceNumber=5))
    [miss] = ended["steps"][1]["nearMisses"]
    assert miss["segment"]["endpoint"] is None
    assert miss["segment"]["sourcePort"] == 50009
    assert miss["differences"] == [
        {"field": "sourcePort", "expected": 50001, "actual": 50009, "hint": "came from another port"}]


def test_the_initial_sequence_number_is_recognised(api):
    api.create(id="server", role="server", rules=[{
        "match": {"flags": ["SYN"]}, "pace": "0s", "reply": [{
            "flags": ["SYN", "ACK"], "acknowledgmentNumber": {"received": "sequenceNumber"}}]}])
    api.create(id="client", role="client", opening=[], rules=[])
    ended = run(
        api, send("client", flags=["SYN"], sequenceNumber=100),
        expect("client", "50ms", flags=["SYN", "ACK"], acknowledgmentNumber=101))
    assert ended["steps"][1]["nearMisses"][0]["differences"] == [{
        "field": "acknowledgmentNumber", "expected": 101, "actual": 100,
        "hint": "acknowledgment number is one too small: it is the initial sequence number, and a SYN counts one"}]


def test_numbers_are_taken_from_earlier_steps(pair):
    ended = run(
        pair, send("client", flags=["PSH"], sequenceNumber=1000, acknowledgmentNumber=500, payload="ab"),
        expect("client", flags=["ACK"]),
        send("client", flags=["PSH"], payload="c",
             sequenceNumber={"received": "acknowledgmentNumber", "step": 1},
             acknowledgmentNumber={"received": "end", "plus": -4}),
        expect("client", sequenceNumber={"received": "sequenceNumber", "step": 1},
               acknowledgmentNumber={"received": "acknowledgmentNumber", "plus": 1}))
    assert ended["verdict"] == "satisfied", ended
    assert ended["steps"][3]["segment"]["acknowledgmentNumber"] == 1003


def test_a_segment_that_does_not_leave_fails_its_step(namespace, pair):
    done = namespace.run("nft", "-f", "-", input="""
        table inet wall {
            chain out {
                type filter hook output priority 0;
                tcp dport 50000 tcp window 7 drop;
            }
        }""", stdin=None)
    assert done.returncode == 0, done.stderr
    ended = run(pair, send("client", flags=["PSH"], window=7), expect("client"))
    assert ended["verdict"] == "unsatisfied"
    assert states(ended) == ["failed", "skipped"]
    assert ended["steps"][0]["outcomes"] == {"blocked": 1}
    assert ended["reason"].startswith("1 segment did not leave; the first: blocked, ")


def test_a_paced_send_takes_its_time(pair):
    ended = run(
        pair, send("client", flags=["PSH"], payload="x", repeat={"count": 5, "interval": "20ms"}),
        *[expect("client") for _ in range(5)], expect_none("client", "10ms"))
    assert ended["verdict"] == "satisfied", ended
    assert ended["steps"][0]["outcomes"] == {"sent": 5}
    assert milliseconds(ended["steps"][0]) >= 80
    assert milliseconds(ended["steps"][6]) >= 10


def milliseconds(step):
    number, unit = re.match(r"(\d+)(\w+)", step["took"]).groups()
    return int(number) * {"ns": 1e-6, "us": 1e-3, "ms": 1, "s": 1e3}[unit]


# Life of a run.


def test_runs_on_the_same_endpoint_queue_and_on_others_they_do_not(pair):
    pair.create(id="aside", role="client", local={"port": 50007}, opening=[], rules=[])
    first = begin(pair, [expect("client", "20s", sequenceNumber=7)])
    second = begin(pair, [send("client", flags=["PSH"], acknowledgmentNumber=8), expect("client", sequenceNumber=8)])
    third = begin(pair, [expect("client", sequenceNumber=9)])
    beside = run(pair, {"pause": "1ms"}, expect_none("aside", "1ms"))
    assert beside["verdict"] == "satisfied"
    listed = pair.get("/runs").json["runs"]
    assert [each["state"] for each in listed] == ["running", "queued", "queued", "done"]
    assert pair.delete(f"/runs/{third['id']}").json["state"] == "cancelled"
    pair.send("client", flags=["PSH"], acknowledgmentNumber=7)
    for each in (first, second):
        ended = pair.get(f"/runs/{each['id']}?wait=10s", timeout=20).json
        assert ended["verdict"] == "satisfied", ended


def test_a_live_run_is_cancelled_and_one_that_has_ended_is_removed(pair):
    live = begin(pair, [send("client", flags=["PSH"], repeat={"count": 10**9, "interval": "1s"}), {"pause": "1h"}])
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(pair.get(f"/runs/{live['id']}?wait=20s", timeout=30)))
    waiting.start()
    eventually(lambda: pair.get(f"/runs/{live['id']}").json["steps"][0]["state"] == "running")
    cancelled = pair.delete(f"/runs/{live['id']}")
    assert cancelled.status == 200
    assert cancelled.json["state"] == "cancelled"
    assert cancelled.json["verdict"] is None
    assert cancelled.json["reason"] == "it was cancelled"
    assert states(cancelled.json) == ["skipped", "skipped"]
    waiting.join(timeout=10)
    assert answers[0].json == cancelled.json
    assert pair.get(f"/runs/{live['id']}").json == cancelled.json
    removed = pair.delete(f"/runs/{live['id']}")
    assert (removed.status, removed.content) == (204, b"")
    assert pair.get(f"/runs/{live['id']}").status == 404
    assert pair.delete(f"/runs/{live['id']}").status == 404
    # Nothing of it is left to send.
    sent = pair.counters("client")["segmentsSent"]
    assert run(pair, {"pause": "1ms"}, expect_none("client", "10ms"))["verdict"] == "satisfied"
    assert pair.counters("client")["segmentsSent"] == sent


def test_a_wait_that_is_too_short_answers_with_how_far_it_is(pair):
    answer = pair.post("/runs?wait=30ms", {"steps": [{"pause": "1h"}, expect("client")]})
    assert answer.status == 202
    assert answer.json["state"] == "running"
    assert states(answer.json) == ["running", "pending"]
    answer = pair.get(f"{answer.headers['Location']}?wait=30ms")
    assert answer.status == 200
    assert answer.json["state"] == "running"


@pytest.mark.parametrize("how", ["stop", "remove", "reset"])
def test_a_run_ends_when_its_endpoint_does(pair, how):
    running = begin(pair, [{"pause": "0s"}, expect("client", "1h")])
    queued = begin(pair, [expect("client", "1h")])
    waiting = threading.Thread(target=lambda: answers.append(
        pair.get(f"/runs/{running['id']}?wait=20s", timeout=30).json))
    answers = []
    waiting.start()
    eventually(lambda: pair.get(f"/runs/{running['id']}").json["state"] == "running")
    time.sleep(0.05)  # So that the request most likely waits; what it is answered is the same.
    if how == "reset":
        assert pair.post("/reset").json["runs"] == 2
        waiting.join(timeout=10)
        assert answers[0].get("state", "cancelled") == "cancelled"
        assert pair.get("/runs").json == {"runs": [], "next": None}
        return
    if how == "stop":
        assert pair.post("/endpoints/client/stop").status == 200
    else:
        pair.remove("client")
    waiting.join(timeout=10)
    for ended in answers[0], pair.get(f"/runs/{queued['id']}").json:
        assert ended["state"] == "done"
        assert ended["verdict"] == "unsatisfied"
        assert ended["reason"] == 'the endpoint "client" was stopped'
    assert states(answers[0]) == ["passed", "failed"]


def test_only_so_many_are_remembered_and_live(start_daemon):
    api = start_daemon("--max-runs", "3", "--remember-runs", "5").api
    api.create(id="client", role="client", opening=[], rules=[])
    numbers = [run(api, expect_none("client", "0s"))["id"] for _ in range(8)]
    assert [each["id"] for each in api.get("/runs").json["runs"]] == numbers[3:]
    page = api.get("/runs?limit=2").json
    assert [each["id"] for each in page["runs"]] == numbers[3:5]
    page = api.get(f"/runs?limit=2&after={page['next']}").json
    assert [each["id"] for each in page["runs"]] == numbers[5:7]
    live = [begin(api, [expect("client", "1h")]) for _ in range(3)]
    refused = api.post("/runs", {"steps": [expect("client")]})
    assert refused.status == 429
    assert refused.headers["Retry-After"] == "1"
    assert refused.json["type"] == "/problems/too-many-runs"
    api.delete(f"/runs/{live[1]['id']}")
    assert api.post("/runs", {"steps": [expect("client")]}).status == 202
    limits = api.get("/limits").json
    assert (limits["runs"], limits["rememberedRuns"], limits["stepsPerRun"]) == (3, 5, 1000)


def test_only_so_many_wait_for_runs(start_daemon):
    api = start_daemon("--max-waiters", "1").api
    api.create(id="client", role="client", opening=[], rules=[])
    steps = [expect("client", "1h")]
    live = begin(api, steps)
    # Again and again, because whoever asks below may have the one place for a moment.
    waiting = threading.Thread(
        target=lambda: eventually(lambda: api.get(f"/runs/{live['id']}?wait=20s", timeout=30).status == 200))
    waiting.start()
    refused = eventually(lambda: (answer := api.get(f"/runs/{live['id']}?wait=1ms")).status == 503 and answer)
    assert refused.json["type"] == "/problems/too-many-waiters"
    assert refused.headers["Retry-After"] == "1"
    assert api.post("/runs?wait=1s", {"steps": steps}).status == 503
    assert len(api.get("/runs").json["runs"]) == 1
    assert api.delete(f"/runs/{live['id']}").status == 200
    waiting.join(timeout=10)
    eventually(lambda: api.post("/runs?wait=10ms", {"steps": [{"pause": "0s"}]}).status == 200)


def test_a_daemon_that_ends_answers_who_waits_for_a_run(namespace, start_daemon):
    daemon = start_daemon()
    daemon.api.create(id="client", role="client", opening=[], rules=[])
    answers = []

    def wait():
        with contextlib.suppress(OSError):
            answers.append(daemon.api.post("/runs?wait=20s", {"steps": [expect("client", "1h")]}, checked=False))

    waiting = threading.Thread(target=wait)
    waiting.start()
    eventually(lambda: daemon.api.get("/runs").json["runs"])
    daemon.stop()
    waiting.join(timeout=10)
    assert not waiting.is_alive()


# JUnit XML.

ATTRIBUTES = {
    "testsuite": {"name", "timestamp", "hostname", "tests", "failures", "errors", "skipped", "time"},
    "testcase": {"name", "classname", "time"}, "property": {"name", "value"}, "failure": {"message", "type"},
    "error": {"message", "type"},
}
CHILDREN = {
    "testsuite": r"properties( testcase)* system-out system-err", "properties": r"property( property)*",
    "testcase": r"(failure|error|skipped)?",
}


def junit(answer):
    """The suite, as strict about it as the schema that came with Ant and those made after it."""
    assert answer.status in (200, 202), answer
    assert answer.headers["Content-Type"] == "application/xml"
    suite = xml.etree.ElementTree.fromstring(answer.content)
    assert suite.tag == "testsuite"
    for element in suite.iter():
        assert set(element.attrib) == ATTRIBUTES.get(element.tag, set()), element.tag
        assert re.fullmatch(CHILDREN.get(element.tag, ""), " ".join(child.tag for child in element)), element.tag
    datetime.datetime.strptime(suite.attrib["timestamp"], "%Y-%m-%dT%H:%M:%S")
    cases = suite.findall("testcase")
    for case in [suite, *cases]:
        assert re.fullmatch(r"\d+\.\d+", case.attrib["time"])
        assert case.attrib["name"]
    for name, tag in ("tests", "."), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped"):
        assert int(suite.attrib[name]) == len([case for case in cases if case.find(tag) is not None])
    return suite


XML = {"Accept": "application/xml"}


def test_a_run_is_a_junit_suite(pair):
    name = 'weird <name> & "quotes" \u0000\u001b\ufffe \U0001f600 ]]> ümlaut'
    steps = [send("client", flags=["PSH"], payload="x"), expect("client", "20ms", payload="<&>"), {"pause": "1s"}]
    answer = pair.post("/runs?wait=10s", {"name": name, "steps": steps}, headers=XML)
    assert answer.headers["Location"] == "/runs/r1"
    suite = junit(answer)
    assert suite.attrib["name"] == name.replace("\0", "\ufffd").replace("\u001b", "\ufffd").replace("\ufffe", "\ufffd")
    assert suite.attrib | {"tests": "3", "failures": "1", "errors": "0", "skipped": "1"} == suite.attrib
    failure = suite.find("testcase/failure")
    assert failure.attrib == {"message": "no such segment came within 20ms", "type": "unsatisfied"}
    assert 'payload: expected "<&>", actual "pong"' in failure.text
    assert pair.get("/runs/r1", headers=XML).content == answer.content
    properties = {each.attrib["name"]: each.attrib["value"] for each in suite.iter("property")}
    assert properties == {
        "run": "r1", "state": "done", "verdict": "unsatisfied", "lost.kernel": "0", "lost.ring": "0"}


def test_what_is_inconclusive_is_an_error_and_what_is_live_is_skipped(start_daemon):
    api = start_daemon("--ring-segments", "16").api
    api.create(id="server", role="server", rules=[])
    api.create(id="client", role="client", opening=[], rules=[])
    flood = send("client", flags=["PSH"], payload="x", repeat={"count": 1000, "record": 0})
    suite = junit(api.post("/runs?wait=10s", {"steps": [flood, expect_none("server", "20ms", flags=["RST"])]},
                           headers=XML))
    assert suite.find("testcase/error").attrib["type"] == "inconclusive"
    suite = junit(api.post("/runs", {"steps": [{"pause": "1h"}]}, headers=XML))
    assert suite.attrib["skipped"] == "1"
    assert suite.attrib["name"] == "r2"


@pytest.mark.parametrize(("accept", "status", "kind"), [
    ("application/json", 200, "application/json"), ("*/*", 200, "application/json"),
    ("application/*", 200, "application/json"), ("application/xml;q=0.5, application/json", 200, "application/json"),
    ("application/xml, application/json;q=0.5", 200, "application/xml"),
    ("application/json;q=0, */*", 200, "application/xml"), ("text/html, */*;q=0.1", 200, "application/json"),
    ("text/html", 406, "application/problem+json"), ("application/xml;q=0", 406, "application/problem+json"),
])
def test_the_form_is_what_the_client_likes_best(pair, accept, status, kind):
    run(pair, {"pause": "0s"})
    answer = pair.get("/runs/r1", headers={"Accept": accept})
    assert (answer.status, answer.content_type) == (status, kind)
    # Elsewhere there is JSON only.
    assert pair.get("/limits", headers=XML).status == 406


# What is wrong with a request.


def test_all_that_is_wrong_is_told_at_once(pair):
    answer = pair.post("/runs", {"name": 7, "step": [], "steps": [
        {"send": {"endpoint": "client", "segment": {"window": 70000, "sequenceNumber": {"received": "end"}}}},
        {"expect": {"endpoint": "nobody", "segment": {"flags": ["SYNN"], "ip": {"ttl": 3}}, "within": "1"}},
        {"expect": {"endpoint": "client", "segment": {
            "window": {"from": 5, "to": 4}, "sourcePort": {"mask": 1, "value": 2}, "urgentPointer": {"anyOf": []},
            "dataOffset": {"from": 5, "mask": 1}, "acknowledgmentNumber": {"received": "end", "step": 0}}}},
        {"expectNone": {"endpoint": "client", "since": 3}},
        {"expect": {"endpoint": "client"}, "pause": "1s"},
        {"pause": "3601s"},
        {"send": {"endpoint": "client", "segment": [{}, {"ip": {"source": "1.2.3"}}]}},
    ]})
    assert answer.status == 422
    assert answer.pointers == [
        "/name", "/steps/0/send/segment/sequenceNumber", "/steps/0/send/segment/window", "/steps/1/expect/endpoint",
        "/steps/1/expect/segment/flags/0", "/steps/1/expect/segment/ip/ttl", "/steps/1/expect/within",
        "/steps/2/expect/segment/sourcePort/value", "/steps/2/expect/segment/acknowledgmentNumber/step",
        "/steps/2/expect/segment/dataOffset", "/steps/2/expect/segment/window",
        "/steps/2/expect/segment/urgentPointer/anyOf",
        "/steps/3/expectNone/for", "/steps/3/expectNone/since", "/steps/4", "/steps/5/pause",
        "/steps/6/send/segment/1/ip/source", "/step",
    ]


@pytest.mark.parametrize(("body", "status", "pointer"), [
    ({}, 422, "/steps"), ({"steps": []}, 422, "/steps"), ([], 422, ""), ({"steps": [{}]}, 422, "/steps/0"),
    ({"steps": [{"pause": "1s"}] * 1001}, 422, "/steps"), ({"steps": [{"wait": "1s"}]}, 422, "/steps/0"),
    ({"name": "x" * 257, "steps": [{"pause": "0s"}]}, 422, "/name"),
    ({"steps": [send("idle")]}, 409, "/steps/0/send/endpoint"),
    ({"steps": [{"pause": "0s"}, expect("idle")]}, 409, "/steps/1/expect/endpoint"),
    ({"steps": [send("client", ip={"destination": "192.0.2.1"})]}, 403, "/steps/0/send/segment/ip/destination"),
    ({"steps": [send("client", ip={"source": "127.0.0.9"})]}, 403, "/steps/0/send/segment/ip/source"),
    ({"steps": [{"pause": "0s"}, {"send": {"endpoint": "client", "segment": [{}, {"ip": {"source": "127.0.0.9"}}]}}]},
     403, "/steps/1/send/segment/1/ip/source"),
    ({"steps": [send("anybody")]}, 422, "/steps/0/send/segment/ip/destination"),
])
def test_bad_input_is_refused_at_its_place(pair, body, status, pointer):
    pair.create(id="idle", role="client", local={"port": 50008}, start=False)
    pair.create(id="anybody", role="server", local={"port": 50009}, remote=None, rules=[])
    answer = pair.post("/runs", body)
    assert answer.status == status, answer
    assert pointer in answer.pointers, answer
    assert pair.get("/runs").json["runs"] == []


@pytest.mark.parametrize("path", ["/runs/r9", "/runs/9", "/runs/r01", "/runs/x"])
def test_an_unknown_run_is_not_found(api, path):
    assert api.get(path).status == 404
    assert api.delete(path).status == 404


def test_many_runs_side_by_side(start_daemon):
    api = start_daemon().api
    count = 200
    api.create(id="server", role="server", remote=None, rules=[ECHO])
    definitions = [{"id": f"c{number}", "role": "client", "local": {"port": 30000 + number}, "opening": [], "rules": []}
                   for number in range(count)]
    assert api.post("/endpoints", definitions).status == 201
    begun = [begin(api, [
        {"pause": "5ms"}, send(f"c{number}", flags=["PSH"], acknowledgmentNumber=number),
        expect(f"c{number}", "10s", sequenceNumber=number), expect_none(f"c{number}", "20ms")])["id"]
        for number in range(count)]
    for each in begun:
        ended = api.get(f"/runs/{each}?wait=10s", timeout=20).json
        assert ended["verdict"] == "satisfied", ended
