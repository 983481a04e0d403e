"""Signing up, in and out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Response, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field

from shared.errors import Forbidden, KubeOrchError, Unauthenticated
from shared.sessions.actions import Grant
from shared.storage.documents import Moment
from shared.users.actions import NewAccount
from shared.users.models import Email, PersonName, PublicUser, User
from web.api.answers import problems, public_problems
from web.api.common import SIGNED_IN, OptionalBody
from web.auth import actors, personal, public
from web.services import actor, dump, note, services
from web.tokens import issue

COOKIE = "kubeorch_refresh"
COOKIE_PATH = "/v1/api/auth"

api = APIBlueprint("auth", __name__, url_prefix="/v1/api/auth", abp_tags=[Tag(name="auth")])


class RegisterBody(BaseModel):
    """What somebody who signs up types."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: PersonName
    email: Email
    password: str = Field(max_length=1024)
    invite: str | None = Field(None, max_length=200)


class LoginBody(BaseModel):
    """Address and password."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    email: str = Field(max_length=254)
    password: str = Field(max_length=1024)


class RefreshBody(OptionalBody):
    """The refresh token, for clients without cookies."""

    refresh_token: str | None = Field(None, max_length=500)


class SessionAnswer(BaseModel):
    """Who is signed in, with both tokens."""

    user: PublicUser
    access_token: str
    expires_at: Moment
    refresh_token: str


class Methods(BaseModel):
    """How one may sign in and up."""

    password: bool
    signup: str
    first_account: bool
    providers: list[str]


@api.get("/methods", responses={200: Methods, **public_problems()}, summary="How one may sign in and up")
@public
def methods() -> dict[str, Any]:
    """Tell the sign-in page what to show."""
    settings = services().settings.auth
    first = not services().accounts.has_any()
    return dump(Methods(password=settings.password, signup=settings.signup, first_account=first, providers=[]))


@api.post("/register", responses={201: SessionAnswer, **public_problems(403, 409)}, summary="Sign up")
@public
def register(body: RegisterBody) -> Response:
    """Make an account, its starter workflow, and sign in."""
    user = services().accounts.register(NewAccount(body.name, body.email, body.password, body.invite))
    note("user.register", f"user:{user.id}", actor_id=user.id)
    return _signed_in(user, _start(user), 201)


@api.post("/login", responses={200: SessionAnswer, **public_problems(401, 403)}, summary="Sign in")
@public
def login(body: LoginBody) -> Response:
    """Sign in by password."""
    accounts = services().accounts
    accounts.require_passwords()
    try:
        user = accounts.authenticate(body.email, body.password, address=request.remote_addr or "")
    except KubeOrchError as error:
        tried = accounts.find_by_email(body.email)
        note("session.start", f"user:{tried.id if tried else 'unknown'}", outcome=error.code)
        raise
    note("session.start", f"user:{user.id}", actor_id=user.id)
    return _signed_in(user, _start(user), 200)


@api.post("/refresh", responses={200: SessionAnswer, **public_problems(401, 403)}, summary="Exchange the refresh token")
@public
def refresh(body: RefreshBody) -> Response:
    """Exchange a refresh token, from the cookie or the body, for the next one."""
    token = body.refresh_token or _cookie_of_our_page()
    if not token:
        raise Unauthenticated("Sign in first.", code="refresh-missing")
    try:
        grant = services().sessions.refresh(token)
    except Unauthenticated as error:
        if error.code == "reused":
            note("session.reuse", f"session:{token.partition('.')[0]}", outcome="ended")
        raise
    return _signed_in(services().accounts.get_active(grant.session.user_id), grant, 200)


def _cookie_of_our_page() -> str:
    """
    Return the refresh cookie, unless a foreign page has sent it along.

    :raises Forbidden: code ``foreign-origin``
    """
    origin = request.headers.get("Origin")
    settings = services().settings.web
    allowed = {settings.base_url.rstrip("/"), *settings.cors_origins}
    if origin is not None and origin not in allowed and urlsplit(origin).netloc != request.host:
        raise Forbidden("This request comes from a foreign page.", code="foreign-origin")
    return request.cookies.get(COOKIE, "")


@api.post("/logout", security=SIGNED_IN, responses={204: None, **problems()}, summary="Sign out")
@personal
def logout() -> Response:
    """End this session."""
    who = actor()
    services().sessions.end_this(who)
    actors().forget(who.session_id)
    note("session.end", f"session:{who.session_id}")
    return _signed_out()


@api.post("/logout-all", security=SIGNED_IN, responses={204: None, **problems()}, summary="Sign out everywhere")
@personal
def logout_all() -> Response:
    """End all sessions of this person."""
    who = actor()
    services().sessions.end_all(who.user_id)
    actors().forget_user(who.user_id)
    note("session.end_all", f"user:{who.user_id}")
    return _signed_out()


def _start(user: User) -> Grant:
    agent = request.headers.get("User-Agent", "")
    return services().sessions.start(user.id, address=request.remote_addr or "", agent=agent)


def _signed_in(user: User, grant: Grant, status: int) -> Response:
    answer = SessionAnswer(
        user=PublicUser.model_validate(user, from_attributes=True),
        access_token=issue(grant.session, grant.access_until),
        expires_at=grant.access_until,
        refresh_token=grant.refresh_token,
    )
    response = jsonify(dump(answer))
    response.status_code = status
    response.set_cookie(
        COOKIE,
        grant.refresh_token,
        expires=grant.session.expires_at,
        path=COOKIE_PATH,
        httponly=True,
        samesite="Strict",
        secure=services().settings.web.base_url.startswith("https"),
    )
    return response


def _signed_out() -> Response:
    response = Response(status=204)
    response.delete_cookie(COOKIE, path=COOKIE_PATH)
    return response
