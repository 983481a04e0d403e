"""
Indexes and migrations, applied at release by ``python -m web.manage migrate``.

A migration is a module ``shared/storage/migrations/NNNN_title.py`` with ``up(db)``, idempotent and resumable; what was
applied stands in the collection ``schema`` with its checksum. One release runs at a time, by a lease document.
"""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
import platform
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from types import ModuleType
from typing import Any

from pymongo import IndexModel
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, OperationFailure

from shared.clock import now
from shared.errors import Conflict, PermanentError
from shared.log import get_logger
from shared.storage import migrations

log = get_logger(__name__)

SCHEMA = "schema"
LOCK_ID = "release-lock"
LOCK_SECONDS = 600
INDEX_OPTIONS_CONFLICT = 85
INDEX_KEY_SPECS_CONFLICT = 86


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: its number, its title and its function."""

    level: int
    title: str
    checksum: str
    up: Callable[[Database[dict[str, Any]]], None]


def known() -> list[Migration]:
    """Return the migrations of this version, in order."""
    found = [_read(info.name) for info in pkgutil.iter_modules(migrations.__path__) if info.name[:4].isdigit()]
    return sorted(found, key=lambda migration: migration.level)


def _read(name: str) -> Migration:
    module: ModuleType = importlib.import_module(f"{migrations.__name__}.{name}")
    source = module.__spec__.loader.get_source(module.__name__) if module.__spec__ else ""  # type: ignore[union-attr]
    return Migration(int(name[:4]), name[5:], hashlib.sha256((source or "").encode()).hexdigest(), module.up)


def target_level() -> int:
    """Return the level this version works on."""
    steps = known()
    return steps[-1].level if steps else 0


def level(db: Database[dict[str, Any]]) -> int:
    """Return the level the database is at: 0 before the first release."""
    last = db[SCHEMA].find_one({"level": {"$exists": True}}, sort=[("level", -1)])
    return int(last["level"]) if last else 0


def migrate(db: Database[dict[str, Any]], indexes: Mapping[str, Sequence[IndexModel]]) -> list[str]:
    """
    Bring the database to this version: migrations first, then indexes. Safe to repeat.

    :param indexes: every collection with the indexes its store declares
    :return: one line per thing that was done
    :raises PermanentError: the database is newer than this version
    :raises Conflict: another release is at work
    """
    current = level(db)
    if current > target_level():
        msg = f"The database is at level {current}, this version knows {target_level()}. Start the newer version."
        raise PermanentError(msg, code="schema-too-new")
    with _only_one(db):
        done = [_apply(db, step) for step in known() if step.level > current]
        return done + ensure_indexes(db, indexes)


def _apply(db: Database[dict[str, Any]], step: Migration) -> str:
    started = time.monotonic()
    step.up(db)
    row = {
        "_id": f"{step.level:04d}",
        "level": step.level,
        "title": step.title,
        "checksum": step.checksum,
        "applied_at": now(),
        "duration_seconds": round(time.monotonic() - started, 3),
        "host": platform.node(),
    }
    db[SCHEMA].replace_one({"_id": row["_id"]}, row, upsert=True)
    log.info("migration_applied", level=step.level, title=step.title)
    return f"migration {step.level:04d} {step.title}"


def ensure_indexes(db: Database[dict[str, Any]], indexes: Mapping[str, Sequence[IndexModel]]) -> list[str]:
    """Create missing indexes; one whose options changed is dropped and made again, TTLs are changed in place."""
    made: list[str] = []
    for collection, models in indexes.items():
        present = set(db[collection].index_information()) if collection in db.list_collection_names() else set()
        for model in models:
            _ensure(db, collection, model)
            if model.document["name"] not in present:
                made.append(f"index {collection}.{model.document['name']}")
    return made


def _ensure(db: Database[dict[str, Any]], collection: str, model: IndexModel) -> None:
    try:
        db[collection].create_indexes([model])
    except OperationFailure as error:
        if error.code not in {INDEX_OPTIONS_CONFLICT, INDEX_KEY_SPECS_CONFLICT}:
            raise
        name, ttl = model.document["name"], model.document.get("expireAfterSeconds")
        if ttl is not None:
            change = {"keyPattern": dict(model.document["key"]), "expireAfterSeconds": ttl}
            db.command("collMod", collection, index=change)
            return
        db[collection].drop_index(name)
        db[collection].create_indexes([model])


@contextmanager
def _only_one(db: Database[dict[str, Any]]) -> Iterator[None]:
    db[SCHEMA].delete_one({"_id": LOCK_ID, "until": {"$lt": now()}})
    try:
        db[SCHEMA].insert_one(
            {"_id": LOCK_ID, "host": platform.node(), "until": now() + timedelta(seconds=LOCK_SECONDS)}
        )
    except DuplicateKeyError as error:
        holder = db[SCHEMA].find_one({"_id": LOCK_ID}) or {}
        msg = f"Another release is at work on {holder.get('host', 'another host')}; wait for it, then try again."
        raise Conflict(msg, code="release-running") from error
    try:
        yield
    finally:
        db[SCHEMA].delete_one({"_id": LOCK_ID})
