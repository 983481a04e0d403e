"""A stream in this process: the test is the hub's reader and the clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.access import Actor, Role
from shared.clock import now
from shared.ids import new_id
from shared.platform import Platform
from shared.sessions.models import Session
from shared.sessions.store import SessionStore
from shared.users.models import User
from shared.users.store import UserStore
from tests.support.streams import FedHub, Open, Reader, workflow_of
from web.auth import ActorCache
from web.live import sse
from web.live.sse import Stream
from web.services import Services


@pytest.fixture
def hub(platform: Platform) -> Iterator[FedHub]:
    made = FedHub(platform)
    yield made
    made.close()
    made.pubsub.close()


@pytest.fixture
def found(platform: Platform, hub: FedHub) -> Services:
    return replace(Services.over(platform), hub=hub)


@pytest.fixture
def who(found: Services) -> Actor:
    at = now()
    user = User(
        id=new_id(), name="Ada", email="a@b.c", email_key="a@b.c", role=Role.MEMBER, created_at=at, updated_at=at
    )
    UserStore(found.platform.db).insert(user)
    session = Session(
        id=new_id(),
        user_id=user.id,
        salt="s",
        rotated_at=at,
        created_at=at,
        last_used_at=at,
        expires_at=at + timedelta(days=1),
    )
    SessionStore(found.platform.db).insert(session)
    return Actor(user.id, user.role, session.id, user.name)


@pytest.fixture
def topic(found: Services, who: Actor) -> str:
    return workflow_of(found, who)


@pytest.fixture
def open_stream(found: Services, who: Actor, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    # a test that waits for an event that does not come sees heartbeats
    monkeypatch.setattr(sse, "HEARTBEAT_SECONDS", 0.2)
    monkeypatch.setattr("web.live.hub.SWEEP_SECONDS", 0.05)
    opened: list[Reader] = []

    def make(*wanted: str, **more: Any) -> Reader:
        values: dict[str, Any] = {"expires_at": now() + timedelta(hours=1), **more}
        reader = Reader(Stream(found, who, ActorCache(), topics=list(wanted), **values))
        opened.append(reader)
        return reader

    yield make
    for reader in opened:
        reader.frames.close()
