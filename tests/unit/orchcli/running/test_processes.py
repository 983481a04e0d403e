from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from orchcli import locks
from orchcli.errors import BrokenFile, InTheWay
from orchcli.project import Project
from orchcli.running import heal, processes, state
from orchcli.running.processes import Identity
from orchcli.running.state import ServiceState, State
from tests.support.wait import eventually

IDLE = [sys.executable, "-c", "import time\nwhile True: time.sleep(0.05)"]


def test_a_process_is_its_pid_and_its_start() -> None:
    child = subprocess.Popen(IDLE)
    who = processes.identify(child.pid)
    assert who is not None
    assert processes.is_running(who)
    assert processes.end([who], 10) == []
    assert not processes.is_running(who)
    child.wait()


def test_a_pid_that_was_given_to_somebody_else_is_never_signalled() -> None:
    child = subprocess.Popen(IDLE)
    earlier = Identity(child.pid, "00000000-1")
    assert not processes.send(earlier, signal.SIGKILL)
    assert processes.end([earlier], 1) == []
    assert child.poll() is None
    child.kill()
    child.wait()


def test_one_that_has_ended_and_was_not_collected_does_not_run() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    eventually(lambda: Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z")
    assert processes.identify(child.pid) is None
    child.wait()


REAPER = """
import subprocess, sys, time, os
from pathlib import Path
from orchcli.running.processes import Children, become_subreaper
assert become_subreaper()
children = Children()
waited = children.spawn([sys.executable, "-c", "raise SystemExit(7)"], env=os.environ, cwd=Path("."), output=None)
parent = children.spawn(
    [sys.executable, "-c", "import subprocess, sys; subprocess.Popen(['sleep', '0.5'], start_new_session=True)"],
    env=os.environ, cwd=Path("."), output=None)
parent.wait()
adopted = children.adopted()
assert len(adopted) == 1, adopted
deadline = time.monotonic() + 10
path = Path(f"/proc/{adopted[0].pid}")
while path.exists() and time.monotonic() < deadline:
    children.reap()
    time.sleep(0.02)
assert not path.exists()
print(waited.wait())
"""


def test_orphans_become_ours_and_are_collected_without_taking_exit_codes_from_others() -> None:
    done = subprocess.run([sys.executable, "-c", REAPER], capture_output=True, text=True, check=False, timeout=30)
    assert done.stdout == "7\n", done.stderr


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.prepare()
    return made


def running(project: Project, service: str) -> tuple[subprocess.Popen[bytes], Identity]:
    env = {**os.environ, processes.MARK: f"{project.mark}:{service}"}
    child = subprocess.Popen(IDLE, env=env, start_new_session=True)
    found = eventually(lambda: processes.carrying(f"{project.mark}:{service}"))
    return child, found[0]


def test_what_a_killed_supervisor_left_is_ended_whether_recorded_or_only_marked(project: Project) -> None:
    web, who = running(project, "web")
    worker, _ = running(project, "worker")
    state.write(project, State(services=[ServiceState("web", "ready", who.pid, who.started)]))
    said = heal.heal(project)
    assert web.wait(10) == -signal.SIGTERM
    assert worker.wait(10) == -signal.SIGTERM
    assert [line.split(" (")[0] for line in said] == ["ended what was left of web", "ended what was left of worker"]
    found = state.read(project)
    assert found is not None
    assert found.services[0].state == "stopped"
    assert found.services[0].pid is None
    assert heal.heal(project) == []


def test_healing_leaves_a_reused_pid_and_other_projects_alone(project: Project, tmp_path: Path) -> None:
    other = Project(tmp_path / "other")
    theirs, who = running(other, "web")
    state.write(project, State(services=[ServiceState("web", "ready", who.pid, "00000000-1")]))
    assert heal.heal(project) == []
    assert theirs.poll() is None
    theirs.kill()
    theirs.wait()


def test_a_broken_state_is_set_aside_and_named(project: Project) -> None:
    state.path_of(project).write_text("{")
    with pytest.raises(BrokenFile, match=r"state\.json\.broken-\d+"):
        state.read(project)
    assert state.read(project) is None
    assert len(list(project.home.glob("state.json.broken-*"))) == 1


def test_the_state_is_private_and_comes_back_as_it_was(project: Project) -> None:
    written = State(mode="production", supervisor=7, services=[ServiceState("web", "ready", 1, "a-1", restarts=2)])
    state.write(project, written)
    assert state.path_of(project).stat().st_mode & 0o777 == 0o600
    assert state.read(project) == written


HOLD = """
import sys, time
from pathlib import Path
from orchcli import locks
from orchcli.project import Project
project = Project(Path(sys.argv[1]))
with locks.changing(project, "start"):
    held = locks.take_supervisor(project)
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_lock_names_its_holder_and_is_free_when_the_holder_is_killed(project: Project) -> None:
    other = subprocess.Popen([sys.executable, "-c", HOLD, str(project.root)], stdout=subprocess.PIPE)
    assert other.stdout is not None
    assert other.stdout.readline() == b"held\n"
    with pytest.raises(InTheWay, match=rf"orchcli start \(pid {other.pid}\)"), locks.changing(project, "stop", 0.2):
        pass
    assert locks.supervisor_pid(project) == other.pid
    assert locks.take_supervisor(project) is None
    other.kill()
    other.wait()
    other.stdout.close()
    assert locks.supervisor_pid(project) is None
    with locks.changing(project, "stop", 0.2):
        lock = locks.take_supervisor(project)
        assert lock is not None
        lock.close()
