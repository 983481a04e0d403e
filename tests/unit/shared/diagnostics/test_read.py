from __future__ import annotations

from typing import Any

import pytest

from shared.diagnostics import read


@pytest.mark.parametrize(
    ("value", "expected"),
    [(["Ingress", "Egress"], ["Ingress", "Egress"]), (["a", 7, None], ["a"]), (7, []), ("Egress", []), (None, [])],
)
def test_a_list_of_texts_is_read_from_whatever_stands_there(value: Any, expected: list[str]) -> None:
    assert read.texts({"spec": {"types": value}}, "spec", "types") == expected
