"""Requests that are sent again, with `Idempotency-Key`: by curl, while tcpdump watches what leaves."""

import json
import subprocess
import time

import pytest

from support import PORT, eventually, needs
from wire import capture, decoded, finish

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"
SEGMENTS = "/endpoints/sender/segments?wait=10s"


@pytest.fixture
def sender(api):
    """An endpoint that says nothing by itself, and what talks to it."""
    api.create(id="sender", role="client", opening=[], rules=[])
    return api


def curl(namespace, path, body, key, *options):
    return namespace.start(
        needs("curl"), "-s", "-i", "--max-time", "20", "-H", f"Idempotency-Key: {key}", "-d", json.dumps(body),
        *options, f"http://127.0.0.1:{PORT}{path}", stdout=subprocess.PIPE, text=True)


def answer(process):
    """Status, header fields without the date, and body of what `curl -i` wrote."""
    output, _ = process.communicate(timeout=30)
    head, _, body = output.partition("\n\n")
    lines = head.split("\n")
    fields = dict(line.split(": ", 1) for line in lines[1:])
    del fields["Date"]
    return int(lines[0].split()[1]), fields, body


def post(namespace, path, body, key=KEY):
    return answer(curl(namespace, path, body, key))


def windows(dump, path, api):
    """The window of each segment that has left: all of them, for the one that is sent here is the last."""
    api.transmit("sender", {"window": 9999})
    eventually(lambda: "9999" in [row["tcp.window_size_value"] for row in decoded(path, "tcp.window_size_value")], 10)
    finish(dump, path, 1)
    return [int(row["tcp.window_size_value"]) for row in decoded(path, "tcp.window_size_value")][:-1]


def test_a_request_that_is_sent_three_times_sends_one_segment(namespace, sender, tmp_path):
    dump = capture(namespace, "lo", "tcp and src port 50001", tmp_path / "lo.pcap")
    first = post(namespace, SEGMENTS, {"window": 7})
    assert first[0] == 200
    assert first[1]["Location"] == "/transmissions/t1"
    for key in (KEY, f'"{KEY}"'):
        assert post(namespace, SEGMENTS, {"window": 7}, key) == first
    assert windows(dump, tmp_path / "lo.pcap", sender) == [7]


def test_a_repeat_of_what_runs_waits_its_turn(namespace, sender, tmp_path):
    dump = capture(namespace, "lo", "tcp and src port 50001", tmp_path / "lo.pcap")
    body = {"window": 7, "repeat": {"count": 3, "interval": "500ms"}}
    first = curl(namespace, SEGMENTS, body, KEY)
    eventually(lambda: sender.get("/transmissions").json["transmissions"])
    early = [post(namespace, SEGMENTS, body) for _ in range(5)]
    for status, fields, content in early:
        assert status == 409
        assert int(fields["Retry-After"]) >= 1
        assert json.loads(content)["type"] == "/problems/idempotency-key-running"
    assert post(namespace, SEGMENTS, {"window": 8})[0] == 422
    done = answer(first)
    assert done[0] == 200
    assert post(namespace, SEGMENTS, body) == done
    assert windows(dump, tmp_path / "lo.pcap", sender) == [7, 7, 7]


def test_a_client_that_is_killed_asks_again(namespace, sender, tmp_path):
    dump = capture(namespace, "lo", "tcp and src port 50001", tmp_path / "lo.pcap")
    body = {"window": 7, "repeat": {"count": 3, "interval": "300ms"}}
    first = curl(namespace, SEGMENTS, body, KEY)
    eventually(lambda: sender.get("/transmissions").json["transmissions"])
    first.kill()
    assert first.communicate(timeout=10)[0] == ""

    def unless_it_runs():
        again = post(namespace, SEGMENTS, body)
        return again if again[0] != 409 else None

    again = eventually(unless_it_runs, 10, 0.2)
    assert again[0] == 200
    assert json.loads(again[2])["id"] == "t1"
    assert json.loads(again[2])["sent"] == 3
    assert windows(dump, tmp_path / "lo.pcap", sender) == [7, 7, 7]


def test_many_at_once_do_it_once(namespace, sender, tmp_path):
    dump = capture(namespace, "lo", "tcp and src port 50001", tmp_path / "lo.pcap")
    clients = [curl(namespace, SEGMENTS, {"window": 7}, KEY) for _ in range(20)]
    answers = [answer(client) for client in clients]
    assert {status for status, _, _ in answers} <= {200, 409}
    assert len({content for status, _, content in answers if status == 200}) == 1
    assert windows(dump, tmp_path / "lo.pcap", sender) == [7]


def test_every_post_takes_a_key(sender):
    for path, body in [
        ("/endpoints", {"role": "server", "start": False}), ("/endpoints/sender/stop", None),
        ("/endpoints/sender/start", None), ("/endpoints/sender/segments?validate=true", {}), ("/reset", None),
    ]:
        key = {"Idempotency-Key": f"{path}-key"}
        first = sender.post(path, body, headers=key)
        assert first.status in (200, 201), first
        again = sender.post(path, body, headers=key)
        assert (again.status, again.content) == (first.status, first.content)
        assert again.headers.get("Location") == first.headers.get("Location")
        # Two of a kind, or one that fails, without the key: what was answered came from the first.
        assert sender.post(path, {"x": 1}, headers=key).json["type"] == "/problems/idempotency-key-reused"
    assert sender.get("/endpoints").json["endpoints"] == []


@pytest.mark.parametrize("key", ["", '""', '"a', "a b", "k" * 256, 'a"b', '"a", "b"', "\xe9"])
def test_a_key_out_of_form_is_refused(sender, key):
    refused = sender.post("/endpoints/sender/segments", {}, headers={"Idempotency-Key": key})
    assert refused.status == 422
    assert refused.json["violations"][0]["header"] == "Idempotency-Key"
    assert sender.get("/transmissions").json["transmissions"] == []


def test_ten_thousand_keys_are_kept_and_no_more(daemon, sender):
    """One connection, and answers of the engine's for each; memory stays where it is."""
    limits = sender.get("/limits").json
    number = limits["idempotencyKeys"]
    assert (number, limits["idempotencySeconds"]) == (10000, 600)
    assert limits["idempotencyKeyCharacters"] == 255

    def send(keys):
        connection = sender.connect()
        with connection.makefile("rb") as reader:
            for key in keys:
                connection.sendall(
                    f"POST /endpoints/sender/stop HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\n"
                    f"Idempotency-Key: {key}\r\n\r\n".encode())
                status = int(reader.readline().split()[1])
                length = 0
                while (line := reader.readline()) != b"\r\n":
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                reader.read(length)
                assert status == 200
        connection.close()

    send(range(number))
    full = daemon.resident_octets()
    began = time.monotonic()
    send(range(number, 3 * number))
    assert time.monotonic() - began < 60
    assert daemon.resident_octets() < full + (8 << 20)
    # The latest is known, and the first is not any more: with another body, one is refused and the other is new.
    late = sender.post("/endpoints/sender/start", headers={"Idempotency-Key": str(3 * number - 1)})
    assert late.status == 422
    assert sender.post("/endpoints/sender/start", headers={"Idempotency-Key": "0"}).status == 200
