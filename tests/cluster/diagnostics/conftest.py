"""The platform of the neighbouring folder, and a node that is diagnosed and put right as a person would do it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from shared.workflows.drawing.graph import Graph
from tests.cluster.platform.conftest import (
    Made,
    ada,
    cluster_id,
    make,
    node_cluster,
    platform,
    simulated_cluster,
)
from tests.support.person import Person
from tests.support.wait import eventually

__all__ = ["ada", "cluster_id", "make", "node_cluster", "platform", "simulated_cluster"]
HTTP: dict[str, Any] = {"ports": [{"name": "http", "container_port": 8080}]}


@dataclass(frozen=True)
class Patient:
    """One node of a workflow."""

    made: Made
    node_id: str

    @property
    def person(self) -> Person:
        return self.made.person

    @property
    def path(self) -> str:
        return f"/workflows/{self.made.id}/nodes/{self.node_id}"

    def checks(self) -> dict[str, dict[str, Any]]:
        """Diagnose and return the checks by their ids."""
        found = self.person.get(f"{self.path}/diagnostics")
        return {check["id"]: check for check in found["checks"]}

    def until(self, check_id: str, state: str, *, fix: str | None = None, timeout: float = 40.0) -> dict[str, Any]:
        """Diagnose until a check has a state, and a fix if one is asked for."""

        def seen() -> dict[str, Any]:
            checks = self.checks()
            shown = {name: (check["state"], check["detail"]) for name, check in checks.items()}
            assert check_id in checks, shown
            check = checks[check_id]
            assert check["state"] == state, shown
            assert fix is None or (check["fix"] or {}).get("type") == fix, check
            return check

        return eventually(seen, timeout=timeout, every=0.3)

    def healthy(self, *, timeout: float = 40.0) -> dict[str, dict[str, Any]]:
        """Diagnose until nothing is wrong or doubtful."""

        def well() -> dict[str, dict[str, Any]]:
            checks = self.checks()
            bad = {
                name: (check["state"], check["detail"])
                for name, check in checks.items()
                if check["state"] not in {"pass", "skip"}
            }
            assert not bad, bad
            return checks

        return eventually(well, timeout=timeout, every=0.3)

    def preview(self, fix_type: str) -> dict[str, Any]:
        """Return what a fix would do."""
        found: dict[str, Any] = self.person.get(f"{self.path}/fix-template/{fix_type}")
        return found

    def post(self, fix_type: str, digest: str) -> httpx.Response:
        """Ask for a fix."""
        return self.person.send("POST", f"{self.path}/fix", {"fix_type": fix_type, "digest": digest})

    def put_right(self, fix_type: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Look at a fix, apply exactly that, and return both answers."""
        shown = self.preview(fix_type)
        answer = self.post(fix_type, shown["digest"])
        assert answer.status_code == 200, answer.text
        return shown, answer.json()

    def cancel(self) -> None:
        """End the run that waits for what is broken."""
        active = self.person.get(f"/workflows/{self.made.id}")["active_run_id"]
        if active:
            self.person.send("POST", f"/runs/{active}/cancel")
            self.person.ended(active)


Choose = Callable[[Graph, str], Patient]


@pytest.fixture
def patient(make: Any) -> Choose:
    """Make a workflow and choose one of its nodes."""

    def choose(graph: Graph, node_id: str) -> Patient:
        return Patient(make(graph), node_id)

    return choose
