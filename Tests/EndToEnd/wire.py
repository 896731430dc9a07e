"""IPv4 and TCP as RFC 791 and RFC 9293 have them, written for the tests alone: what should be on the wire, and what is.

None of it comes from the daemon's sources, so that both would have to be wrong in the same way."""

import struct
import subprocess

from scapy.layers.inet import IP
from scapy.utils import PcapReader

from support import eventually, needs

FLAGS = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"]


def internet_checksum(octets):
    if len(octets) % 2:
        octets += b"\0"
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def address(text):
    return bytes(map(int, text.split(".")))


def tcp_checksum(source, destination, segment):
    """Over a segment whose own checksum octets count as 0."""
    segment = segment[:16] + b"\0\0"[:max(0, len(segment) - 16)] + segment[18:]
    return internet_checksum(address(source) + address(destination) + struct.pack("!HH", 6, len(segment)) + segment)


def is_right(datagram):
    """Whether the checksum of a whole datagram's segment is right."""
    start = (datagram[0] & 15) * 4
    found = struct.unpack_from("!H", datagram, start + 16)[0]
    right = tcp_checksum(".".join(map(str, datagram[12:16])), ".".join(map(str, datagram[16:20])), datagram[start:])
    return found == right or {found, right} == {0, 0xFFFF}


def flag_octet(names):
    return sum(1 << FLAGS.index(name) for name in names)


def flag_names(octet):
    return {name for number, name in enumerate(FLAGS) if octet >> number & 1}


def option_octets(option):
    """One TCP option of a request."""
    kind = option["kind"]
    if isinstance(kind, int):
        data = bytes.fromhex(option.get("data", ""))
        if kind < 2 or option.get("withoutLength"):
            return bytes([kind]) + data
        length = option.get("length")
        return bytes([kind, len(data) + 2 if length is None else length]) + data
    body = {
        "endOfOptionList": lambda: b"\0",
        "noOperation": lambda: b"\1",
        "maximumSegmentSize": lambda: struct.pack("!BBH", 2, 4, option["value"]),
        "windowScale": lambda: struct.pack("!BBB", 3, 3, option["shift"]),
        "sackPermitted": lambda: b"\4\2",
        "sack": lambda: bytes([5, 2 + 8 * len(option["blocks"])]) + b"".join(
            struct.pack("!II", block["leftEdge"], block["rightEdge"]) for block in option["blocks"]),
        "timestamps": lambda: struct.pack("!BBII", 8, 10, option["value"], option["echoReply"]),
        "md5Signature": lambda: b"\x13\x12" + bytes.fromhex(option["digest"]),
        "authentication": lambda: bytes(
            [29, 4 + len(option["code"]) // 2, option["keyID"], option["nextKeyID"]]) + bytes.fromhex(option["code"]),
        "multipath": lambda: bytes([30, 2 + len(option["data"]) // 2]) + bytes.fromhex(option["data"]),
        "fastOpenCookie": lambda: bytes([34, 2 + len(option["cookie"]) // 2]) + bytes.fromhex(option["cookie"]),
    }
    return body[kind]()


def options_octets(options):
    octets = b"".join(map(option_octets, options))
    return octets + bytes(-len(octets) % 4)


class Wire:
    """A datagram that was captured, read by its offsets."""

    def __init__(self, datagram):
        self.datagram = bytes(datagram)
        self.header_length = (self.datagram[0] & 15) * 4
        self.segment = self.datagram[self.header_length:]

    @property
    def identification(self):
        return struct.unpack_from("!H", self.datagram, 4)[0]


def capture(namespace, interface, filter_, path, octets=2048):
    """tcpdump, already capturing so many octets of each frame into a file; ends by `finish`.

    Its buffer of 64 MiB has that size for each frame, so what is short is kept in great numbers."""
    process = namespace.start(
        needs("tcpdump"), "-i", interface, "-p", "-n", "-s", octets, "-U", "-B", "65536", "--immediate-mode", "-w", path,
        filter_, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "listening on" in line:
            return process
    raise AssertionError("tcpdump does not capture")


def finish(process, path, count, seconds=20):
    """The datagrams of a capture that is complete when it has `count`."""
    try:
        eventually(lambda: path.exists() and len(datagrams(path)) >= count, seconds, 0.2)
    finally:
        process.terminate()
        report = process.stderr.read()
        process.wait(timeout=10)
    assert "0 packets dropped by kernel" in report, report
    return datagrams(path)


def datagrams(path):
    found = []
    with PcapReader(str(path)) as reader:
        try:
            for packet in reader:
                found.append(bytes(packet.payload if packet.name == "Ethernet" else packet[IP]))
        except EOFError:
            pass
    return found


def decoded(path, *fields):
    """What tshark reads, each field of each datagram; "" where there is none."""
    command = [needs("tshark"), "-r", path, "-T", "fields", "-E", "separator=|", "-E", "occurrence=f",
               "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-o", "ip.defragment:FALSE",
               "-o", "tcp.desegment_tcp_streams:FALSE", "-o", "tcp.analyze_sequence_numbers:FALSE",
               "-o", "tcp.relative_sequence_numbers:FALSE"]
    for field in fields:
        command += ["-e", field]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=60, check=True)
    return [dict(zip(fields, line.split("|"), strict=True)) for line in done.stdout.splitlines()]


