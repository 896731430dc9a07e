"""Mixed load: workers that use one daemon at once in every way, each on loopback addresses of its own, and check what
they are answered."""

import concurrent.futures
import random
import socket
import struct
import threading

from support import eventually

#: How long anything that must happen may take; a sanitized build on a busy machine is slow.
PATIENCE = 60
ECHO = {"match": {"flags": ["PSH"]}, "pace": "0s", "reply": [{
    "flags": ["ACK"], "sequenceNumber": {"received": "acknowledgmentNumber"},
    "acknowledgmentNumber": {"received": "end"}, "payload": "pong"}]}


class Worker(threading.Thread):
    """Takes steps until it is told to stop. What it says of the daemon is its answers' alone, so that any number can be
    at work; the first that finds something wrong stops all."""

    def __init__(self, daemon, number, seed, is_over):
        super().__init__(daemon=True, name=f"{type(self).__name__} {number}")
        self.api = daemon.api
        self.namespace = daemon.namespace
        self.number = number
        self.random = random.Random(f"{self.name} {seed}")
        self.is_over = is_over
        self.steps = 0
        self.wrong = None

    def run(self):
        try:
            self.begin()
            while not self.is_over.is_set():
                self.step()
                self.steps += 1
        except BaseException as error:
            self.wrong = error
            self.is_over.set()

    def begin(self):
        pass

    def address(self, last, third=0):
        return f"127.{10 + self.number}.{third}.{last}"

    def ask(self, method, path, body=None, expected=(200,), **options):
        """One answer in eight is compared with the contract, which takes longer than the answer."""
        options.setdefault("timeout", PATIENCE)
        options.setdefault("checked", self.random.random() < 0.12)
        answer = self.api.request(method, path, body, **options)
        assert answer.status in expected, f"{method} {path} {body}: {answer}"
        return answer

    def pair(self, kind, name="", **server):
        """A client and a server that listen to nobody else, and to nothing but themselves."""
        ends = [{"address": self.address(1), "port": 40_000}, {"address": self.address(2), "port": 50_000}]
        ids = [f"{side}{name}-{self.number}" for side in ("client", "server")]
        self.ask("POST", "/endpoints", [
            {"id": ids[0], "role": "client", "local": ends[0], "remote": ends[1], "socket": kind, "opening": [],
             "rules": [], "guard": self.random.choice(["listener", "md5", "nftables"])},
            {"id": ids[1], "role": "server", "local": ends[1], "remote": ends[0], "socket": kind,
             "guard": self.random.choice(["listener", "md5", "nftables"]), **{"rules": [], **server}}], (201,))
        return ids

    def counters(self, endpoint):
        return self.ask("GET", f"/endpoints/{endpoint}/counters").json

    def remove(self, *endpoints):
        return [self.ask("DELETE", f"/endpoints/{each}").json["counters"] for each in endpoints]

    def hold(self, path):
        """A connection on which a request has been sent, and nothing read yet."""
        connection = self.api.connect(PATIENCE)
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        return connection

    def abandon(self, connection):
        """Goes away: politely, or by a reset."""
        if self.random.random() < 0.5:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()


class Churn(Worker):
    """Makes, changes, stops, starts and removes endpoints, and each is as it was left."""

    def begin(self):
        self.known = {}
        self.made = 0

    def step(self):
        choice = self.random.random()
        if len(self.known) < 5 or (choice < 0.25 and len(self.known) < 60):
            return self.create(self.random.choice([1, 1, 8]))
        name = self.random.choice(list(self.known))
        labels, state = self.known[name]
        path = f"/endpoints/{name}"
        if choice < 0.4:
            change = {"labels": {"n": str(self.steps)}}
            if self.random.random() < 0.5:
                change["rules"] = [ECHO] * self.random.randrange(3)
            if self.random.random() < 0.3:
                change["filter"] = self.random.choice([None, "tcp[tcpflags] & tcp-syn != 0", "greater 100"])
            labels = {"n": str(self.steps)}
            shown = self.ask("PATCH", path, change).json
        elif choice < 0.5:
            state = "stopped"
            shown = self.ask("POST", f"{path}/stop").json
        elif choice < 0.6:
            state = "running"
            shown = self.ask("POST", f"{path}/start").json
        elif choice < 0.75:
            shown = self.ask("GET", path).json
        elif choice < 0.8:
            # Left to be cancelled by whatever happens to its endpoint.
            expected = 202 if state == "running" else 409
            self.ask("POST", f"{path}/segments", {
                "ip": {"destination": self.address(1)}, "destinationPort": 9,
                "repeat": {"count": 1000, "interval": "20ms"}}, (expected,))
            return
        elif choice < 0.85:
            self.ask("POST", "/endpoints", self.definition(name), (409,))
            return
        else:
            shown = self.ask("DELETE", path).json
            del self.known[name]
            self.ask("GET", path, expected=(404,))
            assert (shown["id"], shown["labels"]) == (name, labels), shown
            return
        assert (shown["id"], shown["labels"], shown["state"]) == (name, labels, state), shown
        self.known[name] = (labels, state)

    def create(self, count):
        definitions = []
        for _ in range(count):
            definitions.append(self.definition(f"churn{self.number}-{self.made}"))
            self.made += 1
        if count > 1 and self.random.random() < 0.2:
            # The last of the list cannot be, so none is made.
            self.ask("POST", "/endpoints", [*definitions, {"role": "server", "local": {"port": 70_000}}], (422,))
            self.ask("GET", f"/endpoints/{definitions[0]['id']}", expected=(404,))
        self.ask("POST", "/endpoints", definitions if count > 1 else definitions[0], (201,))
        for each in definitions:
            self.known[each["id"]] = (each["labels"], "running")

    def definition(self, name):
        number = int(name.rpartition("-")[2])
        role, remote = self.random.choice([
            ("server", None), ("server", {"address": self.address(1), "port": 9}),
            ("client", {"address": self.address(1), "port": 9})])
        return {
            "id": name, "role": role, "remote": remote, "labels": {"n": name}, "opening": [], "rules": [ECHO],
            "local": {"address": self.address(1 + number % 250, 1 + number // 250 % 250),
                      "port": 40_000 + number // 62_500},
            "trigger": self.random.choice(["level", "edge"]), "domain": self.random.choice(["AF_INET", "PF_INET"]),
            "socket": self.random.choice(["shared"] * 5 + ["own"]),
            "guard": self.random.choice(["auto", "listener", "md5", "nftables", "none"]),
            "filter": self.random.choice([None, None, "greater 20"])}


class Flood(Worker):
    """As many segments as can be, and paced ones, to their end or cancelled; what was sent was received or dropped."""

    def begin(self):
        self.kind = "own" if self.number % 2 else "shared"

    def step(self):
        client, server = self.pair(self.kind, "flood")
        sent = octets = 0
        for _ in range(self.random.randrange(1, 4)):
            done = self.transmit(client)
            assert sum(done["outcomes"].values()) == done["attempted"] <= done["requested"], done
            assert done["outcomes"].get("sent", 0) == done["sent"], done
            assert done["state"] == "cancelled" or done["attempted"] == done["requested"], done
            sent += done["sent"]
            octets += done["octetsSent"]
            self.settle(server, sent)
        ours, theirs = self.remove(client, server)
        assert (ours["segmentsSent"], ours["octetsSent"], ours["outcomes"].get("sent", 0)) == (sent, octets, sent), ours
        self.compare(sent, theirs)
        assert sum(theirs["checksums"].values()) == theirs["checksums"]["valid"] == theirs["segmentsReceived"], theirs

    def transmit(self, client):
        choice = self.random.random()
        payload = {"length": self.random.choice([0, 100, 1400]), "random": 7}
        vary = [{"field": "sequenceNumber", "increment": 1}, {"field": "ip.identification", "random": {"seed": 7}}]
        path = f"/endpoints/{client}/segments"
        if choice < 0.4:
            body = {"payload": payload, "repeat": {"count": self.random.randrange(1, 5000)}, "vary": vary}
            if choice < 0.15:
                body = [{"payload": payload}, body, {"repeat": {"count": 50, "record": 0}}]
            return self.ask("POST", f"{path}?wait={PATIENCE - 5}s", body).json
        pace = {} if choice < 0.7 else {"rate": "20000/s"} if choice < 0.85 else {"interval": "700us"}
        body = {"payload": payload, "vary": vary, "repeat": {"count": 10_000_000, "record": 500, **pace}}
        begun = self.ask("POST", path, body, (202,)).json
        self.is_over.wait(self.random.uniform(0.01, 0.15))
        if choice < 0.5:
            # Its endpoint is stopped under it, which cancels it as well.
            self.ask("POST", f"/endpoints/{client}/stop")
            self.ask("POST", f"/endpoints/{client}/start")
            return self.ask("GET", f"/transmissions/{begun['id']}?wait=10s").json
        done = self.ask("DELETE", f"/transmissions/{begun['id']}").json
        assert done["state"] == "cancelled", done
        return done

    def settle(self, server, sent):
        def have_all():
            counters = self.counters(server)
            return counters["segmentsReceived"] + counters["kernelDrops"] >= sent

        eventually(have_all, PATIENCE)

    def compare(self, sent, theirs):
        received, drops = theirs["segmentsReceived"], theirs["kernelDrops"]
        if self.kind == "own":
            assert sent == received + drops, (sent, theirs)
        else:
            # The drops of a shared socket are those of all its endpoints.
            assert received <= sent <= received + drops, (sent, theirs)


class Runner(Worker):
    """Runs that are satisfied, that are not, and that are cancelled; nothing else talks on their sockets, so none may be
    inconclusive."""

    def begin(self):
        self.client, self.server = self.pair("own", "run", rules=[ECHO])

    def step(self):
        choice = self.random.random()
        if choice < 0.4:
            steps = [step for number in range(self.random.randrange(1, 10)) for step in self.exchange(number)]
            steps.append({"expectNone": {"endpoint": self.client, "segment": {"flags": ["RST"]}, "for": "10ms"}})
            ended = self.ask("POST", f"/runs?wait={PATIENCE - 5}s", {"name": "satisfied", "steps": steps}).json
            assert (ended["state"], ended["verdict"]) == ("done", "satisfied"), self.about(ended)
            assert {step["state"] for step in ended["steps"]} == {"passed"}, ended
        elif choice < 0.7:
            steps = [*self.exchange(0), self.expect("30ms", flags=["URG"]), *self.exchange(1)]
            ended = self.ask("POST", f"/runs?wait={PATIENCE - 5}s", {"name": "unsatisfied", "steps": steps}).json
            assert (ended["state"], ended["verdict"]) == ("done", "unsatisfied"), ended
            assert [step["state"] for step in ended["steps"]] == ["passed"] * 2 + ["failed"] + ["skipped"] * 2, \
                self.about(ended)
            kept = f"/runs/{ended['id']}"
            again = self.ask("GET", kept, expected=(200,), headers={"Accept": "application/xml"}, checked=False)
            assert b"<failure" in again.content, again
            self.ask("DELETE", kept, expected=(204,))
            self.ask("GET", kept, expected=(404,))
        else:
            begun = self.ask("POST", "/runs", {"steps": [self.expect("60s", flags=["URG"])]}, (202,)).json
            if self.random.random() < 0.3:
                self.abandon(self.hold(f"/runs/{begun['id']}?wait=500ms"))
            cancelled = self.ask("DELETE", f"/runs/{begun['id']}").json
            assert (cancelled["state"], cancelled["verdict"]) == ("cancelled", None), cancelled

    def about(self, run):
        """A run that has not ended as it should, and what its endpoints have counted."""
        return {"client": self.counters(self.client), "server": self.counters(self.server), "run": run}

    def expect(self, within, **segment):
        return {"expect": {"endpoint": self.client, "segment": segment, "within": within}}

    def exchange(self, number):
        first = 1000 * self.steps % 4_000_000_000 + 4 * number
        sent = {"flags": ["PSH", "ACK"], "sequenceNumber": first, "acknowledgmentNumber": number, "payload": "ping"}
        return [{"send": {"endpoint": self.client, "segment": sent}},
                self.expect("30s", acknowledgmentNumber=first + 4, sequenceNumber=number, payload="pong")]


class Repeater(Worker):
    """Requests with a key: several at once and again later are done once, and all are answered alike."""

    def begin(self):
        self.client, self.server = self.pair("own", "key")
        self.sent = 0

    def step(self):
        path = f"/endpoints/{self.client}/segments?wait={PATIENCE - 5}s"
        headers = {"Idempotency-Key": f"{self.number}-{self.steps}-{self.random.getrandbits(32):x}"}
        count = self.random.randrange(1, 20)
        body = {"repeat": {"count": count, "interval": "100us"}}
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            asked = [pool.submit(self.ask, "POST", path, body, (200, 409), headers=headers) for _ in range(2)]
            answers = [each.result() for each in asked]
        again = self.ask("POST", path, body, headers=headers)
        for answer in answers:
            if answer.status == 200:
                assert answer.content == again.content, (answer, again)
            else:
                assert answer.json["type"] == "/problems/idempotency-key-running", answer
        self.ask("POST", path, {"window": 1}, (422,), headers=headers)
        self.sent += count
        assert self.counters(self.client)["segmentsSent"] == self.sent
