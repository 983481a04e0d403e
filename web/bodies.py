"""Requests, read strictly: a body that is no JSON is refused with the reason, and never reaches a view as nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
from flask import Flask, Request, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from shared.errors import FieldError, InvalidInput, NotFound

DEEPEST = 64
"""Levels of lists and objects; a graph's own limit is far below."""
_NOT_READ = object()


def parse(data: bytes, mimetype: str) -> Any:
    """
    Return a body's value; None when there is no body.

    :raises UnsupportedMediaType: it is not declared to be JSON
    :raises InvalidInput: it is no JSON (numbers that are none and lone surrogates included), nested too deeply, or
        holds a NUL character, which neither YAML nor an environment variable can carry
    """
    if not data:
        return None
    if mimetype != "application/json" and not mimetype.endswith("+json"):
        raise UnsupportedMediaType
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InvalidInput(f"The body is not JSON: {error.msg} ({where}).", code="invalid-json") from error
    if _is_deeper_than(value, DEEPEST):
        raise InvalidInput(f"The body is nested more than {DEEPEST} levels deep.", code="json-too-deep")
    if b"\\u0000" in data and (place := next(_nul_characters(value, ()), None)) is not None:
        message = "holds a NUL character"
        raise InvalidInput(f"{place or 'The body'} {message}.", fields=[FieldError(place, message)])
    return value


def _is_deeper_than(value: Any, levels: int) -> bool:
    """Look level by level: a value that is nested too deeply must not need a deep stack to find out."""
    level = [value]
    for _ in range(levels):
        level = [
            child
            for item in level
            if isinstance(item, (dict, list))
            for child in (item.values() if isinstance(item, dict) else item)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return False
    return True


def _nul_characters(value: Any, path: tuple[str, ...]) -> Iterator[str]:
    if isinstance(value, str):
        if "\0" in value:
            yield ".".join(path)
    elif isinstance(value, dict):
        for key, item in value.items():
            if "\0" in key:
                yield ".".join(path)
            yield from _nul_characters(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _nul_characters(item, (*path, str(index)))


def check_address(path: str, query: MultiDict[str, str]) -> None:
    """
    Refuse NUL characters, which no name here holds and no regular expression of the database takes.

    :raises NotFound: in the path
    :raises InvalidInput: in the query
    """
    if "\0" in path:
        raise NotFound("There is nothing at this address.")
    for name, value in query.items(multi=True):
        if "\0" in name or "\0" in value:
            message = "holds a NUL character"
            raise InvalidInput(f"The query {message}.", fields=[FieldError(name.replace("\0", ""), message)])


class ApiRequest(Request):
    """A request whose JSON is read by :func:`parse`."""

    _json: Any = _NOT_READ

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:  # noqa: FBT001, FBT002 - werkzeug's signature
        """Return the body; the routes' framework asks to be told nothing of mistakes, and is told all the same."""
        del force, silent, cache
        if self._json is _NOT_READ:
            data, limit = self.get_data(), self.max_content_length
            if limit is not None and self.content_length is None and len(data) >= limit:
                # werkzeug cuts a body that does not say its length
                raise RequestEntityTooLarge
            value = parse(data, self.mimetype)
            if value is not None and not isinstance(value, dict):
                # the framework would take a text for JSON in JSON
                raise InvalidInput("The body must be a JSON object.", fields=[FieldError("", "must be an object")])
            self._json = value
        return self._json


def register(app: Flask, *, max_bytes: int) -> None:
    """Read every request's address and body strictly."""
    app.request_class = ApiRequest
    app.config["MAX_CONTENT_LENGTH"] = max_bytes

    @app.before_request
    def _check_address() -> None:
        check_address(request.path, request.args)
