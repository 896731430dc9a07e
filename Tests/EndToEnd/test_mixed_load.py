"""Everything at once for a while, and afterwards the daemon is what it was before."""

import os
import pathlib
import re
import threading
import time

from load import PATIENCE, Churn, Flood, Repeater, Runner
from load_readers import Exporter, Follower, Nuisance, Observer, Waiter
from support import PORT, SEGMENTD, eventually

# docker/soak.sh asks for more.
SECONDS = float(os.environ.get("SEGMENTD_MIXED_SECONDS", 5))
# A short first round does not meet the busiest moment of all, after which the allocator keeps a little more.
WARM_SECONDS = SECONDS if SECONDS < 120 else min(SECONDS / 2, 600)
GROWTH = 1.05 if SECONDS < 600 else 1.02
SEED = os.environ.get("SEGMENTD_SEED", "1")
CREW = [Churn, Flood, Flood, Churn, Waiter, Runner, Repeater, Follower, Waiter, Exporter, Observer, Nuisance, Follower]
# Small bounds, so that all that is kept has been full, and the oldest been given up, before memory is looked at; the
# ring, which is filled in a second or two, is as it is by default.
BOUNDS = ("--max-transmissions", 512, "--remember-transmissions", 512, "--remember-runs", 50,
          "--remember-run-octets", 1 << 20)


def sanitized():
    """Whether the build watches itself: then its memory is mostly the sanitizer's, which grows as it likes."""
    return b"__tsan_init" in SEGMENTD.read_bytes()


class Watched:
    """What a process has of what the kernel gives."""

    def __init__(self, process):
        self.place = pathlib.Path(f"/proc/{process.pid}")

    def descriptors(self):
        """What each is, without the numbers by which sockets differ."""
        found = []
        for link in (self.place / "fd").iterdir():
            try:
                found.append(re.sub(r"\d+", "", os.readlink(link)))
            except FileNotFoundError:
                pass  # Closed meanwhile.
        return sorted(found)

    def threads(self):
        return len(list((self.place / "task").iterdir()))


def work(daemon, seconds, seed):
    """All at work for so long; how many steps each has taken."""
    is_over = threading.Event()
    crew = [kind(daemon, number, seed, is_over) for number, kind in enumerate(CREW)]
    for worker in crew:
        worker.start()
    is_over.wait(seconds)
    is_over.set()
    for worker in crew:
        worker.join(2 * PATIENCE)
    assert daemon.is_running, f"it ended with {daemon.process.returncode}:\n{daemon.log.read_text()[-8000:]}"
    for worker in crew:
        assert not worker.is_alive(), f"{worker.name} does not come to an end"
        if worker.wrong:
            raise AssertionError(f"{worker.name}, step {worker.steps}") from worker.wrong
        assert worker.steps, f"{worker.name} has done nothing"
    return {worker.name: worker.steps for worker in crew}


def fill_keys(api):
    """The answers to ten thousand keys are kept for ten minutes: so many are kept, and the oldest given up."""
    api.create(id="filler", role="client", opening=[], rules=[])
    request = (f"POST /endpoints/filler/segments?wait=10s HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\n"
               "Content-Type: application/json\r\nContent-Length: 2\r\nIdempotency-Key: fill-%d\r\n\r\n{}")
    with api.connect(PATIENCE) as connection, connection.makefile("rb") as reader:
        for key in range(12_000):
            connection.sendall((request % key).encode())
            assert reader.readline().split()[1] == b"200"
            length = 0
            while (line := reader.readline()) != b"\r\n":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            reader.read(length)


def until_equal(question, expected):
    deadline = time.monotonic() + PATIENCE
    while (answer := question()) != expected and time.monotonic() < deadline:
        time.sleep(0.1)
    assert answer == expected


def clear(daemon, watched, descriptors, threads):
    """Takes everything away, half of it while it runs, and waits until the daemon has nothing more than at its start.

    The resident memory then, the least that is seen in a while, since the last to go takes some time."""
    api, namespace = daemon.api, daemon.namespace
    removed = api.post("/reset", timeout=PATIENCE)
    assert removed.status == 200 and removed.json["endpoints"] > 0, removed
    until_equal(watched.descriptors, descriptors)
    until_equal(watched.threads, threads)
    total = api.counters()["total"]
    assert total["segmentsSent"] == total["outcomes"]["sent"], total
    assert total["segmentsReceived"] == sum(total["checksums"].values()), total
    assert namespace.run("nft", "list", "tables").stdout == ""
    listening = namespace.run("ss", "-Hltn").stdout.splitlines()
    assert len(listening) == 1 and f"127.0.0.1:{PORT}" in listening[0], listening
    assert api.get("/healthz").status == 200
    assert all(check["ok"] for check in api.get("/readyz").json["checks"]), api.get("/readyz")
    for path, name in (("/endpoints", "endpoints"), ("/segments", "segments")):
        assert api.get(path).json[name] == [], path
    for path, name in (("/transmissions", "transmissions"), ("/runs", "runs")):
        assert all(each["endedAt"] for each in api.get(f"{path}?limit=10000", checked=False).json[name]), path
    least = daemon.resident_octets()
    for _ in range(10):
        time.sleep(0.05)
        least = min(least, daemon.resident_octets())
    return least


def test_mixed_load_leaves_nothing_behind(start_daemon):
    """Memory is compared after two rounds of the same, not with the start: what is bounded (the ring, what is remembered
    of transmissions, runs and keys) takes its memory as it fills, and the allocator keeps what the busiest moment took.
    Both have happened in the first round; what comes on top of it in the second has leaked."""
    daemon = start_daemon(*BOUNDS)
    watched = Watched(daemon.process)
    # The way to the firewall stays open once it has been needed, because closing it takes the kernel long.
    daemon.api.create(id="server", role="server", guard="nftables")
    daemon.api.remove("server")
    time.sleep(0.5)
    descriptors, threads, fresh = watched.descriptors(), watched.threads(), daemon.resident_octets()

    fill_keys(daemon.api)
    work(daemon, WARM_SECONDS, f"{SEED} warm")
    total = daemon.api.counters()["total"]
    assert total["ringEvictions"] > 0, total
    warm = clear(daemon, watched, descriptors, threads)

    steps = work(daemon, SECONDS, SEED)
    total = daemon.api.counters()["total"]
    after = clear(daemon, watched, descriptors, threads)
    print(f"{SECONDS:.0f} s: {total['segmentsSent']} segments sent, {total['segmentsReceived']} received; "
          f"{len(descriptors)} descriptors, {threads} threads; resident {fresh >> 10} KiB at the start, "
          f"{warm >> 10} KiB warm, {after >> 10} KiB afterwards ({(after - warm) / warm:+.2%})")
    print(", ".join(f"{name}: {count}" for name, count in steps.items()))
    if not sanitized():
        assert after <= warm * GROWTH, f"resident {warm} before, {after} after"
    with open(daemon.log) as log:
        complaints = [line for line in log if re.search(r" (warning|error|critical) |WARNING|ERROR|[Ff]atal", line)]
    assert complaints == [], complaints[:20]
