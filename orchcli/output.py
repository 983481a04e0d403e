"""Output for people and scripts: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import IO, Any

from orchcli.errors import CliError

MOST_WAITING = 1000
_SPINNER_SECONDS = 0.1
_CLEAR = "\r\x1b[2K"


def result(schema: str, data: Any) -> None:
    """Print a result for scripts: ``{"schema": "orchcli.<schema>/1", "data": …}``."""
    print(json.dumps({"schema": f"orchcli.{schema}/1", "data": data}, ensure_ascii=False))  # noqa: T201 - the result


def say(text: str) -> None:
    """Print a line of a result."""
    print(text, flush=True)  # noqa: T201 - the result


def inform(text: str) -> None:
    """Print a line that is no result."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - for people


def failure(error: CliError, *, as_json: bool) -> None:
    """Print an error once."""
    if as_json:
        body = {"code": error.code, "message": error.message, "remedy": error.remedy, "exit": error.exit_code}
        inform(json.dumps({"error": body}, ensure_ascii=False))
        return
    inform(f"error: {error.message}")
    if error.remedy:
        inform(f"  → {error.remedy}" if _unicode(sys.stderr) else f"  -> {error.remedy}")


def _unicode(stream: IO[str]) -> bool:
    return str(getattr(stream, "encoding", "") or "").lower().replace("-", "") == "utf8"


def table(rows: Sequence[Sequence[str]], gap: str = "  ") -> list[str]:
    """Return rows as lines with aligned columns."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [gap.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def colour(text: str, code: int, stream: IO[str] | None = None) -> str:
    """Return coloured text where the stream is a terminal and nobody objects (NO_COLOR)."""
    stream = stream or sys.stderr
    wanted = "FORCE_COLOR" in os.environ or (stream.isatty() and "NO_COLOR" not in os.environ)
    return f"\x1b[{code}m{text}\x1b[0m" if wanted else text


class Screen:
    """
    The output of a start: whole lines in their order, and on a terminal one line that moves.

    A thread of its own writes. Lines of services wait in a bounded queue, so a slow terminal holds nobody up; where
    lines were dropped a mark says how many.

    :param quiet: only what must always be said, nothing that moves
    :param after: where to go on when nobody reads the stream any more
    """

    def __init__(
        self,
        stream: IO[str] | None = None,
        *,
        live: bool | None = None,
        quiet: bool = False,
        after: IO[str] | None = None,
    ) -> None:
        self._stream = stream or sys.stderr
        self._quiet = quiet
        self._after = after
        self._live = self._stream.isatty() if live is None else live
        self._marks = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏" if _unicode(self._stream) else "|/-\\"
        self._lines: deque[tuple[str, bool]] = deque()
        self._service_lines = 0
        self._dropped = 0
        self._changed = threading.Condition()
        self._writing = False
        self._closed = False
        self._moving: Callable[[], str] = str
        self._thread = threading.Thread(target=self._write, name="screen", daemon=True)
        self._thread.start()

    def line(self, text: str, *, always: bool = False) -> None:
        """Print one of our own lines; none is ever dropped. Quiet ones are printed only if they must ``always`` be."""
        if self._quiet and not always:
            return
        with self._changed:
            self._lines.append((text, False))
            self._changed.notify_all()

    def service_line(self, text: str) -> None:
        """Print a service's line, if there is room."""
        if self._quiet:
            return
        with self._changed:
            if self._service_lines >= MOST_WAITING:
                self._dropped += 1
                return
            if self._dropped:
                self._lines.append((f"… {self._dropped} lines dropped; they are in the log files", True))
                self._service_lines += 1
                self._dropped = 0
            self._lines.append((text, True))
            self._service_lines += 1
            self._changed.notify_all()

    def moving(self, text: Callable[[], str]) -> None:
        """Show the text of a function at the bottom of a terminal, until it is empty."""
        self._moving = text

    def flush(self, seconds: float = 5.0) -> None:
        """Wait until everything is written, but not for a terminal that takes nothing."""
        with self._changed:
            self._changed.wait_for(lambda: not self._lines and not self._writing, timeout=seconds)

    def close(self) -> None:
        """Write the rest and stop."""
        self.flush()
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join(1.0)

    def _write(self) -> None:
        shown = False
        turn = 0
        while True:
            with self._changed:
                if not self._lines:
                    self._changed.wait(_SPINNER_SECONDS if self._live else None)
                taken = [text for text, _ in self._lines]
                self._lines.clear()
                self._service_lines = 0
                self._writing = True
                closed = self._closed
            moving = self._moving() if self._live and not closed and not self._quiet else ""
            turn += 1
            text = "".join(f"{line}\n" for line in taken)
            if shown:
                text = _CLEAR + text
            if moving:
                text += f"{'' if shown or taken else _CLEAR}{self._marks[turn % len(self._marks)]} {_fit(moving)}"
            shown = bool(moving)
            try:
                if text:
                    self._stream.write(text)
                    self._stream.flush()
            except (OSError, ValueError):
                # nobody reads any more; what runs goes on, and tells whoever comes after
                self._live = False
                if self._after is not None:
                    self._stream, self._after = self._after, None
            with self._changed:
                self._writing = False
                self._changed.notify_all()
                if closed and not self._lines:
                    return


def _fit(text: str) -> str:
    try:
        width = os.get_terminal_size(2).columns
    except OSError:
        width = 80
    return text if len(text) < width - 3 else text[: width - 4] + "…"


class Steps:
    """The steps of a start: each is printed when it is done, with the time it took; several may run at once."""

    def __init__(self, screen: Screen, total: int) -> None:
        self._screen = screen
        self._total = total
        self._running: dict[int, tuple[str, float]] = {}
        self._lock = threading.Lock()
        screen.moving(self._moving)

    def _moving(self) -> str:
        with self._lock:
            running = sorted(self._running.items())
        now = time.monotonic()
        return "   ".join(f"[{n}/{self._total}] {what} {now - since:.0f} s" for n, (what, since) in running)

    def begin(self, number: int, what: str) -> None:
        """Show that a step runs."""
        with self._lock:
            self._running[number] = (what, time.monotonic())

    def done(self, number: int, detail: str = "", how: str = "done") -> None:
        """Print that a step is over."""
        with self._lock:
            what, since = self._running.pop(number)
        seconds = time.monotonic() - since
        more = f"   {detail}" if detail else ""
        self._screen.line(f"[{number}/{self._total}] {what} … {how} {seconds:.1f} s{more}")

    def drop(self) -> None:
        """Forget the steps that run, because the start is over."""
        with self._lock:
            self._running.clear()
