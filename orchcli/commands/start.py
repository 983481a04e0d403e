"""``orchcli start``: the supervisor in front, or left behind in the background."""

from __future__ import annotations

import click

from orchcli.cli import Options, shared
from orchcli.errors import NotInThisVersion

KUBE = ["auto", "node", "simulated", "external", "none"]


@click.command("start")
@click.argument("services", nargs=-1, metavar="[SVC]...")
@click.option("-d", "--detach", is_flag=True, help="leave everything running and return when it is ready")
@click.option(
    "--mode", envvar="ORCHCLI_MODE", default="production", show_default=True, help="production is the only one yet"
)
@click.option("--runtime", default="auto", type=click.Choice(["auto", "local", "docker"]), help="auto means local")
@click.option(
    "--kube",
    envvar=["ORCHCLI_KUBE", "KUBE"],
    default="auto",
    type=click.Choice(KUBE),
    show_default=True,
    help="a real node, simulated nodes, the cluster of KUBECONFIG, none; auto: the first that is there",
)
@click.option("--auto-port", is_flag=True, help="take the next free port where one is taken, for this start only")
@click.option("--env-file", type=click.Path(exists=True, dir_okay=False), help="settings above .env")
@click.option("--timeout", default=180.0, show_default=True, help="seconds to wait for services to be ready")
@click.option(
    "--restart",
    default="on-failure",
    type=click.Choice(["never", "on-failure"]),
    show_default=True,
    help="whether a service that ends is started again",
)
@click.option("--keep-going", is_flag=True, help="go on when a service was given up")
@click.option("--open", "open_page", is_flag=True, help="open the web address in a browser")
@click.option("--background-of", type=int, hidden=True, help="the open file that a detaching start reads from")
@shared
@click.pass_obj
def command(options: Options, /, services: tuple[str, ...], mode: str, runtime: str, **flags: object) -> int:
    """
    Start the platform: stores, Kubernetes, release, processes.

    Each service waits for the one before; what is embedded is what no setting names elsewhere. In front, one Ctrl-C
    stops everything in order, a second one kills.
    """
    if mode not in {"production", "prod"}:
        raise NotInThisVersion(f"mode {mode} is not part of this version yet", "--mode production")
    if runtime == "docker":
        raise NotInThisVersion(
            "the docker runtime is not part of this version yet",
            "--runtime local starts the same as processes of this machine; docker compose up -d needs no orchcli",
        )
    from orchcli.running.launch import detach, run, start_more
    from orchcli.running.session import Wish

    wish = Wish(
        services=services,
        kube=str(flags["kube"]),
        auto_port=bool(flags["auto_port"]),
        env_file=str(flags["env_file"]) if flags["env_file"] else None,
        timeout=float(str(flags["timeout"])),
        restart=flags["restart"] == "on-failure",
        keep_going=bool(flags["keep_going"]),
        open_page=bool(flags["open_page"]),
        verbose=options.verbose,
        quiet=options.quiet,
        as_json=options.as_json,
        may_ask=options.may_ask and not options.yes,
    )
    project = options.find()
    if (already := start_more(project, wish, detach=bool(flags["detach"]))) is not None:
        return already
    if flags["detach"]:
        return detach(project, wish, _words(services, mode, flags))
    background = flags["background_of"]
    return run(project, wish, int(str(background)) if background is not None else None)


def _words(services: tuple[str, ...], mode: str, flags: dict[str, object]) -> list[str]:
    """Return the command line again, for the supervisor that is left behind."""
    words = [*services, "--mode", mode]
    for name in ("kube", "timeout", "restart"):
        words += [f"--{name}", str(flags[name])]
    if flags["env_file"]:
        words += ["--env-file", str(flags["env_file"])]
    return words + [f"--{name.replace('_', '-')}" for name in ("auto_port", "keep_going") if flags[name]]
