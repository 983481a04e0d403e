"""
Log files of services: every line with its time, ten megabytes a file, five files a service.

A service's output is read as bytes; nothing that it writes can stop the reader or fill memory.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

MOST_BYTES = 10 * 1024 * 1024
FILES = 5
LONGEST_LINE = 16 * 1024
_STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ?(.*)", re.DOTALL)


def stamp(at: datetime | None = None) -> str:
    """Return a time as it stands before a line: UTC, milliseconds, sortable as text."""
    return (at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


class Splitter:
    """Cuts a stream of bytes into lines, and lines that are too long into pieces."""

    def __init__(self, longest: int = LONGEST_LINE) -> None:
        self._longest = longest
        self._rest = b""

    def feed(self, chunk: bytes) -> list[bytes]:
        """Take bytes, return the lines they complete."""
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        lines = [piece for line in whole for piece in self._pieces(line)]
        while len(self._rest) > self._longest:
            lines.append(self._rest[: self._longest])
            self._rest = self._rest[self._longest :]
        return lines

    def flush(self) -> list[bytes]:
        """Return the rest that came without an end of line."""
        rest, self._rest = self._rest, b""
        return [rest] if rest else []

    def _pieces(self, line: bytes) -> list[bytes]:
        line = line.rstrip(b"\r")
        return [line[at : at + self._longest] for at in range(0, len(line), self._longest)] or [b""]


class RotatingLog:
    """Appends lines to a file; when it is full the file becomes ``.1``, that one ``.2``, and the oldest goes."""

    def __init__(self, path: Path, most_bytes: int = MOST_BYTES, files: int = FILES) -> None:
        self.path = path
        self._most = most_bytes
        self._files = files
        self._file: IO[bytes] = path.open("ab")
        self._size = self._file.tell()

    def write(self, lines: list[bytes]) -> None:
        """Append lines, each with the time of now."""
        if not lines:
            return
        mark = stamp().encode() + b" "
        data = b"".join(mark + line + b"\n" for line in lines)
        if self._size and self._size + len(data) > self._most:
            self._rotate()
        self._file.write(data)
        self._file.flush()
        self._size += len(data)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _rotate(self) -> None:
        self._file.close()
        for number in range(self._files - 1, 0, -1):
            older = self.path.with_name(f"{self.path.name}.{number}")
            newer = self.path if number == 1 else self.path.with_name(f"{self.path.name}.{number - 1}")
            if newer.exists():
                newer.replace(older)
        self._file = self.path.open("ab")
        self._size = 0


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """One line of one service."""

    time: str
    service: str
    text: str


def parse(service: str, raw: str, last: str = "") -> Line:
    """Read one line of a file; one without a time of its own belongs to the line before it."""
    found = _STAMP.fullmatch(raw)
    return Line(found[1], service, found[2]) if found else Line(last, service, raw)


def files_of(path: Path, files: int = FILES) -> list[Path]:
    """Return a log's files, the oldest first."""
    older = [path.with_name(f"{path.name}.{number}") for number in range(files - 1, 0, -1)]
    return [file for file in [*older, path] if file.exists()]


def lines_of(service: str, path: Path, most: int | None = None) -> list[Line]:
    """Return a service's last lines, all of them for None."""
    found: list[Line] = []
    for file in reversed(files_of(path)):
        found[:0] = _read(service, file)
        if most is not None and len(found) >= most:
            break
    return found if most is None else found[len(found) - min(most, len(found)) :]


def _read(service: str, file: Path) -> Iterator[Line]:
    last = ""
    for raw in file.read_text(encoding="utf-8", errors="replace").split("\n")[:-1]:
        line = parse(service, raw, last)
        last = line.time
        yield line


class Follower:
    """Returns the lines that came since it was asked last, across rotations."""

    def __init__(self, service: str, path: Path) -> None:
        self.service = service
        self._path = path
        self._file: IO[bytes] | None = None
        self._splitter = Splitter(LONGEST_LINE * 2)
        self._open(at_end=True)

    def _open(self, *, at_end: bool) -> None:
        try:
            self._file = self._path.open("rb")
        except FileNotFoundError:
            self._file = None
            return
        if at_end:
            self._file.seek(0, 2)

    def lines(self) -> list[Line]:
        """Read on."""
        found = self._read_on()
        if self._moved():
            found += self._read_on()
            if self._file is not None:
                self._file.close()
            self._open(at_end=False)
            found += self._read_on()
        return found

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _read_on(self) -> list[Line]:
        if self._file is None:
            return []
        raw = self._splitter.feed(self._file.read())
        return [parse(self.service, line.decode(errors="replace"), stamp()) for line in raw]

    def _moved(self) -> bool:
        try:
            there = self._path.stat()
        except FileNotFoundError:
            return False
        if self._file is None:
            return True
        return there.st_ino != os.fstat(self._file.fileno()).st_ino
