"""What schemathesis is told about segmentd: texts of the formats that it does not know, how long a test may wait, and a
check that valid data is taken."""

import re

import schemathesis
from hypothesis import strategies
from schemathesis import GenerationMode
from schemathesis.core.failures import Failure

FILTERS = ["", "tcp", "port 50000", "tcp[tcpflags] & tcp-syn != 0", "src host 127.0.0.1 and dst port 50001",
           "ip[8] < 64", "not portrange 1-1023", "less 60", "ip proto 6 or tcp[2:2] = 0x50"]

schemathesis.openapi.format("pcap-filter", strategies.sampled_from(FILTERS))

WAIT = re.compile(r"^[0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h)$")


@schemathesis.hook
def map_query(context, query):
    """Valid waits are short ones: an hour would be waited for."""
    if query and isinstance(query.get("wait"), str) and WAIT.match(query["wait"]):
        query["wait"] = "10ms"
    return query


@schemathesis.hook
def before_call(context, case, kwargs):
    """Files that follow do not end, so that their end would be waited for; test_captures.py follows."""
    if case.query and case.query.get("follow") == "true":
        case.query["follow"] = "false"


def _settled(endpoint):
    """An endpoint as before, but on an address that this host has and in the service's own namespace, for no schema
    knows either."""
    if not isinstance(endpoint, dict):
        return endpoint
    local = endpoint.get("local")
    if isinstance(local, dict) and isinstance(local.get("address"), str):
        local["address"] = re.sub(r"^[0-9]+\.", "127.", local["address"])
    if isinstance(endpoint.get("namespace"), str):
        endpoint["namespace"] = None
    return endpoint


@schemathesis.hook
def map_body(context, body):
    if context.operation.label == "POST /endpoints":
        return [_settled(each) for each in body] if isinstance(body, list) else _settled(body)
    return body


# Why valid data may be refused all the same: what JSON Schema cannot say, each with its place and its sentence.
BEYOND_SCHEMAS = [(re.compile(place), re.compile(sentence)) for place, sentence in [
    # Which expressions libpcap compiles.
    (r"(^|/)filter$", ""),
    # Which cursors, instances and keys there are, and how parameters go together.
    ("^(after|Last-Event-ID)$", "is beyond the latest|is not a cursor"),
    ("^instance$", "has ended, and its cursors with it"),
    ("^Idempotency-Key$", "is that of another request"),
    ("^count$", '^needs "wait"$|is not an integer in 1…'),
    ("^wait$", "is not a duration such as .*, up to 3600s"),
    ("^from$", "is none of client, server, both, an address"),
    # What is for replays says nothing about segments in JSON.
    ("^(from|rewrite|speed)$", "unknown parameter"),
    # Numbers that are written as text may be too large.
    ("", '^"-?(0[xX])?[0-9A-Fa-f]+" is not an integer in'),
    # Which file is a capture, and what it holds.
    ("^$", "capture|pcap|no segment"),
    # Which addresses and network namespaces this host has, and of which role an endpoint is.
    ("/local/address$", "is not an address of this host"),
    ("/namespace$", "there is no network namespace"),
    ("/remote$", "a client needs a remote"),
    ("/(pace|limit)$", "is for the preset's rule"),
    # Octets are not characters.
    ("/labels/", "a label's name and value have at most 256 octets"),
    ("^/name$", "has [0-9]+ octets, may have 256"),
    # What stays as it is.
    ("^/[a-z]+$", "cannot be changed; remove the endpoint and create it anew|use POST /endpoints/"),
    # Two members together.
    ("/payloadLength$", "from [0-9]+ to [0-9]+ is no length"),
    ("/withoutFlags$", "cannot be set and not set"),
    ("/repeat/rate$", "is there beside interval"),
    ("/(identification|vary/[0-9]+)$", "0 would be replaced by the kernel"),
    ("/ip/source$", "0.0.0.0 would be replaced by the kernel"),
    ("/segment/", "ends before it begins|has bits that the mask has not"),
    # A field of a segment holds less than the widest of them, and a segment less than its fields.
    ("/(vary/[0-9]+|expect(None)?/segment)/", "is not an integer in"),
    ("/vary/[0-9]+/(offset|width)$", "unknown member"),
    ("/vary/[0-9]+/range$", "must be two values of the field, the lower one first"),
    ("/vary/[0-9]+/values/", "is not an IPv4 address"),
    ("/vary/[0-9]+$", "the field is outside the segment"),
    ("/options$", "octets of options are not a multiple of 4 up to 40|octets, must have a multiple of 4 up to 40"),
    ("/options/[0-9]+/key$", "a segment is signed once"),
    ("", "a (segment|datagram) of [0-9]+ octets is longer than"),
    ("", "has more segments than can be counted|the segments take [0-9]+ octets, may take"),
    # What other steps of a run are, and which endpoints there are.
    ("/endpoint$", "there is no endpoint"),
    ("/steps/", "no step before this one expects a segment|is no expect before this step|is not before this step"),
    ("/steps/", "is longer than 3600s"),
    # Where segments go that are given no destination.
    ("/ip/destination$", "the endpoint has no remote"),
]]


@schemathesis.check
def valid_data_is_taken(context, response, case):
    """Data that the document calls valid is not refused as invalid, but for reasons that no schema can tell."""
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    if response.status_code not in (400, 406, 413, 415, 422):
        return
    violations = response.json().get("violations", [])
    unexplained = [each for each in violations if not _is_beyond_schemas(each)]
    if unexplained or not violations:
        raise Failure(
            operation=case.operation.label, title="Valid data is refused",
            message=f"{response.status_code}: {unexplained or response.text}")


def _is_beyond_schemas(violation):
    place = violation.get("pointer", violation.get("parameter", violation.get("header")))
    return any(where.search(place) and what.search(violation["detail"]) for where, what in BEYOND_SCHEMAS)
