"""What outlives the daemon, with `--state`: after a kill, an orderly end, or a disk that is full."""

import os
import pathlib
import random
import re
import signal
import socket
import sqlite3
import subprocess
import time

import pytest

from kills import kill_under_load
from support import SEGMENTD, Client, Daemon, eventually, needs
from test_ten_thousand import local

KILLS = int(os.environ.get("SEGMENTD_KILLS", "8"))
RUNTIME = ("cursor", "startedAt", "counters", "warnings")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "state.db"


@pytest.fixture
def start(start_daemon, file):
    """Starts the daemon with the file, and waits until it is ready."""

    def start(*options, **keywords):
        daemon = start_daemon("--state", file, *options, **keywords)
        eventually(lambda: daemon.api.get("/readyz").status == 200, 10, 0.005)
        daemon.ready_after = time.monotonic() - daemon.started_at
        return daemon

    return start


def kill(daemon):
    daemon.process.kill()
    daemon.process.wait(timeout=10)
    daemon.process.returncode = 0


def lasting(endpoint):
    return {name: value for name, value in endpoint.items() if name not in RUNTIME}


def refused(namespace, file, *wrapper):
    """What the daemon says when it does not start with a file, and with which status it ends."""
    ended = namespace.run(*wrapper, SEGMENTD, "--listen", "127.0.0.1:8089", "--state", file, timeout=20)
    assert ended.returncode not in (0, None, -signal.SIGILL, -signal.SIGTRAP, -signal.SIGSEGV), ended
    assert str(file) in ended.stderr, ended.stderr
    return ended.returncode, ended.stderr


def test_what_was_acknowledged_survives_kills_in_any_moment(start, namespace):
    needs("nft")
    seed = int(os.environ.get("SEGMENTD_SEED", random.randrange(1 << 20)))
    print(f"SEGMENTD_SEED={seed}")
    known = [{} for _ in range(4)]
    daemon, times = kill_under_load(start, namespace, known, KILLS, seed)
    print(f"{KILLS} kills, {sum(map(len, known))} endpoints made; ready after {max(times):.3f} s at most")
    assert sum(map(len, known)) > KILLS
    assert max(times) < 1, times
    assert daemon.api.post("/reset").status == 200
    kill(daemon)
    assert start().api.get("/endpoints").json["endpoints"] == []


def test_endpoints_come_back_as_they_were(start):
    daemon = start()
    api = daemon.api
    api.create(role="server", id="greeter", labels={"b": "1", "a": "2"})
    api.create(role="server", id="any", local={"port": 0}, remote=None, socket="own", filter="tcp[13] & 2 != 0",
               rules=[{"name": "x", "match": {"flags": ["SYN"], "payloadLength": {"from": 1}},
                       "reply": [{"flags": ["ACK"], "acknowledgmentNumber": {"received": "end", "plus": 3},
                                  "options": [{"kind": "maximumSegmentSize", "value": 1400}],
                                  "payload": {"hex": "00ff"}, "ip": {"timeToLive": 3}}], "pace": "1ms", "limit": 7}])
    api.create(role="server", id="unstarted", start=False, local={"port": 50007}, guard="none")
    api.create(role="client", id="halted", opening=[], local={"port": 50008})
    api.create(role="client", id="gone", local={"port": 50009})
    assert api.post("/endpoints/halted/stop").status == 200
    assert api.post("/endpoints/unstarted/start").status == 200
    patch = {"labels": {"a": None, "c": "é\u2028"}, "rules": [{"match": {}, "reply": [{"flags": ["FIN"]}]}]}
    assert api.request("PATCH", "/endpoints/greeter", patch).status == 200
    api.remove("gone")
    before = [lasting(each) for each in api.get("/endpoints").json["endpoints"]]
    assert [each["state"] for each in before] == ["running", "running", "running", "stopped"]
    assert before[1]["local"]["port"] != 0

    for end in (kill, Daemon.stop, kill):
        end(daemon)
        daemon = start()
        assert [lasting(each) for each in daemon.api.get("/endpoints").json["endpoints"]] == before
    # They work, and so does what is made beside them.
    sent = daemon.api.create(role="client", local={"port": 50001}, rules=[], opening=[])
    daemon.api.transmit(sent["id"], {"flags": ["SYN"]})
    daemon.api.received(sent["id"], lambda segment: segment["flags"] == ["FIN"])


def test_a_start_after_an_end_is_a_start(start):
    """A client opens again, as at each start."""
    daemon = start()
    daemon.api.create(role="server", rules=[])
    daemon.api.create(role="client")
    daemon.api.received("server")
    kill(daemon)
    again = start().api
    assert again.received("server")["payload"]["text"] == "Hello server"
    assert len(again.segments("server")) == 1


def test_what_cannot_be_started_again_is_degraded_and_can_be_mended(start, namespace):
    daemon = start("--allow-egress", "10.0.0.0/8", "--allow-egress", "127.0.0.0/8")
    namespace.run("ip", "address", "add", "10.9.9.9/32", "dev", "lo")
    api = daemon.api
    api.create(role="server", id="held")
    api.create(role="server", id="homeless", local={"address": "10.9.9.9"})
    api.create(role="client", id="outlawed", remote={"address": "10.1.1.1"}, opening=[])
    kill(daemon)
    namespace.run("ip", "address", "delete", "10.9.9.9/32", "dev", "lo")
    program = namespace.socket(socket.AF_INET, socket.SOCK_STREAM)
    program.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    program.bind(("127.0.0.1", 50000))
    program.listen()

    daemon = start()
    api = daemon.api
    states = {each["id"]: each for each in api.get("/endpoints").json["endpoints"]}
    assert {each["state"] for each in states.values()} == {"degraded"}
    assert "127.0.0.1:50000 is held" in states["held"]["reason"]
    assert "10.9.9.9 is not an address of this host" in states["homeless"]["reason"]
    assert "10.1.1.1 is not in 127.0.0.0/8" in states["outlawed"]["reason"]
    assert {each["guard"]["active"] for each in states.values()} == {"none"}
    assert api.post("/endpoints/held/segments", {}).json["type"] == "/problems/endpoint-stopped"
    assert api.post("/endpoints/held/start").json["type"] == "/problems/port-held"
    assert api.post("/endpoints/outlawed/start").status == 403
    program.close()
    assert api.post("/endpoints/held/start").json["state"] == "running"
    assert api.post("/endpoints/homeless/stop").json["state"] == "stopped"
    kill(daemon)
    api = start().api
    states = {each["id"]: each["state"] for each in api.get("/endpoints").json["endpoints"]}
    assert states == {"held": "running", "homeless": "stopped", "outlawed": "degraded"}


@pytest.mark.parametrize("end", [kill, Daemon.stop])
def test_what_was_under_way_is_lost_and_not_sent_again(start, end):
    daemon = start()
    api = daemon.api
    api.create(role="server", rules=[])
    api.create(role="client", rules=[], opening=[])
    done = api.transmit("client", {"window": 1})
    slow = api.send("client", window=2, repeat={"count": 1000, "interval": "20ms"})
    finished = api.post("/runs?wait=5s", {"name": "over", "steps": [{"send": {"endpoint": "client", "segment": {}}}]})
    assert finished.status == 200, finished
    report = api.get(f"/runs/{finished.json['id']}", headers={"Accept": "application/xml"}).content
    step = {"expect": {"endpoint": "server", "segment": {"flags": ["URG"]}, "within": "60s"}}
    live = api.post("/runs", {"name": "live", "steps": [step, step]}).json
    queued = api.post("/runs", {"steps": [step]}).json
    removed = api.post("/runs?wait=5s", {"steps": [{"pause": "1ms"}]}).json
    assert api.delete(f"/runs/{removed['id']}").status == 204
    # How far it has come is kept every second.
    time.sleep(1.2)
    end(daemon)

    api = start().api
    lost = api.get(f"/transmissions/{slow['id']}?wait=5s").json
    assert (lost["state"], lost["endpoint"], lost["requested"]) == ("lost", "client", 1000)
    assert 0 < lost["attempted"] < 1000
    assert [each["id"] for each in api.get("/transmissions").json["transmissions"]] == [slow["id"]]
    assert api.delete(f"/transmissions/{slow['id']}").json["state"] == "lost"
    assert api.get(f"/runs/{finished.json['id']}").json == finished.json
    assert api.get(f"/runs/{finished.json['id']}", headers={"Accept": "application/xml"}).content == report
    shown = api.get("/runs").json["runs"]
    assert [each["id"] for each in shown] == [finished.json["id"], live["id"], queued["id"]]
    for run in shown[1:]:
        assert (run["state"], run["verdict"]) == ("lost", None)
        assert {each["state"] for each in run["steps"]} == {"skipped"}
        assert "segmentd ended" in run["reason"]
    assert b'value="lost"' in api.get(f"/runs/{live['id']}", headers={"Accept": "application/xml"}).content
    # Nothing more leaves, and no id is given twice.
    assert api.counters("client")["segmentsSent"] == 0
    later = api.transmit("client", {"window": 3})
    assert int(later["id"][1:]) > int(slow["id"][1:]) > int(done["id"][1:])
    assert int(api.post("/runs", {"steps": [{"pause": "1ms"}]}).json["id"][1:]) > int(removed["id"][1:])
    assert [segment["window"] for segment in api.segments("server")] == [3]
    assert api.delete(f"/runs/{live['id']}").status == 204


def test_only_so_many_runs_are_kept(start, file):
    daemon = start("--remember-runs", 5)
    names = [f"run {number}" for number in range(12)]
    for name in names:
        assert daemon.api.post("/runs?wait=5s", {"name": name, "steps": [{"pause": "0s"}]}).status == 200
    kill(daemon)
    daemon = start("--remember-runs", 3)
    assert [run["name"] for run in daemon.api.get("/runs").json["runs"]] == names[-3:]
    assert daemon.api.post("/runs?wait=5s", {"name": "last", "steps": [{"pause": "0s"}]}).status == 200
    daemon.stop()
    with sqlite3.connect(file) as database:
        assert database.execute("SELECT count(*) FROM run").fetchall() == [(3,)]


def test_a_key_is_of_one_start(start):
    daemon = start()
    key = {"Idempotency-Key": "one"}
    assert daemon.api.post("/endpoints", {"role": "server", "id": "e"}, headers=key).status == 201
    assert daemon.api.post("/endpoints", {"role": "server", "id": "e"}, headers=key).status == 201
    kill(daemon)
    again = start().api.post("/endpoints", {"role": "server", "id": "e"}, headers=key)
    assert again.json["type"] == "/problems/id-in-use"


def test_the_file_is_its_owners_alone(start, file):
    old = os.umask(0)
    try:
        daemon = start()
    finally:
        os.umask(old)
    daemon.api.create(role="server")
    names = sorted(file.parent.glob("state.db*"))
    assert names, "there is no file"
    for name in names:
        assert name.stat().st_mode & 0o777 == 0o600, name
    daemon.stop()
    assert sorted(file.parent.glob("state.db*")) == [file]


def made(start, file):
    """A file with an endpoint, of a daemon that has ended."""
    daemon = start()
    daemon.api.create(role="server", labels={"x": "y" * 200})
    daemon.stop()
    return file.read_bytes()


def test_a_file_that_is_not_understood_stays_as_it_is(start, namespace, file):
    whole = made(start, file)
    page = 4096

    def edited(*statements):
        file.write_bytes(whole)
        with sqlite3.connect(file) as database:
            for statement in statements:
                database.execute(statement)
        database.close()
        return file.read_bytes()

    cases = {
        "is empty": b"",
        "damaged, or no state file": b"not a database at all\n" * 400,
        "damaged": whole[:len(whole) - page - 7],
        "damaged, or no": whole[:page] + b"\xff" * page + whole[2 * page:],
        "later segmentd: its schema is 99": edited("PRAGMA user_version = 99"),
        "not one of segmentd's": edited("PRAGMA application_id = 7"),
        "not one of": edited("PRAGMA user_version = 0"),
        "\"server\" is not understood: /role": edited("UPDATE endpoint SET definition = '{\"id\":\"server\",\"role\":1}'"),
        "\"server\" is not understood": edited("UPDATE endpoint SET definition = '{\"id\":\"ser'"),
        "no such column: isStarted": edited("ALTER TABLE endpoint DROP COLUMN isStarted"),
    }
    for words, content in cases.items():
        file.write_bytes(content)
        status, said = refused(namespace, file)
        assert words in said, said
        assert "critical" in said and status == 65, (words, status)
        # What is ours and whole, only not understood, has one more start counted.
        if "is not understood" not in words and "no such column" not in words:
            assert file.read_bytes() == content, words
            assert not file.with_name("state.db-wal").exists()
    # The whole one is still one.
    file.write_bytes(whole)
    assert [each["id"] for each in start().api.get("/endpoints").json["endpoints"]] == ["server"]


def test_a_place_where_no_file_can_be_is_told(namespace, tmp_path):
    for path, words in [
        (tmp_path / "missing" / "state.db", "missing does not exist"), (tmp_path, "not a regular file"),
        (pathlib.Path("/dev/null"), "not a regular file"), (tmp_path / ("n" * 254), "cannot make"),
    ]:
        status, said = refused(namespace, path)
        assert words in said and status == 73, said
    assert list(tmp_path.iterdir()) == []
    ended = namespace.run(SEGMENTD, "--state", "")
    assert ended.returncode == 64 and "--state" in ended.stderr


def test_a_file_that_others_can_read_is_refused(start, namespace, file):
    made(start, file)
    file.chmod(0o640)
    status, said = refused(namespace, file)
    assert "0640" in said and "chmod 600" in said and status == 73, said
    file.chmod(0o600)
    os.chown(file, 12345, 12345)
    status, said = refused(namespace, file)
    assert "user 12345" in said and status == 73, said


def test_more_endpoints_than_there_may_be_are_refused(start, namespace, file):
    daemon = start()
    for _ in range(3):
        daemon.api.create(role="server", start=False)
    daemon.stop()
    ended = namespace.run(SEGMENTD, "--listen", "127.0.0.1:8089", "--state", file, "--max-endpoints", 2, timeout=20)
    assert ended.returncode == 65 and "3 endpoints, and --max-endpoints allows 2" in ended.stderr, ended
    assert len(start("--max-endpoints", 3).api.get("/endpoints").json["endpoints"]) == 3


def test_lost_transmissions_that_are_forgotten_stay_so(start, file):
    daemon = start()
    daemon.api.create(role="client", rules=[], opening=[])
    lost = daemon.api.send("client", window=2, repeat={"count": 1000, "interval": "20ms"})
    kill(daemon)
    daemon = start("--max-transmissions", 1, "--remember-transmissions", 1)
    assert daemon.api.get(f"/transmissions/{lost['id']}").json["state"] == "lost"
    daemon.api.transmit("client", {"window": 1})
    assert daemon.api.get(f"/transmissions/{lost['id']}").status == 404
    kill(daemon)
    assert start().api.get("/transmissions").json["transmissions"] == []


def test_a_disk_that_hangs_is_told_and_does_not_hold_the_end(start, file, tmp_path):
    daemon = start()
    api = daemon.api
    api.create(role="server")
    # Each write takes a minute.
    tracer = subprocess.Popen([needs("strace"), "-f", "-o", tmp_path / "trace", "-e", "trace=pwrite64", "-e",
                               "inject=pwrite64:delay_enter=60000000", "-p", str(daemon.process.pid)],
                              stderr=subprocess.PIPE, text=True)
    assert "attached" in tracer.stderr.readline()
    try:
        answer = api.post("/endpoints", {"role": "client", "opening": []})
        assert answer.status == 507 and answer.json["type"] == "/problems/state-not-kept", answer
        assert "the disk does not answer" in answer.json["detail"] and "It was done" in answer.json["detail"]
        assert 1.9 < answer.seconds < 5
        answer = api.post("/endpoints/client/segments", {})
        assert answer.status == 503 and answer.json["type"] == "/problems/state-unavailable", answer
        answer = api.delete("/endpoints/client")
        assert answer.status == 507 and answer.seconds < 1, answer
        assert api.get("/endpoints/client").status == 404
        assert api.get("/readyz").status == 503
        daemon.signal(signal.SIGTERM)
        # It has ended but for the thread that strace holds.
        status = pathlib.Path(f"/proc/{daemon.process.pid}/status")
        eventually(lambda: "zombie" in status.read_text(), 8)
    finally:
        tracer.kill()
        tracer.communicate(timeout=20)
    daemon.stop()
    log = daemon.log.read_text()
    assert "the disk does not answer" in log and "latest changes may not be in" in log, log
    assert [each["id"] for each in start().api.get("/endpoints").json["endpoints"]] == ["server"]


def test_a_file_is_for_one_daemon(start, namespace, file):
    daemon = start()
    daemon.api.create(role="server")
    status, said = refused(namespace, file)
    assert "another process uses it" in said and status == 73
    daemon.api.create(role="client")
    kill(daemon)
    assert len(start().api.get("/endpoints").json["endpoints"]) == 2


def mounted(directory, options, *then):
    """A wrapper that mounts an empty file system, of the wrapped process alone, and runs commands before it."""
    commands = " && ".join([f"mount -t tmpfs -o {options} none {directory}", *then, 'exec "$@"'])
    return ["unshare", "--mount", "sh", "-c", commands, "sh"]


def test_a_file_that_cannot_be_written_is_told(start, namespace, file, tmp_path):
    made(start, file)
    place = tmp_path / "mount"
    place.mkdir()
    path = place / "state.db"
    copy = f"cp {file} {path}"
    status, said = refused(namespace, path, *mounted(place, "size=1m", copy, f"mount -o remount,ro {place}"))
    assert "cannot be written" in said and status == 73, said
    status, said = refused(namespace, path, *mounted(place, "size=1m,ro"))
    assert "cannot be written" in said and status == 73, said
    status, said = refused(namespace, path, *mounted(place, "size=8k"))
    assert "disk is full" in said and status == 73, said
    fill = f"cat /dev/zero > {place}/filler 2>/dev/null; true"
    status, said = refused(namespace, path, *mounted(place, "size=1m", copy, f"{{ {fill}; }}"))
    assert "disk is full" in said and status == 73, said


def test_a_disk_that_fills_up_stops_changes_and_nothing_else(start_daemon, namespace, tmp_path):
    place = tmp_path / "mount"
    place.mkdir()
    path = place / "state.db"
    daemon = start_daemon("--state", path, wrapper=mounted(place, "size=256k"))
    inside = pathlib.Path(f"/proc/{daemon.process.pid}/root{place}")
    api = daemon.api
    acknowledged = []
    for number in range(500):
        answer = api.post("/endpoints", {"role": "server", "id": f"e{number}", "start": False,
                                         "labels": {"x": "y" * 250, "z": "y" * 250}})
        if answer.status != 201:
            break
        acknowledged.append(f"e{number}")
    assert answer.status == 507, answer
    assert answer.json["type"] == "/problems/state-not-kept"
    assert "the disk is full" in answer.json["detail"] and str(path) in answer.json["detail"]
    assert 10 < len(acknowledged) < 500

    # Nothing new is begun, and that is told at once.
    for path_, body in [("/endpoints", {"role": "client"}), ("/endpoints/e0/start", None),
                        ("/runs", {"steps": [{"pause": "1s"}]}), ("/endpoints/e0/segments", {})]:
        answer = api.post(path_, body)
        assert answer.status == 503 and answer.json["type"] == "/problems/state-unavailable", answer
        assert answer.headers["Retry-After"] and answer.seconds < 0.1
    assert api.get("/endpoints/client").status == 404
    # Reads go on, and everybody can see what is wrong.
    assert len(api.get("/endpoints?limit=1000").json["endpoints"]) == len(acknowledged) + 1
    assert api.get("/segments").status == 200
    ready = api.get("/readyz")
    assert ready.status == 503
    (check,) = [check for check in ready.json["checks"] if check["name"] == "state"]
    assert not check["ok"] and "full" in check["detail"] and check["remedy"]
    # What ends something is done all the same.
    answer = api.delete("/endpoints/e1")
    assert answer.status in (200, 507), answer
    assert api.get("/endpoints/e1").status == 404

    daemon.namespace.run("nsenter", f"--mount=/proc/{daemon.process.pid}/ns/mnt", "--",
                         "mount", "-o", "remount,size=8m", str(place))
    eventually(lambda: api.get("/readyz").status == 200, 10)
    api.create(role="client", opening=[])
    content = {name: (inside / name).read_bytes() for name in ("state.db", "state.db-wal")}
    kill(daemon)
    for name, octets in content.items():
        (tmp_path / name).write_bytes(octets)
        (tmp_path / name).chmod(0o600)
    again = start_daemon("--state", tmp_path / "state.db").api
    present = {each["id"] for each in again.get("/endpoints?limit=1000").json["endpoints"]}
    assert present == set(acknowledged) - {"e1"} | {f"e{len(acknowledged)}", "client"}


def test_a_file_that_is_taken_away_is_noticed(start, file):
    daemon = start()
    daemon.api.create(role="server")
    elsewhere = file.with_name("elsewhere")
    file.rename(elsewhere)
    answer = daemon.api.post("/endpoints", {"role": "client"})
    assert answer.status == 507 and "removed or replaced" in answer.json["detail"]
    assert daemon.api.get("/readyz").status == 503
    assert not file.exists()
    elsewhere.rename(file)
    eventually(lambda: daemon.api.get("/readyz").status == 200, 10)
    kill(daemon)
    assert len(start().api.get("/endpoints").json["endpoints"]) == 2


def test_without_it_nothing_is_written_anywhere(start_daemon, tmp_path):
    trace = tmp_path / "trace"
    daemon = start_daemon(wrapper=[needs("strace"), "-f", "-o", trace, "-e", "trace=%file,ftruncate"])
    api = daemon.api
    api.create(role="server")
    api.create(role="client")
    api.received("server")
    api.post("/runs?wait=5s", {"steps": [{"pause": "1ms"}]})
    api.post("/reset")
    tracer = daemon.process
    children = pathlib.Path(f"/proc/{tracer.pid}/task/{tracer.pid}/children").read_text().split()
    for child in children:
        os.kill(int(child), signal.SIGTERM)
    tracer.wait(timeout=20)
    calls = trace.read_text().splitlines()
    assert any("openat(" in call for call in calls)
    changing = re.compile(r"O_(WRONLY|RDWR|CREAT)|\b(creat|mkdir\w*|unlink\w*|rename\w*|link\w*|symlink\w*|ftruncate)\(")
    assert [call for call in calls if changing.search(call)] == []


def test_ten_thousand_are_back_in_a_moment(start):
    count = 10_000
    options = ("--max-endpoints", count, "--max-body", 16 << 20)
    daemon = start(*options)
    definitions = [{"role": "server", "id": f"e{number}", "remote": None, "labels": {"n": str(number)},
                    "local": {"address": local(number), "port": 20_000 + number}} for number in range(count)]
    began = time.monotonic()
    made = daemon.api.post("/endpoints", definitions, checked=False, timeout=60)
    assert made.status == 201
    print(f"made in {time.monotonic() - began:.2f} s")
    kill(daemon)
    daemon = start(*options)
    print(f"ready again after {daemon.ready_after:.2f} s")
    present = daemon.api.get("/endpoints?limit=10000", checked=False, timeout=60).json["endpoints"]
    assert [each["id"] for each in present] == [each["id"] for each in definitions]
    assert {each["state"] for each in present} == {"running"}
    # Twice the promise, since others may use the machine meanwhile.
    assert daemon.ready_after < 4


def test_a_thousand_creations_are_not_a_thousand_commits(start, tmp_path):
    """Those that come at once are written together."""
    trace = tmp_path / "trace"
    daemon = start()
    tracer = subprocess.Popen([needs("strace"), "-f", "-c", "-o", trace, "-e", "trace=fsync,fdatasync", "-p",
                               str(daemon.process.pid)], stderr=subprocess.PIPE, text=True)
    assert "attached" in tracer.stderr.readline()
    for number in range(1_000):
        daemon.api.create(role="server", id=f"e{number}", start=False)
    tracer.send_signal(signal.SIGINT)
    tracer.communicate(timeout=20)
    total = re.search(r"(\d+)\s+total", trace.read_text())
    assert total is None or int(total[1]) < 100, trace.read_text()
