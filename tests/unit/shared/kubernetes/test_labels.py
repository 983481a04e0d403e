from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kubernetes import labels
from shared.workflows.models import slug_of


@given(st.from_regex(r"[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?", fullmatch=True))
def test_any_name_becomes_a_label_value(name: str) -> None:
    value = labels.label_value(name)
    assert 1 <= len(value) <= 63
    assert value[-1].isalnum()
    assert name.startswith(value)


@given(st.text(max_size=100))
def test_any_workflow_name_becomes_a_slug(name: str) -> None:
    slug = slug_of(name)
    assert labels.label_value(slug) == slug
    assert slug == slug.lower()


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Shop — Frontend", "shop-frontend"), ("Čaj & Bar", "caj-bar"), ("店", "workflow"), ("--", "workflow")],
)
def test_slugs_keep_what_can_be_read(name: str, slug: str) -> None:
    assert slug_of(name) == slug


def test_only_objects_with_all_our_labels_are_ours() -> None:
    ours = labels.object_labels(workflow_id="w", workflow_slug="shop", node_id="n", name="web")
    assert labels.owner_of(ours) == ("w", "n")
    for name in (labels.MANAGED_BY, labels.WORKFLOW, labels.NODE):
        assert labels.owner_of({key: value for key, value in ours.items() if key != name}) is None
    assert labels.owner_of({**ours, labels.MANAGED_BY: "Helm"}) is None
    assert labels.owner_of(None) is None
