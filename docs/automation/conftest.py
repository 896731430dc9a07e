"""Fixtures of a firewall test: the bench, a segmentd that stands on both its sides, and a client for its API."""

import http.client
import json
import pathlib
import socket
import subprocess
import tempfile
import time

import pytest

HERE = pathlib.Path(__file__).parent


def pytest_addoption(parser):
    parser.addoption("--rules", default=HERE / "firewall.nft", help="the file of nftables rules under test")


class Segmentd:
    """The API of a segmentd, through its Unix socket."""

    def __init__(self, path):
        self.path = str(path)

    def request(self, method, path, body=None):
        """The answer's JSON; an AssertionError that says what is wrong with the request."""
        connection = http.client.HTTPConnection("localhost", timeout=30)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(30)
        with connection.sock:
            connection.sock.connect(self.path)
            connection.request(method, path, body and json.dumps(body), {"Content-Type": "application/json"})
            response = connection.getresponse()
            answer = json.loads(response.read())
        assert response.status < 400, f"{method} {path}: {answer['detail']}"
        return answer

    def create(self, id, role, namespace, local, remote=None, rules=()):
        """An endpoint that is silent but for its rules. `local` and `remote` are (address, port)."""
        place = {"namespace": namespace, "local": dict(zip(("address", "port"), local)),
                 "remote": remote and dict(zip(("address", "port"), remote))}
        opening = {"opening": []} if role == "client" else {}
        return self.request("POST", "/endpoints", {"id": id, "role": role, "rules": list(rules), **place, **opening})

    def run(self, name, *steps):
        """Fails unless the scenario is satisfied, and says at which step and what came nearest."""
        run = self.request("POST", "/runs?wait=20s", {"name": name, "steps": steps})
        if run["verdict"] != "satisfied":
            lines = [f"{name}: {run['verdict']}"]
            for number, step in enumerate(run["steps"]):
                if step["reason"]:
                    lines.append(f"step {number}, {step['kind']} at {step['endpoint']}: {step['reason']}")
                    lines += [f"  near miss: {miss['differences']}" for miss in step["nearMisses"]]
            pytest.fail("\n".join(lines), pytrace=False)
        return run


@pytest.fixture(scope="session")
def bench(request):
    """left -- firewall -- right, with the rules under test in the middle."""
    subprocess.run([HERE / "bench.sh", "up", request.config.getoption("--rules")], check=True)
    yield
    subprocess.run([HERE / "bench.sh", "down"], check=True)


@pytest.fixture(scope="session")
def daemon(bench):
    with tempfile.TemporaryDirectory(prefix="segmentd-") as directory:
        path = pathlib.Path(directory) / "socket"
        process = subprocess.Popen(
            ["segmentd", "--listen", "none", "--unix-socket", path,
             "--allow-egress", "10.1.0.0/24", "--allow-egress", "10.2.0.0/24"])
        try:
            deadline = time.monotonic() + 10
            while not path.exists():
                assert process.poll() is None, "segmentd did not start"
                assert time.monotonic() < deadline, "segmentd is not ready after 10 s"
                time.sleep(0.02)
            yield Segmentd(path)
        finally:
            process.terminate()
            process.wait(timeout=10)


@pytest.fixture
def segmentd(daemon):
    """Without endpoints at the beginning and at the end of each test."""
    yield daemon
    daemon.request("POST", "/reset")
