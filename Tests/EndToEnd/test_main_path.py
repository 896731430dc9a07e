"""Two endpoints talk, a crafted segment leaves, and what happened can be read: by curl, and as tshark sees it."""

import json
import subprocess

import pytest
from scapy.layers.inet import IP, TCP

from support import CONTRACT, PORT, eventually, needs


def curl(namespace, *arguments):
    """Status, headers in lower case, and the body, as curl got them."""
    done = namespace.run(
        needs("curl"), "-sS", "--max-time", "10", "-D", "/dev/stderr", "-w", "\n%{http_code}", *arguments)
    assert done.returncode == 0, done.stderr
    body, _, status = done.stdout.rpartition("\n")
    headers = dict(line.lower().split(": ", 1) for line in done.stderr.splitlines() if ": " in line)
    return int(status), headers, body


def capture(namespace, count, *fields):
    """tshark on `lo`, already capturing; it ends by itself after `count` segments of the pair."""
    process = namespace.start(
        needs("tshark"), "-i", "lo", "-l", "-f", "tcp port 50000 and tcp port 50001", "-c", count,
        "-a", "duration:10", "-o", "tcp.check_checksum:TRUE", "-o", "tcp.analyze_sequence_numbers:FALSE",
        "-T", "json", "-x", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "Capture started" in line:
            break
    return process


def captured(process):
    output, _ = process.communicate(timeout=20)
    return [packet["_source"]["layers"] for packet in json.loads(output, object_pairs_hook=merged)]


def merged(pairs):
    """tshark repeats members; the first is the decoded one."""
    result = {}
    for name, value in pairs:
        result.setdefault(name, value)
    return result


def octets(packet):
    return bytes.fromhex(packet["frame_raw"][0])


@pytest.mark.parametrize("header", [[], ["-H", "Content-Type: application/json"]], ids=["as a form", "as JSON"])
def test_the_presets_talk_driven_by_curl(namespace, daemon, header):
    sniffer = capture(namespace, 6)
    for role in ("server", "client"):
        status, headers, body = curl(
            namespace, "-X", "POST", f"localhost:{PORT}/endpoints", *header, "-d", json.dumps({"role": role}))
        assert status == 201, body
        assert headers["location"] == f"/endpoints/{role}"
        assert headers["content-type"].startswith("application/json")
        CONTRACT.validate({"$ref": "#/components/schemas/Endpoint"}, json.loads(body))

    def heard(endpoint):
        status, _, body = curl(namespace, f"localhost:{PORT}/segments?endpoint={endpoint}")
        assert status == 200, body
        return json.loads(body)["segments"]

    for endpoint, text, checksum in (("server", "Hello server", 0xBB29), ("client", "Hello client", 0xCB31)):
        segment = eventually(lambda: heard(endpoint), seconds=1)[0]  # noqa: B023
        assert segment["payload"]["text"] == text
        assert segment["checksum"] == {"value": checksum, "status": "valid", "expected": checksum}
        assert segment["flags"] == ["SYN"]
        assert segment["window"] == 200
        assert segment["direction"] == "received"

    packets = captured(sniffer)
    assert len(packets) == 6
    for packet in packets:
        assert packet["tcp"]["tcp.checksum.status"] == "1", packet["tcp"]
        assert packet["ip"]["ip.checksum.status"] != "0", packet["ip"]
    ports = [(packet["tcp"]["tcp.srcport"], packet["tcp"]["tcp.dstport"]) for packet in packets]
    assert ports == [("50001", "50000"), ("50000", "50001")] * 3


def test_a_request_with_an_origin_is_refused_unless_it_is_ours_and_json(api):
    role = {"role": "server"}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert api.post("/endpoints", role, headers={"Origin": "http://elsewhere.example"}).status == 403
    assert api.post("/endpoints", role, headers={"Origin": "null"}).status == 403
    assert api.post("/endpoints", role, headers={"Origin": "http://elsewhere.example", **form}).status == 403
    assert api.post("/endpoints", role, headers={"Origin": f"http://127.0.0.1:{PORT}", **form}).status == 415
    assert api.get("/healthz", headers={"Host": "elsewhere.example"}).status == 403
    assert api.get("/endpoints").json["endpoints"] == []
    assert api.post("/endpoints", role, headers={"Origin": f"http://127.0.0.1:{PORT}"}).status == 201


def test_the_presets_show_what_they_do(api):
    server = api.create(role="server")
    client = api.create(role="client")
    assert (server["local"], server["remote"]) == (client["remote"], client["local"])
    assert (server["trigger"], client["trigger"]) == ("level", "edge")
    assert server["opening"] == []
    for endpoint, text in ((server, "Hello client"), (client, "Hello server")):
        assert endpoint["state"] == "running"
        assert endpoint["domain"] == "AF_INET"
        assert endpoint["socket"] == "shared"
        (rule,) = endpoint["rules"]
        assert rule["match"] == {"withoutFlags": ["RST"]}
        assert rule["pace"] == "100ms"
        assert rule["limit"] is None
        (reply,) = rule["reply"]
        assert {name: reply[name] for name in ("flags", "window", "payload")} == {
            "flags": ["SYN"], "window": 200, "payload": text}
    assert client["opening"][0]["payload"] == "Hello server"
    assert [each["id"] for each in api.get("/endpoints").json["endpoints"]] == ["server", "client"]


def test_what_get_shows_can_be_posted(api):
    api.create(role="server", id="first", local={"port": 50010}, remote=None, domain="PF_INET", trigger="edge",
               socket="own", labels={"purpose": "test"})
    shown = api.get("/endpoints/first").json
    assert shown["domain"] == "PF_INET"
    api.remove("first")
    again = api.create(**shown)
    for name in ("createdAt", "startedAt", "cursor", "counters"):
        shown.pop(name), again.pop(name)
    assert again == shown


def test_a_list_is_created_whole_or_not_at_all(api):
    refused = api.post("/endpoints", [{"role": "server"}, {"role": "client", "local": {"address": "192.0.2.1"}}])
    assert refused.status == 422
    assert refused.pointers == ["/1/local/address"]
    assert api.get("/endpoints").json["endpoints"] == []
    made = api.post("/endpoints", [{"role": "server"}, {"role": "client"}])
    assert made.status == 201
    assert made.headers.get("Location") is None
    assert [each["id"] for each in made.json["endpoints"]] == ["server", "client"]


def test_every_field_of_a_crafted_segment_leaves_as_asked(namespace, api):
    api.create(role="server", rules=[])
    api.create(role="client", rules=[], opening=[])
    sniffer = capture(namespace, 1)
    segment = {
        "flags": ["FIN", "CWR", "URG", "ECE"], "sequenceNumber": 0xFEEDF00D, "acknowledgmentNumber": "0x01020304",
        "window": 4321, "urgentPointer": 99, "reservedBits": 5,
        "options": [{"kind": "maximumSegmentSize", "value": 1460}, {"kind": "noOperation"},
                    {"kind": "windowScale", "shift": 7}, {"kind": 254, "length": 6, "data": "f00dcafe"}],
        "payload": {"hex": "00ff10"},
        "ip": {"timeToLive": 7, "dscp": 46, "ecn": 1, "identification": 0xBEEF, "dontFragment": False},
    }
    answer = api.post("/endpoints/client/segments", segment)
    assert answer.status == 202, answer
    path = answer.headers["Location"]
    assert path == f"/transmissions/{answer.json['id']}"
    done = eventually(lambda: (lambda t: t if t["state"] == "done" else None)(api.get(path).json))
    assert (done["sent"], done["outcomes"], done["firstError"]) == (1, {"sent": 1}, None)

    (packet,) = captured(sniffer)
    assert packet["tcp"]["tcp.checksum.status"] == "1"
    wire = IP(octets(packet)[14:])
    assert (wire.ttl, wire.tos, wire.id, int(wire.flags), wire.frag) == (7, 46 << 2 | 1, 0xBEEF, 0, 0)
    tcp = wire[TCP]
    assert (tcp.seq, tcp.ack, tcp.window, tcp.urgptr) == (0xFEEDF00D, 0x01020304, 4321, 99)
    assert bytes(wire)[32:34] == bytes([(20 + 16) // 4 << 4 | 5, 0b11100001])
    assert bytes(wire)[40:56] == bytes.fromhex("020405b4" "01" "030307" "fe06f00dcafe" "0000")
    assert bytes(tcp.payload) == bytes.fromhex("00ff10")

    received = api.received("server")
    full = api.get(f"/segments/{received['id']}").json
    assert bytes.fromhex(full["octets"]) == bytes(wire)
    assert full["checksum"]["status"] == "valid"
    assert full["flags"] == ["FIN", "URG", "ECE", "CWR"]
    assert full["payload"] == {"length": 3, "base64": "AP8Q"}
    assert full["reservedBits"] == 5
    assert api.segments("client", direction="sent")[0]["sequenceNumber"] == 0xFEEDF00D


@pytest.mark.parametrize(("asked", "status"), [
    ("incorrect", "incorrect"), (0, "incorrect"), (0xFFFF, "incorrect"), (None, "valid")])
def test_the_checksum_is_as_asked(api, asked, status):
    api.create(role="server", rules=[])
    api.create(role="client", rules=[], opening=[])
    api.send("client", checksum=asked, payload="x")
    checksum = api.received("server")["checksum"]
    assert checksum["status"] == status
    assert (checksum["value"] == checksum["expected"]) == (status == "valid")
    if isinstance(asked, int):
        assert checksum["value"] == asked


def test_a_received_segment_can_be_sent_again(api):
    api.create(role="server", rules=[])
    api.create(role="client", rules=[], opening=[])
    api.send("client", flags=["PSH"], sequenceNumber=77, options=[{"kind": "sackPermitted"}], payload={"hex": "c0ff"},
             checksum=1234)
    first = api.received("server")
    octets_of = lambda segment: api.get(f"/segments/{segment['id']}").json["octets"]  # noqa: E731
    api.send("client", **api.get(f"/segments/{first['id']}").json)
    second = api.received("server", lambda segment: segment["id"] > first["id"])
    assert octets_of(second) == octets_of(first)


def test_pages_follow_each_other(api):
    cursor = api.create(role="server", rules=[])["cursor"]
    api.create(role="client", rules=[], opening=[])
    for number in range(7):
        api.send("client", sequenceNumber=number)
    eventually(lambda: len(api.segments("server")) == 7)
    seen = []
    while True:
        page = api.get(f"/segments?endpoint=server&after={cursor}&limit=3").json
        assert page["lost"] == {"kernel": 0, "ring": 0}
        if not page["segments"]:
            break
        assert len(page["segments"]) <= 3
        seen += [segment["sequenceNumber"] for segment in page["segments"]]
        cursor = page["next"]
    assert seen == list(range(7))
    newest = api.segments("server", limit=2)
    assert [segment["sequenceNumber"] for segment in newest] == [5, 6]
    assert [s["sequenceNumber"] for s in api.get("/endpoints/server/segments?limit=2").json["segments"]] == [5, 6]
    assert len(api.segments("client", direction="any")) == 7


def test_stop_and_start(api):
    api.create(role="server")
    api.create(role="client", pace="10ms")
    api.received("client")
    for _ in range(2):
        assert api.post("/endpoints/client/stop").json["state"] == "stopped"
    refused = api.post("/endpoints/client/segments", {})
    assert refused.status == 409
    before = api.counters("client")["segmentsReceived"]
    api.send("server")
    assert api.counters("client")["segmentsReceived"] == before
    for _ in range(2):
        assert api.post("/endpoints/client/start").json["state"] == "running"
    eventually(lambda: api.counters("client")["segmentsReceived"] > before)


def test_a_stopped_endpoint_is_made_and_started_later(api):
    made = api.create(role="server", start=False)
    assert (made["state"], made["startedAt"], made["guard"]["active"]) == ("stopped", None, "none")
    assert api.post("/endpoints/server/start").json["state"] == "running"


def test_the_limit_of_a_rule_holds(api):
    api.create(role="server", pace="0s", limit=3)
    api.create(role="client", rules=[], opening=[])
    for _ in range(5):
        api.send("client")
    counters = eventually(lambda: (lambda c: c if c["segmentsReceived"] == 5 else None)(api.counters("server")))
    assert (counters["replies"], counters["repliesSuppressed"]) == (3, 0)


def test_a_rule_that_has_reached_its_limit_leaves_the_answer_to_the_next(api):
    def rule(payload, **other):
        return {"reply": [{"payload": payload}], "pace": "0s", **other}

    api.create(role="server", rules=[rule("none", limit=0), rule("one", limit=1), rule("other")])
    api.create(role="client", rules=[], opening=[])
    for _ in range(3):
        api.send("client")
    eventually(lambda: len(api.segments("client")) == 3)
    assert [segment["payload"]["text"] for segment in api.segments("client")] == ["one", "other", "other"]


def test_reset_removes_everything(api):
    api.create(role="server")
    api.create(role="client")
    cursor = api.received("server")["id"]
    removed = api.post("/reset").json
    assert removed["endpoints"] == 2
    assert removed["segments"] > 0
    assert api.get("/endpoints").json["endpoints"] == []
    assert api.get("/segments").json["segments"] == []
    assert api.get(f"/segments?after={cursor - 1}").status == 410
    assert api.get("/counters").json["endpoints"] == {}


def test_operations(api):
    assert api.get("/healthz").json == {"status": "ok"}
    assert api.get("/readyz").status == 200
    assert api.get("/version").json["version"]
    assert all(isinstance(value, (int, str)) for value in api.get("/limits").json.values())
    head = api.request("HEAD", "/healthz")
    assert (head.status, head.content) == (200, b"")
    options = api.request("OPTIONS", "/endpoints")
    assert options.status in (200, 204)
    assert {"GET", "POST"} <= {method.strip() for method in options.headers["Allow"].split(",")}
