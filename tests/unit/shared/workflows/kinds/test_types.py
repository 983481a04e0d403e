from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.workflows.kinds.fields import types


def accepts(kind: Any, value: object) -> bool:
    try:
        TypeAdapter(kind).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        (types.DnsLabel, ["a", "web-1", "1st", "a" * 63], ["", "A", "-a", "a-", "a.b", "a_b", "a" * 64, "a\n"]),
        (types.DnsLabelLetter, ["a", "web-1"], ["1st", "-a", "a-", "A"]),
        (types.DnsSubdomain, ["a", "a.b-c", "1.2"], ["a..b", ".a", "a.", "A.b", "a_b", "a" * 254]),
        (types.PortName, ["http", "a1", "8a", "a-b"], ["8080", "a--b", "-a", "HTTP", "a" * 16, ""]),
        (types.PortRef, ["http", "1", "65535"], ["0", "65536", "99999", "HTTP", ""]),
        (types.Quantity, ["1", "0.5", ".5", "100m", "1e3", "2Gi", "1.5G", "0"], ["", "1 Gi", "Gi", "1gi", "1KB", "-1"]),
        (types.Bytes, ["1", "512Mi", "1e9"], ["512m", "1u"]),
        (types.IntOrPercent, ["1", "25%", "0"], ["-1", "a", "1.5", "25 %"]),
        (
            types.ImageReference,
            [
                "nginx",
                "nginx:1.29",
                "library/nginx",
                "ghcr.io/a/b_c/d--e:x",
                "localhost:5000/a",
                "localhost/kubeorch-starter:1",
                "[::1]:5000/a",
                "a@sha256:" + "0" * 64,
                "Registry.Example.com/a",
            ],
            ["", "a b", "A", "a:", "a:b c", "a@sha256:0", "a//b", "/a", "a/", "-a", "a:" + "x" * 129],
        ),
        (types.LabelValue, ["", "a", "A_b.c-d", "a" * 63], ["-a", "a-", "a b", "a" * 64, "ä"]),
        (types.LabelKey, ["a", "a/b", "a.b/c_D"], ["", "a/b/c", "/a", "a/", "A/b", "kubeorch.io/x", "x.kubeorch.io/y"]),
        (types.EnvName, ["A", "_a", "a.b", "a-b"], ["", "1a", "a b", "a=b"]),
        (types.ConfigKey, ["a", ".a", "..a", "a.b-c_d", "TOKEN"], ["", ".", "..", "a/b", "a b"]),
        (types.AbsolutePath, ["/", "/a b", "/etc/x"], ["", "a", "/a:b", "/a\nb"]),
        (types.RelativePath, ["a", "a/b", "..a"], ["", "/a", "../a", "a/../b"]),
        (types.FileMode, ["0644", "644", "0400"], ["999", "64", "00644", "rw"]),
        (types.WildcardHost, ["a.example.com", "*.example.com"], ["*", "a.*.com", "http://a", "A.com"]),
    ],
)
def test_what_is_right_and_what_is_not(kind: Any, right: list[str], wrong: list[str]) -> None:
    assert [value for value in right if not accepts(kind, value)] == []
    assert [value for value in wrong if accepts(kind, value)] == []


@pytest.mark.parametrize("kind", [types.PortRef, types.IntOrPercent])
def test_a_number_is_taken_where_a_text_may_be_one(kind: Any) -> None:
    assert TypeAdapter(kind).validate_python(8080) == "8080"
    assert not accepts(kind, True)


def test_the_schema_says_the_same_as_the_check() -> None:
    schema = TypeAdapter(types.DnsLabel).json_schema()
    assert re.match(schema["pattern"], "web-1")
    assert not re.match(schema["pattern"], "Web")
    assert (schema["minLength"], schema["maxLength"]) == (1, 63)


@given(st.text(max_size=80))
def test_what_passes_as_a_name_is_one(value: str) -> None:
    if accepts(types.DnsLabel, value):
        assert re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", value, re.ASCII)
        assert len(value) <= 63


@pytest.mark.parametrize(
    ("quantity", "number"),
    [
        ("1", 1),
        ("500m", 0.5),
        ("1Ki", 1024),
        ("1.5Gi", 1.5 * 2**30),
        ("2k", 2000),
        ("1e3", 1000),
        (".5", 0.5),
        ("1E", 1e18),
    ],
)
def test_quantities_compare_as_numbers(quantity: str, number: float) -> None:
    assert types.amount(quantity) == pytest.approx(number)


def test_modes_are_octal() -> None:
    assert types.mode_number("0644") == 420
    assert types.mode_number("400") == 256
