"""Write kubeconfigs with everything inline, so that a copy of the file alone is enough."""

from __future__ import annotations

import base64
from pathlib import Path

import yaml

from deploy.local.cluster.certificates import Identity
from deploy.local.process import write_private

CONTEXT = "local"


def render(server: str, authority: Path, identity: Identity, namespace: str = "default") -> str:
    """Return a kubeconfig of one context named ``local``."""

    def inline(path: Path) -> str:
        return base64.b64encode(path.read_bytes()).decode()

    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": CONTEXT, "cluster": {"server": server, "certificate-authority-data": inline(authority)}},
        ],
        "users": [
            {
                "name": CONTEXT,
                "user": {
                    "client-certificate-data": inline(identity.certificate),
                    "client-key-data": inline(identity.key),
                },
            },
        ],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT, "namespace": namespace}}],
        "current-context": CONTEXT,
    }
    return yaml.safe_dump(config, sort_keys=False)


def write(path: Path, server: str, authority: Path, identity: Identity) -> Path:
    """Write a kubeconfig that only its owner reads."""
    write_private(path, render(server, authority, identity))
    return path
