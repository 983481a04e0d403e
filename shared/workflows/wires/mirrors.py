"""
What a wire will do, as cards and forms show it before anything is compiled.

The browser evaluates the same mirrors; both sides run ``tests/fixtures/workflows/mirrors.json``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.workflows.drawing.conditions import ABSENT, evaluate
from shared.workflows.wires.rules import Rule


def mirrored(
    rule: Rule, *, source: Mapping[str, Any], target: Mapping[str, Any], edge: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """
    Return the values a wire shows at its ends; a mirror whose value is missing shows nothing.

    :param source: data of the node at the wire's beginning, ``target`` of that at its end, ``edge`` of the wire
    :return: ``{on, path, value, mode}``
    """
    scope = {"source": source, "target": target, "edge": edge}
    found = [(mirror, evaluate(mirror.value, scope)) for mirror in rule.mirrors]
    return [
        {"on": mirror.on, "path": mirror.path, "value": value, "mode": mirror.mode}
        for mirror, value in found
        if value is not ABSENT
    ]
