from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from shared.yaml_text import dump, dump_all

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)


@given(values)
def test_what_is_written_reads_back_the_same(value: Any) -> None:
    assert yaml.safe_load(dump(value)) == value


@given(st.lists(texts.map(lambda text: {"a": text}), max_size=4))
def test_documents_stay_apart(documents: list[dict[str, str]]) -> None:
    assert list(yaml.safe_load_all(dump_all(documents))) == documents


@pytest.mark.parametrize(
    "text", ["a\x85b", "a\u2028", "\u2029", "\ufeffa", "a\rb", "a \nb", "\n", " a\n", "---\na", "a: b\n", "\t"]
)
def test_awkward_texts(text: str) -> None:
    assert yaml.safe_load(dump({"a": [text]})) == {"a": [text]}
    assert yaml.safe_load(dump(text)) == text


def test_several_lines_are_readable() -> None:
    assert dump({"a": "one\ntwo: 2\n"}) == "a: |\n  one\n  two: 2\n"
    assert dump({"a": "grün"}) == "a: grün\n"


def test_nothing_is_written_as_an_alias() -> None:
    shared = {"x": 1}
    assert dump([shared, shared]) == "- x: 1\n- x: 1\n"


@pytest.mark.parametrize("text", ["1e9", "1E3", "0o17", "0b11", "1_000", "y", "N", "5.", ".5e1", "+1e2"])
def test_what_kubernetes_would_read_as_a_number_or_a_switch_is_quoted(text: str) -> None:
    assert dump({"a": text}) == f"a: '{text}'\n"
