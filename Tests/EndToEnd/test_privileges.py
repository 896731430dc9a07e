"""What works with which privilege, what is said where one is missing, and which thread has which."""

import pathlib
import re
import subprocess

import pytest

from support import PROJECT, eventually, needs

UNIT = PROJECT / "docker/segmentd.service"
SANDBOX = ("unshare", "--mount", "--ipc", "/usr/bin/python3", PROJECT / "Tests/EndToEnd/sandbox.py", UNIT)
# Where root is nobody but root, there is no other user to become.
OTHER_USERS = sum(int(line.split()[2]) for line in open("/proc/self/uid_map")) > 61184
by_hand = pytest.mark.skipif(not OTHER_USERS, reason="a sandbox of another user needs root, not a user namespace")
NET_BIND_SERVICE, NET_ADMIN, NET_RAW, DAC_READ_SEARCH, SYS_PTRACE, SYS_ADMIN = (
    1 << number for number in (10, 12, 13, 2, 19, 21))
WITHOUT_RAW = ("setpriv", "--bounding-set=-net_raw")
RAW_ALONE = ("setpriv", "--bounding-set=-all,+net_raw")


def test_without_the_capability_it_runs_and_says_what_is_missing(start_daemon):
    api = start_daemon(wrapper=WITHOUT_RAW).api
    assert api.get("/healthz").status == 200
    ready = api.get("/readyz")
    assert ready.status == 503
    broken = [check for check in ready.json["checks"] if not check["ok"]]
    assert broken
    assert any("CAP_NET_RAW" in (check["remedy"] or "") for check in broken)
    refused = api.post("/endpoints", {"role": "server"})
    assert refused.status == 503
    assert refused.headers["Retry-After"]
    assert "CAP_NET_RAW" in refused.json["detail"]
    assert api.get("/endpoints").json["endpoints"] == []
    assert api.get("/counters").status == 200


def test_with_that_capability_alone_a_pair_talks_behind_another_guard(start_daemon):
    api = start_daemon(wrapper=RAW_ALONE).api
    ready = api.get("/readyz")
    assert ready.status == 200
    guards = {check["name"]: check for check in ready.json["checks"] if check["name"].startswith("guard.")}
    assert {name: check["ok"] for name, check in guards.items()} == {
        "guard.listener": False, "guard.md5": True, "guard.nftables": False}
    assert "CAP_NET_ADMIN" in guards["guard.nftables"]["remedy"]
    for role in ("server", "client"):
        made = api.create(role=role)
        assert (made["guard"]["wanted"], made["guard"]["active"]) == ("auto", "md5")
        assert [better["guard"] for better in made["guard"]["better"]] == ["listener"]
        assert "CAP_NET_ADMIN" in made["guard"]["better"][0]["reason"]
    for endpoint in ("server", "client"):
        assert api.received(endpoint)["checksum"]["status"] == "valid"
    eventually(lambda: api.counters("server")["segmentsReceived"] >= 3)
    assert api.counters()["total"]["kernelResets"] == 0


@pytest.mark.parametrize("guard", ["listener", "nftables"])
def test_a_guard_that_cannot_be_had_is_told(start_daemon, guard):
    api = start_daemon(wrapper=RAW_ALONE).api
    refused = api.post("/endpoints", {"role": "server", "guard": guard})
    assert refused.status in (422, 503)
    assert "CAP_NET_ADMIN" in refused.json["detail"]
    assert api.get("/endpoints").json["endpoints"] == []


def fields(status):
    return dict(re.findall(r"^(\w+):\s+(.*)$", status.read_text(), re.M))


def threads(daemon):
    """What the kernel says of each thread, by the thread's name."""
    tasks = pathlib.Path(f"/proc/{daemon.process.pid}/task")
    return {each["Name"]: each for each in (fields(task / "status") for task in tasks.iterdir())}


def capabilities(daemon):
    """What each thread may do; none has more permitted than in effect, or anything to pass on."""
    shown = threads(daemon)
    for name, each in shown.items():
        assert each["CapPrm"] == each["CapEff"], name
        assert int(each["CapInh"], 16) == int(each["CapAmb"], 16) == 0, name
        assert each["NoNewPrivs"] == "1", name
    return {name: int(each["CapEff"], 16) for name, each in shown.items()}


def talk(api):
    for role in ("server", "client"):
        api.create(role=role)
    for endpoint in ("server", "client"):
        assert api.received(endpoint)["checksum"]["status"] == "valid"
    eventually(lambda: api.counters("server")["segmentsReceived"] >= 3)
    assert api.counters()["total"]["kernelResets"] == 0


ENGINE = NET_RAW | NET_BIND_SERVICE


@pytest.mark.parametrize("options, engine, helper", [
    ((), ENGINE | NET_ADMIN, ENGINE | NET_ADMIN | SYS_ADMIN | SYS_PTRACE | DAC_READ_SEARCH),
    (("--without", "namespaces"), ENGINE | NET_ADMIN, SYS_PTRACE | DAC_READ_SEARCH),
    (("--without", "net-admin", "--without", "port-holders"), ENGINE, ENGINE | SYS_ADMIN),
    (("--without", "net-admin", "--without", "port-holders", "--without", "namespaces"), ENGINE, 0),
])
def test_only_two_threads_of_roots_daemon_have_privileges(start_daemon, options, engine, helper):
    daemon = start_daemon(*options)
    talk(daemon.api)
    present = capabilities(daemon)
    assert {"engine": engine, "namespaces": helper} == {name: present.pop(name) for name in ("engine", "namespaces")}
    assert len(present) >= 4
    assert set(present.values()) == {0}, present
    for name, each in threads(daemon).items():
        assert int(each["CapBnd"], 16) & ~(engine | helper) == 0, name


def test_what_it_opens_is_not_for_programs_that_it_might_start(start_daemon):
    daemon = start_daemon()
    for number, guard in enumerate(("listener", "md5", "nftables", "none")):
        daemon.api.create(role="server", local={"port": 50000 + number}, remote=None, guard=guard,
                          socket=("shared", "own")[number % 2])
    with daemon.api.connect():
        opened = {int(entry.name): int(re.search(r"^flags:\s+(\d+)", entry.read_text(), re.M)[1], 8)
                  for entry in pathlib.Path(f"/proc/{daemon.process.pid}/fdinfo").iterdir()}
    assert len(opened) > 15
    inherited = [number for number, flags in opened.items() if number > 2 and not flags & 0o2000000]
    assert not inherited, inherited


def test_the_unit_exposes_little():
    judged = subprocess.run(
        [needs("systemd-analyze"), "security", "--offline=true", "--threshold=20", "--no-pager", UNIT],
        capture_output=True, text=True, timeout=60)
    assert judged.returncode == 0, judged.stdout[-3000:]
    assert float(re.search(r"Overall exposure level for \S+: (\S+)", judged.stdout)[1]) <= 2.0


@by_hand
def test_under_the_units_settings_the_pair_talks_and_nothing_else_is_possible(start_daemon):
    needs("gcc")
    daemon = start_daemon(wrapper=SANDBOX)
    present = capabilities(daemon)
    assert present.pop("engine") == NET_RAW
    assert set(present.values()) == {0}
    for each in threads(daemon).values():
        assert (each["Seccomp"], int(each["CapBnd"], 16)) == ("2", NET_RAW)
        assert "61184" in each["Uid"]
    ready = daemon.api.get("/readyz")
    assert ready.status == 200, ready
    remedies = {check["name"]: check["remedy"] or "" for check in ready.json["checks"] if not check["ok"]}
    for name, capability in (("guard.listener", "CAP_NET_ADMIN"), ("guard.nftables", "CAP_NET_ADMIN"),
                             ("privilegedPorts", "CAP_NET_BIND_SERVICE"), ("namespaces", "CAP_SYS_ADMIN")):
        assert capability in remedies[name], remedies
    talk(daemon.api)
    api = daemon.api
    api.create(id="bare", role="server", local={"port": 50002}, remote=None, guard="none", socket="own",
               filter="tcp[13] & 4 == 0")
    result = api.post("/runs?wait=5s", {"name": "under the unit", "steps": [
        {"send": {"endpoint": "client", "segment": {"flags": ["SYN"], "sequenceNumber": 7}}},
        {"expect": {"endpoint": "server", "segment": {"sequenceNumber": 7}, "within": "2s"}}]})
    assert result.json["verdict"] == "satisfied", result
    assert api.get("/segments.pcapng").status == 200


@by_hand
@pytest.mark.parametrize("attempt, error", [
    ("open('/etc/segmentd', 'w')", "Read-only file system"),
    ("open('/dev/kmsg')", "No such file"),
    ("os.listdir('/root')", "Permission denied"),
    ("open('/proc/sys/kernel/hostname')", "No such file"),
    ("socket.socket(socket.AF_INET6)", "Address family not supported"),
    ("os.setuid(0)", "Operation not permitted"),
    ("os.unshare(0x40000000) if hasattr(os, 'unshare') else os.chroot('/')", "Operation not permitted"),
    ("mmap.mmap(-1, 4096, prot=7)", "Permission denied"),
    ("socket.socket(socket.AF_INET, socket.SOCK_RAW, 6).setsockopt(1, 33, 1 << 20)", "Operation not permitted"),
])
def test_the_settings_are_really_in_force(namespace, attempt, error):
    done = namespace.run(*SANDBOX, "/usr/bin/python3", "-c", f"import mmap, os, socket; {attempt}")
    assert error in done.stderr.splitlines()[-1], done.stderr


@by_hand
def test_under_the_units_settings_raw_sockets_can_be_had(namespace):
    done = namespace.run(*SANDBOX, "/usr/bin/python3", "-c",
                         "import os, socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, 6); print(os.getuid())")
    assert done.stdout == "61184\n", done.stderr
