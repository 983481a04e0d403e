"""Identifiers: 24 hexadecimal characters that sort by the time they were made, so lists page by id."""

from __future__ import annotations

from typing import NewType

from bson import ObjectId

UserId = NewType("UserId", str)
SessionId = NewType("SessionId", str)
ClusterId = NewType("ClusterId", str)
WorkflowId = NewType("WorkflowId", str)
NodeId = NewType("NodeId", str)
RunId = NewType("RunId", str)


def new_id() -> str:
    """Return an id nobody else has: MongoDB's ObjectId as text."""
    return str(ObjectId())
