"""Somebody who uses a running platform over HTTP: signed in, with streams that are followed as a browser would."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from shared.workflows.drawing.graph import Graph

PASSWORD = "a quiet afternoon"
RETRY_SECONDS = 0.2
SILENCE_SECONDS = 40.0


@dataclass(frozen=True, slots=True)
class Event:
    """
    One event of a stream.

    :param data: what the frame's ``data`` carries inside, without its envelope
    :param connection: by which connection it came, 1 for the first
    :param seconds: when it came, on the monotonic clock
    """

    id: str
    name: str
    topic: str
    data: dict[str, Any]
    connection: int
    seconds: float


class Stream:
    """Follows one stream in a thread of its own, and comes back with the last id when it is cut."""

    def __init__(self, url: str, path: str, token: str) -> None:
        self._address = urlsplit(url)
        self._path = path
        self._token = token
        self._changed = threading.Condition()
        self._events: list[Event] = []
        self._closing = False
        self._socket: socket.socket | None = None
        self._last_id = ""
        self.connections = 0
        self._thread = threading.Thread(target=self._follow, name=f"stream {path}", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def events(self) -> list[Event]:
        """Everything that came until now, in order."""
        with self._changed:
            return list(self._events)

    def names(self) -> list[str]:
        """Return the names of the events, in order."""
        return [event.name for event in self.events]

    def until(
        self, wanted: str | Callable[[Event], Any], *, timeout: float = 30.0, after: Event | None = None, what: str = ""
    ) -> Event:
        """
        Return the first event that is wanted; it may have come already.

        :param wanted: an event's name, or a question about an event
        :param after: look only at what came after this one
        """
        asks = (lambda event: event.name == wanted) if isinstance(wanted, str) else wanted
        ends = time.monotonic() + timeout
        seen = 0
        with self._changed:
            if after is not None:
                seen = self._events.index(after) + 1
            while True:
                for event in self._events[seen:]:
                    seen += 1
                    if asks(event):
                        return event
                left = ends - time.monotonic()
                if left <= 0:
                    last = [(event.name, event.data) for event in self._events[-6:]]
                    asked = what or (wanted if isinstance(wanted, str) else "the event")
                    message = f"{asked} did not come within {timeout} s; the last of {len(self._events)}: {last}"
                    raise AssertionError(message)
                self._changed.wait(left)

    def cut(self) -> None:
        """Cut the connection; the stream comes back by itself."""
        if self._socket is not None:
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Leave."""
        self._closing = True
        with contextlib.suppress(OSError):
            self.cut()
        self._thread.join(5)

    def _follow(self) -> None:
        while not self._closing:
            connection = http.client.HTTPConnection(
                self._address.hostname or "", self._address.port, timeout=SILENCE_SECONDS
            )
            try:
                self._read(connection)
            except (OSError, http.client.HTTPException, ValueError, AttributeError):
                # cut: a browser waits a little and comes back
                pass
            finally:
                connection.close()
            if not self._closing:
                time.sleep(RETRY_SECONDS)

    def _read(self, connection: http.client.HTTPConnection) -> None:
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "text/event-stream"}
        if self._last_id:
            headers["Last-Event-ID"] = self._last_id
        connection.request("GET", self._path, headers=headers)
        self._socket = connection.sock
        # an answer that ends with its connection owns the socket from here on
        with connection.getresponse() as answer:
            self._read_frames(answer)

    def _read_frames(self, answer: http.client.HTTPResponse) -> None:
        if answer.status != httpx.codes.OK:
            self._take({"event": "refused", "id": "", "data": answer.read().decode()})
            return
        self.connections += 1
        frame: dict[str, str] = {}
        while line := answer.readline():
            text = line.decode().rstrip("\n")
            if text:
                name, _, value = text.partition(":")
                frame[name] = value.removeprefix(" ")
            else:
                if "event" in frame:
                    self._take(frame)
                frame = {}

    def _take(self, frame: dict[str, str]) -> None:
        envelope = json.loads(frame["data"])
        data = envelope.get("data", envelope)
        event = Event(
            frame.get("id", ""), frame["event"], envelope.get("topic", ""), data, self.connections, time.monotonic()
        )
        if event.id:
            self._last_id = event.id
        with self._changed:
            self._events.append(event)
            self._changed.notify_all()


@dataclass
class Person:
    """
    Somebody with an account.

    :param url: of the platform
    """

    url: str
    name: str
    id: str = ""
    token: str = ""
    _client: httpx.Client = field(init=False)
    _streams: list[Stream] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._client = httpx.Client(base_url=f"{self.url}/v1/api", timeout=30)

    def sign_up(self, password: str) -> None:
        """Make the account and sign in."""
        body = {"name": self.name.title(), "email": f"{self.name}@example.com", "password": password}
        answer = self.call("POST", "/auth/register", body, status=201)
        self.id, self.token = answer["user"]["id"], answer["access_token"]
        self._client.headers["Authorization"] = f"Bearer {self.token}"

    def close(self) -> None:
        """Leave everything."""
        for stream in self._streams:
            stream.close()
        self._client.close()

    # -- requests -----------------------------------------------------------------------------------------------

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Send one request; underscores in header names become dashes."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._client.request(method, path, json=body, headers=named)

    def call(self, method: str, path: str, body: Any = None, *, status: int = 200, **headers: str) -> Any:
        """Send one request and return its answer; any other status than the expected one fails."""
        answer = self.send(method, path, body, **headers)
        if answer.status_code != status:
            message = f"{method} {path}: {answer.status_code} instead of {status}: {answer.text[:2000]}"
            raise AssertionError(message)
        return answer.json() if answer.content else None

    def get(self, path: str) -> Any:
        """Return what is there."""
        return self.call("GET", path)

    # -- the nouns ----------------------------------------------------------------------------------------------

    def connect(self, kubeconfig: str, name: str = "test", **more: Any) -> str:
        """Connect a cluster and return its id."""
        body = {"name": name, "auth_type": "kubeconfig", "kubeconfig": kubeconfig, **more}
        found: str = self.call("POST", "/clusters", body, status=201)["id"]
        return found

    def create(self, name: str, graph: Graph, *, cluster_id: str | None, namespace: str) -> str:
        """Create a workflow and return its id."""
        body = {"name": name, "cluster_id": cluster_id, "namespace": namespace, **graph.model_dump(mode="json")}
        found: str = self.call("POST", "/workflows", body, status=201)["id"]
        return found

    def save(self, workflow_id: str, graph: Graph) -> None:
        """Replace a workflow's graph."""
        revision = self.get(f"/workflows/{workflow_id}")["revision"]
        body = graph.model_dump(mode="json")
        self.call("POST", f"/workflows/{workflow_id}/save", body, If_Match=f'"{revision}"')

    def run(self, workflow_id: str) -> str:
        """Start a run and return its id."""
        found: str = self.call("POST", f"/workflows/{workflow_id}/run", status=202)["id"]
        return found

    def get_run(self, run_id: str) -> dict[str, Any]:
        """Return a run with states and log."""
        found: dict[str, Any] = self.get(f"/runs/{run_id}")
        return found

    def ended(self, run_id: str, *, timeout: float = 60.0) -> dict[str, Any]:
        """Follow a run until it has ended and return it."""
        with self.follow(f"/runs/{run_id}/stream") as stream:
            stream.until(_is_end, timeout=timeout, what=f"the end of run {run_id}")
        return self.get_run(run_id)

    def deploy(self, workflow_id: str, *, status: str = "completed", timeout: float = 60.0) -> dict[str, Any]:
        """Run a workflow to its end, which must be the expected one."""
        run = self.ended(self.run(workflow_id), timeout=timeout)
        if run["status"] != status:
            log = [entry["text"] for entry in run["logs"]]
            message = f"the run is {run['status']}, not {status}: {run['error']}; its log: {log}"
            raise AssertionError(message)
        return run

    def statuses(self, workflow_id: str) -> dict[str, dict[str, Any]]:
        """Return the observed status of each node."""
        return {item["node_id"]: item for item in self.get(f"/workflows/{workflow_id}/status")["items"]}

    # -- streams ------------------------------------------------------------------------------------------------

    def follow(self, path: str) -> Stream:
        """Follow a stream; it ends with this person at the latest."""
        stream = Stream(self.url, f"/v1/api{path}", self.token)
        self._streams.append(stream)
        return stream

    def follow_workflow(self, workflow_id: str) -> Stream:
        """Follow a workflow's statuses from a snapshot on."""
        stream = self.follow(f"/workflows/{workflow_id}/status/stream")
        stream.until("metadata")
        return stream


def _is_end(event: Event) -> bool:
    if event.name == "metadata":
        return event.data["run"]["status"] in {"completed", "failed", "cancelled"}
    return event.name in {"complete", "failed", "cancelled"}
