"""The labels and annotations by which an object on a cluster is known as ours."""

from __future__ import annotations

import re
from collections.abc import Mapping

FIELD_MANAGER = "kubeorch"

NAME = "app.kubernetes.io/name"
INSTANCE = "app.kubernetes.io/instance"
MANAGED_BY = "app.kubernetes.io/managed-by"
WORKFLOW = "kubeorch.io/workflow"
NODE = "kubeorch.io/node"

VERSION = "kubeorch.io/version"
"""Annotation: the workflow's version that last changed the object."""
CHECKSUM = "kubeorch.io/config-checksum"
"""Annotation of pod templates: changes when wired configuration changes, so that pods are replaced."""

RESERVED_LABELS = frozenset({NAME, INSTANCE, MANAGED_BY})
RESERVED_PREFIX = "kubeorch.io/"

LONGEST_VALUE = 63


def label_value(text: str) -> str:
    """Cut a name to the length of a label: at most 63 characters, ending with a letter or digit."""
    return re.sub(r"[^A-Za-z0-9]+$", "", text[:LONGEST_VALUE])


def object_labels(*, workflow_id: str, workflow_slug: str, node_id: str, name: str) -> dict[str, str]:
    """Return the labels of an object and of its pods."""
    return {
        NAME: label_value(name),
        INSTANCE: label_value(workflow_slug),
        MANAGED_BY: "kubeorch",
        WORKFLOW: workflow_id,
        NODE: node_id,
    }


def selector_labels(*, workflow_id: str, node_id: str) -> dict[str, str]:
    """
    Return the labels that select a node's pods.

    Ids only: they belong to no other workload, and they stay when a workflow or an object gets another name (a
    workload's selector cannot be changed).
    """
    return {WORKFLOW: workflow_id, NODE: node_id}


def is_reserved(key: str) -> bool:
    """Whether people may not set this label or annotation themselves."""
    return key in RESERVED_LABELS or key.partition("/")[0].endswith(RESERVED_PREFIX.rstrip("/"))


def owner_of(labels: Mapping[str, str] | None) -> tuple[str, str] | None:
    """Return the workflow's and the node's id that an object's labels name, or None when it is not ours."""
    found = labels or {}
    if found.get(MANAGED_BY) != "kubeorch" or not found.get(WORKFLOW) or not found.get(NODE):
        return None
    return found[WORKFLOW], found[NODE]
