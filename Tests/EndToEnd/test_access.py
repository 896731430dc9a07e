"""Who may ask: Unix sockets, tokens and TLS, judged by curl, openssl and the kernel."""

import contextlib
import json
import os
import pathlib
import socket
import ssl
import stat
import subprocess
import tempfile
import time

import pytest

from support import CONTRACT, PORT, SEGMENTD, Client, eventually, needs

READ = "r" * 40
CONTROL = "c" * 40
NOBODY = 65534
# Beside `lo`, as an address that is not loopback.
BENCH = "10.99.0.1"


def write(path, text, mode=0o600):
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.fixture
def token_file(tmp_path):
    return write(tmp_path / "tokens", f"# who, what, secret\nci read {READ}\nbench control {CONTROL}\n")


@pytest.fixture
def place(tmp_path):
    """A short path for a socket, in a directory that others may walk through."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix="segmentd-"))
    directory.chmod(0o755)
    yield directory / "api.sock"
    for left in directory.iterdir():
        left.unlink()
    directory.rmdir()


@pytest.fixture
def bench_address(namespace):
    made = namespace.run("ip", "address", "add", f"{BENCH}/32", "dev", "lo")
    assert made.returncode == 0, made.stderr
    return BENCH


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate for the names used here and its key, by openssl; curl trusts it as its own authority."""
    directory = tmp_path_factory.mktemp("tls")
    made = make_certificate(directory / "certificate.pem", directory / "key.pem")
    return made


def make_certificate(certificate, key):
    subprocess.run(
        [needs("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-subj", "/CN=bench.example", "-days", "2", "-keyout", key, "-out", certificate,
         "-addext", f"subjectAltName=DNS:bench.example,DNS:localhost,IP:127.0.0.1,IP:{BENCH}"],
        check=True, capture_output=True)
    key.chmod(0o600)
    return certificate, key


class UnixClient(Client):
    """HTTP over a Unix socket; every answer is compared with the contract as over TCP."""

    def __init__(self, path):
        super().__init__(None)
        self.path = str(path)

    def connect(self, timeout=10):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(timeout)
        connection.connect(self.path)
        return connection


class Started:
    """A daemon that need not listen on loopback; ready when its log says that it listens."""

    def __init__(self, namespace, directory, *options, wrapper=()):
        self.log = directory / f"log-{time.monotonic_ns()}"
        with open(self.log, "wb") as log:
            self.process = namespace.start(*wrapper, SEGMENTD, *options, stdout=log, stderr=log)
        eventually(lambda: self.process.poll() is not None or "listening on" in self.log.read_text())
        assert self.process.poll() is None, self.log.read_text()

    def stop(self):
        self.process.terminate()
        assert self.process.wait(timeout=10) == 0, self.log.read_text()


@pytest.fixture
def start(namespace, tmp_path):
    started = []

    def begin(*options, **keywords):
        started.append(Started(namespace, tmp_path, *options, **keywords))
        return started[-1]

    yield begin
    for each in started:
        if each.process.poll() is None:
            each.stop()


def refusal(namespace, *options):
    """What the daemon says instead of starting."""
    done = namespace.run(SEGMENTD, *options, timeout=10)
    assert done.returncode == 64, (done.returncode, done.stderr)
    return done.stderr.splitlines()[0].removeprefix("Error: ")


def curl(namespace, *arguments):
    """The status that curl sees, and the body."""
    done = namespace.run(needs("curl"), "-sS", "--max-time", "10", "-w", "\n%{http_code}", *arguments)
    assert done.returncode == 0, done.stderr
    body, status = done.stdout.rsplit("\n", 1)
    return int(status), body


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


# ---- the Unix socket


def test_curl_drives_it_over_the_unix_socket_alone(namespace, start, place):
    daemon = start("--listen", "none", "--unix-socket", place)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    at = ("--unix-socket", place)
    assert curl(namespace, *at, "http://localhost/healthz")[0] == 200
    status, body = curl(namespace, *at, "http://localhost/endpoints", "-d", '{"role":"server"}')
    assert status == 201, body
    status, body = curl(namespace, *at, "http://localhost:8080/endpoints/server")
    assert status == 200 and json.loads(body)["state"] == "running"
    # Nothing listens on TCP, so that the API's port is free for an endpoint.
    status, body = curl(
        namespace, *at, "http://localhost/endpoints", "-d", '{"role":"server","local":{"port":8080},"remote":null}')
    assert status == 201, body
    with namespace.socket(socket.AF_INET, socket.SOCK_STREAM) as stream, pytest.raises(ConnectionRefusedError):
        stream.connect(("127.0.0.1", 8081))
    assert "listening on unix:" in daemon.log.read_text()
    daemon.stop()
    assert not place.exists()


def test_who_fills_one_side_keeps_nobody_out_of_the_other(start_daemon, place):
    daemon = start_daemon("--unix-socket", place, "--max-connections", "3")
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(daemon.api.connect()) for _ in range(4)]
        for connection in held[:3]:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
        held[3].sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert held[3].recv(4096).startswith(b"HTTP/1.1 503 ")
        assert UnixClient(place).get("/healthz").status == 200


def test_both_sides_answer_and_agree(start_daemon, place):
    daemon = start_daemon("--unix-socket", place)
    unix = UnixClient(place)
    unix.post("/endpoints", {"role": "server"})
    assert daemon.api.get("/endpoints/server").json["id"] == "server"
    daemon.api.remove("server")
    assert unix.get("/endpoints").json["endpoints"] == []
    # A request that waits, and one that is streamed, are suspended on the socket's own thread.
    began = time.monotonic()
    assert unix.get("/segments?wait=300ms").json["timedOut"]
    assert time.monotonic() - began >= 0.3
    assert unix.get("/counters").json["access"] == {
        "tokenMissing": 0, "tokenWrong": 0, "roleInsufficient": 0, "foreignUser": 0, "delayed": 0, "turnedAway": 0}


def test_another_user_is_kept_out_by_the_mode_and_then_by_the_kernel(namespace, start, place):
    if pathlib.Path("/proc/self/uid_map").read_text().split()[2] == "1":
        pytest.skip("there is only one user in this user namespace")
    start("--listen", "none", "--unix-socket", place)
    as_nobody = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    ask = (*as_nobody, needs("curl"), "-sS", "--max-time", "5", "--unix-socket", place, "http://localhost/endpoints")
    assert namespace.run(*ask).returncode == 7
    refused = namespace.run(
        *as_nobody, "/usr/bin/python3", "-c", "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])", place)
    assert "PermissionError" in refused.stderr, refused
    # Somebody opens the file to all: the kernel still says who is there.
    place.chmod(0o666)
    answered = namespace.run(*ask)
    problem = json.loads(answered.stdout)
    assert (problem["type"], problem["status"]) == ("/problems/foreign-user", 403), answered
    assert str(NOBODY) in problem["detail"]
    CONTRACT.validate({"$ref": "#/components/schemas/Problem"}, problem)
    assert UnixClient(place).get("/counters").json["access"]["foreignUser"] == 1


def test_a_group_is_let_in(namespace, start, place):
    if pathlib.Path("/proc/self/uid_map").read_text().split()[2] == "1":
        pytest.skip("there is only one user in this user namespace")
    start("--listen", "none", "--unix-socket", place, "--unix-socket-group", 4242)
    assert stat.S_IMODE(place.stat().st_mode) == 0o660 and place.stat().st_gid == 4242
    # So that the kernel's word alone decides.
    place.chmod(0o666)
    ask = (needs("curl"), "-sS", "--max-time", "5", "--unix-socket", place, "http://localhost/healthz")
    for groups, is_let_in in [(("--regid=4242", "--clear-groups"), True), ((f"--regid={NOBODY}", "--groups=4242"), True),
                              ((f"--regid={NOBODY}", "--groups=4243"), False)]:
        done = namespace.run("setpriv", f"--reuid={NOBODY}", *groups, *ask)
        assert ('"ok"' in done.stdout) == is_let_in, done


def test_as_an_ordinary_user_it_lets_in_that_user_and_root(namespace, start, place):
    if pathlib.Path("/proc/self/uid_map").read_text().split()[2] == "1":
        pytest.skip("there is only one user in this user namespace")
    os.chown(place.parent, NOBODY, NOBODY)
    as_nobody = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    start("--listen", "none", "--unix-socket", place, wrapper=as_nobody)
    assert place.stat().st_uid == NOBODY
    ask = (needs("curl"), "-sS", "--max-time", "5", "--unix-socket", place, "http://localhost/healthz")
    for wrapper in (as_nobody, ()):
        assert '"ok"' in namespace.run(*wrapper, *ask).stdout


def test_a_socket_left_by_a_kill_is_taken_over_and_one_in_use_is_not(namespace, start, place):
    first = start("--listen", "none", "--unix-socket", place)
    second = namespace.run(SEGMENTD, "--listen", "none", "--unix-socket", place, timeout=10)
    assert second.returncode == 69
    assert f"cannot listen on {place}: another program answers there" in second.stderr
    assert UnixClient(place).get("/healthz").status == 200

    first.process.kill()
    first.process.wait(timeout=5)
    assert place.is_socket()
    start("--listen", "none", "--unix-socket", place)
    assert UnixClient(place).get("/healthz").status == 200


def test_of_many_that_start_at_once_one_takes_the_stale_socket_over(namespace, tmp_path, place):
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(place))
    stale.close()
    contenders = [
        namespace.start(SEGMENTD, "--listen", "none", "--unix-socket", place, stderr=subprocess.DEVNULL)
        for _ in range(6)]
    eventually(lambda: sum(each.poll() is None for each in contenders) == 1)
    assert UnixClient(place).get("/healthz").status == 200
    winner = next(each for each in contenders if each.poll() is None)
    assert {each.returncode for each in contenders if each is not winner} == {69}
    winner.terminate()
    assert winner.wait(timeout=10) == 0
    assert not place.exists()


def test_what_is_no_socket_is_left_alone(namespace, place):
    place.write_text("precious")
    done = namespace.run(SEGMENTD, "--listen", "none", "--unix-socket", place, timeout=10)
    assert done.returncode == 69
    assert f"cannot listen on {place}: it is there and is not a socket, so it is left alone" in done.stderr
    assert place.read_text() == "precious"


# ---- tokens


def test_roles_are_those_of_the_token(start, namespace, token_file):
    start("--listen", f"127.0.0.1:{PORT}", "--token-file", token_file)
    api = Client(namespace)
    assert api.post("/endpoints", {"role": "server"}, headers=bearer(CONTROL)).status == 201
    assert api.get("/endpoints", headers=bearer(READ)).status == 200
    for answer in [api.get("/endpoints"), api.get("/healthz"), api.get("/nothing"), api.post("/reset")]:
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.json["type"] == "/problems/token-missing"
    for method, path in [("POST", "/reset"), ("DELETE", "/endpoints/server"), ("PATCH", "/endpoints/server"),
                         ("POST", "/endpoints/server/stop"), ("POST", "/runs")]:
        answer = api.request(method, path, {}, bearer(READ))
        assert answer.status == 403 and answer.json["type"] == "/problems/role-insufficient", answer
        assert "ci" in answer.json["detail"] and answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert api.get("/endpoints/server", headers=bearer(READ)).json["state"] == "running"
    assert api.request("OPTIONS", "/endpoints", headers=bearer(READ)).status == 204
    assert api.get("/nothing", headers=bearer(READ)).status == 404
    counted = api.get("/counters", headers=bearer(READ)).json["access"]
    assert counted["tokenMissing"] == 4 and counted["roleInsufficient"] == 5


def test_wrong_tokens_are_slowed_and_right_ones_never(start, namespace, token_file):
    start("--listen", f"127.0.0.1:{PORT}", "--token-file", token_file)
    api = Client(namespace)
    delays = []
    for _ in range(4):
        answer = api.get("/endpoints", headers=bearer("x" * 40))
        assert answer.status == 401 and answer.json["type"] == "/problems/token-wrong"
        delays.append(answer.seconds)
        assert api.get("/healthz", headers=bearer(READ)).seconds < 0.2
    for least, delay in zip([0.25, 0.5, 1, 2], delays, strict=True):
        assert least <= delay < least + 0.5, delays

    # A flood of guesses takes a bounded number of connections, and those with a right token nothing at all.
    head = f"GET /endpoints HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {'y' * 40}\r\n\r\n".encode()
    guesses = [api.connect() for _ in range(200)]
    for guess in guesses:
        guess.sendall(head)
    for _ in range(20):
        assert api.get("/healthz", headers=bearer(READ)).seconds < 0.2
    counted = api.get("/counters", headers=bearer(READ)).json["access"]
    assert counted["turnedAway"] >= 190 and counted["delayed"] <= 14
    turned_away = [guess for guess in guesses[-5:] if b" 429 " in guess.recv(4096)]
    assert len(turned_away) == 5
    for guess in guesses:
        guess.close()


def test_no_token_is_shown_anywhere(start, namespace, token_file):
    daemon = start("--listen", f"127.0.0.1:{PORT}", "--token-file", token_file, "--log-level", "debug")
    api = Client(namespace)
    secrets = [READ, CONTROL, "g" * 40]
    answers = [api.get("/endpoints", headers=bearer(token)).content for token in secrets]
    answers += [api.request("POST", "/reset", b"", bearer(READ)).content, api.get("/limits", headers=bearer(READ)).content]
    arguments = pathlib.Path(f"/proc/{daemon.process.pid}/cmdline").read_bytes()
    arguments += pathlib.Path(f"/proc/{daemon.process.pid}/environ").read_bytes()
    daemon.stop()
    for token in secrets:
        assert token not in daemon.log.read_text()
        assert token.encode() not in arguments
        assert not any(token.encode() in answer for answer in answers)


# ---- TLS


def test_curl_and_openssl_agree_that_it_speaks_tls(start, namespace, certificate):
    start("--listen", f"127.0.0.1:{PORT}", "--tls-certificate", certificate[0], "--tls-key", certificate[1])
    at = ("--cacert", certificate[0])
    assert curl(namespace, *at, f"https://localhost:{PORT}/healthz")[0] == 200
    status, body = curl(namespace, *at, f"https://127.0.0.1:{PORT}/endpoints", "-d", '{"role":"server"}')
    assert status == 201, body
    # Whoever does not trust it does not talk to it.
    distrusted = namespace.run("curl", "-sS", f"https://localhost:{PORT}/healthz")
    assert distrusted.returncode == 60
    for version, is_spoken in [("-tls1_3", True), ("-tls1_2", True), ("-tls1_1", False)]:
        spoken = namespace.run(
            needs("openssl"), "s_client", "-connect", f"127.0.0.1:{PORT}", "-CAfile", certificate[0],
            "-verify_return_error", "-cipher", "DEFAULT:@SECLEVEL=0", version)
        assert ("Verify return code: 0 (ok)" in spoken.stdout and spoken.returncode == 0) == is_spoken, spoken
    # In the clear nothing is answered.
    with Client(namespace).connect() as plain:
        plain.sendall(f"GET /healthz HTTP/1.1\r\nHost: localhost:{PORT}\r\n\r\n".encode())
        assert not plain.recv(4096).startswith(b"HTTP/")


def test_pages_are_known_by_https(start, namespace, certificate):
    start("--listen", f"127.0.0.1:{PORT}", "--tls-certificate", certificate[0], "--tls-key", certificate[1])
    url = f"https://localhost:{PORT}/healthz"
    for origin, status in [(f"https://localhost:{PORT}", 200), (f"http://localhost:{PORT}", 403),
                           ("https://localhost", 403), ("https://example.org", 403)]:
        assert curl(namespace, "--cacert", certificate[0], "-H", f"Origin: {origin}", url)[0] == status, origin
    assert curl(namespace, "--cacert", certificate[0], "-H", "Host: example.org", url)[0] == 403


def test_waits_streams_and_refusals_in_mid_body_work_under_tls(start, namespace, certificate):
    start("--listen", f"127.0.0.1:{PORT}", "--tls-certificate", certificate[0], "--tls-key", certificate[1],
          "--max-body", "10000")
    at = ("--cacert", certificate[0])
    base = f"https://localhost:{PORT}"
    began = time.monotonic()
    status, body = curl(namespace, *at, f"{base}/segments?wait=300ms")
    assert status == 200 and json.loads(body)["timedOut"] and time.monotonic() - began >= 0.3
    curl(namespace, *at, f"{base}/endpoints", "-d", '[{"role":"server"},{"role":"client","pace":"20ms"}]')
    stream = namespace.run("curl", "-sSN", *at, "--max-time", "1", f"{base}/segments/stream")
    assert stream.returncode == 28 and stream.stdout.count("\ndata: ") > 3, stream
    # A body of unknown length that grows too long: the answer in the middle of it is encrypted too.
    context = ssl.create_default_context(cafile=certificate[0])
    with context.wrap_socket(Client(namespace).connect(), server_hostname="localhost") as connection:
        connection.sendall(f"POST /endpoints HTTP/1.1\r\nHost: localhost:{PORT}\r\nContent-Type: application/json\r\n"
                           "Transfer-Encoding: chunked\r\n\r\n".encode())
        connection.sendall(b"2711\r\n" + b" " * 10_001 + b"\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 413 ")
    assert curl(namespace, *at, f"{base}/healthz")[0] == 200


def test_connections_that_never_shake_hands_hold_nobody_up(start, namespace, certificate):
    start("--listen", f"127.0.0.1:{PORT}", "--tls-certificate", certificate[0], "--tls-key", certificate[1])
    silent = [Client(namespace).connect() for _ in range(50)]
    for connection in silent[::2]:
        connection.sendall(b"\x16\x03\x01\x02\x00\x01")
    began = time.monotonic()
    assert curl(namespace, "--cacert", certificate[0], f"https://localhost:{PORT}/healthz")[0] == 200
    assert time.monotonic() - began < 1
    for connection in silent:
        connection.close()


def test_what_libmicrohttpd_refuses_by_itself_is_answered_once_on_every_side(start, namespace, certificate, place):
    start("--listen", f"127.0.0.1:{PORT}", "--tls-certificate", certificate[0], "--tls-key", certificate[1],
          "--unix-socket", place)
    context = ssl.create_default_context(cafile=certificate[0])
    for connect in (lambda: context.wrap_socket(Client(namespace).connect(), server_hostname="localhost"),
                    lambda: UnixClient(place).connect()):
        with connect() as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n")
            answer = b""
            with contextlib.suppress(OSError):
                while piece := connection.recv(4096):
                    answer += piece
            assert answer.startswith(b"HTTP/1.1 400 ") and answer.count(b"HTTP/1.1") == 1, answer
            assert b"/problems/malformed-request" in answer


# ---- elsewhere than on loopback


def test_a_bench_address_takes_tokens_and_tls(start, namespace, bench_address, certificate, token_file):
    start("--listen", f"{bench_address}:{PORT}", "--token-file", token_file, "--tls-certificate", certificate[0],
          "--tls-key", certificate[1], "--allow-host", "bench.example")
    at = ("--cacert", certificate[0], "--resolve", f"bench.example:{PORT}:{bench_address}")
    right = ("-H", f"Authorization: Bearer {CONTROL}")
    for host in (bench_address, "bench.example"):
        assert curl(namespace, *at, *right, f"https://{host}:{PORT}/healthz")[0] == 200
        assert curl(namespace, *at, f"https://{host}:{PORT}/healthz")[0] == 401
    assert curl(namespace, *at, *right, "-H", "Host: other.example", f"https://bench.example:{PORT}/healthz")[0] == 403


def test_the_insecure_way_has_to_be_named_and_is_logged(start, namespace, bench_address):
    daemon = start("--listen", f"{bench_address}:{PORT}", "--insecure-remote-control")
    assert curl(namespace, f"http://{bench_address}:{PORT}/healthz")[0] == 200
    assert curl(namespace, "-H", "Host: example.org", f"http://{bench_address}:{PORT}/healthz")[0] == 403
    assert "--insecure-remote-control: whoever reaches this address" in daemon.log.read_text()


def test_on_every_address_the_apis_port_stays_its_own(start, namespace, bench_address, token_file):
    start("--listen", f"0.0.0.0:{PORT}", "--token-file", token_file, "--insecure-remote-control")
    status, body = curl(
        namespace, "-H", f"Authorization: Bearer {CONTROL}", f"http://{bench_address}:{PORT}/endpoints",
        "-d", json.dumps({"role": "server", "local": {"address": bench_address, "port": PORT}}))
    assert status == 409, body


# ---- what is refused before anything is opened


@pytest.mark.parametrize(("options", "message"), [
    (("--listen", "10.0.0.1:80"),
     "--listen 10.0.0.1:80: an address that is not loopback (127.0.0.0/8) needs --token-file, --tls-certificate and "
     "--tls-key; or say --insecure-remote-control and let everybody in"),
    (("--listen", "0.0.0.0:80", "--token-file", "/x"),
     "--listen 0.0.0.0:80: an address that is not loopback (127.0.0.0/8) needs --tls-certificate and --tls-key; or say "
     "--insecure-remote-control and let everybody in"),
    (("--listen", "10.0.0.1:80", "--tls-certificate", "/x", "--tls-key", "/y"),
     "--listen 10.0.0.1:80: an address that is not loopback (127.0.0.0/8) needs --token-file; or say "
     "--insecure-remote-control and let everybody in"),
    (("--listen", "none"), "--listen none leaves no way in: name a --unix-socket"),
    (("--listen", "none", "--unix-socket", "/x", "--token-file", "/y"),
     "--token-file is for TCP, and --listen none takes none"),
    (("--tls-certificate", "/x"), "--tls-certificate and --tls-key go together: one of them is missing"),
    (("--tls-key", "/x"), "--tls-certificate and --tls-key go together: one of them is missing"),
    (("--unix-socket-group", "root"), "--unix-socket-group is of use with --unix-socket only"),
    (("--unix-socket", "/x" + "y" * 106), f"--unix-socket /x{'y' * 106}: a path may have 1 to 107 octets"),
    (("--unix-socket", ""), "--unix-socket : a path may have 1 to 107 octets"),
    (("--unix-socket", "/x", "--unix-socket-group", "no-such-group"),
     "--unix-socket-group no-such-group: there is no such group"),
    (("--token-file", "/nowhere"), "--token-file /nowhere: it cannot be read: No such file or directory (ENOENT)"),
    (("--token-file", "/"), "--token-file /: it is not a file"),
    (("--tls-certificate", "/nowhere", "--tls-key", "/nowhere"),
     "--tls-certificate /nowhere: it cannot be read: No such file or directory (ENOENT)"),
])
def test_options_that_do_not_go_together_are_named(namespace, options, message):
    assert refusal(namespace, *options) == message
    assert refusal(namespace, "serve", *options) == message


@pytest.mark.parametrize(("text", "mode", "message"), [
    (f"a read {READ}", 0o644, "it holds a secret, and its mode 0644 lets others at it; chmod 600 is right"),
    ("", 0o600, "it has no token, so that nobody could ask for anything"),
    ("a read", 0o600, "line 1 is not a name, a role and a token, with blanks between"),
    (f"a write {READ}", 0o600, "line 1: the role 'write' is not read or control"),
    ("a read short", 0o600, "line 1: the token has 5 characters, not 32 to 512"),
    (f"a read {READ}\na control {CONTROL}", 0o600, "line 2: the name is that of line 1"),
    (f"a read {READ}\nb control {READ}", 0o600, "line 2: the token is that of line 1"),
    ("\n" * 300_000, 0o600, "it has more than 262144 octets"),
])
def test_a_token_file_that_is_not_safe_is_refused(namespace, tmp_path, text, mode, message):
    path = write(tmp_path / "tokens", text, mode)
    assert refusal(namespace, "--token-file", path) == f"--token-file {path}: {message}"


def test_a_key_that_is_another_s_or_open_to_others_is_refused(namespace, tmp_path, certificate):
    other = make_certificate(tmp_path / "other.pem", tmp_path / "other-key.pem")
    pair = ("--tls-certificate", certificate[0], "--tls-key", other[1])
    assert refusal(namespace, *pair) == (
        f"--tls-certificate {certificate[0]}, --tls-key {other[1]}: the certificate and the key do not belong together: "
        "The certificate and the given key do not match.")
    swapped = refusal(namespace, "--tls-certificate", other[1], "--tls-key", other[1])
    assert swapped.startswith(f"--tls-certificate {other[1]}: the certificate is no PEM certificate: ")
    swapped = refusal(namespace, "--tls-certificate", other[0], "--tls-key", write(other[0], other[0].read_text()))
    assert swapped.startswith(f"--tls-key {other[0]}: the key is no PEM key without a password: ")
    other[1].chmod(0o644)
    assert refusal(namespace, "--tls-certificate", certificate[0], "--tls-key", other[1]) == (
        f"--tls-key {other[1]}: it holds a secret, and its mode 0644 lets others at it; chmod 600 is right")


def test_files_for_browsers_take_no_token_and_are_for_no_other_site(namespace, start, token_file):
    start("--token-file", str(token_file))
    client = Client(namespace)
    assert client.get("/openapi.yaml").status == 200
    assert client.get("/counters").status == 401
    assert client.post("/openapi.yaml").status == 401
    assert client.get("/openapi.yaml", headers={"Host": "attacker.example"}).status == 403
