"""The package costs a process memory and a moment: who talks to no cluster does not load it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.guards.test_requirements import example_settings
from tests.support.files import ROOT

PROCESSES = ["web.app", "worker.celery_app", "beat.schedule", "shared.kubernetes.client", "shared.clusters.actions"]


def is_loaded_after(code: str) -> bool:
    environment = {"PATH": os.defpath, **example_settings()}
    command = [sys.executable, "-c", f"import sys, {code}; print('kubernetes' in sys.modules)"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=ROOT)
    assert ended.stderr == ""
    return {"True\n": True, "False\n": False}[ended.stdout]


@pytest.mark.parametrize("module", PROCESSES)
def test_a_process_that_connects_to_no_cluster_does_not_load_it(module: str) -> None:
    assert not is_loaded_after(module)


def test_a_worker_loads_it_before_it_forks() -> None:
    ready = "celery.signals, worker.celery_app; celery.signals.celeryd_after_setup.send(None, instance=None, conf=None)"
    assert is_loaded_after(ready)
