from __future__ import annotations

import io
import json
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchcli import output
from orchcli.commands.logs import level_of, moment
from orchcli.errors import Usage
from orchcli.logfiles import Follower, RotatingLog, Splitter, files_of, lines_of
from orchcli.output import MOST_WAITING, Screen, Steps
from orchcli.running.session import loud
from tests.support.wait import eventually


def test_lines_are_cut_out_of_chunks_and_long_ones_into_pieces() -> None:
    splitter = Splitter(longest=4)
    assert splitter.feed(b"ab") == []
    assert splitter.feed(b"c\r\n\nde") == [b"abc", b""]
    assert splitter.feed(b"fghij\nk") == [b"defg", b"hij"]
    assert splitter.flush() == [b"k"]
    assert splitter.flush() == []


def test_a_stream_without_an_end_of_line_does_not_fill_memory() -> None:
    splitter = Splitter()
    pieces = sum(len(splitter.feed(b"x" * 100_000)) for _ in range(50))
    assert pieces == 50 * 100_000 // (16 * 1024)
    assert len(splitter.flush()[0]) < 16 * 1024


def test_logs_rotate_and_are_read_back_in_order(tmp_path: Path) -> None:
    log = RotatingLog(tmp_path / "web.log", most_bytes=1000, files=3)
    for number in range(100):
        log.write([b"line %d" % number])
    log.close()
    assert [path.name for path in files_of(tmp_path / "web.log")] == ["web.log.2", "web.log.1", "web.log"]
    assert all(path.stat().st_size <= 1000 for path in tmp_path.iterdir())
    numbers = [int(line.text.split()[1]) for line in lines_of("web", tmp_path / "web.log")]
    assert numbers == list(range(numbers[0], 100))
    assert [line.text for line in lines_of("web", tmp_path / "web.log", 2)] == ["line 98", "line 99"]


def test_following_goes_on_across_rotations(tmp_path: Path) -> None:
    path = tmp_path / "web.log"
    log = RotatingLog(path, most_bytes=300)
    log.write([b"before"])
    follower = Follower("web", path)
    seen: list[str] = []
    for number in range(50):
        log.write([b"line %d" % number])
        if number % 3 == 0:
            seen += [line.text for line in follower.lines()]
    seen += [line.text for line in follower.lines()]
    assert seen == [f"line {number}" for number in range(50)]
    follower.close()
    log.close()


def test_a_log_that_is_made_later_is_followed_from_its_beginning(tmp_path: Path) -> None:
    follower = Follower("web", tmp_path / "web.log")
    assert follower.lines() == []
    log = RotatingLog(tmp_path / "web.log")
    log.write([b"\xff first"])
    log.close()
    assert [line.text for line in follower.lines()] == ["\N{REPLACEMENT CHARACTER} first"]
    follower.close()


def test_times_are_said_as_spans_or_as_times() -> None:
    now = datetime(2026, 1, 2, 10, 0, tzinfo=UTC)
    assert moment("10m", now) == "2026-01-02T09:50:00.000Z"
    assert moment("2026-01-02T11:00:00+01:00") == "2026-01-02T10:00:00.000Z"
    with pytest.raises(Usage, match="yesterday"):
        moment("yesterday")


def test_the_level_is_read_from_json_alone() -> None:
    assert level_of('{"level": "error", "event": "x"}') == "error"
    assert level_of("ERROR something") == ""
    assert level_of("{broken") == ""
    assert level_of("{}") == ""


def test_beside_the_table_only_errors_are_shown_in_one_line() -> None:
    line = {"level": "error", "event": "Cannot connect.\nTrying again", "run_id": "r1", "timestamp": "t"}
    assert loud(json.dumps(line)) == "error: Cannot connect."
    assert loud(json.dumps({**line, "event": "task_failed"})) == "error: task_failed run_id=r1"
    assert loud(json.dumps({**line, "level": "warning"})) is None
    assert loud("[1]") is None


class Slow(io.StringIO):
    """A terminal that takes nothing until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()

    def write(self, text: str) -> int:
        self.let_go.wait(10)
        return super().write(text)


def test_a_slow_terminal_holds_nobody_up_and_a_mark_says_what_was_dropped() -> None:
    stream = Slow()
    screen = Screen(stream, live=False)
    screen.line("begin")
    began = time.monotonic()
    for number in range(MOST_WAITING * 3):
        screen.service_line(f"line {number}")
    screen.line("ours is never dropped")
    assert time.monotonic() - began < 5
    stream.let_go.set()
    screen.flush()
    screen.service_line("after")
    screen.close()
    text = stream.getvalue()
    assert "ours is never dropped" in text
    assert "lines dropped; they are in the log files" in text
    assert text.endswith("after\n")
    assert text.count("\n") < MOST_WAITING * 2.2


class Gone(io.StringIO):
    """A pipe that nobody reads any more."""

    def write(self, text: str) -> int:
        raise BrokenPipeError(text)


def test_a_reader_that_went_away_stops_nothing() -> None:
    screen = Screen(Gone(), live=True)
    screen.line("nobody reads this")
    screen.flush()
    screen.line("nor this")
    began = time.monotonic()
    screen.close()
    assert time.monotonic() - began < 2


def test_steps_are_printed_when_they_are_done_and_move_while_they_run() -> None:
    stream = io.StringIO()
    screen = Screen(stream, live=True)
    steps = Steps(screen, 9)
    steps.begin(5, "redis, mongo")
    steps.begin(3, "ui")
    eventually(lambda: "[3/9] ui 0 s   [5/9] redis, mongo 0 s" in stream.getvalue())
    steps.done(5, "redis 16379")
    steps.done(3, how="failed after")
    screen.close()
    text = stream.getvalue()
    assert "[5/9] redis, mongo … done 0." in text
    assert "   redis 16379\n" in text
    assert "[3/9] ui … failed after 0." in text


def test_without_a_terminal_there_are_only_whole_lines() -> None:
    stream = io.StringIO()
    screen = Screen(stream, live=False)
    steps = Steps(screen, 9)
    steps.begin(3, "ui")
    steps.done(3, "built")
    screen.close()
    assert stream.getvalue().startswith("[3/9] ui … done 0.")
    assert "\x1b" not in stream.getvalue()
    assert "\r" not in stream.getvalue()


def test_columns_are_aligned() -> None:
    assert output.table([["A", "LONG"], ["longer", "x"]]) == ["A       LONG", "longer  x"]
