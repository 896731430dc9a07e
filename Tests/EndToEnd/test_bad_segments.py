"""Every wrong segment, repeat and variation is refused with the place of each mistake, and nothing of it leaves."""

import pytest

from support import Daemon, Namespace


SEGMENTS = [
    # Fields of the TCP header: too large, negative, of another kind.
    *[({name: value}, [f"/{name}"]) for name, bits in (
        ("sourcePort", 16), ("destinationPort", 16), ("sequenceNumber", 32), ("acknowledgmentNumber", 32),
        ("dataOffset", 4), ("reservedBits", 4), ("window", 16), ("urgentPointer", 16), ("checksum", 16))
      for value in (1 << bits, -1, 1.5, "x", True, [])],
    *[({"ip": {name: value}}, [f"/ip/{name}"]) for name, bits in (
        ("timeToLive", 8), ("dscp", 6), ("ecn", 2), ("identification", 16), ("fragmentOffset", 13))
      for value in (1 << bits, -1, 1.5, "x", True, [])],
    *[({"ip": {name: value}}, [f"/ip/{name}"]) for name in ("reservedFlag", "dontFragment", "moreFragments")
      for value in (1, "true", [])],
    *[({"ip": {name: value}}, [f"/ip/{name}"]) for name in ("source", "destination")
      for value in ("127.0.0", "::1", "localhost", "127.0.0.256", "127.0.0.01", 7)],
    # What the kernel would rewrite.
    ({"ip": {"source": "0.0.0.0"}}, ["/ip/source"]),
    ({"ip": {"identification": 0, "dontFragment": False}}, ["/ip/identification"]),
    # IPv4 options.
    ({"ip": {"options": "01"}}, ["/ip/options"]),
    ({"ip": {"options": "00" * 44}}, ["/ip/options"]),
    ({"ip": {"options": "0x01010101"}}, ["/ip/options"]),
    ({"ip": {"options": 7}}, ["/ip/options"]),
    ({"ip": {"options": [7]}}, ["/ip/options/0"]),
    ({"ip": {"options": [{}]}}, ["/ip/options/0/kind"]),
    ({"ip": {"options": [{"kind": "routeralert"}]}}, ["/ip/options/0/kind"]),
    ({"ip": {"options": [{"kind": 256}]}}, ["/ip/options/0/kind"]),
    ({"ip": {"options": [{"kind": "noOperation", "data": "00"}]}}, ["/ip/options/0/data"]),
    ({"ip": {"options": [{"kind": "recordRoute", "slots": 10}]}}, ["/ip/options/0/slots"]),
    ({"ip": {"options": [{"kind": "routerAlert", "value": 65536}]}}, ["/ip/options/0/value"]),
    ({"ip": {"options": [{"kind": 7, "length": 256}]}}, ["/ip/options/0/length"]),
    ({"ip": {"options": [{"kind": 7, "data": "0"}]}}, ["/ip/options/0/data"]),
    ({"ip": {"options": [{"kind": 7, "data": "00" * 39}]}}, ["/ip/options"]),
    ({"padOptions": 1}, ["/padOptions"]),
    ([{"payload": {"length": 65000}}] * 400, ["/258"]),
    ({"ip": {"totalLenght": 7}}, ["/ip/totalLenght"]),
    ({"ip": {"version": 6}}, ["/ip/version"]),
    ({"ip": {"protocol": 17}}, ["/ip/protocol"]),
    ({"ip": {"checksum": 17}}, ["/ip/checksum"]),
    ({"ip": []}, ["/ip"]),
    # Flags, truncation, checksum.
    ({"flags": ["SYN", "syn"]}, ["/flags/1"]),
    ({"flags": ["NS"]}, ["/flags/0"]),
    ({"flags": [1]}, ["/flags/0"]),
    ({"flags": 2}, ["/flags"]),
    ({"truncate": -1}, ["/truncate"]),
    ({"truncate": 65516}, ["/truncate"]),
    ({"truncate": "all"}, ["/truncate"]),
    ({"checksum": "Incorrect"}, ["/checksum"]),
    ({"checksum": {"value": 65536}}, ["/checksum/value"]),
    ({"checksum": {"vlaue": 1}}, ["/checksum/vlaue"]),
    # Payload.
    ({"payload": []}, ["/payload"]),
    ({"payload": {}}, ["/payload"]),
    ({"payload": {"hex": "00", "base64": "AA=="}}, ["/payload"]),
    ({"payload": {"hex": "0"}}, ["/payload/hex"]),
    ({"payload": {"base64": "AA"}}, ["/payload/base64"]),
    ({"payload": {"length": -1}}, ["/payload/length"]),
    ({"payload": {"length": 65496}}, ["/payload/length"]),
    ({"payload": {"length": 1, "random": -1}}, ["/payload/random"]),
    ({"payload": {"length": 1, "seed": 1}}, ["/payload/seed"]),
    ({"payload": {"length": 65495}, "options": [{"kind": "noOperation"}]}, [""]),
    ({"payload": {"length": 65495}, "ip": {"options": "01010101"}}, [""]),
    # TCP options.
    ({"options": {}}, ["/options"]),
    ({"options": [7]}, ["/options/0"]),
    ({"options": [{}]}, ["/options/0/kind"]),
    ({"options": [{"kind": None}]}, ["/options/0/kind"]),
    ({"options": [{"kind": 256}]}, ["/options/0/kind"]),
    ({"options": [{"kind": "mss"}]}, ["/options/0/kind"]),
    ({"options": [{"kind": "noOperation", "length": 1}]}, ["/options/0/length"]),
    ({"options": [{"kind": "noOperation"}, {"kind": "maximumSegmentSize"}]}, ["/options/1/value"]),
    ({"options": [{"kind": "maximumSegmentSize", "value": 65536}]}, ["/options/0/value"]),
    ({"options": [{"kind": "windowScale"}]}, ["/options/0/shift"]),
    ({"options": [{"kind": "windowScale", "shift": 256}]}, ["/options/0/shift"]),
    ({"options": [{"kind": "timestamps"}]}, ["/options/0/value", "/options/0/echoReply"]),
    ({"options": [{"kind": "timestamps", "value": 1 << 32, "echoReply": 0}]}, ["/options/0/value"]),
    ({"options": [{"kind": "sack"}]}, ["/options/0/blocks"]),
    ({"options": [{"kind": "sack", "blocks": [{"leftEdge": 1}]}]}, ["/options/0/blocks/0/rightEdge"]),
    ({"options": [{"kind": "sack", "blocks": [{"leftEdge": 1, "rightEdge": 2}] * 5}]}, ["/options"]),
    ({"options": [{"kind": "fastOpenCookie"}]}, ["/options/0/cookie"]),
    ({"options": [{"kind": "fastOpenCookie", "cookie": "0"}]}, ["/options/0/cookie"]),
    ({"options": [{"kind": "md5Signature"}]}, ["/options/0/digest"]),
    ({"options": [{"kind": "md5Signature", "digest": "00"}]}, ["/options/0/digest"]),
    ({"options": [{"kind": "md5Signature", "key": 7}]}, ["/options/0/key"]),
    ({"options": [{"kind": "md5Signature", "key": "k", "digest": "00" * 16}]}, ["/options/0/digest"]),
    ({"options": [{"kind": "md5Signature", "key": "k"}, {"kind": "md5Signature", "key": "l"}]}, ["/options/1/key"]),
    ({"options": [{"kind": "authentication", "keyID": 256, "nextKeyID": 0, "code": ""}]}, ["/options/0/keyID"]),
    ({"options": [{"kind": "authentication"}]},
     ["/options/0/keyID", "/options/0/nextKeyID", "/options/0/code"]),
    ({"options": [{"kind": "multipath"}]}, ["/options/0/data"]),
    ({"options": [{"kind": 254, "data": "00" * 39}]}, ["/options"]),
    ({"options": [{"kind": 254, "length": 256}]}, ["/options/0/length"]),
    ({"options": [{"kind": 254, "withoutLength": 1}]}, ["/options/0/withoutLength"]),
    ({"options": [{"kind": 254, "lenght": 2}]}, ["/options/0/lenght"]),
    ({"options": [{"kind": "noOperation"}] * 41}, ["/options"]),
    # Repeat.
    ({"repeat": 7}, ["/repeat"]),
    ({"repeat": {"count": 0}}, ["/repeat/count"]),
    ({"repeat": {"count": -1}}, ["/repeat/count"]),
    ({"repeat": {"count": 1.5}}, ["/repeat/count"]),
    ({"repeat": {"count": 10 ** 12 + 1}}, ["/repeat/count"]),
    ({"repeat": {"interval": 5}}, ["/repeat/interval"]),
    ({"repeat": {"interval": "-1ms"}}, ["/repeat/interval"]),
    ({"repeat": {"interval": "1 ms"}}, ["/repeat/interval"]),
    ({"repeat": {"rate": "0/s"}}, ["/repeat/rate"]),
    ({"repeat": {"rate": "10"}}, ["/repeat/rate"]),
    ({"repeat": {"rate": "10/m"}}, ["/repeat/rate"]),
    ({"repeat": {"rate": "-10/s"}}, ["/repeat/rate"]),
    ({"repeat": {"rate": 0}}, ["/repeat/rate"]),
    ({"repeat": {"rate": "1000000001/s"}}, ["/repeat/rate"]),
    ({"repeat": {"rate": "1/s", "interval": "1s"}}, ["/repeat/rate"]),
    ({"repeat": {"record": -1}}, ["/repeat/record"]),
    ({"repeat": {"cuont": 1}}, ["/repeat/cuont"]),
    # Vary.
    ({"vary": {}}, ["/vary"]),
    ({"vary": [7]}, ["/vary/0"]),
    ({"vary": [{"field": "window", "increment": 1}] * 17}, ["/vary"]),
    ({"vary": [{"increment": 1}]}, ["/vary/0/field"]),
    ({"vary": [{"field": "windwo", "increment": 1}]}, ["/vary/0/field"]),
    ({"vary": [{"field": "options", "increment": 1}]}, ["/vary/0/field"]),
    ({"vary": [{"field": 7, "increment": 1}]}, ["/vary/0/field"]),
    ({"vary": [{"field": "window"}]}, ["/vary/0"]),
    ({"vary": [{"field": "window", "increment": 1, "values": [1]}]}, ["/vary/0"]),
    ({"vary": [{"field": "window", "increment": 1, "range": [1, 2]}]}, ["/vary/0"]),
    ({"vary": [{"field": "window", "values": [1], "random": {}}]}, ["/vary/0"]),
    ({"vary": [{"field": "window", "increment": 65536}]}, ["/vary/0/increment"]),
    ({"vary": [{"field": "window", "increment": 0.5}]}, ["/vary/0/increment"]),
    ({"vary": [{"field": "window", "values": []}]}, ["/vary/0/values"]),
    ({"vary": [{"field": "window", "values": [1] * 4097}]}, ["/vary/0/values"]),
    ({"vary": [{"field": "window", "values": [1, 65536]}]}, ["/vary/0/values/1"]),
    ({"vary": [{"field": "window", "values": 7}]}, ["/vary/0/values"]),
    ({"vary": [{"field": "window", "range": [1]}]}, ["/vary/0/range"]),
    ({"vary": [{"field": "window", "range": [2, 1]}]}, ["/vary/0/range"]),
    ({"vary": [{"field": "window", "range": [1, 2, 3]}]}, ["/vary/0/range"]),
    ({"vary": [{"field": "window", "random": 7}]}, ["/vary/0/random"]),
    ({"vary": [{"field": "window", "random": {"seed": -1}}]}, ["/vary/0/random/seed"]),
    ({"vary": [{"field": "window", "random": {"seeed": 1}}]}, ["/vary/0/random/seeed"]),
    ({"vary": [{"field": "window", "offset": 1, "increment": 1}]}, ["/vary/0/offset"]),
    ({"vary": [{"field": "ip.source", "values": ["127.0.0.256"]}]}, ["/vary/0/values/0"]),
    ({"vary": [{"field": "payload", "offset": -1, "increment": 1}], "payload": "abcd"}, ["/vary/0/offset"]),
    ({"vary": [{"field": "payload", "width": 3, "increment": 1}], "payload": "abcd"}, ["/vary/0/width"]),
    ({"vary": [{"field": "payload", "width": 8, "increment": 1}], "payload": "abcdefgh"}, ["/vary/0/width"]),
    # A word that the payload does not have: nothing would vary, and nobody be told.
    ({"vary": [{"field": "payload", "offset": 1, "increment": 1}], "payload": "abcd"}, ["/vary/0"]),
    ({"vary": [{"field": "payload", "increment": 1}]}, ["/vary/0"]),
    ({"vary": [{"field": "sequenceNumber", "increment": 1}, {"field": "window", "increment": 1}], "truncate": 15},
     ["/vary/1"]),
    # What the kernel would rewrite, by varying.
    ({"vary": [{"field": "ip.identification", "values": [1, 0]}], "ip": {"dontFragment": False}}, ["/vary/0"]),
    ({"vary": [{"field": "ip.identification", "range": [0, 9]}], "ip": {"dontFragment": False}}, ["/vary/0"]),
    ({"vary": [{"field": "ip.identification", "random": {"seed": 7}}], "ip": {"dontFragment": False}}, ["/vary/0"]),
    ({"vary": [{"field": "ip.identification", "increment": 1}], "repeat": {"count": 3},
      "ip": {"dontFragment": False, "identification": 65534}}, ["/vary/0"]),
    ({"vary": [{"field": "ip.source", "random": {}}]}, ["/vary/0"]),
    ({"vary": [{"field": "ip.source", "values": ["0.0.0.0"]}]}, ["/vary/0"]),
    # More than one mistake, and where in a list.
    ({"window": -1, "repeat": {"count": 0}, "vary": [{"field": "x", "increment": 1}]},
     ["/window", "/repeat/count", "/vary/0/field"]),
    ([], [""]),
    ([{}, {"window": -1}, {"vary": [{"field": "window"}]}], ["/1/window", "/2/vary/0"]),
    ([{}, {"ip": {"identification": 0, "dontFragment": False}}], ["/1/ip/identification"]),
    ([{}, {"payload": {"length": 65495}, "ip": {"options": "01010101"}}], ["/1"]),
    ([{}] * 10_001, [""]),
    ([[{}]], ["/0"]),
    ([7], ["/0"]),
    ("SYN", [""]),
    (None, [""]),
    ({"repaet": {}}, ["/repaet"]),
    ({"sequenceNumber": {"received": "end"}}, ["/sequenceNumber"]),
]

FORBIDDEN = [
    ({"ip": {"source": "127.0.0.2"}}, ["/ip/source"]),
    ([{}, {"ip": {"source": "127.0.0.2"}}], ["/1/ip/source"]),
    ({"ip": {"destination": "192.0.2.1"}}, ["/ip/destination"]),
    ({"ip": {"destination": "224.0.0.1"}}, ["/ip/destination"]),
    ({"ip": {"destination": "255.255.255.255"}}, ["/ip/destination"]),
    ({"ip": {"destination": "0.0.0.0"}}, ["/ip/destination"]),
    ({"ip": {"options": "8307047f00000100"}}, ["/ip/options"]),
    ({"ip": {"options": "8907047f00000100"}}, ["/ip/options"]),
    ({"vary": [{"field": "ip.source", "increment": 1}], "repeat": {"count": 2}}, ["/vary/0"]),
    ({"vary": [{"field": "ip.source", "values": ["127.0.0.1", "127.0.0.2"]}]}, ["/vary/0"]),
    ({"vary": [{"field": "ip.source", "range": ["126.0.0.1", "127.0.0.1"]}]}, ["/vary/0"]),
    ({"vary": [{"field": "ip.destination", "increment": 1}], "repeat": {"count": 1 << 24}}, ["/vary/0"]),
    ({"vary": [{"field": "ip.destination", "increment": -1}], "repeat": {"count": 3},
      "ip": {"destination": "127.0.0.1"}}, ["/vary/0"]),
    ({"ip": {"options": [{"kind": 131, "data": "04"}]}}, ["/ip/options"]),
    ({"vary": [{"field": "ip.destination", "random": {"seed": 1}}]}, ["/vary/0"]),
    ({"vary": [{"field": "window", "increment": 1},
               {"field": "ip.destination", "values": ["127.0.0.2", "192.0.2.1"]}]}, ["/vary/1"]),
    ({"vary": [{"field": "ip.destination", "range": ["127.0.0.1", "128.0.0.0"]}]}, ["/vary/0"]),
    ({"vary": [{"field": "ip.destination", "range": ["126.0.0.1", "127.0.0.1"], "random": {}}]}, ["/vary/0"]),
]


def short(value):
    return str(value)[:70]


@pytest.fixture(scope="module")
def sender(tmp_path_factory):
    namespace = Namespace()
    try:
        daemon = Daemon(namespace, tmp_path_factory.mktemp("daemon"))
        daemon.api.create(role="client", id="sender", rules=[], opening=[])
        yield daemon.api
        assert daemon.api.counters()["total"]["segmentsSent"] == 0
        assert daemon.api.get("/transmissions").json == {"transmissions": [], "next": None}
        daemon.stop()
    finally:
        namespace.close()


def check(answer, status, pointers):
    assert answer.status == status, answer
    assert answer.content_type == "application/problem+json"
    # A variation that may not be is pointed at as a whole or in part.
    found = [pointer if pointer in pointers else "/".join(pointer.split("/")[:-1]) for pointer in answer.pointers]
    assert found == pointers, answer


@pytest.mark.parametrize(("body", "pointers"), SEGMENTS, ids=short)
def test_a_wrong_segment_is_refused_at_its_place(sender, body, pointers):
    body = b"null" if body is None else body
    answer = sender.post("/endpoints/sender/segments", body)
    check(answer, 422, pointers)
    # A dry run refuses the same.
    again = sender.post("/endpoints/sender/segments?validate=true", body)
    assert (again.status, again.json) == (answer.status, answer.json)


@pytest.mark.parametrize(("body", "pointers"), FORBIDDEN, ids=short)
def test_a_forbidden_segment_is_refused_at_its_place(sender, body, pointers):
    answer = sender.post("/endpoints/sender/segments", body)
    check(answer, 403, pointers)
    again = sender.post("/endpoints/sender/segments?validate=true", body)
    assert (again.status, again.json) == (answer.status, answer.json)


@pytest.mark.parametrize("query", ["wait", "wait=", "wait=2", "wait=-1s", "wait=2h", "wait=1s&wait=2s", "validate=",
                                   "validate=1", "validate=TRUE", "wiat=1s"])
def test_a_wrong_parameter_is_refused(sender, query):
    answer = sender.post(f"/endpoints/sender/segments?{query}", {})
    assert answer.status == 422, answer
    assert answer.pointers == [query.split("=")[0]]


@pytest.mark.parametrize("query", ["after=x", "after=-1", "limit=0", "limit=10001", "limit=", "state=done"])
def test_a_wrong_parameter_of_the_list_is_refused(sender, query):
    answer = sender.get(f"/transmissions?{query}")
    assert answer.status == 422, answer
    assert answer.pointers == [query.split("=")[0]]


@pytest.mark.parametrize("identifier", ["t99999", "1", "t", "t0", "t-1", "t01", "T1", "x", "t99999999999999999999999", "t1x"])
def test_a_transmission_that_is_not_there(sender, identifier):
    for method in ("GET", "DELETE"):
        assert sender.request(method, f"/transmissions/{identifier}").status == 404


def test_repeat_and_vary_are_not_for_rules_and_openings(sender):
    for member in ("repeat", "vary"):
        answer = sender.post("/endpoints", {"role": "server", "opening": [{member: None}, {member: []}]})
        assert answer.status == 422, answer
        assert f"/opening/1/{member}" in answer.pointers


def test_several_mistakes_have_a_limit(sender):
    answer = sender.post("/endpoints/sender/segments", [{"window": -1}] * 1000)
    assert answer.status == 422
    assert 1 < len(answer.pointers) <= 101
