"""docker/run.sh, from the build to a pair that talks."""

import os
import re
import signal
import socket
import time

import pytest

from support import PROJECT, Client, eventually

LISTEN = 18080


def run_script(namespace, *options, timeout=900):
    return namespace.run(PROJECT / "docker/run.sh", "--listen", f"127.0.0.1:{LISTEN}", *options, timeout=timeout)


def end(pid):
    os.kill(pid, signal.SIGTERM)

    def gone():
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        with open(f"/proc/{pid}/stat") as status:
            return status.read().rsplit(")", 1)[1].split()[0] == "Z"

    eventually(gone)


@pytest.fixture(autouse=True)
def only_after_the_release_build():
    """In the course of docker/test.sh the release is built already, so this takes no time."""
    if ".build" not in os.environ.get("SEGMENTD", "") or "release" not in os.environ.get("SEGMENTD", ""):
        pytest.skip("SEGMENTD is not the release build of docker/run.sh")


def test_it_ends_with_a_running_daemon_whose_pair_talks(namespace):
    done = run_script(namespace)
    assert done.returncode == 0, done.stderr
    pid = int(re.search(r"Stop it with: kill (\d+)", done.stdout)[1])
    try:
        api = Client(namespace, LISTEN)
        before = api.counters("server")["segmentsReceived"]
        eventually(lambda: api.counters("server")["segmentsReceived"] > before)

        for command in re.findall(r"^  (curl .*)$", done.stdout, re.MULTILINE):
            shown = namespace.run("bash", "-c", command + " -f")
            assert shown.returncode == 0, f"{command}\n{shown.stderr}"
            assert shown.stdout.startswith("{")

        second = run_script(namespace)
        assert second.returncode != 0
        assert "already runs" in second.stderr
        assert f"kill {pid}" in second.stderr
    finally:
        end(pid)
    time.sleep(0.1)


def test_a_taken_port_is_told(namespace):
    with namespace.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind(("127.0.0.1", LISTEN))
        listener.listen()
        done = run_script(namespace)
    assert done.returncode != 0
    assert f"Another program listens on 127.0.0.1:{LISTEN}" in done.stderr
    assert f"--listen 127.0.0.1:{LISTEN + 1}" in done.stderr
