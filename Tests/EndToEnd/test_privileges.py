"""What works without a capability, and what is said about it."""

import pytest

from support import eventually

WITHOUT_RAW = ("setpriv", "--bounding-set=-net_raw")
RAW_ALONE = ("setpriv", "--bounding-set=-all,+net_raw")


def test_without_the_capability_it_runs_and_says_what_is_missing(start_daemon):
    api = start_daemon(wrapper=WITHOUT_RAW).api
    assert api.get("/healthz").status == 200
    ready = api.get("/readyz")
    assert ready.status == 503
    broken = [check for check in ready.json["checks"] if not check["ok"]]
    assert broken
    assert any("CAP_NET_RAW" in (check["remedy"] or "") for check in broken)
    refused = api.post("/endpoints", {"role": "server"})
    assert refused.status == 503
    assert refused.headers["Retry-After"]
    assert "CAP_NET_RAW" in refused.json["detail"]
    assert api.get("/endpoints").json["endpoints"] == []
    assert api.get("/counters").status == 200


def test_with_that_capability_alone_a_pair_talks_behind_another_guard(start_daemon):
    api = start_daemon(wrapper=RAW_ALONE).api
    ready = api.get("/readyz")
    assert ready.status == 200
    guards = {check["name"]: check for check in ready.json["checks"] if check["name"].startswith("guard.")}
    assert {name: check["ok"] for name, check in guards.items()} == {
        "guard.listener": False, "guard.md5": True, "guard.nftables": False}
    assert "CAP_NET_ADMIN" in guards["guard.nftables"]["remedy"]
    for role in ("server", "client"):
        made = api.create(role=role)
        assert (made["guard"]["wanted"], made["guard"]["active"]) == ("auto", "md5")
        assert [better["guard"] for better in made["guard"]["better"]] == ["listener"]
        assert "CAP_NET_ADMIN" in made["guard"]["better"][0]["reason"]
    for endpoint in ("server", "client"):
        assert api.received(endpoint)["checksum"]["status"] == "valid"
    eventually(lambda: api.counters("server")["segmentsReceived"] >= 3)
    assert api.counters()["total"]["kernelResets"] == 0


@pytest.mark.parametrize("guard", ["listener", "nftables"])
def test_a_guard_that_cannot_be_had_is_told(start_daemon, guard):
    api = start_daemon(wrapper=RAW_ALONE).api
    refused = api.post("/endpoints", {"role": "server", "guard": guard})
    assert refused.status in (422, 503)
    assert "CAP_NET_ADMIN" in refused.json["detail"]
    assert api.get("/endpoints").json["endpoints"] == []
