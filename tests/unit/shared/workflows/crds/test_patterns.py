from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.workflows.crds.patterns import LONGEST, portable


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
        r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE])?$",
        r"^(?:0|([1-9][0-9]{0,3}s)+)$",
        "^$|^https?://.+?",
    ],
)
def test_what_means_the_same_everywhere_matches_the_same(pattern: str) -> None:
    rewritten = portable(pattern)
    assert rewritten is not None
    for text in ("", "a", "a-b.c", "-a", "12", "1.5Gi", "0", "10s5s", "https://x", "A"):
        assert bool(re.search(pattern, text)) == bool(re.search(rewritten, text)), text


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"\d+", "[0-9]+"),
        (r"[\w.-]", r"[0-9A-Za-z_.\-]"),
        (r"\S", r"[^\t\n\f\r ]"),
        # in Go a bracket in first place is itself; a browser would read an empty class
        ("[]a]", r"[\]a]"),
        ("[^]]", r"[^\]]"),
        # in Python this alone repeats
        ("a{,3}", r"a\{,3\}"),
        (r"a\/b\-c", "a/b-c"),
        (r"\x41", r"\x41"),
    ],
)
def test_what_is_read_differently_is_written_out(pattern: str, expected: str) -> None:
    assert portable(pattern) == expected


@pytest.mark.parametrize(
    "pattern",
    [
        *("", "x" * (LONGEST + 1), "(?i)a", "(?P<n>a)", r"\pL", r"\bword", r"\Aa\z", "[[:alpha:]]", r"[a-\d]"),
        *("a++", "a**", "^*", "(", ")", "[a", "a\\", r"\1", "[b-a]", "[a&&b]", "😀", r"[\D]"),
    ],
)
def test_what_not_all_read_alike_is_given_up(pattern: str) -> None:
    assert portable(pattern) is None


@given(st.text(alphabet=r"ab01\^$.|?*+()[]{}-,:&dwsDWxp/ ", max_size=30))
def test_any_text_gives_a_pattern_that_can_be_read_or_nothing(pattern: str) -> None:
    rewritten = portable(pattern)
    if rewritten is not None:
        re.compile(rewritten)
        assert portable(rewritten) == rewritten
