from __future__ import annotations

import inspect
import re
import subprocess
from pathlib import Path

import click
import pytest

from orchcli import errors
from orchcli.cli import COMMANDS, cli
from orchcli.errors import CliError, NotFound
from orchcli.project import Project
from orchcli.running import procfile, services, specs
from orchcli.running.supervisor import waves
from shared.queues import QueueName
from tests.support.files import ROOT


def test_every_service_has_its_entry_in_the_procfile_that_the_table_names() -> None:
    for file in {service.procfile for service in services.SERVICES}:
        named = [service.name for service in services.SERVICES if service.procfile == file]
        assert sorted(procfile.read(ROOT / file)) == sorted(named)


def test_every_queue_is_consumed_by_the_process_that_the_table_names() -> None:
    consumed: dict[str, list[str]] = {}
    for name, command in procfile.read(ROOT / "Procfile").items():
        found = re.search(r"-Q (\S+)", command)
        if found:
            consumed[name] = found[1].split(",")
    assert consumed == {one.name: list(one.queues) for one in services.SERVICES if one.queues}
    assert sorted(queue for queues in consumed.values() for queue in queues) == sorted(
        queue.value for queue in QueueName
    )


def test_the_order_of_the_table_is_an_order_of_starting() -> None:
    placed: set[str] = set()
    for service in services.SERVICES:
        assert set(service.after) <= placed, service.name
        placed.add(service.name)


def test_stores_come_first_and_beat_ends_before_the_workers() -> None:
    order = waves({service.name: service.after for service in services.SERVICES})
    assert order == [
        ["redis", "mongo", "kube"],
        ["release"],
        ["worker", "worker-builds", "watcher"],
        ["web"],
        ["beat"],
        ["flower"],
    ]


def test_services_that_come_after_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="after each other"):
        waves({"a": ("b",), "b": ("a",)})


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("web",), ["web"]),
        (("mongodb",), ["mongo"]),
        (("core",), ["worker", "worker-builds", "watcher", "web", "beat"]),
        (("web", "infra"), ["redis", "mongo", "kube", "web"]),
        ((), [service.name for service in services.SERVICES]),
    ],
)
def test_words_mean_services_in_start_order(words: tuple[str, ...], names: list[str]) -> None:
    assert services.resolve(words) == names


def test_an_unknown_service_is_named_with_those_that_exist() -> None:
    with pytest.raises(NotFound, match='"shop"') as caught:
        services.resolve(("shop",))
    assert "worker-builds" in caught.value.remedy


@pytest.mark.parametrize(
    ("stores", "kube", "missing"),
    [
        ({"redis", "mongo"}, "auto", set()),
        ({"redis"}, "simulated", {"mongo"}),
        (set(), "external", {"redis", "mongo", "kube"}),
        ({"redis", "mongo"}, "none", {"kube"}),
    ],
)
def test_only_what_is_embedded_starts_here(stores: set[str], kube: str, missing: set[str]) -> None:
    every = services.resolve(())
    chosen = [service.name for service in specs.select(stores, kube, every)]
    assert chosen == [name for name in every if name not in missing]


def every_error() -> list[type[CliError]]:
    return [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, CliError)]


def test_each_error_has_a_code_of_its_own_and_an_exit_code_of_the_table() -> None:
    codes = [kind.code for kind in every_error()]
    assert len(codes) == len(set(codes))
    table = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 20, 130, 143}
    assert {kind.exit_code for kind in every_error()} <= table


def test_each_command_of_the_list_can_be_imported_and_explains_itself() -> None:
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        assert command.help


def test_commands_run_the_program_itself_so_that_signals_reach_it() -> None:
    assert procfile.shell_words("celery -n w${N:-1}@%h") == ["/bin/sh", "-c", "exec celery -n w${N:-1}@%h"]


def test_a_procfile_that_lacks_a_service_is_named(tmp_path: Path) -> None:
    (tmp_path / "deploy/local").mkdir(parents=True)
    (tmp_path / "Procfile").write_text("web: sleep 1\n")
    (tmp_path / "deploy/local/Procfile").write_text("redis: sleep 1\n")

    def spawn(*_: object, **__: object) -> subprocess.Popen[bytes]:
        pytest.fail("nothing is started")

    ground = specs.StartContext(Project(tmp_path), {}, {}, spawn)
    with pytest.raises(errors.BrokenFile, match="Procfile has no entry beat"):
        specs.make_all([services.by_name("beat")], ground)


@pytest.mark.parametrize("text", ["web\n", "web:\n", ": x\n", "a: b\na: c\n"])
def test_a_line_that_is_no_entry_is_named_with_its_number(text: str) -> None:
    with pytest.raises(errors.BrokenFile, match=r"Procfile:\d"):
        procfile.parse(text)


def test_comments_and_empty_lines_of_a_procfile_are_passed_over() -> None:
    assert procfile.parse("# what runs\n\n web:  a --b=c: d \n") == {"web": "a --b=c: d"}
