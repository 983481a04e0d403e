"""Signing up, in and out."""

from __future__ import annotations

import contextlib
from typing import Any
from urllib.parse import urlsplit

from flask import Response, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field

from shared.errors import Forbidden, KubeOrchError, NotFound, Unauthenticated
from shared.people import Person
from shared.sessions import actions as sessions
from shared.sessions.actions import Grant
from shared.storage.documents import Moment
from shared.users import actions as users
from shared.users.actions import NewAccount, SignupRules
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
    found = services()
    settings = found.settings.auth
    first = not found.users.has_accounts()
    return dump(Methods(password=settings.password, signup=settings.signup, first_account=first, providers=[]))


@api.post("/register", responses={201: SessionAnswer, **public_problems(403, 409)}, summary="Sign up")
@public
def register(body: RegisterBody) -> Response:
    """Make an account, its starter workflow, and sign in."""
    found = services()
    _require_passwords()
    rules = SignupRules(found.settings.auth.signup, tuple(found.settings.auth.domains))
    wanted = NewAccount(body.name, body.email, body.password, body.invite)
    user = users.register(wanted, users=found.users, invites=found.invites, passwords=found.passwords, rules=rules)
    services().welcome.greet(Person(user_id=user.id, name=user.name), is_first=bool(user.first_account))
    note("user.register", f"user:{user.id}", actor_id=user.id)
    return _signed_in(user, _start(user), 201)


def _require_passwords() -> None:
    """
    Return when accounts have passwords on this installation.

    :raises Forbidden: code ``password-disabled``
    """
    if not services().settings.auth.password:
        raise Forbidden("Passwords are switched off on this installation (AUTH__PASSWORD).", code="password-disabled")


@api.post("/login", responses={200: SessionAnswer, **public_problems(401, 403)}, summary="Sign in")
@public
def login(body: LoginBody) -> Response:
    """Sign in by password."""
    found = services()
    _require_passwords()
    try:
        user = users.authenticate(
            body.email,
            body.password,
            address=request.remote_addr or "",
            users=found.users,
            passwords=found.passwords,
            lockout=found.lockout,
        )
    except KubeOrchError as error:
        tried = found.users.find_by_email(body.email)
        note("session.start", f"user:{tried.id if tried else 'unknown'}", outcome=error.code)
        raise
    note("session.start", f"user:{user.id}", actor_id=user.id)
    return _signed_in(user, _start(user), 200)


@api.post("/refresh", responses={200: SessionAnswer, **public_problems(401, 403)}, summary="Exchange the refresh token")
@public
def refresh(body: RefreshBody) -> Response:
    """Exchange a refresh token, from the cookie or the body, for the next one."""
    found = services()
    token = body.refresh_token or _cookie_of_our_page()
    if not token:
        raise Unauthenticated("Sign in first.", code="refresh-missing")
    try:
        grant = sessions.refresh(token, sessions=found.sessions, keys=found.keys, updates=found.platform.updates)
    except Unauthenticated as error:
        if error.code == "reused":
            note("session.reuse", f"session:{token.partition('.')[0]}", outcome="ended")
        raise
    user = found.users.find(grant.session.user_id)
    if user is None or user.disabled:
        raise Unauthenticated("This account is disabled.", code="account-disabled")
    return _signed_in(user, grant, 200)


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
    found, who = services(), actor()
    with contextlib.suppress(NotFound):
        sessions.end(who.session_id, who.user_id, sessions=found.sessions, updates=found.platform.updates)
    actors().forget(who.session_id)
    note("session.end", f"session:{who.session_id}")
    return _signed_out()


@api.post("/logout-all", security=SIGNED_IN, responses={204: None, **problems()}, summary="Sign out everywhere")
@personal
def logout_all() -> Response:
    """End all sessions of this person."""
    found, who = services(), actor()
    sessions.end_all(who.user_id, sessions=found.sessions, updates=found.platform.updates)
    actors().forget_user(who.user_id)
    note("session.end_all", f"user:{who.user_id}")
    return _signed_out()


def _start(user: User) -> Grant:
    found = services()
    return sessions.start(
        user.id,
        address=request.remote_addr or "",
        agent=request.headers.get("User-Agent", ""),
        sessions=found.sessions,
        keys=found.keys,
    )


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
