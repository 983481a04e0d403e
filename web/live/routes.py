"""Addresses of streams of many topics; those of one topic stand with its noun."""

from __future__ import annotations

from typing import Any

from flask import Response, g
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field

from shared.errors import FieldError, InvalidInput, KubeOrchError, NotFound, StorageUnavailable
from shared.presence.models import Place
from shared.updates import topics
from web.api.answers import content, problems
from web.api.common import SIGNED_IN, LastEventId
from web.api.paths import ConnectionPath
from web.auth import actors
from web.live.sse import Stream, respond
from web.live.stream_owners import StreamOwners, control
from web.live.topics import allow
from web.live.wire import MOST_TOPICS, decode_positions, valid_id
from web.services import actor, services

EVENTS = content("text/event-stream", {"type": "string"})

api = APIBlueprint("streams", __name__, url_prefix="/v1/api", abp_tags=[Tag(name="streams")], abp_security=SIGNED_IN)


class TopicsQuery(BaseModel):
    """Which topics, comma-separated: ``workflow:…,run:…,cluster:…``."""

    model_config = ConfigDict(extra="forbid")

    topics: str = Field("", max_length=4000)


class StreamChanges(BaseModel):
    """Topics to take up and to leave, and where the person is: null is nowhere, left out is where they were."""

    model_config = ConfigDict(extra="forbid")

    add: list[str] = Field(default_factory=list, max_length=MOST_TOPICS)
    remove: list[str] = Field(default_factory=list, max_length=MOST_TOPICS)
    at: Place | None = None

    def told(self) -> dict[str, Any]:
        """Return the changes as the stream reads them."""
        moved = {"at": self.at.model_dump() if self.at else None} if "at" in self.model_fields_set else {}
        return {"add": self.add, "remove": self.remove, **moved}


def follow(topic: str, seen: str) -> Response:
    """
    Answer with the stream of one topic, for the routes of its noun.

    :param seen: the id of the last event that arrived
    :raises NotFound: no such topic, or not for this person
    """
    found, who = services(), actor()
    allow(found, who, topic)
    positions = {topic: seen} if valid_id(seen) else {}
    return respond(Stream(found, who, actors(), g.token_expires_at, [topic], positions=positions))


@api.get("/stream", responses={200: EVENTS, **problems()}, summary="Many topics in one stream")
def stream(query: TopicsQuery, header: LastEventId) -> Response:
    """Everything a browser tab shows, over one connection; topics that may not be heard are listed as refused."""
    found, who = services(), actor()
    wanted = list(dict.fromkeys(part for part in query.topics.split(",") if part))
    if len(wanted) > MOST_TOPICS:
        message = f"at most {MOST_TOPICS}"
        raise InvalidInput(f"topics: {message}", fields=[FieldError("topics", message)])
    allowed: list[str] = []
    refused: list[dict[str, str]] = []
    for topic in wanted:
        try:
            allow(found, who, topic)
            allowed.append(topic)
        except KubeOrchError as error:
            refused.append({"topic": topic, "code": error.code})
    positions = {topic: place for topic, place in decode_positions(header.sent).items() if topic in allowed}
    return respond(
        Stream(
            found, who, actors(), g.token_expires_at, allowed, refused=refused, multiplexed=True, positions=positions
        )
    )


@api.patch("/stream/<connection_id>", responses={202: None, **problems()}, summary="Change a stream")
def change(path: ConnectionPath, body: StreamChanges) -> Response:
    """Tell one's own stream, on whichever process it is, to take up and leave topics, and say where one is."""
    platform = services().platform
    if StreamOwners(platform.redis).owner(path.connection_id) != actor().user_id:
        raise NotFound("There is no such stream; open it again.", code="stream-gone")
    if body.at is not None:
        allow(services(), actor(), topics.workflow(body.at.workflow_id))
    told = platform.updates.publish(control(path.connection_id), "change", body.told())
    if told is None:
        raise StorageUnavailable("The stream could not be told. Try again in a moment.")
    return Response(status=202)
