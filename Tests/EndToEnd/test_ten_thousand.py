"""Ten thousand endpoints on 127.0.0.0/8, made by one request: each gets its own segment and no other."""

import json
import time

import pytest

from support import eventually

COUNT = 10_000


def local(number):
    return f"127.{1 + number // 40_000}.{number // 200 % 200}.{1 + number % 200}"


@pytest.mark.parametrize("ports", ["one port", "many ports"])
def test_ten_thousand_endpoints_each_get_their_own_segment(start_daemon, ports):
    daemon = start_daemon("--ring-segments", 1 << 17, "--max-endpoints", COUNT + 1, "--max-body", 8 << 20)
    api = daemon.api
    port = (lambda number: 50000) if ports == "one port" else lambda number: 20_000 + number
    definitions = [{"role": "server", "id": f"e{number}", "remote": None, "rules": [],
                    "local": {"address": local(number), "port": port(number)}} for number in range(COUNT)]
    resident = daemon.resident_octets()
    made = api.post("/endpoints", definitions, checked=False, timeout=60)
    assert made.status == 201, made.content[:2000]
    endpoints = made.json["endpoints"]
    assert [each["id"] for each in endpoints] == [each["id"] for each in definitions]
    assert all(each["state"] == "running" for each in endpoints)
    assert {each["guard"]["active"] for each in endpoints} <= {"listener", "md5"}
    grown = daemon.resident_octets() - resident

    api.create(id="sender", role="client", local={"port": 40_000}, rules=[], opening=[])
    began = time.monotonic()
    body = []
    for start in range(0, COUNT, 200):
        # Two hundred in a row have consecutive addresses.
        vary = [{"field": "ip.destination", "range": [local(start), local(start + 199)]},
                {"field": "sequenceNumber", "increment": 1},
                {"field": "destinationPort", "range": [port(start), port(start + 199)]}]
        body.append({"sequenceNumber": start, "repeat": {"count": 200, "record": 0}, "vary": vary})
    done = api.transmit("sender", body)
    assert done["outcomes"] == {"sent": COUNT}
    eventually(lambda: total_received(api) == COUNT, 20)
    sending = time.monotonic() - began
    by_endpoint = {}
    for segment in api.get("/segments?limit=10000", checked=False, timeout=60).json["segments"]:
        by_endpoint.setdefault(segment["endpoint"], []).append(segment)
    assert len(by_endpoint) == COUNT
    for number in range(COUNT):
        (segment,) = by_endpoint[f"e{number}"]
        assert segment["sequenceNumber"] == number
        assert segment["ip"]["destination"] == local(number)
        assert segment["destinationPort"] == port(number)
        assert segment["checksum"]["status"] == "valid"
    counters = api.get("/counters", checked=False, timeout=60).json
    assert all(each["segmentsReceived"] == 1 for name, each in counters["endpoints"].items() if name != "sender")
    assert counters["total"]["kernelDrops"] == 0

    # Pages hold all of them, too; one more is over the limit, and one of a list that is wrong makes none.
    page = api.get("/endpoints?limit=10000", checked=False, timeout=60)
    assert len(page.json["endpoints"]) == COUNT
    assert page.json["next"] is not None
    assert api.post("/endpoints", {"role": "server", "local": {"address": "127.200.0.1"}}).status == 429
    removed = api.post("/reset", timeout=60)
    assert removed.json["endpoints"] == COUNT + 1
    assert api.get("/endpoints").json == {"endpoints": [], "next": None}
    print(f"{ports}: made in {made.seconds:.2f} s ({len(json.dumps(definitions))} octets, {grown >> 20} MiB), "
          f"sent and received in {sending:.2f} s, listed in {page.seconds:.2f} s, removed in {removed.seconds:.2f} s")
    # Everything is free again.
    again = api.post("/endpoints", definitions[:1000], checked=False, timeout=60)
    assert again.status == 201, again.content[:2000]


def total_received(api):
    return api.get("/counters", checked=False, timeout=60).json["total"]["segmentsReceived"]


def test_a_long_list_is_made_whole_or_not_at_all(start_daemon):
    api = start_daemon().api
    definitions = [{"role": "server", "remote": None, "rules": [], "local": {"address": local(number)}}
                   for number in range(3000)]
    for wrong, status, pointer in (
            ({"role": "server", "local": {"address": "192.0.2.1"}}, 422, "/3000/local/address"),
            ({"role": "server", "remote": None, "local": {"address": local(7)}}, 409, "/3000/local"),
            ({"role": "server", "local": {"port": 70_000}}, 422, "/3000/local/port")):
        answer = api.post("/endpoints", [*definitions, wrong], timeout=60)
        assert (answer.status, answer.pointers) == (status, [pointer]), answer
        assert api.get("/endpoints").json["endpoints"] == []
    assert api.post("/endpoints", definitions, checked=False, timeout=60).status == 201
