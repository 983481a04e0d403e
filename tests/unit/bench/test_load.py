from __future__ import annotations

import pytest

from bench.callers import Call
from bench.load import Measured, Ratio, of_calls, parse_wrk, ratio, seconds_of

SAID = """Running 2s test @ http://127.0.0.1:45123/v1
  1 threads and 16 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    45.60ms   99.52ms 904.20ms   90.03%
    Req/Sec   630.95    118.53     0.87k    65.00%
  Latency Distribution
     50%    8.60ms
     75%   25.11ms
     90%  132.40ms
     99%    1.03s
  1262 requests in 2.00s, 586.36KB read
Requests/sec:    630.74
Transfer/sec:    293.06KB
"""
REFUSED = SAID.replace(
    "Requests/sec",
    "  Socket errors: connect 1, read 2, write 0, timeout 4\n  Non-2xx or 3xx responses: 35\nRequests/sec",
)


def test_what_wrk_says_is_read() -> None:
    found = parse_wrk(SAID)
    assert (found.per_second, found.p50, found.p99) == pytest.approx((630.74, 0.0086, 1.03))
    assert found.refused == 0


def test_refusals_and_broken_connections_of_wrk_are_counted() -> None:
    assert parse_wrk(REFUSED).refused == 42


def test_wrk_that_says_something_else_is_an_error() -> None:
    with pytest.raises(ValueError, match="unable to connect"):
        parse_wrk("unable to connect to 127.0.0.1:1 Connection refused\n")


@pytest.mark.parametrize(
    ("text", "seconds"), [("813.00us", 0.000813), ("4.20ms", 0.0042), ("1.03s", 1.03), ("2m", 120)]
)
def test_times_of_wrk_are_read(text: str, seconds: float) -> None:
    assert seconds_of(text) == pytest.approx(seconds)


def test_a_time_in_a_unit_that_is_not_known_is_an_error() -> None:
    with pytest.raises(ValueError, match="no time: 3h"):
        seconds_of("3h")


def test_calls_become_figures_and_all_that_are_not_2xx_are_refused() -> None:
    calls = [Call(200, number / 100) for number in range(97)] + [Call(409, 0.97), Call(0, 0.98), Call(304, 0.99)]
    assert of_calls(calls, 2.0) == Measured(50.0, 0.5, 0.99, refused=3)


def test_no_calls_are_no_figures() -> None:
    assert of_calls([], 2.0) == Measured(0.0, 0.0, 0.0)


def test_a_ratio_is_the_middle_of_those_of_the_rounds() -> None:
    # the middle of each alone would be 2 / 2
    assert ratio([1.0, 2.0, 9.0], [2.0, 10.0, 1.0]) == Ratio(0.5, 0.2, 9.0)


def test_a_ratio_shows_its_range() -> None:
    assert str(Ratio(0.5, 0.25, 1.0)) == "0.50 (0.25-1.00)"
