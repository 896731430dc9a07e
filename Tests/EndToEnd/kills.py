"""Load on a daemon that may be killed at any moment, and what must be there afterwards."""

import http.client
import random
import threading


class Worker(threading.Thread):
    """Makes, changes and removes endpoints of its own, and remembers what was acknowledged.

    `known` has for each id what was acknowledged last: labels and state, or `None` for one that is not there.
    `doubtful` has what else may be true of one, while a request about it has no answer.
    """

    def __init__(self, api, number, known, seed):
        super().__init__(daemon=True)
        self.api = api
        self.number = number
        self.known = known
        self.doubtful = {}
        self.random = random.Random(seed)
        self.acknowledged = 0
        self.wrong = None
        self.transmissions = []
        self.runs = []

    def run(self):
        try:
            while True:
                self.step()
        except (OSError, http.client.HTTPException):
            pass  # It was killed.
        except AssertionError as error:
            self.wrong = error

    def ask(self, method, path, body, after):
        """A request after which things are as in `after`."""
        self.doubtful = after
        answer = self.api.request(method, path, body, checked=False)
        assert answer.status in (200, 201), answer
        self.known.update(after)
        self.doubtful = {}
        self.acknowledged += 1

    def step(self):
        present = [name for name, value in self.known.items() if value]
        choice = self.random.random()
        if len(present) < 3 or (choice < 0.3 and len(present) < 40):
            return self.create(self.random.choice([1, 1, 5]))
        name = self.random.choice(present)
        labels, state = self.known[name]
        path = f"/endpoints/{name}"
        if choice < 0.5:
            labels = {"n": str(self.acknowledged)}
            self.ask("PATCH", path, {"labels": labels}, {name: (labels, state)})
        elif choice < 0.6:
            self.ask("POST", f"{path}/stop", None, {name: (labels, "stopped")})
        elif choice < 0.7:
            self.ask("POST", f"{path}/start", None, {name: (labels, "running")})
        elif choice < 0.8:
            self.ask("DELETE", path, None, {name: None})
        elif state == "running" and choice < 0.9:
            answer = self.api.post(f"{path}/segments", {"repeat": {"count": 1000, "interval": "50ms"}}, checked=False)
            assert answer.status == 202, answer
            self.transmissions.append(answer.json["id"])
        elif state == "running":
            step = {"expect": {"endpoint": name, "segment": {"flags": ["URG"]}, "within": "60s"}}
            answer = self.api.post("/runs", {"name": name, "steps": [step]}, checked=False)
            assert answer.status == 202, answer
            self.runs.append(answer.json["id"])

    def create(self, count):
        made = {}
        body = []
        for _ in range(count):
            number = len(self.known) + len(made)
            name = f"w{self.number}-{number}"
            labels = {"n": f"made {number}"}
            made[name] = (labels, "running")
            body.append({
                "id": name, "role": "client", "labels": labels, "rules": [], "opening": [],
                "local": {"address": f"127.{self.number + 1}.{number // 250}.{number % 250 + 1}", "port": 40_000},
                "guard": "nftables" if self.number == 0 else "auto"})
        self.ask("POST", "/endpoints", body if count > 1 else body[0], made)


def listed(api):
    """Labels and state of every endpoint."""
    endpoints = api.get("/endpoints?limit=10000", checked=False).json["endpoints"]
    return {each["id"]: (each["labels"], each["state"]) for each in endpoints}


def kill_under_load(start, namespace, known, rounds, seed, workers=4):
    """Starts the daemon again and again, and kills it; answers how long each start took, in seconds."""
    chosen = random.Random(seed)
    times = []
    ids = set()
    daemon = start()
    for number in range(rounds):
        crew = [Worker(daemon.api, place, known[place], seed * 1000 + number * 10 + place) for place in range(workers)]
        for worker in crew:
            worker.start()
        crew[0].join(chosen.uniform(0.05, 0.5))
        daemon.process.kill()
        daemon.process.wait(timeout=10)
        daemon.process.returncode = 0
        for worker in crew:
            worker.join(15)
            assert not worker.is_alive() and worker.wrong is None, worker.wrong
        # The kernel has taken back what the daemon had.
        assert namespace.run("nft", "list", "tables").stdout == ""
        assert namespace.run("ss", "-Hltn").stdout == ""

        daemon = start()
        times.append(daemon.ready_after)
        actual = listed(daemon.api)
        for worker in crew:
            for name in worker.known | worker.doubtful:
                allowed = [worker.known.get(name)]
                # What is asked for of several at once is done to all of them or none.
                if name in worker.doubtful:
                    done = all(actual.get(each) == value for each, value in worker.doubtful.items())
                    allowed = [worker.doubtful[name]] if done else allowed
                assert actual.get(name) in allowed, f"round {number}: {name} is {actual.get(name)}, not one of {allowed}"
            worker.known.update({name: actual.get(name) for name in worker.doubtful})
            for transmission in worker.transmissions:
                assert transmission not in ids, f"round {number}: {transmission} was given twice"
                shown = daemon.api.get(f"/transmissions/{transmission}", checked=False)
                # What was stopped or removed afterwards has been cancelled, and that is no news.
                assert shown.status in (200, 404) and (shown.status == 404 or shown.json["state"] == "lost"), shown
            for run in worker.runs:
                assert run not in ids, f"round {number}: {run} was given twice"
                shown = daemon.api.get(f"/runs/{run}", checked=False)
                assert shown.status == 200 and shown.json["state"] in ("lost", "done"), shown
            ids.update(worker.transmissions, worker.runs)
    return daemon, times
