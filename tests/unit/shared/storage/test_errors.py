from __future__ import annotations

import pytest
from pymongo.errors import (
    AutoReconnect,
    DocumentTooLarge,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)

from shared.errors import Conflict, KubeOrchError, LimitReached, PermanentError, StorageUnavailable
from shared.storage.errors import translate


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (AutoReconnect("gone"), StorageUnavailable),
        (ServerSelectionTimeoutError("none"), StorageUnavailable),
        (ExecutionTimeout("slow"), StorageUnavailable),
        (DuplicateKeyError("E11000"), Conflict),
        (DocumentTooLarge("big"), LimitReached),
        (OperationFailure("no", 2), PermanentError),
        (PyMongoError("?"), PermanentError),
    ],
)
def test_a_driver_error_becomes_ours(error: PyMongoError, expected: type[KubeOrchError]) -> None:
    assert type(translate(error)) is expected


def test_the_databases_own_words_stay_inside() -> None:
    error = OperationFailure("bad value {secret: hunter2} on mongo-1:27017", 2, {"codeName": "BadValue"})
    found = translate(error)
    assert "hunter2" not in found.message
    assert found.details == {"reason": "BadValue"}
