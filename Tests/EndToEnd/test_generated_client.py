"""A client is generated from the document as it is served, without a warning, and drives the daemon."""

import os
import pathlib
import subprocess
import sys

from support import PORT

PROGRAMS = pathlib.Path(sys.executable).parent
# What is no JSON and no text goes as octets.
CONFIGURATION = """
content_type_overrides:
  application/vnd.tcpdump.pcap: application/octet-stream
  application/x-pcapng: application/octet-stream
  application/yaml: text/plain
"""
# Where a body has several types, openapi-python-client 0.29.1 writes what Python refuses: `list[…]` in `isinstance`.
WRITTEN = "isinstance(body, list[SendRequest] | SendRequest)"
MEANT = "isinstance(body, (list, SendRequest))"


def test_a_generated_client_drives_the_daemon(namespace, daemon, tmp_path):
    (tmp_path / "openapi.json").write_bytes(daemon.api.get("/openapi.json").content)
    (tmp_path / "configuration.yaml").write_text(CONFIGURATION)
    # It formats what it has written with ruff.
    environment = {**os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}"}
    generated = subprocess.run(
        [PROGRAMS / "openapi-python-client", "generate", "--path", "openapi.json", "--output-path", "client",
         "--meta", "none", "--config", "configuration.yaml", "--fail-on-warning"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    assert generated.returncode == 0 and "WARNING" not in generated.stdout, generated.stdout[-5000:]
    sending = tmp_path / "client/api/segments/send_segments.py"
    assert WRITTEN in sending.read_text()
    sending.write_text(sending.read_text().replace(WRITTEN, MEANT))

    driver = pathlib.Path(__file__).with_name("generated_client.py")
    result = namespace.run(
        sys.executable, driver, f"http://127.0.0.1:{PORT}", env={**os.environ, "PYTHONPATH": str(tmp_path)})
    assert result.stdout == "driven\n", result
