"""What the documents show, run and compared.

Each fenced block of a page is one of these:

- `sh`, `bash`: commands. They are run in one shell a page, from top to bottom, in a folder of their own. A comment
  `# 422` says which status the answer to a curl has, `# exits with 64` what a command ends with; otherwise answers are
  2xx, and commands succeed.
- `json` after commands: what they print or, where that is not one JSON value, the answer to their last curl.
- `text` after commands: what they print, on standard output and standard error. `…` in a line stands for anything, in
  a line of its own for any lines; likewise in the strings, lists and objects of JSON.
- anything that a comment before it tells of:

  `<!-- file: NAME -->`          its text is a file for the commands
  `<!-- lasts: 3 s -->`          commands that do not end by themselves, and are interrupted after so long
  `<!-- run by: test_x.py -->`   that test runs it, and names its first word
  `<!-- not run: REASON -->`     nobody does

Whatever else a block is, it is an error: nothing is shown that nobody looks at."""

import dataclasses
import json
import pathlib
import re

from support import PROJECT

TESTS = pathlib.Path(__file__).resolve().parent
# Numbers and texts that differ from one time to the next. Counters do, and so are all members of these.
VOLATILE = {"id", "next", "oldest", "instance", "cursor", "timestamp", "createdAt", "startedAt", "endedAt", "at", "took",
            "rate", "lateness", "p50", "p99", "max", "version", "commit", "octetsSent", "octetsReceived"}
COUNTERS = {"counters", "outcomes", "flagsReceived", "checksums", "endpoints", "access", "total"}
COUNTED = {"segmentsReceived", "segmentsSent", "replies"}

_FENCE = re.compile(r"(?P<marks>(?:^[ ]*<!--[^\n]*-->\n)*)^(?P<indent> *)```(?P<language>[^\n`]*)\n(?P<text>.*?)^ *```$",
                    re.MULTILINE | re.DOTALL)
_MARK = re.compile(r"<!-- (file|lasts|run by|not run): (.+?) -->")


@dataclasses.dataclass
class Block:
    language: str
    text: str
    line: int
    marks: dict

    @property
    def is_commands(self):
        return self.language in ("sh", "bash") and not {"file", "run by", "not run"} & set(self.marks)

    @property
    def is_output(self):
        return self.language in ("json", "text") and not self.marks


class Page:
    def __init__(self, path, name=None):
        self.path = path
        self.name = name or str(path.relative_to(PROJECT))
        text = path.read_text()
        self.blocks = [
            Block(found["language"].strip(), re.sub(rf"^ {{{len(found['indent'])}}}", "", found["text"], flags=re.M),
                  text.count("\n", 0, found.start("indent")) + 1, dict(_MARK.findall(found["marks"])))
            for found in _FENCE.finditer(text)]
        assert 2 * len(self.blocks) == len(re.findall(r"^ *```", text, re.M)), f"{self.name}: a fence is not closed"
        self.prose = _FENCE.sub("", text)

    @property
    def commands(self):
        return [number for number, block in enumerate(self.blocks) if block.is_commands]

    def faults(self):
        """What is shown that nobody looks at."""
        for line in self._indented():
            yield f"{self.name}: {line.strip()!r} is a block without a fence"
        for number, block in enumerate(self.blocks):
            place = f"{self.name}:{block.line}"
            after = number and (self.blocks[number - 1].is_commands or self._follows_output(number - 1))
            if "not run" in block.marks:
                if len(block.marks["not run"].split()) < 3:
                    yield f"{place}: why is it not run?"
            elif "run by" in block.marks:
                yield from self._faults_of_reference(place, block)
            elif "file" in block.marks:
                if block.language == "json":
                    json.loads(block.text)
                if not self.commands or self.commands[-1] < number:
                    yield f"{place}: a file that no command comes after"
            elif block.is_output and not after:
                yield f"{place}: {block.language} that is not the output of commands before it"
            elif not block.is_output and not block.is_commands:
                yield f"{place}: nobody runs a block of {block.language or 'no language'}"

    def _indented(self):
        """Lines that are blocks by their indentation: after an empty line, and in no list."""
        before, in_list = "", False
        for line in self.prose.splitlines():
            if line and not line.startswith(" "):
                in_list = re.match(r"[-*+] |\d+\. ", line) is not None
            elif line.startswith("    ") and not before.strip() and not in_list:
                yield line
            before = line

    def _follows_output(self, number):
        return number > 0 and self.blocks[number].is_output and self.blocks[number - 1].is_commands

    @staticmethod
    def _faults_of_reference(place, block):
        test = TESTS / block.marks["run by"]
        word = block.text.split()[0]
        if not test.is_file() or word not in test.read_text():
            yield f"{place}: {block.marks['run by']} does not speak of {word}"


def pages():
    return [Page(PROJECT / "README.md"), *map(Page, sorted((PROJECT / "docs").rglob("*.md")))]


# ---- what commands expect

def _code_and_comment(line):
    """A line of commands, and what its comment says."""
    found = re.match(r"(.*?)\s#\s*((?:\d{3}|exits with \d+)\b[^']*)$", line)
    return (found[1], found[2]) if found else (line.split(" # ")[0], "")


def expected_statuses(script):
    """Of each command line that calls curl, the status it expects."""
    statuses = []
    for line in script.replace("\\\n", " ").splitlines():
        code, comment = _code_and_comment(line)
        status = re.match(r"\d{3}\b", comment)
        statuses += [int(status[0]) if status else None for _ in re.findall(r"(?<![\w/.-])curl ", code)]
    return statuses


def expected_exits(script):
    return sorted(int(status) for status in re.findall(r"#\s*exits with (\d+)", script))


# ---- what commands show

def matches(actual, shown):
    """Whether a text is as shown, where `…` stands for anything."""
    return re.fullmatch(".*".join(map(re.escape, shown.split("…"))), actual, re.DOTALL) is not None


def compare_text(actual, shown):
    """Line by line; a line of nothing but `…` stands for any lines."""
    wanted = [line.rstrip() for line in shown.rstrip("\n").splitlines()]
    printed = [line.rstrip() for line in actual.rstrip("\n").splitlines()]
    # Which of the printed lines may be the next, after those wanted so far.
    places = {0}
    for line in wanted:
        if line == "…":
            places = set(range(min(places), len(printed) + 1))
        else:
            places = {place + 1 for place in places if place < len(printed) and matches(printed[place], line)}
        if not places:
            break
    assert len(printed) in places, f"it prints\n{actual}\nand is shown as\n{shown}"


def compare_json(actual, shown, place="", name="", counted=False):
    """What is shown is there, and is what it is shown as, unless it differs from one time to the next."""
    if isinstance(shown, str) and shown == "…":
        return
    if isinstance(shown, dict):
        assert isinstance(actual, dict), f"{place or '/'} is {actual!r}, shown as an object"
        for key, value in shown.items():
            if key == "…" or (key not in actual and isinstance(value, int) and name in COUNTERS):
                continue
            assert key in actual, f"{place}/{key} is shown, but the answer has only {sorted(actual)}"
            compare_json(actual[key], value, f"{place}/{key}", key, counted or key in COUNTERS)
    elif isinstance(shown, list):
        assert isinstance(actual, list), f"{place} is {actual!r}, shown as a list"
        is_open = bool(shown) and shown[-1] == "…"
        wanted = shown[:-1] if is_open else shown
        assert len(actual) == len(wanted) or (is_open and len(actual) >= len(wanted)), \
            f"{place} has {len(actual)} elements, is shown with {len(wanted)}"
        for number, value in enumerate(wanted):
            compare_json(actual[number], value, f"{place}/{number}", name, counted)
    elif name in VOLATILE | COUNTED or (counted and isinstance(shown, (int, float)) and not isinstance(shown, bool)):
        kinds = (int, float)
        alike = isinstance(actual, type(shown)) or isinstance(actual, kinds) and isinstance(shown, kinds)
        assert alike or actual is None or shown is None, f"{place} is {actual!r}, shown as {shown!r}"
    elif isinstance(shown, str):
        assert isinstance(actual, str) and matches(actual, shown), f"{place} is {actual!r}, shown as {shown!r}"
    else:
        assert actual == shown and isinstance(actual, bool) == isinstance(shown, bool), \
            f"{place} is {actual!r}, shown as {shown!r}"


# ---- links

def anchors(page):
    """The anchors of a page's headings, as GitHub makes them."""
    found, seen = set(), {}
    for title in re.findall(r"^#{1,6} +(.+?) *$", page.prose, re.M):
        title = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).replace("`", "").lower()
        slug = re.sub(r"[^\w\- ]", "", title).replace(" ", "-")
        count = seen.get(slug, -1) + 1
        seen[slug] = count
        found.add(f"{slug}-{count}" if count else slug)
    return found


def links(page):
    """Every target that a page leads to: of links, pictures and HTML."""
    prose = re.sub(r"`[^`\n]*`", "", page.prose)
    yield from re.findall(r"\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)", prose)
    for attribute in re.findall(r"\b(?:href|src|srcset)=\"([^\"]+)\"", prose):
        yield attribute.split()[0]
