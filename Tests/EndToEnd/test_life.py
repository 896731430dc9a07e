"""How the daemon ends, and what it says at its start."""

import fcntl
import os
import re
import signal
import socket
import time

import pytest

from support import PORT, SEGMENTD, Client, eventually


def ended(daemon, number, seconds):
    began = time.monotonic()
    daemon.signal(number)
    status = daemon.process.wait(timeout=10)
    took = time.monotonic() - began
    assert took < seconds, f"it took {took:.2f} s"
    return status


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(namespace, start_daemon, number):
    daemon = start_daemon()
    api = daemon.api
    api.create(role="server", pace="0s")
    api.create(role="client", pace="0s")
    eventually(lambda: api.counters("server")["segmentsReceived"] > 1000)
    assert ended(daemon, number, 2) == 0
    with namespace.socket(socket.AF_INET, socket.SOCK_STREAM) as stream:
        stream.bind(("127.0.0.1", 50000))
        stream.listen()


def test_open_connections_do_not_hold_it_up(start_daemon):
    daemon = start_daemon()
    head = f"POST /endpoints HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\n".encode()
    connections = [daemon.api.connect() for _ in range(8)]
    connections[1].sendall(head)
    connections[2].sendall(head + b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
    connections[3].sendall(f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\n\r\n".encode())
    assert connections[3].recv(4096).startswith(b"HTTP/1.1 200 ")
    # A request for the engine in the very moment.
    body = b'{"role":"server"}'
    connections[4].sendall(
        head + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    assert ended(daemon, signal.SIGTERM, 2) == 0
    answer = connections[4].recv(4096)
    assert answer == b"" or re.match(rb"HTTP/1.1 (201|503) ", answer), answer
    for connection in connections:
        connection.close()


def test_a_second_signal_ends_it_at_once(start_daemon):
    daemon = start_daemon()
    daemon.api.create(role="server")
    daemon.signal(signal.SIGTERM)
    ended(daemon, signal.SIGINT, 0.5)
    # Between the two it may have come to its orderly end.
    daemon.process.returncode = 0


def test_a_log_that_nobody_reads_holds_up_neither_work_nor_end(namespace):
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    process = namespace.start(SEGMENTD, "--listen", f"127.0.0.1:{PORT}", stderr=writer)
    os.close(writer)
    api = Client(namespace)

    def is_there():
        try:
            return api.get("/healthz").status == 200
        except OSError:
            return False

    eventually(is_there)
    for _ in range(60):
        api.create(role="server")
        api.remove("server")
    began = time.monotonic()
    process.terminate()
    assert process.wait(timeout=10) == 0
    assert time.monotonic() - began < 3
    os.close(reader)


def test_it_starts_again_at_once_on_the_same_ports(start_daemon):
    for _ in range(3):
        daemon = start_daemon()
        daemon.api.create(role="server")
        daemon.stop()


def test_killed_it_leaves_nothing_behind(namespace, start_daemon):
    daemon = start_daemon()
    daemon.api.create(role="server")
    daemon.process.kill()
    daemon.process.wait(timeout=5)
    daemon.process.returncode = 0
    with namespace.socket(socket.AF_INET, socket.SOCK_STREAM) as stream:
        stream.settimeout(2)
        with pytest.raises(ConnectionRefusedError):
            stream.connect(("127.0.0.1", 50000))
    again = start_daemon()
    assert again.api.get("/endpoints").json["endpoints"] == []


def test_it_says_what_it_is(namespace):
    version = namespace.run(SEGMENTD, "--version")
    assert version.returncode == 0
    assert re.search(r"\d+\.\d+\.\d+", version.stdout)
    usage = namespace.run(SEGMENTD, "--help")
    assert usage.returncode == 0
    for option in ("--listen", "--allow-egress"):
        assert option in usage.stdout
    wrong = namespace.run(SEGMENTD, "--lisen", "127.0.0.1:1")
    assert wrong.returncode not in (0, None)
    assert "--listen" in wrong.stderr or "lisen" in wrong.stderr


def test_a_taken_port_is_told(namespace, daemon):
    second = namespace.run(SEGMENTD, "--listen", f"127.0.0.1:{PORT}", timeout=10)
    assert second.returncode != 0
    assert str(PORT) in second.stderr
    assert daemon.api.get("/healthz").status == 200


def test_the_log_has_a_line_for_each_change(start_daemon):
    daemon = start_daemon()
    daemon.api.create(role="server", id="spoken-of")
    daemon.api.remove("spoken-of")
    daemon.stop()
    lines = [line for line in daemon.log.read_text().splitlines() if "spoken-of" in line]
    assert len(lines) >= 2, daemon.log.read_text()
