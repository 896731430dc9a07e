"""Programs that judge files: from the tests' Python, or from Debian."""

import pathlib
import subprocess
import sys

from support import needs

YAML_STYLE = """
extends: default
rules:
  document-start: disable
  line-length: {max: 120}
  truthy: {check-keys: false}
"""


def lint(name, *arguments):
    """What the program says, and whether it is content."""
    beside = pathlib.Path(sys.executable).parent / name
    return subprocess.run([beside if beside.exists() else needs(name), *map(str, arguments)],
                          capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)


def yaml_style(file):
    return lint("yamllint", "--strict", "-d", YAML_STYLE, file)


def schema(name, file):
    """One of the schemas that check-jsonschema brings."""
    return lint("check-jsonschema", "--builtin-schema", f"vendor.{name}", file)
