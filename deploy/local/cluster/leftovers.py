"""Leftovers of a real node outside its directory, and their end: processes, mounts, groups, links."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from deploy.local.addresses import Addresses
from deploy.local.cluster import cgroups, network
from deploy.local.process import StartFailed

ENDING_SECONDS = 3.0
KILLING_SECONDS = 10.0


def end_containers(addresses: Addresses) -> None:
    """Ask the node's containers to end, so that a database writes its data, and give them a moment for it."""
    if not _signal(cgroups.members(addresses.name), signal.SIGTERM):
        return
    deadline = time.monotonic() + ENDING_SECONDS
    while time.monotonic() < deadline and any(True for _ in cgroups.members(addresses.name)):
        time.sleep(0.05)


def remove(addresses: Addresses, state: Path, directory: Path) -> None:
    """
    Remove the leftovers of this node, or of a killed one of the same number.

    :param state: the node's folder below ``/run``; its file ``directory`` names the cluster that it belonged to
    :raises StartFailed: processes do not end
    """
    _kill_everybody(addresses)
    folders = [state]
    for owner in {directory, _former_directory(state, directory)}:
        folders += [owner / "kubelet", owner / "containerd"]
    for point in mounts_below(folders):
        network.call("umount", "--lazy", point, check=False)
    network.down(addresses)
    cgroups.remove(addresses.name)
    _remove_links(addresses, directory)
    shutil.rmtree(state, ignore_errors=True)


def mounts_below(folders: Sequence[Path]) -> list[str]:
    """Return the mount points inside the folders, the innermost first."""
    points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    # the kernel writes spaces and the like as octal numbers
    decoded = [point.encode().decode("unicode_escape") for point in points]
    inside = [point for point in decoded if any(Path(point).is_relative_to(folder) for folder in folders)]
    return list(reversed(inside))


def _former_directory(state: Path, directory: Path) -> Path:
    with contextlib.suppress(OSError):
        return Path((state / "directory").read_text())
    return directory


def _kill_everybody(addresses: Addresses) -> None:
    deadline = time.monotonic() + KILLING_SECONDS
    while _signal(_residents(addresses), signal.SIGKILL) + _signal(cgroups.members(addresses.name), signal.SIGKILL):
        if time.monotonic() > deadline:
            raise StartFailed(f"processes of {addresses.name} do not end")
        time.sleep(0.05)


def _residents(addresses: Addresses) -> Iterator[int]:
    """Yield the processes in the node's network: its programs, and the shims that outlive containerd."""
    try:
        there = network.namespace_path(addresses).stat()
    except FileNotFoundError:
        return
    for path in Path("/proc").glob("[0-9]*/ns/net"):
        with contextlib.suppress(OSError):
            if os.path.samestat(path.stat(), there):
                yield int(path.parts[2])


def _signal(pids: Iterator[int], number: signal.Signals) -> int:
    """Send a signal to each and return how many there were."""
    reached = 0
    for pid in set(pids):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
            reached += 1
    return reached


def _remove_links(addresses: Addresses, directory: Path) -> None:
    """Remove the files that kubelet and CNI keep in folders that cannot be chosen."""
    for link in Path("/var/log/containers").glob("*.log"):
        if link.is_symlink() and str(link.readlink()).startswith(str(directory)):
            link.unlink()
    results = Path("/var/lib/cni/results")
    for result in results.glob(f"{addresses.name}-*-eth0"):
        container = result.name.removeprefix(f"{addresses.name}-").removesuffix("-eth0")
        (results / f"cni-loopback-{container}-lo").unlink(missing_ok=True)
        result.unlink()
    shutil.rmtree(directory / "cni-addresses", ignore_errors=True)
    for folder in (Path("/var/lib/kubelet/device-plugins"), Path("/var/lib/kubelet")):
        with contextlib.suppress(OSError):  # it is somebody's, or not there
            folder.rmdir()
