"""
Many requests to one API server at once, from one thread.

libcurl makes the exchange outside of Python: a request costs the process a quarter of what it does over urllib3, and no
threads wait for each other. What does not come through here is for :class:`shared.kubernetes.client.ClusterClient`,
which knows how to wait, to try again, and to say what is wrong.

It waits for sockets without telling gevent: for processes with threads, not for those with greenlets.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pycurl

from shared.kubernetes.connection.addresses import bracketed

if TYPE_CHECKING:
    from shared.kubernetes.connection.configuration import ClusterConfiguration

NOTHING_TO_WAIT_FOR = -1
_PAUSE_SECONDS = 0.005
_WAIT_SECONDS = 1.0
LARGEST_ANSWER = 64 * 1024 * 1024
"""An answer is one object or a refusal; what is larger does not come through here."""


@dataclass(frozen=True, slots=True)
class Request:
    """
    One request.

    :param path: with the query, below the address of the server
    """

    method: str
    path: str
    body: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Answer:
    """
    An API server's answer.

    :param retry_after: seconds it asks to wait; 0 when it does not
    """

    status: int
    body: bytes
    retry_after: int = 0


Done = Callable[[int, Answer | None], None]
"""Takes the number of a request and its answer; None: it did not come through."""


class Batch:
    """
    Connections to one API server, kept alive between batches; for one thread at a time.

    :param connect_seconds: how long a connection may take to come about
    :param seconds: how long a whole exchange may take
    """

    def __init__(self, configuration: ClusterConfiguration, *, connect_seconds: float, seconds: float) -> None:
        self._configuration = configuration
        self._connect_seconds = connect_seconds
        self._seconds = seconds
        name, port = bracketed(configuration.tls_server_name), configuration.port
        self._root = f"{configuration.scheme}://{name}:{port}{configuration.prefix}"
        self._connect_to = f"{name}:{port}:{bracketed(configuration.address)}:{port}"
        self._multi = pycurl.CurlMulti()
        self._idle: list[pycurl.Curl] = []

    def close(self) -> None:
        """Close all connections."""
        for handle in self._idle:
            handle.close()
        self._idle.clear()
        self._multi.close()

    def send(self, requests: Iterable[tuple[int, Request]], done: Done, *, at_once: int) -> None:
        """
        Send numbered requests, each as soon as there is room for it, and tell their answers as they come.

        What ``requests`` or ``done`` raises ends the batch: nothing more is sent, and it is raised once what is under
        way has been told.
        """
        feed = iter(requests)
        running: dict[pycurl.Curl, tuple[int, BytesIO]] = {}
        errors: list[Exception] = []
        try:
            while self._fill(running, feed, errors, at_once):
                for handle, answer in self._ended(running):
                    number, _ = running.pop(handle)
                    self._multi.remove_handle(handle)
                    self._idle.append(handle)
                    with _gathered(errors):
                        done(number, answer)
        finally:
            # only who is made to leave at once, as at the end of the process, leaves anything here
            for handle in running:
                self._multi.remove_handle(handle)
        if errors:
            raise errors[0]

    def _fill(
        self,
        running: dict[pycurl.Curl, tuple[int, BytesIO]],
        feed: Iterator[tuple[int, Request]],
        errors: list[Exception],
        at_once: int,
    ) -> bool:
        """Send while there is room and nothing was raised; whether anything is under way."""
        while len(running) < at_once and not errors:
            with _gathered(errors):
                following = next(feed, None)
                if following is None:
                    break
                number, request = following
                body = _Body()
                running[self._begin(request, body)] = (number, body)
        return bool(running)

    def _begin(self, request: Request, body: BytesIO) -> pycurl.Curl:
        handle = self._idle.pop() if self._idle else self._make()
        headers = {**self._configuration.headers(), "Content-Type": request.content_type}
        handle.setopt(pycurl.URL, self._root + request.path)
        handle.setopt(pycurl.CUSTOMREQUEST, request.method)
        # libcurl would ask for permission before it sends a large body
        handle.setopt(pycurl.HTTPHEADER, [*(f"{name}: {value}" for name, value in headers.items()), "Expect:"])
        handle.setopt(pycurl.POSTFIELDS, request.body)
        handle.setopt(pycurl.WRITEFUNCTION, body.write)
        self._multi.add_handle(handle)
        return handle

    def _ended(self, running: Mapping[pycurl.Curl, tuple[int, BytesIO]]) -> list[tuple[pycurl.Curl, Answer | None]]:
        """Go on until something has ended, then return all that has."""
        ended: list[tuple[pycurl.Curl, Answer | None]] = []
        while not ended:
            self._multi.perform()
            more = True
            while more:
                left, came, failed = self._multi.info_read()
                more = left > 0
                for handle in came:
                    status, wait = handle.getinfo(pycurl.RESPONSE_CODE), handle.getinfo(pycurl.RETRY_AFTER)
                    ended.append((handle, Answer(int(status), running[handle][1].getvalue(), int(wait))))
                ended += [(handle, None) for handle, _, _ in failed]
            if not ended and self._multi.select(_WAIT_SECONDS) == NOTHING_TO_WAIT_FOR:
                # between sockets, libcurl has none to show
                time.sleep(_PAUSE_SECONDS)
        return ended

    def _make(self) -> pycurl.Curl:
        handle = pycurl.Curl()
        handle.setopt(pycurl.NOSIGNAL, 1)
        # whatever the environment says: straight to the address that was checked, and nowhere from there
        handle.setopt(pycurl.PROXY, "")
        handle.setopt(pycurl.CONNECT_TO, [self._connect_to])
        handle.setopt(pycurl.FOLLOWLOCATION, 0)
        handle.setopt(pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)
        handle.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
        handle.setopt(pycurl.CONNECTTIMEOUT_MS, int(self._connect_seconds * 1000))
        handle.setopt(pycurl.TIMEOUT_MS, int(self._seconds * 1000))
        handle.setopt(pycurl.SSLVERSION, pycurl.SSLVERSION_TLSv1_2)
        _trust(handle, self._configuration)
        return handle


class _Body(BytesIO):
    """Takes an answer, up to a size; libcurl ends the exchange when less is taken than it gives."""

    def write(self, data: Any, /) -> int:
        return super().write(data) if self.tell() + len(data) <= LARGEST_ANSWER else 0


@contextmanager
def _gathered(errors: list[Exception]) -> Iterator[None]:
    """Put errors aside: the answers of requests under way are to be delivered first."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - raised at the end
        errors.append(error)


def _trust(handle: pycurl.Curl, configuration: ClusterConfiguration) -> None:
    """Give libcurl the trust and the client certificate that ``tls.context_for`` gives Python."""
    if configuration.client_certificate and configuration.client_key:
        handle.setopt(pycurl.SSLCERT_BLOB, configuration.client_certificate.encode())
        handle.setopt(pycurl.SSLKEY_BLOB, configuration.client_key.encode())
    handle.setopt(pycurl.SSL_VERIFYPEER, int(configuration.verify_ssl))
    handle.setopt(pycurl.SSL_VERIFYHOST, 2 if configuration.verify_ssl else 0)
    # what libcurl was built to trust besides
    handle.unsetopt(pycurl.CAPATH)
    if configuration.ca_cert_data:
        handle.setopt(pycurl.CAINFO_BLOB, configuration.ca_cert_data.encode())
    elif configuration.verify_ssl:
        _trust_the_system(handle)


def _trust_the_system(handle: pycurl.Curl) -> None:
    paths = ssl.get_default_verify_paths()
    if paths.cafile:
        handle.setopt(pycurl.CAINFO, paths.cafile)
    if paths.capath:
        handle.setopt(pycurl.CAPATH, paths.capath)
