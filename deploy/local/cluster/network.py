"""
The node's network: a namespace of its own with the bridge of its pods, and one line to the machine.

Everything that Kubernetes changes (bridge, iptables chains, routes) happens inside and vanishes with the namespace;
two clusters do not see each other's rules. On the machine there are one interface, two routes and four rules with
our name, and they are removed by it.

    machine  kubeorch0 10.87.7.1 ─── 10.87.7.2 uplink  namespace kubeorch-0
    routes 10.88.7.0/24, 10.96.0.0/16 ──►               bridge cni0 10.88.7.1/24 ── pods
"""

from __future__ import annotations

import contextlib
import fcntl
import ipaddress
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from deploy.local.addresses import MOST, Addresses
from deploy.local.process import StartFailed

NAMESPACES = Path("/run/netns")
BRIDGE = "cni0"
FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")


def call(*words: str, check: bool = True) -> str:
    """Run a system tool and return what it prints; a failure has its complaint."""
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
    environment = {**os.environ, "PATH": path, "LC_ALL": "C"}
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
    if check and done.returncode != 0:
        raise StartFailed(f"{' '.join(words)}: {done.stderr.strip() or done.returncode}")
    return done.stdout


@dataclass(frozen=True, slots=True)
class Claim:
    """The number of a cluster, ours until `release` or until this process ends."""

    addresses: Addresses
    _lock: int

    def release(self) -> None:
        """Let another cluster have the number; twice does no harm."""
        with contextlib.suppress(OSError):
            os.close(self._lock)


def _taken_networks() -> list[ipaddress.IPv4Network]:
    """Return the networks that this machine routes already, without ours."""
    taken = []
    for route in json.loads(call("ip", "-json", "-4", "route", "show") or "[]"):
        ours = str(route.get("dev", "")).startswith("kubeorch")
        if route["dst"] != "default" and not ours:
            taken.append(ipaddress.IPv4Network(route["dst"], strict=False))
    return taken


def _is_free(addresses: Addresses, taken: list[ipaddress.IPv4Network]) -> bool:
    texts = (addresses.pods, addresses.services, f"{addresses.link_host}/30")
    ours = [ipaddress.IPv4Network(text, strict=False) for text in texts]
    return not any(mine.overlaps(theirs) for mine in ours for theirs in taken)


def claim(preferred: int = 0) -> Claim:
    """
    Claim a number whose networks nobody on this machine uses.

    :param preferred: tried first: the one that a directory had before
    :raises StartFailed: none is left
    """
    folder = Path(tempfile.gettempdir()) / f"kubeorch-ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    taken = _taken_networks()
    for number in (preferred, *(other for other in range(MOST) if other != preferred)):
        addresses = Addresses(number)
        if not _is_free(addresses, taken):
            continue
        lock = os.open(folder / f"node-{number}", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            continue
        return Claim(addresses, lock)
    raise StartFailed("every network that a local node could use is taken on this machine; see: ip route")


def namespace_path(addresses: Addresses) -> Path:
    """Return the file that stands for the node's network namespace."""
    return NAMESPACES / addresses.name


def enter(addresses: Addresses) -> list[str]:
    """Return the words before a command that runs in the node's network, and only there: mounts stay ours."""
    return [shutil.which("nsenter") or "nsenter", f"--net={namespace_path(addresses)}"]


def _rules(addresses: Addresses) -> list[list[str]]:
    """Return the machine's iptables rules: table, chain, specification."""
    name = ["-m", "comment", "--comment", addresses.name]
    replies = ["-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED"]
    return [
        # pods call out in the machine's name
        ["nat", "POSTROUTING", "-s", addresses.link_node, "!", "-o", addresses.link, *name, "-j", "MASQUERADE"],
        ["filter", "FORWARD", "-i", addresses.link, *name, "-j", "ACCEPT"],
        # and nobody out there calls in: only this machine does
        ["filter", "FORWARD", "-o", addresses.link, *name, "-j", "DROP"],
        ["filter", "FORWARD", "-o", addresses.link, *replies, *name, "-j", "ACCEPT"],
    ]


def up(addresses: Addresses) -> None:
    """Make the namespace, the line and the bridge."""
    name, link = addresses.name, addresses.link
    call("ip", "netns", "add", name)
    call("ip", "link", "add", link, "type", "veth", "peer", "name", "uplink", "netns", name)
    call("ip", "address", "add", addresses.link_host, "peer", addresses.link_node, "dev", link)
    call("ip", "link", "set", link, "up")
    inside = ("ip", "-netns", name)
    call(*inside, "link", "set", "lo", "up")
    call(*inside, "address", "add", addresses.link_node, "peer", addresses.link_host, "dev", "uplink")
    call(*inside, "link", "set", "uplink", "up")
    call(*inside, "route", "add", "default", "via", addresses.link_host)
    call(*inside, "link", "add", BRIDGE, "type", "bridge")
    call(*inside, "address", "add", f"{addresses.node}/24", "dev", BRIDGE)
    call(*inside, "link", "set", BRIDGE, "up")
    for network in (addresses.pods, addresses.services):
        call("ip", "route", "add", network, "via", addresses.link_node, "src", addresses.link_host)
    call(*enter(addresses), "sh", "-c", f'[ "$(cat {FORWARDING})" = 1 ] || echo 1 > {FORWARDING}')
    for table, chain, *specification in _rules(addresses):
        call("iptables", "-w", "-t", table, "-I", chain, "1", *specification)
    _forward(on=True)


def _forward(*, on: bool) -> None:
    """
    Let the machine forward packets, which pods that call out need, and forbid it again if it was we who allowed it.

    Where the setting is read-only the cluster works all the same, without the outside.
    """
    note = Path("/run/kubeorch-forwarding")
    with contextlib.suppress(OSError):
        if on and FORWARDING.read_text().strip() == "0":
            note.touch()
            FORWARDING.write_text("1")
        if not on and note.exists() and not _links():
            FORWARDING.write_text("0")
            note.unlink()


def _links() -> list[str]:
    """Return the interfaces of all local nodes."""
    names = [str(link["ifname"]) for link in json.loads(call("ip", "-json", "link", "show") or "[]")]
    return [name for name in names if name.startswith("kubeorch")]


def down(addresses: Addresses) -> None:
    """Remove the network that `up` made, or the rest of it."""
    for table, chain, *specification in _rules(addresses):
        while _remove_rule(table, chain, specification):
            pass
    if addresses.link in _links():
        call("ip", "link", "delete", addresses.link, check=False)
    if namespace_path(addresses).exists():
        call("ip", "netns", "delete", addresses.name, check=False)
    _forward(on=False)


def _remove_rule(table: str, chain: str, specification: list[str]) -> bool:
    words = ["iptables", "-w", "-t", table]
    present = subprocess.run([*words, "-C", chain, *specification], capture_output=True, check=False).returncode == 0
    if present:
        call(*words, "-D", chain, *specification)
    return present


def resolvers() -> list[str]:
    """
    Return the machine's name servers that can be reached from the namespace.

    A stub on the machine's loopback cannot; systemd's keeps the real ones beside.
    """
    for path in (Path("/etc/resolv.conf"), Path("/run/systemd/resolve/resolv.conf")):
        with contextlib.suppress(OSError):
            words = [line.split() for line in path.read_text().splitlines()]
            found = [word[1] for word in words if len(word) > 1 and word[0] == "nameserver"]
            usable = [address for address in found if not ipaddress.ip_address(address.split("%")[0]).is_loopback]
            if usable:
                return usable
    return []
