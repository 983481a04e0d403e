"""
The wiring table: every way to connect two nodes, and the effect of each connection.

Direction is as drawn: a service points to what it serves, configuration to who reads it, a dependent to what it waits
for. Effects are computed from the edge when a graph is compiled; nothing is copied into node data.
"""

from __future__ import annotations

from typing import Any

from shared.workflows.wires import config, naming, order, policy, scaling, storage, traffic
from shared.workflows.wires.rules import Rule

RULES: tuple[Rule, ...] = (
    *traffic.RULES,
    *config.RULES,
    *storage.RULES,
    *scaling.RULES,
    *policy.RULES,
    *naming.RULES,
    *order.RULES,
)
BY_ID: dict[str, Rule] = {rule.id: rule for rule in RULES}


def default_options(rule: Rule) -> dict[str, Any]:
    """Return the options with which a new wire begins, its ``edge.data``."""
    return {name: field.default for name, field in rule.options.model_fields.items() if _is_plain(field.default)}


def _is_plain(value: object) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool)
