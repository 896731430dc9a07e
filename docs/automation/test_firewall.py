"""A firewall drops SYNs from left to right, lets established connections through, rejects the rest with a reset."""

import pytest

LEFT, RIGHT = "10.1.0.1", "10.2.0.1"
ACCEPT = {"match": {"flags": ["SYN"], "withoutFlags": ["ACK"]}, "pace": "0s",
          "reply": [{"flags": ["SYN", "ACK"], "sequenceNumber": 5000, "acknowledgmentNumber": {"received": "end"}}]}


def send(endpoint, *flags, **fields):
    return {"send": {"endpoint": endpoint, "segment": {"flags": flags, **fields}}}


def expect(endpoint, *flags, **fields):
    return {"expect": {"endpoint": endpoint, "segment": {"flags": flags, **fields}}}


def expect_nothing(endpoint, time):
    return {"expectNone": {"endpoint": endpoint, "for": time}}


@pytest.mark.parametrize("port", [22, 80, 443])
def test_a_syn_from_left_to_right_is_dropped(segmentd, port):
    segmentd.create("server", "server", "right", (RIGHT, port))
    segmentd.create("client", "client", "left", (LEFT, 0), (RIGHT, port))
    segmentd.run("dropped", send("client", "SYN"), expect_nothing("server", "200ms"), expect_nothing("client", "10ms"))


def test_an_established_connection_passes_both_ways(segmentd):
    segmentd.create("server", "server", "left", (LEFT, 80), rules=[ACCEPT])
    segmentd.create("client", "client", "right", (RIGHT, 0), (LEFT, 80))
    segmentd.run(
        "established",
        send("client", "SYN", sequenceNumber=100),
        expect("client", "SYN", "ACK", acknowledgmentNumber=101),
        send("client", "ACK", sequenceNumber=101, acknowledgmentNumber={"received": "end"}),
        expect("server", "ACK", acknowledgmentNumber=5001),
        send("server", "PSH", "ACK", sequenceNumber=5001, acknowledgmentNumber=101, payload="from the left"),
        expect("client", payload="from the left"))


@pytest.mark.parametrize("port", [22, 23, 8080])
def test_what_is_not_allowed_is_rejected_with_a_reset(segmentd, port):
    segmentd.create("server", "server", "left", (LEFT, port))
    segmentd.create("client", "client", "right", (RIGHT, 0), (LEFT, port))
    segmentd.run(
        "rejected",
        send("client", "SYN", sequenceNumber=100),
        expect("client", "RST", "ACK", acknowledgmentNumber=101),
        expect_nothing("server", "100ms"))
