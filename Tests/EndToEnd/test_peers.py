"""Programs that are not ours at the other end: raw C programs, scapy, and the host's own TCP."""

import pathlib
import random
import socket
import subprocess

import pytest
from scapy.layers.inet import IP, TCP

from support import eventually, needs


@pytest.fixture(scope="module")
def hello(tmp_path_factory):
    """peers/hello.c, compiled."""
    program = tmp_path_factory.mktemp("peers") / "hello"
    source = pathlib.Path(__file__).parent / "peers/hello.c"
    subprocess.run([needs("gcc"), "-O1", "-Wall", "-Wextra", "-Werror", "-o", program, source], check=True, timeout=60)
    return program


@pytest.mark.parametrize(("endpoint", "peer", "heard_by_us", "heard_by_peer", "checksum", "expected"), [
    ("server", "client", "Hello server", "Hello client", 0x35C1, 0xB749),
    ("client", "server", "Hello client", "Hello server", 0x45C9, 0xC751),
])
@pytest.mark.parametrize("kind", ["shared", "own"])
def test_a_raw_c_program_is_our_peer(
        namespace, api, hello, endpoint, peer, heard_by_us, heard_by_peer, checksum, expected, kind):
    process = None
    if peer == "server":
        process = namespace.start(hello, peer, "127.0.0.1", 5, stdout=subprocess.PIPE, text=True)
        # Our opening is sent once, so the peer must be there.
        eventually(lambda: "0100007F" in namespace.run("cat", "/proc/net/raw").stdout)
    api.create(role=endpoint, socket=kind, pace="10ms")
    if peer == "client":
        process = namespace.start(hello, peer, "127.0.0.1", 5, stdout=subprocess.PIPE, text=True)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert f"Received : {heard_by_peer}" in output.splitlines()

    # Nothing guards the peer's port, so the host resets it as well.
    segment = api.received(endpoint, lambda segment: segment["payload"]["length"] > 0)
    assert segment["checksum"] == {"value": checksum, "status": "incorrect", "expected": expected}
    assert segment["payload"]["length"] == 1004
    assert segment["ip"]["totalLength"] == 1044
    assert segment["malformed"] == []
    full = api.get(f"/segments/{segment['id']}").json
    assert bytes.fromhex(full["octets"])[40:] == heard_by_us.encode().ljust(1004, b"\0")


def checksum_is_right(datagram):
    """By scapy's own arithmetic."""
    again = IP(bytes(datagram))
    del again[TCP].chksum
    return IP(bytes(again))[TCP].chksum == datagram[TCP].chksum


def answer_to(raw, port):
    """The next segment that the raw socket gets for the port."""
    while True:
        datagram = IP(raw.recv(65536))
        if TCP in datagram and datagram[TCP].dport == port:
            return datagram


def test_scapy_is_our_peer(namespace, api):
    api.create(role="server", remote=None, rules=[{
        "match": {"flags": ["SYN"], "withoutFlags": ["ACK"]}, "pace": "0s",
        "reply": [{"flags": ["SYN", "ACK"], "sequenceNumber": 4000,
                   "acknowledgmentNumber": {"received": "end", "plus": 0}, "window": 1000, "payload": "Hello client"}],
    }])
    generator = random.Random(9)
    with namespace.raw_socket() as raw:
        for _ in range(50):
            port = generator.randrange(1024, 50000)
            sequence = generator.randrange(1 << 32)
            payload = generator.randbytes(generator.randrange(0, 1400))
            segment = IP(src="127.0.0.9", dst="127.0.0.1", flags="DF") / TCP(
                sport=port, dport=50000, flags="S", seq=sequence, window=512,
                options=[("MSS", 1400), ("SAckOK", b""), ("Timestamp", (7, 0))]) / payload
            raw.sendto(bytes(segment), ("127.0.0.1", 0))
            answer = answer_to(raw, port)
            assert (answer.src, answer.dst) == ("127.0.0.1", "127.0.0.9")
            tcp = answer[TCP]
            assert (tcp.sport, tcp.flags, tcp.seq, tcp.window) == (50000, "SA", 4000, 1000)
            assert tcp.ack == (sequence + len(payload) + 1) % (1 << 32)
            assert bytes(tcp.payload) == b"Hello client"
            assert checksum_is_right(answer)
    heard = api.received("server")
    assert heard["checksum"]["status"] == "valid"
    assert [option["kind"] for option in heard["options"]][:3] == ["maximumSegmentSize", "sackPermitted", "timestamps"]
    # Nothing guards scapy's ports, so the kernel resets each answer, and no rule answers that.
    counters = eventually(lambda: (lambda c: c if c["segmentsReceived"] == 100 else None)(api.counters("server")))
    assert counters["replies"] == 50
    assert counters["flagsReceived"] == {"SYN": 50, "RST": 50}
    assert counters["checksums"] == {"valid": 100, "partial": 0, "incorrect": 0}


GUARDS = ["auto", "listener", "md5", "nftables"]


@pytest.mark.parametrize("guard", GUARDS)
def test_a_guard_keeps_the_kernel_silent(namespace, api, guard):
    made = api.create(role="server", remote=None, rules=[], guard=guard)
    assert made["guard"]["wanted"] == guard
    assert made["guard"]["active"] == ("listener" if guard == "auto" else guard)
    with namespace.raw_socket() as raw:
        for time_to_live in (64, 255):
            for number, flags in enumerate(["S", "SA", "A", "PA", "F", "", "FPU", "SF", "R"]):
                segment = IP(src="127.0.0.9", dst="127.0.0.1", ttl=time_to_live) / TCP(
                    sport=2000 + number, dport=50000, flags=flags, seq=1, ack=1)
                raw.sendto(bytes(segment), ("127.0.0.1", 0))
        eventually(lambda: api.counters("server")["segmentsReceived"] == 18)
        raw.settimeout(0.5)
        with pytest.raises(TimeoutError):
            while IP(raw.recv(65536))[TCP].sport != 50000:
                pass
    with namespace.socket(socket.AF_INET, socket.SOCK_STREAM) as stream:
        stream.settimeout(1.5)
        with pytest.raises(TimeoutError):
            stream.connect(("127.0.0.1", 50000))
    assert api.counters("server")["kernelResets"] == 0


def test_without_a_guard_the_kernel_resets_and_that_is_counted(namespace, api):
    made = api.create(role="server", remote=None, rules=[], guard="none")
    assert made["guard"] == {"wanted": "none", "active": "none", "better": []}
    with namespace.socket(socket.AF_INET, socket.SOCK_STREAM) as stream:
        stream.settimeout(3)
        with pytest.raises(ConnectionRefusedError):
            stream.connect(("127.0.0.1", 50000))
    assert api.received("server")["flags"] == ["SYN"]
    eventually(lambda: api.counters("server")["kernelResets"] == 1)
    assert api.counters()["total"]["kernelResets"] == 1


def test_the_guard_ends_with_the_endpoint(namespace, api):
    def refused():
        with namespace.socket(socket.AF_INET, socket.SOCK_STREAM) as stream:
            stream.settimeout(0.3)
            try:
                stream.connect(("127.0.0.1", 50000))
            except ConnectionRefusedError:
                return True
            except TimeoutError:
                return False

    api.create(role="server", remote=None, rules=[])
    assert not refused()
    api.post("/endpoints/server/stop")
    assert refused()
    api.post("/endpoints/server/start")
    assert not refused()
    api.remove("server")
    assert refused()


def test_a_port_of_another_program_is_refused(namespace, api):
    with namespace.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind(("127.0.0.1", 50000))
        listener.listen()
        refused = api.post("/endpoints", {"role": "server"})
        assert refused.status == 409
        assert "none" in refused.json["detail"]
        assert api.get("/endpoints").json["endpoints"] == []
        assert api.create(role="server", guard="none")["state"] == "running"


@pytest.mark.parametrize("guard", ["listener", "md5", "nftables"])
def test_the_kernels_tcp_connects_to_a_raw_server(namespace, api, guard):
    api.create(role="server", remote=None, guard=guard, rules=[
        {"name": "accept", "match": {"flags": ["SYN"]}, "pace": "0s",
         "reply": [{"flags": ["SYN", "ACK"], "sequenceNumber": 1000,
                    "acknowledgmentNumber": {"received": "end"}}]},
        {"name": "answer", "match": {"flags": ["PSH"]}, "pace": "0s",
         "reply": [{"flags": ["PSH", "ACK"], "sequenceNumber": {"received": "acknowledgmentNumber"},
                    "acknowledgmentNumber": {"received": "end"}, "payload": "hello"}]},
    ])
    with namespace.socket(socket.AF_INET, socket.SOCK_STREAM) as stream:
        stream.settimeout(5)
        stream.connect(("127.0.0.1", 50000))
        stream.sendall(b"anybody there?")
        assert stream.recv(100) == b"hello"
    question = api.received("server", lambda segment: segment["payload"]["length"] > 0)
    assert question["payload"]["text"] == "anybody there?"
    assert question["checksum"]["status"] == "partial"
    assert api.counters("server")["kernelResets"] == 0


@pytest.mark.parametrize("guard", ["listener", "md5", "nftables"])
def test_a_raw_client_connects_to_the_kernels_tcp(namespace, api, guard):
    with namespace.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind(("127.0.0.1", 50000))
        listener.listen()
        listener.settimeout(5)
        api.create(role="client", guard=guard, rules=[], opening=[])
        api.send("client", flags=["SYN"], sequenceNumber=100)
        synack = api.received("client", lambda segment: segment["flags"] == ["ACK", "SYN"] or
                              segment["flags"] == ["SYN", "ACK"])
        assert synack["acknowledgmentNumber"] == 101
        after = (synack["sequenceNumber"] + 1) % (1 << 32)
        api.send("client", flags=["PSH", "ACK"], sequenceNumber=101, acknowledgmentNumber=after, payload="hello")
        connection, peer = listener.accept()
        with connection:
            connection.settimeout(5)
            assert peer == ("127.0.0.1", 50001)
            assert connection.recv(100) == b"hello"
    assert api.counters("client")["kernelResets"] == 0
