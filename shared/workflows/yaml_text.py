"""
Write manifests as YAML that reads back as the same values.

The only place that writes YAML. PyYAML by itself loses what YAML 1.1 takes for line breaks (NEL, U+2028, U+2029) and
writes some multi-line texts unreadably.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import yaml

_UNSAFE = re.compile(r"[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029\ufeff]")
_BLOCK_UNFIT = re.compile(r"[ \t]\n|[ \t]$|^[ \t\n]|\t")
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
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def dump(value: Any) -> str:
    """Write one value as a YAML document."""
    return str(yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDE))


def dump_all(values: Iterable[Any]) -> str:
    """Write several documents, separated by ``---``."""
    return "---\n".join(dump(value) for value in values)
