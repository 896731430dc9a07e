"""The benchmark runs and says what it measured. How fast it was is not for tests to judge."""

import json
import subprocess

from support import SEGMENTD

MEMBERS = {"path", "label", "unit", "floor", "ours", "ratio", "lowerQuartile", "upperQuartile", "isMet"}


def benchmark(*options, timeout=60):
    program = SEGMENTD.with_name("segmentd-benchmark")
    assert program.is_file(), f"no {program}; swift build makes it beside segmentd"
    return subprocess.run([program, *options], capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL)


def test_measures_and_answers_json(tmp_path):
    picture = tmp_path / "endpoints.svg"
    paths = ["pair", "encoder", "start", "load-bulk"]
    run = benchmark("--quick", "--json", *(word for path in paths for word in ("--only", path)), "--svg", picture)
    assert run.returncode == 0, run.stderr
    outcome = json.loads(run.stdout)

    assert set(outcome) == {"machine", "seconds", "rounds", "countsProcessorTime", "paths", "failures"}
    assert set(outcome["machine"]) == {"processor", "cores", "memoryGibibytes", "kernel", "compiler"}
    assert outcome["machine"]["cores"] >= 1 and outcome["machine"]["kernel"]
    assert outcome["failures"] == [] and 0 < outcome["seconds"] < 60
    assert sorted({row["path"] for row in outcome["paths"]}) == sorted(paths)
    for row in outcome["paths"]:
        assert set(row) - {"atLeast", "atMost"} == MEMBERS, row
        assert row["ours"] >= 0 and row["unit"] and row["label"], row
        if row["ratio"] is not None:
            assert row["lowerQuartile"] <= row["ratio"] <= row["upperQuartile"], row
            assert row["floor"] > 0, row
        target = {"atLeast", "atMost"} & set(row)
        assert (row["isMet"] is None) == (not target), row
    assert not picture.exists(), "the path that draws was not asked for"

    # What goes on is told meanwhile, apart from the result.
    for path in paths:
        assert f"… {path}\n" in run.stderr


def test_refuses_a_document_without_a_place_for_tables(tmp_path):
    document = tmp_path / "performance.md"
    document.write_text("# Nothing\n")
    run = benchmark("--markdown", document, timeout=10)
    assert run.returncode != 0 and "no place for tables" in run.stderr
    assert document.read_text() == "# Nothing\n"


def test_shows_only_whole_runs_in_a_document(tmp_path):
    run = benchmark("--markdown", tmp_path / "performance.md", "--quick", timeout=10)
    assert run.returncode != 0 and "--quick" in run.stderr
