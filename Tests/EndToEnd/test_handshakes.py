"""By rules alone, endpoints hold whole conversations with the kernel's own TCP in another namespace.

The endpoints are those of docs/how-to/handshake.json and docs/how-to/handshake-client.json, moved to the addresses of the two
namespaces, which a veth pair joins."""

import json
import signal
import socket
import subprocess

import pytest

from support import PROJECT, Namespace, eventually, needs
from test_privileges import RAW_ALONE

TRIES = 100
OURS, THEIRS = "10.99.0.1", "10.99.0.2"
PORT = 7000
# What a test sends itself, so that it is known that resets are seen, and that our own leave.
CRAFTED = 4_242_424_242
EGRESS = ("--allow-egress", "10.99.0.0/24")


@pytest.fixture
def peer(namespace):
    """A namespace with the kernel's TCP alone, joined to that of the daemon."""
    made = Namespace()
    pid = made.path.split("/")[2]
    steps = [
        (namespace, "ip", "link", "add", "veth0", "type", "veth", "peer", "name", "veth0", "netns", pid),
        (namespace, "ip", "address", "add", f"{OURS}/24", "dev", "veth0"),
        (made, "ip", "address", "add", f"{THEIRS}/24", "dev", "veth0"),
        (namespace, "ip", "link", "set", "veth0", "up"),
        (made, "ip", "link", "set", "veth0", "up"),
    ]
    for where, *command in steps:
        done = where.run(*command)
        assert done.returncode == 0, (command, done.stderr)
    yield made
    made.close()


class Resets:
    """tshark on our end of the wire, which keeps the TCP resets."""

    def __init__(self, namespace):
        self._tshark = namespace.start(
            needs("tshark"), "-i", "veth0", "-n", "-l", "-f", "tcp[tcpflags] & tcp-rst != 0", "-o",
            "tcp.relative_sequence_numbers:false", "-T", "fields", "-e", "ip.src", "-e", "tcp.seq",
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while "Capturing on" not in (line := self._tshark.stderr.readline()):
            assert line, "tshark does not capture"

    def next(self):
        """Waits for one."""
        line = self._tshark.stdout.readline()
        assert line, "tshark ended"
        return tuple(line.split())

    def stop(self):
        self._tshark.send_signal(signal.SIGINT)
        return self._tshark.communicate(timeout=10)[0].split("\n")


@pytest.fixture
def resets(namespace, peer):
    return Resets(namespace)


def document(name, guard, **changes):
    endpoint = json.loads((PROJECT / "docs/how-to" / name).read_text())
    return {**endpoint, "guard": guard, **changes}


def only_ours(api, resets, endpoint, port):
    """The one reset on the wire is the one that the endpoint is told to send now."""
    api.transmit(endpoint, {"flags": ["RST"], "sequenceNumber": CRAFTED, "destinationPort": port,
                            "ip": {"destination": THEIRS}})
    assert resets.next() == (OURS, str(CRAFTED))
    assert [line for line in resets.stop() if line] == []


def answered(api, resets, peer, guard):
    """The kernel connects to a raw server, says hello and closes; so does the server."""
    endpoint = document("handshake.json", guard, local={"address": OURS, "port": PORT})
    made = api.create(**endpoint)
    for number in range(TRIES):
        with peer.socket(socket.AF_INET, socket.SOCK_STREAM) as stream:
            stream.settimeout(5)
            stream.connect((OURS, PORT))
            stream.sendall(b"hello")
            stream.shutdown(socket.SHUT_WR)
            assert stream.recv(100) == b"", number
    # Each end was acknowledged, or the connection would be in another state.
    states = eventually(lambda: (lambda s: s if set(s) == {"TIME-WAIT"} else None)(
        [line.split()[0] for line in peer.run("ss", "-Hant").stdout.splitlines()]))
    assert len(states) == TRIES
    heard = [segment for segment in api.all_segments("listener", made["cursor"])
             if segment["payload"].get("text") == "hello"]
    assert len({segment["sourcePort"] for segment in heard}) == TRIES
    only_ours(api, resets, "listener", 9)
    assert api.counters("listener")["kernelResets"] == 0
    return made


def asked(api, resets, peer, guard):
    """Raw clients connect to the kernel, say hello and close; so does the kernel's program."""
    with peer.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.settimeout(5)
        listener.bind((THEIRS, PORT))
        listener.listen(TRIES)
        answer = api.post("/endpoints", [
            document("handshake-client.json", guard, id=f"caller-{number}",
                     local={"address": OURS, "port": 20000 + number}, remote={"address": THEIRS, "port": PORT})
            for number in range(TRIES)])
        assert answer.status == 201, answer
        for number in range(TRIES):
            stream, (address, port) = listener.accept()
            with stream:
                stream.settimeout(5)
                said = b""
                while octets := stream.recv(100):
                    said += octets
                assert (said, address) == (b"hello", OURS), number
    # The kernel's side waits for no acknowledgment any more, so nothing of the connections is left.
    eventually(lambda: peer.run("ss", "-Hant").stdout == "")
    only_ours(api, resets, "caller-0", 9)
    assert api.counters()["total"]["kernelResets"] == 0
    return answer.json["endpoints"][0]


@pytest.mark.parametrize("guard", ["listener", "md5", "nftables"])
@pytest.mark.parametrize("conversation", [answered, asked])
def test_the_kernel_next_door_is_talked_to(start_daemon, resets, peer, conversation, guard):
    made = conversation(start_daemon(*EGRESS).api, resets, peer, guard)
    assert made["guard"]["active"] == guard


@pytest.mark.parametrize("conversation", [answered, asked])
def test_it_takes_no_privilege_but_raw_sockets(start_daemon, resets, peer, conversation):
    made = conversation(start_daemon(*EGRESS, wrapper=RAW_ALONE).api, resets, peer, "auto")
    assert made["guard"]["active"] == "md5"


def test_without_a_guard_the_kernel_interferes(start_daemon, resets, peer):
    api = start_daemon(*EGRESS).api
    api.create(**document("handshake.json", "none", local={"address": OURS, "port": PORT}))
    with peer.socket(socket.AF_INET, socket.SOCK_STREAM) as stream:
        stream.settimeout(5)
        with pytest.raises(OSError):
            stream.connect((OURS, PORT))
            stream.sendall(b"hello")
            stream.recv(100)
    assert resets.next()[0] == OURS
    eventually(lambda: api.counters("listener")["kernelResets"] >= 1)


def test_nping_and_hping3_get_their_answer_and_nmap_finds_a_silent_port_filtered(start_daemon, namespace, peer):
    api = start_daemon(*EGRESS).api
    api.create(**document("handshake.json", "auto", local={"address": OURS, "port": PORT}))
    api.create(id="silent", role="server", local={"address": OURS, "port": PORT + 1}, remote=None, rules=[])
    nping = peer.run(needs("nping"), "--tcp", "--flags", "syn", "-p", PORT, "-c", 3, "--delay", "10ms", OURS)
    assert nping.stdout.count("RCVD") == 3, nping
    assert nping.stdout.count(" SA ") == 3, nping
    hping = peer.run(needs("hping3"), "-n", "-S", "-p", PORT, "-c", 3, "-i", "u10000", OURS)
    assert hping.stdout.count("flags=SA") == 3, hping
    ports = f"{PORT},{PORT + 1},{PORT + 2}"
    for scan in ("-sS", "-sT"):
        nmap = peer.run(needs("nmap"), "-n", "-Pn", scan, "-p", ports, "--max-retries", 1, OURS)
        found = {line.split("/")[0]: line.split()[1] for line in nmap.stdout.splitlines() if "/tcp" in line}
        assert found == {str(PORT): "open", str(PORT + 1): "filtered", str(PORT + 2): "closed"}, nmap
