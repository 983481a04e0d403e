"""
List and watch one kind, rightly: from the list's version on, through bookmarks, cuts, 410 and silence.

The cache is compared on every relist, so that deletions nobody saw are found. One informer is one thread (or greenlet);
what it finds goes to a callback. How long a kind has been blind is known at any time.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from shared.errors import ClusterRefused, ClusterThrottled, KubeOrchError
from shared.kubernetes.objects import Manifest
from shared.log import get_logger

log = get_logger(__name__)

BASE_SECONDS = 5.0
CAP_SECONDS = 60.0
UNAUTHORIZED_SECONDS = 60.0
SHORT_SECONDS = 1.0
"""A watch that lasts no longer than this counts as a failure."""
SHORTEST_WATCH, LONGEST_WATCH = 240, 300
_GONE = {"cluster-gone"}
_ABSENT = {"kind-unknown", "cluster-not-found"}
_DENIED = {"cluster-unauthorized", "cluster-forbidden"}


class Source(Protocol):
    """The source of an informer: :class:`shared.kubernetes.client.ClusterClient`, or a fake API server in tests."""

    def list(
        self, api_version: str, kind: str, *, namespace: str | None = None, label_selector: str | None = None
    ) -> tuple[list[Manifest], str]:
        """Return all objects and the version to watch from."""

    def watch(
        self,
        api_version: str,
        kind: str,
        *,
        resource_version: str,
        timeout_seconds: int,
        namespace: str | None = None,
        label_selector: str | None = None,
    ) -> Any:
        """Yield ``{type, object}``, first ``{type: OPEN}``."""


@dataclass(frozen=True, slots=True)
class Watched:
    """The subject of one informer; ``namespace`` None is the whole cluster."""

    api_version: str
    kind: str
    namespace: str | None = None
    label_selector: str | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """Waiting times in seconds; tests use short ones."""

    base: float = BASE_SECONDS
    cap: float = CAP_SECONDS
    denied: float = UNAUTHORIZED_SECONDS


class Informer:
    """
    Keeps a cache of one kind true.

    :param slim: cuts an object down to what is needed before it is kept
    :param changed: called with (object before or None, object now or None)
    """

    def __init__(
        self,
        source: Source,
        watched: Watched,
        *,
        slim: Callable[[Manifest], Manifest],
        changed: Callable[[Manifest | None, Manifest | None], None],
        pace: Pace | None = None,
    ) -> None:
        self.watched = watched
        self.objects: dict[str, Manifest] = {}
        self.synced = threading.Event()
        self.state = "starting"
        self.relists = 0
        self.down_since: float | None = time.monotonic()
        self._source = source
        self._slim = slim
        self._changed = changed
        self._pace = pace or Pace()
        self._version = ""
        self._woken = threading.Event()

    @property
    def is_absent(self) -> bool:
        """Whether the cluster did not know the kind when it was asked last."""
        return self.state == "absent"

    @property
    def is_denied(self) -> bool:
        """Whether the credentials may not look at this."""
        return self.state == "unauthorized"

    def run(self, stop: threading.Event) -> None:
        """Go on until stopped."""
        failures = 0
        while not stop.is_set():
            began = time.monotonic()
            try:
                if not self._version:
                    self._relist()
                    self._up()
                self._watch(stop)
                # a server that ends every watch at once is asked again slowly
                failures = 0 if time.monotonic() - began > SHORT_SECONDS else failures + 1
                if failures:
                    self._pause(self._backoff(failures))
            except KubeOrchError as error:
                if stop.is_set():
                    return
                if error.code in _GONE:
                    self._version = ""
                    failures = 0 if time.monotonic() - began > SHORT_SECONDS else failures + 1
                    if failures == 0:
                        continue
                if error.code in _ABSENT:
                    self._see_nothing()
                    self._pause(self._pace.denied)
                    continue
                self._down(error)
                # a connection that lived for a while and was cut is tried again quickly
                failures = 1 if time.monotonic() - began > self._pace.cap else failures + 1
                self._pause(self._delay(error, failures))

    def _see_nothing(self) -> None:
        """The cluster does not know the kind (any more), so there is no object of it."""
        self._version = ""
        for uid in list(self.objects):
            self._changed(self.objects.pop(uid), None)
        self._up()
        self.state = "absent"

    def wake(self) -> None:
        """Try again now, because the server answers again, or look at the stop."""
        self._woken.set()

    def _pause(self, seconds: float) -> None:
        self._woken.wait(seconds)
        self._woken.clear()

    def _up(self) -> None:
        if self.state not in {"live", "starting", "absent"}:
            log.info("watch_up", kind=self.watched.kind, namespace=self.watched.namespace)
        self.state = "live"
        self.down_since = None
        self.synced.set()

    def _down(self, error: KubeOrchError) -> None:
        if self.down_since is None:
            self.down_since = time.monotonic()
        before, self.state = self.state, "unauthorized" if error.code in _DENIED else "down"
        if before != self.state:
            log.warning(
                "watch_down",
                kind=self.watched.kind,
                namespace=self.watched.namespace,
                code=error.code,
                reason=error.message,
            )

    def _delay(self, error: KubeOrchError, failures: int) -> float:
        if isinstance(error, ClusterThrottled):
            return error.delay
        if error.code in _DENIED:
            return self._pace.denied
        return self._backoff(failures)

    def _backoff(self, failures: int) -> float:
        ceiling = min(self._pace.cap, self._pace.base * 2.0 ** min(failures - 1, 10))
        return random.uniform(ceiling / 2, ceiling)  # noqa: S311 - jitter

    def _relist(self) -> None:
        items, version = self._source.list(
            self.watched.api_version,
            self.watched.kind,
            namespace=self.watched.namespace,
            label_selector=self.watched.label_selector,
        )
        self.relists += 1
        fresh = {str(item["metadata"]["uid"]): self._kept(item) for item in items}
        for uid in [uid for uid in self.objects if uid not in fresh]:
            self._changed(self.objects.pop(uid), None)
        for uid, item in fresh.items():
            self._put(uid, item)
        self._version = version

    def _kept(self, item: Mapping[str, Any]) -> Manifest:
        return self._slim({**item, "apiVersion": self.watched.api_version, "kind": self.watched.kind})

    def _put(self, uid: str, item: Manifest) -> None:
        before = self.objects.get(uid)
        self.objects[uid] = item
        if before != item:
            self._changed(before, item)

    def _watch(self, stop: threading.Event) -> None:
        events = self._source.watch(
            self.watched.api_version,
            self.watched.kind,
            resource_version=self._version,
            timeout_seconds=random.randint(SHORTEST_WATCH, LONGEST_WATCH),  # noqa: S311 - spread, not a secret
            namespace=self.watched.namespace,
            label_selector=self.watched.label_selector,
        )
        for event in events:
            if stop.is_set():
                return
            self._take(event)

    def _take(self, event: Mapping[str, Any]) -> None:
        event = _mapping(event)
        kind, item = event.get("type"), _mapping(event.get("object"))
        if kind == "OPEN":
            self._up()
            return
        if kind == "ERROR":
            code = "cluster-gone" if item.get("code") == 410 else "cluster-refused"  # noqa: PLR2004 - HTTP Gone
            raise ClusterRefused(str(item.get("message") or "The watch ended with an error."), status=item, code=code)
        metadata = _mapping(item.get("metadata"))
        if kind == "BOOKMARK":
            self._version = str(metadata.get("resourceVersion") or self._version)
            return
        uid = str(metadata.get("uid") or "")
        if not uid:
            raise ClusterRefused("The watch sent something that is no object.", code="cluster-not-kubernetes")
        if kind == "DELETED":
            before = self.objects.pop(uid, None)
            self._changed(before or self._kept(item), None)
        else:
            self._put(uid, self._kept(item))
        # last, so that an object that could not be taken comes again
        self._version = str(metadata.get("resourceVersion") or self._version)


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
