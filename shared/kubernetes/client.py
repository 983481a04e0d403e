"""
A client for one cluster: objects as plain dictionaries, errors in our words.

The package's typed models are slow on large lists and refuse valid objects, and its discovery cache is a file that
others can read; here a kind is known from a table or asked for once and kept in memory. Safe for threads and greenlets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from shared.errors import ClusterRefused
from shared.kubernetes.connection.batch import Batch
from shared.kubernetes.connection.credentials import Credentials
from shared.kubernetes.connection.many import APPLY_PATCH, Applied, Apply, Many
from shared.kubernetes.kinds import Kinds
from shared.kubernetes.labels import FIELD_MANAGER
from shared.kubernetes.logs import Logs
from shared.kubernetes.objects import ApiResource, Manifest, ObjectRef, ref_of
from shared.kubernetes.refusals import NOT_FOUND
from shared.kubernetes.reviews import Reviews
from shared.kubernetes.watches import events

PAGE_SIZE = 500
METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"


class ClusterClient(Reviews, Logs):
    """Talks to one API server; parameters and errors are those of ``ApiServer``."""

    def __init__(self, credentials: Credentials, *, timeout_seconds: float = 5.0, allow_private: bool = True) -> None:
        super().__init__(credentials, timeout_seconds=timeout_seconds, allow_private=allow_private)
        self._kinds = Kinds(self.read)
        self._many = Many(self.server, self._batch, self._apply_path)

    def close(self) -> None:
        """Close all connections."""
        super().close()
        self._many.close()

    def get(self, ref: ObjectRef) -> Manifest | None:
        """Return an object as it is, or None when there is none."""
        try:
            return self._json("GET", self._path(ref))
        except ClusterRefused as error:
            if error.code == NOT_FOUND:
                return None
            raise

    def get_metadata(self, ref: ObjectRef) -> Manifest | None:
        """
        Return an object's metadata alone, or None when there is none: the server keeps everything else to itself.

        https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-partialobjectmetadata
        """
        try:
            answer = self._json("GET", self._path(ref), accept=METADATA_ONLY)
        except ClusterRefused as error:
            if error.code == NOT_FOUND:
                return None
            raise
        return {"apiVersion": ref.api_version, "kind": ref.kind, "metadata": answer.get("metadata") or {}}

    def list(
        self,
        api_version: str,
        kind: str,
        *,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
        limit: int = PAGE_SIZE,
        most: int | None = None,
    ) -> tuple[list[Manifest], str]:
        """
        Return all objects of a kind (page by page) and the resourceVersion to watch from.

        :param most: end with the page that has as many, for who only looks around; None is all
        """
        resource = self.resource_for(api_version, kind)
        query: dict[str, str] = {"limit": str(min(limit, most or limit))}
        if label_selector:
            query["labelSelector"] = label_selector
        if field_selector:
            query["fieldSelector"] = field_selector
        items: list[Manifest] = []
        while True:
            answer = self._json("GET", f"{resource.path(namespace)}?{urlencode(query)}")
            items += answer.get("items") or []
            metadata = answer.get("metadata") or {}
            if not metadata.get("continue") or (most is not None and len(items) >= most):
                return items, str(metadata.get("resourceVersion", ""))
            query["continue"] = metadata["continue"]

    def watch(
        self,
        api_version: str,
        kind: str,
        *,
        resource_version: str,
        timeout_seconds: int,
        namespace: str | None = None,
        label_selector: str | None = None,
    ) -> Iterator[dict[str, Any]]:
        """
        Yield ``{type, object}`` from a version on, bookmarks included, until the server ends it.

        The first is of the type ``OPEN``, without an object: the server has begun to watch.

        It also ends after ``watches.SILENCE_SECONDS`` without a byte: the next one finds out whether the server lives.

        :param timeout_seconds: how long the server keeps it open
        :raises ClusterRefused: the server refused it; code ``cluster-gone`` means that the version is too old
        """
        resource = self.resource_for(api_version, kind)
        query = {
            "watch": "1",
            "allowWatchBookmarks": "true",
            "resourceVersion": resource_version,
            "timeoutSeconds": str(timeout_seconds),
        }
        if label_selector:
            query["labelSelector"] = label_selector
        yield from events(self._transport.open("GET", f"{resource.path(namespace)}?{urlencode(query)}"))

    def apply(
        self,
        manifest: Manifest,
        *,
        dry_run: bool = False,
        force: bool = False,
        field_manager: str = FIELD_MANAGER,
        field_validation: str = "Strict",
    ) -> Manifest:
        """
        Apply a manifest server-side and return the object as it is afterwards.

        :param force: take fields over from their managers; only what a person confirmed
        :raises ClusterRefused: ``cluster-conflict`` (details name field and manager), ``cluster-invalid``, …
        """
        query = _apply_query(field_manager, field_validation, dry_run=dry_run, force=force)
        return self._json("PATCH", self._path(ref_of(manifest)) + query, body=manifest, content_type=APPLY_PATCH)

    def apply_many(
        self, applies: Sequence[Apply], done: Applied, *, at_once: int, go_on: Callable[[], None]
    ) -> Sequence[int]:
        """
        Apply many manifests from this thread, a few at once, and tell what became of each as it comes.

        What needs patience does not get it here: once one has no answer (the server is away, throttles or fails) no
        other is begun. Each may be sent again by ``apply``, which waits and says what is wrong. No greenlets.

        :param done: takes the place in ``applies`` and the object, or why it was refused
        :param go_on: called before each one is begun; what it or ``done`` raises ends the others
        :returns: the places of those without an answer, in order
        """
        return self._many.send(applies, done, at_once=at_once, go_on=go_on)

    def create(self, manifest: Manifest, *, dry_run: bool = False) -> Manifest:
        """Create an object, for reviews and for objects that must not exist yet."""
        ref = ref_of(manifest) if manifest.get("metadata", {}).get("name") else None
        resource = self.resource_for(manifest["apiVersion"], manifest["kind"])
        path = resource.path(ref.namespace if ref else None) + ("?dryRun=All" if dry_run else "")
        return self._json("POST", path, body=manifest)

    def delete(self, ref: ObjectRef, *, uid: str | None = None, propagation: str = "Foreground") -> bool:
        """
        Delete an object; False when it was gone already.

        :param uid: only this very object, not another that has taken its name since
        """
        body: dict[str, Any] = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": propagation}
        if uid:
            body["preconditions"] = {"uid": uid}
        try:
            self._json("DELETE", self._path(ref), body=body)
        except ClusterRefused as error:
            if error.code == NOT_FOUND:
                return False
            raise
        return True

    def resource_for(self, api_version: str, kind: str) -> ApiResource:
        """
        Return the API resource of a kind; asks the server once for kinds that are not built in.

        :raises NotFound: the cluster does not know the kind
        """
        return self._kinds.resource_for(api_version, kind)

    def _path(self, ref: ObjectRef) -> str:
        resource = self.resource_for(ref.api_version, ref.kind)
        namespace = (ref.namespace or self.namespace) if resource.namespaced else None
        return resource.path(namespace, ref.name)

    def _apply_path(self, apply: Apply) -> str:
        query = _apply_query(FIELD_MANAGER, apply.field_validation, dry_run=apply.dry_run, force=apply.force)
        return self._path(ref_of(apply.manifest)) + query

    def _batch(self) -> Batch:
        return Batch(self._configuration, connect_seconds=self._seconds, seconds=self._write_seconds)


@lru_cache(maxsize=32)
def _apply_query(field_manager: str, field_validation: str, *, dry_run: bool, force: bool) -> str:
    query = {"fieldManager": field_manager, "fieldValidation": field_validation}
    if dry_run:
        query["dryRun"] = "All"
    if force:
        query["force"] = "true"
    return f"?{urlencode(query)}"
