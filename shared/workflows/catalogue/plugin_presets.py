"""
Node types that plugins offer: presets of the custom resource for kinds somebody has described beforehand.

They need no cluster. On one that has the kind, its own definition gives the form, in which the plugin's fields stand
first, with the plugin's words and defaults; the kind has no second preset then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shared.kubernetes.crds import Crd
from shared.kubernetes.objects import ApiResource
from shared.workflows.catalogue.core import NodeType
from shared.workflows.catalogue.crd_presets import form_for, type_name
from shared.workflows.catalogue.presets import PresetKind, preset
from shared.workflows.crds.forms import CrdForm

TAKEN = ("title", "help", "placeholder")
"""What a plugin says of a field in placed_on of the definition."""


@dataclass(frozen=True, slots=True)
class Offer:
    """
    One node type of a plugin.

    :param type: what its preset is called: ``plugin:certmanager/certificate``
    :param plugin: name of the plugin, and what has to be installed
    :param versions: of the kind, the best first
    :param form: the plugin's own, short one
    :param defaults: ``spec`` and ``body`` of a new node
    """

    type: str
    plugin: str
    homepage: str
    title: str
    description: str
    category: str
    keywords: tuple[str, ...]
    group: str
    versions: tuple[str, ...]
    kind: str
    plural: str
    namespaced: bool
    form: CrdForm
    defaults: Mapping[str, Any]

    def resource(self, version: str) -> ApiResource:
        """Return the API resource of the kind."""
        return ApiResource(f"{self.group}/{version}", self.kind, self.plural, self.namespaced)


@dataclass(frozen=True, slots=True)
class Placed:
    """
    An offer on a cluster.

    :param resource: what its nodes make there
    :param problem: why they cannot be made; empty when they can
    :param twin: name of the preset that the definition has by itself, which this one stands for
    """

    item: NodeType
    resource: ApiResource
    problem: str = ""
    twin: str = ""


def offered(offer: Offer) -> NodeType:
    """Return the node type of an offer as it is without a cluster."""
    return _item(offer, offer.versions[0], offer.form)


def placed_on(offers: Iterable[Offer], crds: Iterable[Crd], served: frozenset[tuple[str, str]] | None) -> list[Placed]:
    """
    Return offers as they are on a cluster: with its definitions' forms, scopes and problems.

    :param crds: the definitions it has
    :param served: kinds of API groups it has, for kinds without a definition; None when that is not known
    """
    by_kind = {(crd.group, crd.kind): crd for crd in crds}
    return [_place(offer, by_kind.get((offer.group, offer.kind)), served) for offer in offers]


def _place(offer: Offer, crd: Crd | None, served: frozenset[tuple[str, str]] | None) -> Placed:
    first = offer.versions[0]
    if crd is None:
        return _undefined(offer, served)
    if crd.problem:
        return Placed(offered(offer), crd.resource(first), crd.problem)
    there = {version.name: version for version in crd.versions if version.served}
    version = next((there[name] for name in offer.versions if name in there), None)
    if version is None:
        has = f"has {offer.kind} of {offer.group} as {' and '.join(there)}" if there else "does not serve it"
        wanted = " or ".join(offer.versions)
        text = f"{offer.plugin} describes {offer.kind} as {wanted}; this cluster {has}. Take the kind's own node type."
        return Placed(offered(offer), crd.resource(first), text)
    form = merged(offer.form, form_for(version)) if version.schema else None
    item = _item(_with_scope(offer, crd), version.name, form or offer.form, is_whole=form is not None)
    return Placed(item, crd.resource(version.name), twin=type_name(crd.group, version.name, crd.kind))


def _undefined(offer: Offer, served: frozenset[tuple[str, str]] | None) -> Placed:
    """Return an offer whose kind no definition has; an aggregated API may serve it all the same."""
    version = next((name for name in offer.versions if (f"{offer.group}/{name}", offer.kind) in (served or ())), "")
    if version or served is None:
        version = version or offer.versions[0]
        return Placed(_item(offer, version, offer.form), offer.resource(version))
    text = f"This cluster does not have {offer.kind} of {offer.group}. Install {offer.plugin}: {offer.homepage}"
    return Placed(offered(offer), offer.resource(offer.versions[0]), text)


def _with_scope(offer: Offer, crd: Crd) -> Offer:
    """Return an offer with the scope that the cluster gives the kind."""
    if offer.namespaced == crd.namespaced:
        return offer
    return replace(offer, namespaced=crd.namespaced)


def _item(offer: Offer, version: str, form: CrdForm, *, is_whole: bool = False) -> NodeType:
    return preset(
        PresetKind(offer.group, version, offer.kind, offer.namespaced),
        form,
        name=offer.type,
        title=offer.title,
        description=offer.description,
        category=offer.category,
        keywords=list(dict.fromkeys([offer.plugin, offer.group, offer.plural, *offer.keywords])),
        source="plugin",
        open_body=not is_whole,
        defaults=offer.defaults,
    )


def merged(short: CrdForm, whole: CrdForm) -> CrdForm | None:
    """
    Return a definition's form with a plugin's fields first and in its words.

    None when the form does not show all of them: it is too deep to be shown whole, or does not know a field. What is
    an entry of a map in the definition is shown as such.
    """
    if not all(path in whole.hints or _is_entry(path, whole.hints) for path in short.hints):
        return None
    first = {path: {**whole.hints[path], **_words(hint)} for path, hint in short.hints.items() if path in whole.hints}
    for hint in first.values():
        hint.pop("advanced", None)
    rest = {path: hint for path, hint in whole.hints.items() if path not in first}
    return CrdForm(whole.spec, whole.body, whole.required, first | rest, whole.cut)


def _is_entry(path: str, hints: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a field is an entry of a map: ``memory`` in ``requests``."""
    parent = path.rpartition("/")[0]
    return hints.get(parent, {}).get("widget") == "map"


def _words(hint: Mapping[str, Any]) -> dict[str, Any]:
    return {name: hint[name] for name in TAKEN if hint.get(name)}


def without_twins(items: Iterable[NodeType], placed: Sequence[Placed]) -> list[NodeType]:
    """
    Return presets of definitions beside those of plugins: of one kind and version only the plugin's.

    Of another version of the same kind both stand, told apart by their titles.
    """
    twins = {one.twin for one in placed}
    kinds = {(one.resource.group, one.resource.kind) for one in placed}
    kept = [item for item in items if item.type not in twins]
    return [_told_apart(item) if _group_and_kind(item) in kinds else item for item in kept]


def _group_and_kind(item: NodeType) -> tuple[str, str]:
    return str(item.defaults["api_version"]).partition("/")[0], item.kind


def _told_apart(item: NodeType) -> NodeType:
    version = str(item.defaults["api_version"]).partition("/")[2]
    return item.model_copy(update={"title": f"{item.title} ({version})"})
