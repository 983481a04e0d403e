from __future__ import annotations

import pytest

from shared.sentences import plural


@pytest.mark.parametrize(("count", "words"), [(0, "0 objects"), (1, "1 object"), (2, "2 objects"), (51, "51 objects")])
def test_a_number_agrees_with_its_noun(count: int, words: str) -> None:
    assert plural(count, "object") == words
