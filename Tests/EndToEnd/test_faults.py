"""What goes wrong around the daemon: no descriptors, little memory, a clock that jumps, an engine that stands still, and
system calls that fail one by one. What cannot be done is refused, nothing is left half-made, and the rest goes on."""

import contextlib
import ctypes
import os
import pathlib
import re
import signal
import struct
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from scapy.layers.inet import IP, TCP

from support import SEGMENTD, eventually, needs


def descriptors(daemon):
    """What it has open besides connections of the API: each by its kind, sockets by their table and state."""
    tables = {}
    for table in ("tcp", "raw", "packet", "udp", "unix"):
        for line in pathlib.Path(f"/proc/{daemon.process.pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            inode = {"packet": -1, "unix": 6}.get(table, 9)
            tables[fields[inode]] = f"{table} {fields[1]}" if table == "tcp" else table
    found = []
    directory = pathlib.Path(f"/proc/{daemon.process.pid}/fd")
    for entry in directory.iterdir():
        with contextlib.suppress(FileNotFoundError):
            target = os.readlink(entry)
            if match := re.fullmatch(r"socket:\[(\d+)\]", target):
                # Of netlink, one is kept, and let go when something was wrong; what it holds is in the ruleset.
                target = tables.get(match[1])
                if target is None:
                    continue
                if target.startswith("tcp 0100007F:1F90"):
                    continue
            found.append(target)
    return sorted(found)


def settled(daemon):
    """The same when connections that were just closed are gone."""
    last = descriptors(daemon)
    for _ in range(50):
        time.sleep(0.01)
        now = descriptors(daemon)
        if now == last:
            return now
        last = now
    return last


# ---- descriptors

@pytest.mark.parametrize("guard", ["none", "md5", "listener"])
def test_without_descriptors_left_it_says_so_and_goes_on(start_daemon, guard):
    daemon = start_daemon(wrapper=("prlimit", "--nofile=120:120"))
    api = daemon.api
    made = []
    while len(made) < 120:
        before = settled(daemon) if made else []
        answer = api.post("/endpoints", {
            "role": "server", "local": {"port": 21000 + len(made)}, "guard": guard, "socket": "own"})
        if answer.status != 201:
            break
        made.append(answer.json["id"])
    assert answer.status == 503 and answer.headers["Retry-After"]
    assert "EMFILE" in answer.json["detail"] and "ulimit -n" in answer.json["detail"], answer
    assert len(made) > 10
    # Nothing of the last one is there, neither in the process nor in the API.
    assert settled(daemon) == before
    assert [each["id"] for each in api.get("/endpoints?limit=1000").json["endpoints"]] == made
    # All or none of a list.
    api.remove(made.pop())
    answer = api.post("/endpoints", [
        {"role": "server", "local": {"port": 22000 + number}, "guard": guard, "socket": "own"} for number in range(9)])
    assert answer.status == 503
    assert len(api.get("/endpoints?limit=1000").json["endpoints"]) == len(made)
    # There are descriptors left for those who ask, many at a time.
    with ThreadPoolExecutor(8) as pool, contextlib.ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(contextlib.closing(api.connect()))
        assert {answer.status for answer in pool.map(lambda _: api.get("/counters"), range(40))} == {200}
    assert api.transmit(made[0], {})["sent"] == 1
    api.remove(made.pop())
    api.create(role="server", local={"port": 23000}, guard=guard, socket="own")
    assert api.post("/reset").status == 200
    assert len(settled(daemon)) < len(before) - 20


def test_more_connections_than_descriptors(start_daemon):
    daemon = start_daemon(wrapper=("prlimit", "--nofile=60:60"))
    api = daemon.api
    api.create(role="server")
    with contextlib.ExitStack() as stack:
        for _ in range(80):
            stack.enter_context(contextlib.closing(api.connect()))
        time.sleep(0.3)
        assert daemon.is_running
    eventually(lambda: api.get("/endpoints/server").status == 200)
    api.create(role="client")
    assert api.received("server")


def test_too_few_descriptors_to_start_with(namespace):
    ended = namespace.run("prlimit", "--nofile=6:6", SEGMENTD, "--listen", "127.0.0.1:0", timeout=10)
    assert 0 < ended.returncode < 126, ended
    assert "Too many open files" in ended.stderr or "EMFILE" in ended.stderr, ended.stderr


# ---- memory

def test_memory_stays_within_its_bounds(namespace, start_daemon):
    """Whatever is filled: the ring, what waits to be sent, endpoints. A limit of the kernel stands behind it."""
    daemon = start_daemon("--max-queued-octets", str(16 << 20), wrapper=("prlimit", f"--data={384 << 20}"))
    api = daemon.api
    api.create(role="server", remote=None, rules=[])
    api.create(role="client", rules=[], opening=[])
    for _ in range(4):
        api.transmit("client", {"payload": {"length": 1400}, "repeat": {"count": 50_000, "record": 50_000}})
    slow = {"payload": {"length": 60_000}, "repeat": {"count": 10, "interval": "100s"}}
    eventually(lambda: api.post("/endpoints/client/segments", slow).status == 429, seconds=30, interval=0)
    # So much of the ring is an answer that one may not hold, unless it is asked for in parts.
    page = api.get("/segments?direction=any&limit=10000", timeout=30)
    assert page.status in (200, 503)
    page = api.get("/segments?direction=any&limit=200", timeout=30)
    assert page.status == 200 and len(page.json["segments"]) == 200
    assert daemon.is_running
    assert api.post("/reset").status == 200
    api.create(role="server")


def test_a_ring_that_memory_has_no_room_for_is_told_at_the_start(namespace):
    ended = namespace.run(
        "prlimit", f"--as={4 << 30}", SEGMENTD, "--listen", "127.0.0.1:0", "--ring-octets", str(1 << 36), timeout=20)
    assert 0 < ended.returncode < 126, ended
    assert "--ring-octets" in ended.stderr, ended.stderr


# ---- the clock

class Clock:
    def __init__(self, path):
        self.path = path
        self.set(0)

    def set(self, seconds):
        with open(self.path, "r+b" if self.path.exists() else "wb") as file:
            file.write(struct.pack("=q", seconds))


@pytest.fixture
def clock(tmp_path):
    return Clock(tmp_path / "ahead")


@pytest.fixture
def clocked(start_daemon, clock, tmp_path):
    """A daemon whose wall clock can be set; the kernel's stamps stay as they are, so that the two differ for good."""
    library = tmp_path / "clock.so"
    source = pathlib.Path(__file__).parent / "peers/clock.c"
    subprocess.run([needs("gcc"), "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", library, source],
                   check=True, timeout=60)
    return start_daemon(wrapper=("env", f"LD_PRELOAD={library}", f"CLOCK_AHEAD={clock.path}"))


@pytest.mark.parametrize("jump", [3600, -3600, 10 * 365 * 86400])
def test_only_the_monotonic_clock_decides(clocked, clock, jump):
    api = clocked.api
    key = {"Idempotency-Key": "one"}
    made = api.post("/endpoints", {"role": "server", "pace": "10ms"}, headers=key)
    assert made.status == 201
    api.create(role="client", rules=[], opening=[])
    before = api.get("/endpoints/client").json["createdAt"]
    cursor = made.json["cursor"]
    paced = api.post("/endpoints/client/segments", {"repeat": {"count": 11, "interval": "50ms"}}).json
    run = api.post("/runs", {"steps": [
        {"send": {"endpoint": "server", "segment": {"sequenceNumber": 5}}},
        {"expect": {"endpoint": "client", "segment": {"sequenceNumber": 5}, "within": "2s"}},
        {"pause": "100ms"},
        {"send": {"endpoint": "server", "segment": {"sequenceNumber": 77}}},
        {"expect": {"endpoint": "client", "segment": {"sequenceNumber": 77}, "within": "2s"}},
        {"expectNone": {"endpoint": "client", "segment": {"sequenceNumber": 78}, "for": "100ms"}}]}).json
    time.sleep(0.05)
    clock.set(jump)
    began = time.monotonic()
    ended = api.get(f"/runs/{run['id']}?wait=5s").json
    assert ended["verdict"] == "satisfied", ended
    assert time.monotonic() - began < 1
    ended = api.get(f"/transmissions/{paced['id']}?wait=5s").json
    assert (ended["state"], ended["sent"]) == ("done", 11)
    assert 0.3 < time.monotonic() - began < 1
    # A wait ends in its time, and so does a run that waits in vain.
    began = time.monotonic()
    assert api.get("/segments?endpoint=client&wait=300ms&count=99").json["timedOut"]
    assert 0.25 < time.monotonic() - began < 1
    began = time.monotonic()
    failed = api.post("/runs?wait=5s", {"steps": [
        {"expect": {"endpoint": "client", "segment": {"sequenceNumber": 99}, "within": "300ms"}}]}).json
    assert failed["verdict"] == "unsatisfied"
    assert 0.25 < time.monotonic() - began < 1
    # What must not come is seen, whatever its stamp says.
    seen = api.post("/runs?wait=5s", {"steps": [
        {"send": {"endpoint": "server", "segment": {"sequenceNumber": 123}}},
        {"expectNone": {"endpoint": "client", "segment": {"sequenceNumber": 123}, "for": "300ms"}}]}).json
    assert seen["verdict"] == "unsatisfied", seen
    # Keys are not forgotten before their time.
    again = api.post("/endpoints", {"role": "server", "pace": "10ms"}, headers=key)
    assert (again.status, again.json) == (201, made.json)
    eventually(lambda: api.counters("server")["replies"] >= 11)
    assert api.get(f"/segments?endpoint=client&after={cursor}&limit=1000").status == 200
    assert api.get("/readyz").status == 200
    # It does show in what tells of the wall clock.
    later = api.create(role="client", id="later", local={"port": 50009}, rules=[], opening=[])["createdAt"]
    assert (later > before) == (jump > 0)


# ---- the engine

class StoppedThread:
    """One thread of a process held by ptrace, as a debugger would, while the others go on."""

    SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17

    def __init__(self, process, name):
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        (self.thread,) = (int(path.parent.name) for path in pathlib.Path(f"/proc/{process}/task").glob("*/comm")
                          if path.read_text().strip() == name)

    def _ask(self, request):
        if self._libc.ptrace(request, self.thread, None, None) != 0:
            raise OSError(ctypes.get_errno(), "ptrace")

    def __enter__(self):
        self._ask(self.SEIZE)
        self._ask(self.INTERRUPT)
        os.waitpid(self.thread, 0x40000000)
        return self

    def __exit__(self, *_):
        self._ask(self.DETACH)


def test_an_engine_that_stands_still_is_told_within_a_second(start_daemon):
    daemon = start_daemon("--max-commands", "8")
    api = daemon.api
    for role in ("server", "client"):
        api.create(role=role)
    api.received("client")
    assert api.get("/readyz").status == 200
    before = settled(daemon)
    with ThreadPoolExecutor(12) as pool, StoppedThread(daemon.process.pid, "engine"):
        ready = api.get("/readyz")
        assert ready.status == 503 and ready.headers["Retry-After"]
        assert ready.seconds < 1
        broken = [check["name"] for check in ready.json["checks"] if not check["ok"]]
        assert broken == ["engine"]
        # Reads answer, and so does what needs no engine.
        for path in ("/healthz", "/segments?limit=3", "/segments?endpoint=server", "/counters", "/endpoints",
                     "/endpoints/server", "/endpoints/server/counters", "/transmissions", "/runs", "/limits",
                     "/version", "/metrics", "/segments.pcapng"):
            answer = api.get(path, checked=False)
            assert answer.status in (200, 404) and answer.seconds < 0.5, (path, answer)
            assert answer.status == 200 or path == "/metrics"
        # As many commands as may wait do; the next is refused at once.
        posts = [pool.submit(api.post, "/endpoints/client/segments", {"sequenceNumber": number}, timeout=20)
                 for number in range(12)]
        eventually(lambda: sum(each.done() for each in posts) >= 4)
        early = [each.result() for each in posts if each.done()]
        assert {answer.status for answer in early} == {503}
        assert all(answer.headers["Retry-After"] for answer in early)
        assert api.get("/readyz").status == 503
    # Those that were taken are obeyed.
    assert sorted(each.result().status for each in posts).count(202) >= 6
    # It goes on where it stopped.
    assert eventually(lambda: api.get("/readyz").status == 200)
    assert api.transmit("client", {})["sent"] == 1
    assert settled(daemon) == before


# ---- system calls that fail

CALLS = ["socket", "setsockopt", "getsockopt", "bind", "listen", "connect", "getsockname", "epoll_ctl", "recvmmsg",
         "sendto", "sendmsg", "recvfrom", "recvmsg", "mmap"]


class Injection:
    """strace upon the engine's thread, that lets the n-th call of a kind fail."""

    def __init__(self, daemon, call, number, error):
        (thread,) = (path.parent.name for path in pathlib.Path(f"/proc/{daemon.process.pid}/task").glob("*/comm")
                     if path.read_text().strip() == "engine")
        self.log = daemon.log.with_name("strace.log")
        self.log.write_text("")
        self.process = subprocess.Popen(
            [needs("strace"), "-p", thread, "-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={number}",
             "-o", self.log], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        line = self.process.stderr.readline()
        assert "attached" in line, line

    def end(self):
        """Whether a call was made to fail."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=10)
        self.process.stderr.close()
        return "(INJECTED)" in self.log.read_text()


def ruleset(namespace):
    return namespace.run(needs("nft"), "list", "ruleset", check=True).stdout


@pytest.mark.parametrize("guard", ["listener", "md5", "nftables", "none", "auto"])
@pytest.mark.parametrize("kind", ["shared", "own"])
def test_whichever_call_fails_nothing_is_left_half_made(namespace, start_daemon, kind, guard):
    # Of hundreds of requests, none shall come from a port that is played.
    namespace.run("sh", "-c", "echo 20000 29999 >/proc/sys/net/ipv4/ip_local_port_range", check=True)
    daemon = start_daemon()
    api = daemon.api
    # Filled once, so that what is kept for ever is there already.
    body = {"role": "server", "id": "e", "socket": kind, "guard": guard, "remote": {"port": 50001}}
    api.create(**body)
    api.remove("e")
    before, rules = settled(daemon), ruleset(namespace)
    failures = 0
    for call in CALLS:
        for number in range(1, 30):
            injection = Injection(daemon, call, number, "ENOMEM")
            answer = api.post("/endpoints", body)
            failed = injection.end()
            if not failed:
                assert answer.status == 201, (call, number, answer)
                api.remove("e")
                break
            failures += 1
            place = (call, number, answer)
            if answer.status == 201:
                # Done without: by another guard, or degraded and saying so.
                shown = api.get("/endpoints/e").json
                assert shown["state"] == "running" or shown["state"] == "degraded" and shown["reason"], place
                api.remove("e")
            else:
                assert answer.status == 503, place
                assert "ENOMEM" in answer.json["detail"], place
                assert api.get("/endpoints").json["endpoints"] == [], place
            assert settled(daemon) == before, place
            assert ruleset(namespace) == rules, place
            # And the next one is made as if nothing had been.
            made = api.create(**body)
            assert made["state"] == "running", place
            api.remove("e")
        else:
            raise AssertionError(f"{call} is called without end")
    assert failures >= 8
    assert settled(daemon) == before
    for role in ("server", "client"):
        api.create(role=role)
    assert api.received("client")
