"""
Choose TCP ports on loopback that nobody else takes, also when several runs choose at the same time.

Asking the kernel for port 0 and letting go of it is a race. Here each port has a lock file that its owner
keeps open; the range lies below the one from which the kernel gives ports to outgoing connections, and outside
Kubernetes' node ports (30000 to 32767).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path

FIRST, LAST = 20_000, 29_999


@dataclass(frozen=True, slots=True)
class Port:
    """A port that is ours until `release`, or until this process ends."""

    number: int
    _lock: int

    def release(self) -> None:
        """Give the port back; twice does no harm."""
        with contextlib.suppress(OSError):
            os.close(self._lock)


def _folder() -> Path:
    path = Path(tempfile.gettempdir()) / f"kubeorch-ports-{os.getuid()}"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def is_free(number: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
        except OSError:
            return False
    return True


def _claim(number: int) -> Port | None:
    lock = os.open(_folder() / str(number), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    if is_free(number):
        return Port(number, lock)
    os.close(lock)
    return None


def reserve(wanted: int | None = None) -> Port:
    """
    Reserve one port.

    :param wanted: exactly this one, or None for any
    :raises RuntimeError: the wanted port is taken, or none is left
    """
    if wanted is not None:
        port = _claim(wanted)
        if port is None:
            raise RuntimeError(
                f"port {wanted} on 127.0.0.1 is taken; see who listens with: ss -ltnp 'sport = :{wanted}'"
            )
        return port
    for number in random.sample(range(FIRST, LAST + 1), 500):
        port = _claim(number)
        if port is not None:
            return port
    raise RuntimeError(f"no free port found between {FIRST} and {LAST}")
