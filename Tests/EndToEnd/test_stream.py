"""Segments as server-sent events: as they come, after a cursor, for readers who are slow, and until the daemon ends."""

import itertools
import json
import os
import signal
import socket
import subprocess
import time

import pytest

from support import eventually, needs
from test_waits import Sender


class Stream:
    """A client of its own that reads the events of one answer, as RFC 9112 and the HTML standard have them."""

    def __init__(self, api, query="", headers=None, receive_buffer=None):
        connection = api.namespace.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.settimeout(30)
        connection.connect(("127.0.0.1", api.port))
        head = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        connection.sendall(f"GET /segments/stream{query} HTTP/1.1\r\nHost: localhost\r\n{head}\r\n".encode())
        self.connection = connection
        self._file = connection.makefile("rb")
        self.head = []
        while line := self._file.readline().rstrip(b"\r\n").decode():
            self.head.append(line)
        self.status = int(self.head[0].split()[1])
        self.comments = []
        self._lines = self._read_lines()

    def _read_lines(self):
        rest = b""
        while True:
            size = int(self._file.readline().split(b";")[0], 16)
            rest += self._file.read(size)
            assert self._file.read(2) == b"\r\n"
            *lines, rest = rest.split(b"\n")
            yield from (line.decode() for line in lines)
            if size == 0:
                assert rest == b""
                return

    def events(self):
        """Each event as its type, id and data."""
        kind, identifier, data = "message", None, []
        for line in self._lines:
            if line == "":
                if data:
                    yield kind, identifier, json.loads("\n".join(data))
                kind, data = "message", []
            elif line.startswith(":"):
                self.comments.append(line[1:].strip())
            else:
                name, _, value = line.partition(":")
                value = value.removeprefix(" ")
                if name == "event":
                    kind = value
                elif name == "id":
                    identifier = int(value)
                elif name == "data":
                    data.append(value)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()
        self.connection.close()


@pytest.fixture
def sender(namespace):
    return Sender(namespace)


@pytest.fixture
def quiet(api):
    api.create(role="server", id="quiet", rules=[], guard="md5")
    return api


def take(events, count):
    return list(itertools.islice(events, count))


def test_segments_come_as_they_arrive(quiet, sender):
    with Stream(quiet, "?endpoint=quiet") as stream:
        assert stream.status == 200
        assert any(line.lower() == "content-type: text/event-stream" for line in stream.head)
        events = stream.events()
        for number in range(1, 50):
            sender.send(number)
            (kind, identifier, data), = take(events, 1)
            assert kind == "message" and data["sequenceNumber"] == number
            whole = quiet.get(f"/segments/{identifier}").json
            assert data == {name: value for name, value in whole.items() if name not in ("octets", "fields")}
        assert stream.comments[0] == f"instance {quiet.get('/segments').json['instance']}"


def test_curl_reads_it_line_by_line(quiet, sender, namespace):
    curl = namespace.start(needs("curl"), "-sN", "localhost:8080/segments/stream", stdout=subprocess.PIPE)
    assert curl.stdout.readline().startswith(b": instance ")
    sender.send(77)
    assert curl.stdout.readline() == b"\n"
    assert curl.stdout.readline().startswith(b"id: ")
    assert b'"sequenceNumber":77' in curl.stdout.readline()
    curl.terminate()


def test_it_resumes_where_it_was_left(quiet, sender):
    sender.send(*range(100))
    seen, headers = [], {"Last-Event-ID": "0"}
    while len(seen) < 100:
        with Stream(quiet, "?endpoint=quiet", headers) as stream:
            for kind, identifier, data in take(stream.events(), 13 if len(seen) < 91 else 100 - len(seen)):
                assert kind == "message"
                seen.append(data["sequenceNumber"])
                headers["Last-Event-ID"] = str(identifier)
    assert seen == list(range(100))
    with Stream(quiet, f"?endpoint=quiet&after={int(headers['Last-Event-ID']) - 1}") as stream:
        assert take(stream.events(), 1)[0][2]["sequenceNumber"] == 99


def test_cursors_that_cannot_be_followed(quiet, sender):
    for query, headers, status in (
            ("?after=1", {}, 422), ("", {"Last-Event-ID": "1"}, 422), ("", {"Last-Event-ID": "x"}, 422),
            ("?instance=x", {}, 422), ("?limit=1", {}, 422), ("?endpoint=nobody", {}, 404),
            ("", {"Accept": "application/json"}, 406)):
        answer = quiet.get(f"/segments/stream{query}", headers=headers)
        assert answer.status == status, answer


def test_a_reader_who_comes_late_is_told_what_is_missing(start_daemon, namespace):
    api = start_daemon("--ring-segments", 50).api
    api.create(role="server", id="quiet", rules=[], guard="md5")
    Sender(namespace).send(*range(200))
    eventually(lambda: api.counters("quiet")["segmentsReceived"] == 200)
    with Stream(api, "?endpoint=quiet&after=0") as stream:
        events = take(stream.events(), 51)
    assert events[0] == ("gap", 150, {"kernel": 0, "ring": 150})
    assert [data["sequenceNumber"] for _, _, data in events[1:]] == list(range(150, 200))


def test_a_reader_who_pauses_is_told_what_is_missing(start_daemon, namespace, tmp_path):
    """A stopped curl: nothing is piled up for it, and when it goes on, its events and gaps add up."""
    daemon = start_daemon("--ring-segments", 1000, "--ring-octets", 1 << 20)
    api = daemon.api
    api.create(role="server", id="quiet", rules=[], guard="md5", remote=None)
    api.create(role="client", id="client", rules=[], opening=[], guard="md5")
    with open(tmp_path / "events", "wb") as output:
        curl = namespace.start(needs("curl"), "-sN", "localhost:8080/segments/stream?endpoint=quiet", stdout=output)
        eventually(lambda: (tmp_path / "events").read_bytes().startswith(b": instance"))
        api.transmit("client", {"flags": ["SYN"]})
        eventually(lambda: b"\ndata: " in (tmp_path / "events").read_bytes())
        os.kill(curl.pid, signal.SIGSTOP)
        before = daemon.resident_octets()
        total = 60_000
        for _ in range(total // 2000):
            api.transmit("client", {"repeat": {"count": 2000, "record": 0}, "payload": {"length": 500}})
        eventually(lambda: api.counters("quiet")["segmentsReceived"] == total + 1)
        # Sixty thousand events would take some sixty megabytes.
        assert daemon.resident_octets() - before < 20 << 20
        os.kill(curl.pid, signal.SIGCONT)
        api.transmit("client", {"flags": ["FIN"], "payload": "the last one"})
        eventually(lambda: b"the last one" in (tmp_path / "events").read_bytes(), seconds=20)
        curl.terminate()
        curl.wait(timeout=10)
    received = lost = 0
    previous = 0
    for block in (tmp_path / "events").read_text().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if not fields:
            continue
        identifier, data = int(fields["id"]), json.loads(fields["data"])
        if fields.get("event") == "gap":
            lost += data["kernel"] + data["ring"]
        else:
            received += 1
        assert identifier > previous
        previous = identifier
    counters = api.counters("quiet")
    assert counters["kernelDrops"] == 0
    # The sender's own two, of the transmissions of one segment, are in the ring too, and may be among what it gave up.
    assert lost > 10_000
    assert total + 2 <= received + lost <= total + 4


def test_streams_take_places_and_give_them_back(start_daemon):
    api = start_daemon("--max-waiters", 2).api
    streams = [Stream(api), Stream(api)]
    assert [stream.status for stream in streams] == [200, 200]
    answer = api.get("/segments/stream")
    assert answer.status == 503 and answer.json["type"] == "/problems/too-many-waiters"
    assert api.request("HEAD", "/segments/stream").status == 503
    streams[0].__exit__()
    # Noticed when there is something to tell it, or after the quiet of fifteen seconds at the latest.
    eventually(lambda: api.get("/segments?wait=1ms").status == 200, seconds=20)
    streams[1].__exit__()


def test_head_is_answered(quiet):
    answer = quiet.request("HEAD", "/segments/stream")
    assert answer.status == 200 and answer.content == b"" and answer.content_type == "text/event-stream"


def test_a_quiet_stream_lives_on(quiet, sender):
    """Beyond the idle timeout of other connections, with a sign of life every fifteen seconds."""
    with Stream(quiet) as stream:
        events = stream.events()
        time.sleep(32)
        sender.send(5)
        assert take(events, 1)[0][2]["sequenceNumber"] == 5
        assert stream.comments[1:] == ["quiet", "quiet"]


def test_removing_the_endpoint_ends_its_stream(quiet, sender):
    with Stream(quiet, "?endpoint=quiet") as stream:
        sender.send(5)
        eventually(lambda: quiet.counters("quiet")["segmentsReceived"] == 1)
        quiet.remove("quiet")
        assert [data["sequenceNumber"] for _, _, data in stream.events()] == [5]
        assert stream.comments[-1] == "the endpoint is gone"


def test_a_stop_ends_streams_in_order(start_daemon):
    daemon = start_daemon()
    streams = [Stream(daemon.api) for _ in range(50)]
    stuck = Stream(daemon.api)
    os.set_blocking(stuck.connection.fileno(), False)
    began = time.monotonic()
    daemon.signal(signal.SIGTERM)
    assert daemon.process.wait(timeout=10) == 0
    assert time.monotonic() - began < 2
    for stream in streams:
        # Up to the last chunk.
        assert list(stream.events()) == []


def test_full_speed_is_followed_or_accounted_for(start_daemon):
    """However fast segments come, each is in the stream or counted in a gap."""
    api = start_daemon("--ring-segments", 4096, "--receive-buffer", 64 << 20).api
    api.create(role="server", id="quiet", rules=[], guard="md5", remote=None)
    api.create(role="client", id="client", rules=[], opening=[], guard="md5")
    total = 200_000
    with Stream(api, "?endpoint=quiet") as stream:
        api.send("client", repeat={"count": total, "record": 0})
        received = lost = 0
        for kind, _, data in stream.events():
            if kind == "gap":
                lost += data["ring"] + data["kernel"]
            else:
                received += 1
            if received + lost >= total:
                break
        assert received + lost == total and received > 0
