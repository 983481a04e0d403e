"""A watch's answer as events, however the bytes were cut."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import urllib3
from urllib3.exceptions import HTTPError, ReadTimeoutError

from shared.errors import ClusterUnreachable

SILENCE_SECONDS = 75.0
"""A watch without a byte for so long is given up; API servers send a bookmark every minute."""
LONGEST_EVENT = 64 * 1024 * 1024
OPEN = "OPEN"
"""The type of the first event, without an object: the server has begun to watch."""


def events(response: urllib3.BaseHTTPResponse) -> Iterator[dict[str, Any]]:
    """Yield ``OPEN``, then one event per line, and close the answer in the end; silence ends it."""
    try:
        _be_patient(response, SILENCE_SECONDS)
        yield {"type": OPEN}
        yield from _lines(response)
    finally:
        response.close()


def _be_patient(response: urllib3.BaseHTTPResponse, seconds: float) -> None:
    """Wait longer for the events after the headers."""
    sock = getattr(response.connection, "sock", None)
    if sock is not None:
        sock.settimeout(seconds)


def _lines(response: urllib3.BaseHTTPResponse) -> Iterator[dict[str, Any]]:
    rest = b""
    try:
        for chunk in response.stream(amt=None):
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                if line:
                    yield orjson.loads(line)
            if len(rest) > LONGEST_EVENT:
                raise _cut("The watch sent an event without an end.")
    except ReadTimeoutError:
        return
    except ValueError as error:
        raise _cut("The watch sent something that is not JSON.") from error
    except (HTTPError, OSError) as error:
        raise _cut("The watch was cut.") from error


def _cut(message: str) -> ClusterUnreachable:
    return ClusterUnreachable(message, details={"reason": "cut"})
