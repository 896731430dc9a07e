"""The commands that the documents show are run, and what they show is compared; documents.py says how."""

import json
import os
import re
import shutil
import stat
import textwrap

import pytest

import documents
from documents import Page, compare_json, compare_text, pages
from support import PROJECT, SEGMENTD, Namespace, needs

# How many blocks may be there that nobody runs; each says why.
LEFT_OUT = 11

# curl, but what it answers is kept: each status with the command's own words, and the last body.
CURL = """#!/usr/bin/env bash
set -o pipefail
{curl} --max-time 20 -w '%{{stderr}}%{{http_code}}' "$@" 2>"$KEPT/status-$BLOCK" | tee "$KEPT/body-$BLOCK"
code=$?
printf '%s\\t%s\\n' "$(grep -oE '[0-9]{{3}}$' "$KEPT/status-$BLOCK" | tail -n 1)" "${{*//$'\\n'/ }}" >>"$KEPT/calls-$BLOCK"
exit "$code"
"""
# Wireshark with `-k -i -` shows what comes in a window; this prints it.
WIRESHARK = """#!/usr/bin/env bash
[ "$*" = "-k -i -" ] || exit 2
exec {tshark} -l -n -i -
"""
# The tests have what sudo gives.
SUDO = """#!/usr/bin/env bash
exec "$@"
"""

# One shell runs all blocks of a page, so that what a reader has after one is there in the next.
SESSION = """
set -u
# What is ended in the background is no failure.
note() {{
    [ "$BASHPID" = "$$" ] || return 0
    case $2 in 'source "$KEPT/block-'*) ;; *) echo "$1" >>"$KEPT/exits-$BLOCK" ;; esac
}}
trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT
for BLOCK in {numbers}; do
    export BLOCK
    : >"$KEPT/calls-$BLOCK"
    trap 'note $? "$BASH_COMMAND"' ERR
    source "$KEPT/block-$BLOCK" >"$KEPT/output-$BLOCK" 2>&1
    trap - ERR
done
: >"$KEPT/finished"
"""


class Session:
    """The commands of a page, run in a folder with the daemon on the path."""

    def __init__(self, page, folder):
        self.page = page
        self.folder = folder / "clone"
        self.kept = folder / "kept"
        programs = folder / "programs"
        for made in (self.folder / ".build/release", self.kept, programs):
            made.mkdir(parents=True)
        for name, text in {"curl": CURL.format(curl=needs("curl")), "sudo": SUDO,
                           "wireshark": WIRESHARK.format(tshark=needs("tshark"))}.items():
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        for place in (programs, self.folder / ".build/release"):
            (place / "segmentd").symlink_to(SEGMENTD.resolve())
        # What lies beside the page, such as its examples.
        for file in page.path.parent.iterdir():
            if file.is_file() and file.suffix in (".json", ".nft", ".py", ".sh"):
                shutil.copy(file, self.folder)
        self.environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "KEPT": str(self.kept)}

    def run(self, namespace):
        for number, block in enumerate(self.page.blocks):
            if "file" in block.marks and "not run" not in block.marks:
                (self.folder / block.marks["file"]).write_text(block.text)
            if block.is_commands:
                (self.kept / f"block-{number}").write_text(self._script(block))
        script = SESSION.format(numbers=" ".join(map(str, self.page.commands)))
        done = namespace.run("bash", "-c", script, env=self.environment, cwd=self.folder, timeout=120)
        for number in self.page.commands:
            try:
                self._judge(number)
            except AssertionError as error:
                place = f"{self.page.name}:{self.page.blocks[number].line}"
                raise AssertionError(f"{place}: {error}\n{self._kept('output', number)[-4000:]}") from None
        assert (self.kept / "finished").exists(), f"{self.page.name}: the shell ended early\n{done.stderr}"

    @staticmethod
    def _script(block):
        if "lasts" not in block.marks:
            return block.text
        seconds = re.fullmatch(r"(\d+) s", block.marks["lasts"])[1]
        quoted = block.text.replace("'", "'\\''")
        return f"timeout --signal=INT {seconds} bash -c '{quoted}' || true\n"

    def _kept(self, what, number):
        file = self.kept / f"{what}-{number}"
        return file.read_text(errors="replace") if file.exists() else ""

    def _judge(self, number):
        block = self.page.blocks[number]
        if "lasts" not in block.marks:
            exits = sorted(map(int, self._kept("exits", number).split()))
            assert exits == documents.expected_exits(block.text), f"a command ends with {exits}:\n{block.text}"
            self._judge_answers(number, block.text)
        for shown in self.page.blocks[number + 1:number + 3]:
            if not shown.is_output:
                break
            if shown.language == "json":
                compare_json(self._json(number), json.loads(shown.text))
            else:
                compare_text(self._kept("output", number), shown.text)

    def _judge_answers(self, number, script):
        calls = [line.split("\t", 1) for line in self._kept("calls", number).splitlines()]
        wanted = documents.expected_statuses(script)
        if any(wanted):
            assert len(calls) == len(wanted), f"{script}\nwas run as {calls}"
        else:
            wanted = [None] * len(calls)
        for (status, command), expected in zip(calls, wanted, strict=True):
            right = int(status) == expected if expected else 200 <= int(status) < 300
            assert right, f"curl {command}\nanswers {status}: {self._kept('body', number)[:2000]}"

    def _json(self, number):
        """What was printed or, where that is more than one value, the last answer."""
        try:
            return json.loads(self._kept("output", number))
        except ValueError:
            return json.loads(self._kept("body", number))


@pytest.fixture
def namespace():
    made = Namespace(named_namespaces=True)
    yield made
    made.close()


@pytest.fixture
def daemon(start_daemon):
    """As docs/how-to/network-namespaces.md starts it."""
    return start_daemon("--allow-egress", "127.0.0.0/8", "--allow-egress", "10.99.0.0/24")


@pytest.mark.parametrize("page", [page for page in pages() if page.commands], ids=lambda page: page.name)
def test_the_commands_of_a_page_do_what_it_shows(namespace, daemon, tmp_path, page):
    # What docker/run.sh leaves behind, which is where the documents begin.
    daemon.api.create(role="server")
    daemon.api.create(role="client")
    daemon.api.received("client")
    Session(page, tmp_path).run(namespace)
    assert daemon.is_running


def test_nothing_is_shown_that_nobody_looks_at():
    assert [fault for page in pages() for fault in page.faults()] == []
    left_out = [f"{page.name}:{block.line}" for page in pages() for block in page.blocks if "not run" in block.marks]
    assert len(left_out) <= LEFT_OUT, left_out


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    for target in documents.links(page):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        led_to = (page.path.parent / path).resolve() if path else page.path
        assert led_to.exists(), f"{page.name} links to {target}"
        if anchor:
            assert anchor in documents.anchors(Page(led_to)), f"{page.name} links to {target}"
    for target in re.findall(r"`((?:docs|docker|api|Tests|Sources)/[\w./-]+\w)`", page.path.read_text()):
        assert (PROJECT / target).exists(), f"{page.name} speaks of {target}"


def test_every_page_can_be_found():
    """From README.md, by links alone."""
    reached, ahead = set(), [PROJECT / "README.md"]
    while ahead:
        path = ahead.pop()
        if path not in reached and path.suffix == ".md" and path.is_file():
            reached.add(path)
            ahead += [(path.parent / target.partition("#")[0]).resolve() for target in documents.links(Page(path))
                      if not target.startswith("http")]
    assert {page.path for page in pages()} <= reached


def test_every_picture_and_example_of_the_documents_is_shown():
    shown = {(page.path.parent / target.partition("#")[0]).resolve() for page in pages() for target in documents.links(page)}
    pictures = {path for kind in ("svg", "png") for path in (PROJECT / "docs").rglob(f"*.{kind}")}
    assert pictures <= shown, pictures - shown


def test_what_the_sources_say_of_documents_is_there():
    files = [PROJECT / "api/openapi.yaml", *(PROJECT / "docker").iterdir(), *(PROJECT / "Sources").rglob("*.swift"),
             *(PROJECT / "Tests").rglob("*.py")]
    for file in files:
        for target in re.findall(r"\bdocs/[\w./-]+\.(?:md|json|svg)\b", file.read_text(errors="replace")):
            assert (PROJECT / target).is_file(), f"{file.relative_to(PROJECT)} speaks of {target}"


def test_the_threat_model_names_tests_that_there_are():
    tests = "".join(file.read_text() for kind in ("py", "swift") for file in (PROJECT / "Tests").rglob(f"*.{kind}"))
    named = re.findall(r"`(test_\w+|[a-z]+[A-Z]\w+|[A-Z]\w+Tests)(?:…|\.py)?`", (PROJECT / "docs/threat-model.md").read_text())
    names = {name for name in named if name.startswith("test_") or name.endswith("Tests") or name.startswith("refuses")
             or name.startswith("repeats")}
    files = {file.stem for file in (PROJECT / "Tests").rglob("*")}
    assert len(names) > 40
    for name in names:
        assert name in files or re.search(rf"\b(?:def|func|struct|class) {name}", tests), name


# ---- the judge himself

def shown_as(folder, text):
    path = folder / "page.md"
    path.write_text(textwrap.dedent(text))
    return Page(path, "page.md")


@pytest.mark.parametrize("block", [
    "```yaml\na: 1\n```\n", "```\n$ true\n```\n", '```json\n{"a": 1}\n```\n', "```text\nsomething\n```\n",
    "<!-- not run: no -->\n```sh\ntrue\n```\n", "<!-- run by: test_nothing.py -->\n```sh\ntrue\n```\n",
    "<!-- run by: test_run_script.py -->\n```sh\nanother-program\n```\n", "<!-- file: a -->\n```text\nlast\n```\n",
    "```python\nprint()\n```\n", "words\n\n    indented\n"])
def test_a_block_that_nobody_looks_at_is_a_fault(tmp_path, block):
    assert len(list(shown_as(tmp_path, block).faults())) == 1


@pytest.mark.parametrize("block", [
    "```sh\ntrue\n```\n", '```sh\ntrue\n```\n\n```json\n{}\n```\n', "<!-- file: a -->\n```nft\nx\n```\n\n```sh\ncat a\n```\n",
    "<!-- not run: it would take all night -->\n```sh\nsleep 9h\n```\n", "- a list\n\n      of its own\n",
    "<!-- run by: test_run_script.py -->\n```sh\ndocker/run.sh\n```\n"])
def test_a_block_that_somebody_looks_at_is_none(tmp_path, block):
    assert list(shown_as(tmp_path, block).faults()) == []


@pytest.mark.parametrize("text", [
    "```sh\nfalse\n```\n",
    "```sh\nfalse\ntrue\n```\n",
    "```sh\ntrue # exits with 1\n```\n",
    "```sh\ncurl -s localhost:8080/nothing\n```\n",
    "```sh\ncurl -s localhost:8080/nothing # 422\n```\n",
    "```sh\ncurl -s localhost:8080/healthz # 404\n```\n",
    '```sh\ncurl -s localhost:8080/healthz\n```\n\n```json\n{"status": "bad"}\n```\n',
    '```sh\ncurl -s localhost:8080/healthz\n```\n\n```json\n{"state": "…"}\n```\n',
    '```sh\necho [1, 2, 3]\n```\n\n```json\n[1, 2]\n```\n',
    '```sh\necho [1, true]\n```\n\n```json\n[1, 1]\n```\n',
    "```sh\necho one; echo two\n```\n\n```text\none\n```\n",
    "```sh\necho one\n```\n\n```text\ntwo\n```\n",
    "```sh\nexit 0\n```\n\n```sh\ntrue\n```\n",
    "<!-- lasts: 1 s -->\n```sh\necho one; sleep 60\n```\n\n```text\ntwo\n```\n"])
def test_what_is_not_so_is_noticed(namespace, daemon, tmp_path, text):
    with pytest.raises(AssertionError):
        Session(shown_as(tmp_path, text), tmp_path).run(namespace)


@pytest.mark.parametrize("text", [
    "```sh\nfalse || true\n```\n",
    "```sh\nfalse # exits with 1\n```\n",
    "```sh\ncurl -s localhost:8080/nothing # 404\n```\n",
    '```sh\ncurl -s localhost:8080/healthz\n```\n\n```json\n{"status": "ok"}\n```\n',
    '```sh\ncurl -s localhost:8080/counters\n```\n\n```json\n{"total": {"segmentsReceived": 77}, "…": "…"}\n```\n',
    '```sh\necho [1, 2, 3]\n```\n\n```json\n[1, "…"]\n```\n',
    "```sh\necho one; echo two; echo three\n```\n\n```text\n…\ntw…\n…\n```\n",
    "```sh\na=1\n```\n\n```sh\necho $a\n```\n\n```text\n1\n```\n",
    "```sh\nsleep 60 &\n```\n\n```sh\nkill $!\n```\n",
    "<!-- file: a.txt -->\n```text\nhere\n```\n\n```sh\ncat a.txt\n```\n\n```text\nhere\n```\n",
    "<!-- lasts: 1 s -->\n```sh\necho one; sleep 60\n```\n\n```text\none\n```\n"])
def test_what_is_so_passes(namespace, daemon, tmp_path, text):
    Session(shown_as(tmp_path, text), tmp_path).run(namespace)


def test_anchors_are_those_of_github(tmp_path):
    page = shown_as(tmp_path, "# One `two`, three!\n## What's in [a link](x)?\n## a b\n## a b\n```sh\n# none\n```\n")
    assert documents.anchors(page) == {"one-two-three", "whats-in-a-link", "a-b", "a-b-1"}
