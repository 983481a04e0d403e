"""Our errors as answers: one table of class and status, one body for everything that goes wrong."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Flask, Response, g, jsonify, request
from pydantic import ValidationError
from pymongo.errors import PyMongoError
from redis.exceptions import RedisError
from werkzeug.exceptions import HTTPException

from shared import errors
from shared.errors import FieldError, KubeOrchError
from shared.log import get_logger
from shared.storage.errors import translate

log = get_logger(__name__)

STATUS: list[tuple[type[KubeOrchError], int]] = [
    (errors.InvalidInput, 422),
    (errors.Unauthenticated, 401),
    (errors.Forbidden, 403),
    (errors.NotFound, 404),
    (errors.Conflict, 409),
    (errors.LimitReached, 429),
    (errors.TemporaryError, 503),
    (errors.PermanentError, 502),
    (KubeOrchError, 500),
]
_HTTP_CODES = {
    400: ("bad-request", "The request cannot be read."),
    404: ("not-found", "There is nothing at this address."),
    405: ("method-not-allowed", "This address does not know that method."),
    408: ("timeout", "The request took too long to arrive."),
    413: ("body-too-large", "The body is larger than this address takes."),
    415: ("unsupported-media-type", "Send JSON: Content-Type: application/json."),
}


def status_of(error: KubeOrchError) -> int:
    """Return the HTTP status of one of our errors."""
    if error.code == "precondition-required":
        return 428
    return next(status for cls, status in STATUS if isinstance(error, cls))


def body(
    message: str, code: str, fields: Iterable[FieldError] = (), details: Mapping[str, object] | None = None
) -> dict[str, Any]:
    """Return the one shape of every error."""
    return {
        **(details or {}),
        "error": message,
        "code": code,
        "fields": [{"path": field.path, "message": field.message} for field in fields],
        "request_id": g.get("request_id", ""),
    }


def fields_of(error: ValidationError) -> list[FieldError]:
    """Return pydantic's complaints as paths and sentences, without echoing the values that were sent."""
    return [
        FieldError(".".join(str(part) for part in item["loc"]), item["msg"])
        for item in error.errors(include_input=False, include_url=False, include_context=False)[:50]
    ]


def answer_validation(error: ValidationError) -> Response:
    """Answer a request that does not fit the declared model."""
    found = fields_of(error)
    first = f" {found[0].path}: {found[0].message}." if found else ""
    response = jsonify(body(f"The request is not valid.{first}", "invalid-input", found))
    response.status_code = 422
    return response


def answer_ours(error: KubeOrchError) -> Response:
    """Answer one of our errors."""
    response = jsonify(body(error.message, error.code, error.fields, error.details))
    response.status_code = status_of(error)
    retry = getattr(error, "retry_after_seconds", None) or getattr(error, "delay", None)
    if retry:
        # whole seconds, and enough of them
        response.headers["Retry-After"] = str(max(1, math.ceil(retry)))
    if isinstance(error, errors.Unauthenticated):
        response.headers["WWW-Authenticate"] = "Bearer"
    if response.status_code >= 500:  # noqa: PLR2004 - server errors
        log.warning("request_failed", code=error.code, reason=error.message)
    return response


def register(app: Flask) -> None:
    """Hang the table into an application."""
    app.register_error_handler(KubeOrchError, answer_ours)
    app.register_error_handler(ValidationError, answer_validation)

    @app.errorhandler(PyMongoError)
    def _mongo(error: PyMongoError) -> Response:
        log.warning("storage_failed", reason=type(error).__name__)
        return answer_ours(translate(error))

    @app.errorhandler(RedisError)
    def _redis(error: RedisError) -> Response:
        log.warning("redis_failed", reason=type(error).__name__)
        return answer_ours(errors.StorageUnavailable("Redis does not answer. Try again in a moment."))

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        status = error.code or 500
        code, message = _HTTP_CODES.get(status, ("http-error", error.description or "The request failed."))
        response = jsonify(body(message, code))
        response.status_code = status
        if error.get_response().headers.get("Allow"):
            response.headers["Allow"] = error.get_response().headers["Allow"]
        return response

    @app.errorhandler(Exception)
    def _unexpected(error: Exception) -> Response:
        # the outermost place of a request: logged whole, answered without a word of it
        log.error("unexpected_error", route=request.url_rule.rule if request.url_rule else "", exc_info=error)
        text = "Something went wrong on our side; it was logged under the request id."
        response = jsonify(body(text, "internal-error"))
        response.status_code = 500
        return response
