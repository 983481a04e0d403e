"""
Access tokens (JWT): issued and checked by Flask-JWT-Extended, which says in our words what is wrong with one.

A token proves a session and its person, until then. Nothing else is believed of it: ``web/auth.py`` looks both up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Flask, request
from flask_jwt_extended import JWTManager, create_access_token, get_jwt, verify_jwt_in_request
from flask_jwt_extended.exceptions import InvalidHeaderError, NoAuthorizationError

from shared.errors import Unauthenticated
from shared.sessions.models import Session
from web.errors import answer_ours

ALGORITHM = "HS256"
ISSUER = "kubeorch"
CLAIMS = ("iss", "sub", "sid", "iat", "exp")
_TOKEN = re.compile(r"[A-Za-z0-9_.=-]+")

_MISSING = Unauthenticated("Sign in first.", code="token-missing")
_INVALID = Unauthenticated("The access token is not valid. Sign in again.", code="token-invalid")
_EXPIRED = Unauthenticated("The access token has expired. Refresh it or sign in again.", code="token-expired")


def register(app: Flask, *, key: str) -> JWTManager:
    """Give an application tokens signed with a key; who is meant by one is looked up by the manager's user loader."""
    app.config.update(
        JWT_SECRET_KEY=key,
        JWT_ALGORITHM=ALGORITHM,
        JWT_ENCODE_ISSUER=ISSUER,
        JWT_DECODE_ISSUER=ISSUER,
        JWT_ENCODE_NBF=False,
        # a claim for tokens in cookies; ours are in the header alone
        JWT_COOKIE_CSRF_PROTECT=False,
    )
    manager = JWTManager(app)
    manager.token_verification_loader(lambda _, claims: is_whole(claims))
    manager.unauthorized_loader(lambda _: answer_ours(_MISSING))
    manager.invalid_token_loader(lambda _: answer_ours(_INVALID))
    manager.token_verification_failed_loader(lambda *_: answer_ours(_INVALID))
    manager.expired_token_loader(lambda _, claims: answer_ours(_EXPIRED if is_whole(claims) else _INVALID))
    return manager


def is_whole(claims: Mapping[str, Any]) -> bool:
    """Whether a signed token says all that ours say, and is meant for nobody else."""
    return all(claims.get(claim) is not None for claim in CLAIMS) and not claims.get("aud")


def issue(session: Session, until: datetime) -> str:
    """Sign an access token of a session that holds until a whole second."""
    claims = {"sid": session.id, "exp": int(until.timestamp())}
    token: str = create_access_token(session.user_id, additional_claims=claims, expires_delta=False)
    return token


def require_token() -> datetime:
    """
    Raise unless this request has a token of somebody known; returns the moment until which it holds.

    Errors are those of the extension, which the loaders above answer. It takes ``Bearer`` in this
    spelling alone, and would find a token in a list of schemes: so it is given the header as it writes it.
    """
    request.environ["HTTP_AUTHORIZATION"] = f"Bearer {bearer(request.headers.get('Authorization', ''))}"
    verify_jwt_in_request()
    return datetime.fromtimestamp(int(get_jwt()["exp"]), UTC)


def bearer(header: str) -> str:
    """
    Return the token of an ``Authorization`` header; its scheme may be written in any case.

    :raises NoAuthorizationError: there is none
    :raises InvalidHeaderError: the text there cannot be one
    """
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NoAuthorizationError(_MISSING.message)
    if not _TOKEN.fullmatch(token.strip()):
        raise InvalidHeaderError(_INVALID.message)
    return token.strip()
