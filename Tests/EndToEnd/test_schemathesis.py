"""schemathesis, all phases and checks, against the document as it is served."""

import os
import pathlib
import re
import sys

from support import PORT

HERE = pathlib.Path(__file__).parent
LEAST_CASES = 2000


def test_the_daemon_does_what_its_document_says(namespace, start_daemon, tmp_path):
    # Whatever is made of endpoints that answer each other stays a trickle.
    daemon = start_daemon("--max-rate", "2000", "--max-answers", "20")
    result = namespace.run(
        pathlib.Path(sys.executable).parent / "schemathesis", "--config-file", HERE / "schemathesis.toml",
        "run", f"http://127.0.0.1:{PORT}/openapi.json",
        timeout=240, cwd=tmp_path,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PYTHONPATH": str(HERE), "NO_COLOR": "1",
             "COLUMNS": "160"})
    (tmp_path / "schemathesis.log").write_text(result.stdout + result.stderr)
    assert result.returncode == 0, result.stdout[-20000:] + result.stderr[-2000:]
    cases = int(re.search(r"([0-9]+) generated", result.stdout)[1])
    assert cases >= LEAST_CASES, result.stdout[-3000:]
    assert daemon.is_running
