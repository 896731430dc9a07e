"""Hostile HTTP: what is malformed or foreign is refused and closed, nothing smuggled is executed, slow and fast clients
harm nobody else."""

import contextlib
import json
import os
import re
import selectors
import socket
import subprocess
import threading
import time

import pytest

from hostile import HOST, TABLE, get, post
from mutations import Mutants
from support import Daemon, Namespace, eventually, needs

# docker/soak.sh asks for more.
MUTANTS = int(os.environ.get("SEGMENTD_MUTANTS", 2000))
SEED = int(os.environ.get("SEGMENTD_SEED", 1))
LOAD_SECONDS = int(os.environ.get("SEGMENTD_LOAD_SECONDS", 3))
# A machine that does something else meanwhile is slow for everybody.
ATTEMPTS = 3


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One daemon for all rows of a table."""
    namespace = Namespace()
    try:
        daemon = Daemon(namespace, tmp_path_factory.mktemp("daemon"))
        yield daemon
        daemon.stop()
    finally:
        namespace.close()


class Conversation:
    """A connection, and the answers on it so far."""

    HEAD = re.compile(rb"HTTP/1\.[01] (\d{3}) [^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n")

    def __init__(self, connection):
        self.connection = connection
        self.received = b""
        self.is_closed = False

    def send(self, octets, piece=0):
        try:
            for start in range(0, len(octets), piece or len(octets) or 1):
                self.connection.sendall(octets[start:start + piece] if piece else octets)
        except (BrokenPipeError, ConnectionResetError):
            pass  # Refused before its end: what is there to read tells.

    def read(self):
        """Some more; false at the end or after a timeout."""
        try:
            more = self.connection.recv(1 << 16)
        except TimeoutError:
            return False
        except ConnectionResetError:
            more = b""
        self.is_closed = self.is_closed or not more
        self.received += more
        return bool(more)

    def answers(self):
        """Status, header fields and body of each answer that is there, without those that only say "go on"."""
        found, rest = [], self.received
        while match := self.HEAD.match(rest):
            fields = dict(line.split(b": ", 1) for line in match[2].splitlines())
            length = int(fields.get(b"Content-Length", 0))
            if len(rest) < match.end() + length:
                break
            if match[1] != b"100":
                found.append((int(match[1]), fields, rest[match.end():match.end() + length]))
            rest = rest[match.end() + length:]
        return found


def check_fields(fields):
    """What every answer tells a browser, and what none may."""
    assert fields[b"X-Content-Type-Options"] == b"nosniff"
    assert fields[b"Content-Security-Policy"].startswith(b"default-src 'none'")
    assert not [name for name in fields if name.lower().startswith(b"access-control-")]


def test_the_table_is_long():
    assert len(TABLE) >= 100
    assert len({row.name for row in TABLE}) == len(TABLE)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_a_row_of_the_table(shared, row):
    shared.api.post("/reset")
    with shared.api.connect(timeout=3) as connection:
        talk = Conversation(connection)
        talk.send(row.octets, row.piece)
        if row.closed:
            while talk.read():
                pass
        else:
            connection.settimeout(3 if row.statuses else 0.1)
            while len(talk.answers()) < len(row.statuses) and talk.read():
                pass
        answers = talk.answers()
        assert [answer[0] for answer in answers][:len(row.statuses)] == row.statuses, talk.received
        assert talk.is_closed == row.closed, talk.received
        if not row.closed and row.statuses:
            talk.send(get(b"/healthz"))
            while len(talk.answers()) == len(row.statuses) and talk.read():
                pass
            assert [answer[0] for answer in talk.answers()] == [*row.statuses, 200], talk.received
    endpoints = shared.api.get("/endpoints").json["endpoints"]
    assert len(endpoints) == row.executed, endpoints
    if row.library:
        # Nothing of the request is in it, so there is nothing that a browser could take for a page of another kind.
        assert b"Connection: close" in talk.received and b"smuggled" not in talk.received
        assert not re.search(rb"access-control-", talk.received, re.IGNORECASE)
        return
    assert len(answers) == len(row.statuses), talk.received
    for status, fields, body in answers:
        check_fields(fields)
        if status >= 400:
            assert fields[b"Content-Type"] == b"application/problem+json"
            assert json.loads(body)["status"] == status
    if row.closed and row.statuses:
        assert answers[-1][1][b"Connection"] == b"close"
    if row.says:
        assert row.says in answers[0][2].decode().replace('\\"', '"'), answers[0]


def resembling(octets):
    """The octets with one of them replaced or taken away, or with one more."""
    for place in range(len(octets)):
        before, after = octets[:place], octets[place + 1:]
        yield before + after
        for other in b"\0\n\r\t :%\x80a":
            yield before + bytes([other]) + after
            yield before + bytes([other]) + octets[place:]


def test_a_head_is_read_alike_whatever_came_before_it(shared):
    """Heads that are those of requests before them on their connection are not read again: only those."""
    base = get(b"/version", b"X-First: abc\r\nX-Second: d\r\n")
    outcomes = {}
    for octets in resembling(base):
        answers = []
        for past in (0, 3):
            with shared.api.connect(timeout=3) as connection:
                talk = Conversation(connection)
                for number in range(past):
                    talk.send(base)
                    while len(talk.answers()) <= number and talk.read():
                        pass
                assert [answer[0] for answer in talk.answers()] == [200] * past
                talk.received = b""
                talk.send(octets)
                connection.shutdown(socket.SHUT_WR)
                while talk.read():
                    pass
            answers.append(re.sub(rb"Date: [^\r]*", b"", talk.received))
        assert answers[0] == answers[1], octets
        status = answers[0][9:12]
        outcomes[status] = outcomes.get(status, 0) + 1
    assert outcomes[b"200"] > 100 and outcomes[b"400"] > 100, outcomes


def test_mutated_requests_do_no_harm(start_daemon):
    daemon = start_daemon()
    before = 0
    for number, octets in zip(range(MUTANTS), Mutants(SEED)):
        if number % 100 == 0:
            daemon.api.post("/reset")
            daemon.api.create(role="client", id="first", start=False)
        if number == MUTANTS // 4:
            before = daemon.resident_octets()
        with daemon.api.connect(timeout=5) as connection:
            talk = Conversation(connection)
            talk.send(octets)
            with contextlib.suppress(OSError):
                connection.shutdown(1)
            while talk.read():
                pass
        assert talk.is_closed, f"seed {SEED}, mutant {number} stays open: {octets!r} {talk.received!r}"
        assert re.match(rb"(HTTP/1\.[01] [1-5]\d\d |\Z)", talk.received), f"seed {SEED}, mutant {number}: {octets!r}"
        assert daemon.is_running, f"seed {SEED}, mutant {number}: {octets!r}"
    daemon.api.post("/reset")
    assert daemon.api.get("/healthz").status == 200
    growth = daemon.resident_octets() - before
    assert growth < 8 << 20, growth


def quick(api, seconds=0.1):
    """Whether a normal request is answered in time; it must be answered."""
    answer = api.get("/counters")
    assert answer.status == 200, answer
    return answer.seconds < seconds


def in_some_attempt(question):
    assert any(question() for _ in range(ATTEMPTS))


def is_over(client):
    """Whether a connection, which does not wait, has been closed by the other side."""
    try:
        while client.recv(1 << 16):
            pass
        return True
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


def connect_many(stack, api, count):
    return [stack.enter_context(api.connect()) for _ in range(count)]


@pytest.mark.parametrize("beginning", [
    b"", b"GET /heal", get(b"/healthz")[:-2] + b"X: ", post()[:-50], post(length=b"Content-Length: 4000000\r\n"),
    b"POST /endpoints HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nfffff\r\n",
], ids=["nothing", "a line", "a head", "the end of a body", "a body", "chunks"])
def test_300_trickling_clients_harm_nobody_and_are_cut_off(start_daemon, beginning):
    api = start_daemon("--head-timeout", "1", "--body-timeout", "1").api
    with contextlib.ExitStack() as stack:
        began = time.monotonic()
        clients = connect_many(stack, api, 300)
        for client in clients:
            client.sendall(beginning)
            client.setblocking(False)
        were_quick = []
        while clients:
            assert time.monotonic() - began < 6, f"{len(clients)} are still there"
            were_quick.append(quick(api))
            for client in clients:
                with contextlib.suppress(OSError):
                    client.send(b"1")
            clients = [client for client in clients if not is_over(client)]
            time.sleep(0.1)
        # The clock of the deadlines is exact to some milliseconds.
        assert time.monotonic() - began > 0.95
        assert were_quick.count(False) <= 1, were_quick
    assert api.get("/endpoints").json["endpoints"] == []


def test_trickling_clients_make_room_when_there_are_too_many(start_daemon):
    """The connections that are served are all taken; whoever sends nothing has a second then, not its whole time."""
    api = start_daemon("--max-connections", "50", "--head-timeout", "60").api
    with contextlib.ExitStack() as stack:
        tricklers = connect_many(stack, api, 50)
        for client in tricklers:
            client.sendall(b"GET /healthz HTTP/1.1\r\n")
        began = time.monotonic()
        refusals = []
        while (answer := api.get("/healthz")).status == 503:
            assert answer.headers["Retry-After"] == "1"
            refusals.append(answer.seconds)
            assert time.monotonic() - began < 5
            time.sleep(0.05)
        assert answer.status == 200
        assert refusals and sorted(refusals)[len(refusals) // 2] < 0.1
        for client in tricklers:
            client.setblocking(False)
        eventually(lambda: all(map(is_over, tricklers)))


def ask_all(clients, octets, seconds=5.0):
    """Sends the octets on all connections at once; status and time of each first answer, in order."""
    answers = {}
    with selectors.DefaultSelector() as selector:
        began = {}
        for client in clients:
            selector.register(client, selectors.EVENT_READ)
            began[client] = time.monotonic()
            client.sendall(octets)
        end = time.monotonic() + seconds
        while len(answers) < len(clients) and time.monotonic() < end:
            for key, _ in selector.select(0.1):
                client = key.fileobj
                received = client.recv(1 << 16)
                assert received.startswith(b"HTTP/1.1 "), received
                answers[client] = (int(received[9:12]), time.monotonic() - began[client], received)
                selector.unregister(client)
    assert len(answers) == len(clients), f"{len(clients) - len(answers)} have no answer"
    return [answers[client] for client in clients]


def test_ten_times_the_connections_are_answered_with_503(start_daemon):
    api = start_daemon("--max-connections", "40").api

    def refused_in_time():
        with contextlib.ExitStack() as stack:
            served = ask_all(connect_many(stack, api, 40), get(b"/counters"))
            assert {status for status, _, _ in served} == {200}
            times = []
            for _ in range(18):
                # Those that are too many are not kept, so that there is always room to tell the next.
                with contextlib.ExitStack() as more:
                    refused = ask_all(connect_many(more, api, 20), get(b"/counters"))
                for status, seconds, received in refused:
                    assert status == 503, received
                    assert b"\r\nRetry-After: 1\r\n" in received and b"\r\nConnection: close\r\n" in received
                    times.append(seconds)
        eventually(lambda: api.get("/healthz").status == 200, seconds=2)
        return max(times) < 0.1

    in_some_attempt(refused_in_time)


def test_a_caller_above_its_rate_is_told_when_to_come_back(start_daemon):
    api = start_daemon("--max-request-rate", "10").api
    time.sleep(1)
    with api.connect() as connection:
        talk = Conversation(connection)
        talk.send(get(b"/counters") * 15)
        while len(talk.answers()) < 15 and talk.read():
            pass
        statuses = [answer[0] for answer in talk.answers()]
        assert statuses[:10] == [200] * 10 and statuses[-3:] == [429] * 3, statuses
        _, fields, body = talk.answers()[-1]
        check_fields(fields)
        assert fields[b"Retry-After"] == b"1"
        assert json.loads(body)["type"] == "/problems/too-many-requests"
        # Nothing has been done, also where a body would follow, and that is not taken for a request.
        talk.send(post(body=post("smuggled")))
        while talk.read():
            pass
        assert talk.is_closed
        assert talk.answers()[-1][0] == 429 and talk.answers()[-1][1][b"Connection"] == b"close"
    time.sleep(1.1)
    assert api.get("/endpoints").json["endpoints"] == []


def wrk(namespace, connections, seconds, target="/counters"):
    """The p99 of the latency in seconds, the answers a second, and how many were refused."""
    done = namespace.run(
        needs("wrk"), "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", f"http://127.0.0.1:8080{target}",
        timeout=seconds + 30)
    assert done.returncode == 0, done.stderr
    assert "Socket errors" not in done.stdout, done.stdout
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s|m)\b", done.stdout).groups()
    p99 = float(value) * {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60}[unit]
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)[1])
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", done.stdout)
    return p99, rate, int(refused[1]) if refused else 0


@pytest.mark.parametrize("connections", [128, 256])
def test_many_clients_at_once_are_all_served(daemon, connections):
    def served_in_time():
        p99, rate, refused = wrk(daemon.namespace, connections, LOAD_SECONDS)
        print(f"{connections} clients: p99 {p99 * 1000:.2f} ms, {rate:.0f} a second")
        assert refused == 0
        return p99 < 0.05

    in_some_attempt(served_in_time)


def test_overload_is_refused_quickly_and_leaves_nothing_behind(start_daemon):
    """Far more than ten times the rate, all the time."""
    rate = 300
    daemon = start_daemon("--max-request-rate", str(rate))

    def refused_in_time():
        load = daemon.namespace.start(
            needs("wrk"), "-t1", "-c64", f"-d{LOAD_SECONDS}s", "--latency", "http://127.0.0.1:8080/counters",
            stdout=subprocess.PIPE, text=True)
        slow = []
        while load.poll() is None:
            answer = daemon.api.get("/counters", checked=False)
            assert answer.status in (200, 429)
            if answer.seconds > 0.1:
                slow.append(answer.seconds)
            assert daemon.resident_octets() <= 128 << 20
            time.sleep(0.02)
        report = load.stdout.read()
        answered = int(re.search(r"(\d+) requests in", report)[1])
        refused = int(re.search(r"Non-2xx or 3xx responses: (\d+)", report)[1])
        print(f"{answered} answers, {refused} of them refusals, {len(slow)} slow ones beside")
        assert answered > 10 * rate * LOAD_SECONDS, report
        assert answered - refused <= rate * (LOAD_SECONDS + 2), report
        time.sleep(2)
        assert quick(daemon.api)
        return len(slow) <= LOAD_SECONDS // 10

    in_some_attempt(refused_in_time)


def test_what_is_not_read_and_what_is_not_sent_is_bounded(start_daemon):
    """Half-sent bodies, and answers that nobody reads, of more than may be held: others are told, memory stays."""
    daemon = start_daemon("--max-held", str(8 << 20), "--max-body", str(1 << 20))
    before = daemon.resident_octets()
    head = post(length=b"Content-Length: %d\r\n" % (1 << 20), body=b" " * 1_000_000)
    with contextlib.ExitStack() as stack:
        statuses = []
        for client in connect_many(stack, daemon.api, 30):
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                client.sendall(head)
            client.settimeout(0.05)
            with contextlib.suppress(TimeoutError, ConnectionResetError):
                statuses.append(client.recv(12)[9:])
        assert statuses.count(b"503") >= 20, statuses
        assert daemon.resident_octets() - before < 32 << 20
        assert quick(daemon.api, 1)
        large = daemon.api.post("/endpoints", b" " * 500_000 + b"{}")
        assert large.status == 503 and large.headers["Retry-After"] == "1"
        assert large.json["type"] == "/problems/too-much-held"
    eventually(lambda: daemon.api.post("/endpoints", b" " * 500_000 + b"{}").status == 422)


def test_it_stops_in_order_while_malformed_requests_come_in(start_daemon):
    """What is refused after the library has been told to stop would end the process by a signal."""
    for _ in range(5):
        daemon = start_daemon()
        is_over_now = threading.Event()

        def attack():
            while not is_over_now.is_set():
                with contextlib.suppress(OSError), daemon.api.connect(timeout=1) as connection:
                    connection.sendall(b"GET / HTTP/1.1\r\nnonsense\r\n\r\n")

        attackers = [threading.Thread(target=attack) for _ in range(4)]
        for attacker in attackers:
            attacker.start()
        time.sleep(0.1)
        daemon.stop()
        is_over_now.set()
        for attacker in attackers:
            attacker.join()


def test_every_bound_is_an_option_and_a_limit(start_daemon):
    options = {
        "--max-request-rate": (5000, "requestsPerSecond"), "--max-connections": (77, "connections"),
        "--max-target": (4096, "targetOctets"), "--max-header": (9000, "headerOctets"),
        "--max-header-fields": (20, "headerFields"), "--max-body": (65536, "bodyOctets"),
        "--max-held": (1 << 20, "heldOctets"), "--head-timeout": (5, "headSeconds"),
        "--body-timeout": (6, "bodySeconds"), "--answer-timeout": (7, "answerSeconds"),
        "--stream-timeout": (8, "stalledStreamSeconds"), "--idle-timeout": (9, "idleSeconds"),
    }
    arguments = [text for name, (value, _) in options.items() for text in (name, str(value))]
    daemon = start_daemon(*arguments)
    limits = daemon.api.get("/limits").json
    assert {name: limits[name] for _, name in options.values()} == {
        name: value for value, name in options.values()}
    assert limits["requestsPerSecondOnLoopback"] == 5000
    assert daemon.api.get("/" + "a" * 4096, checked=False).status == 414
    assert daemon.api.get("/healthz", headers={"X": "a" * 9000}).status == 431
    assert daemon.api.get("/healthz", headers={f"X{number}": "" for number in range(20)}).status == 431
    assert daemon.api.post("/endpoints", b" " * 65537).status == 413
    for name in options:
        done = daemon.namespace.run(daemon.process.args[-len(arguments) - 3], name, "0")
        assert done.returncode == 64 and f"{name} 0 is not in " in done.stderr, done
