from __future__ import annotations

import orjson
import pytest
from werkzeug.exceptions import UnsupportedMediaType

from shared.errors import InvalidInput
from web.bodies import DEEPEST, parse

JSON = "application/json"


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


def test_a_body_is_read_once_it_is_declared_to_be_json() -> None:
    assert parse(b'{"a": [1, "\xc3\xbc"]}', JSON) == {"a": [1, "ü"]}
    assert parse(b"{}", "application/merge-patch+json") == {}


def test_no_body_is_nothing_whatever_is_declared() -> None:
    assert parse(b"", "text/plain") is None


@pytest.mark.parametrize("mimetype", ["", "text/plain", "application/x-www-form-urlencoded", "text/json5"])
def test_another_kind_of_body_is_refused(mimetype: str) -> None:
    with pytest.raises(UnsupportedMediaType):
        parse(b"{}", mimetype)


@pytest.mark.parametrize(
    "data", [b"{", b"'a'", b"NaN", b"[Infinity]", b"\xff\xfe", b'"\\ud800"', b'"\x00"', b"{} {}", b"[" * 100_000]
)
def test_what_is_no_json_says_where(data: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(data, JSON)
    assert caught.value.code == "invalid-json"
    assert "line 1" in caught.value.message


def test_depth_is_limited() -> None:
    assert parse(nested(DEEPEST), JSON) == orjson.loads(nested(DEEPEST))
    with pytest.raises(InvalidInput) as caught:
        parse(nested(DEEPEST + 1), JSON)
    assert caught.value.code == "json-too-deep"


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (b'{"a": [{"b": "x\\u0000y"}]}', "a.0.b"),
        (b'{"a": {"b\\u0000": 1}}', "a"),
        (b'"\\u0000"', ""),
    ],
)
def test_a_nul_character_is_refused_with_its_place(data: bytes, path: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(data, JSON)
    assert [field.path for field in caught.value.fields] == [path]


def test_a_backslash_before_u0000_is_only_text() -> None:
    assert parse(b'"\\\\u0000"', JSON) == "\\u0000"
