"""A cluster for tests: where it is, and kubectl to look into it."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Kind = Literal["node", "simulated"]


@dataclass(frozen=True, slots=True)
class Kube:
    """A cluster that tests may fill; each test has a namespace of its own there."""

    kubeconfig: Path
    server: str
    kind: Kind
    """Whether pods run (node) or only say so (simulated)."""
    kubectl: Path

    @property
    def text(self) -> str:
        """The kubeconfig's text, as somebody would paste it."""
        return self.kubeconfig.read_text()

    def run(self, *words: str, text: str | None = None, check: bool = True) -> str:
        """Run kubectl and return what it prints; fail with what it complains about."""
        command = [str(self.kubectl), "--kubeconfig", str(self.kubeconfig), *words]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=60)
        if check:
            assert done.returncode == 0, f"kubectl {' '.join(words)}: {done.stderr}"
        return done.stdout

    def get(self, *words: str) -> dict[str, Any]:
        """Return an object or a list: ``kube.get("deployment/web", "-n", namespace)``."""
        found: dict[str, Any] = json.loads(self.run("get", *words, "-o", "json"))
        return found

    def apply(self, *manifests: dict[str, Any], namespace: str) -> None:
        """Apply manifests as kubectl does."""
        listing = {"apiVersion": "v1", "kind": "List", "items": list(manifests)}
        self.run("apply", "-n", namespace, "-f", "-", text=json.dumps(listing))
