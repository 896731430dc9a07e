"""A pair without a pace: the API stays quick, memory stays flat, nothing is lost without being told."""

import os
import time

import pytest

from support import PORT, eventually

SECONDS = float(os.environ.get("SEGMENTD_SPEED_SECONDS", "10"))


def settled(api):
    """The totals when they have stopped changing."""
    before = api.counters()["total"]
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        time.sleep(0.3)
        now = api.counters()["total"]
        if now == before:
            return now
        before = now
    raise AssertionError("the counters go on counting")


@pytest.mark.parametrize("kind", ["shared", "own"])
def test_a_pair_at_full_speed(start_daemon, kind):
    daemon = start_daemon("--ring-octets", 8 << 20)
    api = daemon.api
    api.create(role="server", pace="0s", socket=kind)
    # Each segment is answered by one, so the first is all that runs between them; a hundred more make it a flood.
    api.create(role="client", pace="0s", socket=kind)
    for _ in range(100):
        api.send("client", payload="Hello server")

    # Flat after the ring's memory has been touched to its end; a datagram has 20 octets more than its segment.
    def touched():
        total = api.counters()["total"]
        segments = total["segmentsReceived"] + total["segmentsSent"]
        return total["octetsReceived"] + total["octetsSent"] + 20 * segments

    ring = api.get("/limits").json["ringOctets"]
    eventually(lambda: touched() > ring, seconds=30)
    began = time.monotonic()
    resident = daemon.resident_octets()
    latencies, rates = [], []
    before = api.counters("server")["segmentsReceived"]
    counted_at = time.monotonic()
    while time.monotonic() < began + SECONDS:
        answer = api.get("/counters")
        assert answer.status == 200
        latencies.append(answer.seconds)
        if time.monotonic() - counted_at >= 0.5:
            now = answer.json["endpoints"]["server"]["segmentsReceived"]
            rates.append((now - before) / (time.monotonic() - counted_at))
            before, counted_at = now, time.monotonic()
        time.sleep(0.02)
    assert min(rates) > 1000, f"it stalled: {rates}"
    # One in a hundred may have waited for a processor that another program had.
    latencies.sort()
    assert latencies[len(latencies) * 99 // 100] < 0.05, f"slow answers: {latencies[-10:]}"
    assert latencies[-1] < 0.5, f"a very slow answer: {latencies[-1]}"
    assert daemon.resident_octets() - resident < 8 << 20

    # The client goes first; what it sent the server has, or it is told as dropped.
    answer = api.delete("/endpoints/client")
    assert answer.seconds < 1
    client = answer.json["counters"]
    settled(api)
    server = api.remove("server")["counters"]
    assert server["segmentsReceived"] <= client["segmentsSent"]
    if kind == "own":
        assert client["segmentsSent"] == server["segmentsReceived"] + server["kernelDrops"]
    else:
        assert client["segmentsSent"] <= server["segmentsReceived"] + server["kernelDrops"]
    assert client["outcomes"].get("sent") == client["segmentsSent"]
    assert client["checksums"]["valid"] == client["segmentsReceived"]
    assert settled(api)["segmentsSent"] == client["segmentsSent"] + server["segmentsSent"]


def test_deleting_stops_at_once(api):
    api.create(role="server", pace="0s")
    api.create(role="client", pace="0s")
    eventually(lambda: api.counters("server")["segmentsReceived"] > 1000)
    for endpoint in ("server", "client"):
        answer = api.delete(f"/endpoints/{endpoint}")
        assert answer.status == 200
        assert answer.seconds < 0.5
    total = api.counters()["total"]
    time.sleep(0.3)
    assert api.counters()["total"] == total


def test_many_requests_cost_as_much_as_few(daemon, api):
    head = f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\n\r\n".encode()

    def take_turns(connection, count):
        began = time.monotonic()
        for _ in range(count):
            connection.sendall(head)
            answer = connection.recv(4096)
            assert answer.startswith(b"HTTP/1.1 200 "), answer
        return time.monotonic() - began

    with api.connect() as connection:
        take_turns(connection, 2000)
        resident = daemon.resident_octets()
        first = take_turns(connection, 2000)
        take_turns(connection, 12_000)
        last = take_turns(connection, 2000)
    assert daemon.resident_octets() - resident < 1 << 20
    assert last < 3 * first + 0.5
