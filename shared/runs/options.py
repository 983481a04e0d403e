"""Choices of people about a run."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from shared.workflows.drawing.graph import GraphId

LONGEST_SECONDS = 3600


class RunOptions(BaseModel):
    """
    Choices of one run; what is left out is as the settings say.

    :param create_namespaces: make those that the cluster does not have
    :param rerun: nodes whose jobs are made again although nothing changed
    :param rollback_on_failure: go back to what was deployed before
    """

    model_config = ConfigDict(extra="forbid")

    create_namespaces: bool = True
    node_seconds: int | None = Field(None, ge=5, le=LONGEST_SECONDS)
    total_seconds: int | None = Field(None, ge=10, le=LONGEST_SECONDS)
    rerun: list[GraphId] = Field(default_factory=list, max_length=500)
    rollback_on_failure: bool = False
