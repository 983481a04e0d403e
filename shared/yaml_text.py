"""
Write manifests as YAML that reads back as the same values, and read what people wrote.

The only place that does either. PyYAML by itself loses what YAML 1.1 takes for line breaks (NEL, U+2028, U+2029) when
it writes; when it reads it turns dates and ``12:30`` into other things, takes a key twice and expands aliases without
end.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from typing import Any

import yaml
from yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, ScalarEvent

_UNSAFE = re.compile(r"[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029\ufeff]")
_BLOCK_UNFIT = re.compile(r"[ \t]\n|[ \t]$|^[ \t\n]|\t")
_READ_OTHERWISE = re.compile(
    r"[-+]?(\.[0-9_]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?|[-+]?0[xob][0-9a-fA-F_]+|[yYnN]"
)
"""Texts that PyYAML would leave bare and that Kubernetes' own reader takes for numbers or switches: ``1e9``, ``y``."""
WIDE = 4096
"""Lines are not folded: what is one line in the manifest is one line here."""


class _Dumper(yaml.SafeDumper):
    """Writes lists indented, and never anchors: two equal values are written twice."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write every value in full."""
        del data
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None
    if _UNSAFE.search(text):
        style = '"'
    elif "\n" in text:
        style = '"' if _BLOCK_UNFIT.search(text) else "|"
    elif _READ_OTHERWISE.fullmatch(text):
        style = "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def dump(value: Any) -> str:
    """Write one value as a YAML document."""
    return str(yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDE))


def dump_all(values: Iterable[Any]) -> str:
    """Write several documents, separated by ``---``."""
    return "---\n".join(dump(value) for value in values)


MOST_EVENTS = 100_000
DEEPEST = 64


class InvalidYaml(ValueError):
    """A mistake in YAML; the sentence names the line."""


class _Loader(yaml.CSafeLoader):
    """Reads as Kubernetes' own reader does: no dates, no base 60, no key twice, only text as keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - as the base class
        """Refuse a key that stands twice, or that is no text."""
        seen: set[str] = set()
        for key_node, _ in node.value:
            line = key_node.start_mark.line + 1 if key_node.start_mark else 0
            if key_node.tag != "tag:yaml.org,2002:str":
                raise InvalidYaml(f"line {line}: the key {key_node.value!s:.40} is no text; put it in quotes")
            if key_node.value in seen:
                raise InvalidYaml(f"line {line}: the key {key_node.value:.40} stands twice")
            seen.add(key_node.value)
        return super().construct_mapping(node, deep=deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith((":timestamp", ":int", ":float", ":merge"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^[-+]?(0|[1-9][0-9]*|0x[0-9a-fA-F]+|0[0-7]+)$"), list("-+0123456789")
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)([eE][-+]?[0-9]+)?$"),
    list("-+0123456789."),
)


def load_all(text: str) -> list[Any]:
    """
    Read several documents.

    :raises InvalidYaml: syntax, aliases, other tags, a key twice, too deep or too much; the sentence names the line
    """
    try:
        _check_events(text)
        return list(yaml.load_all(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}: " if mark else ""
        raise InvalidYaml(f"{where}{error.problem or error.context or 'no YAML'}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if isinstance(error, InvalidYaml):
            raise
        raise InvalidYaml(f"no YAML: {' '.join(str(error).split())[:200]}") from error


def _check_events(text: str) -> None:
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=yaml.CSafeLoader)):
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, AliasEvent):
            raise InvalidYaml(f"line {line}: anchors and aliases are not taken; write the value in full")
        if isinstance(event, (ScalarEvent, CollectionStartEvent)) and event.tag not in {None, "!"}:
            raise InvalidYaml(f"line {line}: the tag {event.tag} is not taken")
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > DEEPEST:
            raise InvalidYaml(f"line {line}: nested deeper than {DEEPEST} levels")
        if number > MOST_EVENTS:
            raise InvalidYaml(f"more than {MOST_EVENTS} values")
