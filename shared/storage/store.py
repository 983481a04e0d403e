"""The base of all stores: an error of a driver that a store does not expect leaves it as one of ours."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import FunctionType
from typing import Any

from pymongo.errors import PyMongoError
from redis.exceptions import RedisError

from shared.storage.errors import translate


class Store:
    """
    Keeps things in MongoDB or Redis; every public method of a subclass raises our errors only.

    A method catches what it expects itself (a name that is taken) before it is translated here.

    :raises StorageUnavailable: from any method, when the database does not answer
    """

    def __init_subclass__(cls, **more: Any) -> None:
        """Wrap the public methods that the class adds."""
        super().__init_subclass__(**more)
        for name, member in tuple(vars(cls).items()):
            if isinstance(member, FunctionType) and not name.startswith("_"):
                setattr(cls, name, _translating(member))


def _translating(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except (PyMongoError, RedisError) as error:
            raise translate(error) from error

    return call
