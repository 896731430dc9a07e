"""Drives the daemon with a client that was generated from its document: a pair, a crafted segment, a run.

Run by test_generated_client.py in the daemon's namespace, with the generated package `client` in the path.
"""

import sys

from client import Client
from client.api.counters import get_endpoint_counters
from client.api.endpoints import create_endpoint, delete_endpoint, list_endpoints
from client.api.runs import begin_run, get_run
from client.api.segments import get_segment, list_segments, send_segments
from client.models import (
    EndpointRequest, EndpointRequestRole, Expectation, ExpectedSegment, ExpectStep, Flag, ListSegmentsDirection,
    PayloadInHex, Problem, RawOption, RunRequest, RunSendRequest, Sending, SendRequest, SendSegmentsValidate, SendStep)

api = Client(base_url=sys.argv[1], raise_on_unexpected_status=True, timeout=20)


def done(answer, status):
    """What an operation answered; anything but the status that is wanted is a fault."""
    assert answer.status_code == status, (answer.status_code, answer.parsed)
    return answer.parsed


answer = done(create_endpoint.sync_detailed(client=api, body=[
    EndpointRequest(role=EndpointRequestRole.SERVER, remote=None, pace="0s"),
    EndpointRequest(role=EndpointRequestRole.CLIENT, opening=[], rules=[]),
]), 201)
server, client = answer.endpoints
assert [each.id for each in done(list_endpoints.sync_detailed(client=api), 200).endpoints] == [server.id, client.id]

segment = SendRequest(
    flags=[Flag.SYN, Flag.FIN], window=17, reserved_bits="0x5", checksum="incorrect",
    options=[RawOption(kind=254, length=6, data="f00dcafe")], payload=PayloadInHex(hex_="00ff"))
preview = done(send_segments.sync_detailed(
    client.id, client=api, body=segment, validate=SendSegmentsValidate.TRUE), 200)
assert preview.segments[0].octets.endswith("00ff")
transmission = done(send_segments.sync_detailed(client.id, client=api, body=segment, wait="5s"), 200)
assert (transmission.sent, transmission.outcomes.sent) == (1, 1)

page = done(list_segments.sync_detailed(
    client=api, endpoint=server.id, after=server.cursor, wait="5s", count=1, filter_="tcp[tcpflags] & tcp-fin != 0",
    direction=ListSegmentsDirection.RECEIVED), 200)
received = done(get_segment.sync_detailed(page.segments[0].id, client=api), 200)
assert set(received.flags) == {Flag.SYN, Flag.FIN} and received.window == 17 and received.reserved_bits == 5
assert received.checksum.status == "incorrect" and received.octets == preview.segments[0].octets
assert done(get_endpoint_counters.sync_detailed(server.id, client=api), 200).checksums.incorrect == 1

wrong = done(send_segments.sync_detailed(client.id, client=api, body=SendRequest(window=70000)), 422)
assert isinstance(wrong, Problem) and wrong.violations[0].pointer == "/window"

run = done(begin_run.sync_detailed(client=api, wait="10s", body=RunRequest(name="greeting", steps=[
    SendStep(send=Sending(endpoint=client.id, segment=RunSendRequest(flags=[Flag.SYN], payload="Hello server"))),
    ExpectStep(expect=Expectation(
        endpoint=client.id, within="5s", segment=ExpectedSegment(flags=[Flag.SYN], payload="Hello client"))),
])), 200)
assert (run.state, run.verdict) == ("done", "satisfied"), run
assert done(get_run.sync_detailed(run.id, client=api), 200).steps[1].segment.payload.text == "Hello client"

for each in (client, server):
    assert done(delete_endpoint.sync_detailed(each.id, client=api), 200).state == "stopped"
print("driven")
