"""
A client for one cluster: raw JSON over its own connection pool, errors in our words.

Typed models of the official package are slow and refuse valid objects, and its discovery cache is a file that others
can read; here a kind is known from a table or asked for once and kept in memory. Safe for threads and greenlets.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson
import urllib3
from urllib3.exceptions import HTTPError, ReadTimeoutError

from shared.errors import ClusterRefused, ClusterUnreachable, NotFound
from shared.kubernetes.addresses import bracketed, resolve
from shared.kubernetes.batch import Batch, Where
from shared.kubernetes.connection import Credentials
from shared.kubernetes.many import APPLY_PATCH, Applied, Apply, Many
from shared.kubernetes.masking import secret_values
from shared.kubernetes.objects import BUILT_IN, ApiResource, Manifest, ObjectRef, ref_of
from shared.kubernetes.refusals import FIRST_REFUSAL, NOT_FOUND, refused, unreachable
from shared.kubernetes.tls import context_for

FIELD_MANAGER = "kubeorch"
POOL_SIZE = 16
PAGE_SIZE = 500
WRITE_SECONDS = 30.0
SILENCE_SECONDS = 75.0
"""A watch without a byte for so long is given up; API servers send a bookmark every minute."""
# a kept-alive connection that the server closed is opened again; nothing else is tried twice here
_RETRIES = urllib3.Retry(total=1, connect=0, read=0, redirect=0, other=1, status=0, raise_on_status=False)
METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"


class ClusterClient:
    """
    Talks to one API server.

    :param timeout_seconds: for connecting and for a read; writes get at least ``WRITE_SECONDS``
    :param allow_private: whether private addresses may be connected to
    :raises InvalidInput: the address must not be reached, or the certificates are malformed
    :raises ClusterUnreachable: the name does not resolve
    """

    def __init__(self, credentials: Credentials, *, timeout_seconds: float = 5.0, allow_private: bool = True) -> None:
        self.server = credentials.server.rstrip("/")
        self.namespace = credentials.namespace
        parts = urlsplit(self.server)
        address, host, port = resolve(self.server, allow_private=allow_private)
        self._prefix = parts.path
        self._seconds = timeout_seconds
        self._headers = {"Accept": "application/json", "User-Agent": "kubeorch", "Host": f"{bracketed(host)}:{port}"}
        if credentials.token:
            self._headers["Authorization"] = f"Bearer {credentials.token}"
        where = Where(address, host, port, self._headers, timeout_seconds, max(timeout_seconds, WRITE_SECONDS))
        self._many = Many(self.server, lambda: Batch(credentials, where), self._apply_path)
        self._pool: urllib3.HTTPConnectionPool
        if parts.scheme == "https":
            name = credentials.tls_server_name or host
            self._pool = urllib3.HTTPSConnectionPool(
                address,
                port,
                maxsize=POOL_SIZE,
                ssl_context=context_for(credentials),
                server_hostname=name,
                assert_hostname=False if credentials.insecure_skip_tls_verify else name,
                cert_reqs="CERT_NONE" if credentials.insecure_skip_tls_verify else "CERT_REQUIRED",
            )
        else:
            self._pool = urllib3.HTTPConnectionPool(address, port, maxsize=POOL_SIZE)
        self._kinds: dict[tuple[str, str], ApiResource] = {}
        self._kinds_lock = threading.Lock()

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()
        self._many.close()

    # -- objects ------------------------------------------------------------------------------------------------

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

        It also ends after ``SILENCE_SECONDS`` without a byte: whether the server still lives is found out by the next.

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
        response = self._send("GET", f"{resource.path(namespace)}?{urlencode(query)}", stream=True)
        try:
            _be_patient(response, SILENCE_SECONDS)
            yield {"type": "OPEN"}
            yield from _lines(response)
        finally:
            response.close()

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
        """Create an object, for reviews and for what must not exist yet."""
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

    def logs(
        self, namespace: str, pod: str, *, container: str | None = None, tail: int = 20, previous: bool = False
    ) -> str:
        """
        Return the last lines of a container's log.

        :param previous: of the container that ran before the last restart
        """
        query = {"tailLines": str(tail), **({"container": container} if container else {})}
        if previous:
            query["previous"] = "true"
        path = f"/api/v1/namespaces/{namespace}/pods/{pod}/log?{urlencode(query)}"
        return bytes(self._send("GET", path).data).decode("utf-8", "replace")

    # -- the server ---------------------------------------------------------------------------------------------

    def version(self) -> dict[str, Any]:
        """Return the server's version: ``{"gitVersion": "v1.36.3", …}``."""
        return self._json("GET", "/version")

    def ready(self) -> float:
        """
        Ask whether the server is ready; returns the latency in milliseconds.

        :raises KubeOrchError: it is not, or does not answer
        """
        started = time.monotonic()
        self._send("GET", "/readyz")
        return round((time.monotonic() - started) * 1000, 1)

    def read(self, path: str, *, accept: str = "") -> dict[str, Any]:
        """
        Return what the server answers at a path: discovery, OpenAPI, a list in another form.

        :param accept: the form that is wanted; servers that do not know it answer in the usual one
        """
        return self._json("GET", path, accept=f"{accept},application/json" if accept else "")

    def rules(self, namespace: str) -> dict[str, Any]:
        """Return what these credentials may do in a namespace: the status of a ``SelfSubjectRulesReview``."""
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectRulesReview",
            "spec": {"namespace": namespace},
        }
        answer = self._json("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", body=review)
        status = answer.get("status")
        return status if isinstance(status, dict) else {}

    def can_i(self, verb: str, resource: ApiResource, namespace: str | None = None) -> tuple[bool, str]:
        """Ask whether these credentials may do something; returns the answer and the server's reason."""
        attributes = {"verb": verb, "group": resource.group, "resource": resource.plural}
        if namespace:
            attributes["namespace"] = namespace
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        answer = self._json("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body=review)
        status = answer.get("status") or {}
        return bool(status.get("allowed")), str(status.get("reason") or "")

    def resource_for(self, api_version: str, kind: str) -> ApiResource:
        """
        Return how a kind is addressed; asks the server once for kinds that are not built in.

        :raises NotFound: the cluster does not know the kind
        """
        key = (api_version, kind)
        if key in BUILT_IN:
            return BUILT_IN[key]
        with self._kinds_lock:
            if key not in self._kinds:
                self._kinds.update(self._discover(api_version))
            if key in self._kinds:
                return self._kinds[key]
        msg = f"This cluster does not know the kind {kind} of {api_version}; is its CustomResourceDefinition installed?"
        raise NotFound(msg, code="kind-unknown")

    def _discover(self, api_version: str) -> dict[tuple[str, str], ApiResource]:
        root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        try:
            answer = self._json("GET", root)
        except ClusterRefused as error:
            if error.code == NOT_FOUND:
                return {}
            raise
        return {
            (api_version, entry["kind"]): ApiResource(api_version, entry["kind"], entry["name"], entry["namespaced"])
            for entry in answer.get("resources") or []
            if "/" not in entry["name"]
        }

    # -- requests -----------------------------------------------------------------------------------------------

    def _path(self, ref: ObjectRef) -> str:
        resource = self.resource_for(ref.api_version, ref.kind)
        namespace = (ref.namespace or self.namespace) if resource.namespaced else None
        return resource.path(namespace, ref.name)

    def _apply_path(self, apply: Apply) -> str:
        query = _apply_query(FIELD_MANAGER, apply.field_validation, dry_run=apply.dry_run, force=apply.force)
        return self._prefix + self._path(ref_of(apply.manifest)) + query

    def _json(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        content_type: str = "application/json",
        accept: str = "",
    ) -> dict[str, Any]:
        response = self._send(method, path, body=body, content_type=content_type, accept=accept)
        try:
            answer = orjson.loads(response.data)
        except ValueError as error:
            msg = f"{self.server} answered something that is not Kubernetes' JSON. Is this the API server's address?"
            raise ClusterRefused(msg, code="cluster-not-kubernetes") from error
        return answer if isinstance(answer, dict) else {}

    def _send(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        content_type: str = "application/json",
        accept: str = "",
        stream: bool = False,
    ) -> urllib3.BaseHTTPResponse:
        headers = dict(self._headers)
        if accept:
            headers["Accept"] = accept
        if body is not None:
            headers["Content-Type"] = content_type
        usual = self._seconds if method == "GET" else max(self._seconds, WRITE_SECONDS)
        try:
            response = self._pool.urlopen(
                method,
                self._prefix + path,
                body=orjson.dumps(body) if body is not None else None,
                headers=headers,
                timeout=urllib3.Timeout(connect=self._seconds, read=usual),
                retries=_RETRIES,
                redirect=False,
                preload_content=not stream,
                pool_timeout=int(self._seconds) + 1,
            )
        except (HTTPError, OSError) as error:
            raise unreachable(self.server, error) from error
        if response.status >= FIRST_REFUSAL:
            status, wait = response.status, response.headers.get("Retry-After", "")
            raise refused(self.server, status, response.data, retry_after=wait, hidden=secret_values(body))
        return response


@lru_cache(maxsize=32)
def _apply_query(field_manager: str, field_validation: str, *, dry_run: bool, force: bool) -> str:
    query = {"fieldManager": field_manager, "fieldValidation": field_validation}
    if dry_run:
        query["dryRun"] = "All"
    if force:
        query["force"] = "true"
    return f"?{urlencode(query)}"


def _be_patient(response: urllib3.BaseHTTPResponse, seconds: float) -> None:
    """Wait longer for what comes after the headers."""
    sock = getattr(response.connection, "sock", None)
    if sock is not None:
        sock.settimeout(seconds)


def _lines(response: urllib3.BaseHTTPResponse) -> Iterator[dict[str, Any]]:
    """Yield one event per line, however the bytes were cut; silence ends it."""
    rest = b""
    try:
        for chunk in response.stream(amt=None):
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                if line:
                    yield orjson.loads(line)
    except ReadTimeoutError:
        return
    except ValueError as error:
        raise ClusterUnreachable("The watch sent something that is not JSON.", details={"reason": "cut"}) from error
    except (HTTPError, OSError) as error:
        msg = "The watch was cut."
        raise ClusterUnreachable(msg, details={"reason": "cut"}) from error
