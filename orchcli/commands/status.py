"""``orchcli status``: a pure snapshot at what runs; installs and starts nothing."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

import click

from orchcli import envfile, environment, locks, output
from orchcli.cli import Options, shared
from orchcli.errors import Unhealthy
from orchcli.project import Project
from orchcli.running import probes, processes, services, state
from orchcli.running.state import ServiceState, State

_UP = {"ready", "done"}


@click.command("status")
@click.option("--watch", is_flag=True, help="again every two seconds until Ctrl-C")
@shared
@click.pass_obj
def command(options: Options, /, *, watch: bool) -> int:
    """Show each service with its state and health, where it listens, and what else is known of the platform."""
    project = options.find()
    while True:
        seen = snapshot(project)
        if options.as_json:
            output.result("status", seen)
        else:
            if watch:
                click.clear()
            output.say("\n".join(lines(seen)))
        if not watch:
            return _code(seen)
        time.sleep(2.0)


def _code(seen: dict[str, Any]) -> int:
    bad = [one for one in seen["services"] if one["health"] not in {"ok", "-"}]
    return Unhealthy.exit_code if bad or not seen["running"] else 0


def snapshot(project: Project) -> dict[str, Any]:
    """Return the state of a platform now: services, health, facts of web's own checks."""
    found = state.read(project) if project.home.exists() else None
    pid = locks.supervisor_pid(project) if project.home.exists() else None
    if found is None:
        return {"running": False, "supervisor": None, "services": [], "mode": None, "runtime": None, "checks": []}
    values = environment.merge({}, envfile.read(project.root))
    with ThreadPoolExecutor(max_workers=8) as pool:
        health = list(pool.map(lambda one: _health(one, values), found.services))
    rows = [{**asdict(one), "kind": "process", "health": how} for one, how in zip(found.services, health, strict=True)]
    for row in rows:
        row.pop("started")
    return {
        "running": pid is not None,
        "supervisor": pid,
        "mode": found.mode,
        "runtime": found.runtime,
        "since": found.since,
        "ready_seconds": found.ready_seconds,
        "kubernetes": found.kube,
        "services": rows,
        "checks": _checks(found),
        "leftovers": [] if pid is not None else [who.pid for who in processes.carrying(f"{project.mark}:")],
    }


def _health(one: ServiceState, values: dict[str, str]) -> str:
    """Return ``ok``, ``-`` for a service that is not meant to run, or the problem."""
    if one.state in {"stopped", "done"}:
        return "-"
    if one.state not in _UP:
        return one.note or one.state
    if one.identity is None or not processes.is_running(one.identity):
        return "its process is gone"
    gate = services.by_name(one.name).gate
    if isinstance(gate, services.RedisPing) and one.port:
        return probes.redis_answers(one.port, values.get("REDIS_PASSWORD", "")) or "ok"
    if isinstance(gate, services.Answers) and one.port:
        return probes.answers(one.port, gate.paths) or "ok"
    return "ok"


def _checks(found: State) -> list[dict[str, Any]]:
    """Return web's own checks: stores, schema level, queues, workers, beat."""
    web = next((one for one in found.services if one.name == "web" and one.pid and one.port), None)
    if web is None or web.port is None:
        return []
    import json

    try:
        _, body = probes.http_status(web.port, "/readyz")
        checks = json.loads(body)["checks"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [check for check in checks if isinstance(check, dict)]


def _span(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def lines(seen: dict[str, Any]) -> list[str]:
    """Return the table for people."""
    if not seen["services"]:
        return ["nothing was started here yet"]
    rows = [["SERVICE", "STATE", "HEALTH", "PID", "UPTIME", "RESTARTS", "WHERE"]]
    for one in seen["services"]:
        up = _span(time.time() - one["since"]) if one["pid"] else "-"
        where = one["url"] or (f"127.0.0.1:{one['port']}" if one["port"] else "-")
        rows.append([one["name"], one["state"], one["health"], str(one["pid"] or "-"), up, str(one["restarts"]), where])
    head = f"mode {seen['mode']}, runtime {seen['runtime']}, "
    head += f"supervisor {seen['supervisor']}" if seen["running"] else "not running"
    result = [head, "", *output.table(rows)]
    kube = seen["kubernetes"]
    if not seen["running"]:
        pass
    elif kube.get("server"):
        result += ["", f"Kubernetes  {kube['server']}  {kube['kind']}, {kube['version']}"]
    elif kube.get("failure"):
        result += ["", f"Kubernetes  none: {kube['failure']}"]
    if seen["checks"]:
        result.append("")
        marks = [["CHECK", "", "DETAIL"]]
        marks += [
            [str(check["name"]), "ok" if check["ok"] else "FAILS", str(check.get("detail") or "")]
            for check in seen["checks"]
        ]
        result += output.table(marks)
    if seen["leftovers"]:
        pids = ", ".join(str(pid) for pid in seen["leftovers"])
        result += ["", f"left over from a supervisor that was killed: {pids}; end them: orchcli stop"]
    return result
