from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Iterator

import pytest

from bench.callers import Call, Caller, Paced, run

ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nETag: "7"\r\n\r\n{}'
REFUSAL = b"HTTP/1.1 409 CONFLICT\r\ncontent-length: 0\r\n\r\n"


class Server:
    """Answers the requests of one connection with what it was given, in that order, and closes it."""

    def __init__(self, *answers: bytes) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.requests: list[bytes] = []
        self._thread = threading.Thread(target=self._serve, args=(answers,))
        self._thread.start()

    def _serve(self, answers: tuple[bytes, ...]) -> None:
        connection, _ = self._socket.accept()
        with connection:
            for answer in answers:
                self.requests.append(connection.recv(65536))
                connection.sendall(answer)

    def close(self) -> None:
        self._thread.join(5)
        self._socket.close()


class Times:
    """Always at once, so many times."""

    def __init__(self, count: int) -> None:
        self._left: Iterator[float] = iter([0.0] * count)

    def next(self) -> float | None:
        return next(self._left, None)


def statuses(calls: list[Call]) -> list[int]:
    return [call.status for call in calls]


def test_a_pace_is_so_many_requests_at_equal_distances() -> None:
    schedule = Paced(per_second=4, seconds=1.5)
    moments = [schedule.next() for _ in range(7)]
    times = [moment for moment in moments if moment is not None]
    assert moments[-1] is None
    assert [later - earlier for earlier, later in itertools.pairwise(times)] == pytest.approx([0.25] * 5)


def test_every_save_says_the_revision_of_the_answer_before() -> None:
    server = Server(ANSWER, REFUSAL, ANSWER)
    calls = run([Caller(server.url, "/save", "token", b"{}")], Times(3))
    server.close()
    assert statuses(calls) == [200, 409, 200]
    assert [b'If-Match: "1"' in request for request in server.requests] == [True, False, False]
    assert all(b'If-Match: "7"' in request for request in server.requests[1:])


def test_a_connection_that_is_closed_is_an_answer_that_never_came() -> None:
    server = Server(ANSWER)
    calls = run([Caller(server.url, "/")], Times(5))
    server.close()
    assert statuses(calls) == [200, 0]


def test_an_answer_in_pieces_is_read_to_its_end() -> None:
    head, body = b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n", b"x" * 300_000
    server = Server(head + body, ANSWER)
    calls = run([Caller(server.url, "/")], Times(2))
    server.close()
    assert statuses(calls) == [200, 200]
