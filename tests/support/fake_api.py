"""
An API server as far as lists and watches go, in this process and over real sockets, that fails on demand.

A test sets ``objects``, sends events to open watches, and queues answers that come instead of the right ones.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.support.wait import eventually

CUT = object()
END = object()


@dataclass
class Answer:
    """
    What is answered instead of the right thing.

    :param raw: the whole answer, head and all; the connection ends with it
    :param is_reset: it ends by a reset
    """

    status: int = 0
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    is_reset: bool = False


@dataclass
class Request:
    """One request that came."""

    method: str
    path: str
    query: dict[str, str]
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def is_watch(self) -> bool:
        return self.query.get("watch") == "1"


class FakeApi:
    """
    Listens on loopback while it is entered.

    :param tls: the server's side of TLS; without it, it speaks plain HTTP
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.version = 100
        self.page_size = 500
        self.requests: list[Request] = []
        self.answers: list[Answer] = []
        """Come instead of the right answers, one after the other."""
        self.always: Answer | None = None
        """Comes instead of every right answer."""
        self.respond: Callable[[Request], Answer | None] | None = None
        """Makes answers; None for the right one."""
        self.end_watches_at_once = False
        self._watches: list[queue.Queue[Any]] = []
        self._sockets: set[socket.socket] = set()
        self._lock = threading.Lock()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                fake._sockets.add(self.connection)

            def finish(self) -> None:
                fake._sockets.discard(self.connection)
                with contextlib.suppress(OSError):
                    super().finish()

            def do_GET(self) -> None:
                fake._handle(self)

            def __getattr__(self, name: str) -> Any:
                if name in {"do_POST", "do_PATCH", "do_DELETE"}:
                    return self.do_GET
                raise AttributeError(name)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self.end_watches(CUT)
        self.cut()
        self._server.server_close()
        self._thread.join(5)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    # -- what a test does ---------------------------------------------------------------------------------------

    def put(self, name: str, *, tell: bool = True, **content: Any) -> None:
        """Make or change an object; without ``tell`` no watch hears of it."""
        with self._lock:
            self.version += 1
            kind = "MODIFIED" if name in self.objects else "ADDED"
            uid = self.objects[name]["metadata"]["uid"] if name in self.objects else f"uid-{name}-{self.version}"
            metadata = {"name": name, "namespace": "shop", "uid": uid, "resourceVersion": str(self.version)}
            self.objects[name] = {"metadata": metadata, **content}
            item = self.objects[name]
        if tell:
            self.send({"type": kind, "object": item})

    def remove(self, name: str, *, tell: bool = True) -> None:
        """Delete an object."""
        with self._lock:
            self.version += 1
            item = self.objects.pop(name)
            item = {**item, "metadata": {**item["metadata"], "resourceVersion": str(self.version)}}
        if tell:
            self.send({"type": "DELETED", "object": item})

    def bookmark(self) -> None:
        """Tell the watches a new version."""
        self.version += 10
        self.send({"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": str(self.version)}}})

    def send(self, event: Any) -> None:
        """Send an event (or bytes as they are) to every open watch."""
        for watch in list(self._watches):
            watch.put(event)

    def end_watches(self, how: object = END) -> None:
        """End all open watches, in order or by a cut."""
        self.send(how)

    def wait_for_watch(self, count: int = 1) -> None:
        """Wait until so many watches are open."""
        eventually(lambda: len(self._watches) >= count, timeout=15, what="a watch")

    def cut(self) -> None:
        """Cut all connections."""
        for connection in list(self._sockets):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def lists(self) -> list[Request]:
        """Return the lists that were asked for."""
        return [request for request in self.requests if request.method == "GET" and not request.is_watch]

    def watches(self) -> list[Request]:
        """Return the watches that were asked for."""
        return [request for request in self.requests if request.is_watch]

    # -- answering ----------------------------------------------------------------------------------------------

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        address = urlsplit(handler.path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        length = int(handler.headers.get("Content-Length") or 0)
        body = json.loads(handler.rfile.read(length)) if length else None
        request = Request(handler.command, address.path, query, body, dict(handler.headers))
        self.requests.append(request)
        answer = self.always or (self.answers.pop(0) if self.answers else None)
        answer = answer or (self.respond(request) if self.respond else None)
        with contextlib.suppress(OSError):
            if answer is not None:
                _send(handler, answer)
            elif request.is_watch:
                self._watch(handler)
            else:
                _send(handler, Answer(200, self._page(query)))

    def _page(self, query: dict[str, str]) -> dict[str, Any]:
        with self._lock:
            start = int(query.get("continue") or 0)
            size = min(self.page_size, int(query.get("limit") or self.page_size))
            items = list(self.objects.values())
            metadata = {"resourceVersion": str(self.version)}
            if start + size < len(items):
                metadata["continue"] = str(start + size)
        return {"kind": "List", "metadata": metadata, "items": items[start : start + size]}

    def _watch(self, handler: BaseHTTPRequestHandler) -> None:
        events: queue.Queue[Any] = queue.Queue()
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.flush()
        if self.end_watches_at_once:
            handler.wfile.write(b"0\r\n\r\n")
            return
        self._watches.append(events)
        try:
            while True:
                event = events.get()
                if event is END:
                    handler.wfile.write(b"0\r\n\r\n")
                    return
                if event is CUT:
                    handler.connection.shutdown(socket.SHUT_RDWR)
                    return
                raw = event if isinstance(event, bytes) else json.dumps(event).encode() + b"\n"
                handler.wfile.write(b"%x\r\n%s\r\n" % (len(raw), raw))
                handler.wfile.flush()
        finally:
            self._watches.remove(events)


def status(code: int, message: str = "", **more: Any) -> dict[str, Any]:
    """Return a Status object."""
    return {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "message": message, **more}


def _send(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    if answer.raw is not None:
        _send_raw(handler, answer.raw, is_reset=answer.is_reset)
        return
    body = answer.body
    raw = body if isinstance(body, bytes) else json.dumps(status(answer.status) if body is None else body).encode()
    handler.send_response(answer.status)
    handler.send_header("Content-Length", str(len(raw)))
    for name, value in answer.headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(raw)


def _send_raw(handler: BaseHTTPRequestHandler, raw: bytes, *, is_reset: bool) -> None:
    handler.close_connection = True
    handler.wfile.write(raw)
    handler.wfile.flush()
    if is_reset:
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(handler.connection.detach())
