from __future__ import annotations

from typing import Any

import pytest

from shared.clusters.facts import Question
from shared.kubernetes.crds import Crd, read_crd
from shared.kubernetes.objects import BUILT_IN
from shared.kubernetes.rights import Rights, read_rights
from shared.workflows.catalogue.availability import (
    EVERYTHING,
    availability_of,
    is_allowed,
    needs_of,
    open_needs,
    resources_of,
)
from shared.workflows.catalogue.core import Availability, NodeType, node_types
from shared.workflows.catalogue.crd_presets import crd_node_types
from shared.workflows.kinds import KINDS
from tests.fixtures.workflows.crds import DATABASE, crd, established

ITEMS = {item.type: item for item in node_types().items}
DEPLOYMENT, NAMESPACE = BUILT_IN["apps/v1", "Deployment"], BUILT_IN["v1", "Namespace"]


def rights(*rules: tuple[str, str, str], incomplete: bool = False) -> Rights:
    raw = [
        {"verbs": verbs.split(), "apiGroups": [group], "resources": resources.split()}
        for verbs, group, resources in rules
    ]
    return read_rights("shop", {"resourceRules": raw, "incomplete": incomplete})


def availability(
    item: NodeType, found: Rights, answers: dict[Question, bool] | None = None, **more: Any
) -> Availability:
    given: dict[str, Any] = {"served": None, **more}
    return availability_of(
        resources_of(item, {}),
        namespace="shop",
        allowed=lambda need: is_allowed(need, found, answers or {}),
        **given,
    )


def test_what_may_be_listed_created_and_patched_can_be_used() -> None:
    assert availability(ITEMS["deployment"], rights(("*", "apps", "deployments"))) == Availability()


def test_a_missing_verb_is_named_with_its_kind_and_namespace() -> None:
    found = availability(ITEMS["deployment"], rights(("list get", "apps", "deployments")))
    assert found == Availability(
        state="denied",
        reason="The cluster's credentials may not create or patch deployments.apps in the namespace shop.",
    )


def test_all_kinds_a_type_makes_are_needed() -> None:
    found = availability(ITEMS["role"], rights(("*", "rbac.authorization.k8s.io", "roles")))
    assert found.reason == (
        "The cluster's credentials may not list or create or patch rolebindings.rbac.authorization.k8s.io "
        "in the namespace shop."
    )


@pytest.mark.parametrize("name", ["manifest", "custom-resource"])
def test_types_that_make_any_kind_can_always_be_used(name: str) -> None:
    assert availability(ITEMS[name], rights()) == Availability()


def test_a_kind_the_cluster_does_not_serve_is_said_first() -> None:
    served = frozenset({("apps/v1", "Deployment")})
    found = availability(ITEMS["hpa"], rights(), served=served)
    assert found.state == "missing_crd"
    assert found.reason == "This cluster does not serve HorizontalPodAutoscaler of autoscaling/v2."
    assert availability(ITEMS["configmap"], rights(("*", "", "*")), served=served).state == "ok"


def test_a_definition_that_is_not_in_force_says_why() -> None:
    found = availability_of([], namespace="shop", served=None, allowed=lambda _: True, problem="Its names are taken.")
    assert found == Availability(state="missing_crd", reason="Its names are taken.")


def test_rules_decide_about_namespaces_and_nothing_has_to_be_asked() -> None:
    needs = list(needs_of([DEPLOYMENT], "shop"))
    assert open_needs(needs, rights(("list", "apps", "deployments"))) == set()


def test_an_incomplete_list_of_rules_leaves_what_it_does_not_cover_to_be_asked() -> None:
    needs = list(needs_of([DEPLOYMENT], "shop"))
    found = rights(("list", "apps", "deployments"), incomplete=True)
    assert {need.verb for need in open_needs(needs, found)} == {"create", "patch"}
    answers = {need: need.verb == "create" for need in open_needs(needs, found)}
    assert availability(ITEMS["deployment"], found, answers).reason == (
        "The cluster's credentials may not patch deployments.apps in the namespace shop."
    )


def test_rules_of_one_namespace_say_at_most_what_holds_for_the_whole_cluster() -> None:
    needs = list(needs_of([NAMESPACE], "shop"))
    everywhere = rights(("*", "", "*"))
    assert open_needs(needs, everywhere) == set(needs)
    assert open_needs(needs, rights(("list", "", "namespaces"))) == {needs[0]}
    assert availability(ITEMS["namespace"], everywhere).state == "denied"
    found = availability(ITEMS["namespace"], everywhere, dict.fromkeys(needs, True))
    assert found == Availability()


def test_every_core_type_knows_what_it_makes() -> None:
    for kind in KINDS.values():
        assert bool(resources_of(ITEMS[kind.type], {})) == bool(kind.kind), kind.type


def test_a_preset_makes_its_kind_in_its_version() -> None:
    found = read_crd(established(crd("Database", DATABASE)))
    assert isinstance(found, Crd)
    [item] = crd_node_types((found,))
    [resource] = resources_of(item, {item.type: found})
    assert resource.path("shop") == "/apis/shop.example.com/v1/namespaces/shop/databases"


def test_the_question_about_everything_is_about_every_group() -> None:
    assert (EVERYTHING.verb, EVERYTHING.resource.group, EVERYTHING.resource.plural) == ("*", "*", "*")
