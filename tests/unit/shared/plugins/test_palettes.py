"""Palettes: core types, those of enabled plugins, and those of a cluster's extensions, each where it belongs."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from shared.access import Actor, Role
from shared.clusters.facts import ClusterFacts
from shared.errors import ClusterUnreachable, NotFound
from shared.plugins.actions import Plugins
from shared.plugins.palettes import Palettes
from shared.workflows.catalogue.core import node_types_json
from shared.workflows.kinds import KINDS
from tests.fixtures.plugins import crds as definitions
from tests.fixtures.workflows.crds import DATABASE, crd, established
from tests.support.fakes.clusters import FakeAnswers, FakeClients
from tests.support.fakes.engine import CLUSTER, Engine
from tests.support.fakes.plugins import FakePluginStore

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
ADA, EVE = Actor("ada", Role.MEMBER, "s1", "Ada"), Actor("eve", Role.MEMBER, "s2", "Eve")
AWAY = ClusterUnreachable("No route to host.", details={"reason": "connect"})
OFFERED = {"plugin:certmanager/certificate", "plugin:certmanager/clusterissuer"}


class House:
    """Palettes over one cluster of Ada's."""

    def __init__(self, answers: dict[str, Any] | None = None) -> None:
        engine = Engine()
        self.fake = FakeAnswers(answers or {CRDS: {"items": [established(crd("Database", DATABASE))]}, "/apis": {}})
        self.plugins = Plugins(FakePluginStore(), engine.workflows)
        self.palettes = Palettes(self.plugins, engine.clusters_of_people(), ClusterFacts(FakeClients(self.fake)))

    def shown(self, actor: Actor = ADA, *where: str) -> dict[str, str]:
        """Return the availability of each type."""
        found = orjson.loads(self.palettes.node_types(actor, *where))
        return {item["type"]: item["availability"]["state"] for item in found["items"]}


def test_without_plugins_and_clusters_it_is_the_core_as_it_was_made_once() -> None:
    house = House()
    assert house.palettes.node_types(ADA) is node_types_json()
    assert set(house.shown()) == set(KINDS)
    assert house.fake.asked == []


def test_enabled_plugins_stand_in_their_persons_palette_alone() -> None:
    house = House()
    house.plugins.enable(ADA, "certmanager")
    assert set(house.shown()) == {*KINDS, *OFFERED}
    assert set(house.shown(EVE)) == set(KINDS)
    assert house.fake.asked == []


def test_of_a_cluster_extensions_are_offered_too() -> None:
    house = House()
    house.plugins.enable(ADA, "certmanager")
    found = house.shown(ADA, CLUSTER)
    assert set(found) == {*KINDS, *OFFERED, "crd:shop.example.com/v1/Database"}
    assert found["crd:shop.example.com/v1/Database"] == "ok"
    assert {found[name] for name in OFFERED} == {"missing_crd"}


@pytest.mark.parametrize(("where", "asked"), [((CLUSTER,), "rules default"), ((CLUSTER, "shop"), "rules shop")])
def test_rights_are_asked_for_in_the_namespace_that_is_meant(where: tuple[str, ...], asked: str) -> None:
    house = House()
    house.shown(ADA, *where)
    assert asked in house.fake.asked


def test_a_cluster_that_is_away_leaves_availability_unknown() -> None:
    house = House({CRDS: AWAY, "/apis": AWAY})
    house.plugins.enable(ADA, "certmanager")
    found = house.shown(ADA, CLUSTER)
    assert set(found) == {*KINDS, *OFFERED}
    assert found["plugin:certmanager/certificate"] == "unknown"


def test_a_cluster_of_somebody_else_is_not_found() -> None:
    house = House()
    for ask in (house.palettes.node_types, house.palettes.crds):
        for actor, cluster_id in ((EVE, CLUSTER), (ADA, "ghost")):
            with pytest.raises(NotFound) as caught:
                ask(actor, cluster_id)
            assert caught.value.code == "cluster-not-found"
    assert house.fake.asked == []


def test_kinds_of_a_cluster_name_the_plugin_that_draws_them() -> None:
    house = House({CRDS: {"items": [established(definitions.CRDS[0])]}, "/apis": {}})
    crds, drawn_by = house.palettes.crds(ADA, CLUSTER)
    assert [crd.kind for crd in crds.items] == ["Certificate"]
    assert drawn_by == {}
    house.plugins.enable(ADA, "certmanager")
    _, drawn_by = house.palettes.crds(ADA, CLUSTER)
    assert drawn_by == {"crd:cert-manager.io/v1/Certificate": "plugin:certmanager/certificate"}


def test_kinds_of_a_cluster_that_is_away_cannot_be_told() -> None:
    with pytest.raises(ClusterUnreachable):
        House({CRDS: AWAY}).palettes.crds(ADA, CLUSTER)
