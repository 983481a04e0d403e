"""Versions of workflows and values of their secret nodes in memory; tests/functional compares both with the stores."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from shared.clock import now
from shared.errors import Conflict, NotFound
from shared.people import Person
from shared.workflows.models import SecretKey, SecretKeys, Workflow
from shared.workflows.secrets import SecretStore, StoredSecrets
from shared.workflows.versions.models import Version, VersionChanges
from shared.workflows.versions.store import VersionStore, graph_digest


class FakeVersionStore(VersionStore):
    """Keeps versions by workflow and number."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, int], Version] = {}

    def find(self, workflow_id: str, version: int) -> Version | None:
        """Return one or None."""
        return self.rows.get((workflow_id, version))

    def latest(self, workflow_id: str) -> Version | None:
        """Return the newest."""
        return max(self._of(workflow_id), key=lambda version: version.version, default=None)

    def ensure(
        self,
        workflow: Workflow,
        *,
        by: Person,
        secret_versions: Mapping[str, str],
        run_id: str | None = None,
        **more: Any,
    ) -> Version:
        """Return the newest if it holds this very graph, else make the next one."""
        digest = graph_digest(workflow.graph, namespace=workflow.namespace, secret_versions=secret_versions)
        latest = self.latest(workflow.id)
        if latest is not None and latest.graph_digest == digest:
            return latest
        return self.add(workflow, by=by, secret_versions=secret_versions, run_id=run_id, **more)

    def add(
        self,
        workflow: Workflow,
        *,
        by: Person,
        secret_versions: Mapping[str, str],
        run_id: str | None = None,
        **more: Any,
    ) -> Version:
        """Make the next one."""
        digest = graph_digest(workflow.graph, namespace=workflow.namespace, secret_versions=secret_versions)
        latest = self.latest(workflow.id)
        self._require_free(workflow.id, str(more.get("tag", "")))
        number = (latest.version if latest else 0) + 1
        made = Version(
            id=f"{workflow.id}-{number}",
            workflow_id=workflow.id,
            version=number,
            nodes=workflow.nodes,
            edges=workflow.edges,
            namespace=workflow.namespace,
            created_by=by,
            created_at=now(),
            run_id=run_id,
            graph_digest=digest,
            secret_versions=dict(secret_versions),
            **more,
        )
        self.rows[workflow.id, number] = made
        return made

    def describe(self, workflow_id: str, version: int, changes: VersionChanges) -> Version:
        """Change what people say of one."""
        before = self.get(workflow_id, version)
        self._require_free(workflow_id, changes.tag or "", but=version)
        self.rows[workflow_id, version] = before.model_copy(update=changes.given())
        return self.rows[workflow_id, version]

    def delete(self, workflow_id: str, version: int) -> None:
        """Delete one."""
        del self.rows[workflow_id, self.get(workflow_id, version).version]

    def crowded(self, keep: int) -> Sequence[str]:
        """Return workflows with more versions than these."""
        counts: dict[str, int] = defaultdict(int)
        for workflow_id, _ in self.rows:
            counts[workflow_id] += 1
        return sorted(workflow_id for workflow_id, count in counts.items() if count > keep)

    def trim(self, workflow_id: str, keep: int, *, protected: Collection[int]) -> int:
        """Delete what is old and nobody named."""
        numbers = sorted((version.version for version in self._of(workflow_id)), reverse=True)
        stays = {*numbers[:keep], *protected}
        gone = [
            (workflow_id, version.version)
            for version in self._of(workflow_id)
            if version.version not in stays and version.automatic and not version.name and not version.tag
        ]
        for key in gone:
            del self.rows[key]
        return len(gone)

    def _require_free(self, workflow_id: str, tag: str, but: int = 0) -> None:
        if tag and any(version.tag == tag and version.version != but for version in self._of(workflow_id)):
            raise Conflict("taken", code="tag-taken")

    def _of(self, workflow_id: str) -> list[Version]:
        return [version for (found, _), version in self.rows.items() if found == workflow_id]


class FakeSecretStore(SecretStore):
    """Keeps values in clear, each write as a version of its own."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], list[tuple[str, dict[str, bytes]]]] = defaultdict(list)

    def put(self, workflow_id: str, node_id: str, values: Mapping[str, str | None], *, by: Person) -> None:
        """Write values; None removes one."""
        del by
        versions = self.rows[workflow_id, node_id]
        before = versions[-1][1] if versions else {}
        kept = {key: value for key, value in before.items() if key not in values}
        self._add(workflow_id, node_id, kept | {key: value.encode() for key, value in values.items() if value})

    def _add(self, workflow_id: str, node_id: str, values: Any, *_: Any) -> None:
        versions = self.rows[workflow_id, node_id]
        versions.append((f"{node_id}-{len(versions) + 1}", values))

    def keys(self, workflow_id: str, node_id: str, names: Iterable[str]) -> SecretKeys:
        """Return which keys are set."""
        versions = self.rows[workflow_id, node_id]
        values = versions[-1][1] if versions else {}
        return SecretKeys(node_id=node_id, keys=[SecretKey(key=name, set=name in values) for name in names])

    def bring_back(self, workflow_id: str, node_id: str, version_id: str, *, by: Person) -> None:
        """Make the values of a version the newest again."""
        del by
        versions = self.rows[workflow_id, node_id]
        wanted = next((values for name, values in versions if name == version_id), None)
        if wanted is not None and versions[-1][0] != version_id:
            self._add(workflow_id, node_id, wanted)

    def current_versions(self, workflow_id: str, node_ids: Iterable[str]) -> dict[str, str]:
        """Return the newest versions."""
        found = {node_id: self.rows[workflow_id, node_id] for node_id in node_ids}
        return {node_id: versions[-1][0] for node_id, versions in found.items() if versions and versions[-1][1]}

    def read(self, workflow_id: str, versions: Mapping[str, str]) -> StoredSecrets:
        """Return the values of versions."""
        return StoredSecrets(
            {node_id: self._values(workflow_id, node_id, version) for node_id, version in versions.items()},
            dict(versions),
        )

    def _values(self, workflow_id: str, node_id: str, version_id: str) -> dict[str, bytes]:
        for name, values in self.rows[workflow_id, node_id]:
            if name == version_id:
                return values
        raise NotFound(f"The values of the secret node {node_id} are gone; enter them again.")

    def delete_of(self, workflow_id: str) -> int:
        """Forget a workflow's values."""
        gone = [key for key in self.rows if key[0] == workflow_id]
        return sum(len(self.rows.pop(key)) for key in gone)
