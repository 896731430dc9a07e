"""What is lost is counted: received, lost by the kernel and lost by the ring are together what was sent, exactly.

The endpoint has a socket of its own between two loopback addresses on which nothing else talks, because Linux counts
whatever comes for a full raw socket's addresses as dropped. The daemon is stopped while its buffer is made to overflow,
so that how much is lost does not depend on who is faster."""

import random
import signal
import struct
import threading

import pytest

import wire
from support import eventually
from test_stream import Stream

OURS, THEIRS = "127.0.0.2", "127.0.0.3"


class Flood:
    """Sends numbered segments to the endpoint, some of them while the daemon cannot take any."""

    def __init__(self, namespace, daemon):
        self.daemon = daemon
        self.sent = 0
        self.raw = namespace.raw_socket()

    def send(self, count):
        for _ in range(count):
            segment = struct.pack("!HHIIBBHHH", 50001, 50000, self.sent, 0, 5 << 4, 16, 100, 0, 0)
            segment = segment[:16] + struct.pack("!H", wire.tcp_checksum(THEIRS, OURS, segment)) + segment[18:]
            header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 0, 0, 64, 6, 0, wire.address(THEIRS),
                                 wire.address(OURS))
            self.raw.sendto(header + segment, (OURS, 0))
            self.sent += 1

    def overflow(self, count):
        """The buffer takes some of so many, and the kernel drops the rest."""
        self.daemon.signal(signal.SIGSTOP)
        eventually(lambda: open(f"/proc/{self.daemon.process.pid}/stat").read().rsplit(")", 1)[1].split()[0] == "T")
        try:
            self.send(count)
        finally:
            self.daemon.signal(signal.SIGCONT)


@pytest.fixture
def flood(start_daemon, namespace):
    def start(ring):
        # The smallest buffer, which has room for a handful of segments.
        daemon = start_daemon("--receive-buffer", 4096, "--ring-segments", ring)
        daemon.api.create(role="server", id="quiet", rules=[], socket="own", guard="md5",
                          local={"address": OURS}, remote={"address": THEIRS})
        return Flood(namespace, daemon)

    return start


def accounted(api):
    counters = api.counters("quiet")
    return counters["segmentsReceived"] + counters["kernelDrops"]


def test_what_the_buffer_loses_is_counted(flood):
    flood = flood(ring=65_536)
    api = flood.daemon.api
    cursor = api.get("/endpoints/quiet").json["cursor"]
    numbers, lost = [], 0
    for burst in (1, 500, 1, 1, 2000, 37, 500):
        flood.overflow(burst)
        flood.send(1)
        eventually(lambda: accounted(api) == flood.sent)
        for limit in (3, 10_000):
            page = api.get(f"/segments?endpoint=quiet&after={cursor}&limit={limit}").json
            numbers += [segment["sequenceNumber"] for segment in page["segments"]]
            assert page["lost"]["ring"] == 0
            lost += page["lost"]["kernel"]
            cursor = page["next"]
        assert len(numbers) + lost == flood.sent
    assert lost > 2000
    assert numbers == sorted(set(numbers))
    # Where it is missing is told as well: one page for the whole way says the same.
    whole = api.get("/segments?endpoint=quiet&after=0&limit=10000").json
    assert whole["lost"] == {"kernel": lost, "ring": 0}
    # Also when the endpoint has been stopped, and has another socket.
    api.post("/endpoints/quiet/stop")
    assert api.get("/segments?endpoint=quiet&after=0&limit=10000").json["lost"]["kernel"] == lost
    api.post("/endpoints/quiet/start")
    assert api.get("/segments?endpoint=quiet&after=0&limit=10000").json["lost"]["kernel"] == lost


@pytest.mark.parametrize("seed", range(5))
def test_what_buffer_and_ring_lose_is_counted(flood, seed):
    """A reader who pages with cursors and is now and then too late."""
    dice = random.Random(seed)
    flood = flood(ring=20)
    api = flood.daemon.api
    cursor = received = lost_in_kernel = lost_in_ring = lateness = 0
    for _ in range(60):
        for _ in range(dice.choice((0, 1, 1, 5))):
            flood.overflow(dice.randrange(1, 60))
            flood.send(dice.randrange(0, 8))
        eventually(lambda: accounted(api) == flood.sent)
        for _ in range(dice.randrange(0, 3)):
            answer = api.get(f"/segments?endpoint=quiet&after={cursor}&limit={dice.randrange(1, 30)}")
            if answer.status == 410:
                lateness += 1
                lost_in_ring += answer.json["lost"]
                lost_in_kernel += answer.json["lostInKernel"]
                cursor = answer.json["oldest"] - 1
            else:
                received += len(answer.json["segments"])
                lost_in_ring += answer.json["lost"]["ring"]
                lost_in_kernel += answer.json["lost"]["kernel"]
                cursor = answer.json["next"]
    while cursor < api.get("/segments?wait=0s").json["next"]:
        answer = api.get(f"/segments?endpoint=quiet&after={cursor}")
        if answer.status == 410:
            lost_in_ring += answer.json["lost"]
            lost_in_kernel += answer.json["lostInKernel"]
            cursor = answer.json["oldest"] - 1
            continue
        received += len(answer.json["segments"])
        lost_in_kernel += answer.json["lost"]["kernel"]
        cursor = answer.json["next"]
    assert received + lost_in_kernel + lost_in_ring == flood.sent
    assert received and lost_in_kernel and lost_in_ring and lateness


@pytest.mark.parametrize("ring", [20, 65_536])
def test_a_stream_loses_nothing_in_silence(flood, ring):
    flood = flood(ring)
    with Stream(flood.daemon.api, "?endpoint=quiet") as stream:
        totals = {"received": 0, "kernel": 0, "ring": 0}

        def read():
            for kind, _, data in stream.events():
                if kind == "gap":
                    totals["kernel"] += data["kernel"]
                    totals["ring"] += data["ring"]
                else:
                    totals["received"] += 1

        reader = threading.Thread(target=read)
        reader.start()
        for burst in (300, 1, 3000, 50, 50, 2000):
            flood.overflow(burst)
            flood.send(25)
            eventually(lambda: accounted(flood.daemon.api) == flood.sent)
        eventually(lambda: sum(totals.values()) == flood.sent)
        flood.daemon.api.remove("quiet")
        reader.join(timeout=10)
        assert not reader.is_alive()
    assert totals["kernel"] > 3000
    assert sum(totals.values()) == flood.sent


def test_a_wait_counts_what_is_lost_while_it_is_held(flood):
    flood = flood(ring=65_536)
    api = flood.daemon.api
    cursor = api.get("/endpoints/quiet").json["cursor"]
    received = lost = 0
    timer = threading.Timer(0.2, lambda: (flood.overflow(400), flood.send(5)))
    timer.start()
    page = {"timedOut": False}
    while not page["timedOut"]:
        page = api.get(f"/segments?endpoint=quiet&after={cursor}&wait=1s&count=3").json
        received += len(page["segments"])
        lost += page["lost"]["kernel"]
        cursor = page["next"]
    timer.join()
    assert flood.sent == 405 and received + lost == flood.sent and lost > 100
