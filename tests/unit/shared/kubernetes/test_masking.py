from __future__ import annotations

import base64
from typing import Any

import pytest

from shared.kubernetes.masking import MASK, hide, secret_values

VALUE = "hunter2-and-more"
CODED = base64.b64encode(VALUE.encode()).decode()


@pytest.mark.parametrize("body", [{"stringData": {"a": VALUE}}, {"data": {"a": CODED}}])
def test_a_secrets_values_are_known_in_clear_and_in_base64(body: dict[str, Any]) -> None:
    assert secret_values({"kind": "Secret", **body}) == {VALUE, CODED}


@pytest.mark.parametrize(
    "manifest",
    [
        None,
        {},
        {"kind": "ConfigMap", "data": {"a": VALUE}},
        {"kind": "Secret"},
        {"kind": "Secret", "data": None, "stringData": [VALUE]},
        {"kind": "Secret", "stringData": {"a": "ab", "b": 1}},
    ],
)
def test_other_manifests_hide_nothing(manifest: dict[str, Any] | None) -> None:
    assert not {value for value in secret_values(manifest) if value == VALUE}


def test_bytes_that_are_no_text_are_known_in_base64() -> None:
    coded = base64.b64encode(b"\xff\xfe\xfd\xfc").decode()
    assert secret_values({"kind": "Secret", "data": {"a": coded}}) == {coded}


def test_values_are_hidden_wherever_they_stand() -> None:
    said = {"message": f'Invalid value: "{VALUE}" ({CODED})', "details": {"causes": [{"message": VALUE}, 1, None]}}
    assert hide(said, {VALUE, CODED}) == {
        "message": f'Invalid value: "{MASK}" ({MASK})',
        "details": {"causes": [{"message": MASK}, 1, None]},
    }


def test_a_value_inside_another_leaves_no_rest() -> None:
    assert hide("abcdefgh", {"abcd", "abcdefgh"}) == MASK
