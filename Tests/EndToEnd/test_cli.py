"""The command line: every subcommand against a real daemon, on a terminal and piped."""

import contextlib
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import termios
import time

import pytest

from support import PORT, PROJECT, SEGMENTD, eventually, needs

ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
SCENARIO = {"name": "greeting is answered", "steps": [
    {"send": {"endpoint": "alice", "segment": {"flags": ["SYN"], "sequenceNumber": 100, "payload": "Hello server"}}},
    {"expect": {"endpoint": "alice", "segment": {"flags": ["SYN"], "payload": "Hello client"}, "within": "2s"}}]}
GONE_WRONG = {"steps": [
    {"send": {"endpoint": "alice", "segment": {"flags": ["SYN"]}}},
    {"expect": {"endpoint": "alice", "segment": {"flags": ["SYN"], "window": 201}, "within": "300ms"}}]}


def environment(**variables):
    clean = {name: value for name, value in os.environ.items()
             if not name.startswith("SEGMENTD_") and name not in ("NO_COLOR", "COLUMNS", "http_proxy", "HTTP_PROXY")}
    return {**clean, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **variables}


@pytest.fixture
def cli(namespace):
    """Runs a command with its output piped; its status must be the one expected."""

    def run(*arguments, status=0, variables=None, **options):
        done = namespace.run(SEGMENTD, *arguments, env=environment(**(variables or {})), timeout=30, **options)
        assert done.returncode == status, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    return run


@pytest.fixture
def screen(namespace):
    """Runs a command on a terminal of its own; its status and what the terminal got."""

    def run(*arguments, width=80, status=0, variables=None, until=None, seconds=20):
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
        process = namespace.start(
            SEGMENTD, *arguments, stdin=theirs, stdout=theirs, stderr=theirs, env=environment(**(variables or {})))
        os.close(theirs)
        text, deadline, asked = b"", time.monotonic() + seconds, False
        while time.monotonic() < deadline:
            if not select.select([ours], [], [], 0.1)[0]:
                continue
            try:
                piece = os.read(ours, 65536)
            except OSError:
                break
            if not piece:
                break
            text += piece
            if until and not asked and until in text.decode(errors="replace"):
                process.send_signal(signal.SIGINT)
                asked = True
        os.close(ours)
        assert process.wait(timeout=5) == status, text.decode()
        return text.decode().replace("\r\n", "\n")

    return run


@pytest.fixture
def pair(daemon):
    daemon.api.create(role="server")
    daemon.api.create(id="alice", role="client", opening=[], rules=[])
    return daemon


def curl(namespace, path, *options):
    done = namespace.run(needs("curl"), "-sS", "--max-time", "10", *options, f"http://127.0.0.1:{PORT}{path}")
    assert done.returncode == 0, done.stderr
    return done.stdout


# ---- help, arguments, completions


def subcommands(text):
    """The names in the sections of a help text that list subcommands."""
    names, inside = [], False
    for line in text.splitlines():
        if line and not line.startswith(" "):
            inside = line.rstrip(":").endswith("SUBCOMMANDS")
        elif inside and (match := re.match(r"  ([a-z]+)( \(default\))?(  |$)", line)):
            names.append(match[1])
    return names


def all_commands(cli, *words):
    yield words
    for name in subcommands(cli(*words, "--help").stdout):
        yield from all_commands(cli, *words, name)


def test_every_help_fits_a_terminal(cli):
    commands = list(all_commands(cli))
    assert len(commands) > 25, commands
    for words in commands:
        text = cli(*words, "--help", variables={"COLUMNS": "80"}).stdout
        assert "USAGE" in text and "OVERVIEW" in text, words
        wide = [line for line in text.splitlines() if len(line) > 80]
        assert not wide, (words, wide)
    lines = cli("--help", variables={"COLUMNS": "80"}).stdout.splitlines()
    assert len(lines) <= 30, len(lines)


def test_the_services_options_are_grouped_and_all_there(cli):
    text = cli("serve", "--help").stdout
    for title in ("WHERE IT LISTENS, AND WHO MAY ASK:", "WHAT MAY LEAVE:", "HOW MUCH THERE MAY BE:", "HTTP REQUESTS:",
                  "STATE, PRIVILEGES AND LOG:"):
        assert title in text, text
    shown = set(re.findall(r"^  (--[a-z-]+)", text, re.MULTILINE))
    declared = set()
    for source in (PROJECT / "Sources/segmentd").glob("*Options.swift"):
        for match in re.findall(r"^    var (\w+)\b(?!.*\{)", source.read_text(), re.MULTILINE):
            declared.add("--" + re.sub(r"([A-Z])", lambda letter: "-" + letter[1].lower(), match))
    declared -= {"--access", "--sending", "--capacity", "--http", "--process", "--configuration", "--missing"}
    assert shown >= declared, declared - shown
    assert len(shown) > 40


@pytest.mark.parametrize("arguments,words", [
    (["enpoints"], ["'enpoints'", "did you mean 'endpoints'"]),
    (["quux"], ["'quux'", "endpoints", "serve"]),
    (["--lisen", "127.0.0.1:1"], ["--lisen", "--listen"]),
    (["serve", "--max-rate=-1"], ["--max-rate", "0…1000000000"]),
    (["endpoints", "create"], ["server or client"]),
    (["endpoints", "create", "router"], ["'router'", "server, client"]),
    (["endpoints", "create", "server", "--local", "here"], ["--local", "'here'", "ADDRESS:PORT"]),
    (["endpoints", "create", "server", "--guard", "wall"], ["--guard", "listener"]),
    (["endpoints", "change", "x"], ["--set", "--input"]),
    (["send", "x", "--window", "70000"], ["--window", "0…65535"]),
    (["send", "x", "--flags", "SIN"], ["--flags", "SYN"]),
    (["segments", "--direction", "up"], ["--direction", "received, sent, error, any"]),
    (["segments", "--count", "3"], ["--count", "--follow"]),
    (["segments", "--follow", "--wait", "1s"], ["--wait", "--follow"]),
    (["segments", "--limit", "0"], ["--limit", "1…10000"]),
    (["segments", "show", "x"], ["'x'", "1…"]),
    (["segments", "--wait", "soon"], ["--wait", "250ms"]),
    (["capture"], ["--output"]),
    (["status", "--url", "ftp://host"], ["--url", "http://127.0.0.1:8080"]),
    (["status", "--timeout", "0s"], ["--timeout"]),
    (["status", "--url", "https://host", "--unix-socket", "x"], ["--unix-socket", "http://"]),
])
def test_wrong_arguments_are_named_with_what_is_allowed(cli, arguments, words):
    done = cli(*arguments, status=64)
    assert not done.stdout
    for word in words:
        assert word in done.stderr, done.stderr
    assert "Error:" in done.stderr


def test_what_the_environment_says_is_checked_too(cli, tmp_path):
    assert "SEGMENTD_URL 'nowhere'" in cli("status", status=64, variables={"SEGMENTD_URL": "nowhere"}).stderr
    missing = cli("status", status=66, variables={"SEGMENTD_TOKEN_FILE": str(tmp_path / "none")})
    assert "SEGMENTD_TOKEN_FILE" in missing.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_take_the_completion_scripts(cli, tmp_path, shell):
    script = tmp_path / f"segmentd.{shell}"
    script.write_text(cli("--generate-completion-script", shell).stdout)
    checked = subprocess.run([needs(shell), "-n", str(script)], capture_output=True, text=True, timeout=30)
    assert checked.returncode == 0, checked.stderr


def complete(namespace, directory, line, variables=None):
    """What bash offers for the last word of a line."""
    path = directory / "bin"
    path.mkdir(exist_ok=True)
    if not (path / "segmentd").exists():
        (path / "segmentd").symlink_to(SEGMENTD.resolve())
    words = line.split(" ")
    script = f"""
        source <(segmentd --generate-completion-script bash)
        COMP_LINE={json.dumps(line)}; COMP_POINT={len(line)}
        COMP_WORDS=({' '.join(json.dumps(word) for word in words)}); COMP_CWORD={len(words) - 1}
        _segmentd segmentd {json.dumps(words[-1])} {json.dumps(words[-2])} 2>/dev/null
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = namespace.run(
        "bash", "-c", script, env=environment(PATH=f"{path}:{os.environ['PATH']}", **(variables or {})), cwd=directory)
    return {word.strip() for word in done.stdout.splitlines()}


def test_bash_completes_subcommands_options_files_and_endpoints(namespace, pair, tmp_path):
    assert "endpoints" in complete(namespace, tmp_path, "segmentd endp")
    assert "create" in complete(namespace, tmp_path, "segmentd endpoints cr")
    assert "--follow" in complete(namespace, tmp_path, "segmentd segments list --fo")
    assert {"server", "client"} <= complete(namespace, tmp_path, "segmentd endpoints create ")
    assert {"server", "alice"} <= complete(namespace, tmp_path, "segmentd send ")
    assert "received" in complete(namespace, tmp_path, "segmentd segments list --direction ")
    (tmp_path / "scenario.json").write_text("{}")
    assert "scenario.json" in complete(namespace, tmp_path, "segmentd run scen")


# ---- piped: the service's own JSON


@pytest.mark.parametrize("arguments,path", [
    (["endpoints", "list", "--limit", "10000"], "/endpoints?limit=10000"),
    (["endpoints", "--limit", "1", "--after", "1"], "/endpoints?limit=1&after=1"),
    (["endpoints", "show", "quiet"], "/endpoints/quiet"),
    (["segments", "--endpoint", "quiet", "--direction", "any"], "/segments?endpoint=quiet&direction=any"),
    (["segments", "--filter", "tcp[tcpflags] & tcp-fin != 0", "--limit", "2", "--direction", "any"],
     "/segments?limit=2&direction=any&filter=tcp%5Btcpflags%5D%26tcp-fin!%3D0"),
    (["segments", "show", "1"], "/segments/1"),
    (["counters"], "/counters"),
    (["counters", "quiet"], "/endpoints/quiet/counters"),
    (["transmissions"], "/transmissions"),
    (["transmissions", "show", "t1"], "/transmissions/t1"),
    (["runs"], "/runs"),
    (["limits"], "/limits"),
    (["status"], "/readyz"),
])
def test_piped_it_is_what_curl_gets(namespace, cli, daemon, arguments, path):
    daemon.api.create(id="quiet", role="server", local={"port": 50010}, remote={"port": 50011}, rules=[])
    daemon.api.transmit("quiet", [{"flags": ["FIN"], "payload": "x"}] * 3)
    assert cli(*arguments).stdout == curl(namespace, path)


def test_the_life_of_an_endpoint(cli, daemon, tmp_path):
    made = json.loads(cli("endpoints", "create", "server", "--id", "bob", "--local", "50020", "--remote", "any",
                          "--label", "purpose=test", "--quiet", "--stopped").stdout)
    assert (made["id"], made["state"], made["remote"], made["rules"]) == ("bob", "stopped", None, [])
    assert made["labels"] == {"purpose": "test"}
    assert json.loads(cli("endpoints", "start", "bob").stdout)["state"] == "running"
    changed = json.loads(cli("endpoints", "change", "bob", "--set", "labels.purpose=null", "--set", "filter=tcp").stdout)
    assert (changed["labels"], changed["filter"]) == ({}, "tcp")
    assert json.loads(cli("endpoints", "stop", "bob").stdout)["state"] == "stopped"
    definition = tmp_path / "endpoints.json"
    definition.write_text(json.dumps([{"role": "server", "id": "s1", "local": {"port": 50030}},
                                      {"role": "server", "id": "s2", "local": {"port": 50031}}]))
    both = json.loads(cli("endpoints", "create", "--input", definition).stdout)
    assert [endpoint["id"] for endpoint in both["endpoints"]] == ["s1", "s2"]
    one = cli("endpoints", "create", "--input", "-", "--id", "s3", stdin=None, input='{"role":"server","local":{"port":50032}}')
    assert json.loads(one.stdout)["id"] == "s3"
    ended = [json.loads(line) for line in cli("endpoints", "delete", "bob", "s1", "s2", "s3").stdout.splitlines()]
    assert [endpoint["id"] for endpoint in ended] == ["bob", "s1", "s2", "s3"]
    assert daemon.api.get("/endpoints").json["endpoints"] == []


def test_sending_says_what_became_of_it(cli, pair, tmp_path):
    sent = json.loads(cli("send", "alice", "--flags", "SYN,FIN", "--sequence-number", "0x10", "--checksum", "incorrect",
                          "--payload", "strange", "--option", "maximumSegmentSize=1460", "--ttl", "9").stdout)
    assert (sent["state"], sent["sent"]) == ("done", 1)
    segment = pair.api.received("server", lambda segment: segment["payload"].get("text") == "strange")
    assert segment["flags"] == ["SYN", "FIN"] and segment["sequenceNumber"] == 16
    assert segment["checksum"]["status"] == "incorrect" and segment["ip"]["timeToLive"] == 9
    assert segment["options"][0] == {"kind": "maximumSegmentSize", "value": 1460}

    flood = json.loads(cli("send", "alice", "--repeat", "50", "--rate", "1000/s", "--flags", "none").stdout)
    assert flood["sent"] == 50

    later = json.loads(cli("send", "alice", "--repeat", "1000000", "--interval", "1s", "--wait", "0s").stdout)
    assert later["state"] in ("queued", "sending")
    cli("transmissions", "show", later["id"], "--wait", "50ms", status=2)
    assert json.loads(cli("transmissions", "cancel", later["id"]).stdout)["state"] == "cancelled"
    cli("transmissions", "show", later["id"], "--wait", "1s", status=1)

    before = len(pair.api.segments("alice", direction="sent", limit=1000))
    preview = json.loads(cli("send", "alice", "--payload-hex", "00ff", "--dry-run").stdout)
    assert preview["segments"][0]["octets"].endswith("00ff")
    assert len(pair.api.segments("alice", direction="sent", limit=1000)) == before

    listed = tmp_path / "list.json"
    listed.write_text('[{"payload": "one"}, {"payload": "two"}]')
    assert json.loads(cli("send", "alice", "--input", listed).stdout)["sent"] == 2
    assert "--input" in cli("send", "alice", "--input", listed, "--window", "1", status=64).stderr


def test_a_firewall_that_blocks_is_told_by_the_status(namespace, cli, pair):
    rules = "table ip t { chain c { type filter hook output priority 0; ip ttl 77 drop; }; }"
    assert namespace.run("nft", "-f", "-", stdin=None, input=rules).returncode == 0
    done = cli("send", "alice", "--ttl", "77", status=1)
    assert json.loads(done.stdout)["outcomes"] == {"blocked": 1}


def test_what_the_service_refuses_names_the_option(cli, pair):
    refused = cli("send", "alice", "--destination", "10.0.0.1", status=3)
    assert "(403)" in refused.stderr and "--allow-egress" in refused.stderr, refused.stderr
    wrong = cli("send", "alice", "--set", "windw=1", "--set", "ip.dscp=99", status=3)
    assert "(422)" in wrong.stderr and 'did you mean "window"' in wrong.stderr and "/ip/dscp" in wrong.stderr
    assert "--filter" in cli("endpoints", "create", "server", "--filter", "port port", status=3).stderr
    unknown = cli("endpoints", "show", "nobody", status=3)
    assert "(404)" in unknown.stderr and not unknown.stdout


def test_a_capture_file_goes_out_and_in_again(cli, pair, tmp_path):
    cli("send", "alice", "--payload", "to be kept", "--flags", "PSH,ACK")
    pair.api.received("server", lambda segment: segment["payload"].get("text") == "to be kept")
    file = tmp_path / "all.pcapng"
    cli("capture", "--output", file, "--endpoint", "server", "--direction", "any")
    read = subprocess.run([needs("tshark"), "-r", file, "-T", "fields", "-e", "tcp.payload"],
                          capture_output=True, text=True, timeout=30)
    assert "to be kept".encode().hex() in read.stdout, read.stderr
    piped = cli("capture", "-o", "-", "--endpoint", "server", "--direction", "any", text=False).stdout
    assert piped[:4] == b"\x0a\x0d\x0d\x0a"
    replayed = json.loads(cli("replay", "alice", file, "--from", "127.0.0.1:50001", "--speed", "max").stdout)
    assert replayed["state"] == "done" and replayed["sent"] >= 1
    kept = file.read_bytes()
    assert "(422)" in cli("capture", "-o", file, "--filter", "port port", status=3).stderr
    assert file.read_bytes() == kept
    assert "cannot be made" in cli("capture", "-o", tmp_path / "no/such", status=73).stderr
    assert "--speed" in cli("replay", "alice", file, "--speed", "fast", status=3).stderr


def test_following_is_a_segment_a_line_and_ends_by_count(namespace, cli, pair):
    follower = namespace.start(
        SEGMENTD, "segments", "--follow", "--endpoint", "server", "--count", "2", "--direction", "any",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment())
    eventually(lambda: has_stream(namespace))
    pair.api.send("alice", payload="followed")
    output, errors = follower.communicate(timeout=10)
    assert follower.returncode == 0, errors
    segments = [json.loads(line) for line in output.splitlines()]
    assert [segment["payload"]["text"] for segment in segments] == ["followed", "Hello client"]


def has_stream(namespace):
    """Whether somebody is connected to the API; time enough for the request to be there."""
    found = namespace.run("ss", "-Htn", "state", "established", f"( dport = :{PORT} )").stdout.strip()
    if found:
        time.sleep(0.1)
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_following_cleanly(namespace, pair, number):
    follower = namespace.start(SEGMENTD, "segments", "--follow", stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, env=environment())
    eventually(lambda: has_stream(namespace))
    follower.send_signal(number)
    output, errors = follower.communicate(timeout=5)
    assert (follower.returncode, output, errors) == (0, "", "")


def test_following_ends_with_the_endpoint_and_says_so(namespace, pair):
    follower = namespace.start(SEGMENTD, "segments", "--follow", "--endpoint", "server", stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, env=environment())
    eventually(lambda: has_stream(namespace))
    pair.api.remove("server")
    _, errors = follower.communicate(timeout=5)
    assert follower.returncode == 0 and "the endpoint is gone" in errors, errors


def test_following_tells_what_is_missing(start_daemon, cli):
    daemon = start_daemon("--ring-segments", "16")
    daemon.api.create(role="server", rules=[])
    daemon.api.create(id="alice", role="client", opening=[], rules=[])
    daemon.api.transmit("alice", {"repeat": {"count": 100}})
    lines = cli("segments", "--follow", "--after", "1", "--count", "1", "--direction", "any").stdout.splitlines()
    assert json.loads(lines[0])["gap"]["ring"] > 50
    assert json.loads(lines[1])["id"] > 50


def test_a_closed_pipe_is_no_error(namespace, pair):
    pair.api.transmit("alice", {"repeat": {"count": 2000, "record": 2000}, "payload": "x" * 500})
    done = namespace.run(
        "bash", "-c", f"set -o pipefail; {SEGMENTD} segments --direction any --limit 2000 | head -c 10", env=environment())
    assert (done.returncode, done.stderr) == (0, "")
    full = namespace.run("bash", "-c", f"{SEGMENTD} segments >/dev/full", env=environment())
    assert full.returncode == 74 and "standard output cannot be written" in full.stderr


def test_verdicts_are_statuses(cli, pair, tmp_path):
    scenario = tmp_path / "scenario.json"
    scenario.write_text(json.dumps(SCENARIO))
    report = tmp_path / "report.xml"
    run = json.loads(cli("run", scenario, "--junit", report).stdout)
    assert run["verdict"] == "satisfied" and run["name"] == SCENARIO["name"]
    assert run == pair.api.get(f"/runs/{run['id']}").json
    assert re.search(r'<testsuite[^>]*failures="0"', report.read_text()), report.read_text()
    xml = cli("run", "-", "--junit", "-", stdin=None, input=json.dumps(GONE_WRONG), status=1).stdout
    assert xml.startswith("<?xml") and "<failure" in xml
    failed = json.loads(cli("run", "-", stdin=None, input=json.dumps(GONE_WRONG), status=1).stdout)
    cli("runs", "show", failed["id"], status=1)
    slow = {"steps": [{"pause": "1h"}]}
    waiting = json.loads(cli("run", "-", "--wait", "200ms", stdin=None, input=json.dumps(slow), status=2).stdout)
    assert waiting["state"] == "running"
    assert json.loads(cli("runs", "delete", waiting["id"]).stdout)["state"] == "cancelled"
    cli("runs", "show", waiting["id"], status=2)
    assert cli("runs", "delete", waiting["id"]).stdout == ""
    cli("runs", "show", waiting["id"], status=3)
    assert "/steps/0" in cli("run", "-", stdin=None, input='{"steps":[{"leap":1}]}', status=3).stderr
    assert "line 1" in cli("run", "-", stdin=None, input="{", status=66).stderr
    assert "no-such.json" in cli("run", "no-such.json", status=66).stderr


def test_an_interrupted_run_is_cancelled(namespace, pair, tmp_path):
    scenario = tmp_path / "slow.json"
    scenario.write_text('{"steps": [{"pause": "1h"}]}')
    process = namespace.start(SEGMENTD, "run", scenario, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=environment())
    eventually(lambda: [run for run in pair.api.get("/runs").json["runs"] if run["state"] == "running"])
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=5)
    assert process.returncode == 130 and "cancelled" in errors and not output
    assert pair.api.get("/runs").json["runs"][0]["state"] == "cancelled"


def test_reset_begins_anew(cli, pair):
    assert json.loads(cli("reset").stdout)["endpoints"] == 2
    assert pair.api.get("/endpoints").json["endpoints"] == []


# ---- on a terminal


def columns(line):
    return len(ESCAPES.sub("", line))


@pytest.mark.parametrize("width", [80, 120])
def test_tables_fit_the_terminal(screen, pair, width):
    pair.api.create(id="a-name-that-is-as-long-as-a-name-may-be-which-is-quite-long", role="server",
                    local={"port": 50040}, filter="tcp port 50040 and host 127.0.0.1")
    pair.api.transmit("alice", [{"flags": ["SYN", "ACK", "PSH", "URG"], "payload": "long " * 50, "checksum": "incorrect"}])
    pair.api.received("alice")
    for arguments in (["endpoints"], ["segments", "--direction", "any"], ["counters"], ["transmissions"], ["runs"],
                      ["limits"], ["status"]):
        text = screen(*arguments, width=width)
        assert not [line for line in text.splitlines() if columns(line) > width], text
        assert text.splitlines()[0].strip(), text
    endpoints = ESCAPES.sub("", screen("endpoints", width=width))
    assert re.search(r"^alice +client +running +127\.0\.0\.1:50001", endpoints, re.MULTILINE), endpoints
    assert ("REMOTE" in endpoints) == (width == 120)
    segments = ESCAPES.sub("", screen("segments", "--endpoint", "server", width=width))
    assert "checksum incorrect" in segments or "checksum…" in segments or "checksum i" in segments, segments


def test_colour_is_for_terminals_that_want_it(screen, cli, pair):
    assert "\x1b[32mrunning" in screen("endpoints")
    for variables in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert "\x1b" not in screen("endpoints", variables=variables)
    assert "\x1b" not in cli("endpoints", "--table").stdout
    assert "running" in cli("endpoints", "--table").stdout
    assert json.loads(screen("endpoints", "--json"))["endpoints"]


def test_nothing_from_elsewhere_moves_the_terminal(screen, pair):
    pair.api.create(id="evil", role="server", local={"port": 50050}, labels={"x": "\x1b[2J\x07gone\u202e"})
    shown = screen("endpoints", "show", "evil", variables={"NO_COLOR": "1"})
    assert "\x1b" not in shown and "\x07" not in shown and "\u202e" not in shown
    assert "\\u{1B}[2J" in shown


def test_following_on_a_terminal(screen, pair):
    pair.api.create(id="talker", role="client", local={"port": 50060}, remote={"port": 50061}, opening=[])
    pair.api.send("talker", repeat={"count": 1000, "interval": "20ms"}, payload="tick")
    text = screen("segments", "-f", "--direction", "sent", "--endpoint", "talker", until="tick")
    plain = ESCAPES.sub("", text)
    assert plain.splitlines()[0].startswith("    ID  TIME (UTC)"), plain
    assert "talker" in plain and "sent" in plain
    assert not [line for line in plain.splitlines() if len(line) > 80], plain


def test_a_run_shows_its_progress_and_what_came_nearest(screen, pair, tmp_path):
    scenario = tmp_path / "scenario.json"
    scenario.write_text(json.dumps(GONE_WRONG))
    text = screen("run", scenario, status=1)
    assert re.search(r"\r\x1b\[Krun r\d+: 1 of 2 steps, expect alice", text), text
    assert text.count("\r\x1b[K") >= 2
    plain = ESCAPES.sub("", text)
    assert "unsatisfied" in plain and "window: expected 201, actual 200" in plain, plain
    assert re.search(r"1  expect +alice +failed", plain), plain
    good = tmp_path / "good.json"
    good.write_text(json.dumps(SCENARIO))
    assert '"greeting is answered": satisfied' in ESCAPES.sub("", screen("run", good))


def test_octets_are_shown_field_by_field(screen, pair):
    text = ESCAPES.sub("", screen("send", "alice", "--dry-run", "--payload-hex", "00ff", "--window", "258", width=100))
    assert re.search(r"34 +window +2 +0102$", text, re.MULTILINE), text
    assert "00ff" in text and "the kernel fills in ip.totalLength" in text, text
    pair.api.send("alice", payload="seen")
    number = pair.api.received("server", lambda segment: segment["payload"].get("text") == "seen")["id"]
    shown = ESCAPES.sub("", screen("segments", "show", number, width=100))
    assert "payload.text" in shown and "7365656e" in shown, shown


def test_a_capture_is_not_written_to_a_terminal(screen, pair):
    assert "is a terminal" in screen("capture", "-o", "-", status=64)


# ---- where the service is, and who asks


def test_nobody_there_is_told(cli, namespace):
    done = cli("endpoints", status=4)
    assert "no segmentd answers at http://127.0.0.1:8080" in done.stderr and "--url" in done.stderr
    silent = namespace.socket(socket.AF_INET, socket.SOCK_STREAM)
    with contextlib.closing(silent):
        silent.bind(("127.0.0.1", 8090))
        silent.listen()
        late = cli("endpoints", "--url", "http://127.0.0.1:8090", "--timeout", "300ms", status=4)
        assert "--timeout" in late.stderr


def test_somebody_else_there_is_told(cli, namespace):
    with namespace.socket(socket.AF_INET, socket.SOCK_STREAM) as other:
        other.bind(("127.0.0.1", 8090))
        other.listen()
        process = namespace.start(SEGMENTD, "endpoints", "--url", "http://127.0.0.1:8090", env=environment(),
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        connection, _ = other.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>")
            _, errors = process.communicate(timeout=10)
    assert process.returncode == 4 and "no answer of segmentd" in errors, errors


def test_no_proxy_is_asked(cli, pair):
    assert cli("status", "--quiet", variables={"http_proxy": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1"})


def test_tokens_come_from_a_file(start_daemon, cli, tmp_path):
    token = "a-token-of-more-than-32-characters-0001"
    tokens, mine, wrong = tmp_path / "tokens", tmp_path / "mine", tmp_path / "wrong"
    tokens.write_text(f"# ours\nbench control {token}\n")
    mine.write_text(token + "\n")
    wrong.write_text(token[::-1])
    for file in (tokens, mine, wrong):
        file.chmod(0o600)
    process = start_with_tokens(start_daemon, cli, tokens)
    refused = cli("endpoints", status=3)
    assert "(401)" in refused.stderr
    assert json.loads(cli("endpoints", "--token-file", mine).stdout)["endpoints"] == []
    assert cli("endpoints", variables={"SEGMENTD_TOKEN_FILE": str(tokens)})
    assert "(401)" in cli("endpoints", "--token-file", wrong, status=3).stderr
    assert "(401)" in cli("status", "--quiet", "--token-file", wrong, status=3).stderr
    mine.chmod(0o644)
    exposed = cli("endpoints", "--token-file", mine, status=66)
    assert "--token-file" in exposed.stderr and "0644" in exposed.stderr
    tokens.write_text(f"a read {token}\nb read {token[::-1]}\n")
    several = cli("endpoints", "--token-file", tokens, status=66)
    assert "2 lines" in several.stderr and token not in several.stderr
    assert process.is_running


def start_with_tokens(start_daemon, cli, tokens):
    """A daemon that lets nobody in without a token, so that its /healthz cannot be waited for without one."""
    from support import Client
    token = tokens.read_text().split()[-1]
    ordinary = Client.request

    def request(self, method, path, body=None, headers=None, **options):
        return ordinary(self, method, path, body, {"Authorization": f"Bearer {token}", **(headers or {})}, **options)

    Client.request = request
    try:
        return start_daemon("--token-file", tokens)
    finally:
        Client.request = ordinary


def test_a_unix_socket_leads_there(start_daemon, cli, namespace, tmp_path):
    path = tmp_path / "private" / "segmentd.sock"
    path.parent.mkdir(mode=0o700)
    daemon = start_daemon("--unix-socket", path)
    daemon.api.create(role="server")
    for arguments, variables in ([["--unix-socket", path], {}], [[], {"SEGMENTD_UNIX_SOCKET": str(path)}]):
        endpoints = json.loads(cli("endpoints", *arguments, variables=variables).stdout)
        assert [endpoint["id"] for endpoint in endpoints["endpoints"]] == ["server"] or len(endpoints["endpoints"]) == 1
    assert "unix:" in cli("endpoints", "--unix-socket", tmp_path / "none", status=4).stderr
    # What is said on the command line is meant, whatever the environment says.
    assert cli("endpoints", "--url", "http://127.0.0.1:8080", variables={"SEGMENTD_UNIX_SOCKET": "/nowhere"})


def test_tls_takes_an_authority_of_ones_own(namespace, cli, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key,
         "-out", certificate], check=True, capture_output=True, timeout=30)
    key.chmod(0o600)
    log = open(tmp_path / "log", "wb")
    daemon = namespace.start(SEGMENTD, "--listen", "127.0.0.1:8443", "--tls-certificate", certificate, "--tls-key", key,
                             stdout=log, stderr=log)
    log.close()
    url = "https://127.0.0.1:8443"

    def is_up():
        return namespace.run(SEGMENTD, "status", "--quiet", "--url", url, "--cacert", certificate,
                             env=environment()).returncode == 0

    eventually(is_up)
    assert "certificate" in cli("status", "--url", url, status=4).stderr.lower()
    assert cli("endpoints", variables={"SEGMENTD_URL": url + "/", "SEGMENTD_CACERT": str(certificate)})
    assert daemon.poll() is None


# ---- as a health check


def test_status_is_a_health_check(cli, screen, daemon):
    done = cli("status", "--quiet")
    assert (done.stdout, done.stderr) == ("", "")
    text = ESCAPES.sub("", screen("status"))
    assert "at http://127.0.0.1:8080: ready" in text and re.search(r"^engine +yes", text, re.MULTILINE), text


def test_a_daemon_that_is_not_ready_is_not_healthy(namespace, cli, tmp_path):
    without = namespace.start(
        "setpriv", "--bounding-set=-all", "--inh-caps=-all", "--reuid=65534", "--regid=65534", "--clear-groups",
        SEGMENTD, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    unready = eventually(lambda: answered(namespace))
    assert unready.returncode == 1 and not unready.stdout
    assert "CAP_NET_RAW" in unready.stderr, unready.stderr
    assert json.loads(cli("status", status=1).stdout)["status"] == 503
    without.terminate()
    without.wait(timeout=5)


def answered(namespace):
    done = namespace.run(SEGMENTD, "status", "--quiet", env=environment())
    return done if done.returncode != 4 else None


def test_the_daemon_does_not_load_what_only_clients_take(daemon):
    mapped = pathlib.Path(f"/proc/{daemon.process.pid}/maps").read_text()
    assert "libmicrohttpd" in mapped
    assert "libcurl" not in mapped


def test_a_client_has_no_privileges(namespace, pair):
    follower = namespace.start(SEGMENTD, "segments", "--follow", stdout=subprocess.DEVNULL, env=environment())
    eventually(lambda: has_stream(namespace))
    status = pathlib.Path(f"/proc/{follower.pid}/status").read_text()
    assert re.search(r"^CapEff:\s+0+$", status, re.MULTILINE), status


def test_without_libcurl_it_says_what_is_missing(namespace, tmp_path):
    needs("unshare")
    hide = " && ".join(f"mount --bind /dev/null {path}" for path in sorted(
        str(path) for directory in ("/usr/lib", "/lib") for path in pathlib.Path(directory).glob("*/libcurl*.so.4.*"))[:6])
    done = namespace.run("unshare", "--mount", "sh", "-c", f"{hide} && exec {SEGMENTD} endpoints", env=environment())
    assert done.returncode == 69 and "libcurl" in done.stderr, done.stderr
