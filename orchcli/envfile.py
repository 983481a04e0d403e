"""
The file ``.env``: made once from ``.env.example`` with random secrets, then only read.

Names that must have a value are those that the example leaves empty.
"""

from __future__ import annotations

import base64
import difflib
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from orchcli.errors import BrokenFile, SettingsWrong

EXAMPLE, FILE, LOCAL = ".env.example", ".env", ".env.local"
PREFIX = "KUBEORCH_"
KEYRING = "KUBEORCH_KEYRING"
SHORTEST_SECRET_BYTES = 32
_ASSIGNMENT = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)")
_COMMENTED = re.compile(r"#\s?([A-Z][A-Z0-9_]*)=(.*)")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with the settings."""

    name: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.name} {self.what}; {self.remedy}"


def parse(text: str, source: str = FILE) -> dict[str, str]:
    """
    Return the assignments; quotes around a value are taken off, nothing is substituted.

    :raises BrokenFile: a line is no assignment
    """
    values: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        found = _ASSIGNMENT.fullmatch(stripped)
        if found is None:
            raise BrokenFile(f"{source}:{number}: this is not NAME=value", f"correct {source}")
        name, value = found[1], found[2].strip()
        if value[:1] in {'"', "'"}:
            if len(value) < 2 or value[-1] != value[0]:  # noqa: PLR2004 - a pair of quotes
                raise BrokenFile(f"{source}:{number}: {name} has a quote that does not end", f"correct {source}")
            value = value[1:-1]
        else:
            value = re.split(r"\s+#", value, maxsplit=1)[0].rstrip()
        values[name] = value
    return values


def empty_names(example: str) -> list[str]:
    """Return the names that the example leaves empty: they are filled with random secrets and must be set."""
    return [name for name, value in parse(example, EXAMPLE).items() if not value]


def known_names(example: str) -> set[str]:
    """Return all names of the example, those that are commented out included."""
    commented = {found[1] for line in example.splitlines() if (found := _COMMENTED.fullmatch(line.strip()))}
    return commented | set(parse(example, EXAMPLE))


def random_value(name: str) -> str:
    """Return a new secret: a key ring with one key, else 64 hexadecimal digits, which need no quoting anywhere."""
    if name == KEYRING:
        return "k1:" + base64.b64encode(secrets.token_bytes(32)).decode()
    return secrets.token_hex(32)


def fill(example: str) -> str:
    """Return the text of a new ``.env``: the example with a secret for every empty value."""
    lines = []
    for line in example.splitlines():
        found = _ASSIGNMENT.fullmatch(line.strip())
        lines.append(f"{found[1]}={random_value(found[1])}" if found and not found[2].strip() else line)
    return "\n".join(lines) + "\n"


def add_missing(text: str, example: str) -> tuple[str, list[str]]:
    """Return the text with secrets for names it lacks, and those names; nothing that is there changes."""
    missing = [name for name in empty_names(example) if name not in parse(text)]
    if not missing:
        return text, []
    more = "".join(f"{name}={random_value(name)}\n" for name in missing)
    return f"{text.rstrip()}\n\n# added by orchcli env init\n{more}", missing


def problems_of(values: Mapping[str, str], example: str) -> list[Problem]:
    """Return the problems of settings, in the order of the example, unknown names last."""
    problems = []
    for name in empty_names(example):
        value = values.get(name, "")
        if not value and not values.get(f"{name}_FILE"):
            problems.append(Problem(name, "is empty or missing", "run: orchcli env init"))
        elif value and name.startswith(PREFIX) and "SECRET" in name and len(value) < SHORTEST_SECRET_BYTES:
            problems.append(Problem(name, f"is weak: it has {len(value)} characters", "use at least 32 random ones"))
        elif name == KEYRING and value and not _is_keyring(value):
            problems.append(Problem(name, "is no key ring", "it must be id:base64 of 32 bytes, more after commas"))
    known = known_names(example)
    for name in values:
        if name.startswith(PREFIX) and name not in known and name.removesuffix("_FILE") not in known:
            near = _nearest(name, known)
            problems.append(Problem(name, "is not a setting", f"did you mean {near}?" if near else "remove it"))
    return problems


def _is_keyring(value: str) -> bool:
    for part in value.split(","):
        key_id, _, key = part.strip().partition(":")
        try:
            if not key_id or len(base64.b64decode(key, validate=True)) != SHORTEST_SECRET_BYTES:
                return False
        except ValueError:
            return False
    return True


def _nearest(name: str, known: set[str]) -> str | None:
    """Return the setting that was probably meant; the beginning that all names share says nothing."""
    ours = {other.removeprefix(PREFIX) for other in known if other.startswith(PREFIX)}
    bare = name.removeprefix(PREFIX)
    # one underscore instead of two is the usual slip, so compare without them first
    squeezed = {other.replace("__", "_"): other for other in ours}
    near = squeezed.get(bare) or next(iter(difflib.get_close_matches(bare, ours, n=1, cutoff=0.6)), None)
    return PREFIX + near if near else None


def read(root: Path) -> dict[str, str]:
    """Return the settings of ``.env`` and, above them, those of ``.env.local``; missing files have none."""
    values: dict[str, str] = {}
    for name in (FILE, LOCAL):
        path = root / name
        if path.exists():
            values.update(parse(path.read_text(encoding="utf-8"), name))
    return values


def read_example(root: Path) -> str:
    """
    Return the example's text.

    :raises BrokenFile: it is not there
    """
    try:
        return (root / EXAMPLE).read_text(encoding="utf-8")
    except OSError as error:
        raise BrokenFile(f"cannot read {root / EXAMPLE}: {error.strerror}", "git checkout .env.example") from error


def make(root: Path) -> bool:
    """
    Make ``.env`` when there is none; an existing one is never touched.

    :return: whether it was made
    """
    text = fill(read_example(root))
    try:
        # O_EXCL: two starts at once make one file, and a file that is there stays as it is
        descriptor = os.open(root / FILE, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return True


def require(values: Mapping[str, str], example: str) -> None:
    """
    Raise ``SettingsWrong`` unless the settings can be right.

    :raises SettingsWrong: one line per mistake
    """
    problems = problems_of(values, example)
    if problems:
        raise SettingsWrong("\n".join(str(problem) for problem in problems), "orchcli env check")
