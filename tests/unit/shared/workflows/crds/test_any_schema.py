"""Forms of any structural schema: inside the subset, and never looser than the cluster."""

from __future__ import annotations

import jsonschema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.workflows.catalogue.schema import foreign_keywords
from shared.workflows.crds.forms import form_of
from tests.fixtures.workflows.crd_schemas import SCHEMAS, Json, accepts, cluster_accepts, pointers, root, values


@given(SCHEMAS)
def test_every_structural_schema_gives_a_form_in_the_subset(schema: Json) -> None:
    form = form_of(root(schema))
    assert form.spec is not None
    assert list(foreign_keywords(form.spec)) == []
    jsonschema.Draft202012Validator.check_schema(form.spec)
    assert pointers({"properties": {"spec": form.spec}}) == set(form.hints)
    assert [hint["order"] for hint in form.hints.values()] == list(range(len(form.hints)))


@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(st.data())
def test_what_a_form_accepts_the_cluster_accepts(data: st.DataObject) -> None:
    schema = data.draw(SCHEMAS)
    form = form_of(root(schema))
    assert form.spec is not None
    value = data.draw(values(form.spec))
    if accepts(form.spec, value):
        assert cluster_accepts(schema, value)
