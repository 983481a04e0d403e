"""``orchcli build-ui``: the step of `make up` that builds the web interface, alone."""

from __future__ import annotations

import os

import click

from orchcli import output
from orchcli.cli import Options, shared
from orchcli.running.processes import Children
from orchcli.webui import Builder


@click.command("build-ui")
@shared
@click.pass_obj
def command(options: Options, /) -> int:
    """Build ui/dist when something of it changed."""
    project = options.find()
    project.prepare()
    output.inform(f"ui … {Builder(project, os.environ, Children().spawn).run()}")
    return 0
