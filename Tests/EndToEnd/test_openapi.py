"""The examples of api/openapi.yaml are what its schemas say, and its paths are those that the daemon has."""

import html
import json
import re

import pytest
import yaml

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


def each_operation():
    """Method, path, what the document says of it, and its parameters."""
    for path, item in CONTRACT.document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                parameters = item.get("parameters", []) + operation.get("parameters", [])
                yield method.upper(), path, operation, [CONTRACT._resolved(each) for each in parameters]


def test_every_operation_has_an_example_of_its_answer():
    for method, path, operation, _ in each_operation():
        for status, response in operation["responses"].items():
            for content in CONTRACT._resolved(response).get("content", {}).values():
                assert "example" in content or "examples" in content, f"{method} {path} {status}"


def test_every_operation_has_an_example_of_its_request():
    for method, path, operation, parameters in each_operation():
        for parameter in parameters:
            assert parameter["in"] != "path" or "example" in parameter, f"{method} {path} {parameter['name']}"
        kinds = operation.get("requestBody", {"content": {}})["content"]
        assert all("example" in content or "examples" in content or content["schema"].get("format") == "binary"
                   for content in kinds.values()), f"{method} {path}"


def test_every_error_that_any_operation_may_give_is_with_each():
    usual = {"400", "403", "406", "414", "429", "431", "500", "503"}
    for method, path, operation, _ in each_operation():
        wanted = usual if operation.get("security") == [] else usual | {"401", "422"}
        wanted = wanted if method == "GET" else wanted | {"413", "415"}
        assert wanted <= set(operation["responses"]), f"{method} {path}"


def test_the_problems_of_the_sources_are_those_of_the_document():
    written = {}
    for file in (PROJECT / "Sources").rglob("*.swift"):
        for slug, status, title in re.findall(
                r'= ProblemType\(\s*"([^"]+)", status: (\d+), title: "([^"]+)"', file.read_text()):
            written[f"/problems/{slug}"] = (int(status), title)
    told = {problem["type"]: (problem["status"], problem["title"]) for problem in problems()}
    assert written and told == written


def problems():
    """The examples of problems."""
    for response in CONTRACT.document["components"]["responses"].values():
        content = response.get("content", {}).get("application/problem+json", {"examples": {}})
        for example in content["examples"].values():
            yield example["value"]


def operations():
    """Path and methods of the document."""
    methods = {}
    for method, path, *_ in each_operation():
        methods.setdefault(path, set()).add(method)
    return methods


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
    parameters = map(CONTRACT._resolved, CONTRACT.document["paths"][path].get("parameters", []))
    examples = {parameter["name"]: str(parameter["example"]) for parameter in parameters}
    answer = shared_api.request("OPTIONS", re.sub(r"\{([^}]*)\}", lambda name: examples[name[1]], path))
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
    compiler = (PROJECT / "Sources/api-document-compiler/APIDocumentCompiler.swift").read_text()
    served = re.findall(r'FILE_AT\("([^"]+)"', files) + re.findall(r'GeneratedFile\(path: "([^"]+)"', compiler)
    # The parts of the page are one path of the document.
    routes |= {re.sub("^/page/.*", "/page/{}", path): {"GET"} for path in served}
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


def names_of_parameters():
    """Of queries: those of the document, and those that the sources read anywhere."""
    names = {each["name"] for *_, parameters in each_operation() for each in parameters if each["in"] == "query"}
    for file in (PROJECT / "Sources/ControlAPI").rglob("*.swift"):
        names |= set(re.findall(
            r'\bquery\.(?:string|integer|duration|choice|captureFilter)\(\s*"([^"]+)"', file.read_text()))
    return sorted(names)


@pytest.mark.parametrize(
    ("method", "path", "operation", "parameters"),
    [pytest.param(*row, id=f"{row[0]} {row[1]}") for row in each_operation() if row[2].get("security") != []])
def test_an_operation_has_the_parameters_of_the_document(shared_api, method, path, operation, parameters):
    shared_api.request("POST", "/endpoints", {"role": "server", "id": "1", "start": False})
    told = {each["name"] for each in parameters if each["in"] == "query"}
    target = re.sub(r"\{[^}]*\}", "1", path)
    kinds = list(operation.get("requestBody", {"content": {None: {}}})["content"])
    known = set()
    for name in names_of_parameters():
        for kind in kinds:
            answer = shared_api.request(
                method, f"{target}?{name}=~", b"{}" if kind else None, {"Content-Type": kind} if kind else {})
            unknown = [each["parameter"] for each in answer.json.get("violations", [])
                       if each["detail"].startswith("unknown parameter")]
            assert unknown in ([], [name]), answer
            if not unknown:
                assert name in told, f"{name} is not in the document: {answer}"
                known.add(name)
    assert known == told


def test_the_document_is_served_in_all_its_forms(shared_api):
    whole = shared_api.get("/openapi.yaml")
    assert whole.content == (PROJECT / "api/openapi.yaml").read_bytes()
    answer = shared_api.get("/openapi.json")
    assert answer.content_type == "application/json"
    assert answer.json == yaml.safe_load(whole.content)
    assert list(answer.json["paths"]) == list(CONTRACT.document["paths"]), "the order is the document's"


def test_the_page_shows_all_of_the_document(shared_api):
    page = shared_api.get("/docs").content.decode()
    places = set(re.findall(r'\bid="([^"]+)"', page))
    links = set(re.findall(r'href="#([^"]+)"', page))
    assert links <= places
    assert {operation["operationId"] for _, _, operation, _ in each_operation()} <= links
    assert {f"schema-{name}" for name in CONTRACT.document["components"]["schemas"]} <= places
    assert {problem["type"].replace("/problems/", "problem-") for problem in problems()} <= places
    # Nothing that the Content-Security-Policy would refuse, and nothing from elsewhere.
    assert not re.search(r"<script>|<style|\bstyle=|\bon[a-z]+=|(?:src|href)=\"(?:https?:)?//", page)


def test_the_commands_of_the_page_can_be_run(namespace, daemon, tmp_path):
    page = daemon.api.get("/docs").content.decode()
    commands = [html.unescape(text) for text in re.findall(r"<pre[^>]*><code>(curl .*?)</code>", page, re.DOTALL)]
    assert len(commands) > 40
    for command in commands:
        daemon.api.post("/reset")
        for role in ["server", "client"]:
            daemon.api.create(role=role, pace="10s")
        (tmp_path / "capture.pcap").write_bytes(daemon.api.get("/segments.pcapng?direction=any").content)
        if "/segments/stream" in command:
            command += " --max-time 0.2"
        result = namespace.run("sh", "-c", f"{command} -o answer -w '%{{http_code}}'", cwd=tmp_path)
        # The examples' ids are mostly nobody's; all else must be right.
        assert result.stdout in ("200", "201", "202", "404", "409"), f"{command}\n{result}"
        if result.stdout == "404":
            assert re.search("/(segments|runs|transmissions)/[a-z]?[0-9]+", command), command
