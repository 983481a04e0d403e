"""``orchcli version``."""

from __future__ import annotations

import json
import subprocess

import click

from orchcli import __version__, output
from orchcli.cli import Options, shared
from orchcli.errors import NoProject
from orchcli.project import Project
from orchcli.running import probes, state


@click.command("version")
@shared
@click.pass_obj
def command(options: Options, /) -> int:
    """Show the versions of this program, of the project and of the platform that runs, one a line."""
    versions: dict[str, str | None] = {"orchcli": __version__, "project": None, "commit": None, "platform": None}
    try:
        project = options.find()
    except NoProject:
        project = None
    if project is not None:
        versions.update(project=str(project.root), commit=_commit(project), platform=_platform(project))
    if options.as_json:
        output.result("version", versions)
    else:
        output.say("\n".join(f"{name} {value or '-'}" for name, value in versions.items()))
    return 0


def _commit(project: Project) -> str | None:
    try:
        asked = subprocess.run(
            ["git", "-C", str(project.root), "describe", "--always", "--dirty"],
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None
    return asked.stdout.strip() or None


def _platform(project: Project) -> str | None:
    found = state.read(project) if project.home.exists() else None
    web = next((one for one in (found.services if found else []) if one.name == "web" and one.pid and one.port), None)
    if web is None or web.port is None:
        return None
    try:
        _, body = probes.http_status(web.port, "/readyz")
        return str(json.loads(body)["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
