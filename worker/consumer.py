"""Celery's consumer, which must outlive a broker that goes away in the middle of a task."""

from __future__ import annotations

from celery.worker.consumer import Consumer as CeleryConsumer

from shared.log import get_logger

log = get_logger(__name__)


class Consumer(CeleryConsumer):
    """Connects again also when the lost connection cannot be closed in order."""

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """
        Give up the lost connection; the caller makes a new one.

        Kombu puts unacknowledged messages back while it closes a channel, on a transport that it has emptied a moment
        before: an AttributeError that ended the whole worker. The messages stay in Redis and come back by their
        visibility time-out; a run among them is adopted by its lease long before.
        """
        try:
            super().on_connection_error_after_connected(exc)
        except AttributeError as error:
            log.warning("broker_connection_dropped", reason=str(error)[:200])
