"""
A line between the platform and an API server that a test can hold, slow down and cut.

It copies bytes and understands none, so TLS goes through; the certificate of a server on loopback fits it as well.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from typing import Any, Self
from urllib.parse import urlsplit

import yaml

CHUNK = 64 * 1024


class Proxy:
    """
    Listens on a free port of loopback while it is entered.

    :param target: host and port of the server behind it
    """

    def __init__(self, target: tuple[str, int]) -> None:
        self.port = 0
        self.opened = 0
        """How many connections were accepted until now."""
        self.delay = 0.0
        """Seconds that each piece from the platform to the server waits."""
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)

    @classmethod
    def before(cls, kubeconfig: str) -> Self:
        """Return a proxy before the server of a kubeconfig."""
        address = urlsplit(yaml.safe_load(kubeconfig)["clusters"][0]["cluster"]["server"])
        return cls((address.hostname or "", address.port or 443))

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._listen(0))
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def kubeconfig(self, text: str) -> str:
        """Return a kubeconfig that leads through this proxy."""
        loaded = yaml.safe_load(text)
        loaded["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{self.port}"
        return yaml.safe_dump(loaded)

    def hold(self) -> None:
        """Let nothing through any more; connections stay open, as when a server hangs."""
        self._loop.call_soon_threadsafe(self._flowing.clear)

    def release(self) -> None:
        """Let everything through again, what was held first."""
        self._loop.call_soon_threadsafe(self._flowing.set)

    def cut(self) -> None:
        """Cut all connections; new ones are accepted."""
        self._do(self._cut())

    def refuse(self) -> None:
        """Cut all connections and accept no new ones, as when a server is down."""
        self._do(self._refuse())

    def accept(self) -> None:
        """Accept connections again, on the same port."""
        self._do(self._listen(self.port))

    # -- on the loop --------------------------------------------------------------------------------------------

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self, port: int) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _refuse(self) -> None:
        if self._server is not None:
            self._server.close()
        await self._cut()

    async def _cut(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _end(self) -> None:
        self._flowing.set()
        await self._refuse()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        self._writers.add(writer)
        try:
            await self._flowing.wait()
            there_reader, there_writer = await asyncio.open_connection(*self._target)
            self._writers.add(there_writer)
            try:
                await asyncio.gather(
                    self._pump(reader, there_writer, slow=True), self._pump(there_reader, writer, slow=False)
                )
            finally:
                self._writers.discard(there_writer)
                there_writer.close()
        except OSError:
            # either side is gone; the other is closed below
            return
        except asyncio.CancelledError:
            # the end of the proxy; a task of a stream that ends as cancelled is reported as an error
            return
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, slow: bool) -> None:
        try:
            while data := await reader.read(CHUNK):
                if slow and self.delay:
                    await asyncio.sleep(self.delay)
                await self._flowing.wait()
                writer.write(data)
                await writer.drain()
        finally:
            with contextlib.suppress(OSError):
                writer.close()
