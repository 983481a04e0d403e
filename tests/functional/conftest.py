"""Real Redis and mongod, one of each per test process; an empty database and empty Redis for every test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from pymongo import MongoClient

from deploy.local import mongo as local_mongo
from deploy.local import redis as local_redis
from shared import schema
from shared.platform import Platform
from shared.settings import Settings
from shared.storage.schema import migrate
from tests.support.settings import make_settings

_counter = itertools.count(1)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[local_redis.Running]:
    running = local_redis.start(tmp_path_factory.mktemp("redis"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def mongo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[local_mongo.Running]:
    running = local_mongo.start(tmp_path_factory.mktemp("mongo"))
    yield running
    running.stop()


@pytest.fixture
def redis_url(redis_server: local_redis.Running) -> str:
    """The address of an emptied Redis, without a database number."""
    client = redis.Redis.from_url(redis_server.url)
    client.flushall()
    client.close()
    return redis_server.url.rstrip("/").removesuffix("/0")


@pytest.fixture
def mongo_uri(mongo_server: local_mongo.Running) -> Iterator[str]:
    """The address of a database that nobody used before; dropped afterwards."""
    name = f"test_{next(_counter)}"
    base, _, query = mongo_server.uri.partition("?")
    host = base.split("://", 1)[1].split("/", 1)[0]
    yield f"mongodb://{host}/{name}?{query}"
    with MongoClient[dict[str, Any]](mongo_server.uri) as client:
        client.drop_database(name)


@pytest.fixture
def make_test_settings(redis_url: str, mongo_uri: str, tmp_path: Path) -> Callable[..., Settings]:
    """Make settings that point to this test's stores; keyword arguments override groups."""

    def make(**overrides: Any) -> Settings:
        return make_settings(
            **{
                "mongo": {"uri": mongo_uri, "pool_size": 20},
                "broker": {"url": f"{redis_url}/0"},
                "redis": {"url": f"{redis_url}/1"},
                **overrides,
                # whether this checkout's interface is built must not matter
                "web": {"ui_directory": tmp_path / "ui", **overrides.get("web", {})},
            }
        )

    return make


@pytest.fixture
def settings(make_test_settings: Callable[..., Settings]) -> Settings:
    return make_test_settings()


@pytest.fixture
def platform(settings: Settings) -> Iterator[Platform]:
    """Everything a process opens, with all indexes made."""
    opened = Platform.open(settings, "test")
    migrate(opened.db, schema.INDEXES)
    yield opened
    opened.close()
