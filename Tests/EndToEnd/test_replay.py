"""Capture files are sent again: what arrives is what was captured, octet for octet, except for what is mapped."""

import socket
import struct
import subprocess
import time

import pytest

from support import eventually, needs
from wire import address, capture, datagrams, finish, internet_checksum, tcp_checksum

PCAP = {"Content-Type": "application/vnd.tcpdump.pcap"}
PCAPNG = {"Content-Type": "application/x-pcapng"}
CLIENT, SERVER = ("10.9.0.1", 33000), ("10.9.0.2", 80)


def datagram(source=CLIENT, destination=SERVER, flags=2, sequence=1, payload=b"", identification=7, fragment=0x4000,
             protocol=6, options=b""):
    """A datagram with right checksums, made from nothing of the daemon's."""
    segment = struct.pack(
        "!HHIIBBHHH", source[1], destination[1], sequence, 9, (5 + len(options) // 4) << 4, flags, 512, 0, 0)
    segment += options + payload
    segment = segment[:16] + struct.pack("!H", tcp_checksum(source[0], destination[0], segment)) + segment[18:]
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(segment), identification, fragment, 61, protocol, 0)
    header += address(source[0]) + address(destination[0])
    return header[:10] + struct.pack("!H", internet_checksum(header)) + header[12:] + segment


def mapped(original, source, destination):
    """The same datagram between others, with its checksums worked out anew."""
    start = (original[0] & 15) * 4
    header = original[:10] + b"\0\0" + address(source[0]) + address(destination[0]) + original[20:start]
    header = header[:10] + struct.pack("!H", internet_checksum(header)) + header[12:]
    length = struct.unpack_from("!H", original, 2)[0]
    segment = struct.pack("!HH", source[1], destination[1]) + original[start + 4:length]
    checksum = struct.pack("!H", tcp_checksum(source[0], destination[0], segment))
    return header + segment[:16] + checksum + segment[18:]


def pcap(packets, link=228, order="<", nanoseconds=False, snap=None):
    """A pcap file of (seconds, packet)."""
    file = struct.pack(order + "IHHIIII", 0xA1B23C4D if nanoseconds else 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)
    for seconds, packet in packets:
        fraction = round(seconds % 1 * (1e9 if nanoseconds else 1e6))
        kept = packet[:snap]
        file += struct.pack(order + "IIII", int(seconds), fraction, len(kept), len(packet)) + kept
    return file


def replay(api, file, headers=PCAP, endpoint="client", **query):
    query = "".join(f"&{'from' if name == 'side' else name}={value}" for name, value in query.items())
    return api.post(f"/endpoints/{endpoint}/segments?wait=20s{query}", file, headers=headers, timeout=25)


def received(api, endpoint, count, after=0):
    """The octets of what an endpoint received."""
    found = eventually(
        lambda: len(found := api.segments(endpoint, after=after, limit=10000)) >= count and found)
    return [bytes.fromhex(api.get(f"/segments/{segment['id']}").json["octets"]) for segment in found]


@pytest.fixture
def pair(api):
    """A client and a server on other ports than the capture's, which answer nothing."""
    api.create(role="server", rules=[])
    api.create(role="client", rules=[], opening=[])
    return ("127.0.0.1", 50001), ("127.0.0.1", 50000)


@pytest.fixture
def http_exchange(namespace, tmp_path):
    """A capture by tcpdump of a real download, and the ends of its connection."""
    (tmp_path / "page").write_bytes(bytes(range(256)) * 1000)
    server = namespace.start("python3", "-m", "http.server", "--bind", "127.0.0.2", "8000", cwd=tmp_path,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def fetch(path, *options):
        dump = capture(namespace, options[0] if options else "lo", "tcp port 8000", path, 262144)
        with namespace.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:
            connection.bind(("127.0.0.3", 0))
            client = connection.getsockname()
            connection.connect(("127.0.0.2", 8000))
            connection.sendall(b"GET /page HTTP/1.0\r\nUser-Agent: one\r\n")
            time.sleep(0.3)  # A gap that the replay must keep.
            connection.sendall(b"\r\n")
            while connection.recv(65536):
                pass
        return finish(dump, path, 12), client, ("127.0.0.2", 8000)

    def connected():
        with namespace.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            return probe.connect_ex(("127.0.0.2", 8000)) == 0

    eventually(connected)
    yield fetch
    server.terminate()
    server.wait(timeout=10)


@pytest.mark.parametrize("side", ["client", "server"])
@pytest.mark.parametrize("form", ["pcap", "pcapng", "any"])
def test_a_real_http_exchange_arrives_octet_for_octet(api, pair, http_exchange, tmp_path, side, form):
    path = tmp_path / "http.pcap"
    _, client, server = http_exchange(path, "any" if form == "any" else "lo")
    file = path.read_bytes()
    captured = [packet for packet in datagrams(tmp_path / "http.pcap")]
    if form == "any":
        # Each packet is seen leaving and arriving.
        captured = captured[::2] if captured[0] == captured[1] else captured
        subprocess.run([needs("editcap"), "-F", "pcap", "-d", path, tmp_path / "once.pcap"], check=True,
                       capture_output=True)
        file = (tmp_path / "once.pcap").read_bytes()
    if form == "pcapng":
        subprocess.run([needs("editcap"), "-F", "pcapng", path, tmp_path / "http.pcapng"], check=True)
        file = (tmp_path / "http.pcapng").read_bytes()
    who, other = (client, server) if side == "client" else (server, client)
    ours = [packet for packet in captured if packet[12:16] == address(who[0])]
    assert 4 <= len(ours) < len(captured)
    sender, receiver = ("client", "server") if side == "client" else ("server", "client")
    source, destination = pair if side == "client" else pair[::-1]
    # The type may say one format and the file be the other.
    answer = replay(api, file, PCAPNG if form == "pcap" else PCAP, endpoint=sender, side=side)
    assert answer.status == 200 and answer.json["outcomes"] == {"sent": len(ours)}, answer
    assert answer.json["replay"] == {
        "packets": len(captured), "segments": len(ours), "skipped": {"otherSide": len(captured) - len(ours)},
        "renumbered": 0, "played": "%s:%d" % who, "peer": "%s:%d" % other}
    assert received(api, receiver, len(ours)) == [mapped(packet, source, destination) for packet in ours]


def test_the_timing_is_kept(api, pair, http_exchange, tmp_path):
    captured, client, _ = http_exchange(tmp_path / "http.pcap")
    file = (tmp_path / "http.pcap").read_bytes()
    count = len([packet for packet in captured if packet[12:16] == address(client[0])])

    def gaps(**query):
        after = api.get("/segments?direction=any&limit=1").json["next"]
        answer = replay(api, file, **query)
        assert answer.status == 200 and answer.json["sent"] == count, answer
        times = [segment["timestamp"] for segment in api.segments("client", direction="sent", after=after)]
        seconds = [int(text[17:19]) + float("0" + text[19:-1]) for text in times]
        return max((later - earlier) % 60 for earlier, later in zip(seconds, seconds[1:])), answer.json["lateness"]

    kept, lateness = gaps()
    assert 0.29 < kept < 0.6 and lateness
    assert 0.14 < gaps(speed=2)[0] < kept
    assert 0.58 < gaps(speed="0.5")[0]
    for fastest in ("0", "max"):
        gap, lateness = gaps(speed=fastest)
        assert gap < 0.1 and lateness is None


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("nanoseconds", [False, True])
def test_files_of_either_byte_order_and_clock(api, pair, order, nanoseconds):
    packets = [
        (1000.5 + number / 100, datagram(sequence=number, payload=bytes([number]) * number, options=b"\2\4\5\xb4"))
        for number in range(20)]
    answer = replay(api, pcap(packets, order=order, nanoseconds=nanoseconds))
    assert answer.json["sent"] == 20, answer
    assert received(api, "server", 20) == [mapped(packet, *pair) for _, packet in packets]


@pytest.mark.parametrize("link, header", [
    (1, b"\1" * 12 + b"\x08\0"), (1, b"\1" * 12 + b"\x81\0\0\5\x08\0"), (101, b""), (0, b"\2\0\0\0"), (0, b"\0\0\0\2"),
    (113, b"\0" * 14 + b"\x08\0"), (276, b"\x08\0" + b"\0" * 18), (228, b"")])
def test_every_link_layer(api, pair, link, header):
    packets = [(number, header + datagram(sequence=number) + bytes(6 if link == 1 else 0)) for number in range(3)]
    answer = replay(api, pcap(packets, link=link), speed="max")
    assert answer.json["sent"] == 3, answer
    assert received(api, "server", 3) == [mapped(datagram(sequence=number), *pair) for number in range(3)]


def test_what_is_not_sent_is_counted(api, pair):
    other = bytearray(datagram())
    other[0] = 0x42
    packets = [
        datagram(), datagram(SERVER, CLIENT, 0x12), datagram(SERVER, CLIENT, 0x10), datagram(protocol=17),
        datagram(fragment=0x2000), datagram(fragment=0x0005), datagram(payload=b"x" * 100), bytes(other), b"\x60" * 40,
        datagram(flags=0x10, identification=0, fragment=0), datagram(flags=0x18, payload=b"last")]
    file = pcap([(number, packet) for number, packet in enumerate(packets)], snap=60)
    answer = replay(api, file, speed="max", filter="not%20tcp%5B13%5D%20%3D%20255")
    assert answer.status == 200, answer
    assert answer.json["replay"] == {
        "packets": 11, "segments": 3, "renumbered": 1, "played": "10.9.0.1:33000", "peer": "10.9.0.2:80",
        "skipped": {"otherSide": 2, "notTCP": 1, "fragment": 2, "cut": 1, "malformed": 2}}
    assert api.get(f"/transmissions/{answer.json['id']}").json["replay"] == answer.json["replay"]
    arrived = received(api, "server", 3)
    assert arrived[0] == mapped(packets[0], *pair) and arrived[2] == mapped(packets[10], *pair)
    assert arrived[1][4:6] != b"\0\0"
    answer = replay(api, file, speed="max", filter="tcp%5B13%5D%20%3D%2024")
    assert answer.json["replay"]["segments"] == 1 and answer.json["replay"]["skipped"]["filtered"] == 4


def test_the_side_is_who_opened_the_connection(api, pair):
    late = [datagram(SERVER, CLIENT, 0x12), datagram(flags=0x10)]
    nothing_opened = [datagram(SERVER, CLIENT, 0x10), datagram(flags=0x10)]
    for packets, side, who in (
            (late, "client", CLIENT), (late, "server", SERVER), (nothing_opened, "client", SERVER),
            (nothing_opened, "server", CLIENT), (late, "10.9.0.2", SERVER), (late, "10.9.0.1:33000", CLIENT)):
        answer = replay(api, pcap(list(enumerate(packets))), speed="max", side=side)
        assert answer.status == 200 and answer.json["replay"]["played"] == "%s:%d" % who, answer
        assert answer.json["sent"] == 1
    answer = replay(api, pcap(list(enumerate(late))), side="10.9.0.3")
    assert answer.status == 422 and "otherSide 2" in answer.json["detail"], answer


def test_both_sides_and_addresses_as_captured_take_spoofing(start_daemon):
    five, six = ("127.0.0.5", 5555), ("127.0.0.6", 6666)
    packets = [datagram(five, six), datagram(six, five, 0x12)]
    file = pcap(list(enumerate(packets)))
    api = start_daemon().api
    api.create(role="client", rules=[], opening=[], remote={"address": "127.0.0.9"})
    api.create(role="server", rules=[], remote=None)
    assert replay(api, file, side="both").status == 403
    answer = replay(api, file, rewrite="none")
    assert answer.status == 403 and answer.pointers == ["/0/ip/source"], answer
    api.create(role="client", id="five", local={"address": "127.0.0.5", "port": 5555}, rules=[], opening=[],
               remote={"address": "127.0.0.6", "port": 6666})
    api.create(role="server", id="six", local={"address": "127.0.0.6", "port": 6666}, rules=[], remote=None)
    answer = replay(api, file, endpoint="five", rewrite="none")
    assert answer.status == 200 and answer.json["sent"] == 1, answer
    assert received(api, "six", 1) == [mapped(packets[0], five, six)]
    # One without a remote can send what is captured, but can not become a side of it.
    answer = replay(api, file, endpoint="six")
    assert answer.status == 422 and "no remote" in answer.json["detail"], answer


def test_both_sides_with_spoofing(start_daemon):
    api = start_daemon("--allow-spoofing").api
    api.create(role="server", rules=[])
    api.create(role="client", rules=[], opening=[])
    packets = [datagram(), datagram(SERVER, CLIENT, 0x12), datagram(flags=0x10)]
    answer = replay(api, pcap(list(enumerate(packets))), side="both", speed="max")
    assert answer.status == 200 and answer.json["sent"] == 3, answer
    client, server = ("127.0.0.1", 50001), ("127.0.0.1", 50000)
    assert received(api, "server", 2) == [mapped(packets[0], client, server), mapped(packets[2], client, server)]
    assert received(api, "client", 1) == [mapped(packets[1], server, client)]


def test_several_connections_are_not_made_one(api, pair):
    packets = [datagram((CLIENT[0], port)) for port in range(1000, 1006)]
    file = pcap(list(enumerate(packets)))
    answer = replay(api, file)
    assert answer.status == 422 and answer.pointers == [""], answer
    assert "10.9.0.1:1000 and 10.9.0.2:80" in answer.json["detail"] and "filter=" in answer.json["detail"]
    answer = replay(api, file, filter="port%201003", speed="max")
    assert answer.json["replay"]["skipped"] == {"filtered": 5} and answer.json["sent"] == 1, answer


def test_nothing_is_sent_to_validate(api, pair):
    packets = [datagram(sequence=number) for number in range(3)]
    answer = api.post("/endpoints/client/segments?validate=true", pcap(list(enumerate(packets))), headers=PCAP)
    assert answer.status == 200, answer
    octets = [bytes.fromhex(segment["octets"]) for segment in answer.json["segments"]]
    assert octets == [mapped(packet, *pair) for packet in packets]
    assert api.get("/transmissions").json["transmissions"] == []


@pytest.mark.parametrize("file, message", [
    (b"", "neither a pcap nor a pcapng"), (b"{}", "neither a pcap nor a pcapng"),
    (b"\xd4\xc3\xb2\xa1", "octet 0: the file ends inside the file's header"),
    (pcap([(0, datagram())])[:-1], "octet 24: the file ends inside a packet"), (pcap([]), "of 0 packets"),
    (pcap([(0, datagram())], link=127), "link type 127"), (pcap([(0, datagram(protocol=17))]), "notTCP 1"),
    (pcap([(0, datagram())] * 10001), "has 10001 segments to send, may have 10000"),
    (pcap([(0, b"")] * 100001), "more than 100000 packets")])
def test_what_is_no_capture_says_why(api, pair, file, message):
    answer = replay(api, file)
    assert answer.status == 422 and answer.pointers == [""] and message in answer.json["detail"], answer


@pytest.mark.parametrize("query, parameter", [
    ("speed=fast", "speed"), ("speed=-1", "speed"), ("speed=1e9", "speed"), ("speed=2000000", "speed"),
    ("from=me", "from"),
    ("from=10.0.0.1:70000", "from"), ("rewrite=all", "rewrite"), ("filter=host%20x", "filter"), ("spede=1", "spede")])
def test_parameters_are_checked(api, pair, query, parameter):
    answer = api.post(f"/endpoints/client/segments?{query}", pcap([(0, datagram())]), headers=PCAP)
    assert answer.status == 422 and answer.pointers == [parameter], answer
    # They are a capture file's alone.
    answer = api.post(f"/endpoints/client/segments?{query}", {"flags": ["SYN"]})
    assert answer.status == 422 and answer.pointers == [parameter], answer


def test_a_replay_is_cancelled(api, pair):
    file = pcap([(number * 1000, datagram(sequence=number)) for number in range(3)])
    answer = api.post("/endpoints/client/segments", file, headers=PCAP)
    assert answer.status == 202 and answer.json["requested"] == 3, answer
    received(api, "server", 1)
    ended = api.delete(f"/transmissions/{answer.json['id']}").json
    assert (ended["state"], ended["sent"]) == ("cancelled", 1)
