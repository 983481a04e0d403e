"""The project: the folder of a checkout, and the places in it where the command line keeps its things."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from orchcli.errors import NoProject

MARKS = ("Procfile", "deploy/local/Procfile", ".env.example")


@dataclass(frozen=True, slots=True)
class Project:
    """One checkout and the platform that runs from it."""

    root: Path

    @property
    def name(self) -> str:
        """The folder's name; what a person types to confirm that data go."""
        return self.root.name

    @property
    def mark(self) -> str:
        """The mark that tells this project's processes from those of other checkouts."""
        return hashlib.sha256(str(self.root).encode()).hexdigest()[:8]

    @property
    def home(self) -> Path:
        """Everything of ours that is not the checkout's."""
        return self.root / ".kubeorch"

    @property
    def logs(self) -> Path:
        """One file per service."""
        return self.home / "logs"

    @property
    def run(self) -> Path:
        """Locks, ready files, the control socket."""
        return self.home / "run"

    @property
    def data(self) -> Path:
        """The data of Redis and MongoDB."""
        return self.home / "data"

    @property
    def kube(self) -> Path:
        """The data of the local Kubernetes."""
        return self.home / "kube"

    @property
    def tools(self) -> Path:
        """Programs that were fetched because the machine has none."""
        return self.home / "tools"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's way into the local Kubernetes."""
        return self.kube / "kubeconfig"

    @property
    def bin(self) -> Path:
        """Programs of the locked Python packages."""
        return self.root / ".venv" / "bin"

    def prepare(self) -> None:
        """Make our folders; nobody else looks into them."""
        self.home.mkdir(exist_ok=True)
        self.home.chmod(0o700)
        for folder in (self.logs, self.run, self.data):
            folder.mkdir(exist_ok=True)


def find(given: str | None, here: Path | None = None) -> Project:
    """
    Return the project of a folder or of one above it; with ``given`` exactly that folder.

    :raises NoProject: there is none; no other project is ever meant
    """
    start = Path(given).resolve() if given else (here or Path.cwd()).resolve()
    for folder in [start] if given else [start, *start.parents]:
        if all((folder / mark).exists() for mark in MARKS):
            return Project(folder)
    where = "" if given else " or above"
    raise NoProject(f"no KubeOrch project in {start}{where}", "go into a checkout, or --project DIR")
