"""Guards that keep the kernel's own TCP out: where they come from, what they leave behind, and when."""

import json
import signal
import socket

import pytest

from scapy.layers.inet import IP, TCP

from support import PORT, Daemon, eventually, needs


@pytest.fixture
def tables(namespace):
    """Asks for the names of the firewall's tables."""
    nft = needs("nft")

    def ask():
        listed = json.loads(namespace.run(nft, "-j", "list", "tables").stdout)["nftables"]
        return [entry["table"]["name"] for entry in listed if "table" in entry]

    return ask


def refused(namespace, port):
    """Whether the kernel resets a connection to the port; `False` when nothing answers."""
    with namespace.socket(socket.AF_INET, socket.SOCK_STREAM) as stream:
        stream.settimeout(0.4)
        try:
            stream.connect(("127.0.0.1", port))
        except ConnectionRefusedError:
            return True
        except TimeoutError:
            return False
    raise AssertionError("the kernel took the connection")


def test_the_firewall_guard_comes_and_goes_with_its_endpoints(namespace, api, tables):
    assert tables() == []
    for port in (50000, 50002):
        api.create(id=f"e{port}", role="server", local={"port": port}, remote=None, rules=[], guard="nftables")
    assert len(tables()) == 1
    assert not refused(namespace, 50000)
    api.remove("e50000")
    assert refused(namespace, 50000)
    assert not refused(namespace, 50002)
    api.post("/endpoints/e50002/stop")
    assert tables() == []
    assert refused(namespace, 50002)
    api.post("/endpoints/e50002/start")
    assert not refused(namespace, 50002)
    api.post("/reset")
    assert tables() == []


def test_what_the_firewall_drops_is_not_counted_as_sent(namespace, api):
    # Without a guard on one port, the kernel's resets are looked for on all of them.
    api.create(id="bare", role="server", local={"port": 50002}, remote=None, rules=[], guard="none")
    api.create(id="quiet", role="server", remote=None, rules=[], guard="nftables")
    for _ in range(3):
        assert not refused(namespace, 50000)
    assert refused(namespace, 50002)
    eventually(lambda: api.counters("bare")["kernelResets"] == 1)
    assert api.counters("quiet")["kernelResets"] == 0
    assert api.counters()["total"]["kernelResets"] == 1


def test_nobody_else_can_take_the_firewall_guard_away(namespace, api, tables):
    api.create(role="server", remote=None, rules=[], guard="nftables")
    (name,) = tables()
    assert namespace.run("nft", "delete", "table", "ip", name).returncode != 0
    assert namespace.run("nft", "flush", "ruleset").returncode == 0
    assert tables() == [name]
    assert not refused(namespace, 50000)


@pytest.mark.parametrize("guard", ["listener", "md5", "nftables"])
def test_a_killed_daemon_leaves_nothing(namespace, tmp_path, tables, guard):
    daemon = Daemon(namespace, tmp_path)
    daemon.api.create(role="server", remote=None, rules=[], guard=guard)
    assert not refused(namespace, 50000)
    daemon.signal(signal.SIGKILL)
    daemon.process.wait(timeout=10)
    eventually(lambda: refused(namespace, 50000), seconds=1)
    assert tables() == []
    assert namespace.run("ss", "-Hltn").stdout == ""


def test_two_daemons_guard_in_one_namespace(namespace, start_daemon, tables):
    first = start_daemon()
    second = start_daemon(port=PORT + 1)
    for daemon, port in ((first, 50000), (second, 50002)):
        daemon.api.create(role="server", local={"port": port}, remote=None, rules=[], guard="nftables")
    assert len(set(tables())) == 2
    first.stop()
    assert len(tables()) == 1
    assert refused(namespace, 50000)
    assert not refused(namespace, 50002)


def test_a_port_may_be_shared_with_a_program_behind_the_firewall_guard(namespace, api):
    with namespace.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind(("127.0.0.1", 50000))
        listener.listen()
        listener.settimeout(5)
        refusal = api.post("/endpoints", {"role": "server"})
        assert refusal.status == 409
        assert "nftables" in refusal.json["detail"]
        assert "python" in refusal.json["detail"]
        made = api.create(role="server", remote=None, rules=[], guard="nftables")
        assert "in use" in made["warnings"][0]
        with namespace.socket(socket.AF_INET, socket.SOCK_STREAM) as stream:
            stream.settimeout(5)
            stream.connect(("127.0.0.1", 50000))
            listener.accept()[0].close()
        # A segment of no connection draws a reset as a rule, and none here.
        cursor = api.received("server")["id"]
        with namespace.raw_socket() as raw:
            raw.sendto(bytes(IP(src="127.0.0.9", dst="127.0.0.1") / TCP(sport=7, dport=50000, flags="A", ack=1)),
                       ("127.0.0.1", 0))
            eventually(lambda: api.segments("server", after=cursor))
            raw.settimeout(0.3)
            with pytest.raises(TimeoutError):
                while IP(raw.recv(65536))[TCP].dport != 7:
                    pass


def test_where_few_files_may_be_open_the_firewall_guards_the_rest(namespace, start_daemon):
    api = start_daemon(wrapper=("prlimit", "--nofile=200:200")).api
    made = api.post("/endpoints", [
        {"role": "server", "local": {"port": 20000 + number}, "remote": None, "rules": []} for number in range(400)])
    assert made.status == 201, made
    active = [endpoint["guard"]["active"] for endpoint in made.json["endpoints"]]
    assert active[0] == "listener"
    assert active[-1] == "nftables"
    assert set(active) == {"listener", "nftables"}
    last = made.json["endpoints"][-1]
    assert [better["guard"] for better in last["guard"]["better"]] == ["listener", "md5"]
    assert "ulimit" in last["guard"]["better"][0]["reason"]
    assert not refused(namespace, 20000)
    assert not refused(namespace, 20399)
    assert api.get("/healthz").status == 200


def test_ten_thousand_ports_behind_the_firewall_guard(namespace, api, tables):
    answer = api.post("/endpoints", [
        {"role": "server", "local": {"port": 10000 + number}, "remote": None, "rules": [], "guard": "nftables"}
        for number in range(10_000)], timeout=30)
    assert answer.status == 201, answer
    assert answer.seconds < 2
    assert not refused(namespace, 10000)
    assert not refused(namespace, 19999)
    assert refused(namespace, 20000)
    assert api.post("/reset").json["endpoints"] == 10_000
    assert tables() == []
