"""
Write ``.env.example`` and ``docs/settings.md`` from the settings: ``python -m deploy.settings_docs``.

Names, defaults, limits and meanings come from ``shared/settings.py`` alone; a guard compares both files with it.
With ``--check`` nothing is written; exit code 1 names the file that is out of date.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from shared.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parent.parent
ENV_EXAMPLE = ROOT / ".env.example"
SETTINGS_PAGE = ROOT / "docs" / "settings.md"
COMMAND = "python -m deploy.settings_docs"

GENERATED = ("SECRET_KEY", "JWT__SECRET", "KEYRING", "FLOWER__PASSWORD")
"""Settings that ``orchcli env init`` gives a random value."""

STORES = {
    "REDIS_PASSWORD": "Password of the Redis that `make up` or docker compose starts; letters and digits.",
    "MONGO_ROOT_PASSWORD": "Password of user `kubeorch` of the MongoDB that they start; letters and digits.",
    "MONGO_REPLICA_KEY": "What the members of that MongoDB's replica set show each other; letters and digits.",
}
"""Secrets of the stores that come with the platform; the platform itself gets them inside its addresses."""

COMPOSE = {
    "WEB_PORT": ("3000", "Port on 127.0.0.1 of the web interface and the API in docker compose."),
    "FLOWER_PORT": ("5555", "Port on 127.0.0.1 of Flower in docker compose."),
    "IMAGE_TAG": ("0.1.0", "Version of the platform's image; docker compose builds it when it is not there."),
}
"""Names that only docker-compose.yml reads, with its defaults."""

HEAD = f"""\
# Made from shared/settings.py by `{COMMAND}`; what everything means: docs/settings.md.
# `orchcli env init` copies this file to .env (mode 0600) and fills every empty value: KUBEORCH_KEYRING with
# k1:<base64 of 32 random bytes>, the others with 64 random hexadecimal digits. An existing .env is kept.
# What is commented out shows its default. KUBEORCH_<NAME>_FILE reads a value from a file instead.
"""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as the pages show it; ``default`` None means that it must be given."""

    name: str
    meaning: str
    default: str | None
    allowed: str


@dataclass(frozen=True, slots=True)
class Group:
    """Settings that belong together."""

    title: str
    about: str
    settings: list[Setting]


def groups() -> list[Group]:
    """Return all settings in the order in which the model declares them."""
    alone = Group("General", "", [])
    result = [alone]
    for name, field in Settings.model_fields.items():
        annotation = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            inner = [_setting(f"{name}__{key}".upper(), one) for key, one in annotation.model_fields.items()]
            result.append(Group(name.upper(), _flat(annotation.__doc__ or ""), inner))
        else:
            alone.settings.append(_setting(name.upper(), field))
    return result


def _setting(name: str, field: FieldInfo) -> Setting:
    default = None if field.is_required() else _text(field.get_default(call_default_factory=True))
    return Setting(name, _flat(field.description or ""), default, _allowed(field))


def _flat(text: str) -> str:
    return " ".join(text.replace("``", "`").split())


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value)


def _allowed(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return ", ".join(map(str, get_args(field.annotation)))
    if field.annotation is bool:
        return "true, false"
    bounds: dict[str, Any] = {
        name: getattr(rule, name) for rule in field.metadata for name in ("ge", "gt", "le") if hasattr(rule, name)
    }
    low = f"≥ {bounds['ge']}" if "ge" in bounds else f"> {bounds['gt']}" if "gt" in bounds else ""
    high = f"≤ {bounds['le']}" if "le" in bounds else ""
    return ", ".join(filter(None, (low, high)))


def render_env() -> str:
    """Return ``.env.example``."""
    parts = [HEAD, *_section("Secrets", _secrets()), *_section("docker compose", _compose())]
    for group in groups():
        lines = [line for one in group.settings if one.name not in GENERATED for line in _commented(one)]
        parts += _section(group.title if group.title == "General" else f"{group.title}: {group.about}", lines)
    return "\n".join(parts)


def _section(title: str, lines: Iterator[str] | list[str]) -> list[str]:
    body = list(lines)
    return [f"## {title}", *body, ""] if body else []


def _secrets() -> Iterator[str]:
    known = {one.name: one for group in groups() for one in group.settings}
    for name in GENERATED:
        yield from [*_comment(known[name].meaning), f"{PREFIX}{name}="]
    for name, meaning in STORES.items():
        yield from [*_comment(meaning), f"{name}="]


def _compose() -> Iterator[str]:
    for name, (default, meaning) in COMPOSE.items():
        yield from [*_comment(meaning), f"#{name}={default}"]


def _commented(one: Setting) -> list[str]:
    meaning = f"{one.meaning} ({one.allowed})" if one.allowed else one.meaning
    return [*_comment(meaning), f"#{PREFIX}{one.name}={one.default}"]


def _comment(text: str) -> list[str]:
    return textwrap.wrap(text, 116, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)


PAGE_HEAD = f"""\
# Settings

Made from `shared/settings.py` by `{COMMAND}`; do not edit.

Settings are variables of the environment, or lines of `.env` in the project's folder, which `orchcli env init` makes \
from `.env.example`. Every process reads them once when it starts; changes need a restart.

- `{PREFIX}<NAME>_FILE` reads the value from a file, for secrets that are mounted.
- An unknown `{PREFIX}` name stops the start and names the nearest real one; so does a value out of its limits.
- Lists are comma-separated. An empty value counts as not set.
"""


def render_page() -> str:
    """Return ``docs/settings.md``."""
    parts = [PAGE_HEAD]
    for group in groups():
        parts.append(f"## {group.title}\n")
        if group.about:
            parts.append(f"{group.about}\n")
        rows = [
            f"| `{PREFIX}{one.name}` | {_default_cell(one)} | {_cell(one.allowed)} | {_cell(one.meaning)} |"
            for one in group.settings
        ]
        parts.append("\n".join(["| name | default | allowed | meaning |", "| --- | --- | --- | --- |", *rows, ""]))
    parts.append("## Not the platform's own\n")
    parts.append("Read by `make up` and by `docker-compose.yml`; the platform's processes do not see them.\n")
    rows = [f"| `{name}` | made by `orchcli env init` | {meaning} |" for name, meaning in STORES.items()]
    rows += [f"| `{name}` | `{default}` | {meaning} |" for name, (default, meaning) in COMPOSE.items()]
    parts.append("\n".join(["| name | default | meaning |", "| --- | --- | --- |", *rows, ""]))
    return "\n".join(parts)


def _default_cell(one: Setting) -> str:
    if one.name in GENERATED:
        return "made by `orchcli env init`"
    if one.default is None:
        return "must be given"
    return f"`{_cell(one.default)}`" if one.default else "–"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main(arguments: list[str]) -> int:
    """Write both files, or compare them."""
    code = 0
    for path, text in ((ENV_EXAMPLE, render_env()), (SETTINGS_PAGE, render_page())):
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            print(f"{path.relative_to(ROOT)} is out of date; run: {COMMAND}", file=sys.stderr)
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
