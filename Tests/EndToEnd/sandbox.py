"""The settings of a systemd unit applied by hand: `sandbox.py UNIT COMMAND…` runs the command as the unit would.

As root, in a network namespace of its own. Needs no systemd at work, only its lists of system calls.
"""

import ctypes
import os
import platform
import re
import resource
import socket
import struct
import subprocess
import sys

USER = 61184
# What the rest of this file cannot do, and what keeps the daemon from it all the same.
COVERED = {
    "ProtectKernelTunables": "nothing is writable, and /proc/sys is not there",
    "ProtectControlGroups": "nothing is writable",
    "ProtectKernelModules": "the capability and the system calls are not there",
    "ProtectKernelLogs": "the capability and the system call are not there",
    "ProtectClock": "the capability and the system calls are not there",
    "ProtectHostname": "the capability and the system calls are not there",
    "RestrictRealtime": "the system calls are not there",
    "RestrictSUIDSGID": "nothing is writable",
    "LockPersonality": "the daemon does not ask for another personality",
    "KeyringMode": "the daemon has no use for keys",
    "PrivateMounts": "a namespace of mounts is made for the other settings",
    "IPAddressDeny": "a program of the control group's, which there is none of",
    "IPAddressAllow": "the same",
    "TasksMax": "the same",
}
HANDLED = {
    "AmbientCapabilities", "CapabilityBoundingSet", "DynamicUser", "LimitCORE", "LimitNOFILE",
    "MemoryDenyWriteExecute", "NoNewPrivileges", "PrivateDevices", "PrivateIPC", "PrivateTmp", "ProcSubset",
    "ProtectHome", "ProtectProc", "ProtectSystem", "RestrictAddressFamilies", "RestrictNamespaces",
    "SystemCallArchitectures", "SystemCallErrorNumber", "SystemCallFilter", "UMask"}
OTHERS = {"Type", "ExecStart", "Restart"}
# What PrivateTmp= covers (systemd.exec(5)).
PRIVATE = ("/tmp", "/var/tmp")
HOMES = ("/home", "/root", "/run/user")
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
PR_SET_MDWE, PR_SET_SECCOMP = 65, 22
LOAD, EQUAL, ANY, RETURN = 0x20, 0x15, 0x45, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
CLONE_NAMESPACES = 0x7E020080

libc = ctypes.CDLL(None, use_errno=True)


def settings(unit):
    """The [Service] section: each name with its values in order."""
    section = re.search(r"^\[Service\]\n(.*?)(?=^\[|\Z)", open(unit).read(), re.M | re.S)[1]
    found = {}
    for name, value in re.findall(r"^([A-Za-z]+)=(.*)$", section, re.M):
        found.setdefault(name, []).append(value)
    unknown = set(found) - HANDLED - OTHERS - set(COVERED)
    assert not unknown, f"sandbox.py does not know what to do for {unknown}"
    for name in HANDLED - set(found):
        raise AssertionError(f"the unit does not have {name}")
    return found


def system_call_numbers():
    shown = subprocess.run(["gcc", "-E", "-dM", "-include", "sys/syscall.h", "-"], input="", text=True,
                           capture_output=True, check=True).stdout
    return {name: int(number) for name, number in re.findall(r"^#define __NR_(\w+) (\d+)$", shown, re.M)}


def members(name):
    """The system calls of one of systemd's sets."""
    if not name.startswith("@"):
        return {name}
    shown = subprocess.run(["systemd-analyze", "syscall-filter", name], text=True, capture_output=True, check=True)
    entries = [line.strip() for line in shown.stdout.splitlines()[1:]]
    return set().union(*(members(entry) for entry in entries if entry and not entry.startswith("#")))


def allowed_calls(values):
    # What every filter of systemd's lets pass.
    allowed = members("@default")
    for value in values:
        for name in value.lstrip("~").split():
            allowed = allowed - members(name) if value.startswith("~") else allowed | members(name)
    return allowed


def filter_program(found):
    """The seccomp program of SystemCallFilter, RestrictAddressFamilies, RestrictNamespaces, SystemCallArchitectures."""
    numbers = system_call_numbers()
    refuse = (RETURN, 0, 0, REFUSE | 1)
    program = [(LOAD, 0, 0, 4), (EQUAL, 1, 0, ARCHITECTURES[platform.machine()]), refuse, (LOAD, 0, 0, 0)]
    if found["RestrictNamespaces"] == ["yes"]:
        for name in ("setns", "unshare"):
            program += [(EQUAL, 0, 1, numbers[name]), refuse]
        program += [(EQUAL, 0, 1, numbers["clone3"]), (RETURN, 0, 0, REFUSE | 38)]
        program += [(EQUAL, 0, 4, numbers["clone"]), (LOAD, 0, 0, 16), (ANY, 0, 1, CLONE_NAMESPACES), refuse,
                    (LOAD, 0, 0, 0)]
    families = [getattr(socket, name) for name in found["RestrictAddressFamilies"][0].split()]
    program += [(EQUAL, 0, 3 + 2 * len(families), numbers["socket"]), (LOAD, 0, 0, 16)]
    for family in families:
        program += [(EQUAL, 0, 1, family), (RETURN, 0, 0, ALLOW)]
    program += [(RETURN, 0, 0, REFUSE | 97), (LOAD, 0, 0, 0)]
    for name in sorted(allowed_calls(found["SystemCallFilter"])):
        if name in numbers:
            program += [(EQUAL, 0, 1, numbers[name]), (RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("HBBI", *instruction) for instruction in program + [refuse])


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True, capture_output=True)


def prepare_files(executable):
    """ProtectSystem=strict, ProtectHome, PrivateTmp, PrivateDevices, ProtectProc and ProcSubset.

    An executable that stands where nothing can be seen from then on is copied to where it can; answers its place.
    """
    octets = open(executable, "rb").read() if executable.startswith((*HOMES, *PRIVATE)) else None
    mount("--make-rprivate", "/")
    devices = ("null", "zero", "full", "random", "urandom")
    for target in [line.split()[1] for line in open("/proc/self/mounts")]:
        if target == "/" or not target.startswith(("/proc", "/dev")):
            subprocess.run(["mount", "-o", "remount,bind,ro", target], capture_output=True)
    mount("-t", "tmpfs", "-o", "mode=1777", "none", "/mnt")
    for device in devices:
        open(f"/mnt/{device}", "w").close()
        mount("--bind", f"/dev/{device}", f"/mnt/{device}")
    mount("--rbind", "/mnt", "/dev")
    for target in PRIVATE:
        mount("-t", "tmpfs", "-o", "mode=1777", "none", target)
    for target in HOMES:
        if os.path.isdir(target):
            mount("-t", "tmpfs", "-o", "mode=000,ro", "none", target)
    mount("-t", "proc", "-o", "subset=pid,hidepid=invisible", "proc", "/proc")
    if octets is None:
        return executable
    copied = f"{PRIVATE[0]}/executable"
    with open(copied, "wb") as copy:
        copy.write(octets)
    os.chmod(copied, 0o755)
    return copied


def main(unit, command):
    """In two steps: as root, and then, by setpriv, as the user that the unit makes."""
    found = settings(unit)
    program = filter_program(found)
    names = [name.removeprefix("CAP_").lower() for name in found["CapabilityBoundingSet"][0].split()]
    assert found["AmbientCapabilities"] == found["CapabilityBoundingSet"]
    kept = ",".join(["-all", *(f"+{name}" for name in names)])
    read, write = os.pipe()
    os.write(write, program)
    os.close(write)
    os.set_inheritable(read, True)
    own = open(__file__).read()
    command[0] = prepare_files(command[0])
    # Where root itself may not raise it, what there is has to do.
    limit = min(int(found["LimitNOFILE"][0]), resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(int(found["UMask"][0], 8))
    os.chdir("/")
    os.execvp("setpriv", [
        "setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", f"--bounding-set={kept}",
        f"--inh-caps={kept}", f"--ambient-caps={kept}", "--no-new-privs",
        "/usr/bin/python3", "-c", own, "--filter", str(read), *command])


def enter_filter(descriptor, command):
    program = os.read(descriptor, 1 << 16)
    os.close(descriptor)
    octets = ctypes.create_string_buffer(program, len(program))
    length = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(octets))
    assert libc.prctl(PR_SET_MDWE, 1, 0, 0, 0) == 0, "MemoryDenyWriteExecute needs Linux 6.3"
    assert libc.prctl(PR_SET_SECCOMP, 2, ctypes.create_string_buffer(length, len(length)), 0, 0) == 0
    os.execvp(command[0], command)


if __name__ == "__main__":
    if sys.argv[1] == "--filter":
        enter_filter(int(sys.argv[2]), sys.argv[3:])
    else:
        main(sys.argv[1], sys.argv[2:])
