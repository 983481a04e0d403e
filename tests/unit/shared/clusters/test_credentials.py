from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from shared.clock import now
from shared.clusters.credentials import CredentialCipher, credentials_of
from shared.clusters.models import LocalOffer, NewCluster
from shared.crypto import KeyRing
from shared.errors import InvalidInput, NeedsReentry
from shared.kubernetes.connection.credentials import Credentials
from tests.support.factories import make_cluster

CIPHER = CredentialCipher(KeyRing({"k1": b"0" * 32}))
CREDENTIALS = Credentials(server="https://10.0.0.1:6443", token="canary-1")


def test_credentials_open_where_they_were_sealed_for_and_nowhere_else() -> None:
    sealed = CIPHER.seal(CREDENTIALS, "c1")
    assert "canary-1" not in str(sealed)
    assert CIPHER.open(make_cluster(id="c1", credentials=sealed)) == CREDENTIALS
    with pytest.raises(NeedsReentry):
        CIPHER.open(make_cluster(id="c2", credentials=sealed))


def test_an_offer_is_no_cluster() -> None:
    sealed = CIPHER.seal_offer(CREDENTIALS)
    offer = LocalOffer(id="local", credentials=sealed, server="", simulated=False, offered_at=now())
    assert CIPHER.open_offer(offer) == CREDENTIALS
    with pytest.raises(NeedsReentry):
        CIPHER.open(make_cluster(id="local", credentials=sealed))


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"auth_type": "kubeconfig"}, "kubeconfig"),
        ({"auth_type": "token", "token": SecretStr("t")}, "server"),
        ({"auth_type": "token", "server": "https://10.0.0.1"}, "token"),
        ({"auth_type": "token", "server": "https://10.0.0.1", "token": SecretStr("  ")}, "token"),
    ],
)
def test_what_is_missing_is_named(typed: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        credentials_of(NewCluster(name="dev", **typed))
    assert [item.path for item in caught.value.fields] == [field]


def test_what_was_typed_around_a_token_is_taken_off() -> None:
    typed = NewCluster(name="dev", auth_type="token", server=" https://10.0.0.1 ", token=SecretStr(" t\n"))
    found = credentials_of(typed)
    assert (found.server, found.token, found.namespace) == ("https://10.0.0.1", "t", "default")
