"""
Probes: the question whether a service is ready; ``None`` means yes, a text names what is missing.

Standard library only: they run before anything heavy is imported.
"""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from orchcli.ports import HOST

ANSWER_SECONDS = 2.0
_MOST_BYTES = 64 * 1024


class Probe(Protocol):
    """Asks once, quickly; `close` gives back the resources that asking has taken."""

    def ask(self) -> str | None:
        """Return None when ready, else the reason why not."""

    def close(self) -> None:
        """End a question that is under way."""


class FunctionProbe:
    """A probe that is one function."""

    def __init__(self, ask: Callable[[], str | None]) -> None:
        self.ask = ask

    def close(self) -> None:
        """Nothing is under way between two questions."""


def redis_answers(port: int, password: str, host: str = HOST) -> str | None:
    """Ask a Redis for PONG."""
    try:
        with socket.create_connection((host, port), ANSWER_SECONDS) as connection:
            connection.settimeout(ANSWER_SECONDS)
            login = _command("AUTH", password) if password else b""
            connection.sendall(login + _command("PING"))
            answer = b""
            while answer.count(b"\r\n") < (2 if password else 1):
                more = connection.recv(1024)
                if not more:
                    break
                answer += more
    except OSError as error:
        return f"Redis on port {port}: {error.strerror or error}"
    last = answer.decode(errors="replace").strip().splitlines()
    return None if last and last[-1] == "+PONG" else f"Redis on port {port} says {' '.join(last) or 'nothing'}"


def _command(*words: str) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word.encode()), word.encode()) for word in words)


def http_status(port: int, path: str, host: str = HOST) -> tuple[int, bytes]:
    """
    Get a page.

    :return: status and the beginning of the body
    :raises OSError: nobody answers
    """
    connection = http.client.HTTPConnection(host, port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", path, headers={"User-Agent": "orchcli"})
        response = connection.getresponse()
        return response.status, response.read(_MOST_BYTES)
    except http.client.HTTPException as error:
        raise ConnectionError(str(error) or type(error).__name__) from error
    finally:
        connection.close()


def answers(port: int, paths: Sequence[tuple[str, int]], host: str = HOST) -> str | None:
    """Ask for each path in turn and compare the status."""
    for path, wanted in paths:
        try:
            status, body = http_status(port, path, host)
        except OSError as error:
            return f"{path}: {error.strerror or error}"
        if status != wanted:
            return f"{path} answered {status} instead of {wanted}{_failing_checks(body)}"
    return None


def _failing_checks(body: bytes) -> str:
    """Name the checks of /readyz that fail."""
    try:
        checks = json.loads(body)["checks"]
        bad = [str(check["name"]) for check in checks if not check["ok"] and check["required"]]
    except (ValueError, KeyError, TypeError):
        return ""
    return f" ({', '.join(bad)})" if bad else ""


def file_says(path: Path) -> dict[str, object] | None:
    """Return the content of a ready file, None while it is not there."""
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return facts if isinstance(facts, dict) else None


class CommandProbe:
    """A probe that is a program; it may take its time, and is asked again when it said no."""

    def __init__(
        self, command: Sequence[str], env: Mapping[str, str], cwd: Path, spawn: Callable[..., subprocess.Popen[bytes]]
    ) -> None:
        self._command = command
        self._env = env
        self._cwd = cwd
        self._spawn = spawn
        self._running: subprocess.Popen[bytes] | None = None
        self._last = "not asked yet"

    def ask(self) -> str | None:
        """Start the program, or ask for its end; returns None when it ended with 0, else its last line."""
        if self._running is None:
            self._running = self._spawn(self._command, env=self._env, cwd=self._cwd)
        code = self._running.poll()
        if code is None:
            return self._last
        text = self._running.stdout.read().decode(errors="replace").strip() if self._running.stdout else ""
        self.close()
        if code == 0:
            return None
        self._last = text.splitlines()[-1] if text else f"{' '.join(self._command)} ended with {code}"
        return self._last

    def close(self) -> None:
        """End the program."""
        if self._running is not None:
            if self._running.poll() is None:
                self._running.kill()
                self._running.wait()
            if self._running.stdout:
                self._running.stdout.close()
            self._running = None
