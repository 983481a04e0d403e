"""Ports: those that a start will use, and the holders of those that are not free."""

from __future__ import annotations

import contextlib
import socket
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from orchcli.errors import PortTaken, Usage
from orchcli.running.services import Service

HOST = "127.0.0.1"
_LISTENING = "0A"
_SEARCHED = 200


def is_free(port: int, host: str = HOST) -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def wanted(service: Service, values: Mapping[str, str]) -> int:
    """
    Return the port that settings give a service.

    :raises Usage: it is no port number
    """
    if service.port is None:
        raise Usage(f"{service.name} listens nowhere")
    text = values.get(service.port.setting) or str(service.port.default)
    if not text.isdigit() or not 0 < int(text) < 2**16:
        raise Usage(f"{service.port.setting}={text} is no port", "use a number from 1 to 65535")
    return int(text)


def choose(
    services: Iterable[Service],
    values: Mapping[str, str],
    *,
    auto: bool,
    free: Callable[[int], bool] = is_free,
) -> dict[str, int]:
    """
    Return a free port for each service that listens.

    :param auto: take the next free one instead of refusing
    :raises PortTaken: names who has it and what to do
    """
    chosen: dict[str, int] = {}
    for service in services:
        if service.port is None:
            continue
        port = wanted(service, values)
        if auto:
            candidates = range(port, min(port + _SEARCHED, 2**16))
            found = next((one for one in candidates if one not in chosen.values() and free(one)), None)
            if found is None:
                raise PortTaken(f"no free port for {service.name} from {port} to {port + _SEARCHED}")
            port = found
        elif not free(port):
            raise PortTaken(
                f"port {port} for {service.name} is held by {holder(port)}",
                f"end that program, or {service.port.setting}=OTHER in .env, or --auto-port",
            )
        chosen[service.name] = port
    return chosen


def holder(port: int) -> str:
    """Return the name of the program that listens on a port of this machine, as far as we may know it."""
    if sys.platform == "linux":
        for pid in _owners(_listening_inodes(port)):
            with contextlib.suppress(OSError):
                folder = Path(f"/proc/{pid}")
                name = (folder / "comm").read_text().strip()
                return f"{name} (pid {pid}, {(folder / 'cwd').readlink()})"
    return f"another program; see: ss -ltnp 'sport = :{port}'"


def _listening_inodes(port: int) -> set[str]:
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                words = line.split()
                if words[3] == _LISTENING and int(words[1].rpartition(":")[2], 16) == port:
                    inodes.add(words[9])
    return inodes


def _owners(inodes: set[str]) -> list[int]:
    wanted_links = {f"socket:[{inode}]" for inode in inodes}
    owners = []
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if str(link.readlink()) in wanted_links:
                owners.append(int(link.parts[2]))
    return owners
