"""Each wrong request has its status, a problem as its body, and a violation that names the member."""

import pytest

from support import PORT, Daemon, Namespace

ENDPOINTS = [
    # body, status, pointers
    (b"", 400, None),
    (b"{", 400, None),
    (b"not json", 400, None),
    (b'{"role":"server"} x', 400, None),
    (b'{"role":"server"}{"role":"client"}', 400, None),
    (b'{"role":"server","role":"client"}', 400, None),
    (b'{"role":"server","local":{"port":1,"port":2}}', 400, None),
    (b'{"role":"serv\xff"}', 400, None),
    (b'{"role":"server",}', 400, None),
    (b'{role:"server"}', 400, None),
    (b'{"role":"server","id":"\\ud800"}', 400, None),
    (b"[" * 100_000, 400, None),
    (b'"server"', 422, [""]),
    (b"null", 422, [""]),
    (b"7", 422, [""]),
    (b"{}", 422, ["/role"]),
    (b"[{}]", 422, ["/0/role"]),
    (b'{"role":"peer"}', 422, ["/role"]),
    (b'{"role":7}', 422, ["/role"]),
    (b'{"role":null}', 422, ["/role"]),
    (b'{"role":"server","domain":"AF_INET6"}', 422, ["/domain"]),
    (b'{"role":"server","trigger":"sometimes"}', 422, ["/trigger"]),
    (b'{"role":"server","socket":"borrowed"}', 422, ["/socket"]),
    (b'{"role":"server","guard":"strong"}', 422, ["/guard"]),
    (b'{"role":"server","local":{"port":70000}}', 422, ["/local/port"]),
    (b'{"role":"server","local":{"port":-1}}', 422, ["/local/port"]),
    (b'{"role":"server","local":{"port":1.5}}', 422, ["/local/port"]),
    (b'{"role":"server","local":{"port":1e99}}', 422, ["/local/port"]),
    (b'{"role":"server","local":{"port":99999999999999999999}}', 422, ["/local/port"]),
    (b'{"role":"server","local":{"port":"many"}}', 422, ["/local/port"]),
    (b'{"role":"server","local":{"port":true}}', 422, ["/local/port"]),
    (b'{"role":"server","local":{"address":"127.0.0.256"}}', 422, ["/local/address"]),
    (b'{"role":"server","local":{"address":"127.1"}}', 422, ["/local/address"]),
    (b'{"role":"server","local":{"address":"localhost"}}', 422, ["/local/address"]),
    (b'{"role":"server","local":{"address":"::1"}}', 422, ["/local/address"]),
    (b'{"role":"server","local":{"address":"192.0.2.1"}}', 422, ["/local/address"]),
    (b'{"role":"server","local":"127.0.0.1:50000"}', 422, ["/local"]),
    (b'{"role":"server","remote":7}', 422, ["/remote"]),
    (b'{"role":"server","id":"no spaces"}', 422, ["/id"]),
    (b'{"role":"server","id":""}', 422, ["/id"]),
    (b'{"role":"server","id":"' + b"a" * 65 + b'"}', 422, ["/id"]),
    (b'{"role":"server","rules":{}}', 422, ["/rules"]),
    (b'{"role":"server","rules":[{"reply":[{"window":70000}]}]}', 422, ["/rules/0/reply/0/window"]),
    (b'{"role":"server","pace":"soon"}', 422, ["/pace"]),
    (b'{"role":"server","pace":100}', 422, ["/pace"]),
    (b'{"role":"server","pace":"-1s"}', 422, ["/pace"]),
    (b'{"role":"server","limit":-1}', 422, ["/limit"]),
    (b'{"role":"server","start":"yes"}', 422, ["/start"]),
    (b'{"role":"server","labels":{"a":1}}', 422, ["/labels/a"]),
]


def short(value):
    return value[:60].decode(errors="replace") if isinstance(value, bytes) else str(value)


def check_refusal(answer, status, pointers):
    assert answer.status == status, answer
    assert answer.content_type == "application/problem+json"
    assert answer.json["title"]
    if pointers is not None:
        assert answer.pointers == pointers, answer


@pytest.fixture(scope="module")
def shared_api(tmp_path_factory):
    """One daemon for all rows of a table: a refusal leaves nothing behind, which the rows after it would meet."""
    namespace = Namespace()
    try:
        daemon = Daemon(namespace, tmp_path_factory.mktemp("daemon"))
        yield daemon.api
        daemon.stop()
    finally:
        namespace.close()


@pytest.mark.parametrize(("body", "status", "pointers"), ENDPOINTS, ids=short)
def test_a_wrong_endpoint_is_refused(shared_api, body, status, pointers):
    check_refusal(shared_api.post("/endpoints", body), status, pointers)
    assert shared_api.get("/endpoints").json["endpoints"] == []


SEGMENTS = [
    ({"window": 70000}, 422, ["/window"]),
    ({"window": -1}, 422, ["/window"]),
    ({"window": []}, 422, ["/window"]),
    ({"sequenceNumber": 1 << 32}, 422, ["/sequenceNumber"]),
    ({"sequenceNumber": {"received": "end"}}, 422, ["/sequenceNumber"]),
    ({"acknowledgmentNumber": "0x1ffffffff"}, 422, ["/acknowledgmentNumber"]),
    ({"dataOffset": 16}, 422, ["/dataOffset"]),
    ({"reservedBits": 16}, 422, ["/reservedBits"]),
    ({"urgentPointer": 65536}, 422, ["/urgentPointer"]),
    ({"checksum": "wrong"}, 422, ["/checksum"]),
    ({"checksum": 65536}, 422, ["/checksum"]),
    ({"flags": ["SYM"]}, 422, ["/flags/0"]),
    ({"flags": "SYN"}, 422, ["/flags"]),
    ({"destinationPort": 70000}, 422, ["/destinationPort"]),
    ({"payload": {"hex": "0"}}, 422, ["/payload/hex"]),
    ({"payload": {"hex": "zz"}}, 422, ["/payload/hex"]),
    ({"payload": {"base64": "*"}}, 422, ["/payload/base64"]),
    ({"payload": 7}, 422, ["/payload"]),
    ({"payload": {"length": 65516, "random": 1}}, 422, ["/payload/length"]),
    ({"options": [{"kind": "maximumSegmentSize"}]}, 422, ["/options/0/value"]),
    ({"options": [{"kind": "unheardOf"}]}, 422, ["/options/0/kind"]),
    ({"options": [{"kind": 254, "data": "00" * 39}]}, 422, ["/options"]),
    ({"ip": {"destination": "192.0.2.1"}}, 403, ["/ip/destination"]),
    ({"ip": {"destination": "300.0.0.1"}}, 422, ["/ip/destination"]),
    ({"ip": {"timeToLive": 256}}, 422, ["/ip/timeToLive"]),
    ({"ip": {"dscp": 64}}, 422, ["/ip/dscp"]),
    ({"ip": {"options": "940400"}}, 422, ["/ip/options"]),
    ({"ip": {"fragmentOffset": 8192}}, 422, ["/ip/fragmentOffset"]),
    ({"ip": {"options": "8307047f00000100"}}, 403, ["/ip/options"]),
]


@pytest.mark.parametrize(("segment", "status", "pointers"), SEGMENTS, ids=short)
def test_a_wrong_segment_is_refused(shared_api, segment, status, pointers):
    shared_api.create(role="client", id="sender", rules=[], opening=[])
    try:
        check_refusal(shared_api.post("/endpoints/sender/segments", segment), status, pointers)
        assert shared_api.counters("sender")["segmentsSent"] == 0
    finally:
        shared_api.remove("sender")


@pytest.mark.parametrize(("body", "pointer", "nearest"), [
    ({"role": "server", "lokal": {}}, "/lokal", "local"),
    ({"role": "server", "local": {"adress": "127.0.0.1"}}, "/local/adress", "address"),
    ({"role": "server", "rules": [{"match": {"flag": ["SYN"]}, "reply": []}]}, "/rules/0/match/flag", "flags"),
    ({"role": "server", "opening": [{"seqenceNumber": 1}]}, "/opening/0/seqenceNumber", "sequenceNumber"),
])
def test_an_unknown_member_is_told_with_the_nearest_name(shared_api, body, pointer, nearest):
    answer = shared_api.post("/endpoints", body)
    check_refusal(answer, 422, [pointer])
    assert nearest in answer.json["violations"][0]["detail"]


def test_several_violations_are_told_together(shared_api):
    answer = shared_api.post("/endpoints", {"role": "server", "local": {"port": 70000}, "trigger": "x"})
    assert answer.status == 422
    assert set(answer.pointers) == {"/local/port", "/trigger"}


@pytest.mark.parametrize(("query", "parameter"), [
    ("limit=0", "limit"), ("limit=10001", "limit"), ("limit=x", "limit"), ("direction=up", "direction"),
    ("after=-1", "after"), ("after=99999999", "after"), ("limti=1", "limti"), ("endpoint=%00", "endpoint"),
])
def test_a_wrong_query_is_refused(shared_api, query, parameter):
    answer = shared_api.get(f"/segments?{query}")
    if "%00" in query:
        assert answer.status in (400, 404, 422)
    else:
        check_refusal(answer, 422, [parameter])


@pytest.mark.parametrize("path", [
    "/endpoints/nobody", "/endpoints/nobody/segments", "/endpoints/nobody/counters", "/transmissions/t999",
    "/segments/999999", "/segments/x", "/nothing", "/endpoints/a/b/c", "/endpoints/%00", "/endpoints/..%2f..%2fx",
])
def test_what_is_not_there_is_not_found(shared_api, path):
    answer = shared_api.get(path)
    assert answer.status in ((400, 404) if "%" in path else (404,)), answer
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize(("method", "path", "allowed"), [
    ("PUT", "/endpoints", {"GET", "POST"}), ("DELETE", "/endpoints", {"GET", "POST"}),
    ("POST", "/segments", {"GET"}), ("GET", "/reset", {"POST"}), ("POST", "/healthz", {"GET"}),
    ("GET", "/endpoints/server/start", {"POST"}), ("PUT", "/endpoints/server", {"GET", "DELETE"}),
])
def test_a_wrong_method_is_told_the_right_ones(shared_api, method, path, allowed):
    answer = shared_api.request(method, path)
    assert answer.status == 405, answer
    assert allowed <= {each.strip() for each in answer.headers["Allow"].split(",")}


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x"])
def test_another_media_type_is_refused(shared_api, kind):
    check_refusal(shared_api.post("/endpoints", b'{"role":"server"}', headers={"Content-Type": kind}), 415, None)


def test_an_endless_body_is_refused_early(shared_api):
    """The head says more than the limit: refused before the body is sent."""
    with shared_api.connect() as connection:
        connection.sendall(
            f"POST /endpoints HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nContent-Type: application/json\r\n"
            "Content-Length: 100000000\r\n\r\n".encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_a_long_body_is_refused(shared_api):
    limit = 16 << 20
    answer = b""
    with shared_api.connect() as connection:
        connection.sendall(
            f"POST /endpoints HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nContent-Type: application/json\r\n"
            "Transfer-Encoding: chunked\r\n\r\n".encode())
        try:
            for _ in range(limit >> 16):
                connection.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            answer = connection.recv(4096)
        except ConnectionResetError:
            pass
    assert answer == b"" or answer.startswith(b"HTTP/1.1 413 "), answer[:200]
    assert shared_api.get("/healthz").status == 200


def test_a_long_target_and_long_headers_are_refused(shared_api):
    assert shared_api.get("/" + "a" * 40_000, checked=False).status in (414, 431)
    assert shared_api.get("/healthz", headers={"X-Long": "a" * 40_000}, checked=False).status == 431
    assert shared_api.get("/healthz").status == 200


def test_conflicts_name_the_holder(api):
    api.create(role="server", id="mine")
    answer = api.post("/endpoints", {"role": "server", "id": "mine", "local": {"port": 50010}})
    check_refusal(answer, 409, ["/id"])
    assert "mine" in answer.json["detail"]
    answer = api.post("/endpoints", {"role": "server", "id": "other"})
    assert answer.status == 409
    assert "mine" in answer.json["detail"]
    answer = api.post("/endpoints", {"role": "server", "local": {"port": PORT}, "guard": "none"})
    assert answer.status == 409
    assert [each["id"] for each in api.get("/endpoints").json["endpoints"]] == ["mine"]


def test_the_remote_too_must_be_allowed(start_daemon):
    api = start_daemon("--allow-egress", "127.0.0.1/32").api
    answer = api.post("/endpoints", {"role": "client", "remote": {"address": "127.0.0.2"}})
    assert answer.status == 403
    assert answer.pointers == ["/remote/address"]
