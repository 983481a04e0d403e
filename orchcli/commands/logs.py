"""``orchcli logs``: the output of services, merged by time."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import click

from orchcli import locks, output
from orchcli.cli import Options, shared
from orchcli.errors import NotFound, Usage
from orchcli.logfiles import Follower, Line, lines_of, stamp
from orchcli.project import Project
from orchcli.running import services

LEVELS = ["debug", "info", "warning", "error", "critical"]
_COLOURS = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_EXTRA = ("join", "cluster", "ui-npm", "ui-build", "supervisor")


@click.command("logs")
@click.argument("services_", nargs=-1, metavar="[SVC]...")
@click.option("-f", "--follow", is_flag=True, help="go on until Ctrl-C, also across restarts")
@click.option("--tail", "-n", default=100, show_default=True, help="how many lines of each service")
@click.option("-t", "--timestamps", is_flag=True, help="with the time of each line")
@click.option("--since", help="a time, or how long ago: 10m, 2h, 2026-11-24T10:00:00Z")
@click.option("--until", help="as --since")
@click.option("--grep", metavar="RE", help="only lines in which it is found")
@click.option("--level", type=click.Choice(LEVELS), help="only lines of this level and above")
@shared
@click.pass_obj
def command(options: Options, /, services_: tuple[str, ...], *, follow: bool, timestamps: bool, **flags: object) -> int:
    """Show the logs of services, merged by time; all of them when none is named."""
    project = options.find()
    names = _names(project, services_)
    wanted = _filter(flags)
    width = max((len(name) for name in names), default=0)
    show = _json if options.as_json else _plain(names, width, timestamps=timestamps)
    followers = [Follower(name, project.logs / f"{name}.log") for name in names] if follow else []
    everything = any(flags[name] for name in ("grep", "level", "since", "until"))
    most = int(str(flags["tail"]))
    found: list[Line] = []
    for name in names:
        of_one = [
            line for line in lines_of(name, project.logs / f"{name}.log", None if everything else most) if wanted(line)
        ]
        found += of_one[len(of_one) - min(most, len(of_one)) :]
    for line in sorted(found, key=lambda line: line.time):
        show(line)
    while follow:
        fresh = sorted((line for one in followers for line in one.lines()), key=lambda line: line.time)
        for line in fresh:
            if wanted(line):
                show(line)
        if not fresh and locks.supervisor_pid(project) is None:
            output.inform("nothing runs any more")
            return 0
        time.sleep(0.2)
    return 0


def _names(project: Project, words: tuple[str, ...]) -> list[str]:
    extra = [word for word in words if word in _EXTRA]
    rest = tuple(word for word in words if word not in _EXTRA)
    names = extra + (services.resolve(rest) if rest or not extra else [])
    there = [name for name in names if (project.logs / f"{name}.log").exists()]
    if not there:
        raise NotFound(f"no logs in {project.logs}", "orchcli start")
    return there


def _filter(flags: dict[str, object]) -> Callable[[Line], bool]:
    since = moment(str(flags["since"])) if flags["since"] else ""
    until = moment(str(flags["until"])) if flags["until"] else "9"
    try:
        pattern = re.compile(str(flags["grep"])) if flags["grep"] else None
    except re.error as error:
        raise Usage(f"--grep: {error}") from error
    levels = set(LEVELS[LEVELS.index(str(flags["level"])) :]) if flags["level"] else None

    def wanted(line: Line) -> bool:
        if not since <= line.time <= until or (pattern is not None and not pattern.search(line.text)):
            return False
        return levels is None or level_of(line.text) in levels

    return wanted


def level_of(text: str) -> str:
    """Return the level of one line, empty when it has none."""
    if not text.startswith("{"):
        return ""
    try:
        level = json.loads(text).get("level", "")
    except (ValueError, AttributeError):
        return ""
    return str(level)


def moment(text: str, now: datetime | None = None) -> str:
    """
    Return a time as it stands before log lines.

    :raises Usage: it is neither a time nor a span
    """
    found = re.fullmatch(r"(\d+)([smhd])", text)
    if found:
        return stamp((now or datetime.now(UTC)) - timedelta(seconds=int(found[1]) * _UNITS[found[2]]))
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Usage(f"{text} is no time", "10m, 2h, 1d, or 2026-11-24T10:00:00Z") from None
    return stamp(at.astimezone(UTC))


def _json(line: Line) -> None:
    body = {"time": line.time, "service": line.service, "level": level_of(line.text) or None, "text": line.text}
    output.say(json.dumps(body, ensure_ascii=False))


def _plain(names: list[str], width: int, *, timestamps: bool) -> Callable[[Line], None]:
    import sys

    colours = {name: _COLOURS[index % len(_COLOURS)] for index, name in enumerate(names)}

    def show(line: Line) -> None:
        prefix = output.colour(f"{line.service.ljust(width)} |", colours[line.service], sys.stdout)
        when = f"{line.time} " if timestamps else ""
        output.say(f"{prefix} {when}{line.text}")

    return show
