from __future__ import annotations

import argparse
from dataclasses import dataclass, field

import pytest
import redis

from shared.processes.alive import LOOK_SECONDS, Verdict, ask_until, make_parser

YES, NO = Verdict(alive=True, reason="works"), Verdict(alive=False, reason="has not begun")


@dataclass
class Asked:
    """Answers in order, the last one for ever; time passes only while it is slept."""

    answers: list[Verdict | redis.RedisError]
    times: int = 0
    now: float = 100.0
    slept: list[float] = field(default_factory=list)

    def ask(self) -> Verdict:
        answer = self.answers[min(self.times, len(self.answers) - 1)]
        self.times += 1
        if isinstance(answer, Verdict):
            return answer
        raise answer

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def until(self, wait_seconds: float) -> Verdict:
        return ask_until(self.ask, wait_seconds, clock=lambda: self.now, sleep=self.sleep)


def test_who_is_alive_is_asked_once() -> None:
    asked = Asked([YES])
    assert (asked.until(60.0), asked.times, asked.slept) == (YES, 1, [])


def test_it_is_asked_again_until_the_answer_is_yes() -> None:
    asked = Asked([NO, NO, YES])
    assert (asked.until(60.0), asked.times, asked.slept) == (YES, 3, [LOOK_SECONDS] * 2)


def test_the_last_answer_counts_when_the_time_is_over() -> None:
    asked = Asked([NO])
    assert asked.until(1.0) == NO
    assert asked.now == pytest.approx(101.0, abs=2 * LOOK_SECONDS)


def test_redis_that_does_not_answer_is_a_reason_and_asked_again() -> None:
    asked = Asked([redis.ConnectionError("refused"), YES])
    assert asked.until(60.0) == YES
    gone = Asked([redis.ConnectionError("refused")])
    assert gone.until(0.5) == Verdict(alive=False, reason="Redis does not answer: refused")


def test_the_arguments_are_the_same_for_all() -> None:
    parser = make_parser("some.module", "Does it live?")
    assert parser.prog == "python -m some.module"
    assert parser.parse_args([]) == argparse.Namespace(after=0.0, wait=0.0)
    assert parser.parse_args(["--after", "12.5", "--wait", "3"]) == argparse.Namespace(after=12.5, wait=3.0)
