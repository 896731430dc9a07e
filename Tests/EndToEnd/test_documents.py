"""The commands that the documents show are run, and what they show is compared by its shape.

A block of `sh` that calls curl is run as it stands, all blocks of a document against one daemon, from top to bottom.
A block of `json` right after it is compared with the answer of its last curl: every member shown must be there, with a
value of the same kind. A comment `# 422` after a command says that this status is expected; without one, any 2xx is."""

import json
import os
import re
import shutil
import stat

import pytest

from support import PROJECT, SEGMENTD, Namespace, needs

# curl, but what it answers is kept: each status with the command's own words, and the last body.
SHIM = """#!/usr/bin/env bash
set -o pipefail
{curl} --max-time 10 -w '%{{stderr}}%{{http_code}}' "$@" 2>"$KEPT/status" | tee "$KEPT/body"
code=$?
printf '%s\\t%s\\n' "$(grep -oE '[0-9]{{3}}$' "$KEPT/status" | tail -n 1)" "${{*//$'\n'/ }}" >>"$KEPT/calls"
exit "$code"
"""

# What a block leaves running in the background ends with it.
END_JOBS = "trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT\n"


def blocks(path):
    """(language, text) of each fenced block."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", path.read_text(), re.MULTILINE | re.DOTALL)


def is_ours_to_run(language, text):
    return language in ("sh", "bash", "console") and "curl " in text and "docker/" not in text


def script_of(language, text):
    if language != "console":
        return text
    lines, going_on = [], False
    for line in text.splitlines():
        if going_on or line.startswith("$ "):
            lines.append(line.removeprefix("$ "))
            going_on = line.endswith("\\")
    return "\n".join(lines) + "\n"


def expected_statuses(script):
    """Of each command line that calls curl, the status it expects."""
    joined = script.replace("\\\n", " ")
    return [int(match[1]) if (match := re.search(r"#\s*(\d{3})\b[^']*$", line)) else None
            for line in joined.splitlines() for _ in re.findall(r"(?<![\w-])curl ", line.split("# ")[0])]


def has_shape(actual, shown, place=""):
    """What is shown is there, with a value of the same kind; `…` stands for anything."""
    if shown == "…" or actual is None or shown is None:
        return
    kinds = (int, float)
    same = isinstance(actual, type(shown)) or (isinstance(actual, kinds) and isinstance(shown, kinds))
    assert same, f"{place or '/'} is {actual!r}, shown as {shown!r}"
    if isinstance(shown, dict):
        for name, value in shown.items():
            if name == "…":
                continue
            if name not in actual and isinstance(value, int) and place.rsplit("/", 1)[-1] in (
                    "outcomes", "flagsReceived", "endpoints"):
                continue
            assert name in actual, f"{place}/{name} is shown, but the answer has only {sorted(actual)}"
            has_shape(actual[name], value, f"{place}/{name}")
    elif isinstance(shown, list) and shown and shown[0] != "…":
        assert actual, f"{place} is shown with content and is empty"
        for value in shown:
            if value != "…":
                has_shape(actual[0], value, f"{place}/0")


@pytest.fixture
def namespace():
    made = Namespace(named_namespaces=True)
    yield made
    made.close()


@pytest.fixture
def daemon(start_daemon):
    """As docs/least-privilege.md starts it."""
    return start_daemon("--allow-egress", "127.0.0.0/8", "--allow-egress", "10.99.0.0/24")


@pytest.mark.parametrize(
    "name",
    ["README.md", "docs/raw-tcp.md", "docs/reading.md", "docs/handshake.md", "docs/filters-and-captures.md",
     "docs/runs.md", "docs/limits.md", "docs/metrics.md", "docs/access.md", "docs/least-privilege.md"])
def test_the_commands_of_a_document_work(namespace, daemon, tmp_path, name):
    # What docker/run.sh leaves behind, which is where the documents begin.
    daemon.api.create(role="server")
    daemon.api.create(role="client")
    daemon.api.received("client")
    for example in (PROJECT / "docs").glob("*.json"):
        shutil.copy(example, tmp_path)
    shim = tmp_path / "bin/curl"
    shim.parent.mkdir()
    shim.write_text(SHIM.format(curl=needs("curl")))
    shim.chmod(shim.stat().st_mode | stat.S_IXUSR)
    kept = tmp_path / "kept"
    kept.mkdir()
    (shim.parent / "segmentd").symlink_to(SEGMENTD.resolve())
    environment = {**os.environ, "PATH": f"{shim.parent}:{os.environ['PATH']}", "KEPT": str(kept)}

    found = blocks(PROJECT / name)
    ran = 0
    for number, (language, text) in enumerate(found):
        if not is_ours_to_run(language, text):
            continue
        ran += 1
        script = script_of(language, text)
        (kept / "calls").write_text("")
        done = namespace.run("bash", "-uc", END_JOBS + script, env=environment, cwd=tmp_path, timeout=60)
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        calls = [line.split("\t", 1) for line in (kept / "calls").read_text().splitlines()]
        wanted = expected_statuses(script)
        if not any(wanted):
            wanted = [None] * len(calls)
        assert calls and len(calls) == len(wanted), f"{script}\nwas run as {calls}"
        for (status, command), expected in zip(calls, wanted, strict=True):
            right = int(status) == expected if expected else 200 <= int(status) < 300
            assert right, f"curl {command}\nanswers {status}: {(kept / 'body').read_text()[:2000]}"
        if number + 1 < len(found) and found[number + 1][0] == "json":
            has_shape(json.loads((kept / "body").read_text()), json.loads(found[number + 1][1]))
    assert ran, f"{name} shows no command"
    assert daemon.is_running


def test_every_link_between_documents_leads_somewhere():
    for document in [PROJECT / "README.md", *(PROJECT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text()):
            if not target.startswith(("http://", "https://", "mailto:")):
                assert (document.parent / target).exists(), f"{document.name} links to {target}"
        for target in re.findall(r"`((?:docs|docker|api|Tests|Sources)/[\w./-]+)`", document.read_text()):
            assert (PROJECT / target).exists(), f"{document.name} speaks of {target}"
