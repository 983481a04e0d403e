from __future__ import annotations

import base64
import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.crypto import KeyRing
from shared.errors import InvalidInput, NeedsReentry


def ring(*ids: str) -> KeyRing:
    return KeyRing.parse(",".join(f"{name}:{base64.b64encode(name.ljust(32, '.').encode()).decode()}" for name in ids))


@given(st.binary(max_size=2000), st.text(max_size=60))
def test_what_was_sealed_opens_again_in_its_place(plaintext: bytes, context: str) -> None:
    keys = ring("a")
    sealed = keys.seal(plaintext, context=context)
    assert keys.open(sealed, context=context) == plaintext
    assert len(plaintext) < 4 or plaintext not in sealed["data"]


def test_the_same_value_never_looks_the_same() -> None:
    first, second = (ring("a").seal(b"value", context="c/1/f") for _ in range(2))
    assert first["data"] != second["data"]
    assert first["wrapped_key"] != second["wrapped_key"]


@pytest.mark.parametrize("damage", ["data", "wrapped_key", "key_id", "context"])
def test_a_damaged_or_moved_record_needs_re_entry(damage: str) -> None:
    keys = ring("a", "b")
    sealed: dict[str, Any] = keys.seal(b"value", context="clusters/1/credentials")
    context = "clusters/2/credentials" if damage == "context" else "clusters/1/credentials"
    if damage == "key_id":
        sealed["key_id"] = "b"
    elif damage != "context":
        sealed[damage] = sealed[damage][:-1] + bytes([sealed[damage][-1] ^ 1])
    with pytest.raises(NeedsReentry):
        keys.open(sealed, context=context)


@pytest.mark.parametrize("missing", [{}, {"key_id": "a"}, {"key_id": "a", "wrapped_key": b"", "data": b""}])
def test_an_incomplete_record_needs_re_entry(missing: dict[str, Any]) -> None:
    with pytest.raises(NeedsReentry):
        ring("a").open(missing, context="c")


def test_a_missing_key_is_named() -> None:
    sealed = ring("old").seal(b"value", context="c")
    with pytest.raises(NeedsReentry, match="old"):
        ring("new").open(sealed, context="c")


def test_the_first_key_encrypts_and_all_open() -> None:
    sealed = ring("old").seal(b"value", context="c")
    both = ring("new", "old")
    assert both.active == "new"
    assert both.open(sealed, context="c") == b"value"
    assert both.seal(b"x", context="c")["key_id"] == "new"


def test_rewrapping_changes_the_wrap_and_not_the_data() -> None:
    sealed = ring("old").seal(b"value", context="c")
    again = ring("new", "old").rewrap(sealed, context="c")
    assert again["data"] == sealed["data"]
    assert ring("new").open(again, context="c") == b"value"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " , ",
        "nocolon",
        "a:!!!",
        "a:" + base64.b64encode(b"short").decode(),
        ":" + base64.b64encode(bytes(32)).decode(),
        "a:" + base64.b64encode(bytes(32)).decode() + ",a:" + base64.b64encode(bytes(32)).decode(),
        "sp ace:" + base64.b64encode(bytes(32)).decode(),
    ],
)
def test_a_malformed_ring_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="KUBEORCH_KEYRING"):
        KeyRing.parse(text)


def test_the_refusal_does_not_echo_a_key() -> None:
    key = base64.b64encode(os.urandom(31)).decode()
    with pytest.raises(InvalidInput) as caught:
        KeyRing.parse(f"a:{key}")
    assert key not in caught.value.message
