from __future__ import annotations

import pytest
from pydantic import ValidationError

from shared.access import Actor, Role
from shared.presence.models import COLORS, Place, Someone, color_of

ADA = Actor("u-ada", Role.MEMBER, "s1", "Ada")


def test_someone_has_their_name_and_place_and_nothing_else_of_theirs() -> None:
    someone = Someone.of(ADA, "c1", Place(workflow_id="w1", node_id="web", editing=True))
    assert someone.model_dump() == {
        "id": "c1",
        "name": "Ada",
        "color": color_of("u-ada"),
        "node_id": "web",
        "editing": True,
    }


def test_a_person_has_one_color_and_people_have_several() -> None:
    colors = [color_of(f"user-{index}") for index in range(200)]
    assert colors == [color_of(f"user-{index}") for index in range(200)]
    assert set(colors) == set(COLORS)


@pytest.mark.parametrize("extra", [{"workflow_id": ""}, {"node_id": "x" * 65}, {"room": "kitchen"}])
def test_a_place_that_is_none_is_refused(extra: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Place.model_validate({"workflow_id": "w1", **extra})
