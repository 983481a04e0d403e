"""
Many listeners in one process of their own: ``python -m bench.clients sse|redis <address> <path or channel> <count>``.

Prints ``ready`` when all are open, then waits for a number on its standard input: how many updates were told. When all
have come everywhere, or nothing comes any more, it prints for each listener how late each update was. Both ways read
raw bytes and look for the same mark, so they cost the same.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import resource
import sys
import time
from urllib.parse import urlsplit

MARK = re.compile(rb'"n":(\d+),"sent":([\d.]+)')
OPEN_AT_ONCE = 50
QUIET_SECONDS = 5.0


class Listener(asyncio.Protocol):
    """One connection; ``late`` gets (which listener, number of the update, seconds)."""

    def __init__(self, index: int, request: bytes, opened: bytes, late: list[tuple[int, int, float]]) -> None:
        self._index = index
        self._request = request
        self._opened = opened
        self._late = late
        self._rest = b""
        self.is_open: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Record every mark with the time at which it came."""
        at = time.time()
        content = self._rest + data
        if not self.is_open.done() and self._opened in content:
            self.is_open.set_result(True)
        end = 0
        for found in MARK.finditer(content):
            self._late.append((self._index, int(found[1]), at - float(found[2])))
            end = found.end()
        self._rest = content[end:][-512:]

    def connection_lost(self, exc: Exception | None) -> None:
        """Say that it never opened."""
        if not self.is_open.done():
            self.is_open.set_exception(exc or ConnectionError(f"refused: {self._rest[:300]!r}"))


def _requests(way: str, address: str, what: str, token: str) -> tuple[str, int, bytes, bytes]:
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or 0
    if way == "redis":
        return host, port, f"SUBSCRIBE {what}\r\n".encode(), b"subscribe"
    lines = [f"GET {what} HTTP/1.1", f"Host: {host}:{port}", f"Authorization: Bearer {token}", "", ""]
    return host, port, "\r\n".join(lines).encode(), b"event: metadata"


async def _listen(way: str, address: str, what: str, count: int) -> None:
    host, port, request, opened = _requests(way, address, what, os.environ.get("BENCH_TOKEN", ""))
    loop = asyncio.get_running_loop()
    late: list[tuple[int, int, float]] = []
    turns = asyncio.Semaphore(OPEN_AT_ONCE)

    async def begin(index: int) -> asyncio.Transport:
        async with turns:
            transport, listener = await loop.create_connection(
                lambda: Listener(index, request, opened, late), host, port
            )
            await asyncio.wait_for(listener.is_open, 60)
            return transport

    transports = await asyncio.gather(*(begin(index) for index in range(count)))
    print("ready", flush=True)
    expected = count * int(await loop.run_in_executor(None, sys.stdin.readline))
    seen, quiet_since = len(late), loop.time()
    while len(late) < expected and loop.time() - quiet_since < QUIET_SECONDS:
        await asyncio.sleep(0.05)
        if len(late) > seen:
            seen, quiet_since = len(late), loop.time()
    print(json.dumps(late), flush=True)
    for transport in transports:
        transport.abort()


def main() -> None:
    """Listen until told to tell."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    way, address, what, count = sys.argv[1:5]
    asyncio.run(_listen(way, address, what, int(count)))


if __name__ == "__main__":
    main()
