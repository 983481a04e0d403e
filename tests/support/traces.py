"""What of a local cluster can be seen from the machine."""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path


def _output(*words: str) -> list[str]:
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()


def _processes(words: tuple[str, ...]) -> set[str]:
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            command = path.read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            if any(word in command for word in words):
                found.add(command[:160])
    return found


def traces(directory: Path) -> dict[str, set[str]]:
    """
    Return everything on the machine that belongs to the cluster of a directory, by kind; empty when there is nothing.

    Other clusters may come and go meanwhile.
    """
    note = directory / "number"
    number = int(note.read_text()) if note.exists() else 99
    name, link = f"kubeorch-{number}", f"kubeorch{number}"
    mine = (f"{directory}/", f"/run/{name}/", f"/run/netns/{name}")
    found = {
        # the program that runs the tests may have the directory in its arguments, ours have something below it
        "processes": _processes(mine),
        "mounts": {
            line.split()[4]
            for line in Path("/proc/self/mountinfo").read_text().splitlines()
            if any(word in f"{line.split()[4]}/" for word in mine)
        },
        "interfaces": {line for line in _output("ip", "-brief", "link") if line.startswith(f"{link}@")},
        "routes": {line for line in _output("ip", "route") if f"dev {link} " in f"{line} "},
        "namespaces": {path.name for path in Path("/run/netns").glob(name)},
        # kube-proxy and kubelet make their chains inside the namespace, so there is never one of any cluster here
        "rules": {
            line for line in _output("iptables-save") if f'"{name}"' in line or f" {name} " in line or "KUBE-" in line
        },
        "control groups": {str(path) for path in Path("/sys/fs/cgroup").glob(f"**/{name}")},
        "state": {str(path) for path in Path("/run").glob(name)},
        "logs": {str(path) for path in Path("/var/log/containers").glob("*") if str(directory) in str(path.readlink())},
        "addresses": {str(path) for path in Path("/var/lib/cni/results").glob(f"{name}-*")},
    }
    return {kind: lines for kind, lines in found.items() if lines}
