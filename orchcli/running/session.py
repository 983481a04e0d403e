"""One supervised platform from its settings to its end, run by `launch` in front or in the background."""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchcli import banner, envfile, environment, output, ports
from orchcli.errors import CliError, Interrupted, NotConfirmed, ServiceFailed, Terminated
from orchcli.output import Screen
from orchcli.project import Project
from orchcli.running import control, heal, services, specs, state
from orchcli.running.keeper import Keeper, Phase
from orchcli.running.processes import Children
from orchcli.running.startup import ENV, Cluster, Startup, command_name
from orchcli.running.supervisor import Supervisor

_LOUD = {"error", "critical"}
_SKIPPED = {"timestamp", "logger", "process", "version", "exception"}


@dataclass(frozen=True)
class Wish:
    """The choices of the command line for a start."""

    services: tuple[str, ...] = ()
    kube: str = "auto"
    auto_port: bool = False
    env_file: str | None = None
    timeout: float = 180.0
    restart: bool = True
    keep_going: bool = False
    open_page: bool = False
    verbose: bool = False
    quiet: bool = False
    as_json: bool = False
    may_ask: bool = False


@dataclass(frozen=True)
class Decided:
    """The decisions of a start before anything runs."""

    env: dict[str, str]
    ports: dict[str, int]
    stores: set[str]
    kube: str
    kubeconfig: Path | None
    services: list[services.Service]


def decide(project: Project, wish: Wish, values: dict[str, str]) -> Decided:
    """
    Decide about the services that start, their ports and their environment.

    :param values: the settings, as `environment.merge` gives them
    :raises SettingsWrong: a setting is missing, weak or unknown
    :raises PortTaken: a port is not free
    """
    envfile.require(values, envfile.read_example(project.root))
    named = services.resolve(wish.services)
    stores = environment.embedded(values)
    given = values.get("KUBECONFIG")
    kubeconfig = (project.root / given).expanduser().resolve() if given else None
    own = str(project.kubeconfig)
    kind = environment.kube_kind(wish.kube, str(kubeconfig) if kubeconfig else None, own)
    kind = kind if "kube" in named else "none"
    chosen = specs.select(stores, kind, named)
    found = ports.choose(chosen, values, auto=wish.auto_port)
    # a start of some services alone must still know where the others would be
    others = {name: ports.wanted(services.by_name(name), values) for name in stores if name not in found}
    env = environment.build(values, {**others, **found}, stores, str(project.bin), str(project.run / "metrics"))
    env["ORCHCLI_KUBE"] = kind
    return Decided(env, found, stores, kind, kubeconfig, chosen)


class Session:
    """One supervised platform."""

    def __init__(self, project: Project, wish: Wish, screen: Screen, decided: Decided, *, in_front: bool) -> None:
        self.project = project
        self._wish = wish
        self._screen = screen
        self._decided = decided
        self._in_front = in_front
        self._state = state.State(supervisor=os.getpid(), since=time.time())
        self._writing = threading.Lock()
        children = Children()
        context = specs.StartContext(project, decided.env, decided.ports, children.spawn, wish.restart, self._heard)
        made = specs.make_all(decided.services, context)
        self.startup: Startup | None = None
        self.supervisor = Supervisor(made, children, self._changed)
        self.startup = Startup(
            project,
            self.supervisor,
            screen,
            decided.env,
            Cluster(decided.kube),
            timeout=wish.timeout,
            external=decided.kubeconfig,
        )

    def run(self, ready: Callable[[list[str]], None]) -> int:
        """
        Start everything, stay until the end, stop everything.

        :param ready: gets the table of addresses, once
        :return: the exit code
        :raises CliError: why it could not start, or which service was given up
        """
        startup, supervisor = self._begun(), self.supervisor
        self._clear()
        server = control.Server(control.path_of(self.project), self._answer)
        try:
            supervisor.start()
            startup.begin(lambda: self._show_ready(ready))
            culprit = supervisor.run(self._may_go_on)
            startup.end()
            self._show_reason(culprit)
            killed = supervisor.stop()
            if "kube" in killed:
                for line in heal.clean_kube(self.project):
                    self._screen.line(line)
            self._screen.line("stopped" + (f"; had to be killed: {', '.join(killed)}" if killed else ""))
            self._state.killed, self._state.stopped = killed, time.time()
            self._write()
        finally:
            server.close()
        if startup.failure is not None:
            raise startup.failure
        if culprit is not None:
            raise _given_up(culprit)
        return {"SIGINT": Interrupted.exit_code, "asked": 0}.get(supervisor.reason, Terminated.exit_code)

    def _begun(self) -> Startup:
        if self.startup is None:
            msg = "a session has its story from the start"
            raise RuntimeError(msg)
        return self.startup

    def _clear(self) -> None:
        """Remove the files in which an earlier start described itself."""
        metrics = self.project.run / "metrics"
        shutil.rmtree(metrics, ignore_errors=True)
        metrics.mkdir()
        for file in self.project.run.glob("*.json"):
            file.unlink()

    def _show_ready(self, ready: Callable[[list[str]], None]) -> None:
        """Show the table when everything is ready, and a cluster that joins after that."""
        startup = self._begun()
        self._write()
        if not startup.told:
            startup.told = True
            ready(self._banner())
        elif startup.cluster.ready:
            self._screen.line("\n".join(banner.cluster_rows(startup.cluster.facts)), always=True)

    def _banner(self) -> list[str]:
        startup = self._begun()
        cluster = startup.cluster
        if cluster.failure:
            waiting = f"none: {cluster.failure[:160]}"
        elif cluster.kind == "none":
            waiting = "none; add one on the page Clusters"
        else:
            waiting = "still being made, joins later with its own line; log: .kubeorch/logs/kube.log"
        return banner.render(
            ports=self._decided.ports,
            stores=self._decided.stores,
            values=self._decided.env,
            kube=cluster.facts,
            kube_state=waiting,
            seconds=startup.ready_seconds,
            command=command_name(self.project),
            in_front=self._in_front,
        )

    def _show_reason(self, culprit: Keeper | None) -> None:
        reason = self.supervisor.reason
        if culprit is None and reason == "SIGINT":
            self._screen.line("stopping everything; Ctrl-C again kills")
        elif culprit is None and reason != "failed":
            self._screen.line(f"stopping everything ({reason})")

    def _may_go_on(self, keeper: Keeper) -> bool:
        # while it starts, the story that waits for the service has the better words
        return not keeper.spec.required or self._wish.keep_going or not self._begun().ready.is_set()

    # -- what the supervisor tells ------------------------------------------------------------------------------

    def _changed(self, keeper: Keeper) -> None:
        self._write()
        if self.startup is None:
            return
        name, phase = keeper.spec.name, keeper.phase
        if phase is Phase.RESTARTING:
            self._screen.line(output.colour(f"{name} {keeper.note}", 33))
        elif self.startup.ready.is_set() and not self.supervisor.stopping.is_set():
            if phase is Phase.FAILED:
                self._screen.line(output.colour(f"{name} {keeper.note}\n{keeper.last_lines()}", 31))
            elif phase is Phase.READY and self.startup.told:
                self._screen.line(f"{name} is ready")
        if name == "kube" and phase is Phase.READY and self.startup.cluster.settled:
            self.startup.join_again()

    def _heard(self, name: str, text: str) -> None:
        if self._wish.verbose:
            self._screen.service_line(f"{name} | {text}")
        elif text.startswith("{") and (line := loud(text)) is not None:
            self._screen.service_line(f"{name} | {line}")

    def _write(self) -> None:
        with self._writing:
            startup = self.startup
            self._state.services = [keeper.state() for keeper in self.supervisor.keepers.values()]
            if startup is not None:
                cluster = startup.cluster
                self._state.kube = {**cluster.facts, "kind": cluster.kind, "failure": cluster.failure}
                self._state.ready_seconds = round(startup.ready_seconds, 1) if startup.ready.is_set() else None
            state.write(self.project, self._state)

    # -- what others ask ----------------------------------------------------------------------------------------

    def _answer(self, request: control.Request) -> dict[str, Any]:
        keepers = self.supervisor.keepers
        wanted = [str(name) for name in request.get("services", [])]
        verb = request.get("do")
        if verb == "stop" and not wanted:
            self.supervisor.ask_stop("asked")
            return {"stopping": True}
        if verb == "stop":
            names = [name for name in wanted if name in keepers]
            return {"stopped": names, "killed": self.supervisor.stop(names)}
        if verb == "start":
            return self._start_more(wanted)
        return {"error": f"this version cannot {verb}"}

    def _start_more(self, wanted: list[str]) -> dict[str, Any]:
        keepers = self.supervisor.keepers
        unknown = [name for name in wanted if name not in keepers]
        if unknown:
            return {"error": f"{unknown[0]} is not part of this start; stop, then start it together with the others"}
        names = [name for name in wanted if keepers[name].phase in {Phase.STOPPED, Phase.FAILED}]
        self.supervisor.start(names)
        try:
            self.supervisor.wait_ready(names, self._wish.timeout)
        except CliError as error:
            return {"error": error.message}
        return {"started": names}


def loud(text: str) -> str | None:
    """Return a log line in short when somebody must look at it, else None."""
    try:
        line = json.loads(text)
        level = line.pop("level", "")
    except (ValueError, AttributeError, TypeError):
        return None
    if level not in _LOUD:
        return None
    event = line.pop("event", "")
    more = " ".join(f"{key}={value}" for key, value in line.items() if key not in _SKIPPED)
    # libraries write paragraphs; the rest is in the log file
    return f"{level}: {event} {more}".strip().splitlines()[0]


def confirm_external(decided: Decided, wish: Wish, screen: Screen) -> None:
    """
    Name the cluster that is used, and ask on a terminal.

    :raises NotConfirmed: the answer is no
    """
    if decided.kube != "external":
        return
    screen.line(f"KUBECONFIG is set: the cluster of {decided.kubeconfig} is used; nothing is installed into it")
    if not wish.may_ask:
        return
    screen.flush()
    sys.stderr.write("Offer this cluster to the first account? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise NotConfirmed("the cluster of KUBECONFIG was not confirmed", "unset KUBECONFIG, or --kube none")


def _given_up(keeper: Keeper) -> ServiceFailed:
    lines = keeper.last_lines()
    what = f"{keeper.spec.name} {keeper.note}" + (f"\n{lines}" if lines else "")
    return ServiceFailed(what, f"orchcli logs {keeper.spec.name}")


def prepare(project: Project, wish: Wish, screen: Screen) -> Decided:
    """
    Make ``.env`` when there is none, and decide everything that can be wrong before anything starts.

    :raises CliError: what is wrong
    """
    made = envfile.make(project.root)
    files = envfile.read(project.root)
    if wish.env_file:
        files.update(envfile.parse(Path(wish.env_file).read_text(encoding="utf-8"), wish.env_file))
    decided = decide(project, wish, environment.merge(os.environ, files))
    screen.line(f"[{ENV}/9] .env … {'made, with new secrets' if made else 'checked'}")
    confirm_external(decided, wish, screen)
    return decided
