"""Ids in addresses, each once."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.clusters.facts import OptionSource

Id = Annotated[str, Field(max_length=64)]
Number = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,8}$")]
"""The number of a version, as text."""


class _Path(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ClusterPath(_Path):
    """Which cluster."""

    cluster_id: Id


class OptionPath(ClusterPath):
    """Names of what: the `options_from` of a field's hint."""

    source: OptionSource


class WorkflowPath(_Path):
    """Which workflow."""

    workflow_id: Id


class NodePath(WorkflowPath):
    """Which of a workflow's nodes."""

    node_id: Id


class FixPath(NodePath):
    """Which of the fixes that are offered for a node."""

    fix_type: Id


class VersionPath(WorkflowPath):
    """Which version of a workflow."""

    number: Number

    @property
    def version(self) -> int:
        """The version's number."""
        return int(self.number)


class RunPath(_Path):
    """Which run."""

    run_id: Id


class PluginPath(_Path):
    """Which plugin."""

    plugin_id: Id


class InvitePath(_Path):
    """Which invite."""

    invite_id: Id


class SessionPath(_Path):
    """Which session."""

    session_id: Id


class ConnectionPath(_Path):
    """Which stream, by the id its ``connected`` event gave."""

    connection_id: str = Field(pattern=r"^[0-9a-f]{24}$")
