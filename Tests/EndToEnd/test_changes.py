"""PATCH changes an endpoint while it runs: rules, filter and labels, and nothing by halves."""

import threading

import pytest

from scapy.layers.inet import IP, TCP

from support import eventually

MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}


def answer(payload, **changes):
    return {"match": {"withoutFlags": ["RST"]}, "pace": "0s", "reply": [{"flags": ["ACK"], "payload": payload}],
            **changes}


def patch(api, change, endpoint="server", **options):
    return api.request("PATCH", f"/endpoints/{endpoint}", change, headers=MERGE_PATCH, **options)


def segment(port=50001, flags="S", payload=b""):
    return bytes(IP(src="127.0.0.9", dst="127.0.0.1") / TCP(sport=port, dport=50000, flags=flags) / payload)


def test_what_get_shows_can_be_edited_and_sent_back(api):
    api.create(role="server", remote=None, rules=[answer("one")], labels={"purpose": "old", "owner": "me"})
    shown = api.get("/endpoints/server").json
    shown["rules"][0]["reply"][0]["payload"] = "two"
    shown["labels"]["purpose"] = "new"
    changed = patch(api, shown)
    assert changed.status == 200, changed
    assert changed.json["rules"][0]["reply"][0]["payload"] == "two"
    assert changed.json["labels"] == {"purpose": "new", "owner": "me"}
    assert changed.json == {**shown, "counters": changed.json["counters"]}
    changed = api.request("PATCH", "/endpoints/server", {"labels": {"owner": None}})
    assert changed.json["labels"] == {"purpose": "new"}
    assert changed.json["rules"] == shown["rules"]


def test_the_change_is_in_force_when_the_answer_comes(namespace, api):
    api.create(role="server", remote=None, rules=[answer("0")])
    with namespace.raw_socket() as raw:
        for number in range(1, 101):
            assert patch(api, {"rules": [answer(str(number))]}).status == 200
            port = 2000 + number
            raw.sendto(segment(port), ("127.0.0.1", 0))
            while (heard := IP(raw.recv(65536))[TCP]).dport != port or "R" in heard.flags:
                pass
            assert bytes(heard.payload) == str(number).encode()


def test_nothing_is_lost_or_answered_twice_while_rules_change(namespace, api):
    made = api.create(role="server", remote=None, rules=[answer("a")])
    count, ended = 3000, threading.Event()

    def change():
        turn = 0
        while not ended.is_set():
            turn += 1
            assert patch(api, {"rules": [answer("ab"[turn % 2])]}).status == 200

    changing = threading.Thread(target=change)
    changing.start()
    try:
        with namespace.raw_socket() as raw:
            for number in range(count):
                raw.sendto(segment(10_000 + number), ("127.0.0.1", 0))
                if number % 64 == 0:
                    eventually(lambda sent=number: api.counters("server")["flagsReceived"].get("SYN", 0) > sent)
            eventually(lambda: api.counters("server")["flagsReceived"].get("SYN") == count)
    finally:
        ended.set()
        changing.join(timeout=10)
    # The kernel resets what is answered to ports that nobody has, and no rule answers a reset.
    assert api.counters("server")["replies"] == count
    sent = list(api.all_segments("server", made["cursor"], direction="sent"))
    assert [each["destinationPort"] for each in sent] == [10_000 + number for number in range(count)]
    assert {each["payload"]["text"] for each in sent} == {"a", "b"}


def test_transmissions_go_on(api):
    api.create(role="client", rules=[], opening=[])
    sent = api.send("client", repeat={"count": 200, "interval": "2ms"})
    assert patch(api, {"rules": [answer("new")]}, "client").status == 200
    assert api.get(f"/transmissions/{sent['id']}").json["state"] in ("queued", "sending")
    done = eventually(lambda: (lambda t: t if t["state"] == "done" else None)(
        api.get(f"/transmissions/{sent['id']}").json))
    assert done["outcomes"] == {"sent": 200}


def test_a_filter_comes_and_goes(namespace, api):
    api.create(role="server", remote=None, rules=[])
    with namespace.raw_socket() as raw:
        assert patch(api, {"filter": "tcp src port 7"}).json["filter"] == "tcp src port 7"
        for port in (8, 7):
            raw.sendto(segment(port), ("127.0.0.1", 0))
        assert api.received("server")["sourcePort"] == 7
        assert patch(api, {"filter": None}).json["filter"] is None
        raw.sendto(segment(9), ("127.0.0.1", 0))
        api.received("server", lambda each: each["sourcePort"] == 9)
    assert [each["sourcePort"] for each in api.segments("server")] == [7, 9]


@pytest.mark.parametrize("change, pointer", [
    ({"labels": {"a": "1"}, "trigger": "edge"}, "/trigger"),
    ({"labels": {"a": "1"}, "local": {"port": 50009}}, "/local"),
    ({"labels": {"a": "1"}, "state": "stopped"}, "/state"),
    ({"labels": {"a": "1"}, "rules": [{"reply": [{"window": 70000}]}]}, "/rules/0/reply/0/window"),
    ({"labels": {"a": "1"}, "filter": "tcp ["}, "/filter"),
    ({"labels": {"a": "1"}, "rules": [{"match": {"payloadLength": {"from": 2, "to": 1}}}]},
     "/rules/0/match/payloadLength"),
])
def test_a_change_that_cannot_be_changes_nothing(api, change, pointer):
    before = api.create(role="server")
    refused = patch(api, change)
    assert refused.status == 422
    assert refused.pointers == [pointer]
    after = api.get("/endpoints/server").json
    assert {**after, "counters": 0} == {**before, "counters": 0}


def test_an_answer_that_may_not_be_sent_changes_nothing(api):
    before = api.create(role="server", rules=[])
    refused = patch(api, {"rules": [{"reply": [{"ip": {"destination": "192.0.2.1"}}]}], "labels": {"a": "1"}})
    assert refused.status == 403
    assert refused.pointers == ["/rules/0/reply/0/ip/destination"]
    assert {**api.get("/endpoints/server").json, "counters": 0} == {**before, "counters": 0}


def test_a_patch_has_its_own_type(api):
    api.create(role="server")
    refused = api.request("PATCH", "/endpoints/server", b"[]", headers={"Content-Type": "application/json-patch+json"})
    assert refused.status == 415
    assert "merge-patch" in refused.json["detail"]
    assert patch(api, {}, "nobody").status == 404
