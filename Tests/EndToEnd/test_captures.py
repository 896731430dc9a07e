"""The ring as a capture file: tshark opens it without a word, and reads what our JSON says."""

import datetime
import re
import struct
import subprocess

import pytest

import wire
from support import eventually, needs
from test_any_segment import COUNT, Generator, linked  # noqa: F401

FIELDS = [
    "frame.time_epoch", "frame.comment", "frame.packet_flags_direction", "frame.interface_name", "frame.drop_count",
    "frame.len", "frame.cap_len", "frame.protocols", "ip.version", "ip.hdr_len", "ip.dsfield.dscp", "ip.dsfield.ecn",
    "ip.len", "ip.id", "ip.flags.rb", "ip.flags.df", "ip.flags.mf", "ip.frag_offset", "ip.ttl", "ip.src", "ip.dst",
    "tcp.srcport", "tcp.dstport", "tcp.seq_raw", "tcp.ack_raw", "tcp.hdr_len", "tcp.flags", "tcp.window_size_value",
    "tcp.checksum", "tcp.urgent_pointer", "tcp.options"]


def download(api, path, query=""):
    """The export, saved; tshark must have nothing to say against it."""
    answer = api.get(f"/segments.pcapng?{query}", timeout=30)
    assert answer.status == 200 and answer.content_type == "application/x-pcapng", answer
    path.write_bytes(answer.content)
    # Of some generated multipath options tshark 4.0 says that its own dissector has a bug.
    opened = subprocess.run([needs("tshark"), "--disable-protocol", "mptcp", "-r", path], capture_output=True, text=True,
                            timeout=60)
    assert opened.returncode == 0 and not complaints(opened.stderr), opened.stderr
    return path


def complaints(text):
    return [line for line in text.splitlines() if "Running as user" not in line]


def seconds(timestamp):
    """An epoch with nanoseconds, as tshark writes it."""
    moment = datetime.datetime.strptime(timestamp[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=datetime.timezone.utc)
    return f"{int(moment.timestamp())}.{timestamp[20:-1]}"


def compare(segment, seen):
    """How many header fields tshark and our JSON have both, all of them alike."""
    number = lambda name: int(seen[name], 0)  # noqa: E731
    ip = segment["ip"]
    assert seen["frame.time_epoch"] == seconds(segment["timestamp"])
    assert seen["frame.comment"] == f"endpoint={segment['endpoint']} direction={segment['direction']}"
    assert number("frame.packet_flags_direction") == (1 if segment["direction"] == "received" else 2)
    assert number("frame.len") == number("frame.cap_len") == ip["totalLength"]
    pairs = [
        ("ip.version", 4), ("ip.hdr_len", ip["headerLength"]), ("ip.dsfield.dscp", ip["dscp"]),
        ("ip.dsfield.ecn", ip["ecn"]), ("ip.len", ip["totalLength"]), ("ip.id", ip["identification"]),
        ("ip.flags.rb", int(ip.get("reservedFlag", False))), ("ip.flags.df", int(ip["dontFragment"])),
        ("ip.flags.mf", int(ip["moreFragments"])), ("ip.ttl", ip["timeToLive"]),
        ("tcp.srcport", segment["sourcePort"]), ("tcp.dstport", segment["destinationPort"]),
        ("tcp.seq_raw", segment["sequenceNumber"]), ("tcp.ack_raw", segment["acknowledgmentNumber"]),
        ("tcp.hdr_len", 4 * segment["dataOffset"]),
        ("tcp.flags", segment["reservedBits"] << 8 | wire.flag_octet(segment["flags"])),
        ("tcp.window_size_value", segment["window"]), ("tcp.urgent_pointer", segment["urgentPointer"]),
        ("tcp.checksum", segment["checksum"]["value"] if segment["checksum"] else None)]
    compared = 0
    for name, value in pairs:
        # tshark stops where a header contradicts itself, and a later fragment has none.
        if seen[name] == "" and (segment["malformed"] or ip["fragmentOffset"] or ip["moreFragments"]
                                 or segment.get("truncate") is not None):
            continue
        assert int({"True": "1", "False": "0"}.get(seen[name], seen[name]), 0) == value, name
        compared += 1
    assert (seen["ip.src"], seen["ip.dst"]) == (ip["source"], ip["destination"])
    assert number("ip.frag_offset") in (ip["fragmentOffset"], 8 * ip["fragmentOffset"])
    return compared + 3


@pytest.mark.parametrize("side", ["sent", "received"])
def test_tshark_agrees_with_our_json_on_every_field(linked, tmp_path, side):  # noqa: F811
    _, _, sender, receiver = linked
    generator = Generator(20261123)
    asked = [generator.segment() for _ in range(COUNT)]
    api, endpoint = (sender, "sender") if side == "sent" else (receiver, "receiver")
    after = api.get("/segments?direction=any&limit=1").json["next"]
    before = receiver.counters("receiver")["segmentsReceived"]
    for start in range(0, COUNT, 500):
        sender.transmit("sender", [segment for segment, _ in asked[start:start + 500]])
    sent = list(sender.all_segments("sender", after, "sent")) if side == "sent" else []
    if side == "received":
        arriving = COUNT // 2
        eventually(lambda: receiver.counters("receiver")["segmentsReceived"] - before > arriving)
        # As many as there will be, when the last one has come.
        sender.transmit("sender", {"flags": ["SYN"], "payload": "the last one"})
        receiver.received("receiver", lambda segment: segment["payload"].get("text") == "the last one")
    listed = sent or list(receiver.all_segments("receiver", after))
    assert len(listed) >= (COUNT if side == "sent" else COUNT // 2)
    path = download(api, tmp_path / "export.pcapng", f"endpoint={endpoint}&direction={side}&after={after}")
    seen = wire.decoded(path, *FIELDS)
    assert len(seen) == len(listed)
    compared = 0
    for segment, read in zip(listed, seen, strict=True):
        try:
            compared += compare(segment, read)
        except AssertionError as error:
            raise AssertionError(f"{segment}\nis read as {read}\n{error}") from error
        assert read["frame.interface_name"] == "default"
    # Most segments have every field.
    assert compared > 18 * len(listed)


@pytest.fixture
def talk(api):
    """Some segments in both directions."""
    api.create(role="server", pace="0s", limit=30)
    api.create(role="client", rules=[], opening=[])
    api.transmit("client", [{"flags": ["SYN"], "window": number, "payload": "x" * number} for number in range(30)])
    eventually(lambda: len(api.segments("client", limit=100)) == 30)
    return api


@pytest.mark.parametrize("query", [
    "", "direction=any", "endpoint=server", "endpoint=server&direction=any", "direction=sent&endpoint=client",
    "limit=7", "direction=any&limit=10&after=20", "after=55&direction=any", "direction=any&filter=tcp[14:2]%20>%20100",
    "endpoint=server&filter=tcp[14:2]%20<%2012&limit=5", "filter=udp"])
def test_the_query_is_the_same(talk, tmp_path, query):
    limit = "" if "limit" in query else "&limit=10000"
    wanted = talk.get(f"/segments?{query}{limit}").json["segments"]
    path = download(talk, tmp_path / "export.pcapng", query)
    read = wire.decoded(path, "frame.time_epoch", "frame.comment", "ip.len")
    assert [(each["frame.time_epoch"], each["ip.len"]) for each in read] == [
        (seconds(each["timestamp"]), str(each["ip"]["totalLength"])) for each in wanted]
    assert len(wanted) == 0 if query == "filter=udp" else len(wanted) > 2


@pytest.mark.parametrize("query, status, place", [
    ("filter=host%20x", 422, "filter"), ("after=100000", 422, "after"), ("limit=0", 422, "limit"),
    ("direction=up", 422, "direction"), ("endpoint=nobody", 404, None), ("nothing=1", 422, "nothing"),
    ("instance=old", 422, "instance"), ("count=2", 422, "count")])
def test_a_bad_query_is_a_problem(api, query, status, place):
    answer = api.get(f"/segments.pcapng?{query}")
    assert answer.status == status and answer.pointers == ([place] if place else []), answer
    assert api.get("/segments.pcapng", headers={"Accept": "application/json"}).status == 406


def test_a_cursor_that_is_gone_is_410(start_daemon, tmp_path):
    api = start_daemon("--ring-segments", "50").api
    api.create(role="server", rules=[])
    api.create(role="client", rules=[], opening=[])
    api.transmit("client", {"flags": ["SYN"], "repeat": {"count": 100}})
    eventually(lambda: api.counters("server")["segmentsReceived"] == 100)
    answer = api.get("/segments.pcapng?after=0")
    assert answer.status == 410 and answer.json["oldest"] > 100, answer
    read = wire.decoded(download(api, tmp_path / "export.pcapng", "direction=any"), "frame.number")
    assert len(read) == 50


def test_it_waits_like_any_other_read(namespace, talk, tmp_path):
    after = talk.get("/segments?direction=any&limit=1").json["next"]
    waiting = namespace.start(
        needs("curl"), "-sS", "-o", tmp_path / "waited.pcapng", "-OJ",
        f"http://127.0.0.1:8080/segments.pcapng?endpoint=server&after={after}&wait=8s&count=3", cwd=tmp_path)
    talk.transmit("client", [{"window": 1}, {"window": 2}])
    assert waiting.poll() is None
    talk.transmit("client", {"window": 3})
    assert waiting.wait(timeout=10) == 0
    assert [each["tcp.window_size_value"] for each in wire.decoded(tmp_path / "waited.pcapng", "tcp.window_size_value")
            ] == ["1", "2", "3"]


def test_a_file_that_follows_is_read_while_it_is_written(namespace, talk):
    """By tshark, from a pipe, as Wireshark reads it."""
    after = talk.get("/segments?direction=any&limit=1").json["next"]
    source = f"http://127.0.0.1:8080/segments.pcapng?follow=true&endpoint=server&after={after}&filter=tcp[14:2]>=40"
    reading = namespace.start(
        "sh", "-c",
        f"{needs('curl')} -gsN '{source}' | {needs('tshark')} -l -n -i - -T fields -e tcp.window_size_value",
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    for window in range(40, 45):
        talk.transmit("client", [{"window": window}, {"window": 1}])
        # Each is read before the next is sent, so that no file which ends has them all.
        assert reading.stdout.readline().strip() == str(window)
    talk.remove("server")
    assert reading.stdout.read() == "" and reading.wait(timeout=10) == 0


def test_losses_are_in_the_file(start_daemon, tmp_path):
    """A tiny receive buffer and a flood: what the kernel dropped is told at its place and in the end."""
    daemon = start_daemon("--receive-buffer", "4096")
    api = daemon.api
    api.create(role="server", rules=[])
    after = api.get("/segments?direction=any").json["next"]
    with daemon.namespace.raw_socket() as raw:
        datagram = wire_datagram(1200)
        for _ in range(4000):
            raw.sendto(datagram, ("127.0.0.1", 0))
    drops = eventually(lambda: (found := api.counters("server")) and found["kernelDrops"] and found)
    assert drops["segmentsReceived"] + drops["kernelDrops"] >= 4000
    page = api.get(f"/segments?endpoint=server&after={after}&limit=10000").json
    path = download(api, tmp_path / "lossy.pcapng", f"endpoint=server&after={after}")
    read = wire.decoded(path, "frame.drop_count")
    assert len(read) == len(page["segments"])
    told = sum(int(each["frame.drop_count"] or "0") for each in read)
    assert 0 < told <= page["lost"]["kernel"]
    octets = path.read_bytes()
    assert f"lost: kernel={page['lost']['kernel']} ring=0".encode() in octets[-120:]


def wire_datagram(length):
    segment = struct.pack("!HHIIBBHHH", 50001, 50000, 1, 0, 0x50, 2, 100, 0, 0) + b"x" * length
    checksum = wire.tcp_checksum("127.0.0.1", "127.0.0.1", segment)
    segment = segment[:16] + struct.pack("!H", checksum) + segment[18:]
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(segment), 1, 0x4000, 64, 6, 0)
    return header + wire.address("127.0.0.1") * 2 + segment


def test_a_large_file_is_not_built_in_memory(start_daemon, tmp_path):
    daemon = start_daemon("--ring-octets", 512 << 20)
    api = daemon.api
    api.create(role="server", rules=[])
    api.create(role="client", rules=[], opening=[])
    segment = {"payload": {"length": 40000, "random": 1}, "repeat": {"count": 3000, "rate": "3000/s", "record": 3000}}
    assert api.post("/endpoints/client/segments?wait=20s", segment, timeout=30).json["sent"] == 3000
    before = daemon.resident_octets()
    with api.connect() as connection:
        connection.sendall(b"GET /segments.pcapng?direction=sent HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n")
        total, peak = 0, before
        while True:
            part = connection.recv(1 << 20)
            total += len(part)
            peak = max(peak, daemon.resident_octets())
            if part.endswith(b"0\r\n\r\n") or not part:
                break
        assert total > 3000 * 40000
        assert peak - before < 16 << 20
    # A reader that stops in the middle is nobody's concern.
    with api.connect() as connection:
        connection.sendall(b"GET /segments.pcapng?direction=sent HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n")
        connection.recv(1000)
        assert api.get("/healthz").seconds < 1


def test_an_export_can_be_sent_again(talk, tmp_path):
    path = download(talk, tmp_path / "export.pcapng", "direction=any&endpoint=client")
    original = talk.segments("server", limit=100)
    after = talk.get("/segments?endpoint=server").json["next"]
    answer = talk.post("/endpoints/client/segments?wait=10s&speed=max", path.read_bytes(),
                       headers={"Content-Type": "application/x-pcapng"})
    assert answer.status == 200 and answer.json["sent"] == 30, answer
    assert answer.json["replay"]["skipped"] == {"otherSide": 30}
    again = eventually(lambda: len(found := talk.segments("server", limit=100, after=after)) == 30 and found)
    for one, other in zip(original, again, strict=True):
        assert {name: value for name, value in one.items() if name not in ("id", "timestamp")} == {
            name: value for name, value in other.items() if name not in ("id", "timestamp")}


def test_curl_saves_it_under_a_name(namespace, talk, tmp_path):
    done = namespace.run(needs("curl"), "-sS", "-OJ", "http://127.0.0.1:8080/segments.pcapng", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert re.match(rb"\x0a\x0d\x0d\x0a", (tmp_path / "segments.pcapng").read_bytes())
