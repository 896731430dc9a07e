"""The files of the image, of compose and of Kubernetes, as linters read them; docker/check-image.sh runs them."""

import re

import pytest
import yaml

from linters import lint, schema, yaml_style
from support import PROJECT

DOCKER = PROJECT / "docker"


def judge(name, file):
    """What the linter of the file says; of the daemon set, what the cluster would say as well."""
    if name == "Dockerfile":
        return lint("hadolint", file)
    if name == "compose.yaml":
        return schema("compose-spec", file)
    return lint("kubernetes-validate", "--strict", file)


@pytest.mark.parametrize("name", ["Dockerfile", "compose.yaml", "kubernetes.yaml"])
def test_a_file_is_right(name):
    done = judge(name, DOCKER / name)
    assert done.returncode == 0, done.stdout + done.stderr
    if name.endswith("yaml"):
        done = yaml_style(DOCKER / name)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name, old, new", [
    ("Dockerfile", "USER 65532:65532", "USER root"), ("Dockerfile", " --no-install-recommends", ""),
    ("compose.yaml", "cap_drop:", "cap_drops:"), ("compose.yaml", "read_only: true", "read_only: {}"),
    ("kubernetes.yaml", "runAsNonRoot: true", "runAsNonRoot: perhaps"),
    ("kubernetes.yaml", "readOnlyRootFilesystem", "readOnlyRootFileSystem")])
def test_a_file_with_a_fault_is_found(name, old, new, tmp_path):
    text = (DOCKER / name).read_text()
    assert old in text
    (tmp_path / name).write_text(text.replace(old, new))
    assert judge(name, tmp_path / name).returncode != 0


def daemon_set():
    documents = yaml.safe_load_all((DOCKER / "kubernetes.yaml").read_text())
    return next(each for each in documents if each["kind"] == "DaemonSet")


def test_the_pod_has_the_least_privilege():
    pod = daemon_set()["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["automountServiceAccountToken"] is False
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"], "add": ["NET_RAW"]}
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["resources"]["limits"]["memory"]


def test_everybody_speaks_of_the_same_user():
    user = re.search(r"^USER (\d+):(\d+)$", (DOCKER / "Dockerfile").read_text(), re.M)
    context = daemon_set()["spec"]["template"]["spec"]["securityContext"]
    assert (context["runAsUser"], context["runAsGroup"], context["fsGroup"]) == (int(user[1]), int(user[2]), int(user[2]))
    compose = yaml.safe_load((DOCKER / "compose.yaml").read_text())
    assert compose["services"]["test"]["user"] == user[0].removeprefix("USER ")


def test_all_services_of_compose_have_the_least_privilege():
    for name, service in yaml.safe_load((DOCKER / "compose.yaml").read_text())["services"].items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["read_only"] is True, name
        assert not service.get("privileged"), name
        wanted = ["NET_RAW"] if name in ("left", "right") else None if name == "test" else ["NET_ADMIN"]
        assert service.get("cap_add") == wanted, name


def test_what_the_build_takes_gets_past_the_ignore_file():
    taken = re.findall(r"^COPY (?!--)(\S+) ", (DOCKER / "Dockerfile").read_text(), re.M)
    let_past = [line[1:] for line in (PROJECT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert set(taken) == set(let_past)


def test_what_the_program_embeds_is_copied_into_the_build():
    """Files of the repository outside of `Sources` that the compiler puts into the program."""
    folder = PROJECT / "Sources/CWebFiles"
    embedded = {(folder / name).resolve().relative_to(PROJECT)
                for name in re.findall(r'^#embed "([^"]+)"', (folder / "web_files.c").read_text(), re.M)}
    outside = {path for path in embedded if path.parts[0] != "Sources"}
    assert outside
    copied = re.findall(r"^COPY (?!--)(\S+) ", (DOCKER / "Dockerfile").read_text(), re.M)
    for path in outside:
        assert any(path.is_relative_to(source) for source in copied), f"docker/Dockerfile does not copy {path}"
