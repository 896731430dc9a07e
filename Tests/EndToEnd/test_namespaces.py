"""Endpoints in other network namespaces: on both sides of a firewall, apart from each other, and when one is gone.

Judges: the firewall's own counters, tshark, `ip netns`, and a program that holds a port.
"""

import json
import pathlib
import re
import subprocess
import threading
import time

import pytest

from support import Client, Namespace, eventually, needs

LEFT, RIGHT = "10.1.0.1", "10.2.0.1"
EGRESS = ("--allow-egress", "127.0.0.0/8", "--allow-egress", "10.0.0.0/8")
# What the firewall does to what passes through it, each with a counter of its own.
FIREWALL = """
table ip firewall {
    counter passed { }
    counter refused { }
    counter resets { }
    chain forward {
        type filter hook forward priority 0; policy drop;
        tcp flags rst counter name resets accept
        tcp dport 7777 counter name refused drop
        ip protocol tcp counter name passed accept
    }
}
"""
SYN_ACK = {"name": "accept", "match": {"flags": ["SYN"], "withoutFlags": ["ACK"]}, "pace": "0s",
           "reply": [{"flags": ["SYN", "ACK"], "sequenceNumber": 900,
                      "acknowledgmentNumber": {"received": "end"}}]}


@pytest.fixture
def namespace():
    made = Namespace(named_namespaces=True)
    yield made
    made.close()


class Bench:
    """left — firewall — right, three namespaces beside the daemon's own."""

    def __init__(self, namespace):
        self.namespace = namespace
        for name in ("left", "firewall", "right"):
            self.ip("netns", "add", name)
            self.ip("-n", name, "link", "set", "lo", "up")
        self.join("left", "l0", LEFT, "f0", "10.1.0.254")
        self.join("right", "r0", RIGHT, "f1", "10.2.0.254")
        self.execute("firewall", "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward")
        self.execute("firewall", needs("nft"), "-f", "-", input=FIREWALL, stdin=None)

    def ip(self, *arguments):
        self.namespace.run(needs("ip"), *arguments, check=True)

    def execute(self, name, *arguments, **options):
        return self.namespace.run("ip", "netns", "exec", name, *arguments, check=True, **options)

    def join(self, name, device, address, other, gateway):
        """A link from a namespace to the firewall, which is its router."""
        self.ip("link", "add", device, "netns", name, "type", "veth", "peer", "name", other, "netns", "firewall")
        for where, each, its in ((name, device, address), ("firewall", other, gateway)):
            self.ip("-n", where, "address", "add", f"{its}/24", "dev", each)
            self.ip("-n", where, "link", "set", each, "up")
        self.ip("-n", name, "route", "add", "default", "via", gateway)

    def counters(self):
        listed = json.loads(self.execute("firewall", needs("nft"), "-j", "list", "counters").stdout)["nftables"]
        return {entry["counter"]["name"]: entry["counter"]["packets"] for entry in listed if "counter" in entry}

    def links(self, name):
        return [link["ifname"].split("@")[0] for link in json.loads(
            self.namespace.run("ip", "-n", name, "-j", "link", check=True).stdout)]

    def tables(self, name):
        listed = json.loads(self.execute(name, needs("nft"), "-j", "list", "tables").stdout)["nftables"]
        return [entry["table"]["name"] for entry in listed if "table" in entry]


@pytest.fixture
def bench(namespace):
    return Bench(namespace)


@pytest.fixture
def api(bench, start_daemon):
    return start_daemon(*EGRESS).api


def server(api, **change):
    return api.create(**{"id": "server", "role": "server", "namespace": "right", "rules": [SYN_ACK],
                         "local": {"address": RIGHT, "port": 80}, "remote": None, **change})


def client(api, **change):
    return api.create(**{"id": "client", "role": "client", "namespace": "left", "rules": [], "opening": [],
                         "local": {"address": LEFT, "port": 4000}, "remote": {"address": RIGHT, "port": 80},
                         **change})


def pair(api, namespace, **change):
    """The presets, that talk to each other over 127.0.0.1 of a namespace."""
    suffix = namespace or "own"
    for role in ("server", "client"):
        api.create(id=f"{role}-{suffix}", role=role, namespace=namespace, pace="0s", limit=20, **change)


def run(api, steps, wait=10):
    answer = api.post(f"/runs?wait={wait}s", {"name": "through the firewall", "steps": steps}, timeout=wait + 5)
    assert answer.status == 200, answer
    return answer.json


def state(api, endpoint):
    return api.get(f"/endpoints/{endpoint}").json["state"]


# ---- through a firewall

@pytest.mark.parametrize("kind", ["shared", "own"])
def test_a_handshake_through_a_firewall(bench, api, kind):
    made = (server(api, socket=kind), client(api, socket=kind))
    assert [each["namespace"] for each in made] == ["right", "left"]
    assert [each["guard"]["active"] for each in made] == ["listener", "listener"]
    result = run(api, [
        {"send": {"endpoint": "client", "segment": {"flags": ["SYN"], "sequenceNumber": 100}}},
        {"expect": {"endpoint": "server", "segment": {"flags": ["SYN"], "sequenceNumber": 100,
                                                      "ip": {"timeToLive": 63}}, "within": "2s"}},
        {"expect": {"endpoint": "client", "segment": {"flags": ["SYN", "ACK"], "acknowledgmentNumber": 101},
                    "within": "2s"}},
        {"send": {"endpoint": "client", "segment": {"flags": ["ACK"], "sequenceNumber": 101,
                                                    "acknowledgmentNumber": {"received": "end"}}}},
        {"expect": {"endpoint": "server", "segment": {"flags": ["ACK"], "acknowledgmentNumber": 901},
                    "within": "2s"}},
        {"expectNone": {"endpoint": "client", "segment": {"flags": ["RST"]}, "for": "200ms"}},
    ])
    assert result["verdict"] == "satisfied", result
    assert bench.counters() == {"passed": 3, "refused": 0, "resets": 0}


def test_the_firewall_keeps_back_what_it_should(bench, api):
    server(api, local={"address": RIGHT, "port": 7777})
    client(api, remote={"address": RIGHT, "port": 7777})
    result = run(api, [
        {"send": {"endpoint": "client", "segment": {"flags": ["SYN"]}}},
        {"expectNone": {"endpoint": "server", "segment": {"flags": ["SYN"]}, "for": "300ms"}},
    ])
    assert result["verdict"] == "satisfied", result
    assert bench.counters() == {"passed": 0, "refused": 1, "resets": 0}
    missed = run(api, [
        {"send": {"endpoint": "client", "segment": {"flags": ["SYN"]}}},
        {"expect": {"endpoint": "server", "segment": {"flags": ["SYN"]}, "within": "300ms"}},
    ])
    assert missed["verdict"] == "unsatisfied"


def test_a_flood_through_a_firewall_is_counted_alike_everywhere(bench, api):
    server(api, rules=[])
    client(api)
    done = api.transmit("client", {"flags": ["ACK"], "repeat": {"count": 2000, "rate": "20000/s"}})
    assert done["sent"] == 2000
    eventually(lambda: api.counters("server")["segmentsReceived"] + api.counters("server")["kernelDrops"] == 2000)
    assert bench.counters()["passed"] == 2000


# ---- apart from each other

def test_the_same_addresses_and_ports_in_three_namespaces_do_not_meet(bench, api):
    for name in ("left", "right", None):
        pair(api, name)
    for name in ("left", "right", "own"):
        eventually(lambda: api.counters(f"client-{name}")["segmentsReceived"] == 20)
        for segment in api.segments(f"server-{name}", limit=100):
            assert segment["endpoint"] == f"server-{name}"
    time.sleep(0.2)
    # 20 answers and one opening from each client: nobody hears the others.
    for name in ("left", "right", "own"):
        assert api.counters(f"server-{name}")["segmentsReceived"] == 21
    api.remove("server-left")
    again = api.post("/endpoints", {"role": "server", "namespace": "right", "id": "second"})
    assert again.status == 409
    assert "server-right" in again.json["detail"]
    api.create(id="server-left", role="server", namespace="left")
    assert api.post("/reset").json["endpoints"] == 6
    for name in ("left", "right"):
        assert "127.0.0.1:50000" not in bench.execute(name, "ss", "-Htln").stdout


def test_a_file_of_segments_has_an_interface_for_each_namespace(bench, api, tmp_path):
    for name in ("left", None):
        pair(api, name)
        eventually(lambda: api.counters(f"client-{name or 'own'}")["segmentsReceived"] == 20)
    # Also when they are gone.
    api.remove("client-left")
    file = tmp_path / "segments.pcapng"
    file.write_bytes(api.get("/segments.pcapng?direction=any").content)
    shown = subprocess.run(
        [needs("tshark"), "-r", file, "-T", "fields", "-e", "frame.interface_name", "-e", "frame.comment"],
        capture_output=True, text=True, check=True, timeout=30).stdout.splitlines()
    assert len(shown) > 80
    for line in shown:
        interface, comment = line.split("\t")
        assert interface == ("left" if "-left" in comment else "default"), line


def test_all_kinds_of_sockets_in_a_namespace(bench, api):
    for number, (trigger, kind, guard) in enumerate(
            (trigger, kind, guard) for trigger in ("level", "edge") for kind in ("shared", "own")
            for guard in ("listener", "md5", "nftables", "none")):
        change = {"trigger": trigger, "socket": kind, "guard": guard, "namespace": "left"}
        ports = 40000 + 2 * number, 40001 + 2 * number
        for role, own, other in (("server", *ports), ("client", *reversed(ports))):
            api.create(id=f"{role}{number}", role=role, pace="0s", limit=5, **change, local={"port": own},
                       remote={"address": "127.0.0.1", "port": other})
        eventually(lambda: api.counters(f"client{number}")["segmentsReceived"] >= 5)
        resets = api.counters(f"server{number}")["kernelResets"]
        assert (resets > 0) == (guard == "none"), (guard, resets)
    assert len(bench.tables("left")) == 1
    api.post("/reset")
    assert bench.tables("left") == []


def test_the_firewall_table_of_a_namespace_ends_with_the_daemon(bench, start_daemon):
    daemon = start_daemon(*EGRESS)
    server(daemon.api, guard="nftables")
    assert len(bench.tables("right")) == 1
    daemon.process.kill()
    daemon.process.wait(timeout=10)
    daemon.process.returncode = 0
    eventually(lambda: bench.tables("right") == [])


def test_a_datagram_that_is_too_big_there_tells_the_mtu(bench, api):
    bench.ip("-n", "left", "link", "set", "l0", "mtu", "1000")
    for kind in ("shared", "own"):
        client(api, id=kind, socket=kind, local={"address": LEFT, "port": 0})
        done = api.transmit(kind, {"payload": {"length": 1200}})
        assert done["outcomes"] == {"tooBig": 1}
        assert "1000" in done["firstError"]["detail"], done
    assert not server(api)["warnings"]


def test_a_broadcast_address_is_one_of_the_namespaces_own_links(bench, api):
    answer = api.post("/endpoints", {"role": "client", "namespace": "left", "local": {"address": LEFT},
                                     "remote": {"address": "10.2.0.255"}})
    assert answer.status == 201, "on the other side of the firewall it may be any host's"
    bench.ip("-n", "right", "address", "add", "10.5.0.1/24", "broadcast", "10.5.0.255", "dev", "r0")
    answer = api.post("/endpoints", {"role": "client", "namespace": "right", "local": {"address": "10.5.0.1"},
                                     "remote": {"address": "10.5.0.255"}})
    assert (answer.status, answer.pointers) == (403, ["/remote/address"])


def test_errors_of_the_network_reach_the_endpoint_there(bench, api):
    bench.execute("firewall", "nft", "insert rule ip firewall forward tcp dport 80 reject with icmp type admin-prohibited")
    client(api)
    api.transmit("client", {"flags": ["SYN"]})
    error = eventually(lambda: api.segments("client", direction="error"))[0]
    assert error["error"]["offender"] == "10.1.0.254", error
    assert api.counters("client")["icmpErrors"] == 1


# ---- what is refused

@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../../proc/1/ns/net", "x" * 256, "new\nline"])
def test_a_name_that_is_none(api, name):
    answer = api.post("/endpoints", {"role": "server", "namespace": name})
    assert (answer.status, answer.pointers) == (422, ["/namespace"])


def test_a_namespace_that_is_not_there_or_none(namespace, api):
    answer = api.post("/endpoints", {"role": "server", "namespace": "midle"})
    assert (answer.status, answer.pointers) == (422, ["/namespace"])
    assert "midle" in answer.json["detail"]
    namespace.run("sh", "-c", "echo >/run/netns/file; mkfifo /run/netns/fifo; mkdir /run/netns/directory", check=True)
    for name in ("file", "fifo", "directory"):
        answer = api.post("/endpoints", {"role": "server", "namespace": name})
        assert (answer.status, answer.pointers) == (422, ["/namespace"]), answer
    assert api.get("/endpoints").json["endpoints"] == []


def test_all_or_none_across_namespaces(bench, api):
    good = {"role": "server", "remote": None}
    bad = api.post("/endpoints", [
        {**good, "id": "a", "namespace": "left"}, {**good, "id": "b"}, {**good, "id": "c", "namespace": "midle"}])
    assert (bad.status, bad.pointers) == (422, ["/2/namespace"])
    bad = api.post("/endpoints", [
        {**good, "id": "a", "namespace": "left"}, {**good, "id": "b", "local": {"address": LEFT}},
        {**good, "id": "c", "namespace": "right"}])
    assert (bad.status, bad.pointers) == (422, ["/1/local/address"])
    bad = api.post("/endpoints", [
        {**good, "id": "a", "namespace": "left"},
        {**good, "id": "b", "namespace": "right", "local": {"address": LEFT}}])
    assert (bad.status, bad.pointers) == (422, ["/1/local/address"])
    assert "right" in bad.json["detail"]
    assert api.get("/endpoints").json["endpoints"] == []
    for name in ("left", "right"):
        eventually(lambda: bench.execute(name, "ss", "-Htln").stdout == "")
    made = api.post("/endpoints", [
        {**good, "id": "a", "namespace": "left"}, {**good, "id": "b"}, {**good, "id": "c", "namespace": "right"}])
    assert made.status == 201
    assert [each["state"] for each in made.json["endpoints"]] == ["running"] * 3


def test_a_port_that_a_program_of_the_namespace_holds(bench, namespace, api):
    holder = namespace.start(
        "ip", "netns", "exec", "right", "python3", "-c",
        f"import socket; s = socket.create_server(('{RIGHT}', 80)); print('up', flush=True); s.accept()",
        stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "up\n"
    answer = api.post("/endpoints", {
        "role": "server", "namespace": "right", "local": {"address": RIGHT, "port": 80}, "remote": None})
    assert (answer.status, answer.pointers) == (409, ["/local/port"])
    assert "python3 (pid " in answer.json["detail"], answer
    # In the other it is free.
    api.create(role="server", namespace="left", local={"address": LEFT, "port": 80}, remote=None)


def test_without_the_capability_it_is_told_how_to_grant_it(bench, start_daemon):
    api = start_daemon(*EGRESS, wrapper=("setpriv", "--bounding-set=-sys_admin")).api
    check = next(check for check in api.get("/readyz").json["checks"] if check["name"] == "namespaces")
    assert not check["ok"]
    assert "CAP_SYS_ADMIN" in check["remedy"]
    answer = api.post("/endpoints", {"role": "server", "namespace": "left"})
    assert (answer.status, answer.pointers) == (503, ["/namespace"])
    assert "AmbientCapabilities=CAP_SYS_ADMIN" in answer.json["detail"]
    assert answer.headers["Retry-After"]
    pair(api, None)


def test_with_namespaces_turned_off(bench, start_daemon):
    api = start_daemon("--without", "namespaces").api
    answer = api.post("/endpoints", {"role": "server", "namespace": "left"})
    assert (answer.status, answer.pointers) == (503, ["/namespace"])
    assert "--without namespaces" in answer.json["detail"]
    check = next(check for check in api.get("/readyz").json["checks"] if check["name"] == "namespaces")
    assert check["ok"] and "--without" in check["detail"]


# ---- when it is gone

def test_a_namespace_that_vanishes_and_comes_back(bench, api):
    server(api)
    client(api)
    pair(api, "left")
    began = time.monotonic()
    bench.ip("netns", "delete", "left")
    gone = eventually(lambda: state(api, "client") == "degraded" and api.get("/endpoints/client").json, seconds=2)
    assert time.monotonic() - began < 1.5
    assert "left" in gone["reason"] and "gone" in gone["reason"]
    assert state(api, "client-left") == "degraded"
    assert state(api, "server") == "running"
    # Nothing of ours keeps it alive: the link's other end goes with it.
    eventually(lambda: "f0" not in bench.links("firewall"))
    assert api.post("/endpoints/client/segments", {}).status == 409

    refused = api.post("/endpoints/client/start")
    assert refused.status == 422, refused
    assert state(api, "client") == "degraded"
    bench.ip("netns", "add", "left")
    bench.ip("-n", "left", "link", "set", "lo", "up")
    bench.join("left", "l0", LEFT, "f0", "10.1.0.254")
    mended = api.post("/endpoints/client/start")
    assert (mended.status, mended.json["state"]) == (200, "running"), mended
    assert "reason" not in mended.json
    result = run(api, [
        {"send": {"endpoint": "client", "segment": {"flags": ["SYN"]}}},
        {"expect": {"endpoint": "client", "segment": {"flags": ["SYN", "ACK"]}, "within": "2s"}},
    ])
    assert result["verdict"] == "satisfied", result


def test_a_name_that_becomes_anothers(bench, api):
    pair(api, "left")
    bench.namespace.run("sh", "-c", "ip netns delete left; ip netns add left; ip -n left link set lo up", check=True)
    eventually(lambda: state(api, "server-left") == "degraded", seconds=2)
    for role in ("server", "client"):
        assert api.post(f"/endpoints/{role}-left/start").json["state"] == "running"
    api.received("client-left", lambda segment: segment["payload"]["text"] == "Hello client")


@pytest.mark.parametrize("where", ["left", None])
def test_an_interface_that_vanishes_and_comes_back(bench, namespace, api, where):
    if where is None:
        namespace.run("ip", "link", "add", "d0", "type", "veth", "peer", "name", "d1", check=True)
        namespace.run("ip", "address", "add", "10.3.0.1/24", "dev", "d0", check=True)
    address, device = (LEFT, "l0") if where else ("10.3.0.1", "d0")
    there = ("-n", where) if where else ()
    api.create(id="lost", role="client", namespace=where, local={"address": address}, rules=[], opening=[],
               remote={"address": address[:-1] + "254", "port": 9})
    pair(api, where)
    began = time.monotonic()
    bench.ip(*there, "link", "delete", device)
    gone = eventually(lambda: state(api, "lost") == "degraded" and api.get("/endpoints/lost").json, seconds=3)
    assert time.monotonic() - began < 1.5
    assert address in gone["reason"]
    # Others of the same socket go on.
    assert state(api, f"server-{where or 'own'}") == "running"
    refused = api.post("/endpoints/lost/start")
    assert (refused.status, refused.pointers) == (422, ["/local/address"])
    assert state(api, "lost") == "degraded"
    bench.ip(*there, "link", "add", device, "type", "veth", "peer", "name", "other")
    bench.ip(*there, "address", "add", f"{address}/24", "dev", device)
    bench.ip(*there, "link", "set", device, "up")
    assert api.post("/endpoints/lost/start").json["state"] == "running"
    assert api.transmit("lost", {"flags": ["SYN"]})["outcomes"].get("sent") == 1
    assert api.post("/endpoints/lost/stop").json["state"] == "stopped"


def test_a_restart_brings_back_what_played_in_namespaces(bench, start_daemon, tmp_path):
    options = (*EGRESS, "--state", tmp_path / "state.db")
    daemon = start_daemon(*options)
    server(daemon.api)
    client(daemon.api)
    pair(daemon.api, None)
    daemon.process.kill()
    daemon.process.wait(timeout=10)
    daemon.process.returncode = 0
    bench.ip("netns", "delete", "left")
    api = start_daemon(*options).api
    eventually(lambda: api.get("/readyz").status == 200)
    states = {each["id"]: each["state"] for each in api.get("/endpoints").json["endpoints"]}
    assert states == {"server": "running", "client": "degraded", "server-own": "running", "client-own": "running"}
    assert "left" in api.get("/endpoints/client").json["reason"]
    bench.ip("netns", "add", "left")
    bench.join("left", "l0", LEFT, "f0", "10.1.0.254")
    assert api.post("/endpoints/client/start").json["state"] == "running"
    api.transmit("client", {"flags": ["SYN"]})
    api.received("server")


def test_creating_and_removing_while_namespaces_come_and_go(bench, namespace, start_daemon):
    """Every request is answered, by a success or by what is wrong, and nothing is left behind."""
    daemon = start_daemon(*EGRESS)
    api = daemon.api
    files = pathlib.Path(f"/proc/{daemon.process.pid}/fd")
    before = len(list(files.iterdir()))
    odd, made = [], []
    over = threading.Event()

    def work(number):
        requests = Client(namespace)
        while not over.is_set():
            body = {"id": f"e{number}", "role": "server", "namespace": ("left", "extra")[number % 2], "remote": None,
                    "local": {"port": 50000 + number // 4}, "guard": ("auto", "nftables", "md5", "none")[number % 4]}
            answer = requests.post("/endpoints", body)
            made.append(answer.status == 201)
            if answer.status not in (201, 409, 422):
                odd.append(answer)
            for verb in ("stop", "start"):
                answer = requests.post(f"/endpoints/e{number}/{verb}")
                if answer.status not in (200, 404, 409, 422):
                    odd.append(answer)
            answer = requests.delete(f"/endpoints/e{number}")
            if answer.status not in (200, 404):
                odd.append(answer)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    end = time.monotonic() + 4
    while time.monotonic() < end:
        namespace.run("sh", "-c", "ip netns add extra; ip -n extra link set lo up; sleep 0.1; ip netns delete extra",
                      check=True)
    over.set()
    for thread in threads:
        thread.join(timeout=20)
        assert not thread.is_alive()
    assert not odd, odd[:3]
    assert sum(made) > 50
    assert api.post("/reset").status == 200
    assert api.get("/endpoints").json["endpoints"] == []
    eventually(lambda: len(list(files.iterdir())) <= before)


def test_it_sleeps_while_nothing_happens(bench, start_daemon):
    daemon = start_daemon(*EGRESS)
    server(daemon.api)
    client(daemon.api)
    time.sleep(1.5)

    def switches():
        return sum(int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", status.read_text(), re.M)[1])
                   for status in pathlib.Path(f"/proc/{daemon.process.pid}/task").glob("*/status"))

    before = switches()
    time.sleep(3)
    assert switches() - before < 6
