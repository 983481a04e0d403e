"""The needs of a real node, and whether this machine meets them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.local.cluster import cgroups

TOOLS = ("containerd", "containerd-shim-runc-v2", "ctr", "runc", "iptables", "ip", "nsenter", "unshare", "mount")
PLUGINS = ("bridge", "host-local", "loopback", "portmap")
PLUGIN_FOLDERS = (Path("/usr/lib/cni"), Path("/opt/cni/bin"), Path("/usr/libexec/cni"))
DEBIAN = "apt-get install containerd runc containernetworking-plugins iptables busybox-static iproute2"
CAP_SYS_RESOURCE = 24
SYSTEM_PATH = ("/usr/local/sbin", "/usr/sbin", "/sbin")


def find_tool(name: str) -> str | None:
    """Find a system program, also in the folders that a user's PATH leaves out."""
    return shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", os.defpath), *SYSTEM_PATH)))


def find_plugins() -> Path | None:
    """Find the folder of the network plugins."""
    return next((folder for folder in PLUGIN_FOLDERS if all((folder / name).exists() for name in PLUGINS)), None)


def find_busybox() -> Path | None:
    """Find a busybox that needs no libraries: it becomes the shell of our images."""
    found = find_tool("busybox")
    # the program header of a dynamic one names its loader within the first page
    if found is None or b"/ld-" in Path(found).read_bytes()[:4096]:
        return None
    return Path(found)


def obstacle() -> str | None:
    """Return the obstacle to pods on this machine, with its remedy; None when they can run."""
    if sys.platform != "linux":
        return "pods need Linux"
    if os.geteuid() != 0:
        return "pods need root; run as root for a real node"
    missing = [name for name in TOOLS if find_tool(name) is None]
    if find_plugins() is None:
        missing.append("the CNI plugins")
    if find_busybox() is None:
        missing.append("a static busybox")
    if missing:
        return f"missing: {', '.join(missing)}; on Debian and Ubuntu: {DEBIAN}"
    tried = subprocess.run(
        ["unshare", "--net", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False
    )
    if tried.returncode != 0:
        return "this root may neither mount nor make network namespaces; a privileged container may"
    if not cgroups.hierarchies():
        return f"no control groups below {cgroups.ROOT}"
    return None


def may_protect_from_oom() -> bool:
    """Whether we may lower the score by which the kernel chooses the process to kill."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            return bool(int(line.split()[1], 16) >> CAP_SYS_RESOURCE & 1)
    return False


def choose_snapshotter(directory: Path) -> str:
    """Return overlayfs where it can be mounted, else native, which copies."""
    layers = directory / "try-overlay"
    names = ("lower", "upper", "work", "merged")
    for name in names:
        (layers / name).mkdir(parents=True, exist_ok=True)
    options = f"lowerdir={layers / 'lower'},upperdir={layers / 'upper'},workdir={layers / 'work'}"
    mount = ["unshare", "--mount", "mount", "-t", "overlay", "overlay", "-o", options, str(layers / "merged")]
    tried = subprocess.run(mount, capture_output=True, check=False)
    shutil.rmtree(layers)
    return "overlayfs" if tried.returncode == 0 else "native"
