from __future__ import annotations

from dataclasses import dataclass

import pytest

from shared.access import Actor, Role, Scope, Verb, may, owner_may, require, scope
from shared.errors import Forbidden, NotFound


@dataclass
class Thing:
    owner_id: str | None


ANA = Actor("ana", Role.MEMBER, "s1")
ADMIN = Actor("root", Role.ADMIN, "s2")


@pytest.mark.parametrize("verb", [verb for verb in Verb if verb is not Verb.ADMINISTER])
def test_an_owner_may_do_everything_with_their_own(verb: Verb) -> None:
    assert may(ANA, verb, Thing("ana"))


@pytest.mark.parametrize("verb", [verb for verb in Verb if verb is not Verb.ADMINISTER])
@pytest.mark.parametrize("actor", [ANA, ADMIN])
def test_what_belongs_to_another_does_not_exist(actor: Actor, verb: Verb) -> None:
    with pytest.raises(NotFound):
        require(actor, verb, Thing("bo"), what="workflow")


def test_the_platform_is_administered_by_admins_only() -> None:
    require(ADMIN, Verb.ADMINISTER, None)
    with pytest.raises(Forbidden) as caught:
        require(ANA, Verb.ADMINISTER, None, what="platform")
    assert caught.value.details == {"verb": "administer"}


def test_everybody_signed_in_may_create() -> None:
    require(ANA, Verb.CREATE, None)


def test_lists_show_ones_own_things() -> None:
    assert scope(ANA) == Scope("ana")
    assert scope(ADMIN) == Scope("root"), "an administrator's lists hold no other's things either"


@pytest.mark.parametrize("verb", [Verb.SEE, Verb.PRIVILEGED])
def test_what_runs_for_a_workflow_may_do_what_its_owner_may(verb: Verb) -> None:
    assert owner_may(Thing("ana"), verb, Thing("ana"))
    assert not owner_may(Thing("ana"), verb, Thing("bo"))
    assert not owner_may(Thing("ana"), Verb.ADMINISTER, Thing("ana"))


def test_things_without_an_owner_are_nobodys() -> None:
    assert not owner_may(Thing(None), Verb.SEE, Thing(None))
