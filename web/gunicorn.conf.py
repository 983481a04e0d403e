"""gunicorn: gevent workers; every library must find the patched sockets, so patching is the first thing."""

from gevent import monkey

monkey.patch_all()

import os
import tempfile
from typing import Any

# prometheus-client reads it when it is imported; each worker writes its own files there
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="kubeorch-metrics-")

import gevent
from prometheus_client import multiprocess

from shared.processes.memory import settle
from shared.settings import load_settings

_settings = load_settings()

# X-Forwarded-* are read by the application alone, and only as KUBEORCH_WEB__TRUSTED_PROXIES says
forwarded_allow_ips = ""
bind = f"{_settings.web.host}:{_settings.web.port}"
workers = _settings.web.workers
worker_class = "gevent"
worker_connections = _settings.web.connections
graceful_timeout = 5
timeout = 60
keepalive = 75
preload_app = False
accesslog = None
errorlog = "-"
loglevel = "warning"
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """End streams as soon as the worker is told to stop, so that clients move to another at once."""
    settle()

    def watch() -> None:
        while worker.alive:
            gevent.sleep(0.1)
        hub = _hub(worker)
        if hub is not None:
            hub.drain()

    gevent.spawn(watch)
    hub = _hub(worker)
    if hub is not None:
        # also without a listener: a session that is revoked elsewhere must be forgotten here at once
        hub.start()


def child_exit(_server: Any, worker: Any) -> None:
    """Take a dead worker's gauges out of the metrics."""
    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def _hub(worker: Any) -> Any:
    found = getattr(getattr(worker, "wsgi", None), "extensions", {}).get("kubeorch")
    return found.hub if found is not None else None


def worker_exit(_server: Any, worker: Any) -> None:
    """Close connections with the worker."""
    hub = _hub(worker)
    if hub is not None:
        hub.close()
