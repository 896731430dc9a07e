"""Bounds: each is an option and in /limits; what is beyond waits, is refused or is counted, and is never just gone."""

import time

import pytest
from scapy.layers.inet import IP, TCP

from support import SEGMENTD, eventually


def seconds_of(done):
    """From the first segment to the last, by the transmission's own times, to the microsecond."""
    def parse(text):
        whole, fraction = text.rstrip("Z").split(".")
        return time.mktime(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) + float("0." + fraction)
    return parse(done["endedAt"]) - parse(done["startedAt"])


BOUNDS = {
    "--ring-segments": ("ringSegments", 1000), "--ring-octets": ("ringOctets", 1 << 20),
    "--max-endpoints": ("endpoints", 7), "--max-transmissions": ("transmissions", 8),
    "--max-queued-octets": ("queuedOctets", 1 << 20), "--max-rate": ("segmentsPerSecond", 5000),
    "--max-endpoint-rate": ("endpointSegmentsPerSecond", 3000), "--max-answers": ("answersPerSegment", 55),
    "--max-runs": ("runs", 9), "--remember-runs": ("rememberedRuns", 10), "--max-commands": ("waitingCommands", 99),
    "--max-waiters": ("waiters", 11), "--receive-buffer": ("receiveBufferOctets", 1 << 16),
    "--max-body": ("bodyOctets", 4096), "--max-connections": ("connections", 77),
}


def test_every_bound_is_an_option_and_shown(start_daemon):
    shown = start_daemon().api.get("/limits").json
    assert shown["endpoints"] == 10_000
    # By default nothing is slowed down, and a pair talks for ever.
    for name in ("segmentsPerSecond", "endpointSegmentsPerSecond", "answersPerSegment"):
        assert shown[name] == 0
    api = start_daemon(*[text for option, (_, value) in BOUNDS.items() for text in (option, str(value))], port=8081).api
    shown = api.get("/limits").json
    assert {name: shown[name] for name, _ in BOUNDS.values()} == dict(BOUNDS.values())


@pytest.mark.parametrize("option", BOUNDS)
@pytest.mark.parametrize("value", ["-1", "99999999999999", "x", ""])
def test_a_bound_out_of_range_is_told_at_the_start(namespace, option, value):
    ended = namespace.run(SEGMENTD, f"{option}={value}", timeout=10)
    assert ended.returncode == 64
    assert option in ended.stderr, ended.stderr


def test_endpoints(start_daemon):
    api = start_daemon("--max-endpoints", "3").api
    for port in (50010, 50011):
        api.create(role="server", id=f"e{port}", local={"port": port})
    answer = api.post("/endpoints", [{"role": "server"}, {"role": "client"}])
    assert answer.status == 429 and answer.headers["Retry-After"] and "3" in answer.json["detail"]
    assert len(api.get("/endpoints").json["endpoints"]) == 2
    api.create(role="server")
    assert api.post("/endpoints", {"role": "client"}).status == 429
    api.remove("server")
    api.create(role="client")


def test_queued_octets(start_daemon):
    api = start_daemon("--max-queued-octets", "65536").api
    api.create(role="client", rules=[], opening=[])
    slow = {"payload": {"length": 20_000}, "repeat": {"count": 1000, "interval": "1s"}}
    queued = []
    while (answer := api.post("/endpoints/client/segments", slow)).status == 202:
        queued.append(answer.json["id"])
    assert answer.status == 429 and answer.headers["Retry-After"]
    assert answer.json["type"] == "/problems/too-many-queued-octets" and "65536" in answer.json["detail"]
    assert len(queued) == 3
    run = {"steps": [{"send": {"endpoint": "client", "segment": {"payload": {"length": 20_000}}}}]}
    assert api.post("/runs", run).status == 429
    # Small ones still pass, and each that ends makes room.
    assert api.transmit("client", {})["sent"] == 1
    api.delete(f"/transmissions/{queued.pop()}")
    assert api.post("/runs?wait=5s", run).json["verdict"] == "satisfied"
    api.post("/endpoints/client/stop")
    api.post("/endpoints/client/start")
    for _ in range(3):
        assert api.post("/endpoints/client/segments", slow).status == 202
    assert api.post("/reset").status == 200
    api.create(role="client", rules=[], opening=[])
    assert api.post("/endpoints/client/segments", slow).status == 202
    # What never fits says so, instead of asking to wait.
    answer = api.post("/endpoints/client/segments", {"payload": {"length": 65_400}})
    assert answer.status == 422 and "--max-queued-octets" in answer.json["violations"][0]["detail"], answer
    lots = [{"vary": [{"field": "window", "values": list(range(4096))}], "repeat": {"count": 2}}] * 2
    assert api.post("/endpoints/client/segments", lots).status == 422


@pytest.mark.parametrize("option", ["--max-rate", "--max-endpoint-rate"])
@pytest.mark.parametrize("rate", [200, 2_000, 50_000])
def test_a_rate_delays_and_loses_nothing(start_daemon, option, rate):
    api = start_daemon(option, str(rate)).api
    api.create(role="server", rules=[])
    api.create(role="client", rules=[], opening=[])
    count = max(rate // 2, 60)
    done = api.transmit("client", {"repeat": {"count": count, "record": 0}})
    assert done["outcomes"] == {"sent": count}
    # A hundredth of a second's worth leaves at once.
    expected = (count - max(1, rate // 100)) / rate
    assert expected * 0.95 < seconds_of(done) < expected * 1.3 + 0.05
    assert eventually(lambda: api.counters("server")["segmentsReceived"] == count)


def test_a_rate_is_for_each_endpoint_or_for_all(start_daemon):
    api = start_daemon("--max-rate", "3000", "--max-endpoint-rate", "1000").api
    names = [f"e{number}" for number in range(6)]
    for number, name in enumerate(names):
        api.create(role="client", id=name, local={"port": 50100 + number}, rules=[], opening=[])
    flood = {"repeat": {"count": 100_000, "record": 0}}
    api.post("/endpoints/e0/segments", flood)
    api.post("/endpoints/e0/segments", flood)
    time.sleep(0.5)
    alone = api.counters("e0")["segmentsSent"]
    assert 400 < alone < 700
    for name in names[1:]:
        api.post(f"/endpoints/{name}/segments", flood)
    began = {name: api.counters(name)["segmentsSent"] for name in names}
    time.sleep(1)
    sent = {name: api.counters(name)["segmentsSent"] - began[name] for name in names}
    # All together have the bound of all, and each has its share of it.
    assert 2500 < sum(sent.values()) < 3900, sent
    assert min(sent.values()) > 250, sent
    # Somebody with one segment to say does not wait for those with many.
    assert api.post("/endpoints/e5/segments?wait=3s", {}).json["state"] == "done"
    for each in api.get("/transmissions").json["transmissions"]:
        if each["state"] in ("queued", "sending"):
            assert api.delete(f"/transmissions/{each['id']}").status == 200


def test_those_who_wait_take_turns(start_daemon):
    """Where a bound gives one segment at a time, it is not always the same one who gets it."""
    api = start_daemon("--max-rate", "500").api
    names = ["first", "second", "third"]
    for number, name in enumerate(names):
        api.create(role="client", id=name, local={"port": 50100 + number}, rules=[], opening=[])
        api.post(f"/endpoints/{name}/segments", {"repeat": {"count": 100_000, "record": 0}})
    time.sleep(1)
    sent = {name: api.counters(name)["segmentsSent"] for name in names}
    assert min(sent.values()) > 100, sent


def test_answers_keep_to_the_rate_and_none_is_lost_in_silence(namespace, start_daemon):
    api = start_daemon("--max-endpoint-rate", "100").api
    api.create(role="server", remote=None, pace="0s")
    count = 500
    with namespace.raw_socket() as raw:
        for number in range(count):
            raw.sendto(bytes(IP(src="127.0.0.1", dst="127.0.0.1") / TCP(sport=9, dport=50000, seq=number)),
                       ("127.0.0.1", 0))
    # The kernel resets what it is answered, which nobody answers.
    eventually(lambda: api.counters("server")["segmentsReceived"] >= count)
    first = api.counters("server")["replies"]
    assert first <= 30
    # Those that wait leave in their time; the others are counted.
    ended = eventually(lambda: (lambda found: found if found["replies"] + found["repliesSuppressed"] == count else None)(
        api.counters("server")), seconds=5)
    assert 64 <= ended["replies"] <= 64 + 30
    assert ended["repliesSuppressed"] == count - ended["replies"]


def test_a_storm_at_its_bound_leaves_room_for_others(start_daemon):
    api = start_daemon("--max-rate", "1000").api
    for role in ("server", "client"):
        api.create(role=role, pace="0s")
    api.create(role="client", id="other", local={"port": 50100}, rules=[], opening=[])
    time.sleep(0.3)
    for _ in range(5):
        done = api.post("/endpoints/other/segments?wait=3s", {"repeat": {"count": 20}}).json
        assert done["state"] == "done", done
    began = api.counters()["total"]["segmentsSent"]
    time.sleep(1)
    assert 800 < api.counters()["total"]["segmentsSent"] - began < 1200


def answers_of_a_storm(api, roles=("server", "client")):
    """Waits until nothing more is sent, asking all the time; how many answers there were, and the longest request."""
    longest = 0
    last = None
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        answer = api.get("/counters")
        longest = max(longest, answer.seconds)
        total = answer.json["total"]
        if last == total["segmentsSent"]:
            return total, longest
        last = total["segmentsSent"]
        time.sleep(0.25)
    raise AssertionError("the storm does not end")


def test_two_that_answer_each_other_stop_at_the_budget(start_daemon):
    """And the API answers all the while."""
    budget = 20_000
    api = start_daemon("--max-answers", str(budget)).api
    for role in ("server", "client"):
        api.create(role=role, pace="0s")
    total, longest = answers_of_a_storm(api)
    assert total["replies"] == budget
    assert total["repliesSuppressed"] == 1
    assert longest < 0.05 * 4  # a debug build, on a machine that others use
    # What comes next has a budget of its own, though it has the same octets.
    api.transmit("client", {"flags": ["SYN"], "window": 200, "payload": "Hello server"})
    total, _ = answers_of_a_storm(api)
    assert total["replies"] == 2 * budget
    assert total["repliesSuppressed"] == 2


@pytest.mark.parametrize("replies", [2, 3])
def test_answers_that_multiply_have_one_budget(start_daemon, replies):
    """Each answer takes its share of what is left, so that all of them together are no more."""
    budget = 1000
    api = start_daemon("--max-answers", str(budget)).api
    reply = [{"payload": f"{number}"} for number in range(replies)]
    api.create(role="server", rules=[{"reply": reply, "pace": "0s"}])
    api.create(role="client", opening=[], rules=[{"reply": reply, "pace": "0s"}])
    api.transmit("client", {})
    total, _ = answers_of_a_storm(api)
    assert budget // 4 < total["replies"] <= budget
    assert total["repliesSuppressed"] > 0


def test_a_budget_is_for_each_segment(start_daemon):
    api = start_daemon("--max-answers", "10").api
    api.create(role="server", pace="0s")
    api.create(role="client", pace="0s", opening=[])
    api.transmit("client", [{"sequenceNumber": number, "payload": f"{number}"} for number in range(50)])
    total, _ = answers_of_a_storm(api)
    assert total["replies"] == 500
    assert total["repliesSuppressed"] == 50
    # Somebody who only answers outsiders has as many as ever.
    assert api.counters("server")["segmentsReceived"] == 50 * 6


def test_a_pair_talks_on_by_default(start_daemon):
    api = start_daemon().api
    for role in ("server", "client"):
        api.create(role=role, pace="1ms")
    eventually(lambda: api.counters("server")["replies"] > 300)
    assert api.counters()["total"]["repliesSuppressed"] == 0
