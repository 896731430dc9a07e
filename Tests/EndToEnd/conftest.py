"""Fixtures: each test has a network namespace of its own, and the daemon in it."""

import pytest

from support import SEGMENTD, Daemon, Namespace


def pytest_configure(config):
    if not SEGMENTD.is_file():
        raise pytest.UsageError(f"no segmentd at {SEGMENTD}: build it, or name it in SEGMENTD")


@pytest.fixture
def namespace():
    made = Namespace()
    yield made
    made.close()


@pytest.fixture
def start_daemon(namespace, tmp_path):
    """Starts the daemon with options; each must end with status 0 when asked to."""
    started = []

    def start(*options, **keywords):
        started.append(Daemon(namespace, tmp_path, *options, **keywords))
        return started[-1]

    yield start
    for daemon in started:
        daemon.stop()


@pytest.fixture
def daemon(start_daemon):
    return start_daemon()


@pytest.fixture
def api(daemon):
    return daemon.api
