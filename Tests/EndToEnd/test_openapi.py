"""The examples of api/openapi.yaml are what its schemas say, and its paths are those that the daemon has."""

import json
import re

import pytest

from support import CONTRACT, PROJECT, Daemon, Namespace


def examples(node, place=""):
    """Every example beside a schema, with its place."""
    if isinstance(node, dict):
        if "schema" in node:
            if "example" in node:
                yield place, node["schema"], node["example"]
            for name, example in node.get("examples", {}).items():
                yield f"{place}/{name}", node["schema"], example["value"]
        for name, part in node.items():
            yield from examples(part, f"{place}/{name}")
    elif isinstance(node, list):
        for number, part in enumerate(node):
            yield from examples(part, f"{place}/{number}")


ALL = list(examples(CONTRACT.document))


@pytest.mark.parametrize(("schema", "value"), [row[1:] for row in ALL], ids=[row[0] for row in ALL])
def test_an_example_is_valid(schema, value):
    CONTRACT.validate(schema, value)


def test_every_operation_has_an_example_of_its_answer():
    for path, item in CONTRACT.document["paths"].items():
        for method, operation in item.items():
            if method == "parameters":
                continue
            for status, response in operation["responses"].items():
                for content in CONTRACT._resolved(response).get("content", {}).values():
                    assert "example" in content or "examples" in content, f"{method} {path} {status}"


def operations():
    """Path and methods of the document."""
    return {path: {name.upper() for name in item if name != "parameters"}
            for path, item in CONTRACT.document["paths"].items()}


@pytest.fixture(scope="module")
def shared_api(tmp_path_factory):
    namespace = Namespace()
    try:
        daemon = Daemon(namespace, tmp_path_factory.mktemp("daemon"))
        yield daemon.api
        daemon.stop()
    finally:
        namespace.close()


@pytest.mark.parametrize("path", operations())
def test_a_path_has_the_methods_of_the_document(shared_api, path):
    answer = shared_api.request("OPTIONS", re.sub(r"\{[^}]*\}", "1", path))
    assert answer.status == 204
    allowed = {each.strip() for each in answer.headers["Allow"].split(",")}
    assert allowed - {"HEAD", "OPTIONS"} == operations()[path]
    assert ("HEAD" in allowed) == ("GET" in allowed)


def test_every_route_of_the_sources_is_in_the_document():
    routes = {}
    for file in (PROJECT / "Sources/ControlAPI").rglob("*.swift"):
        for method, path in re.findall(r'(?:Route|\.immediate)\(\s*"([A-Z]+)",\s*"([^"]+)"', file.read_text()):
            routes.setdefault(re.sub(r"\{[^}]*\}", "{}", path), set()).add(method)
    files = (PROJECT / "Sources/CWebFiles/web_files.c").read_text()
    routes |= {path: {"GET"} for path in re.findall(r'FILE_AT\("([^"]+)"', files)}
    assert routes == {re.sub(r"\{[^}]*\}", "{}", path): methods for path, methods in operations().items()}


def request_examples():
    """Method, path, content type and body of every example of a request."""
    for path, item in CONTRACT.document["paths"].items():
        for method, operation in item.items():
            if method == "parameters" or "requestBody" not in operation:
                continue
            for kind, content in CONTRACT._resolved(operation["requestBody"])["content"].items():
                named = {name: example["value"] for name, example in content.get("examples", {}).items()}
                if "example" in content:
                    named["example"] = content["example"]
                for name, body in named.items():
                    yield pytest.param(method.upper(), path, kind, body, id=f"{method} {path} {kind} {name}")


@pytest.mark.parametrize(("method", "path", "kind", "body"), list(request_examples()))
def test_an_example_of_a_request_is_taken(shared_api, method, path, kind, body):
    shared_api.post("/reset")
    if path != "/endpoints":
        for role in ["server", "client"]:
            assert shared_api.post("/endpoints", {"role": role, "pace": "10s"}).status == 201
    target = path.replace("{endpointId}", "client")
    answer = shared_api.request(method, target, json.dumps(body).encode(), {"Content-Type": kind})
    assert 200 <= answer.status < 300, answer
