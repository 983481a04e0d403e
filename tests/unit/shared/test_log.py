from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from shared.log import REDACTED, bind_context, clear_context, configure, get_logger


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:], root.level = handlers, level
    clear_context()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_is_json_with_what_was_bound(capsys: pytest.CaptureFixture[str]) -> None:
    configure("worker", fmt="json", version="1.2.3")
    bind_context(request_id="r1")
    get_logger("tests").info("run_finished", run_id="x", duration_seconds=1.5)
    (line,) = lines(capsys)
    assert line["event"] == "run_finished"
    assert (line["process"], line["version"], line["request_id"], line["run_id"]) == ("worker", "1.2.3", "r1", "x")
    assert line["level"] == "info"
    assert str(line["timestamp"]).endswith("Z")


def test_libraries_write_the_same_lines(capsys: pytest.CaptureFixture[str]) -> None:
    configure("web", fmt="json")
    logging.getLogger("some.library").warning("careful %s", "now")
    (line,) = lines(capsys)
    assert (line["event"], line["process"], line["logger"]) == ("careful now", "web", "some.library")


@pytest.mark.parametrize("key", ["password", "access_token", "Authorization", "kubeconfig", "client_secret", "cookie"])
def test_values_under_secret_names_are_masked(capsys: pytest.CaptureFixture[str], key: str) -> None:
    configure("web", fmt="json")
    get_logger("tests").warning("odd", **{key: "hunter2"})
    (line,) = lines(capsys)
    assert line[key] == REDACTED


def test_passwords_in_addresses_are_masked(capsys: pytest.CaptureFixture[str]) -> None:
    configure("web", fmt="json")
    get_logger("tests").warning("odd", url="redis://user:hunter2@host:1/0")
    (line,) = lines(capsys)
    assert line["url"] == f"redis://user:{REDACTED}@host:1/0"


def test_a_trace_is_kept_and_masked_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure("web", fmt="json")
    try:
        int("mongodb://u:hunter2@h/db")
    except ValueError:
        get_logger("tests").exception("failed")
    (line,) = lines(capsys)
    assert "ValueError" in str(line["exception"])
    assert "hunter2" not in str(line)
