from __future__ import annotations

import pytest

from shared.errors import ClusterRefused
from shared.planning.immutable import fields_of


def refused(message: str = "", code: str = "cluster-invalid", *causes: tuple[str, str]) -> ClusterRefused:
    found = [{"field": field, "message": words} for field, words in causes]
    return ClusterRefused(message, code=code, details={"causes": found} if found else {})


@pytest.mark.parametrize(
    "words",
    [
        "field is immutable",
        "Forbidden: updates to statefulset spec for fields other than 'replicas' are forbidden",
        "may not change once set",
        "cannot change roleRef",
        "field is immutable when `immutable` is set",
    ],
)
def test_the_words_of_the_api_server(words: str) -> None:
    assert fields_of(refused("", "cluster-invalid", ("spec.selector", words))) == ("spec.selector",)
    assert fields_of(refused(f"Deployment is invalid: {words}")) == ("its spec",)


def test_another_mistake_beside_it_is_no_reason_to_replace() -> None:
    error = refused(
        "", "cluster-invalid", ("spec.selector", "field is immutable"), ("spec.replicas", "must be positive")
    )
    assert fields_of(error) == ()


def test_other_refusals_are_not_about_immutable_fields() -> None:
    assert fields_of(refused("field is immutable", "cluster-forbidden")) == ()
    assert fields_of(refused("", "cluster-invalid", ("spec.replicas", "must be positive"))) == ()
