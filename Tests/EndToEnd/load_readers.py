"""Mixed load: those who read, wait and watch, those who go away without a word, and those who ask for nonsense."""

import contextlib
import http.client
import json
import struct
import urllib.parse

from hostile import TABLE
from load import PATIENCE, Worker
from support import eventually
from test_stream import Stream


class Waiter(Worker):
    """Reads that wait for what is sent meanwhile, and clients that do not wait for their answers."""

    def begin(self):
        self.client, self.server = self.pair("own", "wait")
        self.sent = 0

    def all_have_come(self):
        counters = self.counters(self.server)
        assert counters["segmentsReceived"] + counters["kernelDrops"] <= self.sent, (self.sent, counters)
        return counters["segmentsReceived"] + counters["kernelDrops"] == self.sent

    def step(self):
        for _ in range(self.random.randrange(4)):
            path = self.random.choice([f"/segments?endpoint={self.server}&wait=700ms", "/segments?wait=300ms&count=5000",
                                       f"/segments.pcapng?endpoint={self.server}&wait=500ms"])
            self.abandon(self.hold(path))
        count = self.random.randrange(1, 30)
        first = self.steps * 100
        cursor = self.ask("GET", "/segments?limit=1").json["next"]
        # The whole ring may have passed by, once the request comes; held, it keeps what it finds.
        held = self.hold(f"/segments?endpoint={self.server}&after={cursor}&wait=20s&count={count}")
        begun = self.ask("POST", f"/endpoints/{self.client}/segments", {
            "sequenceNumber": first, "vary": [{"field": "sequenceNumber", "increment": 1}],
            "repeat": {"count": count, "interval": self.random.choice(["10us", "1ms"])}}, (202,)).json
        done = self.ask("GET", f"/transmissions/{begun['id']}?wait={PATIENCE - 5}s").json
        assert (done["state"], done["sent"]) == ("done", count), done
        self.sent += count
        eventually(self.all_have_come, PATIENCE)
        if self.random.random() < 0.1:
            self.abandon(held)
            return
        with held:
            response = http.client.HTTPResponse(held)
            response.begin()
            content = response.read()
        assert response.status in (200, 410), content
        if response.status == 410:
            return
        page = json.loads(content)
        numbers = [segment["sequenceNumber"] for segment in page["segments"]]
        lost = sum(page["lost"].values())
        # What has come is counted first and in the ring right after, so some of the step before may follow the cursor.
        assert numbers == sorted(set(numbers)) and set(numbers) <= set(range(first - 100, first + count)), (first, numbers)
        assert len(numbers) + lost >= count, (first, count, numbers, page["lost"], page["timedOut"])


class Follower(Worker):
    """Streams: followed to the end of what is sent, read slowly, and left in the middle."""

    def step(self):
        client, server = self.pair("own", "stream")
        count = self.random.randrange(1, 400)
        send = {"payload": {"length": 200}, "repeat": {
            "count": count, "interval": self.random.choice(["50us", "500us"])}}
        with Stream(self.api, f"?endpoint={server}", receive_buffer=4096) as stream:
            assert stream.status == 200
            begun = self.ask("POST", f"/endpoints/{client}/segments", send, (202,)).json
            accounted, before = 0, 0
            leaves = self.random.random() < 0.4
            for kind, identifier, data in stream.events():
                assert identifier > before, (identifier, before)
                before = identifier
                accounted += data["kernel"] + data["ring"] if kind == "gap" else 1
                if accounted >= count or (leaves and accounted > count // 2):
                    break
                if identifier % 50 == 0:
                    self.is_over.wait(self.random.random() / 20)
            if not leaves:
                assert accounted >= count, (accounted, count)
            elif self.random.random() < 0.5:
                # What is under way is taken away from it first.
                self.remove(server)
                assert all(kind == "gap" or data["endpoint"] == server for kind, _, data in stream.events())
                assert stream.comments[-1] == "the endpoint is gone", stream.comments
                server = None
        done = self.ask("GET", f"/transmissions/{begun['id']}?wait={PATIENCE - 5}s").json
        assert (done["state"], done["sent"]) == ("done", count), done
        self.remove(*filter(None, (client, server)))


class Exporter(Worker):
    """The ring as a file and as pages, whole, in part, and given up."""

    def step(self):
        choice = self.random.random()
        if choice < 0.3:
            content = self.ask("GET", "/segments.pcapng", checked=False).content
            self.check(content)
        elif choice < 0.5:
            with self.hold("/segments.pcapng?direction=any") as connection:
                for _ in range(self.random.randrange(10)):
                    connection.recv(1 << 14)
                self.abandon(connection)
        elif choice < 0.8:
            filter_ = urllib.parse.quote(self.random.choice(["tcp", "greater 500", "tcp[tcpflags] & tcp-push != 0"]))
            page = self.ask("GET", f"/segments?limit=500&direction=any&filter={filter_}")
            ids = [segment["id"] for segment in page.json["segments"]]
            assert ids == sorted(set(ids))
            for identifier in ids[:1] + ids[-1:]:
                # The oldest may have left the ring meanwhile.
                self.ask("GET", f"/segments/{identifier}", expected=(200, 404, 410))
        else:
            oldest = self.ask("GET", "/segments?limit=1").json["oldest"]
            answer = self.ask("GET", f"/segments?after={max(0, oldest - 1)}&limit=100", expected=(200, 410))
            if answer.status == 410:
                assert answer.json["oldest"] >= oldest, answer
        self.is_over.wait(0.1)

    @staticmethod
    def check(content):
        """Block after block up to the end, the last of them the interface's statistics."""
        place, kinds = 0, []
        while place < len(content):
            kind, length = struct.unpack_from("<II", content, place)
            assert length >= 12 and length % 4 == 0 and place + length <= len(content), (place, kind, length)
            assert struct.unpack_from("<I", content, place + length - 4)[0] == length
            kinds.append(kind)
            place += length
        assert kinds[0] == 0x0A0D0D0A and kinds[-1] == 5, kinds[:1] + kinds[-1:]


class Observer(Worker):
    """The counters of all, which only grow, and the lists, in pages."""

    def begin(self):
        self.before = {}

    def step(self):
        counters = self.ask("GET", "/counters").json
        total = counters["total"]
        for name, value in total.items():
            if isinstance(value, int):
                assert value >= self.before.get(name, 0), (name, value, self.before)
        self.before = total
        for path in ("/healthz", "/readyz", "/version", "/limits"):
            self.ask("GET", path)
        for path, name in (("/endpoints", "endpoints"), ("/transmissions", "transmissions"), ("/runs", "runs")):
            after, seen = "", []
            for _ in range(3):
                page = self.ask("GET", f"{path}?limit=20{after}").json
                seen += [each["id"] for each in page[name]]
                if page["next"] is None:
                    break
                after = f"&after={page['next']}"
            # An endpoint may have been removed and made again meanwhile.
            assert path == "/endpoints" or len(seen) == len(set(seen)), seen
        self.is_over.wait(0.05)


class Nuisance(Worker):
    """Requests that are wrong: none of them is executed, and each is answered as it is when nothing else happens."""

    #: Those that are closed by the daemon, in few octets.
    ROWS = [row for row in TABLE if row.closed and not row.executed and row.piece == 0 and len(row.octets) < 100_000]
    WRONG = [
        ("POST", "/endpoints", {"role": "nobody"}, 422), ("POST", "/endpoints", b"{", 400),
        ("POST", "/endpoints", [{"role": "server", "local": {"port": 70_000}}] * 50, 422),
        ("POST", "/endpoints", {"role": "server", "local": {"address": "192.0.2.1"}}, 422),
        ("POST", "/endpoints", b" " * 100_000, 400), ("GET", "/endpoints/nobody", None, 404),
        ("PATCH", "/endpoints/nobody", {"labels": {}}, 404), ("DELETE", "/endpoints/nobody", None, 404),
        ("DELETE", "/transmissions/t0", None, 404), ("GET", "/runs/r0?wait=1s", None, 404),
        ("POST", "/runs", {"steps": [{"send": {"endpoint": "nobody", "segment": {}}}]}, 422),
        ("POST", "/runs", {"steps": []}, 422), ("GET", "/segments?filter=tcp+port+%22", None, 422),
        ("GET", "/segments?wait=never", None, 422), ("GET", "/segments?after=99999999999", None, 422),
        ("PUT", "/endpoints", {}, 405), ("GET", "/nowhere", None, 404),
        ("GET", "/segments/stream?endpoint=nobody", None, 404)]

    def step(self):
        if self.random.random() < 0.5:
            method, path, body, status = self.random.choice(self.WRONG)
            self.ask(method, path, body, (status,))
            return
        row = self.random.choice(self.ROWS)
        received = b""
        with self.api.connect(PATIENCE) as connection, contextlib.suppress(BrokenPipeError, ConnectionResetError):
            if self.random.random() < 0.1:
                # Half of it, and then nobody is there any more.
                connection.sendall(row.octets[:len(row.octets) // 2])
                self.abandon(connection)
                return
            connection.sendall(row.octets)
            while piece := connection.recv(1 << 16):
                received += piece
            statuses = [int(status) for status in [received[9:12]] if status]
            assert statuses == row.statuses[:1], (row.name, received)
