"""Who asks: the bearer token, checked before every view that is not declared public."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask import Flask, current_app, g, request
from flask_jwt_extended import get_current_user

from shared.access import Actor
from shared.errors import Unauthenticated
from web import tokens
from web.services import Services, services_of

View = TypeVar("View", bound=Callable[..., Any])
CACHE_SECONDS = 30.0
MOST_CACHED = 10_000
_PUBLIC = "_kubeorch_public"
_PERSONAL = "_kubeorch_personal"


def public(view: View) -> View:
    """Declare that anybody may call a view."""
    setattr(view, _PUBLIC, True)
    return view


def personal(view: View) -> View:
    """Declare that a view is about nothing but who asks: their account, their sessions. It needs no verb."""
    setattr(view, _PERSONAL, True)
    return view


def is_public(app: Flask, endpoint: str) -> bool:
    """Whether anybody may call an endpoint."""
    return _is_declared(app, endpoint, _PUBLIC)


def is_personal(app: Flask, endpoint: str) -> bool:
    """Whether an endpoint is about nothing but who asks."""
    return _is_declared(app, endpoint, _PERSONAL)


def _is_declared(app: Flask, endpoint: str, mark: str) -> bool:
    view = app.view_functions.get(endpoint)
    while view is not None:
        if getattr(view, mark, False):
            return True
        view = getattr(view, "__wrapped__", None)
    return False


class ActorCache:
    """Role and state of sessions, at most half a minute old; a revoked session is forgotten at once by its topic."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, Actor]] = {}

    def get(self, session_id: str) -> Actor | None:
        """Return the actor of a session, if it was looked up lately."""
        found = self._known.get(session_id)
        return found[1] if found and time.monotonic() - found[0] < CACHE_SECONDS else None

    def put(self, actor: Actor) -> None:
        """Remember the actor of its session."""
        if len(self._known) > MOST_CACHED:
            self._known.clear()
        self._known[actor.session_id] = (time.monotonic(), actor)

    def forget(self, session_id: str) -> None:
        """Look a session up again next time."""
        self._known.pop(session_id, None)

    def forget_user(self, user_id: str) -> None:
        """Look all sessions of a person up again next time."""
        for session_id in [key for key, (_, actor) in list(self._known.items()) if actor.user_id == user_id]:
            self._known.pop(session_id, None)


def look_up(found: Services, cache: ActorCache, session_id: str, user_id: str) -> Actor:
    """
    Read a session and its person.

    :raises Unauthenticated: the session has ended, or the person is gone or disabled
    """
    session = found.sessions.find(session_id)
    user = found.accounts.find(user_id) if session is not None and session.user_id == user_id else None
    if session is None or user is None or user.disabled:
        raise Unauthenticated("The session has ended. Sign in again.", code="session-ended")
    actor = Actor(user.id, user.role, session.id, user.name)
    cache.put(actor)
    return actor


def register(app: Flask) -> None:
    """Check every request to the API before its view."""
    found, cache = services_of(app), ActorCache()
    app.extensions["kubeorch-actors"] = cache
    found.hub.on_access = cache.forget_user
    manager = tokens.register(app, key=found.settings.jwt.secret.get_secret_value())

    @manager.user_lookup_loader
    def _who(_header: Mapping[str, Any], claims: Mapping[str, Any]) -> Actor:
        session_id, user_id = str(claims["sid"]), str(claims["sub"])
        return cache.get(session_id) or look_up(found, cache, session_id, user_id)

    @app.before_request
    def _check() -> None:
        if request.method == "OPTIONS" or request.url_rule is None or request.endpoint is None:
            return
        if not is_public(app, request.endpoint):
            g.token_expires_at = tokens.require_token()
            g.actor = get_current_user()


def actors() -> ActorCache:
    """Return this process' cache of sessions."""
    cache: ActorCache = current_app.extensions["kubeorch-actors"]
    return cache
