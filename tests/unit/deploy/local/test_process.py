from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.local.process import StartFailed, launch, wait_until, write_private
from tests.support.wait import eventually

SERVE = """
import sys, pathlib
from deploy.local.process import launch, serve
folder = pathlib.Path(sys.argv[1])
class Sleeper:
    def __init__(self): self.program = launch("sleep", ["sleep", "60"])
    def failure(self): return self.program.failure()
    def facts(self): return {"pid": self.program.pid}
    def stop(self):
        self.program.stop()
        (folder / "stopped").touch()
sys.exit(serve(Sleeper, folder / "ready"))
"""


def lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def serve(folder: Path) -> tuple[subprocess.Popen[str], int]:
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(folder)], stderr=subprocess.PIPE, text=True)
    eventually((folder / "ready").exists)
    pid: int = json.loads((folder / "ready").read_text())["pid"]
    return process, pid


def test_a_program_is_ended_and_says_how(tmp_path: Path) -> None:
    program = launch("sleep", ["sleep", "60"], log=tmp_path / "log")
    assert program.failure() is None
    program.stop()
    program.stop()
    assert "sleep ended with -15" in str(program.failure())


def test_a_program_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    program = launch("deaf", ["sh", "-c", f"trap '' TERM; touch {ready}; while :; do sleep 0.05; done"])
    eventually(ready.exists)
    program.stop(0.3)
    assert program.popen.returncode == -signal.SIGKILL


def test_configuration_goes_through_standard_input(tmp_path: Path) -> None:
    program = launch("cat", ["cat"], log=tmp_path / "log", standard_input="password hunter2\n")
    program.popen.wait(10)
    assert (tmp_path / "log").read_text() == "password hunter2\n"


def test_waiting_ends_with_the_program_and_shows_its_log(tmp_path: Path) -> None:
    program = launch("broken", ["sh", "-c", "echo the disk is full; exit 3"], log=tmp_path / "log")
    with pytest.raises(StartFailed, match=r"(?s)broken ended with 3.*the disk is full"):
        wait_until(lambda: False, program, "broken", 10)


def test_waiting_ends_in_time_and_stops_the_program(tmp_path: Path) -> None:
    program = launch("slow", ["sleep", "60"], log=tmp_path / "log")
    with pytest.raises(StartFailed, match="slow did not answer within 0 s"):
        wait_until(lambda: False, program, "slow", 0.1)
    assert program.popen.returncode is not None


def test_a_private_file_is_its_owner_s_and_replaces_the_former(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret"
    write_private(path, "one")
    write_private(path, "two")
    assert path.read_text() == "two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_service_ends_well_when_it_is_told_to(tmp_path: Path, number: signal.Signals) -> None:
    process, pid = serve(tmp_path)
    process.send_signal(number)
    assert process.wait(10) == 0
    assert (tmp_path / "stopped").exists()
    assert not (tmp_path / "ready").exists()
    assert not lives(pid)
    process.communicate()


def test_a_service_that_dies_is_an_error(tmp_path: Path) -> None:
    process, pid = serve(tmp_path)
    os.kill(pid, signal.SIGKILL)
    _, complaint = process.communicate(timeout=10)
    assert process.returncode == 1
    assert "sleep ended with -9" in complaint


def test_programs_end_with_a_starter_that_was_killed(tmp_path: Path) -> None:
    process, pid = serve(tmp_path)
    process.kill()
    process.communicate()
    eventually(lambda: not lives(pid), timeout=5)


def test_a_program_outlives_the_thread_that_asked_for_it(tmp_path: Path) -> None:
    from threading import Thread

    programs = []
    thread = Thread(target=lambda: programs.append(launch("sleep", ["sleep", "60"])))
    thread.start()
    thread.join()
    time.sleep(0.3)
    assert programs[0].failure() is None
    programs[0].stop()
