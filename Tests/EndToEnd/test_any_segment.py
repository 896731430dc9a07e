"""Segments of every kind: what was asked for is on the wire, as tshark and scapy read it, and is what a receiver reports."""

import base64
import hashlib
import random
import socket
import struct

import pytest
from scapy.layers.inet import IP, TCP

import wire
from support import Daemon, Namespace, eventually

COUNT = 2000
LEFT, RIGHT = "10.99.0.1", "10.99.0.2"


@pytest.fixture(scope="module")
def linked(tmp_path_factory):
    """Two namespaces joined by a veth pair, a daemon in each: one sends, the other receives."""
    left, right = Namespace(), Namespace()
    try:
        left.run("ip", "link", "add", "left", "type", "veth", "peer", "name", "right", "netns",
                 right.path.split("/")[2], check=True)
        for namespace, device, own in ((left, "left", LEFT), (right, "right", RIGHT)):
            namespace.run("ip", "address", "add", f"{own}/24", "dev", device, check=True)
            namespace.run("ip", "link", "set", device, "up", check=True)
        daemons = [Daemon(namespace, tmp_path_factory.mktemp(name), "--allow-egress", "10.99.0.0/24",
                          "--ring-octets", 256 << 20)
                   for namespace, name in ((left, "left"), (right, "right"))]
        daemons[0].api.create(
            id="sender", role="client", local={"address": LEFT}, remote={"address": RIGHT}, rules=[], opening=[])
        daemons[1].api.create(id="receiver", role="server", local={"address": RIGHT}, remote=None, rules=[])
        # So that no neighbour discovery stands before the first segment.
        left.run("ping", "-c", "1", "-W", "2", RIGHT)
        yield left, right, daemons[0].api, daemons[1].api
        for daemon in daemons:
            daemon.stop()
    finally:
        left.close()
        right.close()


class Generator:
    """Segments from a seed, each with the datagram that it should be."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def number(self, bits):
        some = self.random
        return some.choice([0, 1, (1 << bits) - 1, some.getrandbits(bits), some.getrandbits(bits)])

    def hex(self, most, least=0):
        return self.random.randbytes(self.random.randint(least, most)).hex()

    def option(self):
        some = self.random
        return some.choice([
            lambda: {"kind": "noOperation"}, lambda: {"kind": "endOfOptionList"}, lambda: {"kind": "sackPermitted"},
            lambda: {"kind": "maximumSegmentSize", "value": self.number(16)},
            lambda: {"kind": "windowScale", "shift": self.number(8)},
            lambda: {"kind": "timestamps", "value": self.number(32), "echoReply": self.number(32)},
            lambda: {"kind": "sack", "blocks": [
                {"leftEdge": self.number(32), "rightEdge": self.number(32)} for _ in range(some.randint(0, 4))]},
            lambda: {"kind": "fastOpenCookie", "cookie": self.hex(16)},
            lambda: {"kind": "md5Signature", "digest": self.hex(16, 16)},
            lambda: {"kind": "authentication", "keyID": self.number(8), "nextKeyID": self.number(8),
                     "code": self.hex(16)},
            lambda: {"kind": "multipath", "data": self.hex(20)},
            lambda: {"kind": self.number(8), "data": self.hex(8)},
            lambda: {"kind": some.randint(2, 255), "length": self.number(8), "data": self.hex(8)},
            lambda: {"kind": some.randint(2, 255), "withoutLength": True},
        ])()

    def options(self):
        options = []
        for _ in range(self.random.choice([0, 0, 1, 2, 4])):
            options.append(self.option())
            if sum(len(wire.option_octets(each)) for each in options) > 40:
                return options[:-1]
        return options

    def payload(self):
        """A form, and its octets; `None` for octets that only have a length."""
        some = self.random
        octets = some.randbytes(some.choice([0, 1, 2, 7, 64, 536, 1361]))
        text = "".join(some.choice("Hello, wörld €") for _ in range(some.randint(0, 30)))
        return some.choice([
            (None, b""), (text, text.encode()), ({"text": text}, text.encode()), ({"hex": octets.hex()}, octets),
            ({"base64": base64.b64encode(octets).decode()}, octets),
            ({"length": len(octets), "random": some.randint(0, 9)}, len(octets)),
        ])

    def internet_header(self):
        some = self.random
        header = {}
        for name, value in (
                ("timeToLive", some.choice([0, 1, 64, 255, some.randint(0, 255)])), ("dscp", some.randint(0, 63)),
                ("ecn", some.randint(0, 3)), ("identification", some.randint(1, 65535)),
                ("dontFragment", some.random() < 0.5), ("reservedFlag", some.random() < 0.3),
                ("moreFragments", some.random() < 0.1), ("fragmentOffset", some.choice([0, 0, 0, 0, 0, 1, 8191])),
                ("options", some.choice([None, "94040000", "01010101", "88040102" + "01010100", "94040000" * 10,
                                         "0a0bffff"])),
                ("source", LEFT), ("destination", RIGHT)):
            if some.random() < 0.4:
                header[name] = value
        return header

    def segment(self):
        """What to ask for, and what should leave."""
        some = self.random
        segment = {}
        for name, value in (
                ("sourcePort", self.number(16)), ("destinationPort", some.choice([50000] * 8 + [0, 65535])),
                ("sequenceNumber", self.number(32)), ("acknowledgmentNumber", self.number(32)),
                ("flags", [name for name in wire.FLAGS if some.random() < 0.4]), ("window", self.number(16)),
                ("urgentPointer", self.number(16)), ("reservedBits", some.randint(0, 15))):
            if some.random() < 0.6:
                segment[name] = value
        if some.random() < 0.2:
            segment["dataOffset"] = some.randint(0, 15)
        if some.random() < 0.3:
            segment["checksum"] = some.choice(["incorrect", self.number(16), f"0x{self.number(16):x}", None,
                                               {"value": self.number(16)}])
        if options := self.options():
            segment["options"] = options
        payload, octets = self.payload()
        if payload is not None:
            segment["payload"] = payload
        if some.random() < 0.6:
            segment["ip"] = self.internet_header()
        if some.random() < 0.1:
            segment["truncate"] = some.choice([0, 1, 3, 4, 12, 13, 16, 17, 18, 19, 20, 21, 44, 65515])
        return segment, octets


def expected(segment, octets, datagram):
    """The datagram that should have left, as octets. From the captured one come only what the request leaves open: the
    octets of a random payload, the identification, and the value of a checksum that is to be wrong."""
    ip = segment.get("ip", {})
    found = wire.Wire(datagram)
    options = wire.options_octets(segment.get("options", []))
    if isinstance(octets, int):
        start = 20 + len(options)
        octets = found.segment[start:start + octets].ljust(octets, b"\0")
    offset = segment.get("dataOffset")
    checksum = segment.get("checksum")
    if isinstance(checksum, dict):
        checksum = checksum["value"]
    if isinstance(checksum, str) and checksum != "incorrect":
        checksum = int(checksum, 16)
    whole = struct.pack(
        "!HHIIBBHHH", segment.get("sourcePort", 50001), segment.get("destinationPort", 50000),
        segment.get("sequenceNumber", 0), segment.get("acknowledgmentNumber", 0),
        ((20 + len(options)) // 4 if offset is None else offset) << 4 | segment.get("reservedBits", 0),
        wire.flag_octet(segment.get("flags", [])), segment.get("window", 64240),
        checksum if isinstance(checksum, int) else 0, segment.get("urgentPointer", 0)) + options + octets
    whole = whole[:segment.get("truncate", len(whole))]
    if not isinstance(checksum, int) and len(whole) >= 18:
        right = wire.tcp_checksum(LEFT, RIGHT, whole)
        if checksum == "incorrect":
            value = struct.unpack_from("!H", found.segment, 16)[0]
            assert value != right and {value, right} != {0, 0xFFFF}
        else:
            value = right
        whole = whole[:16] + struct.pack("!H", value) + whole[18:]
    fragments = ip.get("dontFragment", True)
    identification = ip.get("identification")
    if identification is None:
        identification = 0 if fragments else found.identification
        assert fragments or identification != 0
    internet_options = bytes.fromhex(ip.get("options") or "")
    length = 20 + len(internet_options)
    header = struct.pack(
        "!BBHHHBBH4s4s", 4 << 4 | length // 4, ip.get("dscp", 0) << 2 | ip.get("ecn", 0), length + len(whole),
        identification, ip.get("reservedFlag", False) << 15 | fragments << 14 | ip.get("moreFragments", False) << 13
        | ip.get("fragmentOffset", 0), ip.get("timeToLive", 64), 6, 0, wire.address(LEFT), wire.address(RIGHT))
    header += internet_options
    header = header[:10] + struct.pack("!H", wire.internet_checksum(header)) + header[12:]
    return header + whole


def is_fragment(segment):
    ip = segment.get("ip", {})
    return ip.get("moreFragments", False) or ip.get("fragmentOffset", 0) != 0


def reaches_a_socket(segment, datagram):
    """Whether a raw socket of the receiver's gets it: the kernel keeps fragments to itself, and the filter needs the port."""
    return (not is_fragment(segment) and segment.get("destinationPort", 50000) == 50000
            and len(wire.Wire(datagram).segment) >= 4
            and segment.get("ip", {}).get("options") != "0a0bffff")


TSHARK = [
    "ip.version", "ip.hdr_len", "ip.dsfield.dscp", "ip.dsfield.ecn", "ip.len", "ip.id", "ip.flags.rb", "ip.flags.df",
    "ip.flags.mf", "ip.frag_offset", "ip.ttl", "ip.checksum.status", "ip.src", "ip.dst", "tcp.srcport", "tcp.dstport",
    "tcp.seq_raw", "tcp.ack_raw", "tcp.hdr_len", "tcp.flags", "tcp.window_size_value", "tcp.checksum",
    "tcp.checksum.status", "tcp.urgent_pointer", "tcp.options"]


def check_tshark(segment, datagram, seen):
    """tshark's reading, against what was asked for."""
    ip = segment.get("ip", {})
    number = lambda name: int(seen[name], 0)  # noqa: E731
    boolean = lambda name: seen[name] in ("1", "True")  # noqa: E731
    assert number("ip.ttl") == ip.get("timeToLive", 64)
    assert number("ip.dsfield.dscp") == ip.get("dscp", 0)
    assert number("ip.dsfield.ecn") == ip.get("ecn", 0)
    assert number("ip.len") == len(datagram)
    assert boolean("ip.flags.rb") == ip.get("reservedFlag", False)
    assert boolean("ip.flags.df") == ip.get("dontFragment", True)
    assert boolean("ip.flags.mf") == ip.get("moreFragments", False)
    assert number("ip.frag_offset") in (ip.get("fragmentOffset", 0), ip.get("fragmentOffset", 0) * 8)
    assert seen["ip.checksum.status"] in ("1", "Good")
    assert (seen["ip.src"], seen["ip.dst"]) == (LEFT, RIGHT)
    if "identification" in ip:
        assert number("ip.id") == ip["identification"]
    if ip.get("fragmentOffset", 0) or len(wire.Wire(datagram).segment) < 20:
        return
    assert number("tcp.srcport") == segment.get("sourcePort", 50001)
    assert number("tcp.dstport") == segment.get("destinationPort", 50000)
    assert number("tcp.seq_raw") == segment.get("sequenceNumber", 0)
    assert number("tcp.hdr_len") == 4 * (wire.Wire(datagram).segment[12] >> 4)
    if segment.get("dataOffset") is not None:
        assert number("tcp.hdr_len") == 4 * segment["dataOffset"]
        if segment["dataOffset"] < 5:
            return
    assert number("tcp.ack_raw") == segment.get("acknowledgmentNumber", 0)
    assert number("tcp.flags") == segment.get("reservedBits", 0) << 8 | wire.flag_octet(segment.get("flags", []))
    assert number("tcp.window_size_value") == segment.get("window", 64240)
    if 4 * (wire.Wire(datagram).segment[12] >> 4) > len(wire.Wire(datagram).segment) or is_fragment(segment):
        return
    assert number("tcp.urgent_pointer") == segment.get("urgentPointer", 0)
    checksum = segment.get("checksum")
    if checksum is None or checksum == "incorrect":
        assert seen["tcp.checksum.status"] in (("0", "Bad") if checksum else ("1", "Good"))
    else:
        value = checksum["value"] if isinstance(checksum, dict) else checksum
        assert number("tcp.checksum") == (int(value, 16) if isinstance(value, str) else value)
    if segment.get("options") and segment.get("dataOffset") is None and "truncate" not in segment:
        assert seen["tcp.options"].replace(":", "") == wire.options_octets(segment["options"]).hex()


def check_scapy(segment, datagram):
    """scapy's reading, against what was asked for."""
    ip = segment.get("ip", {})
    read = IP(datagram)
    assert (read.version, read.ttl, read.tos, read.len, read.proto) == (
        4, ip.get("timeToLive", 64), ip.get("dscp", 0) << 2 | ip.get("ecn", 0), len(datagram), 6)
    assert (read.src, read.dst) == (LEFT, RIGHT)
    assert int(read.flags) == (ip.get("reservedFlag", False) << 2 | ip.get("dontFragment", True) << 1
                               | ip.get("moreFragments", False))
    assert read.frag == ip.get("fragmentOffset", 0)
    if TCP not in read or len(wire.Wire(datagram).segment) < 20:
        return
    tcp = read[TCP]
    assert (tcp.sport, tcp.dport, tcp.seq, tcp.ack, tcp.window, tcp.urgptr) == (
        segment.get("sourcePort", 50001), segment.get("destinationPort", 50000), segment.get("sequenceNumber", 0),
        segment.get("acknowledgmentNumber", 0), segment.get("window", 64240), segment.get("urgentPointer", 0))
    # Of the reserved bits, scapy counts the last one among the flags.
    assert tcp.reserved << 9 | int(tcp.flags) == (
        segment.get("reservedBits", 0) << 8 | wire.flag_octet(segment.get("flags", [])))


def check_report(datagram, reported, segment):
    """What the receiving endpoint reports, against the octets that tcpdump kept."""
    found = wire.Wire(datagram)
    assert reported["octets"] == datagram.hex()
    ip = reported["ip"]
    assert (ip["source"], ip["destination"], ip["headerLength"], ip["totalLength"]) == (
        LEFT, RIGHT, found.header_length, len(datagram))
    assert (ip["timeToLive"], ip["dscp"] << 2 | ip["ecn"], ip["identification"]) == (
        datagram[8], datagram[1], found.identification)
    assert (ip["dontFragment"], ip.get("reservedFlag", False)) == (bool(datagram[6] & 0x40), bool(datagram[6] & 0x80))
    assert ip["options"] == (datagram[20:found.header_length].hex() or None)
    octets = found.segment
    if len(octets) < 20:
        assert reported["truncate"] == len(octets)
        assert reported["malformed"] == ["segmentTruncated"]
        return
    source, destination, sequence, acknowledgment, offset, flags, window, checksum, urgent = struct.unpack_from(
        "!HHIIBBHHH", octets)
    assert (reported["sourcePort"], reported["destinationPort"], reported["sequenceNumber"],
            reported["acknowledgmentNumber"], reported["dataOffset"], reported["reservedBits"], reported["window"],
            reported["urgentPointer"], reported["checksum"]["value"]) == (
        source, destination, sequence, acknowledgment, offset >> 4, offset & 15, window, urgent, checksum)
    assert set(reported["flags"]) == wire.flag_names(flags)
    right = wire.tcp_checksum(LEFT, RIGHT, octets)
    pseudo = ~wire.internet_checksum(
        wire.address(LEFT) + wire.address(RIGHT) + struct.pack("!HH", 6, len(octets))) & 0xFFFF
    status = "valid" if wire.is_right(datagram) else "partial" if checksum == pseudo else "incorrect"
    assert (reported["checksum"]["status"], reported["checksum"]["expected"]) == (status, right)
    length = (offset >> 4) * 4
    if length < 20:
        assert reported["malformed"] == ["dataOffsetTooSmall"]
    elif length > len(octets):
        assert reported["malformed"] == ["dataOffsetBeyondSegment"]
    else:
        assert base64.b64decode(reported["payload"]["base64"]) == octets[length:]
        assert reported["payload"]["length"] == len(octets) - length
        if segment.get("dataOffset") is None:
            # As it was asked for, and so in the same form, where nothing lies.
            if not reported["malformed"] and all(isinstance(o["kind"], str) and o["kind"] != "endOfOptionList"
                                                 for o in segment.get("options", [])):
                shown = [o for o in reported["options"] if o["kind"] not in (0, "endOfOptionList")]
                assert shown == segment.get("options", [])


def test_generated_segments_leave_as_asked_and_arrive_as_reported(linked, tmp_path):
    left, right, sender, receiver = linked
    generator = Generator(20261122)
    asked = [generator.segment() for _ in range(COUNT)]
    cursor = receiver.get("/endpoints/receiver").json["cursor"]
    path = tmp_path / "right.pcap"
    sniffer = wire.capture(right, "right", f"ip proto 6 and src {LEFT}", path)
    before = receiver.counters("receiver")
    for start in range(0, COUNT, 500):
        done = sender.transmit("sender", [segment for segment, _ in asked[start:start + 500]])
        assert done["outcomes"] == {"sent": 500}, done
    caught = wire.finish(sniffer, path, COUNT)
    assert len(caught) == COUNT
    seen = wire.decoded(path, *TSHARK)
    assert len(seen) == COUNT

    reaching = []
    for (segment, octets), datagram, read in zip(asked, caught, seen, strict=True):
        try:
            assert datagram.hex() == expected(segment, octets, datagram).hex()
            check_scapy(segment, datagram)
            check_tshark(segment, datagram, read)
        except AssertionError as error:
            raise AssertionError(f"{segment}\nleft as {datagram.hex()}\n{error}") from error
        if reaches_a_socket(segment, datagram):
            reaching.append((segment, datagram))
    assert len(reaching) > COUNT // 2

    eventually(lambda: receiver.counters("receiver")["segmentsReceived"] - before["segmentsReceived"] >= len(reaching))
    listed = list(receiver.all_segments("receiver", cursor))
    assert len(listed) == len(reaching)
    for number, ((segment, datagram), received) in enumerate(zip(reaching, listed, strict=True)):
        # The document has been compared with all of the list; with the single ones, now and then will do.
        reported = receiver.get(f"/segments/{received['id']}", checked=number % 16 == 0).json
        assert {name: reported[name] for name in received} == received
        try:
            check_report(datagram, reported, segment)
        except AssertionError as error:
            raise AssertionError(f"{segment}\narrived as {datagram.hex()}\nis reported as {reported}\n{error}") from error
    after = receiver.counters("receiver")
    assert after["kernelDrops"] == 0
    checksums = {name: after["checksums"][name] - before["checksums"][name] for name in after["checksums"]}
    wanted = {"valid": 0, "partial": 0, "incorrect": 0}
    for received in listed:
        if received["checksum"] and received["checksum"]["status"]:
            wanted[received["checksum"]["status"]] += 1
    assert checksums == wanted
    assert after["malformed"] - before["malformed"] == sum(1 for each in listed if each["malformed"])


@pytest.fixture
def pair(api):
    """Two endpoints that only send and listen."""
    api.create(role="server", rules=[], remote=None)
    api.create(role="client", rules=[], opening=[])
    return api


def heard(raw, count, port=50000):
    """The next datagrams for a port, as an independent raw socket reads them."""
    found = []
    while len(found) < count:
        datagram = raw.recv(65535)
        segment = wire.Wire(datagram).segment
        if segment[2:4] == struct.pack("!H", port):
            found.append(datagram)
    return found


def test_all_combinations_of_flags_and_reserved_bits(namespace, pair):
    cursor = pair.get("/endpoints/server").json["cursor"]
    with namespace.raw_socket() as raw:
        body = [{"reservedBits": reserved, "repeat": {"count": 256}, "vary": [{"field": "flags", "range": [0, 255]}]}
                for reserved in range(16)]
        done = pair.transmit("client", body)
        assert (done["requested"], done["sent"]) == (4096, 4096)
        read = [wire.Wire(datagram).segment for datagram in heard(raw, 4096)]
    assert [(octets[12], octets[13]) for octets in read] == [
        (0x50 | reserved, flags) for reserved in range(16) for flags in range(256)]
    assert all(wire.tcp_checksum("127.0.0.1", "127.0.0.1", octets) == struct.unpack_from("!H", octets, 16)[0]
               for octets in read)
    eventually(lambda: pair.counters("server")["segmentsReceived"] == 4096)
    reported = list(pair.all_segments("server", cursor))
    assert [(each["reservedBits"], wire.flag_octet(each["flags"])) for each in reported] == [
        (reserved, flags) for reserved in range(16) for flags in range(256)]
    counters = pair.counters("server")
    assert counters["flagsReceived"] == dict.fromkeys(wire.FLAGS, 2048)
    assert counters["checksums"] == {"valid": 4096, "partial": 0, "incorrect": 0}
    # The list form of flags says the same.
    pair.transmit("client", [{"flags": sorted(wire.flag_names(flags)), "reservedBits": 15} for flags in range(256)])
    eventually(lambda: pair.counters("server")["segmentsReceived"] == 4352)
    assert [wire.flag_octet(each["flags"]) for each in pair.segments("server", limit=256)] == list(range(256))


OPTIONS = [
    # options, octets with padding, whether the same options come back, malformed
    ([{"kind": "endOfOptionList"}], "00000000", None, []),
    ([{"kind": "noOperation"}], "01000000", None, []),
    ([{"kind": "noOperation"}] * 4, "01010101", True, []),
    ([{"kind": "maximumSegmentSize", "value": 1460}], "020405b4", True, []),
    ([{"kind": "windowScale", "shift": 255}, {"kind": "noOperation"}], "0303ff01", True, []),
    ([{"kind": "sackPermitted"}], "04020000", None, []),
    ([{"kind": "sack", "blocks": [{"leftEdge": 1, "rightEdge": 4294967295}]}], "050a00000001ffffffff0000", None, []),
    ([{"kind": "sack", "blocks": [{"leftEdge": n, "rightEdge": n + 1} for n in range(4)]}],
     "0522" + "".join(f"{n:08x}{n + 1:08x}" for n in range(4)) + "0000", None, []),
    ([{"kind": "timestamps", "value": 1, "echoReply": 0x80000000}, {"kind": "noOperation"}, {"kind": "noOperation"}],
     "080a00000001800000000101", True, []),
    ([{"kind": "fastOpenCookie", "cookie": ""}], "22020000", None, []),
    ([{"kind": "fastOpenCookie", "cookie": "0102030405060708"}, {"kind": "noOperation"}, {"kind": "noOperation"}],
     "220a01020304050607080101", True, []),
    ([{"kind": "md5Signature", "digest": "00112233445566778899aabbccddeeff"}],
     "131200112233445566778899aabbccddeeff0000", None, []),
    ([{"kind": "authentication", "keyID": 1, "nextKeyID": 2, "code": "a0a1a2a3a4a5a6a7a8a9aaab"}],
     "1d100102a0a1a2a3a4a5a6a7a8a9aaab", True, []),
    ([{"kind": "multipath", "data": "0081" + "11" * 8}], "1e0c0081" + "11" * 8, True, []),
    ([{"kind": 254, "length": 6, "data": "f00dcafe"}], "fe06f00dcafe0000", None, []),
    ([{"kind": 253, "data": "0102"}], "fd040102", [{"kind": 253, "length": 4, "data": "0102"}], []),
    # Lengths that lie, and none at all.
    ([{"kind": 2, "length": 3, "data": "0500"}], "02030500", None, ["optionLengthInvalid"]),
    ([{"kind": 8, "length": 255, "data": "00"}], "08ff0000", None, ["optionTruncated"]),
    ([{"kind": 254, "length": 0, "data": "aabb"}], "fe00aabb", None, ["optionLengthInvalid"]),
    ([{"kind": 254, "length": 1, "data": "aabb"}], "fe01aabb", None, ["optionLengthInvalid"]),
    ([{"kind": "noOperation"}] * 3 + [{"kind": 3, "withoutLength": True, "data": ""}], "01010103", True, ["optionTruncated"]),
    ([{"kind": "endOfOptionList"}, {"kind": 0, "data": "ff00ff"}], "0000ff00ff000000", None, ["optionPaddingNotZero"]),
    ([{"kind": "maximumSegmentSize", "value": 1}] * 10, "02040001" * 10, True, []),
]


@pytest.mark.parametrize(("options", "octets", "again", "malformed"), OPTIONS, ids=[str(row[0])[:60] for row in OPTIONS])
def test_an_option_leaves_arrives_and_leaves_again(namespace, shared, options, octets, again, malformed):
    api, namespace = shared
    segment = {"flags": ["SYN"], "options": options, "payload": "x"}
    preview = api.post("/endpoints/client/segments?validate=true", segment).json["segments"][0]
    assert preview["octets"][80:-2] == octets
    cursor = api.get("/segments?direction=any&limit=1").json["next"]
    with namespace.raw_socket() as raw:
        api.transmit("client", segment)
        (datagram,) = heard(raw, 1)
        assert datagram.hex() == preview["octets"]
        received = eventually(lambda: api.segments("server", after=cursor))[-1]
        assert received["malformed"] == malformed
        if again is True:
            assert received["options"] == options
        elif again:
            assert received["options"] == again
        # As it was received, from the list as well as by itself.
        for shown in (received, api.get(f"/segments/{received['id']}").json):
            api.transmit("client", shown)
            assert heard(raw, 1)[0].hex() == datagram.hex()


INTERNET_OPTIONS = [
    ([{"kind": "noOperation"}], "01000000", ["NOP", "EOL"]),
    ([{"kind": "endOfOptionList"}], "00000000", ["EOL"]),
    ([{"kind": "routerAlert"}], "94040000", ["Router Alert"]),
    ([{"kind": "routerAlert", "value": 7}, {"kind": "noOperation"}], "9404000701000000", ["Router Alert", "NOP"]),
    ([{"kind": "recordRoute", "slots": 1}], "0707040000000000", ["Record Route", "EOL"]),
    ([{"kind": "recordRoute"}], "072704" + "00" * 37, ["Record Route", "EOL"]),
    ([{"kind": "timestamp", "slots": 2}], "440c0500" + "00" * 8, ["Timestamp"]),
    ([{"kind": 136, "data": "0102"}], "88040102", ["Stream Id"]),
    # Of a length that lies, which the receiving kernel answers by an ICMP parameter problem.
    ([{"kind": 7, "length": 40, "data": "04"}], "07280400", None),
    ([{"kind": "0x94", "length": 0, "data": "0000"}], "94000000", None),
    ("94 04 00 00", "94040000", ["Router Alert"]),
]


@pytest.mark.parametrize(("options", "octets", "read"), INTERNET_OPTIONS, ids=lambda value: str(value)[:40])
def test_internet_options_by_name_and_by_number(shared, tmp_path, options, octets, read):
    api, namespace = shared
    path = tmp_path / "options.pcap"
    sniffer = wire.capture(namespace, "lo", "ip proto 6 and tcp and dst port 50000", path)
    api.transmit("client", {"ip": {"options": options}, "payload": "x"})
    datagram = wire.finish(sniffer, path, 1)[0]
    assert datagram[20:(datagram[0] & 15) * 4].hex() == octets
    assert wire.is_right(datagram)
    (seen,) = wire.decoded(path, "ip.checksum.status", "tcp.checksum.status")
    assert (seen["ip.checksum.status"], seen["tcp.checksum.status"]) in (("1", "1"), ("Good", "Good"))
    if read:
        names = [type(option).__name__ for option in IP(datagram).options]
        kinds = {"NOP": "IPOption_NOP", "EOL": "IPOption_EOL", "Router Alert": "IPOption_Router_Alert",
                 "Record Route": "IPOption_RR", "Timestamp": "IPOption_Timestamp", "Stream Id": "IPOption_Stream_Id"}
        assert [name for number, name in enumerate(names) if number < len(read)] == [kinds[name] for name in read]


def test_options_that_are_not_padded(namespace, pair):
    options = [{"kind": "windowScale", "shift": 1}]
    with namespace.raw_socket() as raw:
        pair.transmit("client", [
            {"options": options, "padOptions": False, "payload": "abcd"},
            {"options": options, "padOptions": False, "payload": "abcd", "dataOffset": 5},
            {"options": options, "padOptions": False},
            {"options": options, "padOptions": True, "payload": "abcd"}])
        read = heard(raw, 4)
    assert [wire.Wire(datagram).segment[20:].hex() for datagram in read] == [
        "03030161626364", "03030161626364", "030301", "0303010061626364"]
    assert [datagram[32] >> 4 for datagram in read] == [6, 5, 6, 6]
    assert all(map(wire.is_right, read))


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One daemon with a pair for all rows of a table."""
    namespace = Namespace()
    try:
        daemon = Daemon(namespace, tmp_path_factory.mktemp("daemon"))
        daemon.api.create(role="server", rules=[], remote=None)
        daemon.api.create(role="client", rules=[], opening=[])
        yield daemon.api, namespace
        daemon.stop()
    finally:
        namespace.close()


def digest_of(datagram, key):
    """RFC 2385 §2.0."""
    segment = wire.Wire(datagram).segment
    data = segment[(segment[12] >> 4) * 4:]
    covered = (datagram[12:20] + struct.pack("!BBH", 0, 6, len(segment)) + segment[:16] + b"\0\0" + segment[18:20]
               + data + key)
    return hashlib.md5(covered, usedforsecurity=False).digest()


@pytest.mark.parametrize("key", [b"secret", b"\x00\xff" * 40, b""], ids=["text", "80 octets", "empty"])
def test_a_signature_is_worked_out(namespace, pair, key):
    written = key.decode() if key == b"secret" else {"hex": key.hex()}
    segment = {"flags": ["PSH", "ACK"], "sequenceNumber": 7, "payload": "signed",
               "options": [{"kind": "noOperation"}, {"kind": "noOperation"}, {"kind": "md5Signature", "key": written},
                           {"kind": "maximumSegmentSize", "value": 1}],
               "repeat": {"count": 50}, "vary": [{"field": "sequenceNumber", "increment": 1000},
                                                 {"field": "payload", "width": 2, "random": {"seed": 1}}]}
    with namespace.raw_socket() as raw:
        pair.transmit("client", segment)
        read = heard(raw, 50)
    for number, datagram in enumerate(read):
        octets = wire.Wire(datagram).segment
        assert octets[4:8] == struct.pack("!I", 7 + 1000 * number)
        assert octets[20:24].hex() == "01011312"
        assert octets[24:40] == digest_of(datagram, key)
        assert wire.is_right(datagram)
    preview = pair.post("/endpoints/client/segments?validate=true", segment).json["segments"][0]
    assert bytes.fromhex(preview["octets"])[44:60] == digest_of(bytes.fromhex(preview["octets"]), key)


def test_the_kernel_takes_a_signature_for_right(namespace, api):
    """Linux's own TCP as the judge: a listener with a key answers only what is signed with it."""
    with namespace.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        key = b"a key that both know"
        family = struct.pack("=HH4s120x", socket.AF_INET, 0, wire.address("127.0.0.1"))
        signature = family + struct.pack("=BBHi80s", 0, 0, len(key), 0, key)
        try:
            listener.setsockopt(socket.IPPROTO_TCP, 14, signature)
        except OSError as error:
            pytest.skip(f"this kernel has no TCP MD5 signatures: {error}")
        listener.bind(("127.0.0.1", 50100))
        listener.listen()
        api.create(id="client", role="client", remote={"port": 50100}, rules=[], opening=[])

        def syn(key, number):
            return {"flags": ["SYN"], "sequenceNumber": number,
                    "options": [{"kind": "md5Signature", "key": key}]}

        api.transmit("client", [syn("another key", 1), syn(key.decode(), 1000)])
        answer = api.received("client")
        assert (set(answer["flags"]), answer["acknowledgmentNumber"]) == ({"SYN", "ACK"}, 1001)
        assert any(option["kind"] == "md5Signature" for option in answer["options"])


def test_every_payload_form_gives_the_same_octets(namespace, pair):
    forms = ["\u00e4b", {"text": "\u00e4b"}, {"hex": "c3a462"}, {"hex": "C3 A4 62"}, {"base64": "w6Ri"},
             {"base64": "w6Ri", "length": 3, "text": "\u00e4b"}]
    with namespace.raw_socket() as raw:
        pair.transmit("client", [{"payload": form} for form in forms])
        assert {bytes(wire.Wire(datagram).segment[20:]) for datagram in heard(raw, len(forms))} == {b"\xc3\xa4b"}
        pair.transmit("client", [{"payload": {"length": 64, "random": seed}} for seed in (1, 1, 2)])
        first, second, third = (wire.Wire(datagram).segment[20:] for datagram in heard(raw, 3))
    assert first == second != third
    assert len(first) == 64


def test_the_largest_datagram(namespace, pair):
    with namespace.raw_socket() as raw:
        done = pair.transmit("client", {"payload": {"length": 65495, "random": 3}})
        assert done["outcomes"] == {"sent": 1}
        (datagram,) = heard(raw, 1)
    assert len(datagram) == 65535
    assert wire.is_right(datagram)
    received = pair.received("server")
    assert (received["payload"]["length"], received["checksum"]["status"]) == (65495, "valid")
    answer = pair.post("/endpoints/client/segments", {"payload": {"length": 65495}, "options": [{"kind": "noOperation"}]})
    assert answer.status == 422, answer


def test_a_dry_run_shows_what_would_leave_and_sends_nothing(namespace, pair):
    body = [{"flags": ["SYN"], "payload": "one", "ip": {"options": "94040000"}},
            {"options": [{"kind": "maximumSegmentSize", "value": 9}], "truncate": 19},
            {"sequenceNumber": 5, "repeat": {"count": 1000}, "vary": [{"field": "sequenceNumber", "range": [70, 80]}]}]
    answer = pair.post("/endpoints/client/segments?validate=true", body)
    assert answer.status == 200, answer
    assert pair.counters("client")["segmentsSent"] == 0
    assert pair.get("/transmissions").json["transmissions"] == []
    shown = answer.json["segments"]
    assert len(shown) == 3
    with namespace.raw_socket() as raw:
        pair.transmit("client", [body[0], body[1], {"sequenceNumber": 70}])
        assert [datagram.hex() for datagram in heard(raw, 3)] == [each["octets"] for each in shown]
    for each in shown:
        assert each["kernelFills"] == ["ip.totalLength", "ip.checksum"]
        end = 0
        for field in each["fields"]:
            assert field["offset"] == end
            end += field["length"]
        assert 2 * end == len(each["octets"])
    places = {field["name"]: (field["offset"], field["length"]) for field in shown[0]["fields"]}
    assert places["ip.options"] == (20, 4)
    assert places["sequenceNumber"] == (28, 4)
    assert places["payload"] == (44, 3)
    assert pair.post("/endpoints/client/segments?validate=false", {}).status == 202
    assert pair.post("/endpoints/client/segments?validate=yes", {}).pointers == ["validate"]
    assert pair.post("/endpoints/client/segments?validate=true", {"ip": {"destination": "192.0.2.1"}}).status == 403
    assert pair.post("/endpoints/nobody/segments?validate=true", {}).status == 404


@pytest.mark.parametrize("allowed", [False, True])
def test_another_source_only_when_allowed(start_daemon, namespace, allowed):
    daemon = start_daemon(*(["--allow-spoofing"] if allowed else []))
    api = daemon.api
    api.create(role="server", rules=[], remote=None)
    api.create(role="client", rules=[], opening=[])
    spoofed = {"ip": {"source": "127.9.9.9"}, "payload": "x"}
    varied = {"repeat": {"count": 3}, "vary": [{"field": "ip.source", "range": ["127.0.0.7", "127.0.0.9"]}]}
    with namespace.raw_socket() as raw:
        if not allowed:
            for body in (spoofed, [{}, spoofed]):
                answer = api.post("/endpoints/client/segments", body)
                assert answer.status == 403, answer
                assert answer.pointers == ["/ip/source" if body is spoofed else "/1/ip/source"]
                assert answer.json["type"] == "/problems/source-not-allowed"
                assert "--allow-spoofing" in answer.json["detail"]
            assert api.post("/endpoints/client/segments", varied).status == 403
            assert api.post("/endpoints/client/segments?validate=true", spoofed).status == 403
            assert api.post("/endpoints", {"role": "client", "id": "other", "local": {"port": 50009},
                                           "opening": [spoofed]}).status == 403
            assert api.counters()["total"]["segmentsSent"] == 0
            api.transmit("client", {"ip": {"source": "127.0.0.1"}})
            assert heard(raw, 1)[0][12:16] == wire.address("127.0.0.1")
            return
        api.transmit("client", [spoofed, varied])
        read = heard(raw, 4)
    assert [datagram[12:16] for datagram in read] == [
        wire.address(text) for text in ("127.9.9.9", "127.0.0.7", "127.0.0.8", "127.0.0.9")]
    assert all(map(wire.is_right, read))
    eventually(lambda: len(api.segments("server")) == 4)
    assert [each["ip"]["source"] for each in api.segments("server")] == [
        "127.9.9.9", "127.0.0.7", "127.0.0.8", "127.0.0.9"]
    assert all(each["checksum"]["status"] == "valid" for each in api.segments("server"))
