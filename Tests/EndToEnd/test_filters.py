"""Filter expressions over HTTP: on endpoints, in rules and in queries; tcpdump, and names that nobody may ask for."""

import concurrent.futures
import pathlib
import subprocess
import urllib.parse

import pytest

from support import eventually, needs
from wire import capture, finish

# Expressions, and which of the segments of `exchange` they let pass.
EXPRESSIONS = [
    ("tcp[tcpflags] & tcp-syn != 0", lambda segment: "SYN" in segment["flags"]),
    ("tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn",
     lambda segment: "SYN" in segment["flags"] and "ACK" not in segment["flags"]),
    ("greater 60", lambda segment: segment["ip"]["totalLength"] >= 60),
    ("src port 50001 and tcp[14:2] > 100", lambda segment: segment["window"] > 100),
    ("not src host 127.0.0.1", lambda segment: False),
    ("", lambda segment: True),
]


def quoted(expression):
    return urllib.parse.quote(expression)


@pytest.fixture
def exchange(api):
    """A server that answers nothing and has received some segments."""
    api.create(role="server", rules=[])
    api.create(role="client", rules=[], opening=[])
    api.transmit("client", [
        {"flags": flags, "window": window, "payload": "x" * length}
        for number in range(40)
        for flags in (["SYN"], ["ACK"], ["SYN", "ACK"])
        for window, length in ((number * 7, number),)])
    return eventually(lambda: len(found := api.segments("server", limit=1000)) == 120 and found)


@pytest.mark.parametrize("expression, passes", EXPRESSIONS)
def test_a_query_has_a_filter(api, exchange, expression, passes):
    wanted = [segment["id"] for segment in exchange if passes(segment)]
    for path in ("/segments?endpoint=server&limit=1000", "/endpoints/server/segments?limit=1000"):
        answer = api.get(f"{path}&filter={quoted(expression)}")
        assert answer.status == 200, answer
        assert [segment["id"] for segment in answer.json["segments"]] == wanted
    # In pages, every one of them once.
    seen, after = [], exchange[0]["id"] - 1
    while True:
        page = api.get(f"/segments?endpoint=server&limit=7&after={after}&filter={quoted(expression)}").json
        seen += [segment["id"] for segment in page["segments"]]
        if page["next"] == after:
            break
        after = page["next"]
    assert seen == wanted


@pytest.mark.parametrize("expression, message", [
    ("port http", '"http" is no word of filters'), ("host localhost", '"localhost" is no word of filters'),
    ("tcp [", "syntax error"), ("ip6", "expression rejects all packets"), ("tcp[0:3] = 1", "must be 1, 2, or 4"),
    ("x" * 5000, "has 5000 octets, may have 2048"), ("tcp\\foo", '"\\" has no meaning'), ("port 99999", "99999"),
])
def test_a_bad_filter_is_named_with_its_place(api, expression, message):
    api.create(role="server")
    for path in ("/segments?filter=", "/endpoints/server/segments?filter="):
        answer = api.get(path + quoted(expression))
        assert answer.status == 422 and answer.pointers == ["filter"], answer
        assert message in answer.json["violations"][0]["detail"], answer
    for body, place in (({"filter": expression}, "/filter"),
                        ({"rules": [{"match": {"filter": expression}}]}, "/rules/0/match/filter")):
        answer = api.post("/endpoints", {"role": "server", "id": "other", "local": {"port": 50010}, **body})
        assert answer.status == 422 and answer.pointers == [place], answer
        assert message in answer.json["violations"][0]["detail"], answer


def test_libpcap_is_loaded_with_the_first_filter(daemon):
    mapped = pathlib.Path(f"/proc/{daemon.process.pid}/maps")
    assert "libpcap" not in mapped.read_text()
    assert daemon.api.get(f"/segments?filter={quoted('tcp')}").status == 200
    assert "libpcap" in mapped.read_text()


def test_without_libpcap_all_but_filters_goes_on(start_daemon):
    needs("unshare")
    hide = "".join(f"mount --bind /dev/null {path} && " for path in sorted(
        str(path) for folder in ("/usr/lib", "/lib") for path in pathlib.Path(folder).glob("*/libpcap.so.*.*.*")))
    assert hide
    api = start_daemon(wrapper=["unshare", "--mount", "sh", "-c", f'{hide}exec "$0" "$@"']).api
    answer = api.post("/endpoints", {"role": "server", "filter": "tcp"})
    assert answer.status == 422 and answer.pointers == ["/filter"], answer
    assert "libpcap, which is not installed" in answer.json["violations"][0]["detail"], answer
    assert api.create(role="server", rules=[])["state"] == "running"
    assert api.get(f"/segments?filter={quoted('tcp')}").status == 422
    assert api.get("/segments").status == 200


def test_nobody_asks_the_dns_for_a_name(namespace, start_daemon, tmp_path):
    trace = tmp_path / "trace"
    daemon = start_daemon(wrapper=[needs("strace"), "-D", "-f", "-qq", "-e", "trace=openat,connect", "-o", trace])
    for expression in ("host example.com", "port http", "net loopback", "ip proto icmp6x", "gateway router",
                       "ip host add:1:1:1:1:1:1:1", "host 1.2.3.4.5", "portrange http-https", "AND"):
        assert daemon.api.get(f"/segments?filter={quoted(expression)}").status == 422
    for expression in ("host 192.0.2.1 and port 80", "net 10", "portrange 1-2", "ip proto 6", "host 10.1"):
        assert daemon.api.get(f"/segments?filter={quoted(expression)}").status == 200
    daemon.stop()
    opened = trace.read_text().splitlines()
    assert any("libpcap" in line for line in opened)
    asked = [line for line in opened
             if any(file in line for file in ("resolv.conf", "/etc/hosts", "/etc/services", "/etc/protocols",
                                              "/etc/networks", "nsswitch", "htons(53)"))]
    assert asked == []


@pytest.mark.parametrize("socket", ["shared", "own"])
def test_an_endpoint_receives_what_its_filter_lets_pass(api, socket):
    expression = "tcp[tcpflags] & tcp-push != 0 and tcp[14:2] >= 50"
    server = api.create(role="server", socket=socket, rules=[], filter=expression)
    assert server["filter"] == expression
    api.create(role="client", rules=[], opening=[])
    segments = [{"flags": flags, "window": window} for window in range(100) for flags in (["PSH"], ["ACK"])]
    for stopped in (False, True):
        if stopped:
            assert api.post("/endpoints/server/stop").status == 200
            assert api.post("/endpoints/server/start").status == 200
        before = api.counters("server")
        api.transmit("client", segments)
        api.transmit("client", {"flags": ["PSH"], "window": 65535})
        api.received("server", lambda segment: segment["window"] == 65535)
        counters = api.counters("server")
        assert counters["segmentsReceived"] - before["segmentsReceived"] == 51
        assert counters["flagsReceived"] == {"PSH": counters["segmentsReceived"]}
        if socket == "shared":
            assert counters["filtered"] - before["filtered"] == 150
            assert api.counters()["total"]["filtered"] == counters["filtered"]
        else:
            assert counters["filtered"] is None
    windows = [segment["window"] for segment in api.segments("server", limit=1000)]
    assert sorted(windows) == sorted([*range(50, 100), 65535] * 2)
    # What is read can be posted again.
    api.remove("server")
    assert api.create(**server)["filter"] == expression


def test_rules_have_filters(api):
    rules = [
        {"match": {"filter": "tcp[14:2] = 1"}, "reply": [{"payload": "one"}], "pace": "0s"},
        {"match": {"filter": "tcp[14:2] = 2", "payloadContains": "needle"}, "reply": [{"payload": "two"}],
         "pace": "0s"},
        {"match": {"filter": "tcp[14:2] > 1"}, "reply": [{"payload": "more"}], "pace": "0s"},
    ]
    server = api.create(role="server", rules=rules)
    assert [rule["match"] for rule in server["rules"]] == [rule["match"] for rule in rules]
    api.create(role="client", rules=[], opening=[])
    for window, payload, answer in ((1, "", "one"), (2, "a needle here", "two"), (2, "hay", "more"),
                                    (9, "needle", "more"), (0, "needle", None)):
        after = api.get("/segments?endpoint=client").json["next"]
        api.transmit("client", {"window": window, "payload": payload})
        api.transmit("client", {"window": 1})
        answers = eventually(lambda: (found := [
            segment["payload"]["text"] for segment in api.segments("client", after=after)])[-1:] == ["one"] and found)
        assert answers == ([answer] if answer else []) + ["one"]


@pytest.mark.parametrize("expression", [
    "tcp[13] & 1 != 0", "tcp[(tcp[12] >> 2)] = 120", "ip[2:2] > 60 or tcp[14:2] < 100",
    "portrange 50000-50001 and ip[1] = 0 and tcp[14:2] > 150"])
def test_tcpdump_agrees(namespace, api, tmp_path, expression):
    api.create(role="server", rules=[])
    api.create(role="client", rules=[], opening=[])
    dump = capture(namespace, "lo", "src port 50001", tmp_path / "all.pcap")
    transmission = api.post("/endpoints/client/segments?wait=5s", {
        "flags": ["SYN"], "payload": {"length": 30, "random": 3}, "repeat": {"count": 400, "record": 400},
        "vary": [{"field": "flags", "random": {"seed": 1}}, {"field": "window", "range": [0, 200]},
                 {"field": "payload", "width": 1, "values": [120, 121, 122]}]})
    assert transmission.json["sent"] == 400, transmission
    assert len(finish(dump, tmp_path / "all.pcap", 400)) == 400
    subprocess.run([needs("tcpdump"), "-r", tmp_path / "all.pcap", "-w", tmp_path / "kept.pcap", expression],
                   check=True, capture_output=True)
    listed = subprocess.run([needs("tcpdump"), "-n", "-r", tmp_path / "kept.pcap"], check=True, capture_output=True,
                            text=True).stdout.splitlines()
    ours = api.get(f"/segments?endpoint=server&limit=1000&filter={quoted(expression)}").json["segments"]
    assert len(ours) == len(listed)
    assert 0 < len(ours)


def test_a_wait_has_a_filter(api):
    api.create(role="server", rules=[])
    api.create(role="client", rules=[], opening=[])
    after = api.get("/segments?endpoint=server").json["next"]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        waiting = pool.submit(api.get, f"/segments?endpoint=server&after={after}&wait=8s&count=2&filter="
                              + quoted("tcp[14:2] = 77"))
        api.transmit("client", [{"window": window} for window in (1, 77, 2)])
        assert api.get(f"/segments?endpoint=server&after={after}&wait=5s&count=3").json["timedOut"] is False
        assert not waiting.done()
        api.transmit("client", [{"window": window} for window in (78, 77, 79)])
        answer = waiting.result()
    assert answer.status == 200 and answer.json["timedOut"] is False, answer
    assert [segment["window"] for segment in answer.json["segments"]] == [77, 77]


@pytest.mark.parametrize("query, count", [
    ("filter=tcp[14:2]%20=%207", 3), ("filter=tcp[14:2]+%3d+7", 3), ("filter=tcp[14:2]%2B1%20=%208", 3),
    ("filter=tcp[14:2]+1=8", 3), ("filter=tcp[14:2]+%2B+1+%3D+8", 3), ("filter=tcp+and+greater+41", 117)])
def test_a_blank_may_be_written_as_forms_do(api, exchange, query, count):
    assert len(api.get(f"/segments?endpoint=server&limit=1000&{query}").json["segments"]) == count
