from __future__ import annotations

from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from shared.kubernetes.crds import Crd, read_crd
from shared.plugins.builtin import builtin_plugins
from shared.plugins.forms import offers_of
from shared.workflows.catalogue.crd_presets import crd_node_types, form_for
from shared.workflows.catalogue.plugin_presets import Offer, merged, offered, placed_on, without_twins
from shared.workflows.catalogue.schema import foreign_keywords
from tests.fixtures.plugins.crds import CERTIFICATE, CLUSTER, CRDS, obj
from tests.fixtures.workflows.crd_schemas import pointers
from tests.fixtures.workflows.crds import crd, established

OFFERS = {offer.type: offer for name in ("certmanager", "postgresql") for offer in offers_of(builtin_plugins()[name])}
OFFER = OFFERS["plugin:certmanager/certificate"]
DATABASE = OFFERS["plugin:postgresql/pg-cluster"]


def read(definition: dict[str, Any], *, problem: bool = False) -> Crd:
    found = read_crd(definition if problem else established(definition))
    assert found is not None
    return found


CERTIFICATES, CLUSTERS = map(read, CRDS)


@pytest.mark.parametrize(("offer", "found"), [(OFFER, CERTIFICATES), (DATABASE, CLUSTERS)])
def test_the_definition_gives_the_form_and_the_plugin_its_words(offer: Offer, found: Crd) -> None:
    [placed] = placed_on([offer], [found], None)
    item = placed.item
    assert (placed.problem, placed.resource.plural) == ("", offer.plural)
    assert list(foreign_keywords(item.json_schema)) == []
    assert pointers(item.json_schema) == set(item.ui)
    assert [hint["order"] for hint in item.ui.values()] == list(range(len(item.ui)))
    assert item.defaults == offered(offer).defaults
    assert item.source == "plugin"
    whole = form_for(found.versions[0])
    shown = {path: hint for path, hint in offer.form.hints.items() if path in whole.hints}
    # amounts are entries of a map in the definition
    assert {path.rpartition("/")[0] for path in offer.form.hints.keys() - shown.keys()} <= {"/spec/resources/requests"}
    [plain] = crd_node_types((found,))
    assert item.json_schema == plain.json_schema
    for path, hint in shown.items():
        assert item.ui[path]["title"] == hint["title"]
        assert "advanced" not in item.ui[path]
    others = [item.ui[path]["order"] for path in whole.hints if path not in shown]
    assert max(item.ui[path]["order"] for path in shown) < min(others)


def test_of_one_kind_only_the_plugins_preset_is_there() -> None:
    known = (CERTIFICATES, CLUSTERS)
    placed = placed_on([OFFER], known, None)
    kept = without_twins(crd_node_types(known), placed)
    assert [item.type for item in kept] == ["crd:postgresql.cnpg.io/v1/Cluster"]


def test_another_version_of_the_kind_is_told_apart() -> None:
    newer = crd("Certificate", CERTIFICATE, group="cert-manager.io", version="v2")
    newer["spec"]["versions"].append({**newer["spec"]["versions"][0], "name": "v1", "storage": False})
    found = read(newer)
    placed = placed_on([OFFER], [found], None)
    assert (placed[0].problem, placed[0].resource.api_version) == ("", "cert-manager.io/v1")
    kept = without_twins(crd_node_types((found,)), placed)
    assert [(item.type, item.title) for item in kept] == [
        ("crd:cert-manager.io/v2/Certificate", "Certificate (v2)"),
    ]


def test_a_cluster_with_only_another_version_is_said() -> None:
    found = read(crd("Certificate", CERTIFICATE, group="cert-manager.io", version="v2"))
    [placed] = placed_on([OFFER], [found], None)
    assert placed.problem == (
        "cert-manager describes Certificate as v1; this cluster has Certificate of cert-manager.io as v2. "
        "Take the kind's own node type."
    )
    kept = without_twins(crd_node_types((found,)), [placed])
    assert [item.title for item in kept] == ["Certificate (v2)"]


def test_the_best_version_that_is_served_is_taken() -> None:
    offer = replace(OFFER, versions=("v2", "v1"))
    [placed] = placed_on([offer], [CERTIFICATES], None)
    assert placed.item.defaults["api_version"] == "cert-manager.io/v1"
    assert placed.twin == "crd:cert-manager.io/v1/Certificate"
    [alone] = placed_on([offer], [], frozenset({("cert-manager.io/v1", "Certificate")}))
    assert (alone.problem, alone.item.defaults["api_version"]) == ("", "cert-manager.io/v1")


def test_a_kind_that_is_missing_says_what_to_install() -> None:
    [placed] = placed_on([OFFER], [CLUSTERS], frozenset())
    assert placed.problem == (
        "This cluster does not have Certificate of cert-manager.io. "
        "Install cert-manager: https://cert-manager.io/docs/installation/"
    )
    assert placed.item == offered(OFFER)
    # where nobody knows what there is, nothing is said
    [unknown] = placed_on([OFFER], [], None)
    assert unknown.problem == ""


def test_a_definition_that_is_not_in_force_says_why() -> None:
    refused = [{"type": "NamesAccepted", "status": "False", "message": "the name is taken"}]
    found = read({**CRDS[0], "status": {"conditions": refused}}, problem=True)
    assert [one.problem for one in placed_on([OFFER], [found], None)] == ["the name is taken"]


def test_a_definition_without_all_fields_leaves_the_short_form() -> None:
    without = obj(spec=obj(secretName={"type": "string"}))
    found = read(crd("Certificate", without, group="cert-manager.io"))
    assert merged(OFFER.form, form_for(found.versions[0])) is None
    [placed] = placed_on([OFFER], [found], None)
    assert placed.item.json_schema == offered(OFFER).json_schema
    assert (placed.problem, placed.twin) == ("", "crd:cert-manager.io/v1/Certificate")


def test_the_cluster_says_whether_the_kind_is_of_a_namespace() -> None:
    found = read(crd("Certificate", CERTIFICATE, group="cert-manager.io", scope="Cluster"))
    [placed] = placed_on([OFFER], [found], None)
    assert placed.item.defaults["cluster_scoped"] is True
    assert placed.resource.namespaced is False


def test_the_form_of_a_definition_takes_what_the_plugin_fills_in() -> None:
    [placed] = placed_on([DATABASE], [CLUSTERS], None)
    data = {"name": "x", **placed.item.defaults}
    assert list(jsonschema.Draft202012Validator(placed.item.json_schema).iter_errors(data)) == []
    assert "instances" in CLUSTER["properties"]["spec"]["required"]
