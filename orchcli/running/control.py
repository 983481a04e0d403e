"""The supervisor's control socket: one JSON line asks, one JSON line answers; only its owner may connect."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from orchcli.project import Project

LONGEST_PATH = 100
_MOST_BYTES = 64 * 1024

Request = dict[str, Any]


def path_of(project: Project) -> Path:
    """Return the socket's place; a deep checkout gets one in the user's run folder, as paths of sockets are short."""
    path = project.run / "ctl.sock"
    if len(os.fsencode(path)) <= LONGEST_PATH:
        return path
    folder = os.environ.get("XDG_RUNTIME_DIR") or f"/tmp/kubeorch-{os.getuid()}"  # noqa: S108 - made 0700 below
    return Path(folder) / f"kubeorch-{project.mark}.sock"


class Server:
    """Answers until it is closed."""

    def __init__(self, path: Path, answer: Callable[[Request], dict[str, Any]]) -> None:
        self._path = path
        self._answer = answer
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX)
        before = os.umask(0o177)
        try:
            self._socket.bind(str(path))
        finally:
            os.umask(before)
        self._socket.listen(8)
        threading.Thread(target=self._serve, name="control", daemon=True).start()

    def close(self) -> None:
        """Stop answering."""
        self._path.unlink(missing_ok=True)
        # a thread that waits in accept() keeps the socket alive unless it is shut down first
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), name="control-client", daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(10.0)
            request = json.loads(_read_line(connection) or b"null")
            answer = self._answer(request) if isinstance(request, dict) else {"error": "not a request"}
            connection.sendall(json.dumps(answer).encode() + b"\n")


def ask(project: Project, request: Request, seconds: float = 10.0) -> dict[str, Any] | None:
    """Ask the supervisor; None when nobody answers."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(seconds)
            connection.connect(str(path_of(project)))
            connection.sendall(json.dumps(request).encode() + b"\n")
            answer = json.loads(_read_line(connection) or b"null")
    except (OSError, ValueError):
        return None
    return answer if isinstance(answer, dict) else None


def _read_line(connection: socket.socket) -> bytes:
    data = b""
    while b"\n" not in data and len(data) < _MOST_BYTES:
        more = connection.recv(4096)
        if not more:
            break
        data += more
    return data.split(b"\n", 1)[0]
