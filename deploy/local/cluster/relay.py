"""
Listen in a network namespace and lead each connection to a port of the machine's loopback.

Pods reach the API server this way although it listens on loopback alone. A process of its own, because pods must
not wait for whatever else the starter of the cluster does: ``python -m deploy.local.cluster.relay``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import os
import socket
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

CLONE_NEWNET = 0x40000000
CHUNK = 64 * 1024


@contextlib.contextmanager
def inside(namespace: Path | None) -> Iterator[None]:
    """Be in another network namespace for a while; a socket made there stays there. None changes nothing."""
    if namespace is None:
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)

    def enter(descriptor: int) -> None:
        if libc.setns(descriptor, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"cannot enter {namespace}")

    with Path("/proc/self/ns/net").open("rb") as home, namespace.open("rb") as other:
        enter(other.fileno())
        try:
            yield
        finally:
            enter(home.fileno())


def listen(namespace: Path | None, address: str, port: int) -> socket.socket:
    """Return a listening socket inside the namespace."""
    with inside(namespace):
        return socket.create_server((address, port), backlog=128)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy one direction and hand on its end; each side may still talk after the other has finished."""
    try:
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except OSError:
        writer.close()


async def _serve(listening: socket.socket, target: tuple[str, int]) -> None:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there_reader, there_writer = await asyncio.open_connection(*target)
        except OSError:
            writer.close()
            return
        try:
            await asyncio.gather(_pump(reader, there_writer), _pump(there_reader, writer))
        finally:
            writer.close()
            there_writer.close()

    server = await asyncio.start_server(connected, sock=listening)
    async with server:
        await server.serve_forever()


def command(namespace: Path, address: str, port: int, target_port: int) -> list[str]:
    """Return the command line of a relay."""
    # with -P and -s nothing of the caller's folder is imported but this file
    return [
        *(sys.executable, "-s", "-P", str(Path(__file__).resolve())),
        *("--namespace", str(namespace)),
        *("--address", address),
        *("--port", str(port)),
        *("--target-port", str(target_port)),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Relay until SIGTERM."""
    parser = argparse.ArgumentParser(description="Lead connections to loopback.")
    parser.add_argument("--namespace", type=Path, help="a file below /run/netns")
    parser.add_argument("--address", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--target-port", type=int, required=True)
    asked = parser.parse_args(arguments)
    listening = listen(asked.namespace, asked.address, asked.port)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(listening, ("127.0.0.1", asked.target_port)))
    return os.EX_OK


if __name__ == "__main__":
    sys.exit(main())
