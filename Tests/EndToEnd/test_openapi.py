"""The examples of api/openapi.yaml are what its schemas say."""

import pytest

from support import CONTRACT


def examples(node, place=""):
    """Every example beside a schema, with its place."""
    if isinstance(node, dict):
        if "schema" in node:
            if "example" in node:
                yield place, node["schema"], node["example"]
            for name, example in node.get("examples", {}).items():
                yield f"{place}/{name}", node["schema"], example["value"]
        for name, part in node.items():
            yield from examples(part, f"{place}/{name}")
    elif isinstance(node, list):
        for number, part in enumerate(node):
            yield from examples(part, f"{place}/{number}")


ALL = list(examples(CONTRACT.document))


@pytest.mark.parametrize(("schema", "value"), [row[1:] for row in ALL], ids=[row[0] for row in ALL])
def test_an_example_is_valid(schema, value):
    CONTRACT.validate(schema, value)


def test_every_operation_has_an_example_of_its_answer():
    for path, item in CONTRACT.document["paths"].items():
        for method, operation in item.items():
            if method == "parameters":
                continue
            for status, response in operation["responses"].items():
                for content in CONTRACT._resolved(response)["content"].values():
                    assert "example" in content or "examples" in content, f"{method} {path} {status}"
