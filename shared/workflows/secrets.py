"""
Values of secret nodes: written, used by runs, never given back.

Each write makes a new version of the node's values, sealed one by one; workflow versions name the secret version they
ran with, so that a rollback brings the values of then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from shared.clock import now
from shared.crypto import KeyRing
from shared.errors import Conflict, FieldError, InvalidInput, NeedsReentry, NotFound
from shared.ids import new_id
from shared.people import Person
from shared.storage.documents import Document
from shared.storage.store import Store
from shared.workflows.models import SecretKey, SecretKeys

COLLECTION = "workflow_secrets"
INDEXES = [
    IndexModel(
        [("workflow_id", ASCENDING), ("node_id", ASCENDING), ("number", DESCENDING)], unique=True, name="node_number"
    )
]
ATTEMPTS = 8
LARGEST_BYTES = 1024 * 1024
"""A Secret on a cluster holds no more."""


class Entry(BaseModel):
    """One sealed value."""

    model_config = ConfigDict(extra="ignore")

    key: str
    sealed: dict[str, Any]
    updated_at: datetime
    updated_by: Person


class SecretVersion(Document):
    """All values of one secret node at one time; ``number`` grows by one with each write."""

    workflow_id: str
    node_id: str
    number: int
    entries: list[Entry]
    created_at: datetime
    created_by: Person


@dataclass(frozen=True, slots=True, repr=False)
class StoredSecrets:
    """
    The secrets that a compilation needs.

    :param values: node id → key → value
    :param versions: node id → id of the version the values are from
    """

    values: Mapping[str, Mapping[str, bytes]]
    versions: Mapping[str, str]


class SecretStore(Store):
    """
    The ``workflow_secrets`` collection.

    :param keyring: seals and opens; values exist in clear only on their way in and on their way to a cluster
    """

    def __init__(self, db: Database[dict[str, Any]], keyring: KeyRing) -> None:
        self._secrets = db[COLLECTION]
        self._keyring = keyring

    def put(self, workflow_id: str, node_id: str, values: Mapping[str, str | None], *, by: Person) -> None:
        """
        Write values; keys that are not named stay, None removes one.

        :raises InvalidInput: more than fits into a Secret
        """
        size = sum(len(key) + len((value or "").encode()) for key, value in values.items())
        if size > LARGEST_BYTES:
            raise InvalidInput(
                f"A secret holds at most {LARGEST_BYTES:,} bytes; these are {size:,}.",
                code="too-large",
                fields=[FieldError("values", f"at most {LARGEST_BYTES} bytes together")],
            )
        at = now()
        written = [
            Entry(
                key=key,
                sealed=self._keyring.seal(value.encode(), context=_context(workflow_id, node_id, key)),
                updated_at=at,
                updated_by=by,
            )
            for key, value in values.items()
            if value is not None
        ]

        def changed(latest: SecretVersion | None) -> list[Entry]:
            return [*(entry for entry in (latest.entries if latest else []) if entry.key not in values), *written]

        self._add(workflow_id, node_id, changed, by)

    def bring_back(self, workflow_id: str, node_id: str, version_id: str, *, by: Person) -> None:
        """Make the values of a version the newest again, if they are not; a version that is gone changes nothing."""
        row = self._secrets.find_one({"_id": version_id, "workflow_id": workflow_id, "node_id": node_id})
        if row is None:
            return
        wanted = SecretVersion.from_mongo(row)

        def changed(latest: SecretVersion | None) -> list[Entry] | None:
            return None if latest is not None and latest.id == wanted.id else wanted.entries

        self._add(workflow_id, node_id, changed, by)

    def _add(
        self, workflow_id: str, node_id: str, change: Callable[[SecretVersion | None], list[Entry] | None], by: Person
    ) -> None:
        """
        Make the next version.

        :param change: returns its entries, given the newest version; None for no new version
        """
        for _ in range(ATTEMPTS):
            latest = self._latest(workflow_id, node_id)
            entries = change(latest)
            if entries is None or self._insert(workflow_id, node_id, (latest.number if latest else 0) + 1, entries, by):
                return
        raise Conflict("Several people are writing these values; try again.", code="secret-conflict")

    def _insert(self, workflow_id: str, node_id: str, number: int, entries: list[Entry], by: Person) -> bool:
        """Insert a version; False when its number was taken."""
        version = SecretVersion(
            id=new_id(),
            workflow_id=workflow_id,
            node_id=node_id,
            number=number,
            entries=sorted(entries, key=lambda entry: entry.key),
            created_at=now(),
            created_by=by,
        )
        try:
            self._secrets.insert_one(version.to_mongo())
        except DuplicateKeyError:
            return False
        return True

    def keys(self, workflow_id: str, node_id: str, names: Iterable[str]) -> SecretKeys:
        """Return for each of these keys whether it is set, since when and by whom."""
        latest = self._latest(workflow_id, node_id)
        entries = {entry.key: entry for entry in (latest.entries if latest else [])}
        return SecretKeys(node_id=node_id, keys=[self._key(name, entries.get(name)) for name in names])

    def _key(self, name: str, entry: Entry | None) -> SecretKey:
        if entry is None:
            return SecretKey(key=name, set=False)
        gone = entry.sealed.get("key_id") not in self._keyring.ids
        return SecretKey(
            key=name, set=True, needs_reentry=gone, updated_at=entry.updated_at, updated_by=entry.updated_by
        )

    def current_versions(self, workflow_id: str, node_ids: Iterable[str]) -> dict[str, str]:
        """Return the id of the newest version of each of these nodes that has values."""
        found: dict[str, str] = {}
        for node_id in sorted(set(node_ids)):
            latest = self._latest(workflow_id, node_id)
            if latest is not None and latest.entries:
                found[node_id] = latest.id
        return found

    def read(self, workflow_id: str, versions: Mapping[str, str]) -> StoredSecrets:
        """
        Open the values of these versions.

        :param versions: node id → version id, as ``current_versions`` or a workflow version says
        :raises NeedsReentry: a value cannot be opened; the message names node and key
        :raises NotFound: a version is gone
        """
        values = {node_id: self._open(workflow_id, node_id, version) for node_id, version in versions.items()}
        return StoredSecrets(values=values, versions=dict(versions))

    def _open(self, workflow_id: str, node_id: str, version_id: str) -> dict[str, bytes]:
        row = self._secrets.find_one({"_id": version_id, "workflow_id": workflow_id, "node_id": node_id})
        if row is None:
            raise NotFound(f"The values of the secret node {node_id} are gone; enter them again.")
        opened: dict[str, bytes] = {}
        for entry in SecretVersion.from_mongo(row).entries:
            try:
                opened[entry.key] = self._keyring.open(entry.sealed, context=_context(workflow_id, node_id, entry.key))
            except NeedsReentry as error:
                msg = f"The value of {entry.key} of the secret node {node_id} cannot be opened; enter it again."
                raise NeedsReentry(msg, details={"node_id": node_id, "key": entry.key}) from error
        return opened

    def delete_of(self, workflow_id: str) -> int:
        """Forget all values of a workflow and return how many versions there were."""
        return self._secrets.delete_many({"workflow_id": workflow_id}).deleted_count

    def _latest(self, workflow_id: str, node_id: str) -> SecretVersion | None:
        row = self._secrets.find_one({"workflow_id": workflow_id, "node_id": node_id}, sort=[("number", DESCENDING)])
        return SecretVersion.from_mongo(row) if row else None


def _context(workflow_id: str, node_id: str, key: str) -> str:
    """Return the place a value is sealed for: the same in every version of its node, so versions share it."""
    return f"{COLLECTION}/{workflow_id}/{node_id}/{key}"
