from __future__ import annotations

from typing import Any

import pytest

from shared.kubernetes.rights import read_rights


def rule(verbs: str, groups: str, resources: str, *names: str) -> dict[str, Any]:
    return {
        "verbs": verbs.split(),
        "apiGroups": groups.split(","),
        "resources": resources.split(),
        "resourceNames": list(names),
    }


@pytest.mark.parametrize(
    ("given", "covered"),
    [
        (rule("list create", "apps", "deployments"), True),
        (rule("*", "*", "*"), True),
        (rule("create", "*", "*/*"), True),
        (rule("create", "", "deployments"), False),
        (rule("list", "apps", "deployments"), False),
        (rule("create", "apps", "deployments/scale"), False),
        (rule("create", "apps", "deployments", "web"), False),
    ],
)
def test_a_rule_covers_a_verb_on_all_objects_of_a_kind(given: dict[str, Any], *, covered: bool) -> None:
    rights = read_rights("shop", {"resourceRules": [given], "incomplete": False})
    assert rights.covers("create", "apps", "deployments") is covered


def test_a_review_without_rules_covers_nothing() -> None:
    rights = read_rights("shop", {"incomplete": True, "resourceRules": None})
    assert rights.incomplete
    assert not rights.covers("get", "", "pods")
