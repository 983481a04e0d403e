"""The environment of the platform's processes, made from settings, ports and embedded stores; pure."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from orchcli.errors import SettingsWrong, Usage

MONGO_URL, BROKER_URL, REDIS_URL = "KUBEORCH_MONGO__URI", "KUBEORCH_BROKER__URL", "KUBEORCH_REDIS__URL"


def _has(values: Mapping[str, str], name: str) -> bool:
    return bool(values.get(name) or values.get(f"{name}_FILE"))


def embedded(values: Mapping[str, str]) -> set[str]:
    """
    Return the stores that start on this machine: those whose address is not set.

    :raises SettingsWrong: one of the two addresses of Redis is set and the other is not
    """
    if _has(values, BROKER_URL) != _has(values, REDIS_URL):
        lacking = REDIS_URL if _has(values, BROKER_URL) else BROKER_URL
        raise SettingsWrong(
            f"{lacking} is missing: the other address of Redis is set", f"set {lacking} too, or neither"
        )
    stores = set()
    if not _has(values, BROKER_URL):
        stores.add("redis")
    if not _has(values, MONGO_URL):
        stores.add("mongo")
    return stores


def merge(process: Mapping[str, str], files: Mapping[str, str]) -> dict[str, str]:
    """Return the settings: the process environment stands above the files; PORT means the port of web."""
    values = {**files, **process}
    if process.get("PORT"):
        values["KUBEORCH_WEB__PORT"] = process["PORT"]
    return values


def build(
    values: Mapping[str, str], ports: Mapping[str, int], stores: set[str], bin_folder: str, metrics_folder: str
) -> dict[str, str]:
    """
    Return the whole environment of our processes.

    :param values: as `merge` gives them
    :param ports: what was chosen, by service
    :param stores: which are embedded
    """
    made = dict(values)
    made["PATH"] = f"{bin_folder}:{values.get('PATH', '/usr/local/bin:/usr/bin:/bin')}"
    made["PYTHONUNBUFFERED"] = "1"
    made["PROMETHEUS_MULTIPROC_DIR"] = metrics_folder
    for name in ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV"):
        made.pop(name, None)
    for service, port in ports.items():
        if service != "web":
            made[f"ORCHCLI_{service.upper()}_PORT"] = str(port)
    if "web" in ports:
        made["KUBEORCH_WEB__PORT"] = str(ports["web"])
        if not values.get("KUBEORCH_WEB__BASE_URL"):
            made["KUBEORCH_WEB__BASE_URL"] = f"http://127.0.0.1:{ports['web']}"
    if "redis" in stores:
        login = f":{quote(values['REDIS_PASSWORD'], safe='')}@"
        made[BROKER_URL] = f"redis://{login}127.0.0.1:{ports['redis']}/0"
        made[REDIS_URL] = f"redis://{login}127.0.0.1:{ports['redis']}/1"
    if "mongo" in stores:
        login = f"kubeorch:{quote(values['MONGO_ROOT_PASSWORD'], safe='')}@"
        where = f"127.0.0.1:{ports['mongo']}/kubeorch?replicaSet=rs0&authSource=admin"
        made[MONGO_URL] = f"mongodb://{login}{where}"
    if values.get("KUBEORCH_FLOWER__PASSWORD"):
        # only in the environment: argument lists are public
        made["FLOWER_BASIC_AUTH"] = f"admin:{values['KUBEORCH_FLOWER__PASSWORD']}"
    return made


def kube_kind(asked: str, kubeconfig: str | None, own: str) -> str:
    """
    Return the kind of Kubernetes: ``auto``, ``node``, ``simulated`` are started here, ``external`` is there already.

    :param kubeconfig: the value of KUBECONFIG; when it names our own cluster's file, as we tell people to set it, it
        asks for nothing else
    :raises Usage: an external one was asked for and KUBECONFIG names none
    """
    elsewhere = bool(kubeconfig) and kubeconfig != own
    if asked == "auto":
        return "external" if elsewhere else "auto"
    if asked == "external" and not elsewhere:
        raise Usage("--kube external needs KUBECONFIG, the file of the cluster to use", "KUBECONFIG=~/.kube/config")
    return asked
