from __future__ import annotations

import pytest
from pymongo.errors import AutoReconnect, DuplicateKeyError
from redis.exceptions import ConnectionError as RedisConnectionError

from shared.errors import Conflict, KubeOrchError, StorageUnavailable
from shared.storage.store import Store


class Shelf(Store):
    """A store that fails as it is told."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def put(self, what: str, *, twice: bool = False) -> str:
        """Fail."""
        if what and twice is not None:
            raise self._error
        return what

    def put_by_name(self, name: str) -> str:
        """Expect that a name is taken."""
        try:
            return self.put(name)
        except Conflict as error:
            raise Conflict(f"{name} is taken.", code="name-taken") from error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (AutoReconnect("gone"), StorageUnavailable),
        (RedisConnectionError("gone"), StorageUnavailable),
        (DuplicateKeyError("twice"), Conflict),
    ],
)
def test_a_driver_error_leaves_a_store_as_one_of_ours(error: Exception, expected: type[KubeOrchError]) -> None:
    with pytest.raises(expected) as found:
        Shelf(error).put("a", twice=True)
    assert found.value.__cause__ is error
    assert "gone" not in found.value.message, "a driver's words may hold names of servers"


def test_a_store_says_itself_what_it_expects() -> None:
    with pytest.raises(Conflict, match=r"bread is taken\."):
        Shelf(DuplicateKeyError("twice")).put_by_name("bread")


def test_what_is_no_driver_error_passes_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError):
        Shelf(ZeroDivisionError()).put("a")


def test_a_method_keeps_its_name_and_its_words() -> None:
    assert (Shelf.put.__name__, Shelf.put.__doc__) == ("put", "Fail.")
