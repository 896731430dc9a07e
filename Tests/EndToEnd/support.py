"""What the end-to-end tests share: a network namespace, the daemon in it, and an HTTP client that compares every
answer with api/openapi.yaml."""

import contextlib
import copy
import ctypes
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time

import jsonschema
import yaml

PROJECT = pathlib.Path(__file__).resolve().parents[2]
SEGMENTD = pathlib.Path(os.environ.get("SEGMENTD", PROJECT / ".build/debug/segmentd"))
PORT = 8080
CLONE_NEWNET = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)


def eventually(question, seconds=5.0, interval=0.02):
    """The first true answer to `question`; fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s; the last answer was {answer!r}")
        time.sleep(interval)


class Namespace:
    """A network namespace with nothing but `lo`, which ends with the process that holds it.

    With `named_namespaces`, it also has a /run of its own, so that `ip netns add` makes namespaces for this test alone.
    """

    def __init__(self, named_namespaces=False):
        self._options = ["--mount"] if named_namespaces else []
        prepare = "mount -t tmpfs none /run && mkdir /run/netns && " if named_namespaces else ""
        self._holder = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "unshare", "--net", *self._options, "sh", "-c",
             prepare + "ip link set lo up && echo up && exec sleep infinity"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        if self._holder.stdout.readline().strip() != "up":
            raise RuntimeError("no network namespace could be made; root is needed, or a user namespace")
        self.pid = self._holder.pid
        self.path = f"/proc/{self.pid}/ns/net"
        self._children = []

    def command(self, *arguments):
        mounts = [f"--mount=/proc/{self.pid}/ns/mnt", "--wd=."] if self._options else []
        return ["nsenter", f"--net={self.path}", *mounts, "--", *map(str, arguments)]

    def run(self, *arguments, timeout=60, **options):
        options = {"capture_output": True, "text": True, "stdin": subprocess.DEVNULL, **options}
        return subprocess.run(self.command(*arguments), timeout=timeout, **options)

    def start(self, *arguments, **options):
        """A process in the namespace, ended with it at the latest."""
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *self.command(*arguments)],
            **{"stdin": subprocess.DEVNULL, **options})
        self._children.append(process)
        return process

    @contextlib.contextmanager
    def entered(self):
        """This thread in the namespace. What it opens meanwhile belongs to the namespace for good."""
        with open("/proc/thread-self/ns/net") as home, open(self.path) as there:
            self._set(there.fileno())
            try:
                yield
            finally:
                self._set(home.fileno())

    @staticmethod
    def _set(descriptor):
        if _libc.setns(descriptor, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")

    def socket(self, *arguments):
        with self.entered():
            return socket.socket(*arguments)

    def raw_socket(self, header_included=True):
        """A raw TCP socket with room for bursts."""
        raw = self.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        if header_included:
            raw.setsockopt(socket.IPPROTO_IP, socket.IP_HDRINCL, 1)
        raw.settimeout(5)
        return raw

    def close(self):
        for process in self._children:
            if process.poll() is None:
                process.kill()
            process.wait(timeout=10)
            for stream in (process.stdout, process.stderr):
                if stream:
                    stream.close()
        self._holder.kill()
        self._holder.wait(timeout=10)
        self._holder.stdout.close()


class Daemon:
    """`segmentd` in a namespace."""

    def __init__(self, namespace, directory, *options, wrapper=(), port=PORT, token=None):
        self.namespace = namespace
        self.log = pathlib.Path(directory) / "segmentd.log"
        self.started_at = time.monotonic()
        with open(self.log, "ab") as log:
            self.process = namespace.start(
                *wrapper, SEGMENTD, "--listen", f"127.0.0.1:{port}", *options, stdout=log, stderr=log)
        self.api = Client(namespace, port, token)
        self._wait_until_it_answers()

    def _wait_until_it_answers(self):
        deadline = time.monotonic() + 10
        while True:
            if self.process.poll() is not None:
                raise AssertionError(f"segmentd ended with {self.process.returncode}:\n{self.log.read_text()}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.api.get("/healthz").status == 200:
                    return
            if time.monotonic() > deadline:
                raise AssertionError(f"segmentd does not answer:\n{self.log.read_text()}")
            time.sleep(0.02)

    @property
    def is_running(self):
        return self.process.poll() is None

    def resident_octets(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self):
        """Ends it by SIGTERM; the exit status must be 0."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise AssertionError(f"segmentd ignores SIGTERM:\n{self.log.read_text()}") from None
        assert self.process.returncode == 0, f"it ended with {self.process.returncode}:\n{self.log.read_text()[-4000:]}"


class Answer:
    def __init__(self, status, headers, content, seconds):
        self.status = status
        self.headers = headers
        self.content = content
        self.seconds = seconds

    @property
    def content_type(self):
        return (self.headers.get("Content-Type") or "").split(";")[0].strip()

    @property
    def json(self):
        return json.loads(self.content)

    @property
    def pointers(self):
        return [violation.get("pointer", violation.get("parameter")) for violation in self.json.get("violations", [])]

    def __repr__(self):
        return f"{self.status} {self.content_type} {self.content[:2000]!r}"


class Client:
    """HTTP from inside the namespace; one connection a request."""

    def __init__(self, namespace, port=PORT, token=None):
        self.namespace = namespace
        self.port = port
        self.token = token

    def connect(self, timeout=10):
        connection = self.namespace.socket(socket.AF_INET, socket.SOCK_STREAM)
        connection.settimeout(timeout)
        connection.connect(("127.0.0.1", self.port))
        return connection

    def request(self, method, path, body=None, headers=None, checked=True, timeout=10):
        """`body`: something to encode, or octets that go as they are."""
        headers = dict(headers or {})
        if self.token is not None:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        began = time.monotonic()
        connection.sock = self.connect(timeout)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            content = response.read()
            answer = Answer(response.status, response.headers, content, time.monotonic() - began)
        finally:
            connection.close()
        if checked and method not in ("HEAD", "OPTIONS"):
            CONTRACT.check(method, path, answer)
        return answer

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.request("POST", path, body, **options)

    def delete(self, path, **options):
        return self.request("DELETE", path, **options)

    # What tests do all the time; each fails unless it succeeds.

    def create(self, **definition):
        answer = self.post("/endpoints", definition)
        assert answer.status == 201, answer
        return answer.json

    def remove(self, endpoint):
        answer = self.delete(f"/endpoints/{endpoint}")
        assert answer.status == 200, answer
        return answer.json

    def send(self, endpoint, /, **segment):
        answer = self.post(f"/endpoints/{endpoint}/segments", segment)
        assert answer.status == 202, answer
        return answer.json

    def transmit(self, endpoint, segments, wait=20):
        """Sends one segment or a list, and waits until all have left."""
        answer = self.post(f"/endpoints/{endpoint}/segments?wait={wait}s", segments, timeout=wait + 5)
        assert answer.status == 200, answer
        assert answer.json["state"] == "done", answer
        return answer.json

    def segments(self, endpoint, **query):
        query = "".join(f"&{name}={value}" for name, value in query.items())
        answer = self.get(f"/segments?endpoint={endpoint}{query}")
        assert answer.status == 200, answer
        return answer.json["segments"]

    def all_segments(self, endpoint, after, direction="received"):
        """Every segment after a cursor, page by page; none may be lost."""
        while True:
            page = self.get(f"/segments?endpoint={endpoint}&after={after}&limit=2000&direction={direction}")
            assert page.status == 200, page
            assert page.json["lost"] == {"kernel": 0, "ring": 0}, page.json["lost"]
            if not page.json["segments"]:
                return
            yield from page.json["segments"]
            after = page.json["next"]

    def counters(self, endpoint=None):
        answer = self.get(f"/endpoints/{endpoint}/counters" if endpoint else "/counters")
        assert answer.status == 200, answer
        return answer.json

    def received(self, endpoint, which=lambda segment: True, seconds=5.0):
        """The first received segment of the endpoint that is `which`, as soon as there is one."""
        return eventually(lambda: next(filter(which, self.segments(endpoint, limit=1000)), None), seconds)


class Contract:
    """api/openapi.yaml, read strictly: what a schema does not name must not be there."""

    # Answers that any path may give, described once in the document's introduction.
    EVERYWHERE = {400, 401, 403, 404, 405, 406, 413, 414, 415, 422, 429, 431, 500, 503, 507}

    def __init__(self):
        self.document = yaml.safe_load((PROJECT / "api/openapi.yaml").read_text())
        self.closed = copy.deepcopy(self.document["components"])
        for schema in self.closed["schemas"].values():
            self._close(schema)
        self.routes = []
        for template, item in self.document["paths"].items():
            pattern = re.compile("^" + re.sub(r"\{[^}]*\}", "[^/]+", template) + "$")
            self.routes.append((pattern, template, item))
        # A fixed path wins over one with a parameter.
        self.routes.sort(key=lambda route: route[1].count("{"))
        self.used = set()
        self.problems = {
            example["value"]["type"] for response in self.document["components"]["responses"].values()
            for example in response.get("content", {}).get("application/problem+json", {}).get("examples", {}).values()}

    def _close(self, schema):
        if isinstance(schema, list):
            for item in schema:
                self._close(item)
        if not isinstance(schema, dict):
            return
        for name, part in schema.items():
            if name == "properties":
                for each in part.values():
                    self._close(each)
            elif name not in ("enum", "const", "example", "examples", "allOf"):
                self._close(part)
        if "allOf" in schema:
            # Parts stay open, the whole is closed: an open copy of a named part takes its place.
            schema["allOf"] = [self._opened(part) for part in schema["allOf"]]
            schema.setdefault("unevaluatedProperties", False)
        elif "properties" in schema:
            schema.setdefault("additionalProperties", False)

    def _opened(self, part):
        if "$ref" in part:
            part = self.document["components"]["schemas"][part["$ref"].rsplit("/", 1)[1]]
        return copy.deepcopy(part)

    def validate(self, schema, value):
        schema = copy.deepcopy(schema)
        self._close(schema)
        validator = jsonschema.Draft202012Validator(
            {**schema, "components": self.closed}, format_checker=jsonschema.FormatChecker())
        error = jsonschema.exceptions.best_match(validator.iter_errors(value))
        if error:
            place = "/".join(map(str, error.absolute_path))
            raise AssertionError(f"/{place}: {error.message[:600]}")

    def operation(self, method, path):
        for pattern, template, item in self.routes:
            if pattern.match(path):
                return template, item.get(method.lower())
        return None, None

    def _resolved(self, item):
        while "$ref" in item:
            part = self.document
            for name in item["$ref"].removeprefix("#/").split("/"):
                part = part[name]
            item = part
        return item

    def check(self, method, path, answer):
        template, operation = self.operation(method, path.split("?")[0])
        if not operation or str(answer.status) not in operation["responses"]:
            assert answer.status in self.EVERYWHERE, f"api/openapi.yaml does not have {method} {path}: {answer}"
            self._check_problem(answer)
            return
        self.used.add((method, template, answer.status))
        response = self._resolved(operation["responses"][str(answer.status)])
        kinds = response.get("content", {})
        if not kinds:
            assert not answer.content, f"{method} {path} answers {answer}"
            return
        assert answer.content_type in kinds, f"{method} {path} answers {answer}"
        schema = kinds[answer.content_type]["schema"]
        if schema.get("format") == "binary":
            return
        is_json = answer.content_type.endswith("json")
        try:
            is_yaml = answer.content_type == "application/yaml"
            self.validate(
                schema, answer.json if is_json else yaml.safe_load(answer.content) if is_yaml else answer.content.decode())
        except AssertionError as error:
            raise AssertionError(f"{method} {path} differs from api/openapi.yaml at {error}: {answer}") from None
        if answer.content_type == "application/problem+json":
            self._check_type(answer)
        for name in response.get("headers", {}):
            several = is_json and isinstance(answer.json, dict) and set(answer.json) in ({"endpoints"}, {"segments"})
            assert answer.headers.get(name) is not None or several, f"{method} {path} gives no {name}: {answer}"

    def _check_problem(self, answer):
        assert answer.content_type == "application/problem+json", answer
        self.validate({"$ref": "#/components/schemas/Problem"}, answer.json)
        self._check_type(answer)
        if answer.status == 405:
            assert answer.headers.get("Allow"), answer

    def _check_type(self, answer):
        assert answer.json["status"] == answer.status, answer
        assert answer.json["type"] in self.problems, answer


CONTRACT = Contract()


def needs(program):
    path = shutil.which(program)
    assert path, f"{program} is not installed; docker/test.sh installs it"
    return path
