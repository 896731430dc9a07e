"""The examples of docs/automation, as a user would copy them: each tests a firewall, finds what is wrong with one, and
leaves nothing behind, however it ends."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import xml.etree.ElementTree

import pytest
import yaml

from linters import lint, schema, yaml_style
from support import PROJECT, SEGMENTD, Namespace, eventually, needs

EXAMPLES = PROJECT / "docs/automation"
FOLDER = "tests/firewall"
# What may be wrong with the firewall, and the verdicts that it has then.
FAULTS = {
    "none": (None, None, ["satisfied", "satisfied", "satisfied"]),
    "a SYN passes": ("== syn counter drop", "== syn counter accept", ["unsatisfied", "satisfied", "satisfied"]),
    "established is dropped": ("ct state established accept", "", ["satisfied", "unsatisfied", "satisfied"]),
    "no reset": ("counter reject with tcp reset", "counter drop", ["satisfied", "satisfied", "unsatisfied"]),
}


@pytest.fixture
def namespace():
    made = Namespace(named_namespaces=True)
    yield made
    made.close()


class Checkout:
    """A user's repository with a copy of the examples, and the programs that they take on the path."""

    def __init__(self, namespace, folder):
        self.namespace = namespace
        self.folder = folder / "checkout"
        self.examples = self.folder / FOLDER
        self.rules = self.examples / "firewall.nft"
        self.temporary = folder / "temporary"
        programs = folder / "programs"
        shutil.copytree(EXAMPLES, self.examples, ignore=shutil.ignore_patterns("__pycache__"))
        for made in (self.temporary, programs):
            made.mkdir()
        (programs / "segmentd").symlink_to(SEGMENTD.resolve())
        (programs / "hurl").write_text(f'#!/bin/sh\nexec {sys.executable} {PROJECT}/Tests/EndToEnd/hurl.py "$@"\n')
        (programs / "python3").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        for program in ("hurl", "python3"):
            (programs / program).chmod(0o755)
        self.environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "TMPDIR": str(self.temporary),
                            "PYTHONDONTWRITEBYTECODE": "1", "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}
        for name in ("ip", "nft", "curl", "jq"):
            needs(name)

    def break_rules(self, old, new):
        text = self.rules.read_text()
        assert text.count(old) == 1
        self.rules.write_text(text.replace(old, new))

    def run(self, command, **options):
        return self.namespace.run(*command, cwd=self.folder, env=self.environment, timeout=60, **options)

    def start(self, command):
        return self.namespace.start(*command, cwd=self.folder, env=self.environment,
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def namespaces(self):
        return sorted(line.split()[0] for line in self.run(["ip", "netns", "list"]).stdout.splitlines())

    def daemons(self):
        """The processes of the test's own network namespace that are a segmentd."""
        own, found = os.readlink(self.namespace.path), []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if os.readlink(process / "ns/net") == own and (process / "comm").read_text().strip() == "segmentd":
                    found.append(process.name)
            except OSError:
                continue
        return found

    def assert_nothing_is_left(self):
        assert self.namespaces() == []
        assert self.daemons() == []
        assert list(self.temporary.iterdir()) == []


@pytest.fixture
def checkout(namespace, tmp_path):
    return Checkout(namespace, tmp_path)


def workflow():
    return yaml.safe_load((EXAMPLES / "github-actions.yml").read_text())["jobs"]["firewall"]


def commands_of(example):
    """Each with the shell that the CI service would start."""
    if example == "github-actions.yml":
        return [["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
                for step in workflow()["steps"] if "run" in step]
    if example == "gitlab-ci.yml":
        job = yaml.safe_load((EXAMPLES / example).read_text())["firewall"]
        return [["bash", "-eo", "pipefail", "-c", "\n".join(job["script"])]]
    if example == "pytest":
        return [[sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", FOLDER]]
    return [[f"{FOLDER}/{example}"]]


def run_example(checkout, example):
    """Its commands, up to the first that fails."""
    done = None
    for command in commands_of(example):
        done = checkout.run(command)
        if done.returncode:
            break
    return done


@pytest.mark.parametrize("example, fault", [
    *((example, fault) for example in ("firewall-test.sh", "hurl-test.sh", "pytest") for fault in FAULTS),
    *((example, fault) for example in ("github-actions.yml", "gitlab-ci.yml") for fault in ("none", "a SYN passes"))])
def test_an_example_finds_what_is_wrong_with_a_firewall(checkout, example, fault):
    old, new, verdicts = FAULTS[fault]
    if old:
        checkout.break_rules(old, new)
    done = run_example(checkout, example)
    assert (done.returncode == 0) == (fault == "none"), done.stdout + done.stderr
    checkout.assert_nothing_is_left()
    if example == "pytest":
        failed = {re.match(r"FAILED \S+::test_(\w+)", line)[1] for line in done.stdout.splitlines()
                  if line.startswith("FAILED")}
        tests = ["a_syn_from_left_to_right_is_dropped", "an_established_connection_passes_both_ways",
                 "what_is_not_allowed_is_rejected_with_a_reset"]
        assert failed == {name for name, verdict in zip(tests, verdicts, strict=True) if verdict != "satisfied"}
        assert fault != "no reset" or "at client: no such segment came within 1s" in done.stdout
    elif example != "hurl-test.sh":
        assert re.findall(r"^(\w+): ", done.stdout, re.M) == verdicts, done.stdout
    if example.endswith("yml"):
        assert_reports(checkout, verdicts)
    if example == "github-actions.yml":
        assert pathlib.Path(checkout.environment["GITHUB_STEP_SUMMARY"]).read_text() == done.stdout


def assert_reports(checkout, verdicts):
    """JUnit where the CI files say that it is."""
    pattern = yaml.safe_load((EXAMPLES / "gitlab-ci.yml").read_text())["firewall"]["artifacts"]["reports"]["junit"]
    assert pattern == next(step for step in workflow()["steps"] if "upload-artifact" in step.get("uses", ""))["with"]["path"]
    suites = [xml.etree.ElementTree.parse(file).getroot() for file in sorted(checkout.folder.glob(pattern))]
    assert [suite.tag for suite in suites] == ["testsuite"] * 3
    assert ["satisfied" if suite.get("failures") == "0" else "unsatisfied" for suite in suites] == verdicts


# ---- however it ends

@pytest.mark.parametrize("example, number", [
    ("firewall-test.sh", signal.SIGINT), ("firewall-test.sh", signal.SIGTERM), ("hurl-test.sh", signal.SIGINT),
    ("hurl-test.sh", signal.SIGTERM), ("pytest", signal.SIGINT)])
def test_an_example_that_is_interrupted_leaves_nothing(checkout, example, number):
    (command,) = commands_of(example)
    process = checkout.start(command)
    # Until the daemon can be asked: by then every part of the example has begun.
    eventually(lambda: checkout.daemons() and (example == "hurl-test.sh" or list(checkout.temporary.rglob("socket"))))
    process.send_signal(number)
    assert process.wait(timeout=30) != 0
    eventually(lambda: checkout.daemons() == [])
    checkout.assert_nothing_is_left()


@pytest.mark.parametrize("example", ["firewall-test.sh", "hurl-test.sh", "pytest"])
def test_rules_that_nft_refuses_are_told_and_leave_nothing(checkout, example):
    checkout.break_rules("policy drop;", "policy perhaps;")
    (command,) = commands_of(example)
    done = checkout.run(command)
    assert done.returncode != 0
    assert "firewall.nft" in done.stderr + done.stdout and "perhaps" in done.stderr + done.stdout
    checkout.assert_nothing_is_left()


@pytest.mark.parametrize("example", ["firewall-test.sh", "hurl-test.sh", "pytest"])
def test_a_namespace_of_somebody_else_is_left_alone(checkout, example):
    checkout.run(["ip", "netns", "add", "right"], check=True)
    (command,) = commands_of(example)
    done = checkout.run(command)
    assert done.returncode != 0
    assert "there is a network namespace right already" in done.stderr + done.stdout
    assert checkout.namespaces() == ["right"]
    checkout.run([f"{FOLDER}/bench.sh", "down"], check=True)
    checkout.assert_nothing_is_left()


@pytest.mark.parametrize("example", ["firewall-test.sh", "hurl-test.sh", "pytest"])
def test_a_daemon_that_does_not_start_is_told_and_leaves_nothing(checkout, example):
    broken = checkout.folder.parent / "programs/segmentd"
    broken.unlink()
    broken.write_text("#!/bin/sh\necho 'no daemon today' >&2\nexit 3\n")
    broken.chmod(0o755)
    (command,) = commands_of(example)
    done = checkout.run(command)
    assert done.returncode != 0
    assert "no daemon today" in done.stderr + done.stdout
    checkout.assert_nothing_is_left()


def test_the_bench_says_how_it_is_used(checkout):
    for arguments in ([], ["up"], ["sideways"], ["down", "now"]):
        done = checkout.run([f"{FOLDER}/bench.sh", *arguments])
        assert done.returncode == 64
        assert "bench.sh up RULES" in done.stderr
    checkout.assert_nothing_is_left()


# ---- as their services would take them

SCHEMAS = {"github-actions.yml": "github-workflows", "gitlab-ci.yml": "gitlab-ci"}


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_ci_file_is_what_its_service_takes(name, tmp_path):
    for done in (schema(SCHEMAS[name], EXAMPLES / name), yaml_style(EXAMPLES / name)):
        assert done.returncode == 0, done.stdout
    for command in commands_of(name):
        (tmp_path / "step.sh").write_text(command[-1] + "\n")
        done = lint("shellcheck", "--shell", "bash", tmp_path / "step.sh")
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name, old, new", [
    ("github-actions.yml", "runs-on:", "runs-at:"), ("github-actions.yml", "timeout-minutes: 10", "timeout-minutes: soon"),
    ("gitlab-ci.yml", "script:", "scripts:"), ("gitlab-ci.yml", "junit: reports/*.xml", "junit: {}")])
def test_a_ci_file_with_a_fault_is_found(name, old, new, tmp_path):
    text = (EXAMPLES / name).read_text()
    assert old in text
    (tmp_path / name).write_text(text.replace(old, new))
    assert schema(SCHEMAS[name], tmp_path / name).returncode != 0


# ---- what their page shows

def shown(first_word):
    """The block of the page that begins with the word."""
    blocks = re.findall(r"^<!-- run by: test_automation.py -->\n```\w+\n(.*?)^```$", (EXAMPLES / "README.md").read_text(),
                        re.MULTILINE | re.DOTALL)
    return [block for block in blocks if block.split()[0] == first_word]


def test_the_commands_of_the_page_do_what_it_shows(checkout):
    scripts = [*shown("tests/firewall/firewall-test.sh"), *shown("python3"), *shown("tests/firewall/hurl-test.sh")]
    assert len(scripts) == 4
    (verdicts,) = shown("satisfied:")
    for script in scripts:
        done = checkout.run(["bash", "-euc", script])
        assert done.returncode == 0, done.stderr
        assert done.stdout == verdicts or "firewall-test.sh" not in script
    assert len(list((checkout.folder / "reports").iterdir())) == 3


def test_what_the_page_shows_of_a_failure_is_what_comes(checkout):
    old, new, _ = FAULTS["a SYN passes"]
    checkout.break_rules(old, new)
    for example, first_word in (("firewall-test.sh", "unsatisfied:"), ("pytest", "dropped:")):
        (text,) = shown(first_word)
        assert without_times(text) in without_times(run_example(checkout, example).stdout)


def without_times(text):
    return re.sub(r"\b\d+(ns|us|ms|s)\b", "TIME", text)


def test_the_page_tells_of_every_file_and_picture():
    assert shown("left")
    text = (EXAMPLES / "README.md").read_text()
    for file in EXAMPLES.iterdir():
        assert file.name in text or file.name in ("README.md", "__pycache__"), file.name


# ---- the judge of the Hurl file himself

@pytest.mark.parametrize("old, new", [
    ('"$.verdict" == "satisfied"', '"$.verdict" is "satisfied"'), ("HTTP 201\n", ""), ("[Asserts]", "[Assert]"),
    ("file,endpoints.json;", "file,endpoints.json"), ("retry: 50", "retries: 50"), ("POST {{api}}/runs", "SEND {{api}}/runs")])
def test_a_hurl_file_that_is_none_is_refused(checkout, old, new):
    file = checkout.examples / "firewall.hurl"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new, 1))
    done = checkout.run([f"{FOLDER}/hurl-test.sh"])
    assert done.returncode != 0
    assert "ValueError" in done.stderr, done.stderr
    checkout.assert_nothing_is_left()
