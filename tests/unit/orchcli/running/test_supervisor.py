from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from orchcli.errors import NotReady, ServiceFailed
from orchcli.running import processes
from orchcli.running.keeper import Keeper, Phase, Spec, is_crash_loop, pause_before
from orchcli.running.probes import FunctionProbe
from orchcli.running.processes import Children
from orchcli.running.supervisor import Stopping, Supervisor
from tests.support.files import ROOT
from tests.support.wait import eventually

IDLE = "import time\nwhile True: time.sleep(0.05)"
STUBBORN = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('deaf', flush=True)\n" + IDLE


class Ground:
    """Makes specs of small Python programs, and ends what a failed test left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.events = folder / "events"
        self.mark = f"test-{os.getpid()}-{time.monotonic_ns()}"
        self.supervisors: list[Supervisor] = []

    def spec(self, name: str, code: str = IDLE, *, gate: str | None = None, **more: Any) -> Spec:
        """A program that notes when it starts and when it is told to end; its gate is a file that it makes."""
        if gate is not None:
            path = self.folder / gate
            more["probe"] = lambda _since: FunctionProbe(lambda: None if path.exists() else f"{gate} is missing")
        note = f"import os\nevents = open({str(self.events)!r}, 'a', buffering=1)\nevents.write('start {name}\\n')\n"
        return Spec(
            name=name,
            command=[sys.executable, "-c", note + code],
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            cwd=self.folder,
            log=self.folder / f"{name}.log",
            mark=f"{self.mark}:{name}",
            **more,
        )

    def supervise(self, *specs: Spec, on_change: Callable[[Keeper], None] | None = None) -> Supervisor:
        supervisor = Supervisor(list(specs), Children(), on_change)
        self.supervisors.append(supervisor)
        return supervisor

    def told(self) -> list[str]:
        return self.events.read_text().splitlines() if self.events.exists() else []

    def left(self) -> list[int]:
        return [who.pid for who in processes.carrying(f"{self.mark}:")]


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    made = Ground(tmp_path)
    yield made
    for supervisor in made.supervisors:
        supervisor.hurry.set()
        supervisor.stop()
    assert made.left() == []


def ending(name: str) -> str:
    """Code that notes its end."""
    return (
        "import signal, sys, time\n"
        f"def end(*_):\n    events.write('end {name}\\n')\n    sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\n"
    )


def test_each_waits_for_the_gate_of_the_one_before_and_the_end_is_the_reverse(ground: Ground) -> None:
    ready = "import pathlib\ntime.sleep(0.3)\nevents.write('ready {0}\\n')\npathlib.Path('{0}').touch()\n"
    names = ["store", "worker", "web"]
    specs = [
        ground.spec(name, ending(name) + ready.format(name) + IDLE, gate=name, after=tuple(names[:index]))
        for index, name in enumerate(names)
    ]
    supervisor = ground.supervise(*reversed(specs))
    supervisor.start()
    supervisor.wait_ready(names, 20)
    assert supervisor.stop() == []
    assert ground.told() == [
        *(f"{what} {name}" for name in names for what in ("start", "ready")),
        *(f"end {name}" for name in reversed(names)),
    ]


def test_what_must_run_once_lets_the_next_begin_when_it_has_ended_well(ground: Ground) -> None:
    release = ground.spec("release", "print('20 changes')", once=True)
    web = ground.spec("web", after=("release",))
    supervisor = ground.supervise(release, web)
    supervisor.start()
    supervisor.wait_ready(["release", "web"], 20)
    assert supervisor.keepers["release"].phase is Phase.DONE
    assert list(supervisor.keepers["release"].tail) == ["20 changes"]


def test_what_must_run_once_and_fails_is_not_tried_again_and_shows_its_end(ground: Ground) -> None:
    release = ground.spec("release", "print('no such index'); raise SystemExit(3)", once=True)
    web = ground.spec("web", after=("release",))
    supervisor = ground.supervise(release, web)
    supervisor.start()
    with pytest.raises(ServiceFailed, match="release ended with 3\n    no such index"):
        supervisor.wait_ready(["web", "release"], 20)
    assert ground.told() == ["start release"]


def test_a_gate_that_stays_shut_is_named_with_what_is_missing(ground: Ground) -> None:
    supervisor = ground.supervise(ground.spec("web", gate="never"), ground.spec("beat", after=("web",)))
    supervisor.start()
    with pytest.raises(NotReady, match="web not ready within 1 s: never is missing"):
        supervisor.wait_ready(["beat", "web"], 1)


def test_waiting_ends_when_everything_is_to_end(ground: Ground) -> None:
    supervisor = ground.supervise(ground.spec("web", gate="never"))
    supervisor.start()
    threading.Timer(0.2, supervisor.ask_stop, ["test"]).start()
    with pytest.raises(Stopping):
        supervisor.wait_ready(["web"], 20)


def test_what_ends_is_started_again_after_a_pause(ground: Ground) -> None:
    phases: list[tuple[str, str]] = []
    supervisor = ground.supervise(
        ground.spec("web"), on_change=lambda keeper: phases.append((keeper.phase.value, keeper.note))
    )
    supervisor.start()
    keeper = supervisor.keepers["web"]
    first = eventually(lambda: keeper.identity if keeper.phase is Phase.READY else None)
    assert first is not None
    os.kill(first.pid, signal.SIGKILL)
    eventually(lambda: keeper.phase is Phase.READY and keeper.identity not in {None, first})
    assert keeper.restarts == 1
    assert ("restarting", "ended by SIGKILL; again in 1 s") in phases


def test_pauses_grow_to_half_a_minute() -> None:
    assert [pause_before(number) for number in range(1, 8)] == [1, 2, 4, 8, 16, 30, 30]


def test_five_ends_within_a_minute_are_a_crash_loop() -> None:
    assert is_crash_loop([0, 10, 20, 30, 40], 40)
    assert not is_crash_loop([0, 10, 20, 30], 40)
    assert not is_crash_loop([0, 10, 20, 30, 61], 61)


def test_a_crash_loop_is_given_up_with_the_last_lines(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchcli.running.keeper.pause_before", lambda _number: 0.01)
    code = "import sys\nfor n in range(30): print('line', n)\nsys.exit(1)"
    supervisor = ground.supervise(ground.spec("web", code, gate="never"))
    supervisor.start()
    culprit = supervisor.run(lambda _keeper: False)
    assert culprit is supervisor.keepers["web"]
    assert culprit.note == "ended with 1; 5 times, given up"
    assert list(culprit.tail) == [f"line {number}" for number in range(10, 30)]
    assert ground.told() == ["start web"] * 5


def test_what_the_platform_can_do_without_is_not_tried_again_before_it_was_ready(ground: Ground) -> None:
    supervisor = ground.supervise(ground.spec("kube", "raise SystemExit(1)", gate="never", required=False))
    supervisor.start()
    keeper = supervisor.keepers["kube"]
    eventually(lambda: keeper.phase is Phase.FAILED)
    assert ground.told() == ["start kube"]


def test_what_does_not_hear_is_killed_after_its_grace(ground: Ground) -> None:
    supervisor = ground.supervise(ground.spec("worker", STUBBORN, grace=0.5))
    supervisor.start()
    keeper = supervisor.keepers["worker"]
    eventually(lambda: "deaf" in keeper.tail)
    began = time.monotonic()
    assert supervisor.stop() == ["worker"]
    assert 0.4 < time.monotonic() - began < 5


def test_in_a_hurry_nobody_gets_its_grace(ground: Ground) -> None:
    supervisor = ground.supervise(ground.spec("worker", STUBBORN, grace=60))
    supervisor.start()
    keeper = supervisor.keepers["worker"]
    eventually(lambda: "deaf" in keeper.tail)
    supervisor.ask_stop("SIGINT")
    threading.Timer(0.3, supervisor.ask_stop, ["SIGINT"]).start()
    began = time.monotonic()
    assert supervisor.stop() == ["worker"]
    assert time.monotonic() - began < 10


CHILDREN = """
import subprocess, sys, time
idle = [sys.executable, "-c", "import time\\nwhile True: time.sleep(0.05)"]
subprocess.Popen(idle)
subprocess.Popen(idle, start_new_session=True)
# one whose parent ends, so that it belongs to nobody
orphan = "import subprocess, sys; subprocess.Popen(sys.argv[1:], start_new_session=True)"
subprocess.run([sys.executable, "-c", orphan, *idle])
print("three", flush=True)
"""


def test_grandchildren_end_with_it_also_those_in_sessions_of_their_own(ground: Ground) -> None:
    supervisor = ground.supervise(ground.spec("worker", CHILDREN + IDLE))
    supervisor.start()
    keeper = supervisor.keepers["worker"]
    eventually(lambda: "three" in keeper.tail)
    assert len(ground.left()) == 4
    supervisor.stop()
    assert ground.left() == []


def test_grandchildren_of_one_that_died_are_gone_before_it_starts_again(ground: Ground) -> None:
    supervisor = ground.supervise(ground.spec("worker", CHILDREN + IDLE))
    supervisor.start()
    keeper = supervisor.keepers["worker"]
    eventually(lambda: "three" in keeper.tail)
    first = set(ground.left())
    assert keeper.identity is not None
    os.kill(keeper.identity.pid, signal.SIGKILL)
    eventually(lambda: list(keeper.tail).count("three") == 2)
    assert not first & set(ground.left())


def test_a_flood_of_output_reaches_the_log_whole_and_ends_with_the_service(ground: Ground) -> None:
    heard: list[str] = []
    code = "import sys\nfor n in range(50000): print('line', n, 'x' * 50)\nprint('end of flood', flush=True)\n" + IDLE
    supervisor = ground.supervise(ground.spec("web", code, on_line=lambda _name, text: heard.append(text)))
    supervisor.start()
    eventually(lambda: heard and heard[-1] == "end of flood", timeout=30)
    supervisor.stop()
    assert len(heard) == 50001
    assert len((ground.folder / "web.log").read_text().splitlines()) == 50001


def test_one_service_stops_and_starts_while_the_others_run(ground: Ground) -> None:
    supervisor = ground.supervise(ground.spec("web"), ground.spec("beat", after=("web",)))
    supervisor.start()
    supervisor.wait_ready(["web", "beat"], 20)
    beat = supervisor.keepers["beat"].identity
    supervisor.stop(["web"])
    assert supervisor.keepers["web"].phase is Phase.STOPPED
    assert supervisor.keepers["beat"].identity == beat
    supervisor.start(["web"])
    supervisor.wait_ready(["web"], 20)
    assert supervisor.keepers["beat"].identity == beat


def test_a_gate_gets_the_time_of_the_start_so_that_an_earlier_one_does_not_count(ground: Ground) -> None:
    times: list[float] = []

    def probe(since: float) -> FunctionProbe:
        times.append(since)
        return FunctionProbe(lambda: None)

    before = time.time()
    supervisor = ground.supervise(ground.spec("web", probe=probe))
    supervisor.start()
    supervisor.wait_ready(["web"], 20)
    assert before <= times[0] <= time.time()


OBEY = """
import os, signal, sys, time
from pathlib import Path
from orchcli.running.processes import Children
from orchcli.running.supervisor import Supervisor
supervisor = Supervisor([], Children())
supervisor.obey_signals()
for word in sys.argv[1:]:
    if word == "pause":
        time.sleep(0.4)
    else:
        os.kill(os.getpid(), getattr(signal, word))
print(supervisor.reason, supervisor.hurry.is_set())
"""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["SIGINT"], "SIGINT False"),
        (["SIGINT", "pause", "SIGINT"], "SIGINT True"),
        # the same one, handed on by whoever started us
        (["SIGINT", "SIGINT"], "SIGINT False"),
        (["SIGTERM", "SIGTERM"], "SIGTERM False"),
        (["SIGTERM", "pause", "SIGTERM"], "SIGTERM False"),
        (["SIGTERM", "pause", "SIGINT"], "SIGTERM True"),
        (["SIGHUP", "SIGHUP"], "SIGHUP False"),
    ],
)
def test_only_a_person_who_presses_twice_is_in_a_hurry(words: list[str], said: str) -> None:
    command = [sys.executable, "-c", OBEY, *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == said, done.stderr
