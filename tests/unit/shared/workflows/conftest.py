from __future__ import annotations

import pytest

from tests.support.fakes.nouns import Nouns


@pytest.fixture
def nouns() -> Nouns:
    return Nouns()
