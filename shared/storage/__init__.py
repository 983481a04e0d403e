"""MongoDB: connection, documents, paging, schema. Stores of nouns use it; nothing else talks to the database."""

from __future__ import annotations

from typing import Any

from pymongo import MongoClient
from pymongo.database import Database
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.errors import InvalidInput
from shared.settings import MongoSettings

Raw = dict[str, Any]
"""A document as MongoDB gives it."""

DEFAULT_DATABASE = "kubeorch"
ANSWER_SECONDS = 5


def connect(settings: MongoSettings, *, app_name: str = "kubeorch") -> Database[Raw]:
    """
    Open a pooled client and return its database; nothing is sent before the first use.

    Aware UTC datetimes, majority writes and reads: what a run wrote survives a change of primary.

    :raises InvalidInput: the address is no MongoDB connection string
    """
    try:
        client: MongoClient[Raw] = MongoClient(
            settings.uri.get_secret_value(),
            appname=app_name,
            tz_aware=True,
            maxPoolSize=settings.pool_size,
            serverSelectionTimeoutMS=ANSWER_SECONDS * 1000,
            connectTimeoutMS=ANSWER_SECONDS * 1000,
            waitQueueTimeoutMS=ANSWER_SECONDS * 1000,
            retryWrites=True,
        )
    except ValueError as error:
        msg = "KUBEORCH_MONGO__URI is no MongoDB connection string (mongodb://host:port/database?replicaSet=rs0)"
        raise InvalidInput(msg, code="mongo-uri-invalid") from error
    return client.get_default_database(DEFAULT_DATABASE).with_options(
        write_concern=WriteConcern("majority", wtimeout=10_000), read_concern=ReadConcern("majority")
    )
