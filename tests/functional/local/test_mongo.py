from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from deploy.local import mongo as local_mongo
from deploy.local.process import StartFailed

LOGIN = local_mongo.Login("p@ss/word-of-mongo", "replica-key-0123456789")


def count(uri: str) -> int:
    """Write in a transaction, which needs a replica set, and count what is there."""
    with MongoClient[dict[str, Any]](uri) as client:
        with client.start_session() as session, session.start_transaction():
            client.get_default_database()["seen"].insert_one({}, session=session)
        return client.get_default_database()["seen"].count_documents({})


@pytest.mark.parametrize("login", [None, LOGIN])
def test_data_are_there_after_a_restart_on_another_port(tmp_path: Path, login: local_mongo.Login | None) -> None:
    seen = []
    for _ in range(2):
        running = local_mongo.start(tmp_path, login=login)
        seen.append(count(running.uri))
        running.stop()
    assert seen == [1, 2]


def test_strangers_read_nothing(tmp_path: Path) -> None:
    running = local_mongo.start(tmp_path, login=LOGIN)
    try:
        with (
            MongoClient[dict[str, Any]]("127.0.0.1", running.port, directConnection=True) as client,
            pytest.raises(OperationFailure, match="requires authentication"),
        ):
            client.list_database_names()
        for name in ("cmdline", "environ"):
            assert b"p@ss" not in Path(f"/proc/{running.pid}/{name}").read_bytes()
        assert (tmp_path / "replica.key").stat().st_mode & 0o777 == 0o600
    finally:
        running.stop()


def test_another_password_than_the_data_s_is_an_error(tmp_path: Path) -> None:
    local_mongo.start(tmp_path, login=LOGIN).stop()
    with pytest.raises(StartFailed, match="another password"):
        local_mongo.start(tmp_path, login=local_mongo.Login("other", LOGIN.replica_key))
