"""The signed-in person and their sessions."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from shared.sessions.models import PublicSession
from shared.users.models import PublicUser
from web.api.answers import Whole, problems
from web.api.common import SIGNED_IN
from web.api.paths import SessionPath
from web.auth import actors, personal
from web.services import actor, dump, note, services

api = APIBlueprint(
    "profile", __name__, url_prefix="/v1/api/profile", abp_tags=[Tag(name="profile")], abp_security=SIGNED_IN
)


class SessionItem(PublicSession):
    """A session and whether it is the one that asks."""

    current: bool


class SessionList(Whole[SessionItem]):
    """All sessions of a person."""


@api.get("", responses={200: PublicUser, **problems()}, summary="Who is signed in")
@personal
def profile() -> dict[str, Any]:
    """Return the signed-in person."""
    return dump(PublicUser.model_validate(services().accounts.get(actor().user_id), from_attributes=True))


@api.get("/sessions", responses={200: SessionList, **problems()}, summary="Where one is signed in")
@personal
def list_sessions() -> dict[str, Any]:
    """Return all living sessions."""
    who = actor()
    items = [
        SessionItem(
            **PublicSession.model_validate(item, from_attributes=True).model_dump(), current=item.id == who.session_id
        )
        for item in services().sessions.list(who)
    ]
    return dump(SessionList.of(items))


@api.delete("/sessions/<session_id>", responses={204: None, **problems()}, summary="Sign out elsewhere")
@personal
def end_session(path: SessionPath) -> Response:
    """End one of one's own sessions."""
    services().sessions.end(actor(), path.session_id)
    actors().forget(path.session_id)
    note("session.end", f"session:{path.session_id}")
    return Response(status=204)
