"""The place of the person at a stream's other end, for as long as the stream is open."""

from __future__ import annotations

from pydantic import ValidationError

from shared.access import Actor
from shared.errors import KubeOrchError, StorageUnavailable, TemporaryError
from shared.log import get_logger
from shared.presence.models import Place, Someone
from shared.updates import topics
from web.live.topics import allow
from web.services import Services

log = get_logger(__name__)


class Whereabouts:
    """
    The place of one stream's person.

    :param connection_id: the stream's id
    """

    def __init__(self, found: Services, connection_id: str) -> None:
        self._found = found
        self._id = connection_id
        self._place: Place | None = None

    def move(self, who: Actor, raw: object) -> None:
        """
        Go where a browser says; nothing is nowhere.

        :raises KubeOrchError: the workflow may not be seen
        """
        place = _read(raw)
        if place is not None:
            allow(self._found, who, topics.workflow(place.workflow_id))
        if self._place is not None and (place is None or place.workflow_id != self._place.workflow_id):
            self.leave()
        self._place = place
        self.renew(who)

    def renew(self, who: Actor) -> None:
        """Say again where the person is; without Redis it will be said later."""
        if self._place is not None:
            try:
                self._found.presence.put(self._place.workflow_id, Someone.of(who, self._id, self._place))
            except StorageUnavailable as error:
                log.warning("presence_not_told", reason=error.code)

    def recheck(self, who: Actor) -> None:
        """
        Leave a workflow that may not be seen any more.

        :raises TemporaryError: that cannot be told just now
        """
        try:
            if self._place is not None:
                allow(self._found, who, topics.workflow(self._place.workflow_id))
        except TemporaryError:
            raise
        except KubeOrchError:
            self.leave()

    def leave(self) -> None:
        """Be nowhere; without Redis the place runs out by itself."""
        place, self._place = self._place, None
        if place is not None:
            try:
                self._found.presence.remove(place.workflow_id, self._id)
            except StorageUnavailable as error:
                log.warning("presence_not_ended", reason=error.code)


def _read(raw: object) -> Place | None:
    """Return a place that another process has checked; one of another release that is none is nowhere."""
    try:
        return None if raw is None else Place.model_validate(raw)
    except ValidationError:
        return None
