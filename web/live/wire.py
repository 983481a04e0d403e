"""The format of the wire: one event as bytes, and the ids from which a client goes on."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

import orjson

from shared.clock import now, rfc3339
from shared.updates import Update, position

RETRY_MS = 3000
RETRY_SOON_MS = 500
MOST_TOPICS = 50
HEARTBEAT = b": heartbeat\n\n"


def retry(milliseconds: int) -> bytes:
    """Return the frame that sets the client's pause before it connects again."""
    return f"retry: {milliseconds}\n\n".encode()


def made_here(event: str, topic: str, data: Mapping[str, object], *, at: str = "") -> Update:
    """Return an event of this process, which stands in no log; ``at`` is the position it leaves a client at."""
    return Update(at, topic, event, rfc3339(now()), dict(data))


def frame(update: Update, identity: str) -> bytes:
    """Return one event; an empty id leaves the client's last one as it is."""
    head = f"id: {identity}\n".encode() if identity else b""
    return head + b"event: " + update.event.encode() + b"\ndata: " + update.json + b"\n\n"


def encode_positions(positions: Mapping[str, str]) -> str:
    """Return positions of many topics as one event id."""
    return base64.urlsafe_b64encode(orjson.dumps(dict(positions))).decode().rstrip("=")


def decode_positions(text: str) -> dict[str, str]:
    """Return the positions in an event id; a text that is none has none, and the client gets snapshots."""
    try:
        found = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error):
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(topic): str(place) for topic, place in list(found.items())[:MOST_TOPICS] if valid_id(place)}


def valid_id(text: object) -> bool:
    """Whether a text is the id of an update."""
    try:
        position(str(text))
    except ValueError:
        return False
    return True
