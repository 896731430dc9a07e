"""The pod of docker/kubernetes.yaml as options of `podman run`: pod-as-run.py run SECRETS, or a probe's command:
pod-as-run.py startupProbe. One word a line.

What the pod says of its user, privileges, files and arguments is carried over, and what is not known here is an error.
SECRETS is a directory laid out as a kubelet would lay out the secret."""

import pathlib
import sys

import yaml


def taken(mapping, **known):
    """The values of the names known, each made into words; there may be no others."""
    unknown = set(mapping) - set(known)
    assert not unknown, f"not known here: {unknown}"
    return [word for name, words in known.items() if name in mapping for word in words(mapping[name])]


def nothing(value):
    return []


def must_be(wanted):
    def check(value):
        assert value == wanted, f"{value} is not {wanted}"
        return []
    return check


documents = yaml.safe_load_all((pathlib.Path(__file__).parent / "kubernetes.yaml").read_text())
pod = next(each for each in documents if each["kind"] == "DaemonSet")["spec"]["template"]["spec"]
(container,), (volume,) = pod["containers"], pod["volumes"]
if sys.argv[1] != "run":
    print(*container[sys.argv[1]]["exec"]["command"], sep="\n")
    sys.exit()

(mount,) = container["volumeMounts"]
assert mount["name"] == volume["name"] and mount["readOnly"]
user = pod["securityContext"]
options = ["--volume", f"{sys.argv[2]}:{mount['mountPath']}:ro"]
options += taken(
    user, runAsNonRoot=must_be(True), runAsGroup=nothing,
    runAsUser=lambda number: ["--user", f"{number}:{user['runAsGroup']}"], fsGroup=lambda number: ["--group-add", str(number)],
    seccompProfile=must_be({"type": "RuntimeDefault"}),
    sysctls=lambda all: [word for each in all for word in ("--sysctl", f"{each['name']}={each['value']}")])
options += taken(
    container["securityContext"], privileged=must_be(False), readOnlyRootFilesystem=lambda on: ["--read-only"] if on else [],
    allowPrivilegeEscalation=lambda on: [] if on else ["--security-opt", "no-new-privileges"],
    capabilities=lambda all: taken(all, drop=lambda names: [f"--cap-drop={name}" for name in names],
                                   add=lambda names: [f"--cap-add={name}" for name in names]))
print(*options, "segmentd", *container["args"], sep="\n")
