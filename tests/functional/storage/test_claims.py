from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from shared.platform import Platform
from shared.storage.claims import COLLECTION, KEEP_SECONDS, ClaimStore


def test_everybody_who_asks_at_once_gets_the_same_id(platform: Platform) -> None:
    store = ClaimStore(platform.db)
    with ThreadPoolExecutor(16) as pool:
        ids = set(pool.map(lambda _: store.claim("run:ada", "k"), range(64)))
    assert len(ids) == 1


def test_keys_and_scopes_do_not_meet(platform: Platform) -> None:
    store = ClaimStore(platform.db)
    assert len({store.claim(scope, key) for scope in ("run:ada", "run:bob") for key in ("k", "l")}) == 4


def test_a_claim_is_forgotten_after_a_day(platform: Platform) -> None:
    ClaimStore(platform.db).claim("run:ada", "k")
    index = platform.db[COLLECTION].index_information()["expiry"]
    assert index["expireAfterSeconds"] == KEEP_SECONDS
    row = platform.db[COLLECTION].find_one({})
    assert row is not None
    assert index["key"] == [("at", 1)]
    assert "at" in row
