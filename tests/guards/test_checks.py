"""A commit, `make lint` and CI check the same."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests import run
from tests.support.files import ROOT

HOOKS: list[dict[str, Any]] = [
    hook
    for repository in yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    for hook in repository["hooks"]
]


def test_hooks_come_from_this_repository_alone() -> None:
    document = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repository["repo"] for repository in document["repos"]] == ["local"]
    for hook in HOOKS:
        assert hook["language"] == "system", hook["id"]
        assert hook["pass_filenames"] is False, hook["id"]


def test_a_commit_is_checked_by_what_the_static_tier_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    def check(*command: str, **_more: object) -> run.Count:
        ran.append(" ".join(command))
        return run.Count(passed=1)

    def ui(script: str) -> run.Count:
        ran.append(f"npm --prefix ui run --silent {script}")
        return run.Count(passed=1)

    monkeypatch.setattr(run, "check", check)
    monkeypatch.setattr(run, "ui", ui)
    run.static()
    assert [hook["entry"].removeprefix(".venv/bin/") for hook in HOOKS] == ran


def test_lint_and_ci_run_the_static_tier() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^lint:.*\n\t.*python -m tests\.run static$", makefile, re.MULTILINE)
    assert re.search(r"^test:.*\n\t.*python -m tests\.run$", makefile, re.MULTILINE)
    assert next(iter(run.TIERS)) == "static"
