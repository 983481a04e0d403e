from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.owned.models import OwnedObject
from shared.planning.prune import KEPT_KINDS, Decision, decide
from tests.support.planning import entry, live, live_objects_of

KINDS = ["Deployment", "Service", "ConfigMap", "Job", "Secret", "PersistentVolumeClaim", "Namespace"]


def names(decision: Decision) -> dict[str, list[str]]:
    return {
        "delete": [found.name for found, _ in decision.delete],
        "keep": [keep.entry.name for keep in decision.keep],
        "forget": [found.name for found in decision.forget],
    }


def test_what_the_graph_has_no_longer_goes() -> None:
    old, new = entry("ConfigMap", "old"), entry("ConfigMap", "new")
    decision = decide([old, new], {("ConfigMap", "shop", "new")}, live_objects_of(live(old), live(new)))
    assert names(decision) == {"delete": ["old"], "keep": [], "forget": []}


def test_an_empty_graph_prunes_nothing_but_a_teardown_does() -> None:
    old = entry("ConfigMap", "old")
    assert names(decide([old], (), live_objects_of(live(old)))) == {"delete": [], "keep": [], "forget": []}
    assert names(decide([old], (), live_objects_of(live(old)), teardown=True))["delete"] == ["old"]


def test_another_object_of_the_same_name_is_not_touched() -> None:
    old = entry("ConfigMap", "old")
    others = live_objects_of(live(old, uid="another"))
    assert names(decide([old], (), others, teardown=True)) == {"delete": [], "keep": [], "forget": ["old"]}


def test_an_object_that_lost_our_labels_is_kept() -> None:
    old = entry("ConfigMap", "old")
    assert names(decide([old], (), live_objects_of(live(old, ours=False)), teardown=True))["keep"] == ["old"]


def test_data_is_kept_until_it_is_named() -> None:
    claim = entry("PersistentVolumeClaim", "data")
    decision = decide([claim], (), live_objects_of(live(claim)), teardown=True)
    assert (names(decision)["keep"], decision.keep[0].may_be_named) == (["data"], True)
    told = decide([claim], (), live_objects_of(live(claim)), teardown=True, named=["PersistentVolumeClaim shop/data"])
    assert names(told)["delete"] == ["data"]


def test_what_a_dead_run_was_about_to_make_goes_when_it_was_made_by_us() -> None:
    intended = entry("ConfigMap", "half", uid="")
    assert names(decide([intended], (), live_objects_of(live(intended)), teardown=True))["delete"] == ["half"]
    foreign = live_objects_of(live(intended, manager="kubectl"))
    assert names(decide([intended], (), foreign, teardown=True)) == {"delete": [], "keep": [], "forget": ["half"]}
    assert names(decide([intended], (), live_objects_of(), teardown=True))["forget"] == ["half"]


def test_what_starts_others_goes_first_and_what_holds_others_last() -> None:
    entries = [entry("Namespace", "ns", namespace=None), entry("ConfigMap", "c"), entry("Service", "s")]
    entries += [entry("Deployment", "d"), entry("HorizontalPodAutoscaler", "h"), entry("Role", "r")]
    everything = live_objects_of(*(live(found) for found in entries))
    decision = decide(entries, (), everything, teardown=True, named=["Namespace ns"])
    assert names(decision)["delete"] == ["h", "d", "s", "c", "r", "ns"]


@st.composite
def inventories(draw: st.DrawFn) -> list[OwnedObject]:
    wanted = draw(st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from("abcdef")), unique=True, max_size=8))
    return [entry(kind, name) for kind, name in wanted]


@given(inventories(), st.data())
def test_nothing_is_deleted_that_is_foreign_wanted_or_data(found: list[OwnedObject], data: st.DataObject) -> None:
    there = {one.id: data.draw(st.sampled_from(["ours", "replaced", "unlabelled", "gone"])) for one in found}
    objects = [
        live(one, uid="another" if there[one.id] == "replaced" else None, ours=there[one.id] != "unlabelled")
        for one in found
        if there[one.id] != "gone"
    ]
    wanted = {(one.kind, one.namespace, one.name) for one in found if data.draw(st.booleans())}
    decision = decide(found, wanted, live_objects_of(*objects), teardown=data.draw(st.booleans()))
    for gone, _ in decision.delete:
        assert there[gone.id] == "ours"
        assert (gone.kind, gone.namespace, gone.name) not in wanted
        assert gone.kind not in KEPT_KINDS
