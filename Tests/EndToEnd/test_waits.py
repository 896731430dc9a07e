"""Answers that are held: until there are segments, until a transmission has ended, or until the time is up."""

import signal
import socket
import struct
import threading
import time

import pytest

import wire
from support import eventually


class Sender:
    """A peer of the tests' own, which the daemon knows nothing of."""

    def __init__(self, namespace, port=50001, to=50000, host="127.0.0.1"):
        self.raw = namespace.raw_socket()
        self.port, self.to, self.host = port, to, host

    def send(self, *sequence_numbers):
        for number in sequence_numbers:
            segment = struct.pack("!HHIIBBHHH", self.port, self.to, number, 0, 5 << 4, 2, 100, 0, 0)
            checksum = wire.tcp_checksum("127.0.0.1", self.host, segment)
            segment = segment[:16] + struct.pack("!H", checksum) + segment[18:]
            header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 0, 0, 64, 6, 0, wire.address("127.0.0.1"),
                                 wire.address(self.host))
            self.raw.sendto(header + segment, (self.host, 0))


@pytest.fixture
def sender(namespace):
    return Sender(namespace)


@pytest.fixture
def quiet(api):
    api.create(role="server", id="quiet", rules=[], guard="md5")
    return api


class Held:
    """A request that is under way on a connection of its own."""

    def __init__(self, api, path):
        self.connection = api.connect(timeout=20)
        self.connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        self.answer = None
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self):
        octets = b""
        while piece := self.connection.recv(65536):
            octets += piece
        self.answer = octets

    def finish(self):
        self._thread.join(timeout=20)
        assert not self._thread.is_alive()
        self.connection.close()
        return self.answer


def numbers(answer):
    assert answer.status == 200, answer
    return [segment["sequenceNumber"] for segment in answer.json["segments"]]


def test_a_wait_ends_with_the_segment_it_waits_for(quiet, sender):
    for path in ("/segments?endpoint=quiet&wait=10s", "/endpoints/quiet/segments?wait=10s"):
        timer = threading.Timer(0.3, sender.send, [1])
        timer.start()
        answer = quiet.get(path)
        timer.join()
        assert numbers(answer) == [1]
        assert answer.json["timedOut"] is False
        assert 0.2 < answer.seconds < 5


def test_a_count_is_waited_for_and_what_is_there_counts(quiet, sender):
    sender.send(1, 2)
    eventually(lambda: quiet.counters("quiet")["segmentsReceived"] == 2)
    cursor = quiet.get("/endpoints/quiet").json["cursor"]
    timer = threading.Timer(0.3, sender.send, [3, 4])
    timer.start()
    answer = quiet.get(f"/segments?endpoint=quiet&after={cursor}&wait=10s&count=3")
    timer.join()
    assert numbers(answer)[:3] == [1, 2, 3]
    at_once = quiet.get(f"/segments?endpoint=quiet&after={cursor}&wait=10s&count=3&limit=3")
    assert numbers(at_once) == [1, 2, 3] and at_once.seconds < 5


def test_the_time_may_be_up(quiet, sender):
    sender.send(1)
    eventually(lambda: quiet.counters("quiet")["segmentsReceived"] == 1)
    fresh = quiet.get("/segments?endpoint=quiet&wait=300ms")
    assert numbers(fresh) == [] and fresh.json["timedOut"] is True and 0.28 < fresh.seconds < 3
    some = quiet.get("/segments?endpoint=quiet&after=0&wait=300ms&count=2")
    assert numbers(some) == [1] and some.json["timedOut"] is True
    assert fresh.json["next"] == some.json["next"]


def test_cursors_lead_from_wait_to_wait(quiet, sender):
    """While segments come and go, each wait begins where the one before ended."""
    total = 2000
    cursor = quiet.get("/endpoints/quiet").json["cursor"]
    thread = threading.Thread(target=lambda: [sender.send(number) for number in range(total)])
    thread.start()
    seen = []
    while len(seen) < total:
        answer = quiet.get(f"/segments?endpoint=quiet&after={cursor}&wait=5s&count=7&limit=50")
        seen += numbers(answer)
        assert answer.json["lost"] == {"kernel": 0, "ring": 0}
        if answer.json["timedOut"]:
            break
        cursor = answer.json["next"]
    thread.join()
    assert seen == list(range(total))


def test_other_segments_do_not_end_a_wait(quiet, sender, namespace):
    quiet.create(role="server", id="other", rules=[], guard="md5", local={"port": 50010}, remote=None)
    other = Sender(namespace, to=50010)
    held = Held(quiet, "/segments?endpoint=quiet&wait=1s")
    for _ in range(20):
        other.send(7)
        time.sleep(0.01)
    assert b'"segments":[]' in (answer := held.finish()) and b'"timedOut":true' in answer


def test_removing_the_endpoint_ends_its_waits(quiet, sender):
    held = Held(quiet, "/segments?endpoint=quiet&wait=60s&count=2")
    everybody = Held(quiet, "/segments?wait=1s")
    time.sleep(0.1)
    sender.send(5)
    assert b'"sequenceNumber":5' in everybody.finish()
    began = time.monotonic()
    quiet.remove("quiet")
    answer = held.finish()
    assert time.monotonic() - began < 2
    assert answer.startswith(b"HTTP/1.1 200 ") and b'"timedOut":true' in answer and b'"sequenceNumber":5' in answer


def test_a_reset_ends_the_waits_of_every_endpoint(quiet):
    held = Held(quiet, "/segments?endpoint=quiet&wait=60s")
    time.sleep(0.1)
    assert quiet.post("/reset").status == 200
    assert b'"timedOut":true' in held.finish()


def test_places_are_bounded_and_come_free(start_daemon, namespace):
    api = start_daemon("--max-waiters", 3).api
    assert api.get("/limits").json["waiters"] == 3
    api.create(role="server", id="quiet", rules=[], guard="md5")
    gone = Held(api, "/segments?wait=1s")
    gone.connection.shutdown(socket.SHUT_RDWR)
    held = [Held(api, "/segments?wait=20s") for _ in range(2)]

    def refused():
        answer = api.get("/segments?wait=1ms")
        return answer if answer.status == 503 else None

    answer = eventually(refused)
    assert answer.json["type"] == "/problems/too-many-waiters" and int(answer.headers["Retry-After"]) >= 1
    assert api.get("/transmissions/t1?wait=1s").status == 404
    # Who does not wait needs no place.
    assert api.get("/segments").status == 200
    assert api.get("/segments?wait=0s").status == 200
    # By its deadline, the place of the client that has gone is free.
    eventually(lambda: api.get("/segments?wait=1ms").status == 200, seconds=5)
    Sender(namespace).send(1)
    for each in held + [gone]:
        each.finish()


def test_a_stop_answers_whoever_waits(start_daemon):
    daemon = start_daemon()
    daemon.api.create(role="server", id="quiet", rules=[], guard="md5")
    daemon.api.create(role="client", id="slow", rules=[], opening=[], guard="md5")
    slow = daemon.api.send("slow", repeat={"count": 2, "interval": "1h"})
    # What comes after a wait has begun would end it, so the first of the two has to be there.
    eventually(lambda: daemon.api.counters("quiet")["segmentsReceived"] == 1)
    held = [Held(daemon.api, path) for path in
            ["/segments?wait=60s"] * 20 + ["/segments?endpoint=quiet&wait=60s"] * 20
            + [f"/transmissions/{slow['id']}?wait=60s"] * 5]
    eventually(lambda: daemon.api.get("/segments?wait=0s").status == 200)
    time.sleep(0.2)
    began = time.monotonic()
    daemon.signal(signal.SIGTERM)
    assert daemon.process.wait(timeout=10) == 0
    assert time.monotonic() - began < 2
    for each in held:
        answer = each.finish()
        assert answer.startswith(b"HTTP/1.1 503 ") and b"/problems/stopping" in answer, answer


def test_a_transmission_is_waited_for(quiet):
    quiet.create(role="client", id="client", rules=[], opening=[], guard="md5")
    transmission = quiet.send("client", repeat={"count": 6, "interval": "100ms"})
    path = f"/transmissions/{transmission['id']}"
    early = quiet.get(f"{path}?wait=10ms")
    assert early.json["state"] == "sending"
    end = quiet.get(f"{path}?wait=20s")
    assert end.json["state"] == "done" and end.json["sent"] == 6 and end.seconds < 10
    assert quiet.get(f"{path}?wait=20s").seconds < 5
    slow = quiet.send("client", repeat={"count": 2, "interval": "1h"})
    held = Held(quiet, f"/transmissions/{slow['id']}?wait=60s")
    patient = Held(quiet, f"/transmissions/{slow['id']}?wait=500ms")
    assert b'"state":"sending"' in patient.finish()
    quiet.delete(f"/transmissions/{slow['id']}")
    assert b'"state":"cancelled"' in held.finish()


def test_cursors_of_another_start_are_refused(start_daemon, namespace):
    daemon = start_daemon()
    daemon.api.create(role="server", id="quiet", rules=[], guard="md5")
    Sender(namespace).send(1, 2, 3)
    page = eventually(lambda: (lambda p: p if len(p["segments"]) == 3 else None)(daemon.api.get("/segments").json))
    target = f"/segments?after={page['next']}&instance={page['instance']}"
    assert daemon.api.get(target).status == 200
    daemon.stop()
    again = start_daemon().api
    answer = again.get(target)
    assert answer.status == 422 and "instance" in answer.pointers
    assert again.get(f"/segments?after={page['next']}").status == 422


def test_after_a_reset_old_cursors_are_gone(quiet, sender):
    sender.send(1, 2, 3)
    eventually(lambda: quiet.counters("quiet")["segmentsReceived"] == 3)
    assert quiet.post("/reset").json["segments"] == 3
    for target in ("/segments?after=0", "/segments?after=1&wait=1s"):
        answer = quiet.get(target)
        assert answer.status == 410
    assert quiet.get("/segments?after=3").status == 200


def test_nobody_who_waits_holds_up_others(quiet, sender):
    """Many wait while a flood passes by, and requests are answered all the same."""
    held = [Held(quiet, "/segments?endpoint=quiet&wait=2s&count=10000&limit=10000&direction=sent") for _ in range(100)]
    quiet.create(role="client", id="client", rules=[], opening=[], guard="md5")
    flood = quiet.send("client", repeat={"count": 300_000})
    slowest = max(quiet.get("/healthz").seconds for _ in range(50))
    assert slowest < 1, slowest
    assert quiet.get(f"/transmissions/{flood['id']}?wait=10s").json["state"] == "done"
    for each in held:
        assert b'"timedOut":true' in each.finish()
