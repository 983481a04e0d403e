"""Invites: how administrators let people in; the code is shown once and kept as a hash."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field

from shared.storage.paging import Page
from shared.users.models import Email, PublicInvite
from web.api.answers import problems, public_problems
from web.api.common import SIGNED_IN, PageQuery
from web.api.paths import InvitePath
from web.auth import public
from web.services import actor, dump, note, services

api = APIBlueprint("invites", __name__, url_prefix="/v1/api", abp_tags=[Tag(name="invites")])
LONGEST_HOURS = 24 * 90


class NewInvite(BaseModel):
    """Whom to let in, and until when."""

    model_config = ConfigDict(extra="forbid")

    email: Email | None = Field(None, description="Left out: whoever has the code.")
    hours: int = Field(24 * 7, ge=1, le=LONGEST_HOURS)


class MadeInvite(PublicInvite):
    """An invite with its code, shown this once."""

    code: str
    link: str


class InvitePage(Page[PublicInvite]):
    """A page of invites."""


class CodeBody(BaseModel):
    """A code somebody was given."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1, max_length=200)


class InviteCheck(BaseModel):
    """Whether a code still holds, and for which address."""

    valid: bool
    email: str | None = None


@api.post("/invites", security=SIGNED_IN, responses={201: MadeInvite, **problems(403)}, summary="Invite somebody")
def create(body: NewInvite) -> Response:
    """Make an invite for one sign-up; its code is in this answer and nowhere else."""
    made, code = services().invites.create(actor(), email=body.email, hours=body.hours)
    note("invite.create", f"invite:{made.id}")
    shown = PublicInvite.model_validate(made, from_attributes=True).model_dump()
    link = f"{services().settings.web.base_url.rstrip('/')}/signup?invite={code}"
    response = jsonify(dump(MadeInvite(**shown, code=code, link=link)))
    response.status_code = 201
    return response


@api.get("/invites", security=SIGNED_IN, responses={200: InvitePage, **problems(403)}, summary="List invites")
def list_invites(query: PageQuery) -> dict[str, Any]:
    """Return invites, newest first; used ones say whose account they became."""
    items, total, following = services().invites.list(actor(), limit=query.limit, cursor=query.cursor)
    shown = [PublicInvite.model_validate(item, from_attributes=True) for item in items]
    return dump(InvitePage(items=shown, total=total, next_cursor=following))


@api.delete(
    "/invites/<invite_id>", security=SIGNED_IN, responses={204: None, **problems(403)}, summary="Withdraw an invite"
)
def delete(path: InvitePath) -> Response:
    """Make an invite worthless; the account it became stays."""
    services().invites.withdraw(actor(), path.invite_id)
    note("invite.delete", f"invite:{path.invite_id}")
    return Response(status=204)


@api.post("/auth/invites/check", responses={200: InviteCheck, **public_problems()}, summary="Check an invite")
@public
def check(body: CodeBody) -> dict[str, Any]:
    """Say whether a code can still be used, so that the sign-up page can tell at once."""
    found = services().invites.find_open(body.code)
    return dump(InviteCheck(valid=found is not None, email=found.email if found else None))
