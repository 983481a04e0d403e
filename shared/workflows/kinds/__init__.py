"""The node types: one module each, listed here in the order of the palette."""

from __future__ import annotations

from typing import Any

from shared.workflows.kinds.base import Kind
from shared.workflows.kinds.configmap import CONFIGMAP
from shared.workflows.kinds.deployment import DEPLOYMENT
from shared.workflows.kinds.job import JOB
from shared.workflows.kinds.secret import SECRET
from shared.workflows.kinds.service import SERVICE

KINDS: dict[str, Kind[Any]] = {kind.type: kind for kind in (DEPLOYMENT, JOB, SERVICE, CONFIGMAP, SECRET)}
TYPES = tuple(KINDS)

WORKLOADS = tuple(name for name in ("deployment", "statefulset", "daemonset", "job", "cronjob") if name in KINDS)
"""Types whose nodes make pods."""
