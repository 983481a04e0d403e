"""
The story of a start, told step by step: interface, settings, stores, Kubernetes, release, processes, joining.

Steps 1 and 2, tools and Python packages, are over when this program can run: ``deploy/bootstrap.sh`` does them.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchcli.errors import CliError, ServiceFailed, Unreachable
from orchcli.output import Screen, Steps
from orchcli.project import Project
from orchcli.running import probes
from orchcli.running.keeper import Phase
from orchcli.running.services import by_name
from orchcli.running.supervisor import Stopping, Supervisor
from orchcli.webui import Builder

TOTAL = 9
UI, ENV, STORES, KUBE, RELEASE, PROCESSES, JOIN = 3, 4, 5, 6, 7, 8, 9
_LAST_LINES = 20


@dataclass
class Cluster:
    """The Kubernetes of this start, as far as it is known."""

    kind: str
    """auto, node, simulated, external, none; once it is ready only what it became."""
    ready: bool = False
    settled: bool = False
    """Whether its first start is over, well or not; what comes later is told apart from it."""
    facts: dict[str, Any] = field(default_factory=dict)
    failure: str = ""


class Startup:
    """Waits for the services of the supervisor and says so; everything that waits has a thread of its own."""

    def __init__(
        self,
        project: Project,
        supervisor: Supervisor,
        screen: Screen,
        env: Mapping[str, str],
        cluster: Cluster,
        *,
        timeout: float,
        external: Path | None = None,
    ) -> None:
        self.project = project
        self.supervisor = supervisor
        self.cluster = cluster
        self.ready = threading.Event()
        """Everything but a cluster that is still being made."""
        self.failure: CliError | None = None
        self.began = time.monotonic() - _seconds_before(env)
        self.ready_seconds = 0.0
        self.told = False
        """Whether the table of addresses was shown."""
        self._screen = screen
        self._steps = Steps(screen, TOTAL)
        self._env = env
        self._timeout = timeout
        self._external = external
        self._ui_done = threading.Event()
        self._released = threading.Event()
        self._told: Callable[[], None] = lambda: None

    def begin(self, told: Callable[[], None]) -> None:
        """Start everything at once; ``told`` is called when the platform is ready and again when a cluster joined."""
        self._told = told
        self._steps.begin(UI, "ui")
        for name, story in (("ui", self._build_ui), ("kube", self._kubernetes), ("platform", self._platform)):
            threading.Thread(target=self._guarded, args=(story,), name=f"story-{name}", daemon=True).start()

    def step(self, number: int, what: str, work: Callable[[], str]) -> None:
        """Do a short step here and now; it returns the deed in words."""
        self._steps.begin(number, what)
        self._steps.done(number, work())

    def end(self) -> None:
        """Show no running steps any more."""
        self._steps.drop()

    def _guarded(self, story: Callable[[], None]) -> None:
        try:
            story()
        except Stopping:
            return
        except CliError as error:
            self.failure = self.failure or error
            self._steps.drop()
            self.supervisor.ask_stop("failed")

    # -- the three stories --------------------------------------------------------------------------------------

    def _build_ui(self) -> None:
        detail = Builder(self.project, self._env, self.supervisor.children.spawn).run()
        self._steps.done(UI, detail)
        self._ui_done.set()

    def _platform(self) -> None:
        keepers = self.supervisor.keepers
        stores = [name for name in ("redis", "mongo") if name in keepers]
        if stores:
            self._steps.begin(STORES, ", ".join(stores))
            self.supervisor.wait_ready(stores, self._timeout)
            self._steps.done(STORES, ", ".join(f"{name} {keepers[name].spec.port}" for name in stores))
        if "release" in keepers:
            self._steps.begin(RELEASE, "release")
            self.supervisor.wait_ready(["release"], self._timeout)
            done = [line for line in keepers["release"].tail if line and not line.startswith("{")]
            self._steps.done(RELEASE, f"changes: {len(done)}" if done and done != ["nothing to do"] else "up to date")
        self._released.set()
        names = [name for name in keepers if by_name(name).group in {"backend", "tools"}]
        if names:
            self._steps.begin(PROCESSES, "processes")
            self.supervisor.wait_ready(names, self._timeout)
            self._steps.done(PROCESSES, ", ".join(names))
        self._wait(self._ui_done)
        self.ready_seconds = time.monotonic() - self.began
        self.ready.set()
        self._told()

    def _kubernetes(self) -> None:
        kind = self.cluster.kind
        if kind == "none":
            self._screen.line(f"[{KUBE}/{TOTAL}] kubernetes … none, as asked for")
            return
        self._steps.begin(KUBE, "kubernetes")
        if kind == "external":
            facts = self._check_external()
        else:
            found = self._await_local()
            if found is None:
                return
            facts = found
        self.cluster.facts, self.cluster.kind = facts, str(facts["kind"])
        self._steps.done(KUBE, describe(facts))
        self._wait(self._released)
        self._join()
        self.cluster.ready = self.cluster.settled = True
        if self.told:
            self._told()

    def _await_local(self) -> dict[str, Any] | None:
        keeper = self.supervisor.keepers.get("kube")
        if keeper is None:
            return None
        while keeper.phase not in (Phase.READY, Phase.FAILED, Phase.STOPPED):
            self._pause()
        facts = probes.file_says(self.project.run / "kube.json")
        if keeper.phase is Phase.READY and facts is not None:
            return facts
        lines = list(keeper.tail)[-3:]
        self.cluster.failure = "; ".join(lines) or keeper.note
        self.cluster.settled = True
        self._steps.done(KUBE, "", how="failed after")
        for line in list(keeper.tail)[-_LAST_LINES:]:
            self._screen.line(f"    {line}")
        self._screen.line("    The platform runs without it. Try again: make kube, then orchcli start kube")
        return None

    def _check_external(self) -> dict[str, Any]:
        facts = self.project.run / "external.json"
        facts.unlink(missing_ok=True)
        command = ["-m", "deploy.local.external", "--ready-file", str(facts), str(self._external)]
        try:
            self._program(command, "cluster", "")
        except ServiceFailed as error:
            what = error.message.partition("\n")[2].strip() or error.message
            raise Unreachable(
                f"the cluster of KUBECONFIG cannot be used: {what}",
                "correct it, unset KUBECONFIG for a local one, or --kube none for no cluster",
            ) from error
        return probes.file_says(facts) or {}

    def _join(self) -> None:
        """Offer the cluster to the first account; again after each start, because its certificates are new."""
        self._steps.begin(JOIN, "join")
        words = ["--kubeconfig", str(self.cluster.facts["kubeconfig"]), "--kind", str(self.cluster.facts["kind"])]
        try:
            said = self._program(["-m", "web.manage", "join-local", *words], "join", "orchcli logs join")
        except ServiceFailed as error:
            self._steps.done(JOIN, error.message, how="failed after")
        else:
            self._steps.done(JOIN, said)

    def join_again(self) -> None:
        """Offer a cluster that was restarted; returns at once."""
        facts = probes.file_says(self.project.run / "kube.json")
        if facts is not None:
            self.cluster.facts, self.cluster.kind, self.cluster.failure = facts, str(facts["kind"]), ""
            threading.Thread(target=self._guarded, args=(self._join,), name="join", daemon=True).start()

    # -- helpers ------------------------------------------------------------------------------------------------

    def _program(self, words: list[str], name: str, remedy: str) -> str:
        """Run a Python program to its end and return its last line."""
        path = self.project.logs / f"{name}.log"
        with path.open("wb") as output:
            process = self.supervisor.children.spawn(
                [str(self.project.bin / "python"), *words], env=self._env, cwd=self.project.root, output=output.fileno()
            )
            while process.poll() is None:
                try:
                    self._pause()
                except Stopping:
                    process.kill()
                    process.wait()
                    raise
        lines = [line for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if line]
        if process.returncode:
            shown = "\n".join(f"    {line}" for line in lines[-_LAST_LINES:])
            raise ServiceFailed(f"{name} ended with {process.returncode}\n{shown}", remedy)
        said = [line for line in lines if not line.startswith("{")]
        return said[-1] if said else ""

    def _pause(self) -> None:
        if self.supervisor.stopping.wait(0.1):
            raise Stopping

    def _wait(self, event: threading.Event) -> None:
        while not event.is_set():
            self._pause()


def _seconds_before(env: Mapping[str, str]) -> float:
    """Return the seconds since `make up` began: people count from there."""
    since = env.get("ORCHCLI_SINCE", "")
    return max(0.0, min(time.time() - float(since), 3600.0)) if since.replace(".", "", 1).isdigit() else 0.0


def describe(facts: Mapping[str, Any]) -> str:
    """Return the kind and the version of a cluster in a few words."""
    if facts["kind"] == "node":
        return f"real node, {facts['version']}"
    if facts["kind"] == "simulated":
        return f"simulated nodes, {facts['version']}: {facts['why']}"
    return f"{facts['server']}, {facts['version']}"


def command_name(project: Project) -> str:
    """Return the command that runs this program: its name where PATH finds it, else its path."""
    found = [Path(folder) / "orchcli" for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    return (
        "orchcli" if any(path.exists() for path in found) else str((project.bin / "orchcli").relative_to(project.root))
    )
