from __future__ import annotations

from datetime import timedelta

import pytest
from pymongo import IndexModel

from shared.clock import now
from shared.errors import Conflict, PermanentError
from shared.platform import Platform
from shared.storage import schema


def test_a_release_is_recorded_and_repeating_it_does_nothing(platform: Platform) -> None:
    indexes = {"things": [IndexModel([("a", 1)], name="a")]}
    assert schema.migrate(platform.db, indexes) == ["index things.a"]
    assert schema.migrate(platform.db, indexes) == []
    assert schema.level(platform.db) == schema.target_level() > 0


def test_a_newer_database_is_refused(platform: Platform) -> None:
    platform.db[schema.SCHEMA].insert_one({"_id": "9999", "level": 9999})
    with pytest.raises(PermanentError, match="newer version"):
        schema.migrate(platform.db, {})


def test_two_releases_do_not_run_at_once(platform: Platform) -> None:
    lock = {"_id": schema.LOCK_ID, "host": "other", "until": now() + timedelta(minutes=1)}
    platform.db[schema.SCHEMA].insert_one(lock)
    with pytest.raises(Conflict, match="other"):
        schema.migrate(platform.db, {})


def test_a_lock_that_ran_out_does_not_hold_a_release_up(platform: Platform) -> None:
    lock = {"_id": schema.LOCK_ID, "host": "dead", "until": now() - timedelta(minutes=1)}
    platform.db[schema.SCHEMA].insert_one(lock)
    schema.migrate(platform.db, {})
    assert platform.db[schema.SCHEMA].find_one({"_id": schema.LOCK_ID}) is None


def test_a_changed_time_to_live_is_changed_in_place(platform: Platform) -> None:
    for seconds in (60, 120):
        schema.ensure_indexes(
            platform.db, {"things": [IndexModel([("at", 1)], name="ttl", expireAfterSeconds=seconds)]}
        )
    assert platform.db["things"].index_information()["ttl"]["expireAfterSeconds"] == 120


def test_an_index_that_became_unique_is_made_again(platform: Platform) -> None:
    for unique in (False, True):
        schema.ensure_indexes(platform.db, {"things": [IndexModel([("a", 1)], name="a", unique=unique)]})
    assert platform.db["things"].index_information()["a"]["unique"] is True
