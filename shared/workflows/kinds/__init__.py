"""The node types: one module each, listed here in the order of the palette."""

from __future__ import annotations

from typing import Any

from shared.workflows.kinds.configmap import CONFIGMAP
from shared.workflows.kinds.cronjob import CRONJOB
from shared.workflows.kinds.custom import CUSTOM
from shared.workflows.kinds.daemonset import DAEMONSET
from shared.workflows.kinds.deployment import DEPLOYMENT
from shared.workflows.kinds.fields.base import Kind
from shared.workflows.kinds.hpa import HPA
from shared.workflows.kinds.ingress import INGRESS
from shared.workflows.kinds.job import JOB
from shared.workflows.kinds.limitrange import LIMITRANGE
from shared.workflows.kinds.manifest import MANIFEST
from shared.workflows.kinds.namespace import NAMESPACE
from shared.workflows.kinds.networkpolicy import NETWORKPOLICY
from shared.workflows.kinds.persistentvolumeclaim import PERSISTENTVOLUMECLAIM
from shared.workflows.kinds.poddisruptionbudget import PODDISRUPTIONBUDGET
from shared.workflows.kinds.resourcequota import RESOURCEQUOTA
from shared.workflows.kinds.role import ROLE
from shared.workflows.kinds.secret import SECRET
from shared.workflows.kinds.service import SERVICE
from shared.workflows.kinds.serviceaccount import SERVICEACCOUNT
from shared.workflows.kinds.statefulset import STATEFULSET

KINDS: dict[str, Kind[Any]] = {
    kind.type: kind
    for kind in (
        DEPLOYMENT,
        STATEFULSET,
        DAEMONSET,
        JOB,
        CRONJOB,
        SERVICE,
        INGRESS,
        NETWORKPOLICY,
        CONFIGMAP,
        SECRET,
        PERSISTENTVOLUMECLAIM,
        HPA,
        PODDISRUPTIONBUDGET,
        NAMESPACE,
        SERVICEACCOUNT,
        ROLE,
        RESOURCEQUOTA,
        LIMITRANGE,
        MANIFEST,
        CUSTOM,
    )
}
TYPES = tuple(KINDS)

WORKLOADS = ("deployment", "statefulset", "daemonset", "job", "cronjob")
"""Types whose nodes make pods."""
SERVED = ("deployment", "statefulset", "daemonset", "job")
"""Those whose pods a service can stand in front of."""
SCALED = ("deployment", "statefulset")
"""Those with a number of replicas."""
NAMESPACED = tuple(name for name, kind in KINDS.items() if kind.namespaced)
"""Types whose objects belong to a namespace."""
