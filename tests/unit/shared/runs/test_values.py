from __future__ import annotations

import os

import fakeredis
import pytest

from shared.crypto import KeyRing
from shared.errors import NeedsReentry
from shared.json_diff import Change
from shared.planning.diff import MASK
from shared.runs.values import RunValues, TriggerData, ValuesGone, ValueStore, mask, variables_in
from tests.fixtures.workflows.helpers import graph, node, web


@pytest.fixture
def redis() -> fakeredis.FakeRedis:
    return fakeredis.FakeRedis()


def ring(name: str = "k1") -> KeyRing:
    return KeyRing({name: os.urandom(32)})


DATA = TriggerData(secrets={"key": {"PIN": "4711"}}, env_vars={"web": {"MODE": "fast"}})


def test_values_come_back_and_stand_nowhere_in_clear(redis: fakeredis.FakeRedis) -> None:
    store = ValueStore(redis, ring())
    store.put("r1", DATA)
    found = store.read("r1")
    assert (found.secrets, found.env_vars) == ({"key": {"PIN": b"4711"}}, {"web": {"MODE": "fast"}})
    (name,) = redis.keys()
    assert "4711" not in str(redis.get(name))
    assert 0 < redis.ttl(name) <= 3 * 3600
    assert "4711" not in repr(found)
    store.forget("r1")
    with pytest.raises(ValuesGone):
        store.read("r1")


def test_values_of_one_run_do_not_open_for_another(redis: fakeredis.FakeRedis) -> None:
    store = ValueStore(redis, ring())
    store.put("r1", DATA)
    redis.rename("run-values:r1", "run-values:r2")
    with pytest.raises(NeedsReentry):
        store.read("r2")


def test_a_lost_key_is_told_as_such(redis: fakeredis.FakeRedis) -> None:
    ValueStore(redis, ring("old")).put("r1", DATA)
    with pytest.raises(NeedsReentry):
        ValueStore(redis, ring("new")).read("r1")


def test_variables_replace_those_of_the_same_name() -> None:
    env = [{"source": "value", "name": "MODE", "value": "slow"}, {"source": "value", "name": "LEVEL", "value": "1"}]
    drawn = graph(web(env=env), node("other", "deployment"))
    brought = RunValues(env_vars={"web": {"MODE": "fast"}}).into(drawn)
    assert brought.by_id["web"].data["env"] == [
        {"source": "value", "name": "LEVEL", "value": "1"},
        {"source": "value", "name": "MODE", "value": "fast"},
    ]
    assert brought.by_id["other"] is drawn.by_id["other"]
    assert RunValues().into(drawn) is drawn


def test_a_plan_hides_what_a_run_brought_at_any_depth() -> None:
    changes = (
        Change(path="env[MODE].value", old=None, new="fast"),
        Change(path="env", old=None, new=[{"name": "MODE", "value": "fast"}, {"name": "A", "value": "b"}]),
        Change(path="replicas", old=1, new=2),
    )
    assert [change.new for change in mask(changes, {"fast"})] == [
        MASK,
        [{"name": "MODE", "value": MASK}, {"name": "A", "value": "b"}],
        2,
    ]


def test_whether_a_run_brings_anything() -> None:
    assert TriggerData().is_empty
    assert TriggerData(secrets={"key": {}}).is_empty
    assert not DATA.is_empty


def test_what_a_run_brought_is_known_in_every_form_that_may_come_back() -> None:
    values = RunValues(
        {"key": {"PIN": b"tiger", "RAW": b"\xff\xfe\xfd", "NO": b"1"}}, {"web": {"MODE": "fast", "X": "y"}}
    )
    assert values.words() == {"tiger", "dGlnZXI=", "//79", "MQ==", "1", "fast", "y"}


def test_what_a_run_brought_is_found_again_on_the_cluster() -> None:
    env = [{"name": "MODE", "value": "fast"}, {"name": "LEVEL", "value": "1"}, {"name": "OTHER", "valueFrom": {}}, 5]
    pod = {"spec": {"containers": [{"env": env}], "initContainers": [{"env": [{"name": "MODE", "value": "slow"}]}]}}
    live = {"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": pod}}}}
    assert variables_in(live, ["MODE", "OTHER"]) == {"fast", "slow"}
    assert variables_in(live, []) == set()
    assert variables_in(None, ["MODE"]) == set()
