"""
Look at a cluster that exists already: ``python -m deploy.local.external --ready-file F KUBECONFIG``.

Writes what it is into the ready file, and a kubeconfig with everything inside that the platform may store: certificate
files that are named become text, and only the current context stays. Nothing in the cluster is changed.
"""

from __future__ import annotations

import argparse
import base64
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from deploy.local.process import StartFailed, write_private
from shared.clusters.clients import open_client
from shared.clusters.credentials import credentials_of
from shared.clusters.models import NewCluster
from shared.clusters.trial import try_connection
from shared.errors import KubeOrchError
from shared.settings import ClusterSettings

_FILES = {
    "certificate-authority": "certificate-authority-data",
    "client-certificate": "client-certificate-data",
    "client-key": "client-key-data",
}


def _named(listing: list[dict[str, Any]], name: str, what: str) -> dict[str, Any]:
    for entry in listing:
        if entry.get("name") == name:
            return entry
    raise StartFailed(f"the kubeconfig has no {what} {name!r}")


def _inlined(entry: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Replace the names of files by what is in them; relative names are meant from the kubeconfig's folder."""
    result = dict(entry)
    for name, data in _FILES.items():
        if name in result:
            path = folder / str(result.pop(name))
            result[data] = base64.b64encode(path.read_bytes()).decode()
    if "tokenFile" in result:
        result["token"] = (folder / str(result.pop("tokenFile"))).read_text(encoding="utf-8").strip()
    return result


def flatten(text: str, folder: Path) -> tuple[str, str]:
    """
    Return a kubeconfig of the current context alone with everything inside, and the name of the context.

    :raises StartFailed: something that it names is not there
    """
    try:
        config = yaml.safe_load(text)
        name = str(config["current-context"])
        context = _named(config["contexts"], name, "context")
        cluster = _named(config["clusters"], context["context"]["cluster"], "cluster")
        user = _named(config["users"], context["context"]["user"], "user")
        flat = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": name,
            "contexts": [context],
            "clusters": [{**cluster, "cluster": _inlined(cluster["cluster"], folder)}],
            "users": [{**user, "user": _inlined(user["user"] or {}, folder)}],
        }
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise StartFailed(f"this is no kubeconfig with a current context: {error!r}") from error
    except OSError as error:
        raise StartFailed(f"the kubeconfig names {error.filename}, which cannot be read: {error.strerror}") from error
    return yaml.safe_dump(flat), name


def facts_of(kubeconfig: Path, copy: Path) -> dict[str, object]:
    """
    Return the facts of a cluster, and copy its kubeconfig.

    :return: as the local cluster's ready file has them
    :raises StartFailed: it cannot be used; says what failed and what to do
    """
    try:
        text = kubeconfig.read_text(encoding="utf-8")
    except OSError as error:
        raise StartFailed(f"cannot read {kubeconfig}: {error.strerror}") from error
    flat, context = flatten(text, kubeconfig.parent)
    wanted = NewCluster.model_validate({"name": "local", "auth_type": "kubeconfig", "kubeconfig": flat})
    try:
        tried = try_connection(credentials_of(wanted), lambda found: open_client(found, ClusterSettings()))
    except KubeOrchError as error:
        raise StartFailed(f"context {context}: {error.message}") from error
    bad = next((check for check in tried.checks if check.state == "fail"), None)
    if bad is not None:
        raise StartFailed(f"context {context}, {tried.server}: {bad.detail} {bad.remedy}".strip())
    write_private(copy, flat)
    return {
        "kind": "external",
        "why": f"context {context} of {kubeconfig}",
        "version": tried.version,
        "kubeconfig": str(copy),
        "server": tried.server,
        "kubectl": "kubectl",
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask once."""
    import json

    parser = argparse.ArgumentParser(prog="python -m deploy.local.external", description="A cluster that exists.")
    parser.add_argument("kubeconfig", type=Path)
    parser.add_argument("--ready-file", type=Path, required=True)
    asked = parser.parse_args(arguments)
    try:
        facts = facts_of(asked.kubeconfig, asked.ready_file.with_suffix(".kubeconfig").resolve())
    except StartFailed as error:
        print(error, file=sys.stderr)
        return 1
    write_private(asked.ready_file, json.dumps(facts) + "\n")
    print(f"{facts['why']}: {facts['server']}, {facts['version']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
