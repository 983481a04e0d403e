"""
The Go programs of the local Kubernetes: their list, their place in the cache, their build.

``deploy/localkube/build`` runs this, also before any package is installed: the standard library is all it uses.
A program lives in the cache folder under a name that says all that could change it, so an upgrade builds anew
and two checkouts share what is the same.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.go import SOURCES, BuildFailed, find_go, last_words, try_often

ENOUGH_BYTES = 9 * 1024**3


@dataclass(frozen=True, slots=True)
class Recipe:
    """The recipe of one program."""

    name: str
    folder: str
    package: str
    version_of: str
    """The module whose version in go.mod is the program's; empty for our own, which count themselves."""
    version_flag: str = "--version"
    tags: str = ""
    linker: str = ""
    """More linker flags; ``{version}`` is replaced."""
    linux_only: bool = False

    @property
    def source(self) -> Path:
        """The folder of its module."""
        return SOURCES / self.folder

    @property
    def version(self) -> str:
        """Its version, without the leading v."""
        if not self.version_of:
            return "1"
        text = (self.source / "go.mod").read_text()
        found = re.search(rf"^\s*(?:require )?{re.escape(self.version_of)} v(\S+)", text, re.MULTILINE)
        if found is None:
            raise BuildFailed(f"{self.source / 'go.mod'} does not require {self.version_of}")
        return found[1]


_GIT_VERSION = "k8s.io/component-base/version"

RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe("pause", "static", "./pause", "", linux_only=True),
        Recipe("netcheck", "static", "./netcheck", "", linux_only=True),
        Recipe("starter", "static", "./starter", "", linux_only=True),
        Recipe(
            "localkube",
            ".",
            ".",
            "k8s.io/kubernetes",
            tags="providerless",
            # the API server tells clients its version from these
            linker=f"-X {_GIT_VERSION}.gitVersion=v{{version}} -X {_GIT_VERSION}.gitTreeState=clean",
        ),
        Recipe("kwok", "kwok", "sigs.k8s.io/kwok/cmd/kwok", "sigs.k8s.io/kwok"),
        Recipe("helm", "helm", "helm.sh/helm/v3/cmd/helm", "helm.sh/helm/v3", version_flag="version"),
        Recipe("coredns", "coredns", ".", "github.com/coredns/coredns", version_flag="-version", linux_only=True),
    )
}

SIMULATED = ("localkube", "kwok")
NODE = ("localkube", "coredns", "pause", "netcheck", "starter")
TOOLS = ("helm",)
"""What only tests need: charts that we write are rendered by it."""


def cache_folder() -> Path:
    """Return the folder of programs, kept between checkouts."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kubeorch"


def machine() -> str:
    """Return this machine's architecture as Go and images name it."""
    names = {"x86_64": "amd64", "aarch64": "arm64"}
    return names.get(platform.machine(), platform.machine())


def _hash(recipe: Recipe) -> str:
    """Return a digest of all that decides the program's bytes: sources, modules, flags, the Go it asks for."""
    total = hashlib.sha256(f"{recipe.package}\n{recipe.tags}\n{recipe.linker}".encode())
    here = recipe.source
    ours = here / recipe.package if recipe.package.startswith("./") else here
    for path in sorted({here / "go.mod", here / "go.sum", *ours.glob("*.go")}):
        if path.exists():
            total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()[:12]


def path_of(name: str) -> Path:
    """Return the path of the program, built or not."""
    recipe = RECIPES[name]
    system = "linux" if recipe.linux_only else platform.system().lower()
    file = f"{name}-{recipe.version}-{system}-{machine()}-{_hash(recipe)}"
    return cache_folder() / "bin" / file


def missing(names: Sequence[str]) -> list[str]:
    """Return those that are not built yet."""
    return [name for name in names if not path_of(name).exists()]


@dataclass(frozen=True, slots=True)
class _Workshop:
    """One build session: the Go, its own caches, the listener for its progress."""

    go: str
    folder: Path
    say: Callable[[str], None]

    def environment(self) -> dict[str, str]:
        """Return Go's environment: of what the machine has set for other builds, only the way to the modules."""
        way = ("GOPROXY", "GOSUMDB", "GONOSUMDB", "GOPRIVATE", "GOINSECURE")
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GO") or name in way}
        return {
            **kept,
            "CGO_ENABLED": "0",
            "GOTOOLCHAIN": "local",
            "GOWORK": "off",
            "GOENV": "off",
            "GOFLAGS": "-mod=readonly -modcacherw -buildvcs=false",
            "GOMODCACHE": str(self.folder / "modules"),
            "GOCACHE": str(self.folder / "objects"),
            "GOTMPDIR": str(self.folder),
        }

    def build(self, recipe: Recipe) -> None:
        """Download the modules of a program, build it, try it, put it in its place."""
        env = self.environment()
        if recipe.linux_only:
            env["GOOS"] = "linux"
        listing = [self.go, "list", "-deps", "-tags", recipe.tags, "-f", "{{.ImportPath}}", recipe.package]
        try_often(f"the modules of {recipe.name}", listing, env, recipe.source)
        place = path_of(recipe.name)
        temporary = place.with_name(f".{place.name}.{os.getpid()}")
        linker = f"-s -w {recipe.linker.format(version=recipe.version)}".strip()
        command = [self.go, "build", "-trimpath", "-tags", recipe.tags, "-ldflags", linker, "-o", str(temporary)]
        try:
            self._run(recipe, [*command, recipe.package], {**env, "GOPROXY": "off"})
            self._prove(recipe, temporary)
            temporary.rename(place)
        finally:
            temporary.unlink(missing_ok=True)

    def _run(self, recipe: Recipe, command: list[str], env: dict[str, str]) -> None:
        nice = shutil.which("nice")
        polite = [nice, "-n", "19", *command] if nice else command
        with _clock(f"{recipe.name} {recipe.version}", self.say):
            done = subprocess.run(polite, cwd=recipe.source, env=env, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise BuildFailed(f"building {recipe.name} failed:\n{last_words(done.stderr)}")

    @staticmethod
    def _prove(recipe: Recipe, program: Path) -> None:
        """Run it once; a program of another system cannot be run and is believed."""
        if recipe.linux_only and sys.platform != "linux":
            return
        done = subprocess.run([program, recipe.version_flag], capture_output=True, text=True, check=False, timeout=60)
        if done.returncode != 0:
            raise BuildFailed(f"{recipe.name} was built but does not run:\n{last_words(done.stderr or done.stdout)}")


@contextlib.contextmanager
def _clock(what: str, say: Callable[[str], None]) -> Iterator[None]:
    """Report the beginning of a step, each half minute of it, and the time it took."""
    begin = time.monotonic()
    over = threading.Event()

    def tick() -> None:
        while not over.wait(30):
            say(f"{what} … {_span(time.monotonic() - begin)}")

    say(f"{what} …")
    ticker = threading.Thread(target=tick, daemon=True)
    ticker.start()
    try:
        yield
    finally:
        over.set()
        ticker.join()
    say(f"{what} built in {_span(time.monotonic() - begin)}")


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}" if minutes else f"{rest} s"


@contextlib.contextmanager
def _only_builder(folder: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock of the cache folder; whoever comes second waits and finds the work done."""
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("another build is running; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def wait_for_builder(say: Callable[[str], None]) -> None:
    """Wait while somebody builds on this machine; return at once when nobody does."""
    folder = cache_folder() / "bin"
    if folder.exists():
        with _only_builder(folder, say):
            pass


def say_aloud(line: str) -> None:
    """Print a line of progress at once."""
    print(line, flush=True)


def ensure(names: Sequence[str], say: Callable[[str], None] = say_aloud) -> dict[str, Path]:
    """
    Return the paths of the programs; build those that are missing, one builder at a time on this machine.

    :raises BuildFailed: names the program, the step and what it answered
    """
    folder = cache_folder() / "bin"
    if missing(names):
        folder.mkdir(parents=True, exist_ok=True)
        with _only_builder(folder, say):
            _build_missing(missing(names), say)
    return {name: path_of(name) for name in names}


def _build_missing(names: Sequence[str], say: Callable[[str], None]) -> None:
    if not names:
        return
    if os.environ.get("OFFLINE") == "1":
        raise BuildFailed(f"OFFLINE=1 and {path_of(names[0])} is not in the cache")
    if "localkube" in names and shutil.disk_usage(cache_folder()).free < ENOUGH_BYTES:
        raise BuildFailed(f"building needs {ENOUGH_BYTES // 1024**3} GB below {cache_folder()} while it runs")
    workshop = _Workshop(find_go(say), cache_folder() / "build", say)
    workshop.folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names, 1):
        workshop.build(RECIPES[name])
        say(f"[{number}/{len(names)}] {path_of(name)}")
    # several GB that only the next upgrade would need, and then mostly in other versions
    shutil.rmtree(workshop.folder, ignore_errors=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the named programs, or all; with ``--list`` say where each is or will be."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    listing = "--list" in words
    names = [word for word in words if word != "--list"] or list(RECIPES)
    unknown = [name for name in names if name not in RECIPES]
    if unknown:
        print(f"unknown program {unknown[0]}; there are: {', '.join(RECIPES)}", file=sys.stderr)
        return 2
    if listing:
        for name in names:
            print("built  " if path_of(name).exists() else "missing", path_of(name))
        return 0
    try:
        built = ensure(names)
    except BuildFailed as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(str(path) for path in built.values()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
