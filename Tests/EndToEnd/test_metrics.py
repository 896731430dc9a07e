"""`/metrics`: read by the strict parsers of prometheus-client, by promtool and by Prometheus itself; equal to the
counters; the same number of samples whatever there is; and what docs/ says and uses of it exists."""

import contextlib
import copy
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

import pytest
import yaml
from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_prometheus

from support import PROJECT, eventually, needs
from test_access import READ, certificate, start, token_file, write  # noqa: F401 - fixtures
from test_faults import StoppedThread

OPEN_METRICS = "application/openmetrics-text"
DOCUMENT = PROJECT / "docs/metrics.md"
DASHBOARD = PROJECT / "docs/grafana/segmentd.json"
ALERTS = PROJECT / "docs/alerts/segmentd.yaml"


class Scrape:
    """One answer of /metrics, by a strict parser."""

    def __init__(self, api, accept=OPEN_METRICS, headers=None):
        answer = api.get("/metrics", headers={"Accept": accept, **(headers or {})})
        assert answer.status == 200, answer
        self.seconds = answer.seconds
        self.content_type = answer.headers["Content-Type"]
        self.text = answer.content.decode()
        parse = parse_openmetrics if accept == OPEN_METRICS else parse_prometheus
        self.families = {family.name: family for family in parse(self.text)}
        samples = [sample for family in self.families.values() for sample in family.samples]
        self.samples = {(sample.name, frozenset(sample.labels.items())): sample.value for sample in samples}
        assert len(self.samples) == len(samples), "a sample comes twice"

    def value(self, name, **labels):
        return self.samples[name, frozenset(labels.items())]

    def sum(self, name, **labels):
        """All samples of a name that have these labels."""
        return sum(value for (each, found), value in self.samples.items()
                   if each == name and labels.items() <= dict(found).items())

    def names(self):
        return {name for name, _ in self.samples}


def busy(api):
    """Something of everything: a pair, a capture, a run of each verdict, sends that fail, requests that are refused."""
    for role in ("server", "client"):
        api.create(role=role, pace="5ms")
    api.received("client")
    api.transmit("client", {"repeat": {"count": 200}})
    assert api.post("/endpoints/client/segments", {"ip": {"destination": "192.0.2.1"}}).status == 403
    for pattern in ({"window": 200}, {"window": 9}):
        run = {"steps": [{"send": {"endpoint": "client", "segment": {}}},
                         {"expect": {"endpoint": "client", "segment": pattern, "within": "300ms"}}]}
        assert api.post("/runs?wait=5s", run).status == 200
    for path in ("/nowhere", "/segments?limit=0", "/segments?limit=3", "/segments/stream?after=99999999"):
        api.get(path, checked=False)
    assert api.get("/healthz", headers={"Host": "elsewhere.example"}).status == 403


def stop_all(api):
    for endpoint in api.get("/endpoints").json["endpoints"]:
        api.post(f"/endpoints/{endpoint['id']}/stop")


# ---- the formats

@pytest.fixture
def busy_daemon(start_daemon, namespace):
    """One that can refuse somebody and could not send something, so that all families have samples."""
    nowhere = namespace.run("ip", "route", "add", "unreachable", "127.9.9.9/32", "table", "local")
    assert nowhere.returncode == 0, nowhere.stderr
    with tempfile.TemporaryDirectory() as directory:
        daemon = start_daemon("--unix-socket", f"{directory}/socket")
        busy(daemon.api)
        lost = daemon.api.transmit("client", {"ip": {"destination": "127.9.9.9"}})
        assert lost["outcomes"] == {"noRoute": 1}, lost
        yield daemon
        daemon.stop()


def test_both_formats_are_read_by_strict_parsers_and_say_the_same(busy_daemon):
    stop_all(busy_daemon.api)
    plain = Scrape(busy_daemon.api, "text/plain")
    strict = Scrape(busy_daemon.api)
    assert plain.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert strict.content_type == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert strict.text.endswith("\n# EOF\n") and "# EOF" not in plain.text
    # Prometheus' own parser takes an info for a gauge by its whole name.
    assert {name.removesuffix("_info") for name in plain.families} == set(strict.families)
    moving = re.compile("process_|segmentd_http_|segmentd_engine_|segmentd_readiness_check")
    still = {key for key in strict.samples if not moving.match(key[0])}
    assert len(still) > 50
    assert {key: strict.samples[key] for key in still} == {key: plain.samples[key] for key in still}
    assert plain.names() == strict.names()


def test_every_family_says_what_it_is(busy_daemon):
    for name, family in Scrape(busy_daemon.api).families.items():
        assert re.fullmatch(r"(segmentd|process)_[a-z_]+", name)
        assert family.type in ("counter", "gauge", "histogram", "info"), name
        assert family.documentation.endswith("."), name
        unit = next((unit for unit in ("seconds", "bytes") if name.endswith(f"_{unit}")), "")
        assert family.unit == unit, name
        assert not re.search("second|byte|octet", name.removesuffix(unit)), f"{name} does not end in its unit"
        assert family.samples, name
    counters = [family.name for family in Scrape(busy_daemon.api, "text/plain").families.values()
                if family.type == "counter"]
    assert len(counters) > 20


def test_promtool_has_nothing_to_say(busy_daemon):
    # It reads the Prometheus text only.
    text = Scrape(busy_daemon.api, "text/plain").text
    done = subprocess.run([needs("promtool"), "check", "metrics"], input=text, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    wrong = subprocess.run([needs("promtool"), "check", "metrics"], input=text.replace("# HELP", "# HALP"),
                           capture_output=True, text=True)
    assert wrong.returncode != 0


# ---- what they say

def test_counters_are_those_of_the_api(busy_daemon):
    api = busy_daemon.api
    stop_all(api)
    scrape = Scrape(api)
    counters = api.counters()
    total = counters["total"]
    names = {
        "segmentsReceived": "received_segments", "octetsReceived": "received_bytes", "segmentsSent": "sent_segments",
        "octetsSent": "sent_bytes", "replies": "replies", "repliesSuppressed": "suppressed_replies",
        "malformed": "malformed_segments", "kernelDrops": "kernel_drops", "filtered": "filtered_segments",
        "ringEvictions": "ring_evictions", "kernelResets": "kernel_resets", "icmpErrors": "icmp_errors"}
    groups = {"outcomes": ("send_outcomes", "outcome"), "sendErrors": ("send_errors", "error"),
              "flagsReceived": ("received_flags", "flag"), "checksums": ("received_checksums", "status")}
    assert set(total) == set(names) | set(groups), "one is neither compared nor shown"
    for shown, name in names.items():
        assert scrape.value(f"segmentd_{name}_total") == total[shown], shown
    for shown, (name, label) in groups.items():
        samples = {dict(labels)[label]: value for (each, labels), value in scrape.samples.items()
                   if each == f"segmentd_{name}_total"}
        assert {key: value for key, value in samples.items() if value} == {
            key: value for key, value in total[shown].items() if value}, shown
    events = {dict(labels)["event"]: value for (each, labels), value in scrape.samples.items()
              if each == "segmentd_access_events_total"}
    assert events == counters["access"]
    assert total["segmentsReceived"] > 200 and total["replies"] > 0


def test_runs_transmissions_and_endpoints_are_counted_by_their_states(busy_daemon):
    api = busy_daemon.api
    scrape = Scrape(api)
    assert scrape.value("segmentd_endpoints", state="running") == 2
    assert scrape.value("segmentd_ended_runs_total", verdict="satisfied") == 1
    assert scrape.value("segmentd_ended_runs_total", verdict="unsatisfied") == 1
    assert scrape.value("segmentd_ended_transmissions_total", state="done") == 2
    slow = api.send("client", repeat={"count": 10, "interval": "100s"})
    never = {"endpoint": "client", "segment": {"window": 9}, "within": "100s"}
    run = api.post("/runs", {"steps": [{"expect": never}]})
    assert run.status == 202, run
    api.post("/endpoints/server/stop")
    scrape = Scrape(api)
    assert scrape.value("segmentd_endpoints", state="running") == 1
    assert scrape.value("segmentd_endpoints", state="stopped") == 1
    assert scrape.sum("segmentd_transmissions") == 1
    assert scrape.sum("segmentd_runs") == 1
    api.delete(f"/transmissions/{slow['id']}")
    api.delete(f"/runs/{run.json['id']}")
    api.post("/reset")
    scrape = Scrape(api)
    assert scrape.sum("segmentd_endpoints") == 0
    assert scrape.sum("segmentd_transmissions") == scrape.sum("segmentd_runs") == 0
    assert scrape.value("segmentd_ended_transmissions_total", state="cancelled") == 1
    assert scrape.value("segmentd_ended_runs_total", verdict="none") == 1
    assert scrape.value("segmentd_ended_runs_total", verdict="satisfied") == 1, "a counter never falls"
    assert scrape.value("segmentd_ring_segments") == scrape.value("segmentd_ring_bytes") == 0


def test_histograms_add_up(busy_daemon):
    api = busy_daemon.api
    before = Scrape(api)
    for _ in range(50):
        api.get("/counters")
    api.get("/segments?wait=400ms")
    scrape = Scrape(api)
    for family in scrape.families.values():
        if family.type != "histogram":
            continue
        groups = {}
        for sample in family.samples:
            labels = dict(sample.labels)
            bound = labels.pop("le", None)
            group = groups.setdefault(frozenset(labels.items()), {"buckets": {}})
            if bound is None:
                group[sample.name.rsplit("_", 1)[1]] = sample.value
            else:
                group["buckets"][float(bound)] = sample.value
        assert groups
        for labels, group in groups.items():
            bounds = sorted(group["buckets"])
            counts = [group["buckets"][bound] for bound in bounds]
            assert counts == sorted(counts), (family.name, labels)
            assert bounds[-1] == float("inf") and len(bounds) == 20
            assert group["count"] == counts[-1], (family.name, labels)
            # Each counts for at least the bound below it and at most its own.
            each = [count - below for count, below in zip(counts, [0, *counts])]
            least = sum(count * bound for count, bound in zip(each, [0, *bounds]))
            assert group["sum"] >= least * 0.999, (family.name, labels)
            if each[-1] == 0:
                assert group["sum"] <= sum(count * bound for count, bound in zip(each[:-1], bounds)) * 1.001

    def grown(name, **labels):
        return scrape.sum(name, **labels) - before.sum(name, **labels)

    counters = {"method": "GET", "route": "/counters"}
    assert grown("segmentd_http_request_duration_seconds_count", **counters) == 50
    assert grown("segmentd_http_requests_total", status="2xx", **counters) == 50
    assert grown("segmentd_http_request_duration_seconds_sum", **counters) < 5
    # One that waits because it asked to is counted, and not timed.
    waits = {"method": "GET", "route": "/segments"}
    assert grown("segmentd_http_requests_total", **waits) == 1
    assert grown("segmentd_http_request_duration_seconds_count", **waits) == 0
    assert grown("segmentd_engine_turn_duration_seconds_count") > 0
    assert 0 < grown("segmentd_engine_turn_duration_seconds_sum") < 60


def test_requests_are_counted_by_route_and_problems_by_type(daemon):
    api = daemon.api
    assert not {key for key in Scrape(api).samples if ("route", "/endpoints/{id}") in key[1]}
    api.create(role="server")
    api.get("/endpoints/server")
    api.request("HEAD", "/endpoints/server")
    api.get("/endpoints/nobody")
    api.get("/nowhere")
    api.get("/healthz", headers={"Host": "elsewhere.example"})
    api.post("/endpoints", b"{", headers={"Content-Type": "application/json"})
    scrape = Scrape(api)
    endpoint = {"method": "GET", "route": "/endpoints/{id}"}
    assert scrape.value("segmentd_http_requests_total", status="2xx", **endpoint) == 2
    assert scrape.value("segmentd_http_requests_total", status="4xx", **endpoint) == 1
    assert scrape.value("segmentd_http_requests_total", status="5xx", **endpoint) == 0
    assert scrape.value("segmentd_http_requests_total", method="none", route="none", status="4xx") == 2
    assert scrape.value("segmentd_http_problems_total", type="not-found") == 2
    assert scrape.value("segmentd_http_problems_total", type="foreign-host") == 1
    assert scrape.value("segmentd_http_problems_total", type="malformed-json") == 1
    assert scrape.value("segmentd_http_problems_total", type="too-many-connections") == 0


def test_gauges_show_what_is_there(start_daemon):
    api = start_daemon("--ring-segments", "100").api
    api.create(role="server", pace="10s")
    api.create(role="client", pace="10s", opening=[])
    api.transmit("client", {"repeat": {"count": 300, "record": 300}})
    with contextlib.ExitStack() as stack, ThreadPoolExecutor(3) as pool:
        for _ in range(2):
            stream = api.connect()
            stack.callback(stream.close)
            stream.sendall(b"GET /segments/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert stream.recv(12) == b"HTTP/1.1 200"
        waits = pool.submit(api.get, "/segments?endpoint=client&wait=2s")
        scrape = eventually(lambda: (found := Scrape(api)).value("segmentd_waiters") == 3 and found)
        assert scrape.value("segmentd_http_streams") == 2
        assert scrape.value("segmentd_http_connections") == 4, "two streams, one that waits, and this one"
        assert scrape.value("segmentd_http_active_requests") == 4
        assert scrape.value("segmentd_ring_segments") == scrape.value("segmentd_ring_segments_limit") == 100
        assert 100 * 40 <= scrape.value("segmentd_ring_bytes") <= scrape.value("segmentd_ring_limit_bytes")
        assert scrape.value("segmentd_ring_evictions_total") > 100
        waits.result()
    eventually(lambda: Scrape(api).value("segmentd_http_streams") == 0, seconds=20)
    assert Scrape(api).value("segmentd_waiters") == 0


def test_the_process_is_as_the_kernel_shows_it(daemon):
    api = daemon.api
    process = daemon.process.pid
    scrape = Scrape(api)
    status = pathlib.Path(f"/proc/{process}/status").read_text()
    assert scrape.value("process_threads") == int(re.search(r"Threads:\s+(\d+)", status)[1])
    resident = scrape.value("process_resident_memory_bytes")
    assert 0.5 < resident / daemon.resident_octets() < 2
    # The scrape has a connection.
    assert abs(scrape.value("process_open_fds") - len(os.listdir(f"/proc/{process}/fd"))) <= 2
    limits = pathlib.Path(f"/proc/{process}/limits").read_text()
    assert scrape.value("process_max_fds") == int(re.search(r"Max open files\s+(\d+)", limits)[1])
    ticks = int(pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[19])
    since_boot = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    assert abs(time.time() - since_boot - scrape.value("process_start_time_seconds")) < 1
    spent = [time.monotonic(), scrape.value("process_cpu_seconds_total")]
    while time.monotonic() - spent[0] < 0.3:
        api.get("/counters")
    more = Scrape(api).value("process_cpu_seconds_total") - spent[1]
    assert 0 < more < 2 * (time.monotonic() - spent[0])


# ---- when it matters

def test_the_number_of_samples_does_not_depend_on_how_much_there_is(daemon):
    api = daemon.api
    busy(api)
    api.post("/reset")
    api.post("/endpoints", [{"role": "server"}])
    api.post("/reset")
    # The first does not know of itself yet.
    Scrape(api)
    before = Scrape(api)
    made = [{"id": f"made{number}", "role": "server", "local": {"port": 20_000 + number}, "remote": None, "rules": [],
             "labels": {"number": str(number)}} for number in range(1000)]
    assert api.post("/endpoints", made, timeout=30).status == 201
    for number in range(0, 1000, 50):
        api.transmit(f"made{number}", {"destinationPort": 20_001 + number, "ip": {"destination": "127.0.0.1"}})
        api.get(f"/endpoints/made{number}")
        api.get(f"/segments/{number}", headers={"User-Agent": f"agent{number}"})
        api.get(f"/nowhere/{number}")
    scrape = Scrape(api)
    assert scrape.value("segmentd_endpoints", state="running") == 1000
    new = {key for key in scrape.samples if key not in before.samples}
    # What was asked for the first time, and the errors and problems that came for the first time.
    routes = {dict(labels)["route"] for name, labels in new if "route" in dict(labels)}
    assert routes <= {"/endpoints/{id}", "/segments/{id}", "/endpoints"}
    rest = {key for key in new if not {"route", "type"} & dict(key[1]).keys()}
    assert not rest
    assert "made" not in scrape.text and "agent" not in scrape.text
    assert len(scrape.text) < 60_000
    more = Scrape(api)
    assert more.samples.keys() == scrape.samples.keys()
    assert more.seconds < 0.5


def test_an_engine_that_stands_still_shows(daemon):
    api = daemon.api
    for role in ("server", "client"):
        api.create(role=role, pace="1s")
    # One that works is not stalled, however little there is to do and however often it is asked.
    for _ in range(20):
        assert Scrape(api).value("segmentd_engine_stalled_seconds") < 0.5
    with ThreadPoolExecutor(1) as pool, StoppedThread(daemon.process.pid, "engine"):
        began = time.monotonic()
        Scrape(api)
        scrapes = []
        while time.monotonic() - began < 1.5:
            scrapes.append(Scrape(api))
            time.sleep(0.1)
        assert max(scrape.seconds for scrape in scrapes) < 0.5
        stalled = [scrape.value("segmentd_engine_stalled_seconds") for scrape in scrapes]
        assert stalled == sorted(stalled), "it only grows"
        assert 1 < stalled[-1] < time.monotonic() - began + 2, "a deadline may have passed before"
        post = pool.submit(api.post, "/endpoints/client/stop", timeout=20)
        eventually(lambda: Scrape(api).value("segmentd_waiting_commands") == 1)
    assert post.result().status == 200
    assert eventually(lambda: Scrape(api).value("segmentd_engine_stalled_seconds") < 0.5)
    assert Scrape(api).value("segmentd_waiting_commands") == 0


def test_an_idle_engine_that_stands_still_shows_at_the_second_look(daemon):
    api = daemon.api
    time.sleep(0.5)
    assert Scrape(api).value("segmentd_engine_stalled_seconds") == 0, "it sleeps, as it should"
    with StoppedThread(daemon.process.pid, "engine"):
        Scrape(api)
        time.sleep(0.3)
        assert 0.3 <= Scrape(api).value("segmentd_engine_stalled_seconds") < 2
    assert eventually(lambda: Scrape(api).value("segmentd_engine_stalled_seconds") == 0)


# ---- Prometheus

class Prometheus:
    """Prometheus itself, in the daemon's namespace."""

    PORT = 9090

    def __init__(self, namespace, directory, configuration):
        configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        (directory / "prometheus.yml").write_text(yaml.safe_dump(configuration))
        self.namespace = namespace
        self.log = directory / "prometheus.log"
        with open(self.log, "wb") as log:
            self.process = namespace.start(
                needs("prometheus"), "--config.file=prometheus.yml", "--storage.tsdb.path=data",
                f"--web.listen-address=127.0.0.1:{self.PORT}", cwd=directory, stdout=log, stderr=log)

    def get(self, path, **query):
        connection = http.client.HTTPConnection("127.0.0.1", self.PORT)
        connection.sock = self.namespace.socket(socket.AF_INET, socket.SOCK_STREAM)
        connection.sock.settimeout(10)
        try:
            connection.sock.connect(("127.0.0.1", self.PORT))
            connection.request("GET", f"/api/v1/{path}?{urllib.parse.urlencode(query)}")
            answer = json.load(connection.getresponse())
        finally:
            connection.close()
        assert answer["status"] == "success", (query, answer)
        return answer["data"]

    def query(self, expression):
        return self.get("query", query=expression)["result"]

    def values(self, expression):
        return [float(sample["value"][1]) for sample in self.query(expression)]

    def wait_until(self, expression, seconds=30):
        def answer():
            with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                return self.query(expression)

        try:
            return eventually(answer, seconds, interval=0.1)
        except AssertionError as error:
            raise AssertionError(f"{expression}: {error}\n{self.log.read_text()[-4000:]}") from None


def configurations():
    """The configurations for Prometheus that the document shows."""
    return [yaml.safe_load(text) for text in re.findall(r"^```yaml\n(.*?)^```$", DOCUMENT.read_text(), re.M | re.S)]


def dashboard_expressions():
    """Every expression of the dashboard, with what Grafana would put in the place of its variables."""
    def found(node):
        if isinstance(node, dict):
            if isinstance(node.get("expr"), str):
                yield node["expr"]
            for each in node.values():
                yield from found(each)
        elif isinstance(node, list):
            for each in node:
                yield from found(each)

    places = {"$__rate_interval": "5s", "$__interval": "5s", "$__range": "5s", "$job": ".+", "$instance": ".+"}
    expressions = []
    for expression in found(json.loads(DASHBOARD.read_text())):
        for variable, value in places.items():
            expression = expression.replace(variable, value)
        assert "$" not in expression, expression
        expressions.append(expression)
    return expressions


def test_prometheus_takes_the_documents_configuration_and_answers_the_dashboard(namespace, busy_daemon, tmp_path):
    configuration = configurations()[0]
    shutil.copy(ALERTS, tmp_path)
    prometheus = Prometheus(namespace, tmp_path, configuration)
    prometheus.wait_until('up{job="segmentd"} == 1')
    # Two scrapes make a rate; meanwhile there is something to count.
    prometheus.wait_until("rate(segmentd_http_requests_total[5s]) > 0")
    busy_daemon.api.get("/nowhere")
    Scrape(busy_daemon.api)
    prometheus.wait_until('increase(segmentd_http_problems_total{type="not-found"}[5s]) > 0')
    targets = prometheus.get("targets")["activeTargets"]
    assert [target["lastError"] for target in targets] == [""]
    expressions = dashboard_expressions()
    assert len(expressions) > 50
    for expression in expressions:
        # Those that show what is not as it should be may show nothing.
        assert prometheus.query(expression) or re.search(r"[>=] 0", expression), expression
    assert prometheus.values("count(segmentd_build_info)") == [1]
    # It asked for OpenMetrics and took it: the type is told without _total.
    metadata = prometheus.get("metadata", metric="segmentd_received_bytes")
    assert metadata["segmentd_received_bytes"][0]["type"] == "counter"
    # All rules were evaluated, and nothing is wrong.
    groups = eventually(lambda: [group for group in prometheus.get("rules")["groups"] if group["evaluationTime"]])
    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) == len(re.findall("- alert:", ALERTS.read_text()))
    assert {rule["health"] for rule in rules} == {"ok"}
    assert [rule["name"] for rule in rules if rule["state"] != "inactive"] == []
    # One that should tell does: as soon as the engine has stood still for so long, it waits for its time.
    with StoppedThread(busy_daemon.process.pid, "engine"):
        prometheus.wait_until('ALERTS{alertname="SegmentdEngineStalled", alertstate="pending"}')


def test_prometheus_takes_a_token_and_tls(namespace, start, token_file, certificate, tmp_path):
    start("--listen", "127.0.0.1:8443", "--token-file", token_file, "--tls-certificate", certificate[0],
          "--tls-key", certificate[1])
    configuration = configurations()[1]
    del configuration["rule_files"]
    job = configuration["scrape_configs"][0]
    job["authorization"]["credentials_file"] = str(write(tmp_path / "right", READ))
    job["tls_config"]["ca_file"] = str(certificate[0])
    job["static_configs"][0]["targets"] = ["127.0.0.1:8443"]
    wrong = copy.deepcopy(job)
    wrong["job_name"] = "wrong"
    wrong["authorization"]["credentials_file"] = str(write(tmp_path / "wrong", "x" * 40))
    configuration["scrape_configs"].append(wrong)
    prometheus = Prometheus(namespace, tmp_path, configuration)
    prometheus.wait_until('up{job="segmentd"} == 1')
    prometheus.wait_until('up{job="wrong"} == 0')
    prometheus.wait_until('segmentd_access_events_total{job="segmentd", event="tokenWrong"} > 0')
    assert not prometheus.query('{__name__=~"segmentd_.+", job="wrong"}')


# ---- what docs/ has

def names_in(expression):
    """The metrics of an expression: what is neither a function, a keyword, a label nor a text."""
    expression = re.sub(r'"[^"]*"', '""', expression)
    expression = re.sub(r"\{[^}]*\}|\[[^\]]*\]", " ", expression)
    expression = re.sub(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", expression)
    words = re.findall(r"[a-zA-Z_:][\w:]*(?!\w)(?!\s*\()", expression)
    return {word for word in words if word not in ("and", "or", "unless", "bool", "offset")}


def test_names_are_found_in_expressions():
    expression = 'histogram_quantile(0.99, sum by (le, a_b) (rate(x_bucket{y="z_w"}[5m]))) > 0.5 and on (i) up == 1'
    assert names_in(expression) - {"sum"} == {"x_bucket", "up"}


def exposed(daemon):
    """Names of samples that Prometheus has, `up` included."""
    return Scrape(daemon.api).names() | {"up"}


def assert_kept(value, kept, place=""):
    """All of a value is there in another one."""
    if isinstance(value, dict) and isinstance(kept, dict):
        for name, each in value.items():
            assert name in kept, f"{place}/{name} is unknown"
            assert_kept(each, kept[name], f"{place}/{name}")
    elif isinstance(value, list) and isinstance(kept, list):
        assert len(value) == len(kept), place
        for number, each in enumerate(value):
            assert_kept(each, kept[number], f"{place}/{number}")
    else:
        assert value == kept, place


def test_the_dashboard_is_grafanas_and_uses_what_there_is(busy_daemon):
    plugins.register_default_plugins()
    text = json.loads(DASHBOARD.read_text())
    # Grafana's own types know every member and keep its value; they add what else there could be.
    assert_kept(text, json.loads(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(text))))
    panels = text["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [(panel["gridPos"]["x"] + dx, panel["gridPos"]["y"] + dy) for panel in panels
              for dx in range(panel["gridPos"]["w"]) for dy in range(panel["gridPos"]["h"])]
    assert len(set(places)) == len(places), "panels lie over each other"
    assert max(x for x, _ in places) == 23
    there = exposed(busy_daemon)
    expressions = dashboard_expressions()
    for expression in expressions:
        assert names_in(expression) - {"sum", "count"} <= there, expression
    for variable in text["templating"]["list"]:
        query = variable["query"]
        if isinstance(query, dict):
            assert set(re.findall(r"segmentd_\w+", query["query"])) <= there, query
    labels = {label for name, found in Scrape(busy_daemon.api).samples for label, _ in found} | {"job", "instance"}
    for expression in expressions:
        for group in re.findall(r"\bby \(([^)]*)\)", expression):
            assert {each.strip() for each in group.split(",")} <= labels, expression
        for name in re.findall(r"(\w+)=~?\"", expression):
            assert name in labels, expression
    # What is shown but for what is used in alerts, or was not worth a panel.
    used = set().union(*map(names_in, expressions))
    unused = {name for name in there if not any(each.startswith(name) for each in used)} - used
    assert {name for name in unused if "_bucket" not in name and not re.search("_(count|sum)$", name)} <= {
        "process_start_time_seconds", "process_virtual_memory_bytes"}


def test_the_alerts_use_what_there_is_and_pass_their_tests(busy_daemon):
    there = exposed(busy_daemon)
    rules = [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]
    for rule in rules:
        assert names_in(rule["expr"]) - {"sum"} <= there, rule
        assert set(rule["annotations"]) == {"summary", "description"} and rule["labels"]["severity"]
    for command in (["check", "rules", ALERTS.name], ["test", "rules", "segmentd.test.yaml"]):
        done = subprocess.run([needs("promtool"), *command], cwd=ALERTS.parent, capture_output=True, text=True)
        assert done.returncode == 0, (done.stdout, done.stderr)
    tested = (ALERTS.parent / "segmentd.test.yaml").read_text()
    listed = re.findall(r"^\| `(Segmentd\w+)` \|", DOCUMENT.read_text(), re.M)
    assert listed == [rule["alert"] for rule in rules]
    for rule in rules:
        assert re.search(rf"alertname: {rule['alert']}\n\s+eval_time: \S+\n\s+exp_alerts:\n", tested), rule["alert"]


def test_the_document_lists_every_metric_and_no_other(busy_daemon):
    rows = re.findall(r"^\| `((?:segmentd|process)_\w+)` \| (\w+) \| (.*?) \|", DOCUMENT.read_text(), re.M)
    listed = {name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows}
    assert len(listed) == len(rows), "one is listed twice"
    found = {}
    for name, family in Scrape(busy_daemon.api).families.items():
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        found[name] = (family.type, labels)
    assert found == listed
