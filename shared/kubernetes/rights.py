"""Rights of credentials in a namespace: the rules of a ``SelfSubjectRulesReview`` as values, and their cover."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

EVERY = "*"


@dataclass(frozen=True, slots=True)
class Rule:
    """
    One rule.

    :param groups: API groups, the core group is the empty text
    :param resources: plurals, also of subresources (``pods/log``)
    :param names: the rule is for objects of these names alone; empty: for all
    """

    verbs: frozenset[str]
    groups: frozenset[str]
    resources: frozenset[str]
    names: frozenset[str] = frozenset()

    def covers(self, verb: str, group: str, resource: str) -> bool:
        """Whether it allows a verb on all objects of a kind."""
        return (
            not self.names
            and _holds(self.verbs, verb)
            and _holds(self.groups, group)
            and (_holds(self.resources, resource) or "*/*" in self.resources)
        )


def _holds(values: frozenset[str], wanted: str) -> bool:
    return wanted in values or EVERY in values


@dataclass(frozen=True, slots=True)
class Rights:
    """
    The rights in a namespace.

    :param incomplete: there may be more rights than the rules say; a single question tells
    """

    namespace: str
    rules: tuple[Rule, ...]
    incomplete: bool = False

    def covers(self, verb: str, group: str, resource: str) -> bool:
        """Whether any rule allows it."""
        return any(rule.covers(verb, group, resource) for rule in self.rules)


def read_rights(namespace: str, status: Mapping[str, Any]) -> Rights:
    """Read the status of a review."""
    found = status.get("resourceRules")
    raw = [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
    rules = tuple(
        Rule(
            verbs=_texts(item.get("verbs")),
            groups=_texts(item.get("apiGroups")),
            resources=_texts(item.get("resources")),
            names=_texts(item.get("resourceNames")),
        )
        for item in raw
    )
    return Rights(namespace, rules, incomplete=bool(status.get("incomplete")))


def _texts(found: object) -> frozenset[str]:
    return frozenset(map(str, found)) if isinstance(found, Iterable) and not isinstance(found, str) else frozenset()
