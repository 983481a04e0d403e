"""
Facts of a cluster that forms and the palette need: kinds of extensions, rights, names to choose from.

Asked of the cluster when they are needed, with a limit for the whole answer, and kept for a short time in this process
per cluster and revision of its credentials. Values of objects are never asked for, Secrets not even by name.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeVar, cast, get_args

from shared.clusters.clients import Clients
from shared.clusters.models import Cluster, ClusterStatus
from shared.errors import ClusterRefused, ClusterUnreachable, Conflict, KubeOrchError
from shared.kubernetes.client import ClusterClient
from shared.kubernetes.crds import (
    BUILT_IN_GROUPS,
    Crd,
    Served,
    crds_of_discovery,
    read_crd,
    read_discovery,
    read_openapi,
)
from shared.kubernetes.objects import BUILT_IN, ApiResource
from shared.kubernetes.rights import Rights, read_rights
from shared.parallel import in_parallel

ANSWER_SECONDS = 5.0
"""For one question, however many requests it takes."""
CRD_SECONDS = 30.0
RIGHTS_SECONDS = 30.0
NAME_SECONDS = 10.0
FAILED_SECONDS = 5.0
"""How long it is remembered that a cluster did not answer."""
MOST_NAMES = 500
MOST_GROUPS = 60
MOST_KEPT = 500
AT_ONCE = 8
_PAGE = 100
_AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"

Result = TypeVar("Result")

OptionSource = Literal[
    "namespaces",
    "storage-classes",
    "ingress-classes",
    "priority-classes",
    "runtime-classes",
    "service-accounts",
    "config-maps",
    "claims",
    "services",
    "secrets",
    "custom-kinds",
]
"""What ``options_from`` of a hint may name."""
OPTION_SOURCES: Final = get_args(OptionSource)

_LISTED: dict[str, ApiResource] = {
    "namespaces": BUILT_IN["v1", "Namespace"],
    "storage-classes": BUILT_IN["storage.k8s.io/v1", "StorageClass"],
    "ingress-classes": BUILT_IN["networking.k8s.io/v1", "IngressClass"],
    "priority-classes": ApiResource("scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", namespaced=False),
    "runtime-classes": ApiResource("node.k8s.io/v1", "RuntimeClass", "runtimeclasses", namespaced=False),
    "service-accounts": BUILT_IN["v1", "ServiceAccount"],
    "config-maps": BUILT_IN["v1", "ConfigMap"],
    "claims": BUILT_IN["v1", "PersistentVolumeClaim"],
    "services": BUILT_IN["v1", "Service"],
}
_DEFAULT_MARKS = ("storageclass.kubernetes.io/is-default-class", "ingressclass.kubernetes.io/is-default-class")


@dataclass(frozen=True, slots=True)
class Crds:
    """
    The kinds of extensions.

    :param reason: why there may be more, or why less is known of them
    """

    items: tuple[Crd, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Name:
    """One name to choose; ``label`` says more where the value alone would not tell."""

    value: str
    label: str = ""
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """
    Names to choose from.

    :param reason: why there are none, or not all
    """

    items: tuple[Name, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One right that is asked for alone; without a namespace: on the whole cluster."""

    verb: str
    resource: ApiResource
    namespace: str | None = None


@dataclass
class _Kept:
    lock: threading.Lock = field(default_factory=threading.Lock)
    until: float = 0.0
    value: object = None
    error: KubeOrchError | None = None


class ClusterFacts:
    """Asks clusters and keeps the answers for a short time."""

    def __init__(self, clients: Clients, *, seconds: float = ANSWER_SECONDS) -> None:
        self._clients = clients
        self._seconds = seconds
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[object, ...], _Kept] = OrderedDict()

    # -- questions ----------------------------------------------------------------------------------------------

    def crds(self, cluster: Cluster) -> Crds:
        """
        Return the kinds of extensions by name.

        :raises KubeOrchError: the cluster does not answer or refuses all of it
        """
        return self._ask(cluster, ("crds",), CRD_SECONDS, _crds)

    def served(self, cluster: Cluster) -> frozenset[tuple[str, str]] | None:
        """
        Return the kinds of API groups that the cluster serves, or None when it cannot tell all at once.

        :raises KubeOrchError: the cluster does not answer
        """

        def read_kinds(client: ClusterClient) -> frozenset[tuple[str, str]] | None:
            found = _discovery(client)
            return frozenset((item.resource.api_version, item.resource.kind) for item in found) or None

        return self._ask(cluster, ("served",), CRD_SECONDS, read_kinds)

    def rights(self, cluster: Cluster, namespace: str) -> Rights:
        """
        Return the rights of the credentials in a namespace.

        :raises KubeOrchError: the cluster does not answer
        """
        return self._ask(
            cluster,
            ("rights", namespace),
            RIGHTS_SECONDS,
            lambda client: read_rights(namespace, client.rules(namespace)),
        )

    def allowed(self, cluster: Cluster, questions: Iterable[Question]) -> dict[Question, bool]:
        """
        Ask for rights one by one, a few at once; those that were answered lately are not asked for again.

        :raises KubeOrchError: the cluster does not answer
        """
        wanted = sorted(set(questions), key=lambda item: (item.resource.api_version, item.resource.plural, item.verb))
        if not wanted:
            return {}

        def ask_each(client: ClusterClient) -> dict[Question, bool]:
            def ask(question: Question) -> bool:
                return client.can_i(question.verb, question.resource, question.namespace)[0]

            return dict(zip(wanted, in_parallel(ask, wanted, at_once=AT_ONCE), strict=True))

        return self._ask(cluster, ("allowed", *wanted), RIGHTS_SECONDS, ask_each)

    def names(self, cluster: Cluster, source: OptionSource, namespace: str) -> Names:
        """
        Return names to choose from; where the credentials may not look, none and the reason.

        :raises KubeOrchError: the cluster does not answer
        """
        if source == "secrets":
            return Names(reason="Names of Secrets are not read from clusters. Type the name.")
        if source == "custom-kinds":
            crds = self.crds(cluster)
            items = [Name(f"{crd.group}/{crd.best.name}", crd.kind) for crd in crds.items if crd.best]
            return Names(tuple(items), crds.reason)
        resource = _LISTED[source]
        place = namespace if resource.namespaced else ""
        return self._ask(
            cluster, ("names", source, place), NAME_SECONDS, lambda client: _names(client, resource, place)
        )

    def close(self) -> None:
        """Close all connections."""
        self._clients.close()

    # -- keeping ------------------------------------------------------------------------------------------------

    def _ask(
        self, cluster: Cluster, what: tuple[object, ...], seconds: float, look: Callable[[ClusterClient], Result]
    ) -> Result:
        """Answer from memory, else ask; who asks the same meanwhile waits for the one answer."""
        if cluster.status is ClusterStatus.DISABLED:
            raise Conflict(f"The cluster {cluster.name} is disabled.", code="cluster-disabled")
        kept = self._place((cluster.id, cluster.credential_revision, *what))
        with kept.lock:
            if time.monotonic() < kept.until:
                if kept.error is not None:
                    raise kept.error.with_traceback(None)
                return cast("Result", kept.value)
            try:
                value = self._in_time(cluster, look)
            except KubeOrchError as error:
                kept.error, kept.until = error, time.monotonic() + FAILED_SECONDS
                raise
            kept.value, kept.error, kept.until = value, None, time.monotonic() + seconds
            return value

    def _place(self, key: tuple[object, ...]) -> _Kept:
        with self._lock:
            kept = self._kept.setdefault(key, _Kept())
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            return kept

    def _in_time(self, cluster: Cluster, look: Callable[[ClusterClient], Result]) -> Result:
        """Wait as long as one answer may take; a request that hangs on ends by its own time-out."""
        client = self._clients.client_for(cluster)
        pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="facts")
        try:
            asked: Future[Result] = pool.submit(look, client)
            return asked.result(self._seconds)
        except FutureTimeoutError as error:
            msg = f"{cluster.server} did not answer within {self._seconds:g} s."
            raise ClusterUnreachable(msg, details={"reason": "timeout"}) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _discovery(client: ClusterClient) -> list[Served]:
    """Return all kinds outside the core group; empty from servers too old to tell all at once (before 1.30)."""
    return read_discovery(client.read("/apis", accept=_AGGREGATED))


def _crds(client: ClusterClient) -> Crds:
    path = BUILT_IN["apiextensions.k8s.io/v1", "CustomResourceDefinition"].path()
    try:
        found = [crd for raw in _pages(client, path) if (crd := read_crd(raw)) is not None]
    except ClusterRefused as error:
        if error.code != "cluster-forbidden":
            raise
        return _crds_of_discovery(client)
    return Crds(tuple(sorted(found, key=lambda crd: crd.name)))


def _pages(client: ClusterClient, path: str) -> Iterable[Mapping[str, Any]]:
    rest = ""
    while True:
        answer = client.read(f"{path}?limit={_PAGE}{f'&continue={rest}' if rest else ''}")
        yield from answer.get("items") or []
        rest = (answer.get("metadata") or {}).get("continue") or ""
        if not rest:
            return


def _crds_of_discovery(client: ClusterClient) -> Crds:
    """Return the kinds that discovery and OpenAPI tell everybody, for credentials that may not read the definitions."""
    kinds = [item for item in _discovery(client) if item.resource.group not in BUILT_IN_GROUPS]
    groups = sorted({item.resource.api_version for item in kinds})
    reason = "The cluster's credentials may not list CustomResourceDefinitions; this is what discovery tells."
    if len(groups) > MOST_GROUPS:
        reason += f" Forms of the first {MOST_GROUPS} of {len(groups)} API versions were read."

    def schemas(api_version: str) -> Mapping[tuple[str, str], Mapping[str, Any]]:
        try:
            return read_openapi(client.read(f"/openapi/v3/apis/{api_version}"))
        except ClusterRefused:
            # a form is an aid: without it the kind is edited as YAML
            return {}

    found = {
        key: schema
        for part in in_parallel(schemas, groups[:MOST_GROUPS], at_once=AT_ONCE)
        for key, schema in part.items()
    }
    return Crds(tuple(crds_of_discovery(kinds, found)), reason)


def _names(client: ClusterClient, resource: ApiResource, namespace: str) -> Names:
    try:
        answer = client.read(f"{resource.path(namespace or None)}?limit={MOST_NAMES}", accept=_METADATA)
    except ClusterRefused as error:
        if error.code == "cluster-forbidden":
            where = f" in the namespace {namespace}" if namespace else ""
            return Names(reason=f"The cluster's credentials may not list {resource.plural}{where}.")
        if error.code == "cluster-not-found":
            return Names(reason=f"The cluster has no {resource.plural}.")
        raise
    found = [_name(item.get("metadata") or {}) for item in answer.get("items") or []]
    more = bool((answer.get("metadata") or {}).get("continue"))
    reason = f"Only the first {MOST_NAMES} are shown." if more else ""
    return Names(tuple(sorted((name for name in found if name), key=lambda name: name.value)), reason)


def _name(metadata: Mapping[str, Any]) -> Name | None:
    """Return a name, or None for an object that is being deleted."""
    if metadata.get("deletionTimestamp"):
        return None
    marks = metadata.get("annotations") or {}
    return Name(str(metadata.get("name", "")), is_default=any(marks.get(mark) == "true" for mark in _DEFAULT_MARKS))
