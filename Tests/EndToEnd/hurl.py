"""Runs a Hurl file, for where no `hurl` can be had: the part of its grammar that docs/automation uses, and no other.

What it does not know is an error, so that the file stays within what is checked here:

    entry    METHOD URL, header lines, [Options] retry and retry-interval, a body as JSON or `file,NAME;`
    answer   HTTP STATUS, [Asserts] of `jsonpath "$.name[0]…" PREDICATE VALUE` with == or includes
"""

import argparse
import json
import pathlib
import re
import sys
import time
import urllib.error
import urllib.request

METHODS = "GET|POST|PUT|PATCH|DELETE"
STEP = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+)\]")
PATH = re.compile(rf"\$(?:{STEP.pattern})*")
ASSERT = re.compile(r'jsonpath "([^"\\]*)" (==|includes) (.+)')


class Lines:
    """The lines of the file, without comments and empty ones."""

    def __init__(self, text):
        self.left = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]

    def match(self, pattern):
        """The next line, taken if all of it is like this."""
        found = re.fullmatch(pattern, self.left[0]) if self.left else None
        if found:
            self.left.pop(0)
        return found

    def all(self, pattern):
        while found := self.match(pattern):
            yield found

    def json(self):
        """The text of a JSON value, over as many lines as it takes."""
        text = "\n".join(self.left)
        _, end = json.JSONDecoder().raw_decode(text)
        self.left = text[end:].removeprefix("\n").splitlines()
        return text[:end]


class Hurl:
    def __init__(self, text, root, variables):
        self.lines = Lines(text)
        self.root = pathlib.Path(root)
        self.variables = variables

    def run(self):
        count = 0
        while self.lines.left:
            count += 1
            self.entry()
        if not count:
            raise ValueError("there is no entry")
        return count

    def entry(self):
        request = self.lines.match(rf"({METHODS}) (\S+)")
        if not request:
            raise ValueError(f"not a request: {self.lines.left[0]}")
        url = re.sub(r"\{\{(\w+)\}\}", lambda name: self.variables[name[1]], request[2])
        headers = {each[1]: each[2] for each in self.lines.all(r"([\w-]+): (.+)")}
        options = {}
        if self.lines.match(r"\[Options\]"):
            options = {each[1]: int(each[2]) for each in self.lines.all(r"(retry|retry-interval): (\d+)")}
        body = self.body()
        wanted = self.lines.match(r"HTTP (\d{3})")
        if not wanted:
            raise ValueError(f"{request[0]}: no HTTP STATUS before {self.lines.left[:1]}")
        asserts = [each.groups() for each in self.lines.all(ASSERT)] if self.lines.match(r"\[Asserts\]") else []
        sent = urllib.request.Request(url, body, headers, method=request[1])
        for attempt in range(options.get("retry", 0) + 1):
            try:
                return self.check(request[0], sent, int(wanted[1]), asserts)
            except (AssertionError, OSError):
                if attempt == options.get("retry", 0):
                    raise
                time.sleep(options.get("retry-interval", 1000) / 1000)

    def body(self):
        if file := self.lines.match(r"file,([^;]+);"):
            return (self.root / file[1]).read_bytes()
        if self.lines.left and self.lines.left[0][0] in "{[":
            return self.lines.json().encode()
        return None

    @staticmethod
    def check(entry, request, status, asserts):
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                got, content = response.status, response.read()
        except urllib.error.HTTPError as error:
            got, content = error.code, error.read()
        assert got == status, f"{entry}: HTTP {got}, not {status}: {content.decode()}"
        for path, predicate, text in asserts:
            wanted = json.loads(text)
            actual = value_at(json.loads(content), path)
            held = wanted in actual if predicate == "includes" else actual == wanted
            assert held, f'{entry}: {path} is {actual!r}, not {predicate} {wanted!r}'


def value_at(value, path):
    if not PATH.fullmatch(path):
        raise ValueError(f"not a path that is known here: {path}")
    for name, index in STEP.findall(path):
        value = value[name] if name else value[int(index)]
    return value


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--test", action="store_true")
    parser.add_argument("--file-root", required=True)
    parser.add_argument("--variable", action="append", default=[])
    parser.add_argument("file", type=pathlib.Path)
    arguments = parser.parse_args()
    variables = dict(each.split("=", 1) for each in arguments.variable)
    try:
        count = Hurl(arguments.file.read_text(), arguments.file_root, variables).run()
    except AssertionError as error:
        sys.exit(str(error))
    print(f"{arguments.file}: Success ({count} requests)")


if __name__ == "__main__":
    main()
