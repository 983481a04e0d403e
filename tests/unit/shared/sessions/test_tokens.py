from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.errors import Unauthenticated
from shared.sessions.models import Session
from shared.sessions.tokens import issue_refresh, proves, read_refresh

KEY = "k" * 32
AT = datetime(2026, 1, 1, tzinfo=UTC)


def session(**changes: object) -> Session:
    values = {
        "id": "s1",
        "user_id": "u1",
        "salt": "salt",
        "rotated_at": AT,
        "created_at": AT,
        "last_used_at": AT,
        "expires_at": AT + timedelta(days=7),
    }
    return Session.model_validate({**values, **changes})


def test_a_refresh_token_belongs_to_one_generation_of_one_session() -> None:
    first, second = session(), session(generation=1)
    token = issue_refresh(first, key=KEY)
    assert read_refresh(token) == ("s1", 0)
    assert proves(token, first, 0, key=KEY)
    assert proves(token, second, 0, key=KEY)
    assert not proves(token, second, 1, key=KEY)
    assert not proves(token, session(salt="other"), 0, key=KEY)
    assert not proves(token, session(id="s2"), 0, key=KEY)
    assert not proves(token, first, 0, key="x" * 32)


@pytest.mark.parametrize("token", ["", "a", "a.b", "a.b.c", "a.-1.c", "a.1.c.d", "a.²٣.c", f"a.{'9' * 10}.c"])
def test_what_is_no_refresh_token_is_refused(token: str) -> None:
    with pytest.raises(Unauthenticated) as caught:
        read_refresh(token)
    assert caught.value.code == "refresh-invalid"
