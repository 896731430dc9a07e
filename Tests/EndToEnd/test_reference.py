"""The tables of docs/reference say what the daemon does: its limits, and the ranges of the fields of a segment."""

import re

import pytest

from support import CONTRACT, PROJECT, SEGMENTD

REFERENCE = PROJECT / "docs/reference"


def rows(page, heading=None):
    """The cells of each row of a page's tables, or of those under a heading."""
    text = (REFERENCE / page).read_text()
    if heading:
        text = re.split(r"^#+ ", text.split(heading, 1)[1], maxsplit=1, flags=re.M)[0]
    lines = text.splitlines()
    for line, after in zip(lines, [*lines[1:], ""]):
        if line.startswith("| `") and not after.startswith("|---"):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def test_the_page_of_limits_has_what_limits_has(api, namespace):
    told = {}
    usage = namespace.run(SEGMENTD, "serve", "--help").stdout
    for name, value, *others in rows("limits.md", "## How many\n"):
        told[name.strip("` ")] = int(re.match(r"[\d,]+", value)[0].replace(",", ""))
        for option in re.findall(r"`(--[\w-]+)`", others[0]):
            assert re.search(rf"{option}\b", usage), option
    shown = api.get("/limits").json
    assert told == {name: shown.get(name) for name in told} and set(told) == set(shown)


def ranges():
    """Each field of a segment that has a range of numbers."""
    for heading, prefix in (("### The TCP header\n", ""), ("### The IPv4 header, under `ip`\n", "ip.")):
        for name, allowed, *_ in rows("segments.md", heading):
            if found := re.match(r"(\d+)…(\d+)", allowed):
                yield prefix + name.strip("` "), int(found[1]), int(found[2])


def with_value(field, value):
    if field.startswith("ip."):
        return {"ip": {field.removeprefix("ip."): value}}
    return {field: value}


@pytest.fixture
def client(api):
    api.create(role="client", rules=[], opening=[])
    return lambda segment: api.post("/endpoints/client/segments?validate=true", segment)


def test_a_field_has_the_range_that_its_row_says(client):
    told = list(ranges())
    assert len(told) >= 14
    for field, least, most in told:
        for value in (least, most, hex(most)):
            assert client(with_value(field, value)).status == 200, (field, value)
        for value in (least - 1, most + 1):
            answer = client(with_value(field, value))
            assert answer.status == 422 and answer.pointers == ["/" + field.replace(".", "/")], (field, value, answer)


def test_the_page_of_segments_has_every_field_of_the_document():
    schemas = CONTRACT.document["components"]["schemas"]
    ignored = {name for name, each in schemas["SegmentRequest"]["properties"].items()
               if each.get("description") == "Ignored."}
    of_tcp = {name.strip("` ") for name, *_ in rows("segments.md", "### The TCP header\n")}
    assert of_tcp | {"ip"} == set(schemas["SegmentRequest"]["properties"]) - ignored
    of_ip = {name.strip("` ") for name, *_ in rows("segments.md", "### The IPv4 header, under `ip`\n")}
    assert of_ip == {name for name, each in schemas["InternetHeaderRequest"]["properties"].items()
                     if each.get("description") != "Ignored."}
    marks = {name.strip("` ") for name, *_ in rows("segments.md", "### Malformed\n")}
    assert marks == set(schemas["Segment"]["properties"]["malformed"]["items"]["enum"])
    varied = set(re.findall(r"`([\w.]+)`", (REFERENCE / "segments.md").read_text().split("May vary:")[1].split(" How:")[0]))
    assert varied - {"offset", "width"} == set(schemas["VariedField"]["enum"])
    outcomes = {name.strip("` ") for name, *_ in rows("segments.md", "## What becomes of a segment that is sent\n")}
    assert outcomes == set(schemas["Outcomes"]["properties"])
    kinds = {kind for option in map(CONTRACT._resolved, schemas["Option"]["oneOf"]) for kind in (
        option["properties"]["kind"].get("enum") or [option["properties"]["kind"].get("const")]) if kind}
    assert kinds == {kind for names, *_ in rows("segments.md", "### TCP options\n") for kind in re.findall(r"`(\w+)`", names)}


def test_the_page_of_endpoints_has_every_member_of_the_document():
    properties = CONTRACT.document["components"]["schemas"]["EndpointRequest"]["properties"]
    named = {name for names, *_ in rows("endpoints.md", "## Members\n") for name in re.findall(r"`(\w+)`", names)}
    states = {"running", "stopped", "degraded"}
    assert named - states == {name for name, each in properties.items() if each.get("description") != "Ignored."}
    assert named & states == states
    guards = {name.strip("` ") for name, *_ in rows("endpoints.md", "## Guards\n")}
    assert guards == set(CONTRACT.document["components"]["schemas"]["GuardName"]["enum"])
    rule = CONTRACT.document["components"]["schemas"]["Rule"]["properties"]
    match = CONTRACT.document["components"]["schemas"]["Match"]["properties"]
    told = {name.strip("` ") for name, *_ in rows("endpoints.md", "## Rules\n")}
    assert told == set(rule) - {"match"} | {f"match.{name}" for name in match}
