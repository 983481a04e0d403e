"""``orchcli env``: the settings in ``.env``."""

from __future__ import annotations

import os
import stat

import click

from orchcli import envfile, environment, output
from orchcli.cli import Options, shared
from orchcli.errors import SettingsWrong
from orchcli.running.state import write_private


@click.group("env")
@shared
def command() -> None:
    """Make and check the settings in .env."""


@command.command("init")
@shared
@click.pass_obj
def init(options: Options, /) -> int:
    """Make .env with random secrets; in one that is there, add those that are missing and change nothing else."""
    project = options.find()
    path = project.root / envfile.FILE
    if envfile.make(project.root):
        output.inform(f"{path} made, with new secrets; only you may read it")
        return 0
    text, added = envfile.add_missing(path.read_text(encoding="utf-8"), envfile.read_example(project.root))
    if added:
        write_private(path, text)
    output.inform(f"added to {path}: {', '.join(added)}" if added else f"{path} has everything")
    return 0


@command.command("check")
@shared
@click.pass_obj
def check(options: Options, /) -> int:
    """Name settings that are unknown, missing or weak, one a line."""
    project = options.find()
    path = project.root / envfile.FILE
    values = environment.merge(os.environ, envfile.read(project.root))
    problems = envfile.problems_of(values, envfile.read_example(project.root))
    if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        problems.append(envfile.Problem(envfile.FILE, "can be read by others", f"chmod 600 {path}"))
    if options.as_json:
        output.result("env", [{"name": one.name, "problem": one.what, "remedy": one.remedy} for one in problems])
    elif problems:
        output.say("\n".join(str(problem) for problem in problems))
    else:
        output.say("the settings are complete")
    return SettingsWrong.exit_code if problems else 0
