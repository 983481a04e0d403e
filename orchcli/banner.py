"""The table of addresses that a start ends with, made from what was really started; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchcli import __version__


def render(
    *,
    ports: Mapping[str, int],
    stores: set[str],
    values: Mapping[str, str],
    kube: Mapping[str, Any],
    kube_state: str,
    seconds: float,
    command: str,
    in_front: bool,
) -> list[str]:
    """
    Return the lines.

    :param ports: by service, of those that were started
    :param kube: facts of the cluster, empty while it is not ready
    :param kube_state: what to say while there are no facts
    """
    lines = [f"KubeOrch {__version__}   mode production, runtime local          ready in {seconds:.0f} s"]
    rows: list[tuple[str, str]] = []
    if "web" in ports:
        rows.append(("Web, API", values.get("KUBEORCH_WEB__BASE_URL") or f"http://127.0.0.1:{ports['web']}"))
    rows += _cluster(kube) if kube else [("Kubernetes", kube_state)]
    if "flower" in ports:
        rows.append(
            ("Flower", f"http://127.0.0.1:{ports['flower']}/flower/   user admin, KUBEORCH_FLOWER__PASSWORD of .env")
        )
    rows.append(("Redis", _store("redis", ports, stores)))
    rows.append(("MongoDB", _store("mongo", ports, stores)))
    width = max(len(name) for name, _ in rows)
    lines += [f"  {name.ljust(width)}  {text}" for name, text in rows]
    lines.append(f"Logs: {command} logs -f     all in .kubeorch/logs     state: {command} status")
    end = "Ctrl-C stops everything." if in_front else f"{command} stop ends everything."
    lines.append(f"First account = administrator: open the Web address and register.   {end}")
    return lines


def _cluster(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    kinds = {"node": 'real node "local"', "simulated": "simulated nodes", "external": "yours, by KUBECONFIG"}
    kind = str(facts["kind"])
    rows = [("Kubernetes", f"{facts['server']}   {kinds[kind]}, {facts['version']}")]
    if kind == "simulated":
        rows.append(("", f"pods only say that they run: {facts['why']}"))
    if kind != "external":
        rows.append(("", f"export KUBECONFIG={facts['kubeconfig']}   kubectl: {facts['kubectl']}"))
    return rows


def cluster_rows(facts: Mapping[str, Any]) -> list[str]:
    """Return the lines about a cluster that joins after the table was shown."""
    return [f"  {name.ljust(10)}  {text}" for name, text in _cluster(facts)]


def _store(name: str, ports: Mapping[str, int], stores: set[str]) -> str:
    if name in stores:
        return f"127.0.0.1:{ports[name]} (embedded)" if name in ports else "not started"
    setting = {"redis": "KUBEORCH_BROKER__URL", "mongo": "KUBEORCH_MONGO__URI"}[name]
    return f"yours, by {setting}"
