"""Checks of ingresses: classes, backends, addresses and certificates."""

from __future__ import annotations

from typing import Any

from shared.diagnostics.models import FieldChange
from tests.fixtures.workflows.helpers import node
from tests.unit.shared.diagnostics.scenes import Json, checks, endpoint_slice, event, live, named, scene


def gate(
    *classes: Json, path: Json | None = None, related: tuple[Json, ...] = (), data: Json | None = None, **status: Any
) -> Any:
    paths = [{"id": "a", "path": "/", "service": "front", "port": "80", **(path or {})}]
    drawn = node("gate", "ingress", paths=paths, **(data or {}))
    item = live("gate", drawn, **status)
    return scene("gate", drawn, objects=(item,), related=(*classes, *related))


def ingress_class(name: str, *, default: bool = False) -> Json:
    marks = {"ingressclass.kubernetes.io/is-default-class": "true"} if default else {}
    return named("IngressClass", name, metadata={"annotations": marks}, spec={"controller": f"example.com/{name}"})


SERVICE = named("Service", "front", spec={"ports": [{"port": 80}]})
ANSWERS = endpoint_slice("front", _10_0_0_1=True)


def test_an_ingress_that_works_passes() -> None:
    given = gate(
        ingress_class("nginx"),
        related=(SERVICE, ANSWERS),
        data={"ingress_class": "nginx"},
        loadBalancer={"ingress": [{"ip": "192.0.2.1"}]},
    )
    found = checks(given)
    assert {check.state for check in found.values()} == {"pass"}
    assert found["backends"].detail == "*/ → front:80."
    assert found["admitted"].detail == "Admitted at 192.0.2.1."


def test_a_class_that_does_not_exist_is_replaced_by_the_only_one() -> None:
    found = checks(gate(ingress_class("nginx"), data={"ingress_class": "traefik"}))["ingress-class"]
    assert "There is no ingress class traefik; the cluster has nginx." in found.detail
    assert found.fix is not None
    assert found.fix.changes == (FieldChange(path="/ingress_class", value="nginx"),)
    several = (ingress_class("a"), ingress_class("b"))
    assert checks(gate(*several))["ingress-class"].fix is None
    fix = checks(gate(*several, ingress_class("c", default=True), data={"ingress_class": "x"}))["ingress-class"].fix
    assert fix is not None
    assert fix.changes[0].value == "c"
    assert "no ingress class at all" in checks(gate())["ingress-class"].detail


def test_backends_that_are_not_there_are_told() -> None:
    assert "the service front, which does not exist" in checks(gate())["backends"].detail
    found = checks(gate(path={"port": "8080"}, related=(SERVICE, ANSWERS)))["backends"]
    assert "port 8080 of front, which has 80" in found.detail
    assert found.fix is not None
    assert found.fix.changes == (FieldChange(path="/paths/0/port", value="80"),)
    assert "nobody answers behind front" in checks(gate(related=(SERVICE,)))["backends"].detail


def test_an_ingress_without_an_address_shows_the_last_event() -> None:
    given = gate(related=(SERVICE, ANSWERS))
    assert "There is no event about it" in checks(given)["admitted"].detail
    told = event(given.main, "Rejected", "host is taken")
    assert "host is taken" in checks(gate(related=(told,)))["admitted"].detail


def test_certificates_are_looked_for_by_their_keys() -> None:
    data = {"tls": [{"hosts": ["a.example.com"], "secret": "cert"}]}
    assert "the secret cert does not exist" in checks(gate(data=data))["tls"].detail
    fields: list[Json] = [{"fieldsV1": {"f:data": {"f:tls.crt": {}}}}]
    half = named("Secret", "cert", metadata={"managedFields": fields})
    assert "has no tls.key" in checks(gate(data=data, related=(half,)))["tls"].detail
    fields[0]["fieldsV1"]["f:data"]["f:tls.key"] = {}
    assert checks(gate(data=data, related=(half,)))["tls"].state == "pass"
