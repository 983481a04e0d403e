"""docker-compose.yml, its overlays and the image keep their rules (docs/install.md)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.settings_docs import COMPOSE as OWN_NAMES
from deploy.settings_docs import ENV_EXAMPLE, GENERATED, STORES
from shared.settings import PREFIX, setting_names
from tests.support.files import COMPOSE_FILE, ROOT

OVERLAYS = sorted((ROOT / "deploy" / "compose").glob("*.yml"))
FILES = [COMPOSE_FILE, *OVERLAYS]
TEXTS = {path: path.read_text(encoding="utf-8") for path in FILES}
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(TEXTS[COMPOSE_FILE])["services"]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
REMEDY = ":?run: orchcli env check"
SECRETS = {f"{PREFIX}{name}" for name in GENERATED} | set(STORES)
VARIABLE = re.compile(r"(?<!\$)\$\{([A-Za-z_]+)((?::[-?])?[^${}]*)")
FIXED = {"WEB__PORT", "WEB__UI_DIRECTORY", "PROCESS_INDEX", "FLOWER__PASSWORD"}
"""Settings that have one value inside a container, or belong to one process."""

services = pytest.mark.parametrize("name", SERVICES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_has_a_name_that_two_projects_would_share(path: Path) -> None:
    document = yaml.safe_load(TEXTS[path])
    assert not {"version", "name", "networks"} & set(document)
    assert "container_name" not in TEXTS[path]
    for volume in (document.get("volumes") or {}).values():
        assert volume is None


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_port_is_published_on_loopback(path: Path) -> None:
    for name, service in yaml.safe_load(TEXTS[path])["services"].items():
        for port in service.get("ports", []):
            assert isinstance(port, str), name
            assert port.startswith("127.0.0.1:"), name
        assert "network_mode" not in service, name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_variable_is_in_the_example_and_has_a_remedy(path: Path) -> None:
    example = set(re.findall(r"^#?([A-Z_]+)=", ENV_EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE))
    for name, rest in VARIABLE.findall(TEXTS[path]):
        assert name in example, name
        if name in SECRETS:
            assert rest == REMEDY, name
        else:
            assert rest.startswith(":-"), name
    assert not re.search(r"(?<!\$)\$[A-Za-z_]", TEXTS[path])


def test_defaults_are_those_of_the_example() -> None:
    for name, (default, _) in OWN_NAMES.items():
        assert set(re.findall(rf"\${{{name}:-([^}}]*)}}", TEXTS[COMPOSE_FILE])) == {default}, name
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert OWN_NAMES["IMAGE_TAG"][0] == project["version"]


@services
def test_every_service_has_a_health_check(name: str) -> None:
    if name == "release":
        assert SERVICES[name]["restart"] == "no"
        return
    check = SERVICES[name]["healthcheck"]
    assert check["test"][0] in {"CMD", "CMD-SHELL"}
    assert len(check["test"]) > 1
    assert {"interval", "timeout", "retries", "start_period"} <= set(check)
    assert SERVICES[name]["restart"] == "unless-stopped"


@services
def test_every_service_may_do_no_more_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["init"] is True
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    user, group = service["user"].split(":")
    assert int(user) > 0 < int(group)
    assert not {"privileged", "cap_add", "pid", "ipc", "devices"} & set(service)
    assert not any("docker.sock" in volume for volume in service.get("volumes", []))


@services
def test_every_service_is_bounded(name: str) -> None:
    service = SERVICES[name]
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
    assert service["logging"] == {"driver": "json-file", "options": {"max-size": "10m", "max-file": "5"}}
    assert all("size=" in one for one in service["tmpfs"])


@services
def test_every_dependency_has_a_condition(name: str) -> None:
    for other, rule in SERVICES[name].get("depends_on", {}).items():
        wanted = "service_completed_successfully" if other == "release" else "service_healthy"
        assert rule == {"condition": wanted}
        assert other in SERVICES


@services
def test_no_image_floats(name: str) -> None:
    _, _, tag = SERVICES[name]["image"].partition(":")
    assert tag
    assert "latest" not in tag


def test_containers_can_have_every_setting_and_no_other() -> None:
    known = {f"{PREFIX}{name}" for name, _, _ in setting_names()}
    fixed = {f"{PREFIX}{name}" for name in FIXED}
    for name in ("release", "web", "worker", "worker-builds", "watcher", "beat", "flower"):
        given = {one for one in SERVICES[name]["environment"] if one.startswith(PREFIX)}
        assert given == known - fixed, name


def test_stores_get_their_own_secrets_only() -> None:
    for name in ("redis", "mongo"):
        assert not [one for one in SERVICES[name]["environment"] if one.startswith(PREFIX)]
    for name in SERVICES.keys() - {"redis", "mongo"}:
        assert not set(STORES) & set(SERVICES[name]["environment"])


@pytest.mark.parametrize("path", OVERLAYS, ids=lambda path: path.name)
def test_overlays_add_to_services_that_exist(path: Path) -> None:
    assert set(yaml.safe_load(TEXTS[path])["services"]) <= set(SERVICES)


def test_the_image_installs_by_hash_and_runs_as_nobody_special() -> None:
    assert "--require-hashes" in DOCKERFILE
    assert "npm ci" in DOCKERFILE
    bases = re.findall(r"^ARG \w+_IMAGE=(\S+)$", DOCKERFILE, re.MULTILINE)
    assert all(re.fullmatch(r"[a-z]+:\d[\w.-]*", base) for base in bases), bases
    assert re.findall(r"^FROM (?:--platform=\$BUILDPLATFORM )?(\S+)", DOCKERFILE, re.MULTILINE) == [
        "${NODE_IMAGE}",
        "${PYTHON_IMAGE}",
        "${PYTHON_IMAGE}",
    ]
    user = re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)
    assert user == [SERVICES["web"]["user"]]


def test_what_the_image_copies_is_there_and_not_ignored() -> None:
    allowed = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text(encoding="utf-8").split()
    assert allowed[0] == "*"
    for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert any(f"!{source.rstrip('/')}".startswith(one) for one in allowed if one[0] == "!"), source
